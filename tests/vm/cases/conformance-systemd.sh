# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# zram-generator and zram-tools set up persistent devices as they set up any
# other, at the first boot and after `systemctl kexec` with the devices attached.
# Contents and identities are then those from before. What their units and others
# do to end a device is refused while it is persistent, and works after that.
#
# vm: kernel=debian system=debian mem=1024 cpus=2 disks=spare=64 timeout=600 plan=45

readonly sys=/sys/block control=/sys/class/zram-control
readonly FILES=/srv/files COLD=/srv/cold

# zram0 is set up by zram-tools, the others by zram-generator.
configure() {
	cat >etc/systemd/zram-generator.conf <<-'CONF'
		[zram1]
		zram-size = 64
		zram-resident-limit = 48
		compression-algorithm = lz4 zstd (type=idle)
		swap-priority = 50

		[zram2]
		zram-size = 96
		compression-algorithm = zstd
		mount-point = /srv/files
		fs-type = ext4

		[zram3]
		zram-size = 48
		compression-algorithm = lz4
		writeback-device = /dev/disk/by-id/virtio-spare
		mount-point = /srv/cold
	CONF
	cat >etc/default/zramswap <<-'CONF'
		ALGO=zstd
		SIZE=32
		PRIORITY=70
	CONF
	echo "options zram persist=1" >etc/modprobe.d/zram.conf
	mkdir -p etc/systemd/system/multi-user.target.wants
	ln -sf /usr/lib/systemd/system/zramswap.service \
		etc/systemd/system/multi-user.target.wants/zramswap.service
}

hop_0() {
	is_set_up
	is "a new device" "$(stat_of zram2 hops)" 0
	fill_files $FILES 1 24
	fill_files $COLD 2 12
	check "pages age" sh -c "echo all >$sys/zram3/idle"
	check "and are written back" sh -c "echo idle >$sys/zram3/writeback"
	at_least "blocks that hold them" "$(awk '{ print $1 }' $sys/zram3/bd_stat)" 2000
	# What swap holds is of no use in another kernel: its identity is looked at.
	save identities "$(identities)"
	kexec_next
}

hop_1() {
	for _n in 0 1 2 3; do
		is "zram$_n has come through a kexec" "$(stat_of zram$_n hops)" 1
	done
	is_set_up
	is "identities" "$(identities)" "$(saved identities)"
	check "a file system was there" makes_none zram2 ext4
	check "swap was there" makes_none zram1 swap
	check_files $FILES 1 24
	check_files $COLD 2 12
	check "the file system takes more" fill_files $FILES 3 8
	units_end_nothing
	tools_end_nothing
	ends_without_persistence
}

# identities: of the devices, and of what zram-generator made on them.
identities() {
	for _n in 0 1 2 3; do
		cat $sys/zram$_n/uuid
	done | xargs
	for _n in 1 2 3; do
		blkid -p -o value -s UUID /dev/zram$_n
	done | xargs
}

# makes_none DEVICE TYPE: what systemd-makefs says when it finds that there. It has
# often ended before the journal can see which unit it belonged to.
makes_none() {
	journalctl --boot --output=cat --no-pager | grep makefs
	journalctl --boot --output=cat --no-pager |
		grep -q "/dev/$1' is not empty (contains file system of type $2), exiting"
}

is_set_up() {
	is "failed units" "$(failed_units)" ""
	is "sizes and codecs" "$(zramctl --raw -n -o NAME,DISKSIZE,ALGORITHM | sort | xargs)" \
		"/dev/zram0 32M zstd /dev/zram1 64M lz4 /dev/zram2 96M zstd /dev/zram3 48M lz4"
	is "recompression" "$(grep -o '\[.*\]' $sys/zram1/recomp_algorithm)" "[zstd]"
	is "persistence" "$(cat $sys/zram[0-3]/persist_state | xargs)" "on on on on"
	is "backing device" "$(cat $sys/zram3/backing_dev)" \
		"$(readlink -f /dev/disk/by-id/virtio-spare)"
	is "swap and its priorities" "$(swaps)" "/dev/zram0 70 /dev/zram1 50"
	is "file systems" "$(findmnt -rno SOURCE,FSTYPE $FILES) $(findmnt -rno SOURCE,FSTYPE $COLD)" \
		"/dev/zram2 ext4 /dev/zram3 ext2"
}

swaps() {
	awk 'NR > 1 { print $1, $5 }' /proc/swaps | sort | xargs
}

# fill_files FOLDER SEED MIB
fill_files() {
	pattern mixed "$2" "$3" >"$1/pattern-$2" && sync "$1/pattern-$2" &&
		[ "$(digest "$1/pattern-$2")" = "$(pattern_sum mixed "$2" "$3")" ]
}

check_files() {
	drop_caches
	is "contents of $1" "$(digest "$1/pattern-$2")" "$(pattern_sum mixed "$2" "$3")"
}

# Each stops with a failure of what would have destroyed the device.
units_end_nothing() {
	check "the file system is unmounted" systemctl stop srv-files.mount
	save files "$(sum_of /dev/zram2)"
	refused "the device of a file system ends" \
		stops systemd-zram-setup@zram2.service
	is "... not" "$(sum_of /dev/zram2)" "$(saved files)"
	refused "the device of zram-tools ends" stops zramswap.service
	is "... not" "$(cat $sys/zram0/initstate)" 1
	diag "$(journal_of zramswap.service 4)"
	systemctl reset-failed
}

# stops UNIT: and it says that it succeeded.
stops() {
	systemctl stop "$1"
	[ "$(systemctl show -P Result "$1")" = success ]
}

tools_end_nothing() {
	is "reset" "$(errno_write 1 $sys/zram2/reset)" "Device or resource busy"
	is "hot_remove" "$(errno_write 2 $control/hot_remove)" "Device or resource busy"
	refused "zramctl --reset" zramctl --reset /dev/zram2
	refused "modprobe -r" modprobe -r zram
	is "contents" "$(sum_of /dev/zram2)" "$(saved files)"
}

ends_without_persistence() {
	systemctl stop srv-cold.mount dev-zram1.swap
	for _n in 0 1 2 3; do
		persist zram$_n 0
	done
	check "zramctl --reset" zramctl --reset /dev/zram2
	refused "the device is there" test -e /dev/zram2
	is "hot_remove" "$(errno_write 3 $control/hot_remove)" ""
	is "reset" "$(errno_write 1 $sys/zram1/reset)" ""
	is "is empty" "$(cat $sys/zram1/disksize)" 0
	check "modprobe -r" modprobe -r zram
	refused "the driver is there" test -e $control
}
