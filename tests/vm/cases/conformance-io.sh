# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The same requests to ours and to the kernel's own zram, of every alignment and
# kind, with and without enough memory, while processors come and go and devices
# are open that are to be removed: contents, errors, counters and the number of
# events are the same. (Queue limits are in io-errors.sh, attributes in
# attrs-conformance.sh.)
#
# vm: kernel=debug mem=1024 cpus=2 timeout=600 plan=19
# suite: requests, tools and the kernel's own tests, on ours and on its own zram

readonly dev=/sys/block/zram0 control=/sys/class/zram-control
readonly cpu1=/sys/devices/system/cpu/cpu1/online
readonly LIMIT=$((4 << 20))

hop_0() {
	requests >/tmp/requests
	check "our module loads" load_zram
	check "ours answers" transcript ours
	odd_pieces
	check "it is unloaded" unload_zram
	check "the kernel's own loads" load_intree
	check "it answers" transcript intree
	check "it is unloaded" rmmod zram

	at_least "answers" "$(wc -l </tmp/ours)" 450
	check "ours are those of the kernel's own" same_answers
	# That both are the same is not enough.
	is "contents that are wrong" "$(grep -c WRONG /tmp/ours)" 0
	answers "a storm of requests" "^storm .*: 0 of 300 went wrong"
	answers "direct requests of part of a page" "^write 0 512: Invalid argument"
	answers "a discard" "^discard 0 256K: ok, notify_free +64, data -[0-9]"
	answers "writers over the limit" "^limit, .*: 0 wrong pages, errors: Input/output error"
	answers "writers while processors go" "^processors.* 0 wrong pages, errors: none"
	# The kernel's own goes over it for a moment, before it gives back.
	at_most "bytes used within the limit" "$(cut -d' ' -f1 /tmp/ours.limit)" $LIMIT
	at_least "but nearly all of it" "$(cut -d' ' -f1 /tmp/ours.limit)" $((LIMIT * 7 / 8))
	at_least "writes that failed by it" "$(cut -d' ' -f3 /tmp/ours.limit)" 10
}

same_answers() {
	diff -U 0 /tmp/intree /tmp/ours >/tmp/differences && return
	diag "$(head -n 50 /tmp/differences)"
	return 1
}

answers() {
	check "$1" grep -q "$2" /tmp/ours
}

transcript() {
	{
		events
		echo 256K >$dev/disksize
		tryio /dev/zram0 </tmp/requests
		echo 1 >$dev/reset
		open_devices
		for _codec in lzo-rle zstd; do
			limit "$1" $_codec
			processors $_codec
		done
		processors_and_sizes
	} >"/tmp/$1" 2>"/tmp/$1.err"
	diag "$(cat "/tmp/$1.err")"
}

# The requests: on a device of 64 pages, which it is filled at first.
requests() {
	echo "write 0 256K"
	for _offset in 0 1 512 4095 4096 END-8192 END-4096 END-2048 END-0 1M -4096; do
		for _length in 0 1 512 4096 6144 16K; do
			for _how in read write bread bwrite; do
				echo "$_how $_offset $_length"
			done
		done
	done
	# Memory in several pieces, of which each has whole pages ...
	for _pieces in "4096 4096" "8192 4096 16384" "4096 12288 4096 8192"; do
		echo "write 20K 64K $_pieces"
		echo "read 20K 64K $_pieces"
		echo "write END-16K 64K $_pieces"
		echo "read END-16K 64K $_pieces"
	done
	# ... or not even whole sectors.
	for _pieces in 100 "4096 1 4095" "511 4097"; do
		echo "write 0 16K $_pieces"
		echo "read 0 16K $_pieces"
	done
	frees
	echo "storm 7 300"
	echo "discard 0 256K"
	echo "read 0 256K"
}

# What frees pages or fills them with zeros: parts of pages, too, at both ends.
frees() {
	for _how in discard zeroout punch zero keepzero secure wzero allocate hole collapse; do
		echo "write 0 256K"
		for _range in "0 0" "0 512" "0 4096" "4096 4608" "512 4096" "2048 6144" "6144 8192" \
			"8192 12288" "8192 12288" "3584 66048" "END-4096 4096" "END-4096 8192" \
			"END-2048 4096" "END-0 4096" "-4096 4096"; do
			echo "$_how $_range"
		done
		echo "bwrite 100 5000"
		echo "$_how 0 256K"
		echo "$_how 0 1M"
	done
}

# event_count NAME CMD...: how many events the kernel sends, whoever listens.
event_count() {
	_name=$1
	read -r _before </sys/kernel/uevent_seqnum
	shift
	_said=$("$@")
	read -r _after </sys/kernel/uevent_seqnum
	echo "$_name: ${_said:-ok}, events: $((_after - _before))"
}

events() {
	event_count "disksize" putattr 8M $dev/disksize
	event_count "disksize again" putattr 4M $dev/disksize
	event_count "reset" putattr 1 $dev/reset
	event_count "reset of nothing" putattr 1 $dev/reset
	event_count "wrong disksize" putattr 0 $dev/disksize
	event_count "disksize of a page" putattr 1 $dev/disksize
	event_count "discard" blkio discard /dev/zram0 0 4096
	event_count "limit" putattr 1M $dev/mem_limit
	event_count "compact" putattr 1 $dev/compact
	event_count "reset" putattr 1 $dev/reset
	event_count "hot_add" cat $control/hot_add
	event_count "hot_remove" putattr 1 $control/hot_remove
	event_count "hot_remove of nothing" putattr 1 $control/hot_remove
	event_count "hot_add" cat $control/hot_add
	echo 1M >/sys/block/zram1/disksize
	event_count "hot_remove with a size" putattr 1 $control/hot_remove
}

# answer NAME CMD...: ok, or the text of the error.
answer() {
	_name=$1
	shift
	_said=$("$@" 2>&1) && _said=ok
	echo "$_name: ${_said##*: }"
}

# Devices that are in use in some way stay; open attributes do not keep them.
open_devices() {
	echo "hot_add: $(cat $control/hot_add)"
	echo 4M >/sys/block/zram1/disksize
	mkswap /dev/zram1 >/dev/null
	for _mode in '<' '>' '<>'; do
		eval "exec 8$_mode/dev/zram1"
		answer "remove, open $_mode" putattr 1 $control/hot_remove
		answer "reset, open $_mode" putattr 1 /sys/block/zram1/reset
		answer "read, open $_mode" blkio read /dev/zram1 0 4096
		exec 8>&-
	done
	answer "swapon" swapon /dev/zram1
	answer "remove, swap" putattr 1 $control/hot_remove
	answer "reset, swap" putattr 1 /sys/block/zram1/reset
	answer "swapoff" swapoff /dev/zram1
	mke2fs -q -t ext4 -O ^has_journal /dev/zram1
	answer "mount" mount -t ext4 /dev/zram1 /mnt
	answer "remove, mounted" putattr 1 $control/hot_remove
	answer "reset, mounted" putattr 1 /sys/block/zram1/reset
	answer "umount" umount /mnt
	exec 7</sys/block/zram1/mm_stat 8>/sys/block/zram1/disksize
	answer "reset, attributes open" putattr 1 /sys/block/zram1/reset
	answer "disksize, attributes open" putattr 4M /sys/block/zram1/disksize
	answer "remove, attributes open" putattr 1 $control/hot_remove
	answer "attribute of a device that is gone" dd bs=100 count=1 status=none <&7
	answer "write to one" sh -c "dd if=/tmp/requests bs=10 count=1 status=none >&8"
	exec 7<&- 8>&-
	answer "node of it" test -e /dev/zram1
	echo "hot_add: $(cat $control/hot_add)"
	echo "new: $(cat /sys/block/zram1/disksize /sys/block/zram1/initstate | xargs)"
	add_and_remove
	answer "remove" putattr 1 $control/hot_remove
}

# One opens and closes it, one wants to remove it, until that succeeds.
add_and_remove() {
	echo 4M >/sys/block/zram1/disksize
	rm -f /tmp/removed
	while [ ! -e /tmp/removed ]; do
		blkio write /dev/zram1 0 65536 </tmp/requests 2>/dev/null
	done &
	_opener=$!
	for _try in 1 2 3 4; do
		putattr 1 /sys/block/zram1/reset >/dev/null && putattr 4M /sys/block/zram1/disksize
	done >/tmp/resets
	until [ "$(putattr 1 $control/hot_remove)" != "Device or resource busy" ]; do
		:
	done
	echo >/tmp/removed
	wait $_opener
	echo "resets and a writer: $(sort -u /tmp/resets | xargs)"
	answer "node of it" test -e /dev/zram1
	echo "hot_add: $(cat $control/hot_add)"
}

# Less memory than four writers want.
limit() {
	make_zram zram0 "$2" 16M
	echo $LIMIT >$dev/mem_limit
	echo "limit, $2: $(writers /dev/zram0 2 2>"/tmp/$1.limit")"
	diag "$1, limit, $2: peak, requests, failed: $(cat "/tmp/$1.limit")"
	echo "limit and reads: $(awk '{ print $1 }' $dev/io_stat)"
	answer "all is discarded" blkio discard /dev/zram0 0 16M
	echo "left: $(awk '{ print $1, $2, $6, $8 }' $dev/mm_stat)"
	answer "then there is room" fill zram0 text 1 4
	echo "contents: $(digest -d /dev/zram0 4)"
	echo 1 >$dev/reset
}

# Four writers on two processors, one of which goes and comes.
processors() {
	echo "algo=lz4 priority=1" >$dev/recomp_algorithm
	make_zram zram0 "$1" 4M
	rm -f /tmp/enough
	writers /dev/zram0 1 /tmp/enough >/tmp/writers 2>/dev/null &
	_writers=$!
	_seen=''
	for _i in 1 2; do
		echo 0 >$cpu1
		_seen="$_seen$(nproc)"
		echo 1 >$cpu1
		_seen="$_seen$(nproc)"
	done
	echo >/tmp/enough
	wait $_writers
	echo "processors $_seen, $1: $(cat /tmp/writers)"
	echo 1 >$dev/reset
}

# Devices are made and reset meanwhile.
processors_and_sizes() {
	rm -f /tmp/enough
	while [ ! -e /tmp/enough ]; do
		putattr zstd $dev/comp_algorithm
		putattr 4M $dev/disksize
		fill zram0 text 1 1
		putattr 1 $dev/reset
	done >/tmp/sizes &
	_maker=$!
	for _i in 1 2; do
		echo 0 >$cpu1
		echo 1 >$cpu1
	done
	echo >/tmp/enough
	wait $_maker
	echo "sizes and processors: $(sort -u /tmp/sizes | xargs)"
	make_zram zram0 lzo 1M
	fill zram0 mixed 1 1
	echo "contents: $(sum_of /dev/zram0)"
	statistics
	echo 1 >$dev/reset
}

# What of mm_stat does not depend on the allocator. All pages compress well or
# not at all: in between is what one driver takes for huge and the other not
# (more than 3624 bytes in the kernel's own, more than 4052 in ours).
statistics() {
	for _kind in mixed text random word zero mixed; do
		fill zram0 $_kind 2 1
		echo "mm_stat, $_kind: $(awk '{ print $1, $2, $4, $6, $8, $9 }' $dev/mm_stat)"
	done
}

# Pages of the device that lie in several pages of memory. Not asked of the
# kernel's own: it takes each part for a whole page, stores wrong data and reads
# past the end of the part.
odd_pieces() {
	echo 256K >$dev/disksize
	for _pieces in "512 3584" "512 512 7168" "3584 1024 3584" "2048 4096 6144" "1536 8704 512" \
		"7680 512 512 3584 1024"; do
		echo "write 16K 64K $_pieces"
		echo "read 16K 64K $_pieces"
		echo "write END-8192 32K $_pieces"
		echo "read END-8192 32K $_pieces"
	done | tryio /dev/zram0 >/tmp/odd
	is "memory in odd pieces" "$(sed 's/,.*//; s/.*: //' /tmp/odd | sort | uniq -c | xargs)" \
		"12 65536 bytes 12 8192 bytes 1 contents right"
	refused "wrong contents" grep WRONG /tmp/odd
	echo 1 >$dev/reset
}
