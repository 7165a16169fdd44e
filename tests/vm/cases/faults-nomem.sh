# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Each allocation fails in turn, and then it and all that follow: when a device
# is set up, made persistent, held and attached. It works then or it is as it was
# before, a second try succeeds, and nothing is leaked. (The kernel shows a trace
# for large allocations that fail, and KHO warns if its file in debugfs does.)
#
# vm: kernel=debug mem=1024 cpus=2 timeout=900 plan=30
# cmdline: kmemleak=on
# allow: at kho_add_subtree|Call Trace:

MODULE="/lib/modules/$(uname -r)/updates/zram.ko"
readonly FAULTS="/sys/kernel/debug/failslab /sys/kernel/debug/fail_page_alloc"

# Allocations that may wait are to fail, too.
allow_faults() {
	[ -d /sys/kernel/debug/failslab ] || mount -t debugfs debugfs /sys/kernel/debug
	for _fault in $FAULTS; do
		echo N >"$_fault/ignore-gfp-wait"
		echo 0 >"$_fault/verbose"
		echo Y >"$_fault/task-filter"
		echo 1 >"$_fault/interval"
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
	echo N >/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem
}

# one_fails DESC STATE UNDO VALUE FILE MIN: lets each allocation of a write fail
# in turn, until there is none left. STATE must succeed after each failure; UNDO
# ends a success that came in spite of a failure. At least MIN writes fail.
one_fails() {
	_nth=1 _failed=0 _done=0
	while [ $_nth -lt 500 ]; do
		_said=$(failnth $_nth write "$5" "$4")
		case $_said in
		"0 ok")
			_done=$((_done + 1))
			"$3" || break
			;;
		0*)
			_failed=$((_failed + 1))
			"$2" || {
				not_ok "$1: changed by failure $_nth: $_said"
				return 1
			}
			;;
		*) break ;;
		esac
		_nth=$((_nth + 1))
	done
	diag "$1: $_failed of $((_nth - 1)) failures were fatal, $_done were not"
	is "$1: succeeds in the end" "${_said#* }" ok
	at_least "$1: failures before that" $_failed "$6"
}

# from_here SPACE COMMAND...: failall, with so many bytes to allocate before all
# fails. Prints the error.
from_here() {
	_from=$1
	shift
	for _fault in $FAULTS; do
		echo -1 >"$_fault/times"
		echo 100 >"$_fault/probability"
	done
	echo "$_from" >/sys/kernel/debug/failslab/space
	echo $((_from / 512)) >/sys/kernel/debug/fail_page_alloc/space
	failall "$@" || echo "failall did not run"
	for _fault in $FAULTS; do
		echo 0 >"$_fault/probability"
	done
}

# all_fail DESC STATE VALUE FILE: all allocations fail from some point on, which
# is later each time.
all_fail() {
	_space=0 _failed=0
	while [ $_space -lt 4000000 ]; do
		_said=$(from_here $_space write "$4" "$3")
		[ -n "$_said" ] || break
		_failed=$((_failed + 1))
		"$2" || {
			not_ok "$1: changed by a failure from $_space on: $_said"
			return 1
		}
		_space=$((_space + _space / 2 + 128))
	done
	is "$1: succeeds in the end" "$_said" ""
	at_least "$1: failures before that" $_failed 1
}

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
	[ "$(cat /sys/block/zram0/persist_state)" = off ]
}

# All that the module needs is loaded, and nothing is attached by that.
needs_loaded() {
	modprobe -D zram | grep -v '/zram\.ko' | while read -r _insmod _file _; do
		insmod "$_file" 2>/dev/null
	done
}

hop_0() {
	check "the module loads" load_zram num_devices=2
	allow_faults
	pattern mixed 1 1 | head -c 10000 >/tmp/dictionary
	echo zstd >/sys/block/zram1/comp_algorithm
	check "a dictionary" \
		sh -c "echo dict=/tmp/dictionary >/sys/block/zram1/algorithm_params"
	one_fails "disksize" is_empty reset_1 16M /sys/block/zram1/disksize 10
	check "reset" sh -c "echo 1 >/sys/block/zram1/reset"
	echo zstd >/sys/block/zram1/comp_algorithm
	all_fail "disksize, all" is_empty 16M /sys/block/zram1/disksize
	fill zram1 mixed 3 8

	make_zram zram0 lz4 32M
	fill zram0 mixed 1 12
	fill zram0 random 2 8 12
	one_fails "persist" is_off off_0 1 /sys/block/zram0/persist 3
	check "not persistent" persist zram0 0
	all_fail "persist, all" is_off 1 /sys/block/zram0/persist
	check "persistent" persist zram1 1
	save sum0 "$(sum_of /dev/zram0)"
	save sum1 "$(sum_of /dev/zram1)"
	check "nothing is leaked" no_leaks
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
	_space=0 _refused=0 _held=0
	while [ $_space -lt 4000000 ]; do
		_said=$(from_here $_space load "$MODULE" "num_devices=0 persist=1")
		if [ ! -d /sys/class/zram-control ]; then
			_refused=$((_refused + 1))
		elif attached 0 || attached 1; then
			break
		else
			_held=$((_held + 1))
			# It stays for a device that is attached, but could not be shown.
			rmmod zram 2>/dev/null || break
		fi
		_space=$((_space + _space / 32 + 64))
	done
	diag "from $_space on: $_said; $_refused times not loaded, $_held times all held"
	[ -d /sys/class/zram-control ]
}

is_held() {
	[ -n "$(held "$HELD")" ] && ! attached "$HELD"
}

hop_1() {
	needs_loaded
	allow_faults
	check "the module loads in the end" load_with_failures
	at_least "it was refused before that" "$_refused" 1
	check "nothing is leaked" no_leaks
	kexec_next
}

# Nothing was lost by any of that.
hop_2() {
	check "the module loads" load_zram num_devices=0
	is "contents" "$(sum_of /dev/zram0)" "$(saved sum0)"
	is "contents with a dictionary" "$(sum_of /dev/zram1)" "$(saved sum1)"
	check "damage" damage 0:table:0:800:04
	kexec_next
}

hop_3() {
	check "the module loads" load_zram num_devices=0
	allow_faults
	if attached 0; then _lost=1 _good=0; else _lost=0 _good=1; fi
	is "contents" "$(sum_of /dev/zram$_good)" "$(saved sum$_good)"
	HELD=$_lost
	check "one is held" is_held
	_dir=$(held $_lost)
	one_fails "drop" is_held false 1 "$_dir/drop" 0
	refused "it is gone" test -e "$_dir"
	check "not persistent" persist zram$_good 0
	check "the module goes" unload_zram
	check "nothing is leaked" no_leaks
}
