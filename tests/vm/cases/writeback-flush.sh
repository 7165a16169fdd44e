# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A backing device whose writes are complete when the page cache has them: a loop device
# over a file. A kexec without sync(2) loses that cache, and the pages are not in memory
# any more. What was written back is there all the same: of the first device long before,
# of the second while the kexec comes in the middle, which only the flush of the seal saves.
# It is large enough to take some seconds, many times as long as kexec(8) needs.
#
# vm: kernel=debian mem=1024 cpus=2 timeout=300 disks=files=256 plan=27

readonly FILES=/tmp/files
# Of the second device, each 16 MiB from so many MiB on.
readonly PARTS="0 16 32 48 64 80 96 112"

# give N: to zramN the file that it has.
give() {
	_loop=$(losetup -f) || return 1
	losetup "$_loop" "$FILES/$1" && echo "$_loop" >"/sys/block/zram$1/backing_dev"
}

backed() {
	awk '{ print $1 }' "/sys/block/zram$1/bd_stat"
}

part_sum() {
	dd if=/dev/zram1 bs=1M skip="$1" count=16 iflag=direct status=none | digest
}

# The attributes of the device wait for the end of its writeback, so ask the loop device
# what was written to it, in sectors.
some_are() {
	[ "$(awk '{ print $7 }' "/sys/block/${_loop#/dev/}/stat")" -ge 8192 ]
}

# device N MIB: persistent, over a file.
device() {
	truncate -s "$2M" "$FILES/$1"
	sync
	check "$1 has a file" give "$1"
	make_zram "zram$1" lz4 "$2M"
	check "$1 is persistent" persist "zram$1" 1
}

hop_0() {
	check "the module loads" load_zram num_devices=2
	check "a file system" mkfs.ext4 -q "$(disk_named files)"
	mkdir -p $FILES
	check "it is mounted" mount -t ext4 "$(disk_named files)" $FILES
	device 0 24
	fill zram0 mixed 0 16
	device 1 128
	for _part in $PARTS; do
		fill zram1 mixed "$_part" 16 "$_part"
	done
	check "the next kernel is loaded" kexec_load
	check "all of the first is written back" \
		sh -c "echo page_indexes=0-4095 >/sys/block/zram0/writeback"
	at_least "pages of the first" "$(backed 0)" 3000
	echo page_indexes=0-32767 >/sys/block/zram1/writeback &
	# No pause: the kexec has to come before the end.
	_end=$(($(uptime_s) + 20))
	until some_are || [ "$(uptime_s)" -ge $_end ]; do :; done
	kexec_jump -y
}

hop_1() {
	check "the module loads" load_zram num_devices=2
	mkdir -p $FILES
	check "the file system" mount -t ext4 "$(disk_named files)" $FILES
	for _n in 0 1; do
		check "$_n gets its backing device" give $_n
	done
	is "contents of 0" "$(sum_of /dev/zram0 16)" "$(pattern_sum mixed 0 16)"
	at_least "pages of 1 on the backing device" "$(backed 1)" 50
	# All of it is eight times what is on that of the first.
	at_least "pages of 1 that are not yet" $((7 * $(backed 0) - $(backed 1))) 0
	for _part in $PARTS; do
		is "contents of 1 from $_part MiB on" "$(part_sum "$_part")" \
			"$(pattern_sum mixed "$_part" 16)"
	done
	for _n in 0 1; do
		is "damaged pages of $_n" "$(stat_of zram$_n damaged_reads)" 0
	done
	diag "$(backed 1) of the second were on the backing device"
}
