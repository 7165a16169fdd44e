# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Pages are written back to a disk, and read from there: huge, idle, and by
# number, as pages and compressed. After a kexec they cannot be read until the
# same disk is given, and others can, and all can be written and discarded; then
# everything is there. A block that the disk cannot read costs one page.
#
# allow: a slot names what is not its own
# vm: kernel=debug mem=1024 cpus=2 timeout=560 disks=back=32,other=32,faulty=16:3 plan=67
# suite: writeback

readonly dev=/sys/block/zram0

backed() {
	awk '{ print $1 }' $dev/bd_stat
}

huge_pages() {
	awk '{ print $8 }' $dev/mm_stat
}

hop_0() {
	check "the module loads" load_zram num_devices=2
	is "no backing device" "$(cat $dev/backing_dev)" none
	is "writeback without a disksize" "$(errno_write type=huge $dev/writeback)" "Invalid argument"
	is "a file is not one" "$(errno_write /tests/lib.sh $dev/backing_dev)" "Block device required"
	check "a disk is" sh -c "echo $(disk_named back) >$dev/backing_dev"
	is "it is shown" "$(cat $dev/backing_dev)" "$(disk_named back)"
	persist zram0 1
	make_zram zram0 lz4 24M
	is "too late for another" "$(errno_write "$(disk_named other)" $dev/backing_dev)" \
		"Device or resource busy"
	fill zram0 mixed 1 16
	save sum "$(pattern_sum mixed 1 16)"
	is "contents before" "$(sum_of /dev/zram0 16)" "$(saved sum)"
	what_is_written
	limits
	save compr "$(awk '{ print $2 }' $dev/mm_stat)"
	exact_limit
	bad_block
	save backed "$(backed)"
	kexec_next
}

what_is_written() {
	_huge=$(huge_pages)
	at_least "huge pages" "$_huge" 10
	check "huge pages are written" sh -c "echo type=huge >$dev/writeback"
	is "all of them" "$(backed) $(huge_pages)" "$_huge 0"
	is "they have the flags of both" "$(grep -c ' \.wh\.\.\.$' /sys/kernel/debug/zram/zram0/block_state)" "$_huge"
	is "contents" "$(sum_of /dev/zram0 16)" "$(saved sum)"
	at_least "they were read from the disk" "$(awk '{ print $2 }' $dev/bd_stat)" "$_huge"

	check "by number" sh -c "echo page_index=0 page_indexes=100-199 page_indexes=150-249 >$dev/writeback"
	at_least "they are written" "$(backed)" $((_huge + 50))
	_before=$(backed)
	echo all >$dev/idle
	dd if=/dev/zram0 of=/dev/null bs=1M count=8 iflag=direct status=none
	check "idle pages, as one always wrote it" sh -c "echo idle >$dev/writeback"
	at_least "they are written" "$(backed)" $((_before + 500))
	is "contents" "$(sum_of /dev/zram0 16)" "$(saved sum)"
	is "a number that is too large" "$(errno_write page_index=6144 $dev/writeback)" "Numerical result out of range"

	# Blocks come back: by writing, and by discarding.
	_before=$(backed)
	fill zram0 mixed 2 2 8
	blkdiscard -o 10M -l 1M /dev/zram0
	at_most "blocks of overwritten and discarded pages are free" "$(backed)" $((_before - 300))
	save sum "$({ pattern mixed 1 8; pattern mixed 2 2; pattern zero 1 1; pattern mixed 1 5 11; } | digest)"
	is "contents" "$(sum_of /dev/zram0 16)" "$(saved sum)"
	check "compacted" sh -c "echo 1 >$dev/compact"
}

limits() {
	_before=$(backed)
	echo 1 >$dev/writeback_limit_enable
	echo 7 >$dev/writeback_limit
	echo 3 >$dev/writeback_batch_size
	is "the limit ends it" "$(errno_write page_indexes=0-2047 $dev/writeback)" "Input/output error"
	is "after so many" "$(($(backed) - _before)) $(cat $dev/writeback_limit)" "7 0"
	is "contents" "$(sum_of /dev/zram0 16)" "$(saved sum)"
}

# As many pages as the limit allows, of two sizes: the second pass over them finds
# the first ones on their way.
exact_limit() {
	disk_named other >/sys/block/zram1/backing_dev
	make_zram zram1 lz4 4M
	pattern text 4 1 | dd of=/dev/zram1 bs=4k count=10 oflag=direct iflag=fullblock status=none
	pattern random 4 1 |
		dd of=/dev/zram1 bs=4k count=10 seek=100 oflag=direct iflag=fullblock status=none
	echo 1 >/sys/block/zram1/writeback_limit_enable
	echo 20 >/sys/block/zram1/writeback_limit
	check "as many pages as the limit allows" \
		sh -c "echo page_indexes=0-9 page_indexes=100-109 >/sys/block/zram1/writeback"
	is "all of them" "$(awk '{ print $1 }' /sys/block/zram1/bd_stat) $(
		cat /sys/block/zram1/writeback_limit)" "20 0"
	another_record
	echo 1 >/sys/block/zram1/reset
	echo 0 >/sys/block/zram1/writeback_limit_enable
}

# slot ADDRESS INDEX: what is there in a page of the slot table.
slot() {
	dd if=/dev/mem bs=8 count=1 skip=$(($1 / 8 + $2)) status=none | od -A n -t x8 |
		tr -d ' '
}

# The page of the table in which slots 5 and 105 are in use, and 50 is not.
first_table() {
	segments | awk '$2 == "table" { print $1 }' | while read -r _addr; do
		[ "$(slot "$_addr" 50)" = 0000000000000000 ] || continue
		[ "$(slot "$_addr" 5)" = 0000000000000000 ] ||
			[ "$(slot "$_addr" 105)" = 0000000000000000 ] || echo "$_addr"
	done
}

# set_slot INDEX: to what comes from stdin.
set_slot() {
	dd of=/dev/mem bs=8 count=1 seek=$((_table / 8 + $1)) conv=notrunc status=none
}

page_sum() {
	dd if=/dev/zram1 bs=4k skip="$1" count=1 iflag=direct status=none | digest
}

# A slot is damaged in memory, and names what says where another page is.
another_record() {
	_table=$(first_table)
	_sum=$(page_sum 3)
	dd if=/dev/mem of=/tmp/slot bs=8 count=1 skip=$((_table / 8 + 3)) status=none
	dd if=/dev/mem bs=8 count=1 skip=$((_table / 8 + 4)) status=none | set_slot 3
	is "two slots name one record" "$(slot "$_table" 3)" "$(slot "$_table" 4)"
	is "its page is not read as another one" \
		"$(blkio read /dev/zram1 $((3 * 4096)) 4096 2>&1 >/dev/null)" \
		"blkio: 0 bytes: Input/output error"
	is "it can be read" "$(page_sum 4)" \
		"$(pattern text 4 1 | dd bs=4k skip=4 count=1 status=none | digest)"
	set_slot 3 </tmp/slot
	is "and so can the other one, from its own slot" "$(page_sum 3)" "$_sum"
}

# Compressed, to a disk of which block 3 cannot be read.
bad_block() {
	disk_named faulty >/sys/block/zram1/backing_dev
	echo 1 >/sys/block/zram1/compressed_writeback
	make_zram zram1 zstd 32M
	fill zram1 mixed 3 24
	check "compressed pages are written" sh -c "echo all >/sys/block/zram1/idle &&
		echo type=idle >/sys/block/zram1/writeback || true"
	is "until the disk is full" "$(errno_write "page_indexes=0-6143" /sys/block/zram1/writeback)" \
		"No space left on device"
	is "all but block 0" "$(awk '{ print $1 }' /sys/block/zram1/bd_stat)" 4095
	dd if=/dev/zram1 of=/tmp/copy bs=4k count=6144 iflag=direct conv=noerror,sync status=none 2>/dev/null
	is "one page cannot be read" "$(stat_of zram1 damaged_reads)" 1
	pattern mixed 3 24 >/tmp/want
	_bad=$(cmp -l /tmp/want /tmp/copy |
		awk '{ page[int(($1 - 1) / 4096)] } END { for (i in page) print i }')
	is "all others are right" "$(echo "$_bad" | wc -w)" 1
	is "the error" "$(blkio read /dev/zram1 $((_bad * 4096)) 4096 2>&1 >/dev/null)" \
		"blkio: 0 bytes: Input/output error"
	rm /tmp/copy /tmp/want
	check "reset lets go of the disk" sh -c "echo 1 >/sys/block/zram1/reset"
	is "it has none" "$(cat /sys/block/zram1/backing_dev)" none
}

# two_pages FLAGS: the numbers of the first two that have such flags.
two_pages() {
	awk -v flags="$1" '$3 ~ flags { print $1 }' /sys/kernel/debug/zram/zram0/block_state |
		head -n 2
}

# What must be on zram0, changed along with it.
what_is_stored() {
	{ pattern mixed 1 8; pattern mixed 2 2; pattern zero 1 1; pattern mixed 1 5 11; } >/tmp/want
}

overwrite() {
	pattern random "$1" 1 | head -c 4096 >/tmp/page
	dd if=/tmp/page of=/tmp/want bs=4k seek="$1" conv=notrunc status=none
	dd if=/tmp/page of=/dev/zram0 bs=4k seek="$1" oflag=direct conv=notrunc status=none
}

discard() {
	dd if=/dev/zero of=/tmp/want bs=4k count=1 seek="$1" conv=notrunc status=none
	blkdiscard -o $(($1 * 4096)) -l 4096 /dev/zram0
}

# reads_back DESC PAGE
reads_back() {
	is "$1: contents" \
		"$(dd if=/dev/zram0 bs=4k skip="$2" count=1 iflag=direct status=none | digest)" \
		"$(dd if=/tmp/want bs=4k skip="$2" count=1 status=none | digest)"
}

# change DESC PAGE PAGE: the first is overwritten, the second discarded.
change() {
	check "$1 is overwritten" overwrite "$2"
	reads_back "$1" "$2"
	check "another is discarded" discard "$3"
	reads_back "$1" "$3"
}

# While the disk is missing. What is new needs nothing of what was there before.
changes() {
	what_is_stored
	# shellcheck disable=SC2046
	change "a page that is here" $(two_pages '^[.][.]')
	# shellcheck disable=SC2046
	change "one that is not" $(two_pages '^[.]w')
	is "the blocks of the latter are free" "$(backed)" $(($(saved backed) - 2))
}

hop_1() {
	check "the module loads" load_zram num_devices=2
	is "pages on the disk" "$(backed)" "$(saved backed)"
	is "the disk is not there" "$(cat $dev/backing_dev)" none
	is "nothing is written back" "$(errno_write page_index=5 $dev/writeback)" "No such device"
	is "settings are kept" "$(cat $dev/writeback_limit_enable $dev/writeback_limit \
		$dev/writeback_batch_size | xargs)" "1 0 3"
	_there=$(awk '$2 ~ /\.0/ && $3 !~ /w/ { print $1; exit }' /sys/kernel/debug/zram/zram0/block_state)
	_gone=$(awk '$3 ~ /w/ { print $1; exit }' /sys/kernel/debug/zram/zram0/block_state)
	check "a page that is here can be read" dd if=/dev/zram0 of=/dev/null bs=4k skip="$_there" count=1 iflag=direct
	dd if=/dev/zram0 of=/dev/null bs=4k skip="$_gone" count=1 iflag=direct 2>/tmp/err
	is "one that is not cannot" "$(grep -o 'No such device' /tmp/err)" "No such device"
	at_least "that is counted" "$(stat_of zram0 missing_reads)" 1
	check "and said" said "write the path of that to backing_dev"
	changes
	_other=$(digest "$(disk_named other)")
	is "another disk is refused" "$(errno_write "$(disk_named other)" $dev/backing_dev)" "Invalid argument"
	is "and is as it was" "$(digest "$(disk_named other)")" "$_other"
	_back=$(digest "$(disk_named back)")
	is "nor does another device get this one" \
		"$(errno_write "$(disk_named back)" /sys/block/zram1/backing_dev)" \
		"Device or resource busy"
	is "it is as it was" "$(digest "$(disk_named back)")" "$_back"
	check "the right one is taken" sh -c "echo $(disk_named back) >$dev/backing_dev"
	is "contents" "$(sum_of /dev/zram0 16)" "$(digest /tmp/want)"
	echo 0 >$dev/writeback_limit_enable
	check "more is written back" sh -c "echo page_indexes=0-2047 >$dev/writeback"
	at_least "to other blocks" "$(backed)" "$(($(saved backed) + 100))"
	is "contents" "$(sum_of /dev/zram0 16)" "$(digest /tmp/want)"
}
