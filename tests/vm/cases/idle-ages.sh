# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Idle pages, their ages, and block_state: marked by age and all at once, no
# longer idle when they are read or written, and the same after a kexec, in
# which they go on ageing.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=400 plan=35
# suite: idle pages and access times

readonly STATE=/sys/kernel/debug/zram/zram0/block_state

# state_of PAGE: time and flags.
state_of() {
	awk -v page="$1" '$1 == page { print $2, $3 }' $STATE
}

# flagged LETTER: how many pages have this flag.
flagged() {
	awk -v flag="$1" 'index($3, flag) { n++ } END { print n + 0 }' $STATE
}

pages_stored() {
	awk '{ print $1 / 4096 }' /sys/block/zram0/mm_stat
}

read_page() {
	dd if=/dev/zram0 of=/dev/null bs=4k skip="$1" count=1 iflag=direct status=none
}

clock() {
	stat_of zram0 clock
}

is_later() {
	[ "$(clock)" -gt "$1" ]
}

hop_0() {
	check "the module loads" load_zram
	is "an empty device cannot be idle" "$(errno_write all /sys/block/zram0/idle)" "Invalid argument"
	is "nor has it states" "$(cat $STATE 2>&1 >/dev/null | sed 's/.*: //')" "Invalid argument"
	persist zram0 1
	make_zram zram0 lz4 16M
	fill zram0 mixed 1 8
	# A word that needs an object of its own: no page that could be idle.
	check "one page is a word" sh -c "yes abcdefgh | tr -d '\\n' | head -c 4096 |
		dd of=/dev/zram0 bs=4k seek=2047 oflag=direct iflag=fullblock"

	is "pages that were never written have no state" "$(wc -l <$STATE)" "$(pages_stored)"
	is "the format" "$(grep -vcE '^ {0,11}[0-9]+ {1,12}[0-9]+\.000000 [s.][w.][h.][i.][r.][n.]$' $STATE)" 0
	is "lines have one length" "$(awk '{ print length }' $STATE | sort -u | xargs)" 39
	is "nothing is idle" "$(flagged i)" 0
	is "same pages as mm_stat says" "$(flagged s)" "$(awk '{ print $6 }' /sys/block/zram0/mm_stat)"
	is "huge pages as mm_stat says" "$(flagged h)" "$(awk '{ print $8 }' /sys/block/zram0/mm_stat)"
	is "the page that is a word" "$(state_of 2047 | cut -d' ' -f2)" "s....."
	reads_and_writes
	ages
	save wrote "$(clock)"
	check "compacted" sh -c "echo 1 >/sys/block/zram0/compact"
	cat $STATE >/state/before
	save stored "$(pages_stored)"
	kexec_next
}

reads_and_writes() {
	check "all are idle" sh -c "echo all >/sys/block/zram0/idle"
	is "but those that are a word" "$(flagged i)" "$(($(pages_stored) - $(flagged s)))"
	_mixed=$(awk '$3 == "...i.." { print $1; exit }' $STATE)
	_huge=$(awk '$3 == "..hi.." { print $1; exit }' $STATE)
	read_page "$_mixed"
	read_page "$_huge"
	is "a read ends it" "$(state_of "$_mixed" | cut -d' ' -f2)" "......"
	is "of a huge page, too" "$(state_of "$_huge" | cut -d' ' -f2)" "..h..."
	_mixed=$(awk '$3 == "...i.." { print $1; exit }' $STATE)
	dd if=/dev/zram0 of=/tmp/page bs=4k skip="$_huge" count=1 iflag=direct status=none
	dd if=/tmp/page of=/dev/zram0 bs=4k seek="$_mixed" count=1 oflag=direct status=none
	is "a write ends it" "$(state_of "$_mixed" | cut -d' ' -f2)" "..h..."
	blkdiscard -o $((_huge * 4096)) -l 4096 /dev/zram0
	is "a discarded page has no state" "$(state_of "$_huge")" ""
}

# Of all pages, the first four were not accessed for long.
ages() {
	dd if=/dev/zram0 of=/dev/null bs=1M count=8 iflag=direct status=none
	is "all were read" "$(flagged i)" 0
	_then=$(clock)
	wait_for "seconds go by" 30 is_later $((_then + 7))
	dd if=/dev/zram0 of=/dev/null bs=4k skip=4 iflag=direct status=none
	is "nobody is so old" "$(errno_write 1000000 /sys/block/zram0/idle; flagged i)" 0
	echo 4 >/sys/block/zram0/idle
	is "idle by age are only" "$(awk 'index($3, "i") && $1 >= 4' $STATE | wc -l)" 0
	at_least "the old ones" "$(flagged i)" 1
	is "all of them" "$(awk '$1 < 4 && $3 !~ /[si]/' $STATE | wc -l)" 0
	_old=$(flagged i)
	save old "$_old"
	echo 0 >/sys/block/zram0/idle
	wait_for "another second" 30 is_later "$(clock)"
	echo 1000 >/sys/block/zram0/idle
	wait_for "a long age unmarks nothing that it does not reach" 5 test "$(flagged i)" -ge "$_old"
	echo $(($(clock) - _then - 2)) >/sys/block/zram0/idle
	save moment "$_then"
	is "an age between unmarks the younger" "$(flagged i)" "$_old"
}

hop_1() {
	check "the module loads" load_zram
	check "everything is as it was, to the second" diff $STATE /state/before
	is "the count, too" "$(pages_stored)" "$(saved stored)"
	at_least "the clock has gone on" "$(clock)" "$(saved wrote)"
	echo 0 >/sys/block/zram0/idle
	# Seconds may pass between reading the clock and writing the age.
	echo $(($(clock) - $(saved moment) - 2)) >/sys/block/zram0/idle
	is "ages are counted over the kexec" "$(flagged i)" "$(saved old)"
	read_page 100
	_time=$(state_of 100 | sed 's/\..*//')
	at_least "an access has a time of now" "$_time" "$(saved wrote)"
	at_most "not of the future" "$_time" "$(clock)"
	dd if=/dev/zram0 of=/dev/null bs=1M iflag=direct status=none
	is "all are read, none is idle" "$(flagged i)" 0
}
