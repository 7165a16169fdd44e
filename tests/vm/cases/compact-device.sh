# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Memory comes back: after much was discarded, on request, by itself, and before
# a kexec; while the device is in use; and a kexec in the middle of it loses
# nothing. And pool_stat says where it is.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=600 plan=68
# suite: compaction and mem_reserve

dev=/sys/block/zram0

hop_0() {
	check "the module loads" load_zram num_devices=4
	parts
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
	_full=$(used_kib zram0)
	check "most is discarded" thin /dev/zram0 64
	_sum=$(sum_of /dev/zram0)
	check "compact" sh -c "echo 1 >$dev/compact"
	wait_for "the segments leave" 20 less_than zram0 $((_full / 2))
	at_least "pages compacted" "$(awk '{ print $7 }' $dev/mm_stat)" 512
	is "contents" "$(sum_of /dev/zram0)" "$_sum"
	check "again, with nothing to do" sh -c "echo 1 >$dev/compact"
	is "contents" "$(sum_of /dev/zram0)" "$_sum"
}

# snapshot DEVICE: what pool_stat and mm_stat say at one moment. A pool that has
# grown is folded a little later, so both are read until nothing came between.
snapshot() {
	cat "/sys/block/$1/mm_stat" >/tmp/mm_stat
	cat "/sys/block/$1/pool_stat" >/tmp/pool_stat
	[ "$(cat "/sys/block/$1/mm_stat")" = "$(cat /tmp/mm_stat)" ]
}

# part NAME: a line of pool_stat in the snapshot.
part() {
	sed -n "s/^$1 //p" /tmp/pool_stat
}

# column N: of mm_stat in the snapshot.
column() {
	awk -v n="$1" '{ print $n }' /tmp/mm_stat
}

# sum_of_parts NAME...: of so many lines of pool_stat.
sum_of_parts() {
	_sum=0
	for _name; do
		_sum=$((_sum + $(part "$_name")))
	done
	echo $_sum
}

# adds_up DEVICE: pool_stat agrees with itself, and with mm_stat. 7 results.
adds_up() {
	wait_for "$1 rests for a moment" 20 snapshot "$1"
	is "the parts of the memory of $1" \
		"$(sum_of_parts segment_table_bytes header_bytes slot_table_bytes \
			access_time_bytes dictionary_bytes span_bytes raw_bytes free_bytes \
			empty_bytes)" "$(part total_bytes)"
	is "the parts of its spans" \
		"$(sum_of_parts object_bytes directory_bytes lost_bytes)" \
		"$(part span_bytes)"
	is "all of it, compressed bytes, the limit, raw pages: as mm_stat says" \
		"$(part total_bytes) $(part compressed_bytes) $(
			part limit_bytes) $(part raw_bytes)" \
		"$(column 3) $(column 2) $(column 4) $(($(column 8) * 4096))"
	# Each object is rounded up to 4 bytes, and those of same pages have 8.
	_compressed=$(($(column 2) - $(column 8) * 4096))
	at_least "bytes of objects" "$(part object_bytes)" $_compressed
	at_most "bytes of objects" "$(part object_bytes)" \
		$((_compressed + 3 * $(part objects) + 8 * $(column 6)))
	is "entries of directories" "$(part directory_bytes)" \
		$((12 * $(part objects)))
}

# A device whose tables are as large as they get, with a dictionary.
parts() {
	is "nothing without a disksize" "$(awk '{ n += $2 } END { print (NR > 9), n + 0 }' \
		/sys/block/zram3/pool_stat)" "1 0"
	pattern mixed 9 1 | head -c 10000 >/tmp/dictionary
	echo lz4 >/sys/block/zram3/comp_algorithm
	check "a dictionary" \
		sh -c "echo dict=/tmp/dictionary >/sys/block/zram3/algorithm_params"
	check "a size" sh -c "echo 16M >/sys/block/zram3/disksize"
	check "a limit" sh -c "echo 24M >/sys/block/zram3/mem_limit"
	fill zram3 mixed 1 12
	fill zram3 random 2 4 12
	adds_up zram3
	at_least "raw pages are all that is random" "$(part raw_bytes)" $((4 << 20))
	is "pages of the slot table, of access times, of the dictionary" \
		"$(part slot_table_bytes) $(part access_time_bytes) $(
			part dictionary_bytes)" \
		"$(((8 + 1) * 4096)) $(((4 + 1) * 4096)) $((3 * 4096))"
	check "reset" sh -c "echo 1 >/sys/block/zram3/reset"
}

less_than() {
	[ "$(used_kib "$1")" -le "$2" ]
}

by_itself() {
	make_zram zram1 zstd 64M
	fill zram1 mixed 1 32
	fill zram1 random 2 32 32
	_full=$(used_kib zram1)
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
	is "nothing was taken" "$(used_kib zram2)" 0
	check "memory is reserved" sh -c "echo 20M >/sys/block/zram2/mem_reserve"
	at_least "it is taken at once, KiB" "$(used_kib zram2)" 20480
	_reserve=$(used_kib zram2)
	fill zram2 random 3 16
	# The slot table has segments of its own.
	at_most "and used, KiB" "$(used_kib zram2)" $((_reserve + 256))
	blkio discard /dev/zram2 0 $((64 << 20))
	at_least "and kept, KiB" "$(used_kib zram2)" "$_reserve"
	check "persistent" persist zram2 1
}

# Writers, discards and compaction all the time, and then the kexec.
in_the_middle() {
	fill zram1 mixed 4 32
	check "persistent" persist zram1 1
	save still "$(digest -d /dev/zram0 16)"
	wait_for "zram0 rests for a moment" 20 snapshot zram0
	save tables "$(part slot_table_bytes) $(part access_time_bytes)"
	check "the next kernel is loaded" kexec_load
	while :; do
		fill zram1 random 5 16 32 && thin /dev/zram1 16
	done 2>/dev/null &
	while :; do
		echo 1 >$dev/compact || break
		echo 1 >/sys/block/zram1/compact || break
	done 2>/dev/null &
	fill zram0 mixed 6 16 16
	# More and more is moved, until the kexec.
	_compacted=$(compacted zram1)
	for _round in 1 2 3; do
		wait_for "compaction is going on" 120 compacts zram1 "$_compacted"
		_compacted=$(compacted zram1)
	done
	kexec_jump
}

# Pages that compaction has given back.
compacted() {
	awk '{ print $7 }' "/sys/block/$1/mm_stat"
}

# compacts DEVICE PAGES: has it given back more than that?
compacts() {
	[ "$(compacted "$1")" -gt "$2" ]
}

hop_1() {
	check "the module loads" load_zram
	is "what lay still" "$(digest -d /dev/zram0 16)" "$(saved still)"
	is "what was written last" "$(dd if=/dev/zram0 bs=1M skip=16 count=16 iflag=direct status=none | digest)" \
		"$(pattern_sum mixed 6 16)"
	check "everything can be read" dd if=/dev/zram1 of=/dev/null bs=1M iflag=direct status=none
	is "nothing is damaged" "$(stat_of zram0 damaged_reads) $(stat_of zram1 damaged_reads)" "0 0"
	adds_up zram0
	is "tables, still" "$(part slot_table_bytes) $(part access_time_bytes)" \
		"$(saved tables)"
	is "mem_reserve" "$(cat /sys/block/zram2/mem_reserve)" $((20 << 20))
	is "and in pool_stat" "$(sed -n 's/^reserve_bytes //p' /sys/block/zram2/pool_stat)" $((20 << 20))
	at_least "it is there, KiB" "$(used_kib zram2)" 20480
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
