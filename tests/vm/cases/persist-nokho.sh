# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Without the handover on this side, on the other side, or in between, the
# driver is a plain zram: nothing breaks, and what cannot be had is said.
#
# vm: kernel=debug next=nokho mem=1024 cpus=2 timeout=600 plan=68

# A kexec with nothing to hand over works as without us.
hop_0() {
	check "the module loads" load_zram
	make_zram zram0 lz4 8M
	check "a plain device" fill zram0 mixed 1 8
	refused "nothing of ours is in the handover" test -e /sys/kernel/debug/kho/out/sub_fdts/zram
	kexec_next
}

hop_1() {
	check "the module loads" load_zram
	is "the plain device is gone" "$(cat /sys/block/zram0/initstate)" 0
	make_zram zram0 zstd 8M
	check "persistent" persist zram0 1
	check "data" fill zram0 mixed 2 8
	kexec_next kho=off
}

# kho=off: what comes in is still there, but nothing goes out.
hop_2() {
	refused "no handover from here" test -d /sys/kernel/debug/kho/out
	check "the module loads" load_zram num_devices=2
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 2 8)"
	is "state" "$(state zram0)" "off 0 "
	check "the kernel says so" said "not persistent any more, since Kexec HandOver is off"
	is "it counts as one that came over" "$(stat_of zram0 hops)" 1
	is "it is not reset" "$(errno_write 1 /sys/block/zram0/reset)" "Device or resource busy"
	is "nor removed" "$(errno_write 0 /sys/class/zram-control/hot_remove)" \
		"Device or resource busy"
	check "as the kernel says" said "zram0: was persistent, not reset: write 0 to its persist"
	refused "nor does the module go" rmmod zram
	cannot_persist zram0
	is "until it is given up" "$(stat_of zram0 hops)" 0
	cannot_persist zram1
	check "it can be written to" fill zram0 mixed 3 4
	is "contents" "$(sum_of /dev/zram0)" \
		"$({ pattern mixed 3 4; pattern mixed 2 4 4; } | digest)"
	check "it can be reset" sh -c "echo 1 >/sys/block/zram0/reset"
	check "the module can go" unload_zram
	default_without_kho
	kexec_next
}

# cannot_persist DEVICE: with or without data.
cannot_persist() {
	is "$1: persist=1" "$(errno_write 1 "/sys/block/$1/persist")" "Operation not supported"
	check "$1: the kernel says why, and what to do" \
		said "$1: cannot be persistent: Kexec HandOver is off; boot a kernel that"
	is "$1: state" "$(state "$1")" "off 0 "
	check "$1: persist=0 is no error" persist "$1" 0
}

default_without_kho() {
	check "the module loads with persist=1" load_zram persist=1
	check "it warns" said "zram: persist=1 has no effect: Kexec HandOver is off"
	is "state of a new device" "$(state zram0)" "off 0 "
	check "it takes a size" make_zram zram0 lz4 8M
	is "state" "$(state zram0)" "off 0 "
	check "data" fill zram0 mixed 4 8
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 4 8)"
}

hop_3() {
	check "there is a handover again" test -d /sys/kernel/debug/kho/out
	persistent 5
	# This system call knows nothing of it.
	check "the next kernel is loaded the old way" kexec_load -l
	kexec_jump
}

persistent() {
	check "the module loads" load_zram
	is "the device is empty" "$(cat /sys/block/zram0/initstate)" 0
	check "it can be used" make_zram zram0 lz4 8M
	check "and be persistent" persist zram0 1
	check "data" fill zram0 mixed "$1" 8
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed "$1" 8)"
}

hop_4() {
	refused "nothing was received" test -d /sys/kernel/debug/kho/in/sub_fdts
	persistent 6
	kexec_next -k nokho
}

# A kernel that was built without it.
hop_5() {
	is "the kernel without KHO runs" "$(kernel_name)" nokho
	check "the module loads" load_zram num_devices=1
	is "the device is empty" "$(cat /sys/block/zram0/initstate)" 0
	cannot_persist zram0
	check "it can be used" make_zram zram0 zstd 8M
	check "data" fill zram0 mixed 7 8
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 7 8)"
	cannot_persist zram0
	check "it can be reset" sh -c "echo 1 >/sys/block/zram0/reset"
	check "the module can go" unload_zram
}
