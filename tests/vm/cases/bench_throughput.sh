# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Not a test: sequential writing and reading of the same real data on ours and
# on the kernel's own zram, alternating in one VM; lines "table" of the log have
# the figures.
#
# vm: kernel=lean mem=3072 cpus=1 timeout=1500 plan=0 data=yes

mib=64

timed() {
	_start=$(now_us)
	"$@" 2>/dev/null
	_end=$(now_us)
	echo $(((_end - _start) / 1000))
}

# one DRIVER CODEC
one() {
	_driver=$1 _codec=$2
	if [ "$1" = ours ]; then load_zram; else load_intree; fi
	echo "$_codec" >/sys/block/zram0/comp_algorithm
	echo 1G >/sys/block/zram0/disksize
	_w=$(timed dd if=/tmp/data of=/dev/zram0 bs=1M oflag=direct)
	_r=$(timed dd if=/dev/zram0 of=/dev/null bs=1M count=$mib iflag=direct)
	table "$_codec $_driver: write $_w ms, read $_r ms, RAM $(awk '{ print $3 }' /sys/block/zram0/mm_stat) for $(awk '{ print $2 }' /sys/block/zram0/mm_stat) compressed bytes"
	echo 1 >/sys/block/zram0/reset
	if [ "$1" = ours ]; then unload_zram; else rmmod zram; fi
}

hop_0() {
	# Archives, programs and text lie in different places of the disk.
	for _at in 16 120 220 320; do
		dd if="$(disk_named data)" bs=1M count=$((mib / 4)) skip=$_at 2>/dev/null
	done >/tmp/data
	for _round in 1 2 3 4 5; do
		for _c in lz4 zstd; do
			one ours $_c
			one intree $_c
		done
	done
}
