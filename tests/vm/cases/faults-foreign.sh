# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Devices that name memory which was not handed over, with all checksums right: as a
# faulty kernel would leave them. KHO warns when it is asked to restore such a
# block, and here a warning is a panic. A device that is not all there is lost,
# with what it has; so is one of which another user of KHO takes a block while it
# is held, and nothing that this user then has there is read, at the seal neither. What
# another user handed over looks like ours, but for what is in it.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=600 plan=40
# cmdline: panic_on_warn=1
# expect: a held device, superblock at 0x[0-9a-f]+, was taken by another user of KHO

# Devices by their number. Not handed over are of 0 a segment; of 1 one of the size
# that it is said to have; of 2 the other memory that it names; of 4 the
# superblock; of 5 the segment table. 3 names memory that another driver handed
# over. 6 is left alone. Of those from 7 on the slot table is damaged, so that they are held.
readonly DEVICES="0 1 2 3 4 5 6 7 8 9 10"

hop_0() {
	check "the module loads" load_zram num_devices=11 persist=1
	for _n in $DEVICES; do
		make_zram "zram$_n" lz4 8M
		fill "zram$_n" random "$_n" 6
		save "uuid$_n" "$(cat "/sys/block/zram$_n/uuid")"
	done
	save sum "$(sum_of /dev/zram6)"
	save super "$(superblocks)"
	check "damage" damage 0:header:0:gone 1:segtab:0:smaller 2:segtab:0:foreign \
		3:segtab:0:kept 4:super:0:gone 5:segtab:0:gone \
		7:table:0:800:04 8:table:0:800:04 9:table:0:800:04 10:table:0:800:04
	kexec_next
}

held() {
	echo "/sys/class/zram-control/held-$(saved "uuid$1")"
}

# reason N: without the number in it.
reason() {
	sed 's/ (.*//' "$(held "$1")/reason"
}

# lost N REASON
lost() {
	refused "$1 is not attached" test -e "/sys/block/zram$1"
	refused "nor held" test -e "$(held "$1")"
	check "the log says why" said "superblock at $(
		printf '0x%x' "$(saved super | cut -d , -f $(($1 + 1)))"): $2 ("
}

hop_1() {
	check "the module loads" load_zram
	is "contents of the sound device" "$(sum_of /dev/zram6)" "$(saved sum)"
	for _n in 0 1 2; do
		lost $_n "segment is not in memory"
	done
	lost 4 "superblock is not in memory"
	lost 5 "segment table is not in memory"
	is "a block was handed over in another size" \
		"$(dmesg | grep -c 'a block of order 6 .* was not handed over')" 1
	is "the contents of the other's memory are wrong" "$(reason 3)" \
		"segment has a wrong checksum"
	check "it can be dropped" sh -c "echo 1 >$(held 3)/drop"

	check "a block is taken of two that are held" damage -n \
		"$(place 7):header:0:taken" "$(place 8):header:0:taken"
	taken
	# Nobody asks for these before the seal.
	check "and what tells of the memory of two others, which is overwritten" damage -n \
		"$(place 9):super:0:used" "$(place 10):segtab:0:used"
	save total "$(meminfo MemTotal)"
	kexec_next
}

# place N: where the record has that device now.
place() {
	superblocks | tr , '\n' | grep -nxF "$(saved super | cut -d , -f $(($1 + 1)))" |
		awk -F : '{ print $1 - 1 }'
}

taken() {
	is "reason before somebody asks" "$(reason 7)" "slot table page has a wrong checksum"
	is "attach" "$(errno_write 1 "$(held 7)/attach")" "No data available"
	is "reason" "$(reason 7)" "memory is missing in the handover"
	is "it does not go on" "$(cat "$(held 7)/preserved")" 0
	is "attach, again" "$(errno_write 1 "$(held 7)/attach")" "No data available"
	_free=$(free_kib)
	check "8 is dropped" sh -c "echo 1 >$(held 8)/drop"
	refused "it is gone" test -e "$(held 8)"
	at_most "nothing of it is freed, KiB" "$(($(free_kib) - _free))" 2048
	check "the log says why" said "is not in the handover any more"
}

hop_2() {
	check "the module loads" load_zram
	is "contents of the sound device" "$(sum_of /dev/zram6)" "$(saved sum)"
	is "nothing else is there" "$(find /sys/class/zram-control/ -name 'held-*'; ls -d /sys/block/zram*)" \
		/sys/block/zram6
	at_least "memory of the lost ones is back, KiB" "$(($(meminfo MemTotal) - $(saved total)))" \
		$((24 << 10))
	persist zram6 0
	kexec_next
}

hop_3() {
	check "the module loads" load_zram
	is "the device is empty" "$(cat /sys/block/zram0/initstate)" 0
	is "nothing is said of a lost one" "$(dmesg | grep -c 'zram.*lost')" 0
}
