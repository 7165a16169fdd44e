# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The format of KHO itself has another version than the next kernel knows, which it
# sees by a string. It takes nothing of what was handed over, and is then like a
# kernel that was started cold: all memory is free, nothing is said of a device, and
# a new one is handed over to the kernel after it.
#
# vm: kernel=debian mem=640 cpus=2 timeout=300 plan=26

readonly KHO=/sys/kernel/debug/kho

# All that the module has said.
module_said() {
	dmesg | sed -nE 's/^\[[ 0-9.]*\] ((zram|zsmalloc_persist): )/\1/p'
}

# new_device CODEC KIND SEED
new_device() {
	check "a device" make_zram zram0 "$1" 32M
	check "persistent" persist zram0 1
	check "data" fill zram0 "$2" "$3" 32
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum "$2" "$3" 32)"
}

hop_0() {
	refused "a cold start: nothing was received" test -e $KHO/in
	save total "$(meminfo MemTotal)"
	check "the module loads" load_zram
	save module_said "$(module_said)"
	new_device lz4 random 1
	check "the next kernel gets another version" \
		insmod /tests/modules/kho_version.ko version=kho-v3
	kexec_next
}

hop_1() {
	check "the kernel says that it does not know the version" said "is incompatible with 'kho-v"
	check "and that it takes nothing" said "KHO: disabling KHO revival"
	refused "nothing was received" test -e $KHO/in
	at_least "all memory is there, KiB" "$(meminfo MemTotal)" $(($(saved total) - 64))
	check "the module loads" load_zram
	is "it says no more than after a cold start" "$(module_said)" "$(saved module_said)"
	is "its device is empty" "$(cat /sys/block/zram0/initstate /sys/block/zram0/disksize | xargs)" \
		"0 0"
	is "nothing is held" "$(find /sys/class/zram-control/ -name 'held-*')" ""
	check "there is a handover from here" test -e $KHO/out/fdt
	new_device zstd mixed 2
	kexec_next
}

hop_2() {
	check "the kernel knows the version again" said "KHO: found kexec handover data"
	refused "and disables nothing" said "disabling KHO revival"
	check "the module loads" load_zram
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 2 32)"
	is "hops" "$(stat_of zram0 hops)" 1
	is "nothing is held" "$(find /sys/class/zram-control/ -name 'held-*')" ""
}
