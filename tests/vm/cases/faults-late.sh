# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The module is loaded when a kexec has begun, and all who want to know of that have
# been told: nobody would seal its devices. They stay held, and go on as they are.
#
# vm: kernel=debian mem=768 cpus=2 timeout=240 plan=16

hop_0() {
	check "the module loads" load_zram num_devices=1
	make_zram zram0 lz4 16M
	check "persistent" persist zram0 1
	check "data" fill zram0 mixed 1 12
	save uuid "$(cat /sys/block/zram0/uuid)"
	kexec_next
}

hop_1() {
	_held=/sys/class/zram-control/held-$(saved uuid)
	check "a device takes long to shut down" insmod /tests/modules/slow_shutdown.ko
	kexec_next &
	wait_for "the kexec has begun" 60 said "takes 20 seconds to shut down"
	check "the module loads" load_zram
	refused "nothing is attached" test -e /sys/block/zram0/uuid
	is "held" "$(cat "$_held/preserved")" 1
	# A kernel may have no names for errors.
	is "since it came too late" "$(sed 's/^-ESHUTDOWN$/-108/' "$_held/reason")" -108
	check "that is said" \
		said "device ${_held##*/held-} (zram0) is held: its memory goes on to the next kernel"
	is "it cannot be attached any more" "$(errno_write 1 "$_held/attach")" \
		"Cannot send after transport endpoint shutdown"
	is "nor can another device be made persistent" "$(echo 8M >/sys/block/zram1/disksize
		errno_write 1 /sys/block/zram1/persist)" "Device or resource busy"
	wait
}

hop_2() {
	check "the module loads" load_zram
	is "contents" "$(digest -d /dev/zram0 12)" "$(pattern_sum mixed 1 12)"
	is "hops" "$(stat_of zram0 hops)" 2
	is "identity" "$(cat /sys/block/zram0/uuid)" "$(saved uuid)"
}
