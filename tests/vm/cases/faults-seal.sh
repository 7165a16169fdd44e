# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What the worker and the seal do when things go wrong. Allocations of the worker
# fail while a device is filled: it joins later. All allocations of the task fail
# that jumps into the next kernel, right after writing: the seal needs none. The seal
# comes in the middle of one request of many MiB, and waits for a page of it. A
# write does not end: after ten seconds that device is given up, and is empty in
# the next kernel, which says so and has its memory back. Others are exact.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=400 plan=29
# expect: zram0: cannot be handed over, its contents will be lost: -(ETIMEDOUT|110)

readonly SLAB=/sys/kernel/debug/failslab
readonly PAGES=/sys/kernel/debug/fail_page_alloc

# workers_fail 0|1: do allocations of workers fail that may run for anybody?
workers_fail() {
	for _task in /proc/[0-9]*; do
		read -r _name 2>/dev/null <"$_task/comm" || continue
		case $_name in
		kworker/u*) echo "$1" >"$_task/make-it-fail" ;;
		esac
	done 2>/dev/null
}

# failures: how many there were, out of a million.
failures() {
	echo $((2000000 - $(cat $SLAB/times) - $(cat $PAGES/times)))
}

all_joined() {
	[ "$(stat_of zram1 segments)" = "$(stat_of zram1 joined_segments)" ]
}

# New workers may come all the time.
fill_without_workers() {
	echo 1000000 >$SLAB/times
	echo 1000000 >$PAGES/times
	_part=0
	while [ $_part -lt 8 ]; do
		workers_fail 1
		fill zram1 random $_part 6 $((_part * 6)) || return 1
		_part=$((_part + 1))
	done
	_failures=$(failures)
	diag "$_failures failures, $(stat_of zram1 joined_segments) of $(stat_of zram1 segments) segments have joined"
	workers_fail 0
}

hop_0() {
	check "the module loads" load_zram num_devices=4 persist=1
	make_zram zram0 lz4 16M
	make_zram zram1 zstd 64M
	make_zram zram2 lz4 16M
	fill zram0 mixed 1 8
	make_zram zram3 deflate 64M
	fill zram2 mixed 2 8
	allow_faults
	check "a device is filled while workers get no memory" fill_without_workers
	at_least "they were refused some" "$_failures" 2
	fill zram1 text 9 2 48
	wait_for "all of it joins the handover in the end" 30 all_joined
	save sum "$(sum_of /dev/zram1)"
	check "data" same_data
	kexec_next
}

# same_data: of the first three devices, or those that are not named.
same_data() {
	[ "${1:-}" = zram0 ] || [ "$(sum_of /dev/zram0 8)" = "$(pattern_sum mixed 1 8)" ] || return 1
	[ "$(sum_of /dev/zram2 8)" = "$(pattern_sum mixed 2 8)" ] &&
		[ "$(sum_of /dev/zram1)" = "$(saved sum)" ]
}

# All that was written is there, and the last of it had no time to join.
hop_1() {
	check "the module loads" load_zram num_devices=0
	check "contents" same_data
	check "the next kernel is loaded" kexec_load
	allow_faults
	check "a large request is under way" large_request
	umount /state
	sync
	fill zram0 random 3 8 8
	failnth 1+ kexec
	not_ok "there was no kexec"
}

# large_request: the codec takes longer for it than the seal waits for a write.
large_request() {
	echo always >/sys/kernel/mm/transparent_hugepage/enabled
	mount -t tmpfs -o size=100% large /mnt
	pattern mixed 5 48 >/mnt/data
	dd if=/mnt/data of=/dev/zram3 bs=48M oflag=direct status=none 2>/dev/null &
	_end=$(($(uptime_s) + 60))
	until [ "$(awk '{ print $1 }' /sys/block/zram3/mm_stat)" -gt 0 ]; do
		[ "$(uptime_s)" -lt $_end ] || return 1
		usleep 10000
	done
}

# is_new_or_old: each page of zram3 is what was being written, or was never written.
is_new_or_old() {
	pattern mixed 5 48 >/tmp/new
	dd if=/dev/zram3 bs=1M count=48 iflag=direct status=none >/tmp/now
	_written=$(cmp /tmp/now /tmp/new | sed -n 's/.* differ: [a-z]* \([0-9]*\),.*/\1/p')
	_pages=$(((_written - 1) / 4096))
	[ $_pages -gt 0 ] &&
		[ "$(dd if=/tmp/now bs=4k skip=$_pages status=none | tr -d '\000' | wc -c)" = 0 ]
}

hop_2() {
	check "the module loads" load_zram num_devices=0
	check "contents" same_data
	is "the device with the large request" "$(cat /sys/block/zram3/persist_state)" on
	check "has a part of it" is_new_or_old
	diag "$_pages of 12288 pages"
	is "what was written last" "$(dd if=/dev/zram0 bs=1M skip=8 iflag=direct status=none |
		digest)" "$(pattern_sum random 3 8)"
	is "all came three kernels far" "$(cat /sys/block/zram?/persist_stat |
		sed -n 's/^hops //p' | xargs)" "2 2 2 2"
	save uuid "$(cat /sys/block/zram0/uuid)"
	_modules=/tests/modules
	save total "$(meminfo MemTotal)"
	check "a write to one does not end" insmod $_modules/stuck_writer.ko device=/dev/zram0
	kexec_next
}

hop_3() {
	check "the module loads" load_zram num_devices=0
	refused "the one with the writer is not there" test -e /sys/block/zram0
	refused "nor is it held" test -e "/sys/class/zram-control/held-$(saved uuid)"
	check "the log says why" said "$(saved uuid) (zram0) was not sealed by the previous kernel: its contents are lost"
	refused "no memory is missing" said "its memory is missing"
	check "the others are exact" same_data zram0
	for _n in 1 2 3; do
		check "zram$_n is not persistent" persist zram$_n 0
		check "and goes" sh -c "echo $_n >/sys/class/zram-control/hot_remove"
	done
	at_least "MemTotal is what it was with all four, KiB" $(($(meminfo MemTotal) + 256)) \
		"$(saved total)"
}
