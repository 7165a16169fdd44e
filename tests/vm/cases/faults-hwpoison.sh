# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Pages of memory are reported as faulty. The pages of the device that lie there
# cannot be read, all others can; what is written instead lies elsewhere; and no
# kernel of the chain uses the memory again. A device that cannot do without what
# is on such a page is not handed over.
#
# vm: kernel=debug mem=768 cpus=2 timeout=600 plan=89
# expect: zram1: its superblock is on a faulty page: it cannot be handed over
# expect: zram2: cannot be handed over, its contents will be lost: -(EHWPOISON|133)
# expect: zram4: cannot be handed over, its contents will be lost: -(EHWPOISON|133)
# expect: a held device, superblock at 0x[0-9a-f]+, is on a faulty page

# zram0: faulty pages with a raw page, with payloads, with a directory, and free.
# zram1: with its superblock. zram2: with a page of its slot table. zram3: with a
# raw page; and it is damaged, so that the next kernel holds it. zram4: with the
# header of a segment. zram5 is damaged, too, and its superblock is on a page that
# becomes faulty while it is held.

# expected: what zram0 has, but for pages that were overwritten.
expected() {
	{
		pattern mixed 1 24
		pattern random 2 8
	} >/tmp/expected
	[ "${1:-}" != changed ] || for _page in $(saved lost); do
		pattern random 9 1 | dd of=/tmp/expected bs=4k count=1 seek="$_page" \
			conv=notrunc status=none
	done
}

# pick WORD COUNT: the addresses of so many pages of that use, and what cannot be
# read without them, from the middle of the list.
pick() {
	grep " $1" /tmp/segments >/tmp/picked
	sed -n "$(($(wc -l </tmp/picked) / 2)),\$p" /tmp/picked | head -n "$2"
}

# full_header: the address of the header of the segment with most raw pages.
full_header() {
	awk '/ header/ { header = $1 } / raw/ && ++raw[header] > most {
		most = raw[header]; full = header
	} END { print full }' /tmp/segments
}

# poison ADDRESS: the kernel says that it is busy, since it cannot free the page,
# and counts it.
poison() {
	is "$1 is reported as faulty" \
		"$(errno_write "$1" /sys/devices/system/memory/hard_offline_page)" \
		"Device or resource busy"
}

# is_flagged ADDRESS: KPF_HWPOISON.
is_flagged() {
	_flags=$(dd if=/proc/kpageflags bs=8 count=1 skip=$(($1 / 4096)) status=none |
		od -A n -t u8)
	[ $((_flags >> 19 & 1)) = 1 ]
}

all_flagged() {
	for _addr in $(saved bad); do
		is_flagged "$_addr" || return 1
	done
}

pool_part() {
	sed -n "s/^$1 //p" /sys/block/zram0/pool_stat
}

# reads DESC LOST: all but these pages can be read, and are what they were.
reads() {
	check "$1: what can be read is right" pagecmp_to /tmp/unread
	is "$1: what cannot" "$(xargs </tmp/unread)" "$2"
}

pagecmp_to() {
	pagecmp /dev/zram0 /tmp/expected >"$1"
}

# new_segments: /tmp/segments is what there was not yet the last time.
new_segments() {
	touch /tmp/all
	segments >/tmp/now
	awk 'FILENAME == "/tmp/all" { old[$1]; next } !($1 in old)' /tmp/all /tmp/now \
		>/tmp/segments
	mv /tmp/now /tmp/all
}

all_found() {
	[ "$(pool_part faulty_pages)" = 5 ]
}

hop_0() {
	check "the module loads" load_zram num_devices=6 persist=1
	echo "algo=zstd priority=1" >/sys/block/zram0/recomp_algorithm
	make_zram zram0 lz4 64M
	expected
	check "fill" dd if=/tmp/expected of=/dev/zram0 bs=1M oflag=direct status=none
	# What is in small segments for the moment moves about.
	check "compact" sh -c "echo 1 >/sys/block/zram0/compact"
	wait_for "it rests" 30 rests zram0
	new_segments
	save corrupted "$(meminfo HardwareCorrupted)"
	{
		pick raw 1
		pick tail 2
		pick span 1
		pick free 1
	} >/tmp/bad
	save bad "$(cut -d ' ' -f 1 /tmp/bad | xargs)"
	save lost "$(cut -d ' ' -f 3- /tmp/bad | tr ' ' '\n' | grep . | sort -nu | xargs)"
	diag "$(cat /tmp/bad)"
	at_least "pages to lose" "$(saved lost | wc -w)" 6

	make_zram zram1 lz4 16M
	fill zram1 mixed 3 4
	save super1 "$(superblocks | cut -d , -f 2)"
	new_segments
	make_zram zram2 lz4 16M
	fill zram2 mixed 4 4
	new_segments
	save table2 "$(pick table 1 | cut -d ' ' -f 1)"
	make_zram zram3 lz4 16M
	fill zram3 mixed 5 4
	fill zram3 random 5 4 4
	new_segments
	save bad3 "$(pick raw 1 | cut -d ' ' -f 1)"
	save uuid3 "$(cat /sys/block/zram3/uuid)"
	make_zram zram4 lz4 16M
	fill zram4 random 6 8
	new_segments
	save header4 "$(full_header)"
	make_zram zram5 lz4 16M
	fill zram5 mixed 7 4
	save super5 "$(superblocks | cut -d , -f 6)"
	save uuid5 "$(cat /sys/block/zram5/uuid)"
	check "damage" damage 3:span:2:40:80 5:span:2:40:80
	for _addr in $(saved bad) $(saved super1) $(saved table2) $(saved bad3) \
		$(saved header4); do
		poison "$_addr"
	done
	check "they are flagged" all_flagged
	is "and counted, KiB" "$(($(meminfo HardwareCorrupted) - $(saved corrupted)))" 36

	reads "at once" "$(saved lost)"
	wait_for "they are looked for" 10 all_found
	is "they are counted" "$(pool_part faulty_pages)" 5
	is "nothing is on one" "$(pool_part faulty_bytes)" 4096
	reads "later" "$(saved lost)"
	is "they are listed" "$(sort -n /sys/block/zram0/damaged_pages | xargs)" "$(saved lost)"
	is "zram4 is what it was, in this kernel" "$(digest -d /dev/zram4 8)" \
		"$(pattern_sum random 6 8)"
	is "which can be handed over" "$(for _n in 0 1 2 3 4 5; do
		stat_of zram$_n cannot_seal
	done | xargs)" "0 1 1 0 1 0"
	insmod /tests/modules/slow_shutdown.ko seconds=5
	_refs=$(cat /sys/module/zram/refcnt)
	kexec_next &
	wait_for "the devices are sealed" 60 said "takes 5 seconds to shut down"
	# zram1, which is not handed over, is one of those who need the module.
	is "the module is still needed as often" "$(cat /sys/module/zram/refcnt)" "$_refs"
	refused "the module stays" rmmod zram
	wait
}

scrubbed() {
	grep -q 'state done' /sys/block/zram0/scrub
}

overwrite() {
	for _page in $(saved lost); do
		pattern random 9 1 | dd of=/dev/zram0 bs=4k count=1 seek="$_page" \
			oflag=direct status=none || return 1
	done
}

hop_1() {
	refused "the pages are not flagged yet" all_flagged
	check "the module loads" load_zram num_devices=0 persist=1
	check "they are flagged" all_flagged
	is "and counted, KiB" "$(meminfo HardwareCorrupted)" 20
	_held=/sys/class/zram-control/held-$(saved uuid3)
	check "zram3 is held" grep -q "span has a wrong checksum" "$_held/reason"
	refused "its page is not used, and not flagged" is_flagged "$(saved bad3)"
	check "it is dropped" sh -c "echo 1 >$_held/drop"
	check "now its page is" is_flagged "$(saved bad3)"
	is "and counted, KiB" "$(meminfo HardwareCorrupted)" 24
	refused "the superblock was faulty: nothing of zram1 came" test -e /sys/block/zram1
	refused "the slot table was faulty: nothing of zram2 came" test -e /sys/block/zram2
	refused "a header was faulty: nothing of zram4 came" test -e /sys/block/zram4
	for _n in 2 4; do
		check "the log says so" said "(zram$_n) was not sealed by the previous kernel"
	done
	expected
	check "zram5 is held" test -e "/sys/class/zram-control/held-$(saved uuid5)"
	poison "$(saved super5)"
	is "the pool knows" "$(pool_part faulty_pages) $(pool_part faulty_bytes)" "5 4096"
	check "scrub" sh -c "echo start >/sys/block/zram0/scrub"
	wait_for "it ends" 60 scrubbed
	is "it found the same" "$(sort -n /sys/block/zram0/damaged_pages | xargs)" "$(saved lost)"
	reads "after a kexec" "$(saved lost)"
	check "compact" sh -c "echo 1 >/sys/block/zram0/compact"
	reads "compacted" "$(saved lost)"
	# What looks at all pages does not look at those that are lost.
	check "mark all pages as idle" sh -c "echo all >/sys/block/zram0/idle"
	check "compress some again" sh -c \
		"echo type=idle max_pages=64 >/sys/block/zram0/recompress"
	check "show the state of all" sh -c \
		"cat /sys/kernel/debug/zram/zram0/block_state >/dev/null"
	check "overwrite what is lost" overwrite
	expected changed
	reads "overwritten" ""
	is "nothing is listed" "$(cat /sys/block/zram0/damaged_pages)" ""
	is "the pool still knows" "$(pool_part faulty_pages)" 5
	kexec_next
}

# all_used: nearly all memory is used once.
all_used() {
	mount -t tmpfs -o size=100%,huge=always tmpfs /mnt || return 1
	dd if=/dev/zero of=/mnt/all bs=1M count=$(($(meminfo MemAvailable) / 1024 - 48)) \
		status=none
	umount /mnt
}

hop_2() {
	check "the module loads" load_zram num_devices=0 persist=1
	check "they are flagged" all_flagged
	is "and counted, KiB" "$(meminfo HardwareCorrupted)" 20
	refused "the superblock was faulty: zram5 is not held any more" \
		test -e "/sys/class/zram-control/held-$(saved uuid5)"
	expected changed
	reads "after two kexecs" ""
	is "the pool knows" "$(pool_part faulty_pages)" 5
	check "discard all" blkio discard /dev/zram0 0 $((64 << 20))
	check "fill again" dd if=/tmp/expected of=/dev/zram0 bs=1M oflag=direct status=none
	reads "filled again" ""
	check "discard all" blkio discard /dev/zram0 0 $((64 << 20))
	check "compact" sh -c "echo 1 >/sys/block/zram0/compact"
	is "they are still there" "$(pool_part faulty_pages)" 5
	kexec_next
}

hop_3() {
	check "the module loads" load_zram num_devices=0 persist=1
	is "the pool knows" "$(pool_part faulty_pages)" 5
	check "not persistent any more" persist zram0 0
	check "they are flagged" all_flagged
	rm -f /tmp/expected
	drop_caches
	_free=$(free_kib) _used=$(used_kib zram0)
	check "reset" sh -c "echo 1 >/sys/block/zram0/reset"
	drop_caches
	at_least "its memory comes back, KiB" "$(($(free_kib) - _free))" \
		$((_used - 20 - 512))
	check "they are flagged" all_flagged
	is "and counted, KiB" "$(meminfo HardwareCorrupted)" 20
	check "the module goes" unload_zram
	check "all memory is used" all_used
	check "they are flagged" all_flagged
	refused "the kernel has nothing to complain about" \
		sh -c "dmesg | grep -E 'BUG|WARNING|Oops|bad page'"
}
