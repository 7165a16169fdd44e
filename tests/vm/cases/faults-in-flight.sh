# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Four processors write when the kexec comes, direct and through the page cache,
# to devices and to files: every write that was complete is there, each page is an
# old or a new one, and none succeeds that was begun after one had failed. In the
# next kernel memory fails while the devices are attached. At the last kexec all
# comes at once: the table of one more device is damaged, and an object of another,
# and memory fails again and again while each of them is attached by hand.
# `make torture RUNS=n` does this n times. (The kernel shows a trace for large
# allocations that fail, unless it has shown many already.)
#
# vm: kernel=debug mem=1024 cpus=4 disks=log=8 hops=2 plan=11+12*hops timeout=200+150*hops
# allow: page allocation failure|vmalloc error
# suite: one case for each kind of fault, see Documentation/faults.rst

HOPS=$(cmdline_value zp.hops)
LOG=$(disk_named log)
readonly HOPS LOG

# Devices, in this order: written directly, through the page cache, and with a file
# system that has a file of each kind. The order is that of the parts of the log.
readonly TARGETS='/dev/zram0 direct
/dev/zram1 buffered
/mnt/direct direct
/mnt/buffered buffered'

# each COMMAND...: for each target, with its number and how it is written.
each() {
	echo "$TARGETS" | {
		_n=0
		while read -r _target _how; do
			"$@" "$_target" $_n "$_how"
			_n=$((_n + 1))
		done
	}
}

first_hop() {
	check "the module loads" load_zram num_devices=5 persist=1
	make_zram zram0 lz4 12M
	make_zram zram1 zstd 12M
	make_zram zram2 lzo-rle 40M
	check "a file system" mkfs.ext4 -q /dev/zram2
	mount /dev/zram2 /mnt
	pattern mixed 1 12 >/mnt/direct
	pattern mixed 2 12 >/mnt/buffered
	sync
	make_zram zram3 lz4 4M
	make_zram zram4 zstd 4M
	check "data" fill zram3 mixed 3 4
	check "data" fill zram4 mixed 4 4
	save uuid "$(cat /sys/block/zram3/uuid)"
	is "they are persistent" "$(cat /sys/block/zram?/persist_state | xargs)" "on on on on on"
	check "the log is there" test -n "$LOG"
}

# verify TARGET NUMBER: what the previous kernel was writing.
verify() {
	check "$1: what was complete is there" \
		sh -c "inflight verify $1 $LOG $2 $ZP_HOP >/tmp/result"
	diag "$(tee -a /tmp/results </tmp/result)"
}

readonly control=/sys/class/zram-control

# The module is loaded while an allocation of its own code fails, a later one each
# time, until it is there. What is held for that reason is attached then. In a kernel
# whose allocations do not fail on request it is just loaded.
load_without_memory() {
	[ -e /proc/self/fail-nth ] || { load_zram persist=1; return; }
	allow_faults
	needs_loaded
	_module="/lib/modules/$(uname -r)/updates/zram.ko" _failed=0
	# All that comes before that code: its parameters are read first.
	_said=$(failnth 1000000 load "$_module" num_devices=none)
	_nth=$((${_said%% *} + 1 + ZP_HOP * 7 % 10))
	until [ -d $control ] || [ $_nth -gt 20000 ]; do
		_said=$(failnth $_nth load "$_module" persist=1)
		_failed=$((_failed + 1))
		_nth=$((_nth * 9 / 8))
	done
	_left=$(find $control/ -name 'held-*' | wc -l)
	diag "$_failed tries, before allocation $_nth; then $_left devices were held; $_said"
	for _held in "$control"/held-*; do
		! grep -qE 'ENOMEM|-12' "$_held/reason" 2>/dev/null || echo 1 >"$_held/attach"
	done
	# It may be one that can be done without, and then the first try succeeds.
	[ $_failed -ge 3 ] || [ "${_said%% *}" = 0 ] || return 1
	cat /sys/block/zram[012]/disksize >/dev/null
}

# The same by hand: each is attached while a later allocation fails each time.
attach_without_memory() {
	[ ! -e /proc/self/fail-nth ] || allow_faults
	load_zram persist=1 attach=0 || return 1
	for _held in "$control"/held-*; do
		[ -e /proc/self/fail-nth ] || echo 1 >"$_held/attach"
		_nth=1
		while [ $_nth -lt 20000 ]; do
			_said=$(failnth $_nth write "$_held/attach" 1)
			[ -e "$_held" ] || break
			[ "${_said%% *}" = 0 ] || break
			_nth=$((_nth * 9 / 8 + 1))
		done
		diag "$_held: last failure at $_nth: $_said"
	done
	cat /sys/block/zram[0124]/disksize >/dev/null
}

# other_pages: all of zram4 but page 3 and those beside it.
other_pages() {
	dd if=/dev/zram4 bs=4k skip=16 iflag=direct status=none | digest
}

# Two devices that the previous kernel has damaged.
damaged_devices() {
	is "the damaged device is held" "$(cat "$control/held-$(saved uuid)/disksize")" $((4 << 20))
	check "and says why" grep -q "slot table page has a wrong checksum" \
		"$control/held-$(saved uuid)/reason"
	refused "it is not attached" test -e /sys/block/zram3
	refused "the damaged page cannot be read" dd if=/dev/zram4 of=/dev/null bs=4k \
		skip=3 count=1 iflag=direct
	is "and no other is damaged" "$(cat /sys/block/zram4/damaged_pages) $(other_pages)" \
		"3 $(pattern mixed 4 4 | dd bs=4k skip=16 status=none | digest)"
}

later_hop() {
	_load=load_without_memory
	[ "$ZP_HOP" -lt "$HOPS" ] || _load=attach_without_memory
	check "the devices are attached, when there is memory for it" $_load
	if [ "$ZP_HOP" -lt "$HOPS" ]; then
		is "what lay still" "$(sum_of /dev/zram3) $(sum_of /dev/zram4)" \
			"$(pattern_sum mixed 3 4) $(pattern_sum mixed 4 4)"
	else
		damaged_devices
	fi
	check "the file system mounts" mount /dev/zram2 /mnt
	: >/tmp/results
	each verify
	at_least "writes that failed: it came in the middle" \
		"$(awk '{ n += $3 } END { print n }' /tmp/results)" 1
	is "no page is damaged" "$(cat /sys/block/zram[012]/persist_stat |
		sed -n 's/^damaged_reads //p' | xargs)" "0 0 0"
	memory_is_there
}

# All devices are there, but for one that is held in the end. What was handed over
# and belongs to none of them would be missing.
memory_is_there() {
	[ "$ZP_HOP" -gt 1 ] || save total "$(meminfo MemTotal)"
	_held=$(cat $control/held-*/mem_total 2>/dev/null || echo 0)
	at_least "MemTotal, and what is held, KiB" \
		$(($(meminfo MemTotal) + _held / 1024)) $(($(saved total) - 64))
}

write() {
	inflight write "$1" "$LOG" "$2" $((ZP_HOP + 1)) "$3" 2>/dev/null &
}

# Each thread has written something, in this kernel.
at_work() {
	for _slot in 0 1 2 3; do
		inflight waits "$LOG" $_slot 16 || return 1
	done
}

next_hop() {
	check "the next kernel is loaded" kexec_load
	dd if=/dev/zero of="$LOG" bs=1M oflag=direct count=4 status=none
	each write
	wait_for "all threads are at work" 60 at_work
	[ "$ZP_HOP" -lt $((HOPS - 1)) ] || check "damage to come" \
		damage 3:table:0:800:04 4:object:3:20:10
	sleep 1
	kexec_jump
}

eval "hop_$ZP_HOP() { hop_of_chain; }"
