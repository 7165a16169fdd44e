# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Volumes in a system with systemd: made at the first boot, attached with their
# contents after `systemctl kexec`, checked when that is due, found by the names
# that udev gives them, in fstab, by units, and as swap. What has contents is not
# formatted, and what cannot be made whole is not there. A kexec that would lose
# contents does not begin, unless its administrator insists. One of the volumes is the
# example that the package brings, as it is.
#
# vm: kernel=debian system=debian mem=1024 cpus=2 packages=yes timeout=600 plan=82

readonly BY_ID=/dev/disk/by-id CONF=/etc/zram-persist
readonly VOLUMES="cache plain paging raw build-cache"
readonly EXAMPLE=./usr/share/doc/zram-persist/examples/build-cache.conf
readonly ANYWAY=/run/zram-persist/kexec-anyway
readonly PLAIN_UUID=6fd5a5e5-1c38-4b05-9d4c-3f1c6f8d2f10

# Only what an administrator writes. plain has no MOUNT: fstab names its file
# system, and waits for the service that makes it.
configure() {
	[ ! -e etc/zram-persist ] || return 0
	install_packages new zram-persist || return 1
	# The system is one without documentation.
	chroot . sh -c "dpkg-deb --fsys-tarfile /srv/packages/new/zram-persist_*.deb |
		tar -xO $EXAMPLE" >etc/zram-persist/build-cache.conf || return 1
	cat >etc/zram-persist/cache.conf <<-'CONF'
		# there again after a kexec
		SIZE=64M
		ALGORITHM=zstd
		MEM_LIMIT=48M
		MKFS_OPTIONS=-q -L "cache"
		MOUNT=/srv/build cache
		MOUNT_OPTIONS=noatime
	CONF
	cat >etc/zram-persist/plain.conf <<-CONF
		SIZE=48M
		MKFS_OPTIONS=-q -U $PLAIN_UUID
	CONF
	cat >etc/zram-persist/paging.conf <<-'CONF'
		SIZE=32M
		FSTYPE=swap
		SWAP_PRIORITY=60
	CONF
	cat >etc/zram-persist/raw.conf <<-'CONF'
		SIZE=16M
		FSTYPE=none
	CONF
	echo SIZE=8 >etc/zram-persist/.wrong.conf
	echo SPEED=much >etc/zram-persist/wrong.conf
	cat >>etc/fstab <<-FSTAB
		UUID=$PLAIN_UUID /srv/plain ext4 nofail,x-systemd.requires=zram-volume@plain.service 0 2
	FSTAB
}

hop_0() {
	is_up
	is "hops" "$(hops)" "0 0 0 0 0"
	is "the limit" "$(awk '{ print $4 }' "/sys/block/$(device cache)/mm_stat")" \
		$((48 << 20))
	is "the example" "$(zramctl-persist -nbo DISKSIZE,ALGORITHM,MEM-LIMIT --raw \
		"$BY_ID/zram-name-build-cache") $(e2label $BY_ID/zram-name-build-cache)" \
		"$((8 << 30)) zstd $((4 << 30)) build-cache"
	fill "$(device raw)" binary 3 16
	check "files" fill_files "/srv/build cache" 1 24
	check "files" fill_files /srv/plain 2 8
	check "files" fill_files /var/cache/build 5 24
	never_formatted
	never_half_made
	# So that a check is due at the next mount.
	tune2fs -c 1 -C 100 "$BY_ID/zram-name-cache" >/dev/null
	save identities "$(identities)"
	next_has quiet
	kexec_load >/dev/null
	gate_refuses systemctl --no-block kexec
	check "the reason is in the journal" journal_has zram-persist-kexec.service \
		"lacks kho=on on its command line, /etc/default/kexec"
	check "and how to go on" journal_has zram-persist-kexec.service \
		"touch $ANYWAY"
	start_logind
	gate_refuses systemctl kexec
	gate_refuses reboot
	gate_is_told
	gate_is_overridden
	kexec_next
}

hop_1() {
	is_up
	refused "what was overridden is so no more" test -e $ANYWAY
	is "hops" "$(hops)" "1 1 1 1 1"
	is "identities" "$(identities)" "$(saved identities)"
	is "contents without a file system" "$(sum_of "/dev/$(device raw)")" \
		"$(pattern_sum binary 3 16)"
	check_files "/srv/build cache" 1 24
	check_files /srv/plain 2 8
	check_files /var/cache/build 5 24
	_fsck=systemd-fsck@dev-disk-by\\x2did-zram\\x2dname\\x2dcache.service
	check "the file system was checked, as it was due" \
		journal_has "$_fsck" "check forced"
	check "the service says what it found" \
		journal_has zram-volume@cache.service "hops 1"
	not_mounted_unless_checked
	is "nothing was formatted" "$(journal_of 'zram-volume@*' 99 | grep -c ' made ')" 0
	diag "$(zramctl-persist)"
	made_anew
}

# A check that ends with errors that it cannot mend.
not_mounted_unless_checked() {
	_unit='srv-build\x20cache.mount'
	systemctl stop "$_unit" "$_fsck"
	printf '#!/bin/sh\nexit 4\n' >/run/fsck
	chmod +x /run/fsck
	mount --bind /run/fsck /usr/sbin/fsck.ext4
	refused "what could not be mended is mounted" systemctl start "$_unit"
	is "what is there" "$(findmnt -rno SOURCE "/srv/build cache")" ""
	umount /usr/sbin/fsck.ext4
	systemctl reset-failed
	check "what is whole is mounted" systemctl start "$_unit"
	check_files "/srv/build cache" 1 24
}

# As volumes.rst tells: with another size, in the same boot.
made_anew() {
	_number=$(device cache)
	sed -i s/SIZE=64M/SIZE=80M/ $CONF/cache.conf
	systemctl stop "$_unit" zram-volume@cache.service
	echo 0 >"/sys/block/$_number/persist"
	udevadm settle
	check "the volume is given up" \
		sh -c "echo ${_number#zram} >/sys/class/zram-control/hot_remove"
	systemctl daemon-reload
	check "and made anew" systemctl start "$_unit"
	is "it has the new size" "$(cat "/sys/block/$(device cache)/disksize")" $((80 << 20))
	check "and takes files" fill_files "/srv/build cache" 1 24
}

# device NAME: as in zram0.
device() {
	basename "$(readlink "$BY_ID/zram-name-$1")"
}

hops() {
	for _name in $VOLUMES; do
		stat_of "$(device "$_name")" hops
	done | xargs
}

identities() {
	for _name in $VOLUMES; do
		cat "/sys/block/$(device "$_name")/uuid"
		blkid -p -o value -s UUID "$BY_ID/zram-name-$_name"
	done | xargs
}

is_up() {
	is "failed units" "$(failed_units)" ""
	for _name in $VOLUMES; do
		is "$_name has its name" \
			"$(cat "/sys/block/$(device "$_name")/name" "/sys/block/$(device "$_name")/persist_state" | xargs)" \
			"$_name on"
		is "and a link by identity" \
			"$(readlink -f "$BY_ID/zram-$(cat "/sys/block/$(device "$_name")/uuid")")" \
			"/dev/$(device "$_name")"
	done
	for _at in "cache:/srv/build cache" plain:/srv/plain build-cache:/var/cache/build; do
		is "what is on ${_at#*:}" "$(findmnt -rno SOURCE,FSTYPE "${_at#*:}")" \
			"/dev/$(device "${_at%%:*}") ext4"
	done
	is "swap" "$(awk 'NR > 1 { print $1, $5 }' /proc/swaps)" "/dev/$(device paging) 60"
	refused "a configuration that is wrong is followed" test -e "$BY_ID/zram-name-wrong"
}

# fill_files FOLDER SEED MIB
fill_files() {
	pattern mixed "$2" "$3" >"$1/pattern-$2" && sync "$1/pattern-$2" &&
		[ "$(digest "$1/pattern-$2")" = "$(pattern_sum mixed "$2" "$3")" ]
}

check_files() {
	is "contents of $1" "$(digest "$1/pattern-$2")" "$(pattern_sum mixed "$2" "$3")"
}

# journal_has UNIT TEXT
journal_has() {
	journal_of "$1" 40
	journal_of "$1" 40 | grep -qF "$2"
}

# A configuration that has changed makes nothing of what is there.
never_formatted() {
	echo SIZE=16M >$CONF/raw.conf
	refused "bytes of unknown type are formatted" \
		systemctl restart zram-volume@raw.service
	check "the service says why not" journal_has zram-volume@raw.service \
		"has contents (of unknown type), but not ext4: not formatted"
	is "they are as they were" "$(sum_of "/dev/$(device raw)")" \
		"$(pattern_sum binary 3 16)"
	printf 'SIZE=16M\nFSTYPE=none\n' >$CONF/raw.conf
	check "with the old one it starts" systemctl restart zram-volume@raw.service
}

# What fails leaves no device behind.
never_half_made() {
	_devices=$(echo /sys/block/zram*)
	printf 'SIZE=16M\nMKFS_OPTIONS=-Z\n' >$CONF/half.conf
	refused "mkfs fails" systemctl start zram-volume@half.service
	printf 'SIZE=16M\nALGORITHM=none\n' >$CONF/half.conf
	refused "no such codec" systemctl start zram-volume@half.service
	check "the service says so" journal_has zram-volume@half.service \
		"/comp_algorithm: Invalid argument"
	is "devices" "$(echo /sys/block/zram*)" "$_devices"
	rm $CONF/half.conf
	systemctl reset-failed
}

# next_has WORDS: what comes next is written where Debian's kexec-tools have it.
next_has() {
	cat >/etc/default/kexec <<-CONF
		LOAD_KEXEC=true
		KERNEL_IMAGE="$(kernel_dir debian)/bzImage"
		INITRD="$(kernel_dir debian)/initrd"
		APPEND="$*"
	CONF
}

# gate_refuses COMMAND...: nothing is stopped, not even what systemd stops first in a
# shutdown.
gate_refuses() {
	_before=$(running)
	"$@"
	wait_for "$*: the kexec is refused" 120 systemctl is-failed zram-persist-kexec.service
	is "units that run" "$(running)" "$_before"
	is "jobs" "$(systemctl list-jobs --no-legend | grep -v zp)" ""
	check "files can be written" fill_files /srv/plain 4 1
	systemctl reset-failed
}

# It is what systemctl and reboot ask on all real systems. The image goes without.
start_logind() {
	for _unit in dbus.socket dbus.service systemd-logind.service; do
		rm "/etc/systemd/system/$_unit"
	done
	systemctl daemon-reload
	check "logind runs" systemctl start dbus.service systemd-logind.service
}

# The kernel that was loaded has what the one in the configuration lacks.
gate_is_told() {
	_dir=$(kernel_dir debian)
	mkdir -p /run/zram-persist
	cat >/run/zram-persist/next <<-NOTE
		KERNEL_IMAGE=$_dir/bzImage
		INITRD=$_dir/initrd
		APPEND="$(cat /state/cmdline)"
	NOTE
	check "with a note of what is loaded the answer is yes" zramctl-persist --preflight
	rm /run/zram-persist/next
}

# The answer is still no, so that only this can lead to the next kernel. Devices
# come through all the same: kho=on is in what was really loaded.
gate_is_overridden() {
	is "the answer" "$(zramctl-persist --preflight >/dev/null 2>&1; echo $?)" 2
	check "go on all the same" sh -c "mkdir -p ${ANYWAY%/*} && touch $ANYWAY"
}

running() {
	systemctl list-units --plain --no-legend --state=active |
		awk '{ print $1, $3, $4 }' | sort
}
