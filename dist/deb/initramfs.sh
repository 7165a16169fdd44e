# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Put by scripts/deb in place of @INITRAMFS@ in maintainer scripts: the initramfs of
# every kernel that has our module is made anew, since our hooks belong to all of
# them. The trigger update-initramfs would do that for the newest kernel alone.

for dir in /lib/modules/*; do
	release=${dir##*/}
	modinfo -k "$release" -F zram_persist_version zram 2>/dev/null | grep -q . || continue
	if [ -e "/boot/initrd.img-$release" ] && command -v update-initramfs >/dev/null; then
		update-initramfs -u -k "$release"
	elif [ -e "/boot/initramfs-$release.img" ] && command -v dracut >/dev/null; then
		dracut --force --kver "$release"
	fi
done
