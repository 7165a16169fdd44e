# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Memory is damaged on the way from one kernel to the next. A page of a device
# then cannot be read, and all others can; a device of which the tables are
# damaged is held, goes on to later kernels, survives an unload of the module,
# and goes when it is dropped.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=600 plan=100
# suite: damaged, missing and impossible handovers

# Devices by their number: some pages of 0 are damaged; of 1 the superblock; of 2
# the slot table; of 3 the directory of a span; of 4 the header of a segment; of 5
# the segment table; 6 is left alone.
readonly DEVICES="0 1 2 3 4 5 6"

hop_0() {
	check "the module loads" load_zram num_devices=7 persist=1
	for _n in $DEVICES; do
		make_zram "zram$_n" lz4 16M
		fill "zram$_n" mixed "$_n" 8
		fill "zram$_n" random "$_n" 4 8
		save "uuid$_n" "$(cat "/sys/block/zram$_n/uuid")"
	done
	save sum "$(sum_of /dev/zram6)"
	save parts "$(good_parts)"
	check "damage" damage 0:object:3:20:10 0:raw:2050:4095:01 \
		1:super:0:100:01 2:table:0:800:04 3:span:2:40:80 4:header:0:9:ff \
		5:segtab:0:40:02
	kexec_next
}

# All but pages 0 to 15 and 2050, which are damaged or beside those that are.
good_parts() {
	{
		dd if=/dev/zram0 bs=4k skip=16 count=2034 iflag=direct status=none
		dd if=/dev/zram0 bs=4k skip=2051 count=2045 iflag=direct status=none
	} | digest
}

held() {
	echo "/sys/class/zram-control/held-$(saved "uuid$1")"
}

one_page() {
	dd if=/dev/zram0 of=/dev/null bs=4k skip="$1" count=1 iflag=direct status=none
}

scrubbed() {
	grep -q 'state done' /sys/block/zram0/scrub
}

hop_1() {
	check "the module loads" load_zram num_devices=1 persist=1
	is "contents of the sound device" "$(sum_of /dev/zram6)" "$(saved sum)"
	pages
	for _n in 1 5; do
		refused "$_n is not attached" test -e "/sys/block/zram$_n"
		refused "$_n is not held: its memory is not known" test -e "$(held "$_n")"
	done
	check "the log tells of the superblock" said "superblock has a wrong checksum"
	check "the log tells of the segment table" said "segment table has a wrong checksum"
	for _n in 2 3 4; do
		is_held "$_n" 1
	done
	check "reason: slot table" grep -q "slot table page has a wrong checksum" "$(held 2)/reason"
	check "reason: span" grep -q "span has a wrong checksum" "$(held 3)/reason"
	check "reason: header" grep -q "segment has a wrong checksum" "$(held 4)/reason"
	save mem "$(cat "$(held 2)/mem_total")"
	is "a number that is free is given away" "$(cat /sys/class/zram-control/hot_add)" 1
	is "those of held devices are not" "$(cat /sys/class/zram-control/hot_add)" 5
	kexec_next
}

# is_held N HOPS
is_held() {
	refused "$1 is not attached" test -e "/sys/block/zram$1"
	is "$1 is held" "$(cat "$(held "$1")/uuid") $(cat "$(held "$1")/index") $(
		cat "$(held "$1")/disksize") $(cat "$(held "$1")/held_hops") $(
		cat "$(held "$1")/preserved")" "$(saved "uuid$1") $1 16777216 $2 1"
	is "attach says why not" "$(errno_write 1 "$(held "$1")/attach")" \
		"Structure needs cleaning"
	is "attach wants a yes" "$(errno_write 0 "$(held "$1")/attach")" "Invalid argument"
}

pages() {
	refused "the damaged object cannot be read" one_page 3
	is "and is listed" "$(cat /sys/block/zram0/damaged_pages)" 3
	at_least "and counted" "$(stat_of zram0 damaged_reads)" 1
	check "its neighbour can be read" one_page 4
	is "nor is anything else damaged" "$(good_parts)" "$(saved parts)"
	is "scrub wants to be told" "$(errno_write maybe /sys/block/zram0/scrub)" "Invalid argument"
	check "a scrub can be stopped" in_time stopped
	check "there is one at a time" in_time one_at_a_time
	check "and begun again" sh -c "echo start >/sys/block/zram0/scrub"
	wait_for "it ends" 60 scrubbed
	is "it found both" "$(sed -n 's/^damaged_pages //p' /sys/block/zram0/scrub)" 2
	is "and looked at all" "$(sed -n 's/^pages_done //p' /sys/block/zram0/scrub)" 4096
	is "both are listed" "$(sort -n /sys/block/zram0/damaged_pages | xargs)" "3 2050"
	refused "the damaged raw page cannot be read" one_page 2050
	check "a page is written" fill_page 3
	is "it is well again" "$(cat /sys/block/zram0/damaged_pages)" 2050
	check "a page is discarded" blkio discard /dev/zram0 $((2050 * 4096)) 4096
	is "it is well again" "$(stat_of zram0 damaged_pages)" 0
	check "scrub" sh -c "echo start >/sys/block/zram0/scrub"
	wait_for "it ends" 60 scrubbed
	is "it found nothing" "$(sed -n 's/^damaged_pages //p' /sys/block/zram0/scrub)" 0
}

# The shell itself starts and stops it: all pages may be read in the time that
# it takes to start a process.
stopped() {
	echo start >/sys/block/zram0/scrub && echo stop >/sys/block/zram0/scrub || return 1
	diag "$(xargs </sys/block/zram0/scrub)"
	grep -qx 'state stopped' /sys/block/zram0/scrub &&
		[ "$(sed -n 's/^pages_done //p' /sys/block/zram0/scrub)" -lt 4096 ]
}

one_at_a_time() {
	echo start >/sys/block/zram0/scrub || return 1
	_again=$(errno_write start /sys/block/zram0/scrub)
	echo stop >/sys/block/zram0/scrub
	[ "$_again" = "Device or resource busy" ]
}

# in_time COMMAND: try until it was faster than the scrub.
in_time() {
	for _try in $(seq 20); do
		! "$1" || return 0
	done
	return 1
}

fill_page() {
	pattern random 9 1 | dd of=/dev/zram0 bs=4k seek="$1" count=1 oflag=direct status=none
}

hop_2() {
	before_load
	check "the module loads" load_zram num_devices=1 persist=1
	is "contents of the sound device" "$(sum_of /dev/zram6)" "$(saved sum)"
	for _n in 2 3 4; do
		is_held "$_n" 2
	done
	for _n in 0 6; do
		check "$_n is not persistent" persist "zram$_n" 0
	done
	check "the module goes" unload_zram
	check "and comes back" load_zram num_devices=1
	for _n in 2 3 4; do
		is_held "$_n" 2
	done
	drop_caches
	_free=$(free_but_devices)
	check "2 is dropped" sh -c "echo 1 >$(held 2)/drop"
	refused "2 is gone" test -e "$(held 2)"
	drop_caches
	at_least "its memory comes back, KiB" "$(($(free_but_devices) - _free))" \
		$(($(saved mem) * 8 / 10240))
	is "its number is free" "$(cat /sys/class/zram-control/hot_add) $(
		cat /sys/class/zram-control/hot_add)" "1 2"
	check "3 is dropped" sh -c "echo 1 >$(held 3)/drop"
	check "the module goes" unload_zram
	handed_over
	kexec_next
}

# The module is told to go, and the device is dropped a moment later, sooner each
# time until it is there to be dropped: then the module stays until that is done.
# Else the device is still held.
dropped_while_going() {
	for _ms in $(seq 20 -2 0); do
		rmmod zram &
		usleep $((_ms * 1000))
		_left=
		echo 1 >"$(held 4)/drop" || _left=y
		wait $!
		load_zram num_devices=1 || return 1
		[ "$_left" ] || break
		[ -e "$(held 4)" ] || return 1
	done
	[ -z "$_left" ] || echo 1 >"$(held 4)/drop"
	[ ! -e "$(held 4)" ]
}

hop_3() {
	before_load
	check "the module loads" load_zram num_devices=1
	for _n in 2 3; do
		refused "$_n is gone" test -e "$(held "$_n")"
	done
	is_held 4 3
	check "what was dropped was not handed over" came_over
	check "4 is dropped while the module is told to go" dropped_while_going
	check "the module goes" unload_zram
	check "and comes back" load_zram num_devices=1
	check "what is dropped now is there" came_over
	nothing_preserved
	is "nothing is held" "$(find /sys/class/zram-control/ -name 'held-*')" ""
}
