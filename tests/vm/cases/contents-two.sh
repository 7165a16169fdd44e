# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Two devices with different codecs and sizes come through together, one of them
# larger than memory and sparse; a third that was not persistent is gone. Of a
# discarded range nothing comes back.
#
# vm: kernel=debug mem=1536 cpus=2 timeout=500 plan=25

# far DEVICE: sums of the three written places of the large device.
far() {
	for _at in 0 20000 299990; do
		dd if=/dev/zram1 bs=1M skip=$_at count=4 iflag=direct 2>/dev/null | digest
	done
}

hop_0() {
	check "the module loads" load_zram num_devices=3
	echo zstd >/sys/block/zram0/comp_algorithm
	echo lz4 >/sys/block/zram1/comp_algorithm
	echo 1 >/sys/block/zram0/persist
	echo 1 >/sys/block/zram1/persist
	echo 24M >/sys/block/zram0/disksize
	check "a device of 300000 MiB" sh -c 'echo 300000M >/sys/block/zram1/disksize'
	echo 16M >/sys/block/zram2/disksize

	check "the first is written" sh -c 'pattern mixed 1 24 | dd of=/dev/zram0 bs=1M oflag=direct iflag=fullblock'
	for _at in 0 20000 299990; do
		check "the second is written at $_at MiB" sh -c "pattern mixed $_at 4 |
			dd of=/dev/zram1 bs=1M seek=$_at oflag=direct iflag=fullblock"
	done
	pattern random 9 8 | dd of=/dev/zram2 bs=1M oflag=direct iflag=fullblock 2>/dev/null
	at_most "a sparse device costs nothing for what was never written" \
		"$(sed -n 's/^slot_table_pages //p' /sys/block/zram1/persist_stat)" 20
	check "some is discarded" blkdiscard -o 4M -l 2M /dev/zram0
	save first "$(sum_of /dev/zram0)"
	save second "$(far)"
	kexec_next
}

hop_1() {
	check "the module loads" load_zram
	is "codec of the first" "$(cat /sys/block/zram0/comp_algorithm)" \
		"lzo-rle lzo lz4 lz4hc [zstd] deflate 842 "
	is "codec of the second" "$(cat /sys/block/zram1/comp_algorithm)" \
		"lzo-rle lzo [lz4] lz4hc zstd deflate 842 "
	is "size of the first" "$(cat /sys/block/zram0/size)" $((24 << 11))
	is "size of the second" "$(cat /sys/block/zram1/size)" $((300000 << 11))
	refused "the third is gone" test -e /sys/block/zram2
	is "contents of the first" "$(sum_of /dev/zram0)" "$(saved first)"
	is "contents of the second" "$(far)" "$(saved second)"
	is "what was discarded reads as zeros" \
		"$(dd if=/dev/zram0 bs=1M skip=4 count=2 iflag=direct 2>/dev/null | digest)" \
		"$(pattern zero 1 2 | digest)"

	# Both are changed, and go on.
	check "overwritten" sh -c 'pattern mixed 2 8 | dd of=/dev/zram0 bs=1M seek=8 oflag=direct iflag=fullblock'
	check "discarded" blkdiscard -o 20000M -l 4M /dev/zram1
	save first "$(sum_of /dev/zram0)"
	save second "$(far)"
	kexec_next
}

hop_2() {
	check "the module loads" load_zram
	is "contents of the first" "$(sum_of /dev/zram0)" "$(saved first)"
	is "contents of the second" "$(far)" "$(saved second)"
	is "new devices get free numbers" "$(cat /sys/class/zram-control/hot_add)" 2
	is "UUIDs differ" "$(cat /sys/block/zram0/uuid /sys/block/zram1/uuid | sort -u | wc -l)" 2
	is "hops of both" "$(sed -n 's/^hops //p' /sys/block/zram[01]/persist_stat | tr '\n' ' ')" "2 2 "
}
