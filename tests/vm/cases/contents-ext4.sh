# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A file system comes through kexec: unmounted first, and then while it is
# mounted and being written to, where everything that was synced must be there.
#
# vm: kernel=debug mem=1536 cpus=2 timeout=500 plan=16
# suite: contents come through kexec: file systems, raw devices, two at a time

dev=/sys/block/zram0
mnt=/tmp/mnt

sums() {
	(cd $mnt && find . -type f ! -name 'unsynced*' -exec digest {} \; -print | sort)
}

hop_0() {
	check "the module loads" load_zram
	echo lz4 >$dev/comp_algorithm
	echo 1 >$dev/persist
	echo 128M >$dev/disksize
	check "a file system is made" mkfs.ext4 -q /dev/zram0
	mkdir -p $mnt
	check "mounted" mount -t ext4 /dev/zram0 $mnt
	cp -a /bin /usr /tests $mnt
	for _kind in text binary random zero word; do
		pattern $_kind 3 3 >$mnt/$_kind
	done
	sums >/state/sums
	at_least "files in it" "$(wc -l </state/sums)" 20
	check "unmounted" umount $mnt
	kexec_next
}

hop_1() {
	check "the module loads" load_zram
	mkdir -p $mnt
	check "the file system is sound" e2fsck -f -n /dev/zram0
	check "mounted" mount -t ext4 /dev/zram0 $mnt
	is "every file is what it was" "$(sums | cmp - /state/sums && echo same)" same

	# The second jump comes in the middle of writing, without unmounting.
	pattern mixed 4 6 >$mnt/more
	rm -r $mnt/tests
	sync
	sums >/state/sums
	kexec_load
	(while :; do pattern mixed 5 2 >$mnt/unsynced; done) &
	wait_for "a writer is at work" 20 test -s $mnt/unsynced
	kexec_jump
}

hop_2() {
	check "the module loads" load_zram
	mkdir -p $mnt
	check "mounted, with the journal replayed" mount -t ext4 /dev/zram0 $mnt
	is "everything that was synced is there" "$(sums | cmp - /state/sums && echo same)" same
	check "unmounted" umount $mnt
	check "the file system is sound" e2fsck -f -n /dev/zram0
	is "no page is damaged" "$(sed -n 's/^damaged_reads //p' $dev/persist_stat)" 0
}
