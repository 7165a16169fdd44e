# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# With attach=0 the devices of the previous kernel are held until somebody asks for
# them: they keep their numbers, go on to later kernels, and are attached by a
# module that is loaded without it. Each allocation of loading the module so fails
# in turn, and then it and all that follow: it is loaded and all are held, or it is
# not and nothing has changed. The same for dropping a device. Part of make nomem.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=1800 plan=50
# allow: at kho_add_subtree|page allocation failure|vmalloc error

# shellcheck source=tests/vm/held.sh
. /tests/held.sh

MODULE="/lib/modules/$(uname -r)/updates/zram.ko"
DEVICES=2

# hops_are HOPS N, attach N
hops_are() {
	held_dir "$2"
	[ "$(cat "$DIR/held_hops") $(cat "$DIR/preserved") $(cat "$DIR/name")" = "$1 1 device-$2" ]
}

# load_nth NTH[+]: the module is loaded with this allocation failing. Sets SAID.
load_nth() {
	SAID=$(failnth "$1" load "$MODULE" "num_devices=0 attach=0")
}

# What comes before the module's own code, and what it allocates when nothing was
# handed over.
measure_load() {
	_said=$(failnth 1000000 load "$MODULE" num_devices=none)
	load_nth 1000000
	save own $((${SAID%% *} - ${_said%% *}))
	rmmod zram
}

hop_0() {
	needs_loaded
	allow_faults
	check "the module loads and goes" measure_load
	check "the module loads" load_zram num_devices=$DEVICES persist=1
	make_dictionary
	save first 0
	check "devices" each_device make_full_device
	kexec_next
}

# load_each MODE FROM TO: the module is loaded with each of these allocations failing.
load_each() {
	_nth=$2
	while [ "$_nth" -lt "$3" ]; do
		load_nth "$_nth$1"
		if [ -d $CONTROL ]; then
			# Now nothing can be held for the first time any more.
			: "${_first:=$_refused}"
			each_device is_held || return 1
			[ "${SAID%% *}" = 0 ] || break
			_held=$((_held + 1))
			rmmod zram || return 1
		else
			_refused=$((_refused + 1))
		fi
		_nth=$((_nth + 1))
	done
	[ -d $CONTROL ] || [ "$_nth" -lt 10000 ]
}

# load_fails MODE: with each allocation from the moment on at which its parameters
# are read. Those that come when there is something to be held are the first.
load_fails() {
	_refused=0 _held=0 _first=
	_said=$(failnth 1000000 load "$MODULE" num_devices=none)
	_begin=$((${_said%% *} + 1))
	_hold=$((_begin + $(saved own) - 8))
	load_each "$1" $_hold 10000 || return 1
	rmmod zram
	load_each "$1" $_begin $_hold || return 1
	FAILED=$((_refused + _held))
	diag "load$1: $_refused failures were fatal, $_first before they were held for the first time, $_held were not"
	[ -d $CONTROL ] || insmod "$MODULE" num_devices=0 attach=0
}

# taken_kib: memory without a name that does not belong to an attached device.
taken_kib() {
	for _dir in /sys/block/zram*; do
		[ ! -e "$_dir" ] || used_kib "${_dir##*/}"
	done | awk -v all="$(unnamed_kib)" '{ used += $1 + 4 } END { print int(all - used) }'
}

# no_more: at most so much more memory is gone than before. A page for each failure
# would be twice as much.
no_more() {
	at_most "no pages are leaked in $FAILED tries, KiB" $(($(taken_kib) - _before)) \
		$((FAILED * 2))
}

# held_again HOPS DESC: what attach=0 leaves.
held_again() {
	check "$2: all are held" each_device is_held
	check "$2: so many kernels have held them" each_device hops_are "$1"
	held_dir 0
	is "$2: the reason" "$(cat "$DIR/reason")" \
		"nobody has asked for it: the module was loaded with attach=0"
	is "$2: a new device gets another number" "$(cat $CONTROL/hot_add)" $DEVICES
	check "$2: and goes" sh -c "echo $DEVICES >$CONTROL/hot_remove"
}

hop_1() {
	needs_loaded
	allow_faults
	_before=$(taken_kib)
	check "the module loads in the end" load_fails ""
	at_least "it was refused before that" "$_refused" 50
	held_again 1 "load"
	check "it goes" rmmod zram
	no_more
	check "and comes back" insmod "$MODULE" num_devices=0 attach=0
	held_again 1 "again"
	kexec_next
}

# In this mode the first success is the last try: so all before it found devices
# that were held for the first time.
hop_2() {
	needs_loaded
	allow_faults
	_before=$(taken_kib)
	check "the module loads in the end" load_fails "+"
	at_least "it was refused before that, for the first time" "$_first" 50
	held_again 2 "load"
	no_more
	DEVICES=36
	save first 2
	check "more devices" more_devices
	save first 0
	kexec_next
}

more_devices() {
	make_dictionary
	while [ "$(cat $CONTROL/hot_add)" -lt $((DEVICES - 1)) ]; do
		:
	done
	echo 1 | tee /sys/block/zram*/persist >/dev/null
	each_device make_full_device
}

# drop_fails DESC MODE MIN: each allocation of dropping a device in turn, until none is
# left. What comes late, such as telling the programs that wait for events, ends no
# drop: then it is the turn of the next device, from number _at on.
drop_fails() {
	_nth=1 _failed=0 _done=0
	while [ "$_at" -lt $DEVICES ]; do
		held_dir "$_at"
		_said=$(failnth "$_nth$2" write "$DIR/drop" 1)
		_nth=$((_nth + 1))
		case $_said in
		"0 ok") _done=$((_done + 1)) ;;
		0*)
			is_held "$_at" || break
			_failed=$((_failed + 1))
			continue
			;;
		esac
		[ ! -e "$DIR" ] || break
		_at=$((_at + 1))
		[ "${_said%% *}" = 0 ] || break
	done
	diag "$1: $_failed failures were fatal, $_done were not; $_said"
	is "$1: succeeds in the end, without a failure" "${_said#[1-9]* }" ok
	at_least "$1: failures before that" $((_failed + _done)) "$3"
}

drop() {
	held_dir "$1"
	echo 1 >"$DIR/drop"
}

devices() {
	for _dir in /sys/block/zram*; do
		echo "${_dir##*/}"
	done | xargs
}

hop_3() {
	DEVICES=36
	check "the module loads" load_zram num_devices=1 attach=0
	allow_faults
	check "all are held" each_device is_held
	is "and there is one device more" "$(devices)" zram36
	held_dir 0
	is "this one for the third time" "$(cat "$DIR/held_hops")" 3
	_at=6
	drop_fails "drop" "" 3
	drop_fails "drop, all" + 3
	save first "$_at"
	check "the rest is dropped" each_device drop
	save first 0
	DEVICES=2
	check "and the first two" each_device drop
	DEVICES=6
	check "the module goes" rmmod zram
	check "and comes back" load_zram num_devices=1 attach=0
	save first 2
	check "the others are held" each_device is_held
	is "a new device has a number that was dropped" "$(devices)" zram0
	is "and so has the next, but not that after it" \
		"$(cat $CONTROL/hot_add) $(cat $CONTROL/hot_add)" "1 6"
	held_dir 5
	check "one is attached" sh -c "echo 1 >$DIR/attach"
	check "it is whole" is_attached 5
	refused "as long as it is persistent the module stays" rmmod zram
	check "not persistent" persist zram5 0
	check "the module goes" rmmod zram
	check "and comes back" load_zram num_devices=1
	DEVICES=5
	check "it attaches the others" each_device is_attached
	is "and makes no device more" "$(devices)" "zram2 zram3 zram4"
}
