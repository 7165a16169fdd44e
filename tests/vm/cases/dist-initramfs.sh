# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What initramfs-tools and dracut make with our hooks loads our zram before the root
# file system is there, so that devices of the previous kernel are attached before
# anything in the system can ask for one. Each boots a Debian on a disk, by kexec.
#
# vm: kernel=debian userland=debian mem=1024 cpus=2 packages=yes timeout=300 plan=13

# The first hop starts as every case does. In the others the initramfs is the one that
# is tested, and nothing of ours is in it: what the test needs is copied to the disk.
configure() {
	umount "$PWD/lib/modules"
	cp -r /lib/modules/. lib/modules
	rm -rf "lib/modules/$(uname -r)/updates"
	mkdir -p opt/zp/usr
	cp -r /tests opt/zp
	cp -r /usr/bin opt/zp/usr
	cat >opt/start <<-'END'
		#!/bin/sh
		# What came before has mounted /proc, /sys, /dev and /run.
		. /opt/zp/tests/lib.sh
		mount --bind /opt/zp /zp
		mount_state
		mount -r "$(disk_named packages)" /srv/packages
		exec sh /zp/tests/system-run
	END
	chmod +x opt/start
	install_packages new zram-persist \
		"zram-persist-modules-$(uname -r)"
}

hop_0() {
	check "the module loads" modprobe zram num_devices=0
	for _n in 0 1; do
		cat /sys/class/zram-control/hot_add >/dev/null
	done
	# A gap, so that a device at its own number is one that has attached.
	echo 0 >/sys/class/zram-control/hot_remove
	persist zram1 1
	echo kept >/sys/block/zram1/name
	make_zram zram1 zstd 32M
	fill zram1 mixed 1 24
	save identity "$(state zram1)"
	into initramfs-tools
}

hop_1() {
	is_attached 1
	into dracut
}

hop_2() {
	is_attached 2
}

# into WHAT: the next kernel, with an initramfs made by that.
into() {
	_dir=$(kernel_dir debian)
	kexec -s -l "$_dir/bzImage" --initrd="/srv/packages/initrd/$1" \
		--append="$(tr ' ' '\n' </state/cmdline | grep -v '^zp\.enter=' | xargs) zp.hop=$((ZP_HOP + 1)) root=LABEL=system rw init=/opt/start" &&
		kexec_jump
}

# is_attached HOPS
is_attached() {
	is "the device" "$(state zram1)" "$(saved identity)"
	is "name" "$(cat /sys/block/zram1/name)" kept
	is "hops" "$(stat_of zram1 hops)" "$1"
	is "contents" "$(sum_of /dev/zram1 24)" "$(pattern_sum mixed 1 24)"
	_hot_add=/sys/class/zram-control/hot_add
	is "new devices have other numbers" "$(cat $_hot_add) $(cat $_hot_add)" "0 2"
	check "it attached before the root file system was mounted" before \
		"zram1: attached" "(vd[a-z]*): mounted filesystem"
}

# before FIRST SECOND: patterns in the kernel log.
before() {
	dmesg | grep -e "$1" -e "$2"
	_first=$(dmesg | grep -n "$1" | head -n 1 | cut -d: -f1)
	_second=$(dmesg | grep -n "$2" | head -n 1 | cut -d: -f1)
	[ "${_first:-0}" -gt 0 ] && [ "$_first" -lt "${_second:-0}" ]
}
