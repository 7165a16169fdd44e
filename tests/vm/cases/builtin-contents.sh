# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The driver built into the kernel, persistent by the kernel command line alone,
# and devices that go from the built-in driver to the module and back.
#
# vm: kernel=debug-builtin next=debug mem=1024 cpus=2 timeout=600 plan=31
# cmdline: zram.persist=1
# suite: the driver built into the kernel

hop_0() {
	is "built in" "$(grep -c '^zram ' /proc/modules)" 0
	is "a device is there, and will be persistent" "$(state zram0)" "wanted 1 "
	check "a tool that knows nothing of it makes one" \
		zramctl --algorithm zstd --size 12M /dev/zram0
	is "it is persistent" "$(state zram0 | cut -d' ' -f1-2)" "on 1"
	is "another one is added" "$(cat /sys/class/zram-control/hot_add)" 1
	check "and set up by hand" make_zram zram1 lz4 8M
	is "it is persistent" "$(state zram1 | cut -d' ' -f1-2)" "on 1"
	check "data" fill zram0 mixed 1 12
	check "data" fill zram1 mixed 2 8
	save uuids "$(cat /sys/block/zram?/uuid | xargs)"
	kexec_next
}

# all_there SEED SEED: both devices, with this in them.
all_there() {
	is "the same devices" "$(cat /sys/block/zram?/uuid | xargs)" "$(saved uuids)"
	is "in the same state" "$(cat /sys/block/zram?/persist_state | xargs)" "on on"
	is "contents of the first" "$(sum_of /dev/zram0)" "$(pattern_sum mixed "$1" 12)"
	is "contents of the second" "$(sum_of /dev/zram1)" "$(pattern_sum mixed "$2" 8)"
}

# Attached long before there is anybody to load a module.
hop_1() {
	all_there 1 2
	check "data" fill zram1 mixed 3 8
	kexec_next -k debug
}

hop_2() {
	refused "nobody has loaded the module yet" test -e /sys/block/zram0
	check "the module loads" load_zram
	is "it has its parameter from the same command line" \
		"$(cat /sys/module/zram/parameters/persist)" Y
	all_there 1 3
	check "data" fill zram0 mixed 4 12
	kexec_next -k debug-builtin
}

hop_3() {
	all_there 4 3
	is "hops" "$(stat_of zram0 hops)" 3
	is "hot_add gives a number that is free" "$(cat /sys/class/zram-control/hot_add)" 2
	check "persistence is switched off" persist zram1 0
	check "that one is removed" sh -c "echo 1 >/sys/class/zram-control/hot_remove"
	is "the other one is refused" "$(errno_write 0 /sys/class/zram-control/hot_remove)" \
		"Device or resource busy"
}
