# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What initramfs-tools and dracut make with our hooks loads our zram before the root
# file system is there, so that devices of the previous kernel are attached before
# anything in the system can ask for one. Each boots a Debian with systemd from a disk, by
# systemctl kexec, of which the check follows the note that is left.
#
# vm: kernel=debian system=debian mem=1024 cpus=2 packages=yes timeout=400 plan=21

configure() {
	start_alone
	install_packages new zram-persist \
		"zram-persist-modules-$(uname -r)"
}

hop_0() {
	check "the module loads" modprobe zram
	until [ -b /dev/zram1 ]; do
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
	_kernel=$(kernel_dir debian)/bzImage _initrd=/srv/packages/initrd/$1
	# What it does not find there is no more than a note, with which the kexec goes on.
	check "the check finds zram in it" sh -c "zramctl-persist --preflight '$_kernel' \
		--initrd '$_initrd' | tee /dev/stderr | grep -q ' is in $_initrd'"
	kexec_system "$_kernel" "$_initrd"
}

# is_attached HOPS
is_attached() {
	is "the device" "$(state zram1)" "$(saved identity)"
	is "name" "$(cat /sys/block/zram1/name)" kept
	is "failed units" "$(failed_units)" ""
	wait_for "the link by name" 20 test -L /dev/disk/by-id/zram-name-kept
	is "hops" "$(stat_of zram1 hops)" "$1"
	is "options of modprobe.d" "$(cat /sys/module/zram/parameters/persist)" Y
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
