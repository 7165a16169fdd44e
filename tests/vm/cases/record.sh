# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# No test: prints what zramctl-persist reads of real devices, as a tree for
# tests/tool/trees. Two devices that came through a kexec, one of them swap and
# the other one with a damaged page, a held one, and an ordinary one.
#
#   tests/lib/vm-case tests/vm/cases/record.sh
#   sed -n 's/^.*# RECORD //p' build/logs/record.log
#
# And what it says of them:
#
#   sed -n 's/^.*# SCREEN //p' build/logs/record.log
#
# vm: kernel=debian mem=1024 cpus=2 timeout=300 plan=4

hop_0() {
	check "the module loads" load_zram num_devices=1
	zramctl-persist --persistent -f -s 256M -a zstd --name build-cache --mem-reserve 16M
	zramctl-persist --persistent -f -s 64M -a lz4
	zramctl-persist --persistent -f -s 32M -a lz4 --name packages
	fill zram0 mixed 1 96
	fill zram0 random 2 8 100
	mkswap -q /dev/zram1
	fill zram2 text 4 16
	check "damage" damage 0:object:4710:20:10 2:table:0:8:04
	kexec_next
}

hop_1() {
	check "the module loads" load_zram num_devices=1
	zramctl-persist -f -s 100M -a zstd --name scratch
	mkdir -p "/tmp/my builds"
	mkfs.ext4 -q /dev/zram3 && mount -t ext4 /dev/zram3 "/tmp/my builds"
	pattern text 5 8 >"/tmp/my builds/text"
	sync
	swapon /dev/zram1
	zramctl-persist --scrub /dev/zram0
	check "recorded" record
	screen zramctl-persist
	screen zramctl-persist --persistent
	screen zramctl-persist --held
}

screen() {
	diag "SCREEN \$ $*"
	"$@" 2>&1 | while IFS= read -r _line; do
		diag "SCREEN $_line"
	done
}

file() {
	diag "RECORD file ${1#/}"
	while IFS= read -r _line; do
		diag "RECORD $(printf '\t')$_line"
	done <"$1"
}

record() {
	for _dir in /sys/block/zram[0-9]* /sys/class/zram-control/held-*; do
		for _file in "$_dir"/*; do
			if [ ! -f "$_file" ]; then
				continue
			elif [ -r "$_file" ] && head -c 1 "$_file" >/dev/null 2>&1; then
				file "$_file"
			else
				diag "RECORD file ${_file#/}"
			fi
		done
	done
	for _file in /dev/zram[0-9]*; do
		diag "RECORD file ${_file#/}"
	done
	file /proc/swaps
	file /proc/self/mountinfo
}
