# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# zramctl-persist with real devices: it makes persistent ones, or none when
# something is wrong, says the same as zramctl of the distribution, tells before a
# kexec what would become of them, and after it finds damaged pages and held
# devices.
#
# vm: kernel=debian next=nokho userland=debian mem=1024 cpus=2 timeout=600 plan=67

readonly sys=/sys/block

# The columns that zramctl of util-linux has, too.
readonly THEIRS=NAME,DISKSIZE,DATA,COMPR,ALGORITHM,ZERO-PAGES,TOTAL,MEM-LIMIT,MEM-USED,MIGRATED,MOUNTPOINT

tool() {
	zramctl-persist "$@"
}

# said_of ARGUMENTS...: all that it prints, in one line.
said_of() {
	zramctl-persist "$@" 2>&1 | tr -s ' \n' ' ' | sed 's/^ //; s/ $//'
}

status_of() {
	zramctl-persist "$@" >/tmp/said 2>&1
	echo $?
}

hop_0() {
	check "the module loads" load_zram num_devices=1
	mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
	is "an unused device" "$(tool --find)" /dev/zram0
	is "made persistent" "$(tool --persistent --find --size 64M --algorithm zstd \
		--name build-cache --algorithm-params level=1 --mem-limit 60M \
		--mem-reserve 4M)" /dev/zram0
	is "as it was told" "$(cat $sys/zram0/persist_state $sys/zram0/name \
		$sys/zram0/disksize $sys/zram0/mem_reserve | xargs)" \
		"on build-cache 67108864 4194304"
	is "limit" "$(said_of -nbo MEM-LIMIT zram0)" 62914560
	nothing_left
	fill zram0 mixed 1 32
	save sum "$(sum_of /dev/zram0)"
	is "another one, without persistence" "$(tool -f -s 16M -a lz4)" /dev/zram1
	fill zram1 text 2 8
	same_as_theirs
	switched
	is "a mounted one" "$(mke2fs -q -F -t ext4 /dev/zram1 && mount /dev/zram1 /mnt &&
		said_of -no MOUNTPOINT,FSTYPE zram1)" "/mnt ext4"
	is "is not reset" "$(said_of --reset /dev/zram1 | head -c 55)" \
		"zramctl-persist: /dev/zram1: failed to reset: Device or"
	umount /mnt
	scrubbed "nothing is damaged" 0
	preflights
	as_user
	is "one more" "$(tool --persistent --find --size 16M --name lost)" /dev/zram2
	fill zram2 mixed 3 8
	save uuid2 "$(cat $sys/zram2/uuid)"
	save uuid0 "$(cat $sys/zram0/uuid)"
	# Page 5 is one of text; others of that pattern are raw, or no objects at all.
	check "damage" damage 0:object:5:20:10 1:table:0:8:04
	kexec_next
}

# What cannot be made leaves no device, and no name.
nothing_left() {
	is "a name that is there" "$(status_of --persistent -f -s 16M --name build-cache)" 1
	check "is said" grep -q "another device has this name" /tmp/said
	is "a codec that is not there" "$(status_of --persistent -f -s 16M -a lzma --name x)" 1
	is "parameters that are wrong" \
		"$(status_of --persistent -f -s 16M -p level=garbage --name x)" 1
	is "more memory than there is" \
		"$(status_of --persistent -f -s 16M --mem-reserve 1T --name x)" 1
	is "output to nowhere" "$(zramctl-persist --persistent -f -s 16M --name x \
		>/dev/full 2>/dev/null || echo $?)" 1
	is "a size that is none" "$(status_of --persistent -f -s 0 --name x)" 1
	is "devices then" "$(cd $sys && echo zram*)" zram0
	is "one in use is not made anew" "$(status_of --persistent -s 16M /dev/zram0)" 1
	is "nor reset" "$(status_of -s 16M /dev/zram0)" 1
	is "it still is what it was" "$(cat $sys/zram0/persist_state)" on
}

# same_table ARGUMENTS: In which order they print devices is another matter.
same_table() {
	# shellcheck disable=SC2086
	zramctl $1 | sort >/tmp/theirs
	# shellcheck disable=SC2086
	tool $1 | sort >/tmp/ours
	cmp -s /tmp/theirs /tmp/ours
}

# A pool that was written to is compacted in the background, and what it takes
# may change between two looks at it.
same_as_theirs() {
	for _args in "-b -o $THEIRS" "-o $THEIRS --raw" "-o NAME,COMP-RATIO" ""; do
		wait_for "the same: $_args" 60 same_table "$_args" ||
			diag "$(diff /tmp/theirs /tmp/ours)"
	done
	diag "$(zramctl --version)"
	diag "$(tool)"
	diag "$(tool --persistent)"
}

switched() {
	check "switched on" tool --persistent=on /dev/zram1
	is "is on" "$(said_of -no PERSIST zram1)" on
	check "switched off" tool --persistent=off /dev/zram1
	is "is off" "$(said_of -no PERSIST,UUID zram1)" off
	check "named" tool --name text /dev/zram1
	is "has a name" "$(said_of -no VOLUME zram1)" text
	wait_for "memory" 60 same_memory ||
		diag "$(said_of -nbo MEM-REAL zram0) $(cat $sys/zram0/pool_stat)"
}

# All of the pool, and the superblock.
same_memory() {
	[ "$(said_of -nbo MEM-REAL zram0)" = \
		$(($(sed -n 's/^total_bytes //p' $sys/zram0/pool_stat) + 4096)) ]
}

# scrubbed DESC STATUS
scrubbed() {
	is "$1" "$(status_of --scrub /dev/zram0)" "$2"
	diag "$(cat /tmp/said)"
}

preflights() {
	_here=$(kernel_dir debian)
	_nokho=$(kernel_dir nokho)
	is "into this kernel all survive" "$(status_of --preflight "$_here/bzImage" \
		--initrd "$_here/initrd" --command-line "$(cat /state/cmdline)")" 0
	diag "$(cat /tmp/said)"
	check "of the same KHO" grep -q "has Kexec HandOver kho-v[0-9]*, as the running" /tmp/said
	check "with our module" grep -q "updates/zram.ko has format" /tmp/said
	check "in the initramfs" grep -q "zram: is in " /tmp/said
	check "with memory for it" grep -q "^ok .*of scratch memory" /tmp/said
	is "without kho=on" "$(status_of --preflight "$_here/bzImage" \
		--initrd "$_here/initrd" --command-line quiet)" 2
	is "into one without KHO" "$(status_of --preflight "$_nokho/bzImage" \
		--initrd "$_nokho/initrd" --command-line "$(cat /state/cmdline)")" 2
	check "is said" grep -q "has no Kexec HandOver" /tmp/said
	is "and into none" "$(status_of --preflight /etc/hostname)" 1
	diag "$(tool --doctor)"
	check "Kexec HandOver is on" sh -c 'zramctl-persist --doctor | grep -q "^ok .*HandOver is on"'
}

# What everybody may see is shown, and nothing is changed.
readonly USER=1000

# denied ARGUMENTS...: to a user, and the tool says that this is why. The table, which is
# asked for before, shows that it can be started at all.
denied() {
	is "$* as a user" "$(asuser $USER zramctl-persist "$@" 2>&1 |
		grep -o 'Permission denied')" "Permission denied"
}

as_user() {
	# The tool is in the initramfs, which has its root folder for root alone.
	chmod 755 / /zp
	is "the table as a user" "$(asuser $USER zramctl-persist -nbo NAME,VOLUME,UUID,DISKSIZE)" \
		"$(tool -nbo NAME,VOLUME,UUID,DISKSIZE)"
	_before=$(tool -nbo NAME,VOLUME,PERSIST,DISKSIZE)
	denied --find
	denied --persistent=off zram0
	denied --reset zram1
	denied --name other zram0
	is "the devices are as they were" "$(tool -nbo NAME,VOLUME,PERSIST,DISKSIZE)" "$_before"
	asuser $USER zramctl-persist --preflight "$_here/bzImage" --initrd "$_here/initrd" \
		--command-line "$(cat /state/cmdline)" >/tmp/said 2>&1
	is "status of --preflight as a user: it cannot see all" $? 1
	check "and says so" grep -q "^unknown .*cannot be found out" /tmp/said ||
		diag "$(cat /tmp/said)"
}

hop_1() {
	check "the module loads" load_zram num_devices=1
	is "it is here" "$(said_of -nbo NAME,VOLUME,PERSIST,HOPS,DISKSIZE,UUID zram0)" \
		"/dev/zram0 build-cache on 1 67108864 $(saved uuid0)"
	scrubbed "a page is damaged" 1
	check "which" grep -q "damaged: 5$" /tmp/said
	is "in the table, too" "$(said_of -no DAMAGED-PAGES zram0)" 1
	is "the other one is held" "$(said_of --held -no VOLUME,HELD-HOPS,PRESERVED)" "lost 1 1"
	diag "$(tool --held)"
	is "it cannot be attached" "$(status_of --attach lost)" 1
	check "why" grep -q "its metadata is damaged" /tmp/said
	is "not dropped without a yes" "$(status_of --drop lost)" 1
	is "still held" "$(said_of --held -no UUID)" "$(saved uuid2)"
	check "dropped" tool --drop "$(saved uuid2)" --yes
	is "nothing is held" "$(said_of --held)" ""
	is "a persistent one is not reset" "$(status_of --reset /dev/zram0)" 1
	check "persistence ends" tool --persistent=off /dev/zram0
	check "then it is reset" tool --reset /dev/zram0
	is "and gone" "$(cd $sys && echo zram*)" "zram*"
}
