# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Let the system on the disk named system take over from the initramfs: sourced
# by init, in every kernel of a chain. The tests, their tools and the modules
# come from the initramfs, which stays where it is and is seen as /zp.
#
# A case for such a system may have a function configure: it is called before
# anything of it starts, in the root folder of the system, and may write what an
# administrator would have written. What it writes is there after a kexec, too.

# units: our own, which are gone with /run. systemd comes to its usual end of
# booting, then the test runs. If it gives up before, that is the result.
units() {
	mkdir -p run/systemd/system
	cat >run/systemd/system/zp.target <<-'UNIT'
		[Unit]
		Wants=multi-user.target zp-test.service
		After=multi-user.target
	UNIT
	cat >run/systemd/system/zp-test.service <<-'UNIT'
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		TimeoutStartSec=infinity
		ExecStart=/bin/sh /zp/tests/system-run
	UNIT
	cat >run/systemd/system/emergency.service <<-'UNIT'
		[Unit]
		DefaultDependencies=no
		[Service]
		Type=oneshot
		ExecStart=/bin/sh /zp/tests/system-run emergency
	UNIT
}

# install_packages old|new NAME...: for configure, from the disk of packages that a
# case has with packages=yes; see scripts/packages-disk.
install_packages() {
	_from=$1
	shift
	mkdir -p srv/packages
	[ -d "srv/packages/$_from" ] ||
		mount -r -t ext4 "$(disk_named packages)" srv/packages || return 1
	for _package in "$@"; do
		set -- "$@" "/srv/packages/$_from/${_package}_"*.deb
		shift
	done
	# The patterns are of names in the system.
	# shellcheck disable=SC2016
	chroot . sh -c 'dpkg -i $*' - "$@" >tmp/dpkg.log 2>&1 || {
		diag "$(cat tmp/dpkg.log)"
		return 1
	}
}

# start_alone: for configure. The first kernel of the case starts as every case does.
# The others get there by kexec_system, with an initramfs in which nothing of ours
# is: what the test needs is copied to the disk. systemd is the first process where it is
# in the first kernel.
start_alone() {
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
		# systemd does it by a unit that is masked here, to save time.
		mount -t debugfs debugfs /sys/kernel/debug
	END
	if [ "$_how" = system ]; then
		cat >>opt/start <<-'END'
			. /zp/tests/enter-system.sh
			cd /
			units
			exec /usr/lib/systemd/systemd --unit=zp.target \
				--show-status=no --log-target=journal </dev/console
		END
	else
		echo "exec sh /zp/tests/system-run" >>opt/start
	fi
	chmod +x opt/start
}

# enter_system HOW: system, with systemd as first process, or userland, without.
enter_system() {
	_how=$1
	mkdir -p /sysroot
	mount -t ext4 "$(disk_named system)" /sysroot || return 1
	mount --bind / /sysroot/zp
	mount --bind /lib/modules /sysroot/lib/modules
	cd /sysroot || return 1
	if type configure >/dev/null 2>&1; then
		configure || return 1
	fi
	for _dir in dev proc sys run state; do
		mount --move "/$_dir" "$_dir"
	done
	mount --move . / || return 1
	[ "$_how" = system ] ||
		exec chroot . /bin/sh /zp/tests/system-run
	units
	exec chroot . /usr/lib/systemd/systemd --unit=zp.target \
		--show-status=no --log-target=journal </dev/console
}
