# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What users can do who are not root: nothing that they could not do to the
# kernel's own zram, also to a held device. And what programs can do that change
# a page while it is being written, around the page cache: have contents that
# nobody knows, and harm nobody else.
#
# vm: kernel=debug mem=1024 cpus=3 extra=debug timeout=600 plan=51

readonly control=/sys/class/zram-control

hop_0() {
	check "the module loads" load_zram num_devices=6
	make_zram zram5 deflate 4M
	check "persistent" persist zram5 1
	check "data" fill zram5 mixed 1 4
	each_codec scribble_on
	is "another device" "$(sum_of /dev/zram5)" "$(pattern_sum mixed 1 4)"
	modes
	user
	kexec_next
}

# A device for each codec that can take a different path through its input.
readonly CODECS='lzo-rle lz4 zstd deflate 842'

each_codec() {
	_n=0
	for _codec in $CODECS; do
		"$@" zram$_n "$_codec"
		_n=$((_n + 1))
	done
}

scribble_on() {
	make_zram "$1" "$2" 4M
	check "$2: persistent" persist "$1" 1
	scribble "/dev/$1" 400 >/tmp/scribbled
	is "$2: all writes succeed, and all pages can be read" \
		"$(cat /tmp/scribbled)" "400 writes, 1024 and 1024 pages can be read"
	save "sum-$1" "$(sum_of "/dev/$1")"
}

# modes of what is ours: of all attributes that the kernel's zram has, too,
# attrs-conformance compares them.
modes() {
	is "modes of what is to be written" "$(cd /sys/block/zram5 &&
		stat -c '%a %n' mem_reserve name persist scrub | xargs)" \
		"644 mem_reserve 644 name 644 persist 644 scrub"
	is "and of what is not" "$(cd /sys/block/zram5 &&
		stat -c '%a %n' damaged_pages persist_stat persist_state pool_stat uuid | xargs)" \
		"444 damaged_pages 444 persist_stat 444 persist_state 444 pool_stat 444 uuid"
	is "and in debugfs" \
		"$(find /sys/kernel/debug/zram/zram5 -type f -exec stat -c '%a %n' {} + |
			sed 's|/.*/||' | xargs)" "400 block_state"
	is "files of ours that others may write" \
		"$(find /sys/block/zram5/ $control/ /sys/module/zram/ /sys/module/zsmalloc_persist/ \
			-type f -perm /022)" ""
	is "mode of the device" "$(stat -c %a /dev/zram5)" 600
}

readonly USER=1000

# denied FILE: nobody but root can read it.
denied() {
	refused "reading $1 as a user" asuser $USER head -c 1 "$1"
}

user() {
	# The initramfs has its root folder for root alone.
	chmod 755 /
	is "somebody" "$(asuser $USER id -u)" $USER
	chmod 755 /sys/kernel/debug
	for _file in /dev/zram5 /dev/mem $(find /sys/kernel/debug/kho -type f | grep -E 'fdt'); do
		[ ! -e "$_file" ] || asuser $USER head -c 1 "$_file" >/dev/null 2>&1 && echo "$_file"
	done >/tmp/readable
	is "devices, memory and handover, as far as a user can read them" "$(cat /tmp/readable)" ""
	chmod 700 /sys/kernel/debug
	denied /sys/kernel/debug/kho/out/fdt
	denied $control/hot_add
	for _file in persist mem_reserve disksize reset comp_algorithm; do
		is "writing $_file as a user" \
			"$(asuser $USER putattr 1 /sys/block/zram5/$_file)" "Permission denied"
	done
	is "removing a device as a user" \
		"$(asuser $USER putattr 5 $control/hot_remove)" "Permission denied"
	is "state" "$(state zram5 | cut -d' ' -f1-2)" "on 1"
	save uuid "$(cat /sys/block/zram5/uuid)"
}

hop_1() {
	chmod 755 /
	check "a module without all codecs loads" load_few
	_held=$control/held-$(saved uuid)
	is "a device is held" "$(cat "$_held/reason")" "this kernel lacks the codec deflate"
	is "files of held devices that others may write" "$(find $control/held-*/ -type f -perm /022)" ""
	is "modes" "$(cd "$_held" && find . -maxdepth 1 -type f ! -name uevent -exec stat -c '%a %n' {} + |
		sed 's|\./||' | sort -k 2 | xargs)" \
		"200 attach 444 disksize 200 drop 444 held_hops 444 hops 444 index 444 mem_total 444 name 444 preserved 444 reason 444 uuid"
	for _file in attach drop; do
		is "writing $_file as a user" \
			"$(asuser $USER putattr 1 "$_held/$_file")" "Permission denied"
	done
	check "it is there" test -d "$_held"
	# Of the five, those that it has codecs for.
	for _n in 1 2; do
		is "zram$_n: contents" "$(sum_of /dev/zram$_n)" "$(saved sum-zram$_n)"
	done
	kexec_next
}

hop_2() {
	check "the module loads" load_zram
	for _n in 0 1 2 3 4; do
		is "zram$_n: contents" "$(sum_of /dev/zram$_n)" "$(saved "sum-zram$_n")"
		fill zram$_n mixed $_n 4
		is "zram$_n: contents that nobody changes" "$(sum_of /dev/zram$_n)" \
			"$(pattern_sum mixed $_n 4)"
	done
	is "what a user could not drop" "$(sum_of /dev/zram5)" "$(pattern_sum mixed 1 4)"
}
