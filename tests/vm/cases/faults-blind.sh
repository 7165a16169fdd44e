# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# A driver that cannot tell what was handed over, as with a kernel that it does not
# know: a block of a device was taken by another user of KHO, which KHO itself
# notices when the device is attached, and warns of. That device is lost, and
# those that are whole are attached all the same.
#
# vm: kernel=debian mem=768 cpus=2 extra=debian timeout=300 plan=27
# allow: WARNING: kernel/liveupdate/kexec_handover.c

# One codec is not in each module: so all are held, for another module.
hop_0() {
	check "the module loads" load_zram num_devices=3
	for _n in 0 1 2; do
		make_zram "zram$_n" deflate 8M
		check "persistent" persist "zram$_n" 1
		check "data" fill "zram$_n" random "$_n" 6
		save "uuid$_n" "$(cat "/sys/block/zram$_n/uuid")"
	done
	kexec_next
}

held() {
	echo "/sys/class/zram-control/held-$(saved "uuid$1")"
}

hop_1() {
	check "a module with few codecs loads" load_few
	for _n in 0 1 2; do
		check "$_n is held" test -d "$(held $_n)"
	done
	check "the module goes" unload_zram
	check "the driver will not be able to tell" insmod /tests/modules/zram_damage.ko now=1 blind=1
	check "it goes, too" rmmod zram_damage
	check "a block is taken" damage -n 1:header:0:taken
	check "a module with all codecs loads" load_zram
	for _n in 0 2; do
		is "contents of $_n" "$(digest -d "/dev/zram$_n" 6)" "$(pattern_sum random $_n 6)"
	done
	refused "1 is not attached" test -e /sys/block/zram1
	is "reason" "$(cat "$(held 1)/reason")" "memory is missing in the handover"
	is "it does not go on" "$(cat "$(held 1)/preserved")" 0
	is "attach" "$(errno_write 1 "$(held 1)/attach")" "No data available"
	check "it can be dropped" sh -c "echo 1 >$(held 1)/drop"
	kexec_next
}

hop_2() {
	check "the module loads" load_zram
	for _n in 0 2; do
		is "contents of $_n" "$(digest -d "/dev/zram$_n" 6)" "$(pattern_sum random $_n 6)"
	done
	is "nothing is held" "$(find /sys/class/zram-control/ -name 'held-*')" ""
}
