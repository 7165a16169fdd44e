# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2154
#
# Put by scripts/deb in place of @INITRAMFS@ in scripts of the packages: the initramfs
# of the kernel $release is made anew, if there is one. On Debian that of dracut has the
# name that initramfs-tools give it, elsewhere its own; and by itself dracut may write
# to another place than the one that is in use.

if [ -e "/boot/initrd.img-$release" ] && command -v update-initramfs >/dev/null; then
	update-initramfs -u -k "$release"
elif command -v dracut >/dev/null; then
	for image in "/boot/initrd.img-$release" "/boot/initramfs-$release.img"; do
		[ ! -e "$image" ] || dracut --force "$image" "$release"
	done
fi
