# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Memory comes back: after much was discarded, on request, by itself, and before
# a kexec; while the device is in use; and a kexec in the middle of it loses
# nothing.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=600 plan=41
# suite: compaction and mem_reserve

dev=/sys/block/zram0

mem_used() {
	used_kib "$1"
}

hop_0() {
	check "the module loads" load_zram num_devices=3
	on_request
	by_itself
	reserve
	in_the_middle
}

on_request() {
	is "not without a device" "$(errno_write 1 $dev/compact)" "Invalid argument"
	make_zram zram0 lz4 64M
	check "persistent" persist zram0 1
	fill zram0 mixed 1 64
	_full=$(mem_used zram0)
	check "most is discarded" thin /dev/zram0 64
	_sum=$(sum_of /dev/zram0)
	check "compact" sh -c "echo 1 >$dev/compact"
	wait_for "the segments leave" 20 less_than zram0 $((_full / 2))
	at_least "pages compacted" "$(awk '{ print $7 }' $dev/mm_stat)" 512
	is "contents" "$(sum_of /dev/zram0)" "$_sum"
	check "again, with nothing to do" sh -c "echo 1 >$dev/compact"
	is "contents" "$(sum_of /dev/zram0)" "$_sum"
}

less_than() {
	[ "$(mem_used "$1")" -le "$2" ]
}

by_itself() {
	make_zram zram1 zstd 64M
	fill zram1 mixed 1 32
	fill zram1 random 2 32 32
	_full=$(mem_used zram1)
	check "most is discarded" thin /dev/zram1 64
	_sum=$(sum_of /dev/zram1)
	wait_for "memory comes back by itself" 30 less_than zram1 $((_full / 2))
	is "contents" "$(sum_of /dev/zram1)" "$_sum"
}

reserve() {
	make_zram zram2 lz4 64M
	for _value in garbage '' 8Mgarbage 16E 99999999M; do
		is "mem_reserve of '$_value'" \
			"$(errno_write "$_value" /sys/block/zram2/mem_reserve)" "Invalid argument"
	done
	is "nothing was taken" "$(mem_used zram2)" 0
	check "memory is reserved" sh -c "echo 20M >/sys/block/zram2/mem_reserve"
	at_least "it is taken at once, KiB" "$(mem_used zram2)" 20480
	_reserve=$(mem_used zram2)
	fill zram2 random 3 16
	# The slot table has segments of its own.
	at_most "and used, KiB" "$(mem_used zram2)" $((_reserve + 256))
	blkio discard /dev/zram2 0 $((64 << 20))
	at_least "and kept, KiB" "$(mem_used zram2)" "$_reserve"
	check "persistent" persist zram2 1
}

# Writers, discards and compaction all the time, and then the kexec.
in_the_middle() {
	fill zram1 mixed 4 32
	check "persistent" persist zram1 1
	save still "$(digest -d /dev/zram0 16)"
	check "the next kernel is loaded" kexec_load
	while :; do
		echo 1 >$dev/compact || break
		echo 1 >/sys/block/zram1/compact || break
	done 2>/dev/null &
	while :; do
		fill zram1 random 5 16 32 && thin /dev/zram1 16
	done 2>/dev/null &
	fill zram0 mixed 6 16 16
	kexec_jump
}

hop_1() {
	check "the module loads" load_zram
	is "what lay still" "$(digest -d /dev/zram0 16)" "$(saved still)"
	is "what was written last" "$(dd if=/dev/zram0 bs=1M skip=16 count=16 iflag=direct status=none | digest)" \
		"$(pattern_sum mixed 6 16)"
	check "everything can be read" dd if=/dev/zram1 of=/dev/null bs=1M iflag=direct status=none
	is "nothing is damaged" "$(stat_of zram0 damaged_reads) $(stat_of zram1 damaged_reads)" "0 0"
	is "mem_reserve" "$(cat /sys/block/zram2/mem_reserve)" $((20 << 20))
	at_least "it is there, KiB" "$(mem_used zram2)" 20480
	before_the_kexec
}

# Too little becomes free for it to happen by itself.
before_the_kexec() {
	check "not persistent" persist zram1 0
	check "reset" sh -c "echo 1 >/sys/block/zram1/reset"
	make_zram zram1 lz4 64M
	check "persistent" persist zram1 1
	fill zram1 random 8 64
	check "some is discarded" thin /dev/zram1 16
	save sum "$(sum_of /dev/zram1)"
	save segments "$(stat_of zram1 segments)"
	check "it shall be compacted before the kexec" \
		sh -c "echo 5000 >/sys/module/zram/parameters/seal_compact_ms"
	kexec_next
}

hop_2() {
	check "the module loads" load_zram
	is "contents" "$(sum_of /dev/zram1)" "$(saved sum)"
	at_most "segments" "$(stat_of zram1 segments)" $(($(saved segments) - 4))
}
