# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Devices that are held in a kernel with kho=off: it has received them, and cannot
# pass them on. They can be attached there once the reason is gone, by another
# module, too, or be dropped; a kexec loses them.
#
# vm: kernel=debian mem=768 cpus=2 extra=debian timeout=300 plan=54

# Devices by their number: 0 is sound; 1 has a codec that not each module has; the
# slot tables of 2 and 3 are damaged.
hop_0() {
	check "the module loads" load_zram num_devices=4
	make_zram zram0 lz4 8M
	make_zram zram1 deflate 8M
	make_zram zram2 lz4 8M
	make_zram zram3 lz4 8M
	for _n in 0 1 2 3; do
		check "persistent" persist "zram$_n" 1
		check "data" fill "zram$_n" mixed "$_n" 8
		save "uuid$_n" "$(cat "/sys/block/zram$_n/uuid")"
	done
	check "damage" damage 2:table:0:800:04 3:table:0:800:04
	kexec_next kho=off
}

held() {
	echo "/sys/class/zram-control/held-$(saved "uuid$1")"
}

# is_held N REASON
is_held() {
	refused "$1 is not attached" test -e "/sys/block/zram$1"
	is "$1 is held, and does not go on" "$(cat "$(held "$1")/index") $(
		cat "$(held "$1")/held_hops") $(cat "$(held "$1")/preserved") $(
		sed 's/ (.*//' "$(held "$1")/reason")" "$1 1 0 $2"
	check "the log says so" said \
		"device $(saved "uuid$1") (zram$1) is held: the next kexec will lose it"
}

readonly DAMAGE="slot table page has a wrong checksum"

hop_1() {
	refused "no handover from here" test -d /sys/kernel/debug/kho/out
	check "a module with few codecs loads" load_few
	is "contents of the sound device" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 0 8)"
	is "state" "$(state zram0)" "off 0 "
	is_held 1 "this kernel lacks the codec deflate"
	is_held 2 "$DAMAGE"
	is_held 3 "$DAMAGE"
	is "attach" "$(errno_write 1 "$(held 1)/attach")" "Package not installed"
	is "attach" "$(errno_write 1 "$(held 2)/attach")" "Structure needs cleaning"
	persist zram0 0
	check "the module goes" unload_zram
	another
	kexec_next
}

# Another module finds what that one held.
another() {
	check "one with all codecs loads" load_zram
	is "contents of what was held" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 1 8)"
	is "state" "$(state zram1)" "off 0 "
	refused "it is not held" test -e "$(held 1)"
	refused "nor is the first one there again" test -e /sys/block/zram0
	is_held 2 "$DAMAGE"
	is_held 3 "$DAMAGE"
	_mem=$(cat "$(held 2)/mem_total")
	drop_caches
	_free=$(free_but_devices)
	check "2 is dropped" sh -c "echo 1 >$(held 2)/drop"
	drop_caches
	at_least "its memory comes back, KiB" "$(($(free_but_devices) - _free))" $((_mem * 8 / 10240))
	persist zram1 0
	check "the module goes" unload_zram
	check "and comes back" load_zram
	refused "2 is gone" test -e "$(held 2)"
	is_held 3 "$DAMAGE"
	save total "$(meminfo MemTotal)"
	save held "$(cat "$(held 3)/mem_total")"
}

hop_2() {
	refused "nothing of ours was received" test -e /sys/kernel/debug/kho/in/sub_fdts/zram
	at_least "memory that was held is there, KiB" "$(meminfo MemTotal)" \
		$(($(saved total) + $(saved held) / 1024 - 64))
	check "the module loads" load_zram
	is "the device is empty" "$(cat /sys/block/zram0/initstate)" 0
	is "nothing is held" "$(find /sys/class/zram-control/ -name 'held-*')" ""
	make_zram zram0 lz4 8M
	check "a new one can be persistent" persist zram0 1
	check "data" fill zram0 mixed 4 8
	kexec_next
}

hop_3() {
	check "the module loads" load_zram
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 4 8)"
}
