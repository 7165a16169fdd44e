# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Handovers as they are, for the fuzzer: what the next kernel finds in memory,
# before a driver takes it, goes to the log (tests/fuzz/record-seeds makes files
# of it). Everything that the format has, on small devices; then what becomes of
# them in two more kernels.
#
# vm: kernel=debian mem=512 cpus=2 timeout=400 disks=back=16 plan=9

# dump NAME: as lines of base64 in the log.
dump() {
	handover >/tmp/image || return 1
	gzip -9 -c /tmp/image | base64 | while read -r _line; do
		mark "seed $1 $_line"
	done
}

# Words, text, noise and nothing; with what is freed again in between.
fill_zram() {
	fill "$1" mixed "$2" "$3"
	fill "$1" random "$2" 1 "$3"
	blkdiscard -o 1M -l 300K "/dev/$1" 2>/dev/null ||
		dd if=/dev/zero of="/dev/$1" bs=4k seek=256 count=75 oflag=direct status=none
}

hop_0() {
	check "the module loads" load_zram num_devices=4
	for _n in 0 1 2 3; do
		persist zram$_n 1
	done
	make_zram zram0 lz4 8M
	fill_zram zram0 1 2
	two
	# No large segment fits under the limit: small ones, and lone pages.
	echo 400K >/sys/block/zram2/mem_limit
	make_zram zram2 lzo-rle 4M
	fill_zram zram2 3 1 2>/dev/null || :
	make_zram zram3 842 1G
	kexec_next
}

# Dictionary, recompression, writeback, ages.
two() {
	pattern text 9 1 | head -c 6000 >/tmp/dict
	disk_named back >/sys/block/zram1/backing_dev
	echo zstd >/sys/block/zram1/comp_algorithm
	echo "dict=/tmp/dict" >/sys/block/zram1/algorithm_params
	echo "algo=deflate priority=1" >/sys/block/zram1/recomp_algorithm
	echo 8M >/sys/block/zram1/disksize
	fill_zram zram1 2 2
	check "recompression" sh -c "echo type=huge >/sys/block/zram1/recompress"
	check "writeback" sh -c "echo page_indexes=1-40 >/sys/block/zram1/writeback"
	echo all >/sys/block/zram1/idle
}

hop_1() {
	check "all of them at once" dump all
	check "the module loads" load_zram
	for _n in 0 2; do
		persist zram$_n 0
	done
	kexec_next
}

hop_2() {
	check "two that are left" dump left
	check "the module loads" load_zram
	persist zram1 0
	echo 1 >/sys/block/zram3/compact
	kexec_next
}

hop_3() {
	check "one without pages" dump empty
	check "the module loads" load_zram
}
