# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The demo (make demo): real files of the machine in an ext4 file system on a
# persistent device, checked against their SHA-256 manifest after each of three
# kexecs in a row, the last of them without unmounting.
#
# vm: kernel=lean mem=2560 cpus=2 state=64 timeout=1500 plan=20 data=yes

sys=/sys/block/zram0
mnt=/tmp/mnt

stat_value() {
	sed -n "s/^$1 //p" $sys/persist_stat
}

mib() {
	echo "$(($1 >> 20))"
}

# verify DIR: number of files whose contents are what the manifests say.
verify() {
	rm -f /tmp/failed
	for _manifest in "$1"/MANIFEST*.sha256; do
		(cd "$1" && sha256sum -c "${_manifest##*/}" 2>&1) || echo "$_manifest" >>/tmp/failed
	done >/tmp/verified
	grep -v ': OK$' /tmp/verified >/tmp/not-verified
	grep -c ': OK$' /tmp/verified
}

report_row() {
	# shellcheck disable=SC2046
	set -- "$1" "$2" $(cat $sys/mm_stat)
	_files=$2 _hop=$1
	shift 2
	table "$(printf '%3s  %7s MiB  %7s MiB  %5s  %8s  %7s  %8s  %10s  %8s' \
		"$_hop" "$(mib "$1")" "$(mib "$3")" \
		"$(awk "BEGIN { printf \"%.2f\", $1 / $3 }")" \
		"$(stat_value segments)" "$seal" "$attach" "$jump" "$_files")"
}

us_to_ms() {
	awk "BEGIN { printf \"%.1f ms\", $1 / $2 }"
}

hop_0() {
	say "kernel $(uname -r), $(($(meminfo MemTotal) / 1024)) MiB of memory"
	check "the module loads" load_zram
	check "zramctl sets up the device" sh -c "echo 1 >$sys/persist &&
		zramctl --algorithm zstd --size 768M /dev/zram0"
	is "the device is persistent" "$(cat $sys/persist_state)" on
	say "created /dev/zram0: 768 MiB, zstd, persistent, UUID $(cat $sys/uuid)"

	mkdir -p $mnt /tmp/data
	check "a file system is made" mkfs.ext4 -q /dev/zram0
	check "and mounted" mount -t ext4 /dev/zram0 $mnt
	mount -r -t ext4 "$(disk_named data)" /tmp/data
	say "copying $(wc -l </tmp/data/MANIFEST.sha256) files, $(du -sm /tmp/data | cut -f1) MiB"
	check "files are copied" cp -a /tmp/data/. $mnt
	umount /tmp/data
	check "unmounted" umount $mnt

	table "hop  data stored     RAM used  ratio  segments     seal    attach  to mounted  verified"
	seal='-' attach='-' jump='-'
	report_row 0 '-'
	jump_now
}

jump_now() {
	say "kexec $((ZP_HOP + 1))"
	kexec_load
	save left "$(chain_us)"
	kexec_jump
}

arrive() {
	check "the module loads" load_zram
	mkdir -p $mnt
	check "mounted" mount -t ext4 /dev/zram0 $mnt
	jump="$(awk "BEGIN { printf \"%.1f s\", ($(chain_us) - $(saved left)) / 1000000 }")"
	seal=$(us_to_ms "$(stat_value seal_ns)" 1000000)
	attach=$(us_to_ms "$(stat_value attach_ns)" 1000000)
	say "kernel $ZP_HOP: /dev/zram0 is there again and mounted; checking every file"
	_count=$(verify $mnt)
	is "every file is what it was" "$(cat /tmp/failed /tmp/not-verified 2>/dev/null)" ""
	report_row "$ZP_HOP" "$_count"
}

# Some more files, in a manifest of their own.
write_more() {
	say "writing some more"
	cp -a $mnt/text/lib "$mnt/more-$ZP_HOP"
	(cd $mnt && find "more-$ZP_HOP" -type f -exec sha256sum {} + >"MANIFEST-$ZP_HOP.sha256")
}

hop_1() {
	arrive
	check "more is written" write_more
	check "unmounted" umount $mnt
	jump_now
}

hop_2() {
	arrive
	check "more is written" write_more
	sync
	say "not unmounting this time"
	jump_now
}

hop_3() {
	arrive
	at_least "files verified in the end" "$_count" 3000
}
