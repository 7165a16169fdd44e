# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Memory is added to a running machine. The next kernel would not know of it and
# could not even start if it were handed over: a device that has got any is not
# handed over, which is said, and others are. In the next kernel it is added before
# the module is loaded: only for programs, which is not in the way, and in the one
# after that for the kernel, which is.
#
# vm: kernel=debian mem=512 scratch=16M,112M,16M cpus=2 timeout=300 plan=41
# cmdline: memmap=128M%0x10000000-1
# expect: zram2: cannot be handed over, its contents will be lost: -(EADDRNOTAVAIL|99)

readonly BLOCK=/sys/devices/system/memory/memory2
readonly MIB=170

hop_0() {
	# What debugfs shows of it later is cut off.
	_root=$(fdtword /sys/kernel/debug/kho/out/fdt preserved-memory-map)
	check "the module loads" load_zram num_devices=3
	make_zram zram1 lz4 8M
	check "persistent" persist zram1 1
	check "data" fill zram1 mixed 1 8
	make_zram zram2 lz4 256M
	check "persistent" persist zram2 1
	save uuid "$(cat /sys/block/zram2/uuid)"
	_total=$(meminfo MemTotal)
	add_memory online_kernel
	at_least "it is there, KiB" $(($(meminfo MemTotal) - _total)) $((120 << 10))
	_nodes=$(nodes_of_tree)
	at_least "the tree of KHO has pages" "${_nodes% *}" 10
	is "those in added memory" "${_nodes#* }" 0
	full_before
	full_after
	# One more could come to lie in added memory: the next kernel would end at
	# its start.
	is "it has not grown since" "$(nodes_of_tree)" "$_nodes"
	kexec_next
}

# add_memory HOW: 128 MiB.
add_memory() {
	check "memory is added" insmod /tests/modules/add_memory.ko \
		start=$((0x10000000)) size=$((128 << 20))
	check "and used" sh -c "echo $1 >$BLOCK/state"
}

# nodes_of_tree: how many pages KHO has for its own tables, and how many of them are
# in memory that was added.
nodes_of_tree() {
	insmod /tests/modules/kho_nodes.ko root="$_root" &&
		cat /sys/module/kho_nodes/parameters/nodes \
			/sys/module/kho_nodes/parameters/added | xargs &&
		rmmod kho_nodes
}

# A device that has all memory that there was, and more, is made persistent.
full_before() {
	make_zram zram0 lz4 256M
	check "data" fill zram0 random 2 $MIB
	is "persist" "$(errno_write 1 /sys/block/zram0/persist)" "Cannot assign requested address"
	is "state" "$(state zram0)" "off 0 "
	check "and why" \
		said "memory that was added to the running machine cannot be handed over"
	is "contents" "$(digest -d /dev/zram0 8)" "$(pattern_sum random 2 8)"
	check "reset" sh -c "echo 1 >/sys/block/zram0/reset"
}

# Another was so before it got that memory.
full_after() {
	check "data" fill zram2 random 3 $MIB
	is "contents" "$(digest -d /dev/zram2 8)" "$(pattern_sum random 3 8)"
	is "what it has is not taken offline" "$(errno_write offline $BLOCK/state)" \
		"Device or resource busy"
}

hop_1() {
	add_memory online_movable
	check "the module loads" load_zram num_devices=3
	is "what was handed over" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 1 8)"
	is "what could not be is empty" "$(cat /sys/block/zram2/initstate)" 0
	check "and why" said "device $(saved uuid) (zram2) was not sealed by the previous kernel"
	make_zram zram2 lz4 8M
	check "another one is persistent" persist zram2 1
	kexec_next
}

# Nothing can go on from here, but all can be used.
hop_2() {
	add_memory online_kernel
	check "the module loads" load_zram num_devices=3 attach=0
	check "what cannot be is said" said \
		"the tables of Kexec HandOver could come to lie in memory that was added"
	is "held, not preserved" "$(cat /sys/class/zram-control/held-*/preserved | xargs)" "0 0"
	check "the module goes" rmmod zram
	check "and comes back" load_zram num_devices=3 persist=1
	check "a new device" sh -c "echo 4M >/sys/block/zram0/disksize"
	is "state" "$(state zram0)" "off 0 "
	is "what was handed over" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 1 8)"
	is "state" "$(state zram1)" "off 0 "
	is "persist" "$(errno_write 1 /sys/block/zram1/persist)" "Cannot assign requested address"
	is "contents" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 1 8)"
	kexec_next
}

hop_3() {
	check "the module loads" load_zram num_devices=3
	is "that is lost" "$(cat /sys/block/zram1/initstate)" 0
}
