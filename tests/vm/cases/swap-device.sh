# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A persistent device as swap: what goes there comes back, and in the next kernel
# it can be switched on again at once. The tool that people set such devices up
# with is util-linux' own zramctl.
#
# vm: kernel=debug mem=896 cpus=2 timeout=400 plan=38
# suite: swap on a persistent device, and zramctl

hop_0() {
	check "the module loads" load_zram
	tool
	swap_device
	check "swap header" mkswap -L zp-swap /dev/zram0
	check "swapon" swapon /dev/zram0
	check "it is persistent" persist zram0 1
	press
	save uuid "$(cat /sys/block/zram0/uuid)"
	# In use as swap, and full of what nobody will ask for.
	kexec_next
}

# zramctl as it is: makes, shows and resets devices.
tool() {
	is "zramctl makes one" "$(zramctl --find --size 24M --algorithm lz4)" /dev/zram0
	is "and another" "$(zramctl --find --size 8M --algorithm zstd)" /dev/zram1
	is "it lists them" "$(list NAME,DISKSIZE,ALGORITHM)" "/dev/zram0 24M lz4 /dev/zram1 8M zstd"
	fill zram1 mixed 1 8
	is "data" "$(list DATA,ZERO-PAGES /dev/zram1)" \
		"$(awk '{ print $1 / 1048576, $6 }' /sys/block/zram1/mm_stat | sed 's/ /M /')"
	check "its whole table" zramctl --output-all
	check "mkfs" mkfs.ext4 -q /dev/zram0
	mount /dev/zram0 /mnt
	is "mount point" "$(list MOUNTPOINT /dev/zram0)" /mnt
	refused "a mounted one is not reset" zramctl --reset /dev/zram0
	umount /mnt
	persist zram1 1
	refused "nor a persistent one" zramctl --reset /dev/zram1
	is "its data is there" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 1 8)"
	persist zram1 0
	check "both are reset" zramctl --reset /dev/zram0 /dev/zram1
	is "none is left" "$(list NAME)" ""
}

# list COLUMNS [DEVICE]: in one line.
list() {
	zramctl --raw --noheadings --output "$@" | sort | xargs
}

swap_device() {
	is "zramctl makes a device for swap" \
		"$(zramctl --find --size 256M --algorithm lz4)" /dev/zram0
}

readonly MIB=24

# A file in memory, which the kernel is asked to move to swap: then it does not
# depend on the other memory of the VM what goes there, and how much of it.
press() {
	mount -t tmpfs press /mnt
	# Without this it declines where there is not much page cache.
	echo 0 >/proc/sys/vm/min_slab_ratio
	pattern mixed 7 $MIB >/mnt/file
	reclaim 20
	at_least "swap in use, KiB" $(($(meminfo SwapTotal) - $(meminfo SwapFree))) $((16 * 1024))
	at_least "data in swap, KiB" \
		$(($(awk '{ print $1 }' /sys/block/zram0/mm_stat) / 1024)) $((8 * 1024))
	diag "$(grep -E 'MemFree|Swap' /proc/meminfo | xargs); $(cat /sys/block/zram0/mm_stat)"
	is "what comes back" "$(digest /mnt/file)" "$(pattern_sum mixed 7 $MIB)"
	check "a part is changed" sh -c \
		"pattern mixed 8 8 | dd of=/mnt/file bs=1M seek=8 conv=notrunc iflag=fullblock"
	reclaim 12
	is "what comes back" "$(digest /mnt/file)" \
		"$({ pattern mixed 7 8; pattern mixed 8 8; pattern mixed 7 8 16; } | digest)"
	is "failed requests" "$(awk '{ print $1, $2 }' /sys/block/zram0/io_stat)" "0 0"
}

# reclaim MIB: an error if it has to stop short of that. What went to swap is
# looked at.
reclaim() {
	echo "${1}M swappiness=max" >/sys/devices/system/node/node0/reclaim || :
}

hop_1() {
	check "the module loads" load_zram
	is "the same device" "$(cat /sys/block/zram0/uuid)" "$(saved uuid)"
	is "its label" "$(blkid -s LABEL -o value /dev/zram0)" zp-swap
	# What the other kernel swapped out is of no use to anybody.
	check "swapon without mkswap" swapon --discard=once -L zp-swap
	at_most "data of the other kernel" "$(awk '{ print $1 }' /sys/block/zram0/mm_stat)" 8192
	press
	check "swapoff" swapoff_empty
	at_most "what swap freed is free" "$(awk '{ print $1 }' /sys/block/zram0/mm_stat)" 1048576
	check "no more swap" persist zram0 0
	check "it can be reset" zramctl --reset /dev/zram0
}

# What nobody needs any more is not to be swapped in.
swapoff_empty() {
	umount /mnt && swapoff /dev/zram0
}
