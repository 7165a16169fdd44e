# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What the kernels of a chain can do to devices that are handed over: a next kernel
# that is too large; a second kexec as soon as a device is attached; the kernel's
# own zram first, then a module that lacks a codec, then ours; no module at
# all; nobody told of the kexec; the module coming and going a hundred times.
#
# vm: kernel=debian mem=896 scratch=16M,144M,16M cpus=2 extra=debian timeout=600 plan=59

hop_0() {
	check "the module loads" load_zram num_devices=2
	make_zram zram0 lz4 16M
	make_zram zram1 deflate 8M
	check "persistent" persist zram0 1
	check "persistent" persist zram1 1
	check "data" fill zram0 mixed 1 16
	check "data" fill zram1 mixed 2 8
	save uuid "$(cat /sys/block/zram1/uuid)"
	too_large
	kexec_next
}

# The next kernel has to fit into what was set aside at the first boot. One that does
# not is told from one for which memory was short while it was read.
too_large() {
	mount -t tmpfs -o size=100% large /mnt
	dd if=/dev/zero of=/mnt/initrd bs=1M count=200 status=none
	_dir=$(kernel_dir debian)
	is "a kernel that does not fit into scratch memory" "$(kexec -s -l "$_dir/bzImage" \
		--initrd=/mnt/initrd --append="$(cat /state/cmdline)" 2>&1 |
		grep -o 'Cannot assign requested address')" "Cannot assign requested address"
	umount /mnt
	check "one that does is loaded after that" kexec_load
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 1 16)"
	check "the devices can be written to" fill zram0 mixed 3 4
}

contents() {
	is "contents of the first" "$(sum_of /dev/zram0)" \
		"$({ pattern mixed 3 4; pattern mixed 1 12 4; } | digest)"
}

# Loaded before anything was attached, left as soon as it is.
hop_1() {
	check "the next kernel is loaded" kexec_load
	check "the module loads" load_zram
	save total "$(meminfo MemTotal)"
	kexec_jump
}

hop_2() {
	check "the kernel's own zram loads" load_intree
	is "its device is empty" "$(cat /sys/block/zram0/disksize)" 0
	check "it can be used" make_zram zram0 lzo-rle 8M
	check "data" fill zram0 mixed 4 8
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 4 8)"
	check "and be reset" sh -c "echo 1 >/sys/block/zram0/reset"
	check "and go" rmmod zram zsmalloc
	few_codecs
	kexec_next
}

few_codecs() {
	check "a module with few codecs loads" load_few
	contents
	is "hops" "$(stat_of zram0 hops)" 2
	held
	check "the other device can go" sh -c "echo 0 >/sys/block/zram0/persist &&
		echo 1 >/sys/block/zram0/reset"
	check "the module can go" unload_zram
	check "one with all codecs loads" load_zram
	is "it attaches what was held" "$(cat /sys/block/zram1/uuid)" "$(saved uuid)"
	is "contents of the second" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 2 8)"
	refused "nothing is held" test -e "/sys/class/zram-control/held-$(saved uuid)"
	is "its state" "$(cat /sys/block/zram1/persist_state)" on
}

held() {
	_held=/sys/class/zram-control/held-$(saved uuid)
	check "the second device is held" test -d "$_held"
	is "reason" "$(cat "$_held/reason")" "this kernel lacks the codec deflate"
	is "number, size, hops" "$(cat "$_held/index" "$_held/disksize" "$_held/hops" | xargs)" \
		"1 $((8 << 20)) 2"
	is "it is preserved, here for the first time" \
		"$(cat "$_held/preserved" "$_held/held_hops" | xargs)" "1 1"
	at_least "its memory, bytes" "$(cat "$_held/mem_total")" $((2 << 20))
	is "attach" "$(errno_write 1 "$_held/attach")" "Package not installed"
	is "reason" "$(cat "$_held/reason")" "this kernel lacks the codec deflate"
	is "a new device gets another number" "$(cat /sys/class/zram-control/hot_add)" 2
	check "it is removed" sh -c "echo 2 >/sys/class/zram-control/hot_remove"
}

# Nobody looks at what was handed over: all that this kernel can do is to lose it.
hop_3() {
	refused "no module" test -e /sys/class/zram-control
	kexec_next
}

hop_4() {
	refused "nothing of ours was received" test -e /sys/kernel/debug/kho/in/sub_fdts/zram
	at_least "nor is anything of it left behind, KiB" "$(meminfo MemTotal)" \
		$(($(saved total) - 64))
	check "the module loads" load_zram
	is "its device is empty" "$(cat /sys/block/zram0/initstate)" 0
	is "nothing is said of a lost one" "$(dmesg | grep -c 'zram.*lost')" 0
	make_zram zram0 zstd 16M
	check "persistent" persist zram0 1
	check "data" fill zram0 random 5 16
	save uuid "$(cat /sys/block/zram0/uuid)"
	check "a module that lets nobody be told of the kexec" \
		insmod /tests/modules/stop_notifiers.ko
	kexec_next
}

hop_5() {
	check "the module loads" load_zram
	check "the device is not attached, and why" \
		said "device $(saved uuid) (zram0) was not sealed by the previous kernel: its contents are lost"
	check "what becomes of its memory" said "its memory is missing until the next kexec"
	is "it is empty" "$(cat /sys/block/zram0/initstate)" 0
	refused "nor is it held" test -e "/sys/class/zram-control/held-$(saved uuid)"
	at_most "its memory is reserved, KiB" "$(meminfo MemTotal)" $(($(saved total) - 16384))
	check "it can be used" make_zram zram0 lz4 8M
	check "persistent" persist zram0 1
	check "data" fill zram0 mixed 6 8
	kexec_next
}

hop_6() {
	check "the module loads" load_zram
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 6 8)"
	at_least "all memory is there again, KiB" "$(meminfo MemTotal)" $(($(saved total) - 64))
	persist zram0 0
	_round=0
	while [ $_round -lt 100 ]; do
		rmmod zram || break
		modprobe zram || break
		[ "$(cat /sys/block/zram0/initstate)" = 0 ] || break
		_round=$((_round + 1))
	done
	is "it goes and comes, and attaches nothing twice" $_round 100
}
