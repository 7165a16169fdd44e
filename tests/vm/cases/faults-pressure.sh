# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A small machine with too much to do: swap on a persistent device is nearly full,
# programs fight for the rest of memory, and on another persistent device there
# are writers. The kexec comes through, nothing that was complete is lost there,
# and the next kernel can do the same. `make torture RUNS=n` does this n times.
#
# vm: kernel=debian mem=512 cpus=2 disks=log=8 tools=stress-ng hops=2 plan=4+11*hops timeout=200+150*hops
# allow: Out of memory: Killed|invoked oom-killer|page allocation failure

LOG=$(disk_named log)
readonly LOG
readonly SWAP=320

first_hop() {
	check "the module loads" load_zram num_devices=2 persist=1
	make_zram zram0 lz4 ${SWAP}M
	make_zram zram1 zstd 16M
	is "both are persistent" "$(cat /sys/block/zram?/persist_state | xargs)" "on on"
	check "swap header" mkswap /dev/zram0
	check "data" fill zram1 mixed 1 16
}

later_hop() {
	check "the module loads" load_zram persist=1
	check "what was complete is there" \
		sh -c "inflight verify /dev/zram1 $LOG 0 $ZP_HOP >/tmp/result"
	diag "$(cat /tmp/result)"
	is "no page is damaged" "$(stat_of zram1 damaged_reads)" 0
	is "hops of both" "$(stat_of zram0 hops) $(stat_of zram1 hops)" "$ZP_HOP $ZP_HOP"
	[ "$ZP_HOP" -gt 1 ] || save total "$(meminfo MemTotal)"
	at_least "MemTotal, KiB" "$(meminfo MemTotal)" $(($(saved total) - 64))
}

swap_used() {
	echo $(($(meminfo SwapTotal) - $(meminfo SwapFree)))
}

# In files in memory, which the kernel is asked to move to swap, a few MiB at a
# time.
fill_swap() {
	mount -t tmpfs -o size=100% press /mnt || return 1
	echo 0 >/proc/sys/vm/min_slab_ratio
	_file=0
	while [ "$(swap_used)" -lt $((SWAP * 1024 * 95 / 100)) ] && [ $_file -lt 60 ]; do
		pattern text $_file 8 >/mnt/$_file
		echo "8M swappiness=max" >/sys/devices/system/node/node0/reclaim
		_file=$((_file + 1))
	done 2>/dev/null
}

# Whom memory is taken from if there is none: not from those who look.
stress() {
	mkdir -p /tmp/stress
	mount -r -t ext4 "$(disk_named stress-ng)" /tmp/stress
	(
		echo 900 >/proc/self/oom_score_adj
		cd /tmp || exit
		LD_LIBRARY_PATH=/tmp/stress exec /tmp/stress/stress-ng --vm 1 --vm-bytes 48M \
			--vm-keep --bigheap 1 --pageswap 1 --timeout 600
	) >/tmp/stress.log 2>&1 &
}

write() {
	inflight write /dev/zram1 "$LOG" 0 $((ZP_HOP + 1)) direct 2>/dev/null &
}

stressed() {
	[ "$(pidof stress-ng | wc -w)" -ge 4 ]
}

next_hop() {
	check "the next kernel is loaded" kexec_load
	check "swapon" swapon --discard=once /dev/zram0
	fill_swap
	at_least "swap in use, KiB" "$(swap_used)" $((SWAP * 1024 * 95 / 100))
	dd if=/dev/zero of="$LOG" bs=1M oflag=direct count=1 status=none
	write
	wait_for "the writers are at work" 60 inflight waits "$LOG" 0 16
	stress
	wait_for "programs fight for memory" 60 stressed
	at_least "swap in use, KiB" "$(swap_used)" $((SWAP * 1024 * 95 / 100))
	diag "$(grep -E 'MemFree|MemAvail|Swap' /proc/meminfo | xargs); $(cat /sys/block/zram0/mm_stat)"
	usleep $(($(now_us) % 3000000 + 1000000))
	kexec_jump
}

# Nobody shall kill the test for its memory.
echo -900 >/proc/$$/oom_score_adj
eval "hop_$ZP_HOP() { hop_of_chain; }"
