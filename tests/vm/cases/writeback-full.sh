# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What says where a page is on the backing device is damaged, so that nobody knows its
# block: that costs this page and no other, also when the backing device is full, and
# in the kernels after that.
#
# vm: kernel=debian mem=512 cpus=2 timeout=200 disks=back=1 plan=20

readonly dev=/sys/block/zram0
readonly PAGE=5

hop_0() {
	check "the module loads" load_zram
	check "a disk" sh -c "echo $(disk_named back) >$dev/backing_dev"
	make_zram zram0 lz4 4M
	check "persistent" persist zram0 1
	fill zram0 mixed 1 4
	check "some pages are written back" sh -c "echo page_indexes=0-99 >$dev/writeback"
	check "damage to come" damage 0:object:$PAGE:3:10
	kexec_next
}

# but_one: all but the damaged page, which cannot be read.
but_one() {
	refused "the damaged page cannot be read" dd if=/dev/zram0 of=/dev/null bs=4k \
		skip=$PAGE count=1 iflag=direct
	is "all others are right" "$({ pages 0 $PAGE && pages $((PAGE + 1)) 1024; } | digest)" \
		"$(pattern mixed 1 4 | without | digest)"
}

# pages FIRST END
pages() {
	dd if=/dev/zram0 bs=4k skip="$1" count=$(($2 - $1)) iflag=direct status=none
}

without() {
	cat >/tmp/all
	dd if=/tmp/all bs=4k count=$PAGE status=none
	dd if=/tmp/all bs=4k skip=$((PAGE + 1)) status=none
}

hop_1() {
	check "the module loads" load_zram num_devices=0
	check "its disk" sh -c "echo $(disk_named back) >$dev/backing_dev"
	but_one
	is "more is written back, until the disk is full" \
		"$(errno_write page_indexes=0-1023 $dev/writeback)" "No space left on device"
	is "no more pages than blocks" "$(awk '{ print $1 }' $dev/bd_stat)" 255
	but_one
	kexec_next
}

hop_2() {
	check "the module loads" load_zram num_devices=0
	is "it is attached, and persistent" "$(cat $dev/persist_state)" on
	check "its disk" sh -c "echo $(disk_named back) >$dev/backing_dev"
	but_one
	check "the damaged page is written anew" dd if=/tests/lib.sh of=/dev/zram0 bs=4k count=1 \
		seek=$PAGE oflag=direct
	check "and can be read" dd if=/dev/zram0 of=/dev/null bs=4k skip=$PAGE count=1 iflag=direct
}
