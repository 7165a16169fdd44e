# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The module is loaded while those who want to know of a kexec are told. It comes too
# late to be one of them, and waits until all have been: then it attaches its device
# and seals it, or holds it, while the kernel shuts down others. (If that takes no
# time, the module does not come to either, and it is as if it had not been loaded.)
#
# vm: kernel=debian mem=768 cpus=2 timeout=240 plan=12

hop_0() {
	check "the module loads" load_zram num_devices=1
	make_zram zram0 lz4 16M
	check "persistent" persist zram0 1
	check "data" fill zram0 mixed 1 12
	save uuid "$(cat /sys/block/zram0/uuid)"
	kexec_next
}

held_or_sealed() {
	grep -qx 1 "$HELD/preserved" || [ "$(cat /sys/block/zram0/persist_state)" = sealed ]
}

hop_1() {
	HELD=/sys/class/zram-control/held-$(saved uuid)
	check "a driver takes long to be told" \
		insmod /tests/modules/slow_shutdown.ko told=10
	kexec_next &
	_kexec=$!
	wait_for "the kexec has begun" 60 said "takes 10 seconds to be told"
	modprobe zram &
	usleep 3000000
	refused "the module waits" test -e /sys/class/zram-control
	refused "they are still being told" said "seconds to shut down"
	wait_for "devices are shut down" 60 said "takes 20 seconds to shut down"
	wait_for "the device is held, or sealed" 15 held_or_sealed
	diag "$(dmesg | grep 'zram.*\(sealed\|attached\|held\)' | cut -c16-)"
	wait $_kexec
}

hop_2() {
	check "the module loads" load_zram
	is "contents" "$(digest -d /dev/zram0 12)" "$(pattern_sum mixed 1 12)"
	is "identity, hops" "$(cat /sys/block/zram0/uuid) $(stat_of zram0 hops)" "$(saved uuid) 2"
}
