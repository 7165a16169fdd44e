#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Module of dracut: put our zram into the initramfs, and load it there, before
# udev starts and anything can set up a device of the same number.

# shellcheck disable=SC2154
# called by dracut
check() {
	modinfo -k "$kernel" -F zram_persist_version zram 2>/dev/null | grep -q . && return 0
	dwarning "zram-persist: kernel $kernel has no persistent zram:" \
		"a kexec into it loses what is on such devices"
	return 1
}

# called by dracut
depends() {
	echo udev-rules
}

# called by dracut
installkernel() {
	hostonly='' instmods zram
}

# called by dracut
install() {
	inst_hook pre-udev 10 "$moddir/load-zram.sh"
	# For an initramfs of this machine alone dracut takes all of modprobe.d; one that is
	# for any machine would load zram without persist=1.
	local conf
	for conf in /etc/modprobe.d/*.conf; do
		! grep -qs '^[[:space:]]*options[[:space:]]*zram[[:space:]]' "$conf" || inst_simple "$conf"
	done
	# inst_rules does not look below /usr/local, and says nothing.
	inst @udevdir@/60-zram-persist.rules /usr/lib/udev/rules.d/60-zram-persist.rules
}
