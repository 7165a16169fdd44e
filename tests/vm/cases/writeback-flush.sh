# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A backing device whose writes are complete when the page cache has them: a loop device
# over a file. A kexec without sync(2) loses that cache, and the pages are not in memory
# any more. What was written back is there all the same: of the first device long before,
# of the second right before the kexec. That has always come after the end of it so far, so
# that the flush of the seal is not shown by this.
#
# vm: kernel=debian mem=768 cpus=2 timeout=240 disks=files=160 plan=20

readonly FILES=/tmp/files

# give N: to zramN the file that it has.
give() {
	_loop=$(losetup -f) || return 1
	losetup "$_loop" "$FILES/$1" && echo "$_loop" >"/sys/block/zram$1/backing_dev"
}

backed() {
	awk '{ print $1 }' "/sys/block/zram$1/bd_stat"
}

some_are() {
	[ "$(backed 1)" -ge 50 ]
}

hop_0() {
	check "the module loads" load_zram num_devices=2
	check "a file system" mkfs.ext4 -q "$(disk_named files)"
	mkdir -p $FILES
	check "it is mounted" mount -t ext4 "$(disk_named files)" $FILES
	for _n in 0 1; do
		truncate -s 64M "$FILES/$_n"
		sync
		check "$_n has a file" give $_n
		make_zram zram$_n lz4 24M
		check "$_n is persistent" persist zram$_n 1
		fill zram$_n mixed $_n 16
	done
	check "the next kernel is loaded" kexec_load
	check "all of the first is written back" \
		sh -c "echo page_indexes=0-4095 >/sys/block/zram0/writeback"
	at_least "pages of the first" "$(backed 0)" 3000
	echo page_indexes=0-4095 >/sys/block/zram1/writeback &
	# No pause: it takes less than a second.
	_end=$(($(uptime_s) + 20))
	until some_are || [ "$(uptime_s)" -ge $_end ]; do :; done
	kexec_jump -y
}

hop_1() {
	check "the module loads" load_zram num_devices=2
	mkdir -p $FILES
	check "the file system" mount -t ext4 "$(disk_named files)" $FILES
	for _n in 0 1; do
		at_least "pages of $_n on the backing device" "$(backed $_n)" 50
		check "$_n gets its backing device" give $_n
		is "contents of $_n" "$(sum_of /dev/zram$_n 16)" "$(pattern_sum mixed $_n 16)"
		is "damaged pages of $_n" "$(stat_of zram$_n damaged_reads)" 0
	done
	diag "$(backed 1) of the second were on the backing device"
}
