# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Between releases of Linux, in both directions: devices go from 7.3 to 7.2 and back,
# and each kernel adds to them.
#
# vm: kernel=debian next=lean-7.2 mem=1024 cpus=2 timeout=300 plan=20

hop_0() {
	is "version" "$(uname -r | cut -d. -f1-2)" 7.3
	check "the module loads" load_zram num_devices=2
	make_zram zram0 zstd 24M
	make_zram zram1 lz4 16M
	check "persistent" persist zram0 1
	check "persistent" persist zram1 1
	check "data" fill zram0 mixed 1 16
	check "a file system" mkfs.ext4 -q /dev/zram1
	check "mounted" mount /dev/zram1 /mnt
	pattern mixed 2 8 >/mnt/file
	umount /mnt
	kexec_next -k lean-7.2
}

hop_1() {
	is "version" "$(uname -r | cut -d. -f1-2)" 7.2
	check "the module loads" load_zram
	is "contents" "$(digest -d /dev/zram0 16)" "$(pattern_sum mixed 1 16)"
	check "mounted" mount /dev/zram1 /mnt
	is "file" "$(digest /mnt/file)" "$(pattern_sum mixed 2 8)"
	check "data" fill zram0 mixed 3 8 16
	umount /mnt
	kexec_next -k debian
}

hop_2() {
	is "version" "$(uname -r | cut -d. -f1-2)" 7.3
	check "the module loads" load_zram
	is "contents" "$(sum_of /dev/zram0)" \
		"$({ pattern mixed 1 16; pattern mixed 3 8; } | digest)"
	check "mounted" mount /dev/zram1 /mnt
	is "file" "$(digest /mnt/file)" "$(pattern_sum mixed 2 8)"
	is "hops" "$(stat_of zram0 hops) $(stat_of zram1 hops)" "2 2"
	is "damaged pages" "$(stat_of zram0 damaged_reads) $(stat_of zram1 damaged_reads)" "0 0"
	umount /mnt
}
