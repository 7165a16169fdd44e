# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Not a test: what a handover costs (see tests/bench/vm). zb.plan= lists what is
# handed over at each hop, separated by commas:
#
#   empty      nothing
#   device:N   a device with N MiB of compressed data
#   naive:N    N MiB, every page preserved by itself, none beside another
#
# Lines "sample" of the log have the figures.

sys=/sys/block/zram0

# step N: the Nth step of the plan, from 0.
step() {
	cmdline_value zb.plan | cut -d, -f$(($1 + 1))
}

# fill MIB: with the data set, again and again, until that much is stored. The
# device is larger than it can become.
fill() {
	_data=$(disk_named data)
	_size=$(($(cat "/sys/class/block/${_data##*/}/size") / 2048))
	_at=0
	while _left=$(($1 - $(awk '{ print int($2 / 1048576) }' $sys/mm_stat))) &&
		[ "$_left" -gt 0 ]; do
		# Nothing compresses to less than a fifth of this data.
		_part=$((_left > _size ? _size : _left))
		dd if="$_data" of=/dev/zram0 bs=1M count=$_part seek=$_at \
			oflag=direct iflag=fullblock status=none || return 1
		_at=$((_at + _part))
	done
}

make_device() {
	load_zram
	echo 1 >$sys/persist
	make_zram zram0 lz4 16G
	check "filled with $1 MiB" fill "$1"
}

# Takes the previous kernel's device off again.
drop_device() {
	mark "sample handover.seal_ns.$1 ours $(stat_of zram0 seal_ns)"
	mark "sample handover.attach_ns.$1 ours $(stat_of zram0 attach_ns)"
	mark "sample handover.compressed.$1 ours $(awk '{ print $2 }' $sys/mm_stat)"
	mark "sample handover.segments.$1 ours $(stat_of zram0 segments)"
	mark "sample handover.regions.$1 ours $(stat_of zram0 regions)"
	echo 0 >$sys/persist
	echo 1 >$sys/reset
}

prepare() {
	case $1 in
	device:*) make_device "${1#*:}" ;;
	naive:*)
		mount -r -t ext4 "$(disk_named bench)" /mnt
		check "scattered ${1#*:} MiB" insmod /mnt/kho_scatter.ko \
			pages=$((${1#*:} * 256))
		umount /mnt
		;;
	esac
}

arrive() {
	_now=$(chain_us)
	if [ "$ZP_HOP" -gt 0 ]; then
		_was=$(step $((ZP_HOP - 1)))
		mark "sample handover.us.$_was ours $((_now - $(saved left)))"
		case $_was in
		device:*)
			_start=$(now_us)
			load_zram
			mark "sample handover.load_us.$_was ours $(($(now_us) - _start))"
			drop_device "$_was"
			unload_zram
			;;
		esac
	fi
	_next=$(step "$ZP_HOP")
	[ -n "$_next" ] || return 0
	say "hop $ZP_HOP: $_next"
	prepare "$_next"
	[ ! -d /sys/class/zram-control ] || [ "$_next" != empty ] || unload_zram
	kexec_load
	save left "$(chain_us)"
	kexec_jump
}

eval "hop_$ZP_HOP() { arrive; }"
