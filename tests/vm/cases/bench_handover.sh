# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Not a test: what a device with 300 MiB of compressed data adds to the time
# from kexec to user space, against an empty handover in the same VM. Full and
# empty handovers alternate; lines "table" of the log have the figures.
#
# vm: kernel=lean mem=3072 cpus=2 timeout=1500 plan=0 data=yes

sys=/sys/block/zram0

stat_value() {
	sed -n "s/^$1 //p" $sys/persist_stat
}

# Real data until there are 300 MiB of it in compressed form, and no more than
# one copy of any part: random data fills up what the disk of test data lacks.
fill() {
	load_zram
	echo 1 >$sys/persist
	echo zstd >$sys/comp_algorithm
	echo 2G >$sys/disksize
	_data=$(disk_named data)
	dd if="$_data" of=/dev/zram0 bs=1M oflag=direct iflag=fullblock 2>/dev/null
	_have=$(awk '{ print int($2 / 1048576) }' $sys/mm_stat)
	[ "$_have" -ge 300 ] || pattern random 1 $((301 - _have)) |
		dd of=/dev/zram0 bs=1M seek=1024 oflag=direct iflag=fullblock 2>/dev/null
}

describe_device() {
	table "device: $(awk '{ printf "%d MiB stored in %d MiB compressed, %d MiB of RAM", $1 / 1048576, $2 / 1048576, $3 / 1048576 }' $sys/mm_stat)," \
		"$(stat_value segments) segments"
	table "metadata per stored page: $(awk -v pages="$(awk '{ print $1 / 4096 }' $sys/mm_stat)" '
		{ v[$1] = $2 } END {
			printf "slot table %.2f B, segment headers %.2f B, segment table %.2f B, object headers 16 B, descriptors of raw pages and class rounding in object_bytes %d", \
				v["slot_table_pages"] * 4096 / pages, v["header_pages"] * 4096 / pages, \
				v["segment_table_pages"] * 4096 / pages, v["object_bytes"] }' $sys/persist_stat)"
}

jump() {
	kexec_load
	save kind "$1"
	save left "$(chain_us)"
	kexec_jump
}

# Even kernels leave with the device, odd ones without.
arrive() {
	_now=$(chain_us)
	[ "$ZP_HOP" -eq 0 ] || table "$(saved kind) handover: $(((_now - $(saved left)) / 1000)) ms from kexec to user space"
	if [ "$((ZP_HOP % 2))" -eq 0 ]; then
		fill
		[ "$ZP_HOP" -gt 0 ] || describe_device
		jump full
	else
		load_zram
		table "sealed in $(stat_value seal_ns) ns, attached in $(stat_value attach_ns) ns, $(stat_value regions) regions, compressed $(awk '{ print $2 }' $sys/mm_stat) bytes"
		echo 0 >$sys/persist
		echo 1 >$sys/reset
		unload_zram
		jump empty
	fi
}

hop_0() { arrive; }
hop_1() { arrive; }
hop_2() { arrive; }
hop_3() { arrive; }
hop_4() { arrive; }
hop_5() { arrive; }
hop_6() { arrive; }
hop_7() { arrive; }
hop_8() { arrive; }
hop_9() { arrive; }
hop_10() {
	table "$(saved kind) handover: $((($(chain_us) - $(saved left)) / 1000)) ms from kexec to user space"
}
