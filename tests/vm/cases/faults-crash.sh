# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Kernels that panic with a persistent device in them. The crash kernel boots, sees
# the memory of the other, and has no device. The machine starts anew, with
# what memory had still in it, as machines do: there is no device either, and
# nothing of it in new ones. So it is without a crash kernel; and the handover
# works as before.
#
# vm: kernel=debian mem=896 cpus=2 timeout=400 plan=39
# cmdline: crashkernel=192M
# qemu: -action reboot=reset
# allow: Kernel panic - not syncing: sysrq triggered crash

# Each start of the machine is a hop 0.
hop_0() {
	case $(saved start 2>/dev/null) in
	'') start_1 ;;
	2) start_2 ;;
	3) start_3 ;;
	esac
}

# device SEED
device() {
	make_zram zram0 lz4 16M
	check "persistent" persist zram0 1
	check "data" fill zram0 mixed "$1" 16
}

# panic NEXT: the number of the next start.
panic() {
	save start "$1"
	mark "this start panics"
	umount /state
	sync
	echo c >/proc/sysrq-trigger
	not_ok "the machine goes on"
}

start_1() {
	check "the module loads" load_zram
	device 1
	_dir=$(kernel_dir debian)
	check "the crash kernel is loaded" kexec -s -p "$_dir/bzImage" --initrd="$_dir/initrd" \
		--append="$(cat /state/cmdline) zp.hop=9 nr_cpus=1"
	save total "$(meminfo MemTotal)"
	panic 2
}

# The crash kernel.
hop_9() {
	is "memory of the other kernel begins" "$(head -c 4 /proc/vmcore | tail -c 3)" ELF
	at_least "it is all there, MiB" $(($(stat -c %s /proc/vmcore) >> 20)) \
		$(($(saved total) / 1024))
	at_most "this one keeps to what was set aside, KiB" "$(meminfo MemTotal)" $((192 << 10))
	refused "nothing was received" test -e /sys/kernel/debug/kho/in/sub_fdts
	check "the module loads" load_zram persist=1
	check "and says that nothing can be handed over" said \
		"persist=1 has no effect: Kexec HandOver is off"
	is "the device is empty" "$(cat /sys/block/zram0/initstate)" 0
	is "persist" "$(errno_write 1 /sys/block/zram0/persist)" "Operation not supported"
	check "it can be used" make_zram zram0 lz4 4M
	check "data" fill zram0 mixed 2 4
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 2 4)"
	umount /state
	sync
	reboot -f
	not_ok "the machine goes on"
}

# nothing: no device, and no contents.
nothing() {
	refused "nothing was received" test -e /sys/kernel/debug/kho/in/sub_fdts
	check "the module loads" load_zram
	is "there is one device" "$(ls -d /sys/block/zram*)" /sys/block/zram0
	is "it is empty" "$(cat /sys/block/zram0/initstate) $(cat /sys/block/zram0/disksize)" "0 0"
	is "nothing is held" "$(find /sys/class/zram-control/ -name 'held-*')" ""
	is "nothing is said of another one" "$(dmesg | grep -cE 'zram.*(lost|attached|held)')" 0
	check "it can be used" make_zram zram0 lz4 16M
	is "nothing is in it" "$(sum_of /dev/zram0)" "$(pattern_sum zero 0 16)"
	check "it is reset" sh -c "echo 1 >/sys/block/zram0/reset"
}

start_2() {
	nothing
	device 3
	panic 3
}

start_3() {
	nothing
	device 4
	kexec_next
}

hop_1() {
	check "the module loads" load_zram
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 4 16)"
}
