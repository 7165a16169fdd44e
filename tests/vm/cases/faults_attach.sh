# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Each allocation of attaching a device fails in turn, of objects and of pages, and
# then it and all that follow: the device is attached then, or held as before;
# another try succeeds, and its contents are what they were. If only its disk is
# missing it can be shown later, dropped, or handed on. Leaks of objects are looked
# for here, of pages in faults_leaks.sh. Part of make nomem.
#
# vm: kernel=debug mem=1152 cpus=2 timeout=1800 plan=38
# allow: page allocation failure|vmalloc error

# shellcheck source=tests/vm/held.sh
. /tests/held.sh

readonly DEVICES=48

give_up() {
	persist "zram$1" 0
}

hop_0() {
	check "the module loads" load_zram num_devices=$DEVICES persist=1
	make_dictionary
	save first 0
	check "devices" each_device make_full_device
	kexec_next
}

# attach_fails MODE STEP: until no allocation is left; with the next device each
# time that one is attached in spite of a failure. What fails last is to show the
# device: from the first time on it is only that.
attach_fails() {
	_nth=1 _failed=0 _shown=0 _done=0 _from=
	while [ $_nth -lt 1000 ] && [ "$_at" -lt $DEVICES ]; do
		held_dir "$_at"
		_said=$(failnth "$_nth$1" write "$DIR/attach" 1)
		case $_said in
		"0 ok")
			is_attached "$_at" || return 1
			_done=$((_done + 1)) _at=$((_at + 1))
			[ -z "$_from" ] || unshown "$_at" "$_from" || return 1
			;;
		0*)
			is_held "$_at" || return 1
			_failed=$((_failed + 1))
			if grep -q "cannot be shown" "$DIR/reason"; then
				_shown=$((_shown + 1))
				[ -n "$_from" ] || _from=$_nth _nth=$((1 - $2))
			fi
			;;
		*)
			is_attached "$_at" || return 1
			_at=$((_at + 1))
			break
			;;
		esac
		_nth=$((_nth + $2))
	done
	diag "attach$1: $_failed failures were fatal, $_shown of them when it was shown, $_done were not; $_at devices are attached; $_said"
	[ "${_said#* }" = ok ] && [ "${_said%% *}" != 0 ]
}

# unshown N [NTH]: its disk cannot be made, and all else is done; not before all
# allocations fail from this one on.
unshown() {
	held_dir "$1"
	_try=${2:-1}
	while [ "$_try" -lt 1000 ]; do
		failnth "$_try+" write "$DIR/attach" 1 >/tmp/said
		is_held "$1" || return 1
		! grep -q "attached, but cannot be shown" "$DIR/reason" || return 0
		_try=$((_try + 1))
	done
	return 1
}

# A new slab may be had in several sizes, so that pages fail in vain that are for
# objects: each kind is tried alone. Objects: no page fails.
only_objects() {
	echo 99 >/sys/kernel/debug/fail_page_alloc/min-order
}

only_pages() {
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
	echo Y >/sys/kernel/debug/failslab/cache-filter
}

both() {
	echo N >/sys/kernel/debug/failslab/cache-filter
}

hop_1() {
	check "the module loads" load_zram num_devices=0 attach=0
	allow_faults
	check "all are held" each_device is_held
	_at=0
	check "a device attaches in the end, when all fail" attach_fails "+" 1
	at_least "failures before that" "$_failed" 50
	save from $((_from - 20))
	kexec_next
}

hop_2() {
	check "the module loads" load_zram num_devices=0 attach=0
	allow_faults
	only_objects
	_at=0
	check "a device attaches in the end, without an object" attach_fails "" 1
	at_least "failures before that" "$_failed" 50
	kexec_next
}

hop_3() {
	check "the module loads" load_zram num_devices=0 attach=0
	allow_faults
	only_pages
	_at=0
	check "a device attaches in the end, without a page" attach_fails "" 1
	at_least "failures before that" "$_failed" 5
	both
	check "one is attached, but cannot be shown" unshown "$_at" "$(saved from)"
	kexec_next kmemleak=on
}

hop_4() {
	check "the module loads" load_zram num_devices=0 attach=0
	allow_faults
	check "all are held" each_device is_held
	_at=2
	check "a device attaches in the end, when all fail" attach_fails "+" 7
	_from=$((_from - 20))
	check "one is attached, but cannot be shown" unshown 0 $_from
	is "nor removed" "$(errno_write 0 $CONTROL/hot_remove)" "No such device"
	refused "nor does the module go" rmmod zram
	is "it goes on to the next kernel" "$(cat "$DIR/preserved")" 1
	check "it is shown" sh -c "echo 1 >$DIR/attach"
	check "it is whole" is_attached 0
	check "another one is attached, but cannot be shown" unshown 1 $_from
	check "it is dropped" sh -c "echo 1 >$DIR/drop"
	is "its number is free" "$(cat $CONTROL/hot_add)" 1
	check "nothing is leaked" no_leaks
	save first 2
	kexec_next kho=off
}

# Without KHO they are held for another module in this kernel.
hop_5() {
	check "the module loads" load_zram num_devices=0 attach=0
	allow_faults
	check "all are held" each_device is_held
	check "one is attached, but cannot be shown" unshown 2 "$(saved from)"
	refused "the module stays for it" rmmod zram
	held_dir 2
	check "it is dropped" sh -c "echo 1 >$DIR/drop"
	check "the module goes" rmmod zram
	save first 3
	check "and comes back" load_zram num_devices=0
	check "it attaches the others, with their contents" each_device is_whole
	refused "what was dropped is lost" test -e "$DIR"
	check "none of them is persistent" each_device give_up
	check "nor is the one that the kernel before had attached" give_up 0
	check "the module goes" unload_zram
}
