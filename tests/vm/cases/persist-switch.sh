# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Persistence is a switch, for devices with data in them and in use. What was
# switched on survives; what was switched off again, or never was on, is gone
# after the kexec and its memory is free.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=600 plan=45
# suite: switching persistence on and off; other kernels on the other side

# Of each device, in this order:
#   zram0  a mounted file system: switched on
#   zram1  raw, held open: switched on, then off again
#   zram2  raw: never persistent
#   zram3  empty: switched on before it has a size
hop_0() {
	check "the module loads" load_zram num_devices=4
	garbage
	mounted
	on_and_off
	never
	empty
	save off_kib "$(($(used_kib zram1) + $(used_kib zram2)))"
	kexec_next
}

garbage() {
	for _value in 2 x '' -1 ' 1'; do
		is "garbage '$_value' is refused" \
			"$(errno_write "$_value" /sys/block/zram1/persist)" "Invalid argument"
	done
	is "and changes nothing" "$(state zram1)" "off 0 "
}

mounted() {
	make_zram zram0 lz4 32M
	check "file system" mkfs.ext4 -q /dev/zram0
	mount /dev/zram0 /mnt
	pattern mixed 1 16 >/mnt/before
	sync
	check "a mounted device becomes persistent" persist zram0 1
	check "twice is no error" persist zram0 1
	is "state" "$(state zram0 | cut -d' ' -f1-2)" "on 1"
	save uuid "$(cat /sys/block/zram0/uuid)"

	# Back and forth while somebody writes: nothing gets lost on the way.
	(pattern mixed 2 8 >/mnt/during && sync) &
	for _i in 1 2 3 4 5; do
		persist zram0 0
		persist zram0 1
	done
	wait $!
	is "its identity is new each time" \
		"$(test "$(cat /sys/block/zram0/uuid)" != "$(saved uuid)" && echo new)" new
	save uuid "$(cat /sys/block/zram0/uuid)"
	drop_caches
	is "first file" "$(sum_of /mnt/before)" "$(pattern_sum mixed 1 16)"
	is "second file" "$(sum_of /mnt/during)" "$(pattern_sum mixed 2 8)"
}

on_and_off() {
	make_zram zram1 zstd 24M
	fill zram1 random 3 24
	# Held open through all of this, also by the kexec.
	exec 9<>/dev/zram1
	check "a full device becomes persistent" persist zram1 1
	is "all of it has joined" "$(stat_of zram1 joined_segments)" "$(stat_of zram1 segments)"
	check "it is switched off again" persist zram1 0
	check "twice is no error" persist zram1 0
	is "state" "$(state zram1)" "off 0 "
	is "nothing of it is in the handover" "$(stat_of zram1 joined_segments)" 0
	is "its contents are there" "$(sum_of /dev/zram1)" "$(pattern_sum random 3 24)"
	check "and can be changed" fill zram1 random 4 8
	is "all contents" "$(sum_of /dev/zram1)" \
		"$({ pattern random 4 8; pattern random 3 16 8; } | digest)"
}

never() {
	make_zram zram2 lz4 24M
	fill zram2 random 5 24
	is "state" "$(state zram2)" "off 0 "
}

empty() {
	check "an empty device is told to be persistent" persist zram3 1
	is "state" "$(state zram3)" "wanted 1 "
	check "or not" persist zram3 0
	is "state" "$(state zram3)" "off 0 "
	persist zram3 1
	make_zram zram3 zstd 8M
	is "with its size it is" "$(state zram3 | cut -d' ' -f1-2)" "on 1"
	check "data" fill zram3 mixed 6 8
}

hop_1() {
	drop_caches
	save free_with "$(free_kib)"
	save total_with "$(meminfo MemTotal)"
	check "the module loads" load_zram num_devices=4
	save on_kib "$(($(used_kib zram0) + $(used_kib zram3)))"
	is "devices" "$(cat /sys/block/zram?/initstate | xargs)" "1 0 0 1"
	is "the state of those that are gone" "$(state zram1)/$(state zram2)" "off 0 /off 0 "
	is "UUID" "$(cat /sys/block/zram0/uuid)" "$(saved uuid)"
	save total_attached "$(meminfo MemTotal)"
	# It was not unmounted.
	check "the file system mounts" mount /dev/zram0 /mnt
	is "first file" "$(sum_of /mnt/before)" "$(pattern_sum mixed 1 16)"
	is "second file" "$(sum_of /mnt/during)" "$(pattern_sum mixed 2 8)"
	is "contents of the one that was empty" "$(sum_of /dev/zram3)" "$(pattern_sum mixed 6 8)"

	check "both are switched off" all_off
	kexec_next
}

all_off() {
	persist zram0 0 && persist zram3 0
}

# A kernel that received nothing: what the other one should have had free.
hop_2() {
	drop_caches
	_free=$(free_kib) _total=$(meminfo MemTotal)
	_on=$(saved on_kib) _off=$(saved off_kib)
	at_least "the others had something to lose, KiB" "$_off" 49152
	# MemTotal leaves out what waits to be attached, to the page. Of each device
	# a segment that is not needed may have been freed before this was noted.
	near "memory that was handed over" $((_total - $(saved total_with))) "$_on" $((2 * 2048 + 64))
	near "it belonged to the kernel that attached it" "$(saved total_attached)" "$_total" 64
	near "nothing else was missing" $((_free - $(saved free_with))) "$_on" 16384
	check "the module loads" load_zram num_devices=4
	is "nothing is left" "$(cat /sys/block/zram?/initstate | xargs)" "0 0 0 0"
}

# near DESC GOT WANT BY: whole numbers.
near() {
	_by=$(($2 - $3))
	at_most "$1: $2, not $3 KiB" "${_by#-}" "$4"
}
