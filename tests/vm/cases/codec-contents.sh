# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Every codec, with and without parameters, and with dictionaries: what was
# written is read, in this kernel and in those after it, and what the next
# kernel writes with the same parameters, too. A kernel that lacks a codec holds
# the device for one that has it.
#
# vm: kernel=debug next=debug-builtin mem=1024 cpus=2 timeout=600 plan=122
# suite: codecs, their parameters, and recompression

# Devices: codec, and its parameters; MiB on each.
readonly DEVICES='lzo-rle
lzo
lz4
lz4hc
zstd
deflate
842
lz4 level=7 dict=/tmp/dict
lz4hc level=3 dict=/tmp/dict
zstd level=-3 dict=/tmp/dict
zstd level=5 dict=/tmp/long
deflate level=1 deflate.winbits=15
deflate level=9 deflate.winbits=-9'
readonly MIB=1

# each COMMAND...: for each device, with its name, number, and line of DEVICES.
each() {
	_n=0
	echo "$DEVICES" | while read -r _line; do
		# shellcheck disable=SC2086
		"$@" zram$_n $_n "$_line" || exit
		_n=$((_n + 1))
	done
}

make() {
	_codec=${3%% *} _params=${3#"$_codec"}
	echo "$_codec" >"/sys/block/$1/comp_algorithm"
	[ -z "$_params" ] ||
		check "$3" sh -c "echo '$_params' >/sys/block/$1/algorithm_params"
	check "$3: a device" sh -c "echo $((MIB + 1))M >/sys/block/$1/disksize"
	check "$3: data" fill "$1" mixed "$2" $MIB
	_before=$(compr "$1")
	noise "$1"
	case $3 in
	*dict*) at_most "$3: noise that it knows" $(($(compr "$1") - _before)) 40000 ;;
	*) is "$3: noise" $(($(compr "$1") - _before)) 65536 ;;
	esac
	persist "$1" 1
	save "sum-$1" "$(sum_of "/dev/$1")"
	save "compr-$1" "$(compr "$1")"
}

# Noise that is in the dictionaries: small with them, and not without.
noise() {
	dd if=/tmp/long of="/dev/$1" bs=4k count=16 seek=$((MIB * 256)) oflag=direct status=none
}

compr() {
	awk '{ print $2 }' "/sys/block/$1/mm_stat"
}

same() {
	is "$3: codec" "$(sed 's/.*\[\(.*\)\].*/\1/' "/sys/block/$1/comp_algorithm")" "${3%% *}"
	is "$3: contents" "$(sum_of "/dev/$1")" "$(saved "sum-$1")"
}

# With parameters that came through, the same data takes the same room.
again() {
	pattern mixed "$2" $MIB | dd of="/dev/$1" bs=1M oflag=direct iflag=fullblock status=none
	noise "$1"
	is "$3: written again: contents, size" "$(sum_of "/dev/$1") $(compr "$1")" \
		"$(saved "sum-$1") $(saved "compr-$1")"
}

dictionaries() {
	pattern random 100 1 | head -c 120000 >/tmp/long
	head -c 65536 /tmp/long >/tmp/dict
}

hop_0() {
	dictionaries
	check "the module loads" load_zram "num_devices=$(echo "$DEVICES" | wc -l)"
	each make
	# The codec uses a copy of it, and so does the next kernel.
	rm /tmp/dict
	kexec_next
}

hop_1() {
	dictionaries
	check "the module loads" load_zram
	same_values
	each same
	each again
	kexec_next -k debug-builtin
}

# What a tool that sets the device up again writes, and what is something else.
same_values() {
	check "the same parameters" sh -c \
		"echo level=7 dict=/tmp/dict >/sys/block/zram7/algorithm_params"
	is "another level" \
		"$(errno_write "level=8 dict=/tmp/dict" /sys/block/zram7/algorithm_params)" \
		"Device or resource busy"
	is "another dictionary" \
		"$(errno_write "level=7 dict=/tmp/long" /sys/block/zram7/algorithm_params)" \
		"Device or resource busy"
	is "none" "$(errno_write level=7 /sys/block/zram7/algorithm_params)" \
		"Device or resource busy"
	check "another device" sh -c \
		"echo algo=deflate deflate.winbits=15 level=1 priority=0 >/sys/block/zram11/algorithm_params"
}

# This kernel has lz4 and zstd only, and neither /tmp/dict nor /tmp/long.
hop_2() {
	is "devices with codecs that this kernel has" \
		"$(cat /sys/block/zram*/disksize | grep -c $(((MIB + 1) << 20)))" 5
	check "it said what it lacks" said "this kernel lacks the codec deflate"
	is "contents" "$(sum_of /dev/zram7)" "$(saved sum-zram7)"
	is "contents" "$(sum_of /dev/zram10)" "$(saved sum-zram10)"
	kexec_next -k debug
}

hop_3() {
	check "the module loads" load_zram
	each same
}
