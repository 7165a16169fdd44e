# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Memory ends in the middle of a write, by mem_limit or because there is none: that
# write fails, nothing else does; what was written before is there, here and in
# the next kernel. Where there are only single pages, writing goes on.
#
# vm: kernel=debug mem=896 cpus=2 timeout=600 plan=54

# 16 MiB that do not compress.
readonly DATA=/tmp/data
readonly FAULT=/sys/kernel/debug/fail_page_alloc

hop_0() {
	pattern random 1 16 >$DATA
	check "the module loads" load_zram num_devices=3
	limit
	single_pages
	no_pages
	kexec_next
}

# write_until_full DEVICE MIB: the data again and again, until an error. Sets
# FULL to the MiB written.
write_until_full() {
	! blkio write "/dev/$1" 0 "${2}M" <$DATA 2>/tmp/full || return 1
	read -r _ FULL _ _why </tmp/full
	FULL=$((FULL >> 20))
	[ "$_why" = "Input/output error" ]
}

# first DEVICE MIB, first_data MIB: checksum of the first of it.
first() {
	dd if="/dev/$1" bs=1M count="$2" iflag=direct status=none | digest
}

first_data() {
	_left=$1
	while [ "$_left" -gt 0 ]; do
		cat $DATA
		_left=$((_left - 16))
	done | dd bs=1M count="$1" iflag=fullblock status=none | digest
}

limit() {
	make_zram zram0 zstd 32M
	check "persistent" persist zram0 1
	check "limit" sh -c "echo 8M >/sys/block/zram0/mem_limit"
	check "writing over the limit fails" write_until_full zram0 16
	at_least "but not before it, MiB" "$FULL" 5
	at_most "memory used, KiB" "$(used_kib zram0)" 8192
	is "failed writes" "$(awk '{ print $2 }' /sys/block/zram0/io_stat)" 1
	is "what was written" "$(first zram0 "$FULL")" "$(first_data "$FULL")"
	refused "it is full" fill zram0 random 3 1 15
	check "zeros take no memory" blkio zeroout /dev/zram0 0 1048576
	check "and what they free can be used" fill zram0 random 1 1
	is "what was written" "$(first zram0 "$FULL")" "$(first_data "$FULL")"
	check "the limit is raised" sh -c "echo 20M >/sys/block/zram0/mem_limit"
	check "all can be written" fill zram0 random 4 16
	is "contents" "$(first zram0 16)" "$(pattern_sum random 4 16)"
	check "a limit below what is used" sh -c "echo 4M >/sys/block/zram0/mem_limit"
	is "changes no contents" "$(first zram0 16)" "$(pattern_sum random 4 16)"
	check "they can be discarded" blkio discard /dev/zram0 0 $((16 << 20))
	check "and fewer written" fill zram0 mixed 5 2
}

# For the one process that writes, no block is to be had larger than a page.
# It starts as others do: the fault is switched on while it waits for data.
single_pages() {
	make_zram zram1 lz4 16M
	echo 100 >$FAULT/probability
	echo -1 >$FAULT/times
	echo 1 >$FAULT/min-order
	echo N >$FAULT/ignore-gfp-wait
	echo 0 >$FAULT/verbose
	echo Y >$FAULT/task-filter
	mkfifo /tmp/fifo
	dd if=/tmp/fifo of=/dev/zram1 bs=64k oflag=direct iflag=fullblock status=none &
	_dd=$!
	exec 7>/tmp/fifo
	check "single pages for one process" sh -c "echo 1 >/proc/$_dd/make-it-fail"
	pattern mixed 2 16 >&7
	exec 7>&-
	check "it writes all the same" wait $_dd
	echo 0 >$FAULT/probability
	is "large segments" "$(stat_of zram1 large_segments)" 0
	at_least "small ones" "$(stat_of zram1 segments)" 1000
	is "contents" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 2 16)"
	check "persistent" persist zram1 1
	is "all have joined" "$(stat_of zram1 joined_segments)" "$(stat_of zram1 segments)"
	# They stay small as long as nothing new is stored: that is how they are
	# handed over.
}

# After some pages there are none at all for the process that writes. (If memory
# ended for all, the kernel would look for a process to kill, and writing would
# wait for that: so it is with the kernel's own zram.)
no_pages() {
	make_zram zram2 lz4 64M
	echo 3000 >$FAULT/space
	echo 0 >$FAULT/min-order
	# Enough for one request, and then it may report the error.
	echo 50 >$FAULT/times
	echo 100 >$FAULT/probability
	blkio write /dev/zram2 0 16M </tmp/fifo 2>/tmp/full &
	_writer=$!
	exec 7>/tmp/fifo
	check "memory will end for one process" sh -c "echo 1 >/proc/$_writer/make-it-fail"
	cat $DATA >&7
	exec 7>&-
	refused "its write fails" wait $_writer
	echo 0 >$FAULT/probability
	is "failed writes" "$(awk '{ print $2 }' /sys/block/zram2/io_stat)" 1
	is "the error" "$(sed 's/.*: //' /tmp/full)" "Input/output error"
	read -r _ FULL _ </tmp/full
	FULL=$((FULL >> 20))
	at_least "not before memory ended, MiB" "$FULL" 6
	is "what was written" "$(first zram2 "$FULL")" "$(first_data "$FULL")"
	is "other devices" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 2 16)"
	check "then it can be written" sh -c "blkio write /dev/zram2 0 16M <$DATA"
	is "and is there" "$(first zram2 16)" "$(first_data 16)"
	check "persistent" persist zram2 1
	check "memory is given back" blkio discard /dev/zram2 $((8 << 20)) $((56 << 20))
	check "and used again" fill zram2 mixed 8 8 24
}

sum_small() {
	{ pattern mixed 2 8; pattern mixed 6 4; pattern mixed 2 4 12; } | digest
}

hop_1() {
	pattern random 1 16 >$DATA
	check "the module loads" load_zram
	is "limit" "$(awk '{ print $4 }' /sys/block/zram0/mm_stat)" $((4 << 20))
	is "contents" "$(first zram0 2)" "$(pattern_sum mixed 5 2)"
	_used=$(used_kib zram0)
	check "the limit holds" write_until_full zram0 32
	at_most "no memory is taken beside what came along, KiB" "$(used_kib zram0)" "$_used"

	at_least "segments of the small kind" "$(stat_of zram1 segments)" 1000
	is "their contents" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 2 16)"
	check "some are changed" fill zram1 mixed 6 4 8
	wait_for "they are gathered in large ones" 60 is_gathered
	is "their contents" "$(sum_of /dev/zram1)" "$(sum_small)"
	is "contents from when memory ended" "$(first zram2 8)" "$(first_data 8)"
	is "and from after that" \
		"$(dd if=/dev/zram2 bs=1M skip=24 count=8 iflag=direct status=none | digest)" \
		"$(pattern_sum mixed 8 8)"
	check "small segments can be emptied" blkio discard /dev/zram1 0 $((16 << 20))
	at_most "and are given back" "$(settled zram1)" 70
	check "and filled" fill zram1 mixed 10 16
	is "contents" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 10 16)"
}

is_gathered() {
	[ "$(stat_of zram1 segments)" -lt 100 ]
}

# settled DEVICE: its segments once the worker has freed what it is to free.
settled() {
	_wait=0
	while [ "$(stat_of "$1" empty_segments)" -gt 2 ] && [ $_wait -lt 100 ]; do
		usleep 100000
		_wait=$((_wait + 1))
	done
	stat_of "$1" segments
}
