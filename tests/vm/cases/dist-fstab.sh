# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Lines of fstab with the names that udev gives to persistent devices: file systems, by
# name and by UUID, and swap. The devices are made by hand and not by a volume, so that
# after `systemctl kexec` nothing but the module, the rule and these lines bring them
# up, with their contents.
#
# What is not the kernel's comes from `make install`, below /usr/local, and not from a
# package: systemd and udev find all of it there, a volume included, and without it
# afterwards there is a kexec that nobody checks.
#
# vm: kernel=debian system=debian mem=1024 cpus=2 packages=yes timeout=600 plan=57

readonly BY_ID=/dev/disk/by-id

configure() {
	[ ! -e srv/configured ] || return 0
	touch srv/configured
	mkdir -p srv/packages etc/zram-persist
	mount -r -t ext4 "$(disk_named packages)" srv/packages || return 1
	cp -a srv/packages/installed/. . || return 1
	printf 'SIZE=32M\nMOUNT=/srv/work\n' >etc/zram-persist/work.conf
	cat >etc/default/kexec <<-CONF
		LOAD_KEXEC=true
		KERNEL_IMAGE=/boot/debian/bzImage
		INITRD=/boot/debian/initrd
		APPEND=kho=on
	CONF
}

hop_0() {
	wait_for "the volume is mounted" 100 findmnt /srv/work
	check "files on work" fill_files /srv/work
	for _name in files data paging; do
		check "$_name" zramctl-persist --persistent --find --size 48M \
			--algorithm zstd --name $_name
		wait_for "and its link" 60 test -b $BY_ID/zram-name-$_name
	done
	# Nothing else than the UUID itself tells udev of this one.
	_made=$(zramctl-persist --persistent --find --size 8M)
	wait_for "one without a name is linked by its UUID" 60 \
		test -b "$BY_ID/zram-$(cat "/sys/block/${_made#/dev/}/uuid")"
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
	check "a kexec is checked" kexec_is_checked
	kexec_next
}

hop_1() {
	is_up 1
	for _at in files data; do
		is "mounted by" "$(systemctl show -P SourcePath srv-$_at.mount)" /etc/fstab
		is "contents of $_at" "$(digest /srv/$_at/pattern)" "$(sum_in $_at)"
	done
	is "identities" "$(identities)" "$(saved identities)"
	wait_for "the volume is mounted" 100 findmnt /srv/work
	is "contents of work" "$(digest /srv/work/pattern)" "$(sum_in work)"
	is "units, of" "$(systemctl show -P FragmentPath zram-volume@work.service \
		zram-persist-kexec.service | xargs)" \
		"/usr/local/lib/systemd/system/zram-volume@.service /usr/local/lib/systemd/system/zram-persist-kexec.service"
	uninstalled
	kexec_next
}

# The module, by hand, attaches the devices without anything of that.
hop_2() {
	check "the module loads" modprobe zram
	is "failed units" "$(failed_units)" ""
	refused "there is a link by name" test -e $BY_ID/zram-name-files
	for _at in files data work; do
		check "$_at is mounted" mount "/dev/$(cat "/srv/$_at-was")" "/srv/$_at"
		is "contents of $_at" "$(digest /srv/$_at/pattern)" "$(sum_in $_at)"
	done
}

# uninstalled: as `make uninstall` does, and then what it says.
uninstalled() {
	for _at in files data work; do
		device $_at >"/srv/$_at-was"
	done
	sed -i /zram/d /etc/fstab
	rm /etc/zram-persist/work.conf
	mount -r -t ext4 "$(disk_named packages)" /srv/packages
	check "it is uninstalled" bash /srv/packages/source/scripts/install --uninstall
	is "what is left of it" "$(find /usr/local /etc /usr/lib/dracut \
		-path '*zram-persist*' -o -name 'zram-volume*' -o -name zramctl-persist)" ""
	systemctl daemon-reload
	udevadm control --reload
	refused "a kexec is checked" kexec_is_checked
}

# kexec_is_checked: by a target that our generator has made.
kexec_is_checked() {
	systemctl show -P FragmentPath kexec.target | grep -q '^/run/systemd/generator'
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
