# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The handover record is damaged: a bit of it, the number of devices in it, the size
# that KHO tells; or KHO does not have its page any more. All devices of that
# kernel are lost, and their memory is reserved until the next kexec; a new
# device can be used, and is handed over.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=600 plan=50
# cmdline: panic_on_warn=1

# filled SEED: a device that is handed over.
filled() {
	make_zram zram0 lz4 8M
	check "persistent" persist zram0 1
	check "data" fill zram0 random "$1" 6
}

# whole SEED
whole() {
	check "the module loads" load_zram
	is "contents" "$(digest -d /dev/zram0 6)" "$(pattern_sum random "$1" 6)"
}

# lost REASON
lost() {
	check "the module loads" load_zram
	check "the log says that all is lost, and why" said \
		"the handover record is damaged, the devices of the previous kernel are lost: $1"
	is "the device is empty" "$(cat /sys/block/zram0/initstate)" 0
	is "nothing is held" "$(find /sys/class/zram-control/ -name 'held-*')" ""
	at_most "memory of the old one is reserved, KiB" "$(meminfo MemTotal)" \
		$(($(saved total) - 6144))
}

hop_0() {
	check "the module loads" load_zram
	filled 1
	kexec_next
}

hop_1() {
	whole 1
	save total "$(meminfo MemTotal)"
	check "some are changed" fill zram0 random 2 6
	check "damage: a bit" damage 0:record:0:72:10
	kexec_next
}

hop_2() {
	lost "record has a wrong checksum"
	check "the module goes" unload_zram
	lost "record has a wrong checksum"
	is "that is said each time" "$(dmesg | grep -c 'devices of the previous kernel are lost')" 2
	filled 3
	check "damage: the number of devices" damage 0:record:0:27:7f:sign
	kexec_next
}

hop_3() {
	lost "record has too many devices"
	filled 4
	check "damage: the size" damage 0:record:0:cut
	kexec_next
}

hop_4() {
	lost "record has a wrong size (0x64)"
	filled 5
	kexec_next
}

hop_5() {
	check "damage: somebody takes its page" damage -n 0:record:0:taken
	lost "record was not handed over"
	filled 6
	kexec_next
}

hop_6() {
	whole 6
	at_least "all memory is there again, KiB" "$(meminfo MemTotal)" $(($(saved total) - 64))
	check "it can go" sh -c "echo 0 >/sys/block/zram0/persist && echo 1 >/sys/block/zram0/reset"
	check "the module can go" unload_zram
}
