# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Machines that look different to each kernel of a chain: two nodes of memory and
# one, page tables of five levels and of four, KASAN and none. And memory that
# is full of a device: it cannot be taken offline, and scratch memory is not used.
#
# Scratch memory for a kernel with KASAN fills most of a node. A first kernel that
# is put into the middle of one by KASLR would leave no room for it, and have no
# handover. The kernels after it do without so large a block: they are put at
# random.
#
# vm: kernel=debian next=debug mem=768 cpus=4 timeout=600 plan=25
# cmdline: nokaslr
# qemu: -cpu max -smp sockets=2,cores=2 -object memory-backend-ram,id=m0,size=384M -object memory-backend-ram,id=m1,size=384M -numa node,memdev=m0,cpus=0-1 -numa node,memdev=m1,cpus=2-3

readonly MEMORY=/sys/devices/system/memory

# look NODES LEVELS: struct pages of each node are set up late, too.
look() {
	is "nodes" "$(find /sys/devices/system/node -maxdepth 1 -name 'node[0-9]*' | wc -l)" "$1"
	_levels=4
	! grep -qw la57 /proc/cpuinfo || _levels=5
	is "levels of page tables" $_levels "$2"
	is "nodes that have struct pages set up late" \
		"$(dmesg | grep -c 'node [0-9]* deferred pages initialised')" "$1"
}

node_free() {
	awk '$3 == "MemFree:" { print $4 }' "/sys/devices/system/node/node$1/meminfo"
}

hop_0() {
	look 2 5
	check "the kernel can set up struct pages late" sh -c \
		"zcat /proc/config.gz | grep -qx CONFIG_DEFERRED_STRUCT_PAGE_INIT=y"
	check "the module loads" load_zram
	make_zram zram0 lz4 512M
	check "persistent" persist zram0 1
	on_node 0 0
	on_node 1 24
	full
	save sum "$(digest -d /dev/zram0 48)"
	sed -i 's/ nokaslr//' /state/cmdline
	kexec_next -k debug numa=off no5lvl
}

# on_node NODE MIB: 24 MiB at this place come from memory of this node.
on_node() {
	drop_caches
	_free=$(node_free "$1")
	pattern random "$1" 24 | taskset $((1 << $1 * 2)) \
		dd of=/dev/zram0 bs=1M seek="$2" oflag=direct iflag=fullblock status=none
	at_least "memory of node $1, KiB" $((_free - $(node_free "$1"))) $((16 << 10))
}

# offline_all: how many blocks of memory can be taken offline. They come back.
offline_all() {
	for _block in "$MEMORY"/memory*; do
		putattr offline "$_block/state" >/dev/null && {
			echo "${_block##*/}"
			echo online >"$_block/state"
		}
	done | wc -l
}

# What is free becomes the device's, but for what programs need.
full() {
	_mib=$((($(meminfo MemFree) - $(meminfo CmaFree)) / 1024 - 48))
	[ $_mib -lt 460 ] || _mib=460
	check "the device takes all that there is, but for scratch memory" \
		fill zram0 random 5 $_mib 48
	diag "$_mib MiB, then $(grep -E 'MemFree|CmaFree' /proc/meminfo | xargs)"
	diag "$(offline_all) of $(find $MEMORY -name 'memory[0-9]*' | wc -l) blocks could be taken offline"
	_block=$(($(superblocks) / 0x$(cat $MEMORY/block_size_bytes)))
	# EBUSY, or EINVAL if something else in the block can never move either.
	refused "the block that has its superblock cannot be taken offline" \
		sh -c "echo offline >$MEMORY/memory$_block/state"
	is "contents of the end" \
		"$(dd if=/dev/zram0 bs=1M skip=$((_mib - 16)) count=64 iflag=direct status=none | digest)" \
		"$(pattern_sum random 5 64 $((_mib - 64)))"
	check "most is given back" blkdiscard -o 48M /dev/zram0
	is "contents of what stays" "$(digest -d /dev/zram0 48)" \
		"$({ pattern random 0 24; pattern random 1 24; } | digest)"
}

hop_1() {
	look 1 4
	is "KASAN" "$(zcat /proc/config.gz | grep -c '^CONFIG_KASAN=y')" 1
	check "the module loads" load_zram
	is "contents" "$(digest -d /dev/zram0 48)" "$(saved sum)"
	check "some are changed" fill zram0 mixed 6 8 20
	save sum "$(digest -d /dev/zram0 48)"
	kexec_next -k debian
}

hop_2() {
	look 2 5
	check "the module loads" load_zram
	is "contents" "$(digest -d /dev/zram0 48)" "$(saved sum)"
}
