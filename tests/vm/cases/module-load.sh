# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The module comes late and finds its devices; it cannot go while it has
# persistent ones, nor can they; and when it comes again it takes nothing twice.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=600 plan=41
# cmdline: kmemleak=on
# suite: loading and unloading the module around a kexec

hop_0() {
	check "the module loads" load_zram num_devices=2
	make_zram zram0 lz4 24M
	make_zram zram1 zstd 16M
	fill zram0 mixed 1 24
	fill zram1 random 2 16
	check "persistent" persist zram0 1
	check "persistent" persist zram1 1
	# A segment of each may still be given back before the kexec.
	save used_kib "$(($(used_kib zram0) + $(used_kib zram1) - 2 * 2048))"
	kexec_next
}

hop_1() {
	stress
	drop_caches
	_total=$(meminfo MemTotal)
	check "the module loads" load_zram
	is "first contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 1 24)"
	is "second contents" "$(sum_of /dev/zram1)" "$(pattern_sum random 2 16)"
	refusals
	is "first contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 1 24)"
	is "second contents" "$(sum_of /dev/zram1)" "$(pattern_sum random 2 16)"
	no_refusals
	at_least "all memory is there, KiB" $(($(meminfo MemTotal) - _total)) "$(saved used_kib)"
	again
	no_kho_left
	kexec_next
}

# Nine tenths of all free memory are used and freed before anybody attaches.
stress() {
	mount -t tmpfs -o size=100% stress /mnt
	dd if=/dev/zero of=/mnt/fill bs=1M status=none \
		count=$(($(meminfo MemFree) * 9 / 10 / 1024))
	rm /mnt/fill
	umount /mnt
}

refusals() {
	is "reset" "$(errno_write 1 /sys/block/zram0/reset)" "Device or resource busy"
	is "hot_remove" "$(errno_write 1 /sys/class/zram-control/hot_remove)" \
		"Device or resource busy"
	check "the kernel says why" said "zram1: is persistent, not removed: write 0 to its persist"
	refused "rmmod" rmmod zram
	refused "rmmod of the allocator" rmmod zsmalloc_persist
	refused "zramctl --reset" zramctl --reset /dev/zram0
	is "they are still there" "$(cat /sys/block/zram?/persist_state | xargs)" "on on"
	check "one is switched off" persist zram0 0
	refused "the other one is enough for rmmod to fail" rmmod zram
}

no_refusals() {
	check "that one can be reset" sh -c "echo 1 >/sys/block/zram0/reset"
	is "it is empty" "$(cat /sys/block/zram0/initstate)" 0
	is "first contents are gone" "$(cat /sys/block/zram0/disksize)" 0
	check "the other is switched off, too" persist zram1 0
	check "and removed" sh -c "echo 1 >/sys/class/zram-control/hot_remove"
	refused "it is gone" test -e /sys/block/zram1
	check "the module can go" unload_zram
}

# What the handover names has been taken: no device, and no memory twice.
again() {
	_round=0 _attached=$(dmesg | grep -c 'zram: zram[0-9]*: attached')
	while [ $_round -lt 10 ]; do
		load_zram || break
		[ "$(cat /sys/block/zram?/initstate | xargs)" = 0 ] || break
		use_and_reset || break
		unload_zram || break
		_round=$((_round + 1))
	done
	is "ten times loaded and unloaded, always empty" $_round 10
	load_zram
	is "nothing was attached again" \
		"$(dmesg | grep -c 'zram: zram[0-9]*: attached')" "$_attached"
	check "the device can be used" make_zram zram0 zstd 4M
	fill zram0 mixed 3 4
	is "it holds data" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 3 4)"
	check "no memory leaked" no_leaks
}

use_and_reset() {
	make_zram zram0 lz4 4M && persist zram0 1 && fill zram0 mixed 9 1 &&
		persist zram0 0 && echo 1 >/sys/block/zram0/reset
}

no_kho_left() {
	refused "nothing of ours is in the outgoing handover" \
		test -e /sys/kernel/debug/kho/out/sub_fdts/zram
	check "with a persistent device it is" persist zram0 1
	check "namely here" test -e /sys/kernel/debug/kho/out/sub_fdts/zram
	# Full and persistent, it is emptied: the last hop must find that, too.
	check "it is discarded" blkdiscard /dev/zram0
}

hop_2() {
	check "the module loads" load_zram
	is "the device is attached" "$(cat /sys/block/zram0/disksize)" $((4 << 20))
	is "and reads as zeros" "$(sum_of /dev/zram0)" "$(pattern_sum zero 0 4)"
	is "zramctl lists it" "$(zramctl --raw --noheadings -o NAME,DISKSIZE,ALGORITHM)" "/dev/zram0 4M zstd"
	check "it can be switched off" persist zram0 0
	check "and removed" sh -c "echo 0 >/sys/class/zram-control/hot_remove"
	check "and the module goes" unload_zram
}
