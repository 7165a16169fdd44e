# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Lines of fstab with the names that udev gives to persistent devices: file systems, by
# name and by UUID, and swap. The devices are made by hand and not by a volume, so that
# after `systemctl kexec` nothing but the module, the rule and these lines bring them
# up, with their contents.
#
# vm: kernel=debian system=debian mem=1024 cpus=2 packages=yes timeout=600 plan=40

readonly BY_ID=/dev/disk/by-id

configure() {
	[ ! -e etc/zram-persist ] || return 0
	install_packages new zram-persist || return 1
	cat >etc/default/kexec <<-CONF
		LOAD_KEXEC=true
		KERNEL_IMAGE=/boot/debian/bzImage
		INITRD=/boot/debian/initrd
		APPEND=kho=on
	CONF
}

hop_0() {
	for _name in files data paging; do
		check "$_name" zramctl-persist --persistent --find --size 48M \
			--algorithm zstd --name $_name
		wait_for "and its link" 60 test -b $BY_ID/zram-name-$_name
	done
	# Nothing else than the UUID itself tells udev of this one.
	check "one without a name" zramctl-persist --persistent --find --size 8M
	wait_for "is linked by its UUID" 60 test -b "$BY_ID/zram-$(cat /sys/block/zram3/uuid)"
	check "a file system" mkfs.ext4 -q $BY_ID/zram-name-files
	check "another one" mkfs.ext4 -q $BY_ID/zram-name-data
	check "swap" mkswap $BY_ID/zram-name-paging
	mkdir /srv/files /srv/data
	cat >>/etc/fstab <<-FSTAB
		$BY_ID/zram-name-files   /srv/files  ext4  nofail            0 2
		$BY_ID/zram-$(uuid data)   /srv/data   ext4  nofail,noatime    0 2
		$BY_ID/zram-$(uuid paging)   none        swap  nofail,pri=40     0 0
	FSTAB
	systemctl daemon-reload
	check "mount -a" mount -a
	check "swapon -a" swapon -a
	is_up 0
	for _at in files data; do
		check "files on $_at" fill_files /srv/$_at
	done
	save identities "$(identities)"
	kexec_next
}

hop_1() {
	is_up 1
	for _at in files data; do
		is "mounted by" "$(systemctl show -P SourcePath srv-$_at.mount)" /etc/fstab
		is "contents of $_at" "$(digest /srv/$_at/pattern)" "$(sum_in $_at)"
	done
	is "identities" "$(identities)" "$(saved identities)"
}

# device NAME: as in zram0.
device() {
	basename "$(readlink "$BY_ID/zram-name-$1")"
}

uuid() {
	cat "/sys/block/$(device "$1")/uuid"
}

# identities: of the devices, and of what is on them.
identities() {
	for _name in files data paging; do
		uuid $_name
		blkid -p -o value -s UUID $BY_ID/zram-name-$_name
	done | xargs
}

# Each folder has other contents.
sum_in() {
	pattern_sum mixed "${#1}" 24
}

# fill_files FOLDER
fill_files() {
	_name=${1##*/}
	pattern mixed "${#_name}" 24 >"$1/pattern" && sync "$1/pattern" &&
		[ "$(digest "$1/pattern")" = "$(sum_in "$_name")" ]
}

# is_up HOPS. Nothing waits for what fstab has with nofail.
is_up() {
	for _at in files data; do
		wait_for "$_at is mounted" 100 findmnt /srv/$_at
		is "what is there" "$(findmnt -rno SOURCE,FSTYPE /srv/$_at)" \
			"/dev/$(device $_at) ext4"
		is "hops" "$(stat_of "$(device $_at)" hops)" "$1"
	done
	wait_for "there is swap" 100 grep -q zram /proc/swaps
	is "swap" "$(awk 'NR > 1 { print $1, $5 }' /proc/swaps)" "/dev/$(device paging) 40"
	is "hops" "$(stat_of "$(device paging)" hops)" "$1"
	is "failed units" "$(failed_units)" ""
}
