# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A persistent device as swap: what goes there comes back, and in the next kernel
# it can be switched on again at once. The tool that people set such devices up
# with is util-linux' own zramctl.
#
# vm: kernel=debug mem=896 cpus=2 timeout=600 plan=62
# suite: swap on a persistent device, and zramctl

hop_0() {
	check "the module loads" load_zram
	tool
	swap_device
	# Swap is the first 200 MiB. The rest belongs to somebody else.
	check "swap header" mkswap -L zp-swap /dev/zram0 $((200 << 10))
	pattern random 6 4 |
		dd of=/dev/zram0 bs=1M seek=240 oflag=direct iflag=fullblock status=none
	check "swapon" swapon /dev/zram0
	check "it is persistent" persist zram0 1
	press
	save uuid "$(cat /sys/block/zram0/uuid)"
	not_swap
	# In use as swap, and full of what nobody will ask for.
	kexec_next
}

# It has a swap header, but the last that was written to it is something else.
not_swap() {
	is "another device" "$(cat /sys/class/zram-control/hot_add)" 1
	make_zram zram1 lz4 16M
	check "swap header" mkswap /dev/zram1
	pattern mixed 9 8 |
		dd of=/dev/zram1 bs=1M seek=4 oflag=direct iflag=fullblock status=none
	check "it is persistent" persist zram1 1
}

other_data() {
	dd if=/dev/zram1 bs=1M skip=4 count=8 iflag=direct status=none | digest
}

# of_swap: bytes that are stored as swap.
of_swap() {
	awk '{ print $1 - 4194304 }' /sys/block/zram0/mm_stat
}

behind_swap() {
	dd if=/dev/zram0 bs=1M skip=240 count=4 iflag=direct status=none | digest
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
	is "there is its header, and no more" "$(of_swap)" 4096
	check "which is said" said "zram0: was swap: "
	is "what is no swap is whole" "$(other_data)" "$(pattern_sum mixed 9 8)"
	is "and what is behind it" "$(behind_swap)" "$(pattern_sum random 6 4)"
	check "swapon without mkswap" swapon -L zp-swap
	press
	check "swapoff" swapoff_empty
	at_most "what swap freed is free" "$(of_swap)" 1048576
	check "swapon again" swapon -L zp-swap
	press
	kexec_next
}

hop_2() {
	check "the module loads" load_zram persist_swap=full
	at_least "what the other kernel swapped out" "$(of_swap)" $((8 << 20))
	is "all of it, in pages" $(($(of_swap) / 4096 + 1024)) \
		"$(dmesg | sed -n 's/.*zram0: attached: \([0-9]*\) pages.*/\1/p')"
	check "swapon" swapon -L zp-swap
	check "swapoff" swapoff /dev/zram0
	kexec_next
}

# Nothing was written to it in the last kernel: what it was is not forgotten.
hop_3() {
	refused "another policy" load_zram persist_swap=some
	check "the module loads" load_zram
	is "there is its header, and no more" "$(of_swap)" 4096
	is "its label" "$(blkid -s LABEL -o value /dev/zram0)" zp-swap
	is "what is no swap is whole" "$(other_data)" "$(pattern_sum mixed 9 8)"
	is "and what is behind it" "$(behind_swap)" "$(pattern_sum random 6 4)"
	check "no more swap" persist zram0 0
	check "it can be reset" zramctl --reset /dev/zram0
}

# What nobody needs any more is not to be swapped in.
swapoff_empty() {
	umount /mnt && swapoff /dev/zram0
}
