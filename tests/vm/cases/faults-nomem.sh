# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Each allocation fails in turn, and then it and all that follow: when a device
# is made, set up and made persistent. It works then or it is as it was before, a second
# try succeeds, and nothing is leaked, nor handed over that belongs to no device. All of
# them fail from many points on while the module is loaded and attaches its devices;
# faults_hold.sh and faults_attach.sh have the rest. Of dropping a held device only the
# failures up to the first are tried that does not stop it: there is one such device
# here. faults_hold.sh tries each. (The kernel shows a trace for large allocations that
# fail, and KHO warns if its file in debugfs does.)
#
# vm: kernel=debug mem=1024 cpus=2 timeout=900 plan=42
# cmdline: kmemleak=on
# allow: at kho_add_subtree|page allocation failure|vmalloc error

readonly CONTROL=/sys/class/zram-control
MODULE="/lib/modules/$(uname -r)/updates/zram.ko"

reset_1() {
	echo 1 >/sys/block/zram1/reset
	echo zstd >/sys/block/zram1/comp_algorithm
	echo dict=/tmp/dictionary >/sys/block/zram1/algorithm_params
}

off_0() {
	echo 0 >/sys/block/zram0/persist
}

is_empty() {
	[ "$(cat /sys/block/zram1/initstate)" = 0 ]
}

is_off() {
	[ "$(state zram0)" = "off 0 " ]
}

hop_0() {
	before_load
	check "the module loads" load_zram num_devices=2
	allow_faults
	pattern mixed 1 1 | head -c 10000 >/tmp/dictionary
	echo zstd >/sys/block/zram1/comp_algorithm
	check "a dictionary" \
		sh -c "echo dict=/tmp/dictionary >/sys/block/zram1/algorithm_params"
	each_fails "disksize" "" is_empty reset_1 16M /sys/block/zram1/disksize 10
	reset_1
	each_fails "disksize, all" + is_empty reset_1 16M /sys/block/zram1/disksize 10
	reset_1
	echo 16M >/sys/block/zram1/disksize
	fill zram1 mixed 3 8

	make_zram zram0 lz4 32M
	fill zram0 mixed 1 12
	fill zram0 random 2 8 12
	each_fails "persist" "" is_off off_0 1 /sys/block/zram0/persist 1
	off_0
	each_fails "persist, all" + is_off off_0 1 /sys/block/zram0/persist 1
	off_0
	nothing_preserved
	check "persistent" persist zram0 1
	check "persistent" persist zram1 1
	save sum0 "$(sum_of /dev/zram0)"
	save sum1 "$(sum_of /dev/zram1)"
	check "nothing is leaked" no_leaks
	handed_over
	kexec_next
}

attached() {
	[ -e "/sys/block/zram$1" ]
}

held() {
	for _dir in /sys/class/zram-control/held-*; do
		[ "$(cat "$_dir/index" 2>/dev/null)" != "$1" ] || echo "$_dir"
	done
}

# Loads the module again and again, each time with all allocations failing from a
# later point on, until it has attached a device. What it held before that it
# leaves to the next try.
load_with_failures() {
	_nth=1 _refused=0 _held=0
	while [ $_nth -lt 100000 ]; do
		_said=$(failnth $_nth+ load "$MODULE" "num_devices=0 persist=1")
		if [ ! -d /sys/class/zram-control ]; then
			_refused=$((_refused + 1))
		elif attached 0 || attached 1; then
			break
		else
			_held=$((_held + 1))
			# It stays for a device that is attached, but could not be shown.
			rmmod zram 2>/dev/null || break
		fi
		_nth=$((_nth + _nth / 16 + 1))
	done
	diag "from $_nth on: $_said; $_refused times not loaded, $_held times all held"
	[ -d /sys/class/zram-control ]
}

# A new device, which would be persistent, and which somebody tries to use as soon as
# there is something to be seen: all of it is made, or nothing. Memory fails from some
# thirty points on, of nearly 400 that there are.
is_nowhere() {
	! attached 2 && ! attached 3
}

remove_2() {
	persist zram2 0
	echo 2 >$CONTROL/hot_remove
}

use_at_once() {
	: >/tmp/used
	while :; do
		! echo 4M >/sys/block/zram2/disksize || echo >>/tmp/used
	done 2>/dev/null
}

new_device_fails() {
	_said=$(failnth 1000000 read $CONTROL/hot_add)
	remove_2
	_nth=1 _step=$((${_said%% *} / 32 + 1)) _failed=0
	use_at_once &
	_user=$!
	while [ $_nth -lt 1000 ]; do
		_said=$(failnth $_nth+ read $CONTROL/hot_add)
		[ "${_said#* }" != ok ] || break
		is_nowhere || break
		_failed=$((_failed + 1)) _nth=$((_nth + _step))
	done
	kill $_user
	diag "hot_add: $_failed failures, to $_nth: $_said; used at once $(wc -l </tmp/used) times"
	is "a new device is made in the end" "${_said#* }" ok
	at_least "failures before that" $_failed 10
	check "it has the first number that is free" remove_2
	check "and is the only one" is_nowhere
}

is_held() {
	[ -n "$(held "$HELD")" ] && ! attached "$HELD"
}

hop_1() {
	needs_loaded
	before_load
	allow_faults
	check "the module loads in the end" load_with_failures
	at_least "it was refused before that" "$_refused" 1
	check "all that was handed over is there" came_over
	new_device_fails
	check "nothing is leaked" no_leaks
	handed_over
	kexec_next
}

# Nothing was lost by any of that.
hop_2() {
	before_load
	check "the module loads" load_zram num_devices=0
	is "contents" "$(sum_of /dev/zram0)" "$(saved sum0)"
	is "contents with a dictionary" "$(sum_of /dev/zram1)" "$(saved sum1)"
	check "nothing else was handed over" came_over
	check "damage" damage 0:table:0:800:04
	handed_over
	kexec_next
}

hop_3() {
	before_load
	check "the module loads" load_zram num_devices=0
	allow_faults
	if attached 0; then _lost=1 _good=0; else _lost=0 _good=1; fi
	is "contents" "$(sum_of /dev/zram$_good)" "$(saved sum$_good)"
	HELD=$_lost
	check "one is held" is_held
	check "all that was handed over is there, or held" came_over
	_dir=$(held $_lost)
	each_fails "drop, to the first failure that does not stop it" "" is_held false 1 \
		"$_dir/drop" 1
	refused "it is gone" test -e "$_dir"
	check "not persistent" persist zram$_good 0
	check "the module goes" unload_zram
	nothing_preserved
	check "nothing is leaked" no_leaks
}
