# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A raw device comes through five kexecs in a row with every byte: text,
# binaries, random data, zeros and repeated words. Between the kexecs some of
# it is overwritten and some is discarded.
#
# vm: kernel=debug mem=1536 cpus=2 timeout=600 plan=43

dev=/sys/block/zram0

hop_0() {
	check "the module loads" load_zram
	echo zstd >$dev/comp_algorithm
	echo 96M >$dev/disksize
	check "persistence is switched on" sh -c "echo 1 >$dev/persist"
	is "state" "$(cat $dev/persist_state)" on
	save uuid "$(cat $dev/uuid)"
	check "data is written" write_data 1
	save sum "$(sum_of /dev/zram0)"
	is "it reads back at once" "$(sum_of /dev/zram0 64)" "$(pattern_sum mixed 1 64)"
	kexec_next
}

write_data() {
	pattern mixed "$1" 64 | dd of=/dev/zram0 bs=1M oflag=direct iflag=fullblock
}

# The same in all later kernels: look, change, remember.
hop_any() {
	check "the module loads" load_zram
	is "disksize" "$(cat $dev/disksize)" $((96 << 20))
	is "UUID" "$(cat $dev/uuid)" "$(saved uuid)"
	is "codec" "$(cat $dev/comp_algorithm)" \
		"lzo-rle lzo lz4 lz4hc [zstd] deflate 842 "
	is "all contents" "$(sum_of /dev/zram0)" "$(saved sum)"
	is "hops" "$(sed -n 's/^hops //p' $dev/persist_stat)" "$ZP_HOP"
	[ "$ZP_HOP" -lt 5 ] || return 0

	check "some of it is overwritten" sh -c "pattern mixed $((ZP_HOP + 10)) 8 |
		dd of=/dev/zram0 bs=1M seek=$((ZP_HOP * 10)) oflag=direct iflag=fullblock"
	check "some of it is discarded" blkdiscard -o $((ZP_HOP * 7 << 20)) -l 3M /dev/zram0
	save sum "$(sum_of /dev/zram0)"
	kexec_next
}

hop_1() { hop_any; }
hop_2() { hop_any; }
hop_3() { hop_any; }
hop_4() { hop_any; }
hop_5() { hop_any; }
