# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# For cases with many devices that are known by their numbers, are held, and come
# back: sourced by them.

readonly CONTROL=/sys/class/zram-control

# each_device COMMAND...: for each number from what is saved as first to DEVICES - 1.
each_device() {
	_n=$(saved first)
	while [ "$_n" -lt "$DEVICES" ]; do
		"$@" "$_n" || return 1
		_n=$((_n + 1))
	done
}

# data_of N: a quarter of a MiB.
data_of() {
	pattern mixed "$1" 1 | head -c 262144
}

# make_dictionary: for make_full_device.
make_dictionary() {
	pattern mixed 1 1 | head -c 10000 >/tmp/dictionary
}

# make_full_device N: gives it all that allocates when it is attached.
make_full_device() {
	echo zstd >"/sys/block/zram$1/comp_algorithm"
	echo dict=/tmp/dictionary >"/sys/block/zram$1/algorithm_params"
	echo "algo=lz4 priority=1" >"/sys/block/zram$1/recomp_algorithm"
	echo "device-$1" >"/sys/block/zram$1/name"
	echo 2M >"/sys/block/zram$1/disksize"
	data_of "$1" | dd of="/dev/zram$1" bs=64k oflag=direct iflag=fullblock status=none
	save "uuid$1" "$(cat "/sys/block/zram$1/uuid")"
}

# held_dir N: sets DIR, where it is if it is held, and UUID.
held_dir() {
	read -r UUID <"/state/var-uuid$1"
	DIR=$CONTROL/held-$UUID
}

is_held() {
	held_dir "$1"
	[ -e "$DIR/attach" ] && [ ! -e "/sys/block/zram$1" ]
}

is_whole() {
	[ "$(dd if="/dev/zram$1" bs=64k count=4 iflag=direct status=none | digest)" = \
		"$(data_of "$1" | digest)" ]
}

is_attached() {
	held_dir "$1"
	[ -e "/sys/block/zram$1" ] && [ ! -e "$DIR" ] &&
		[ "$(cat "/sys/block/zram$1/uuid")" = "$UUID" ] && is_whole "$1"
}
