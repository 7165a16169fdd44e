# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Requests that a device must refuse, and requests of unusual shape that it must
# serve: on ours and on the kernel's own zram, and every answer must be the same.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=300 plan=32
# cmdline: kmemleak=on
# suite: requests and errors, compared with the kernel's own zram

readonly SIZE=$((8 << 20))

hop_0() {
	check "our module loads" load_zram
	check "ours answers" transcript ours
	shapes
	check "no memory leaked" no_leaks
	check "it is unloaded" unload_zram
	check "the kernel's own loads" load_intree
	check "it answers" transcript intree
	check "it is unloaded" rmmod zram

	at_least "answers" "$(wc -l </tmp/ours)" 100
	check "ours are those of the kernel's own" diff /tmp/intree /tmp/ours

	# That both are the same is not enough.
	answers "a direct write of half a block" "dd write bs=512: Invalid argument"
	answers "a write behind the end" "write behind the end: No space left on device"
	answers "an unaligned discard" "discard 512 4096: Invalid argument"
}

answers() {
	check "$1" grep -qxF "$2" /tmp/ours
}

# transcript NAME: asks everything of /dev/zram0, the answers go to /tmp/NAME.
transcript() {
	{
		without_size
		echo $SIZE >/sys/block/zram0/disksize
		limits
		outside
		unaligned
		discards
		diag "$1: $(cat /sys/block/zram0/io_stat)"
		echo "all contents: $(sum_of /dev/zram0)"
		echo "io_stat: $(cat /sys/block/zram0/io_stat)"
	} >"/tmp/$1"
}

# try NAME CMD...: the answer in one line: ok, or the text of the error.
try() {
	_name=$1
	shift
	if "$@" >/tmp/.out 2>/tmp/.err; then
		echo "$_name: ok"
	else
		echo "$_name: $(head -n 1 /tmp/.err | sed 's/.*: //')"
	fi
}

# The number of bytes that got through is part of the answer.
try_dd() {
	_dd=$1
	shift
	try "$_dd" dd "$@" </dev/zero
	echo "$_dd: $(sed -n 's/ bytes.*//p' /tmp/.err) bytes"
}

without_size() {
	try_dd "read without a size" if=/dev/zram0 of=/dev/null bs=4k count=1
	try_dd "write without a size" of=/dev/zram0 bs=4k count=1
	try "discard without a size" blkio discard /dev/zram0 0 4096
	try "zeroout without a size" blkio zeroout /dev/zram0 0 4096
}

# What the device says of itself decides what others ask of it.
limits() {
	for _file in /sys/block/zram0/queue/*; do
		# What the block layer makes of it may not be told at all.
		[ -f "$_file" ] || continue
		echo "limit ${_file##*/}: $(cat "$_file" 2>&1)"
	done
	for _file in size ro removable range ext_range capability discard_alignment; do
		echo "disk $_file: $(cat /sys/block/zram0/$_file)"
	done
}

outside() {
	for _flag in '' direct; do
		_how=${_flag:+,$_flag}
		# shellcheck disable=SC2086
		set -- ${_flag:+oflag=$_flag}
		try_dd "fill$_how" of=/dev/zram0 bs=64k "$@"
		try_dd "write at the end$_how" of=/dev/zram0 bs=4k seek=$((SIZE / 4096)) count=1 "$@"
		try_dd "write over the end$_how" of=/dev/zram0 bs=64k \
			seek=$((SIZE - 8192)) oflag=seek_bytes"$_how" count=1
		# shellcheck disable=SC2086
		set -- ${_flag:+iflag=$_flag}
		try_dd "read at the end$_how" if=/dev/zram0 of=/dev/null bs=4k \
			skip=$((SIZE / 4096)) count=1 "$@"
		try_dd "read over the end$_how" if=/dev/zram0 of=/dev/null bs=64k \
			skip=$((SIZE - 8192)) iflag=skip_bytes"$_how" count=2
	done
	try "read behind the end" blkio read /dev/zram0 $((SIZE + 8192)) 4096
	try "write behind the end" sh -c "blkio write /dev/zram0 $((SIZE + 8192)) 4096 </dev/zero"
	try "write far behind the end" sh -c "blkio write /dev/zram0 0x7ffffffffffff000 4096 </dev/zero"
	try "read at a negative place" blkio read /dev/zram0 -4096 4096
}

unaligned() {
	try_dd "dd write bs=512" of=/dev/zram0 bs=512 count=1 oflag=direct
	try_dd "dd read bs=512" if=/dev/zram0 of=/dev/null bs=512 count=1 iflag=direct
	try_dd "dd write bs=6k" of=/dev/zram0 bs=6k count=1 oflag=direct
	try_dd "dd write at 512" of=/dev/zram0 bs=4k seek=512 count=1 oflag=direct,seek_bytes
	try_dd "dd read at 2048" if=/dev/zram0 of=/dev/null bs=4k skip=2048 count=1 iflag=direct,skip_bytes
	# The page cache makes whole pages of these.
	pattern mixed 1 1 >/tmp/data
	try "buffered write bs=512" dd if=/tmp/data of=/dev/zram0 bs=512 seek=3 count=77 conv=fsync
	try "buffered write bs=1000" dd if=/tmp/data of=/dev/zram0 bs=1000 seek=77 count=99 conv=fsync
	drop_caches
	echo "buffered contents: $(digest /dev/zram0)"
	# Memory that is not even aligned to sectors.
	try "write from memory at 100" sh -c "blkio write /dev/zram0 0 4096 4096 100 </dev/zero"
	try "read to memory at 256" blkio read /dev/zram0 0 4096 4096 256
}

# Partial pages are refused before the device sees them.
discards() {
	pattern mixed 2 8 | dd of=/dev/zram0 bs=1M iflag=fullblock oflag=direct status=none
	for _what in discard zeroout; do
		for _range in "0 0" "0 512" "512 4096" "4096 512" "4096 6144" "2048 1048576" \
			"$((SIZE - 4096)) 8192" "$SIZE 4096" "0x7ffffffffffff000 4096" \
			"12288 8192" "$((SIZE - 4096)) 4096" "1048576 2097152"; do
			# shellcheck disable=SC2086
			try "$_what $_range" blkio $_what /dev/zram0 $_range
		done
		echo "$_what leaves: $(sum_of /dev/zram0)"
	done
	try "the tool discards" blkdiscard -o 4096 -l 8192 /dev/zram0
	try "it refuses" blkdiscard -o 512 -l 512 /dev/zram0
	echo "then: $(sum_of /dev/zram0)"
	echo "mm_stat: $(awk '{ print $1, $6 }' /sys/block/zram0/mm_stat)"
}

# A page of the device lies in several pages of memory, in two at least. Not
# asked of the kernel's own: it takes each part for a whole page then, stores
# wrong data, and reads past the end of the part.
shapes() {
	_want=$(pattern_sum mixed 3 1)
	pattern mixed 3 1 >/tmp/data
	for _shape in "4096 512" "4096 2048" "3584 512" "512 0" "512 3584" "1536 1024" \
		"7680 512" "66048 1536" "1048576 512" "1048576 0"; do
		blkio zeroout /dev/zram0 2097152 1048576
		write_shape
		is "written from memory in pieces of $_shape" \
			"$(blkio read /dev/zram0 2097152 1048576 | digest)" "$_want"
		is "read to memory in pieces of $_shape" "$(read_shape | digest)" "$_want"
	done
}

write_shape() {
	# shellcheck disable=SC2086
	blkio write /dev/zram0 2097152 1048576 $_shape </tmp/data
}

read_shape() {
	# shellcheck disable=SC2086
	blkio read /dev/zram0 2097152 1048576 $_shape
}
