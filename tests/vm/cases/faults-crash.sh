# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A kernel that panics with a persistent device in it: the crash kernel boots,
# sees the memory of the other, and has no device. Nothing else is promised.
#
# vm: kernel=debian mem=896 cpus=2 timeout=300 plan=14
# cmdline: crashkernel=192M
# allow: Kernel panic - not syncing: sysrq triggered crash|Call Trace:

hop_0() {
	check "the module loads" load_zram
	make_zram zram0 lz4 16M
	check "persistent" persist zram0 1
	check "data" fill zram0 mixed 1 16
	_dir=$(kernel_dir debian)
	check "the crash kernel is loaded" kexec -s -p "$_dir/bzImage" --initrd="$_dir/initrd" \
		--append="$(cat /state/cmdline) zp.hop=1 nr_cpus=1"
	save total "$(meminfo MemTotal)"
	mark "hop 0 jumps"
	umount /state
	sync
	echo c >/proc/sysrq-trigger
	not_ok "the machine goes on"
}

hop_1() {
	is "memory of the other kernel begins" "$(head -c 4 /proc/vmcore | tail -c 3)" ELF
	at_least "it is all there, MiB" $(($(stat -c %s /proc/vmcore) >> 20)) \
		$(($(saved total) / 1024))
	at_most "this one keeps to what was set aside, KiB" "$(meminfo MemTotal)" $((192 << 10))
	refused "nothing was received" test -e /sys/kernel/debug/kho/in/sub_fdts
	check "the module loads" load_zram
	is "the device is empty" "$(cat /sys/block/zram0/initstate)" 0
	is "persist" "$(errno_write 1 /sys/block/zram0/persist)" "Operation not supported"
	check "it can be used" make_zram zram0 lz4 4M
	check "data" fill zram0 mixed 2 4
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 2 4)"
}
