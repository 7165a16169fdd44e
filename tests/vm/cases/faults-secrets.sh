# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What a device held is not to be found in memory any more once it is gone: after
# a discard, a reset, and when persistence was switched off before; here and in
# the next kernel, also if the kexec came in the middle of a scrub; nor when a held
# device is dropped. What is on a faulty page is not touched any more, not even to be
# zeroed, and it alone.
#
# vm: kernel=debian mem=768 cpus=2 timeout=600 plan=69

# Inverted, so that no program or script contains them.
readonly RESET=0x5a17c3e9b40f6d82
readonly DISCARD=0x4be80d91f73a26c5
readonly COPY=0x63b1f8d20a7c954e
readonly FAULTY=0x2d94f06be18a735c
readonly NEXT=0x6c02d7b85e19f43a
readonly HELD=0x713ea5c4098bd26f
readonly BEFORE=0x58c2f16be39d07a4

canaries() {
	cat /sys/module/find_canary/parameters/found
}

# last NAME: of the last search.
last() {
	cat "/sys/module/find_canary/parameters/$1"
}

look_for() {
	rmmod find_canary 2>/dev/null
	insmod /tests/modules/find_canary.ko "inverted=$1"
}

# lay DEVICE INVERTED CODEC LEAST: 2048 pages with canaries, of which the half is
# raw. In the others lz4 leaves one of four as it is, and the rest none.
lay() {
	look_for "$2"
	is "there is none" "$(canaries)" 0
	make_zram "$1" "$3" 16M
	check "persistent" persist "$1" 1
	check "written" canary "/dev/$1" 8 "$2"
	has_canaries "$4"
}

# lay_before DEVICE INVERTED CODEC LEAST: the same, but it becomes persistent later.
lay_before() {
	look_for "$2"
	is "there is none" "$(canaries)" 0
	make_zram "$1" "$3" 16M
	check "written" canary "/dev/$1" 8 "$2"
	check "persistent" persist "$1" 1
	has_canaries "$4"
}

# has_canaries LEAST: a search does not find what is moved meanwhile from where it has
# not been to where it was, and small segments are moved to a large one by and by.
has_canaries() {
	wait_for "canaries are found" 60 many_canaries "$1"
}

many_canaries() {
	[ "$(canaries)" -ge "$1" ]
}

hop_0() {
	check "the module loads" load_zram num_devices=4
	lay_before zram0 $BEFORE zstd 4096
	check "not persistent" persist zram0 0
	check "reset" sh -c "echo 1 >/sys/block/zram0/reset"
	is "nothing is left of what it had before" "$(canaries)" 0

	lay zram0 $RESET zstd 4096
	check "not persistent" persist zram0 0
	check "reset" sh -c "echo 1 >/sys/block/zram0/reset"
	is "nothing is left" "$(canaries)" 0

	lay zram1 $DISCARD lz4 5000
	check "not persistent" persist zram1 0
	check "all is discarded" blkio discard /dev/zram1 0 $((16 << 20))
	wait_for "nothing is left but what is not full" 20 few_canaries 64
	check "compact" sh -c "echo 1 >/sys/block/zram1/compact"
	wait_for "nothing is left" 20 few_canaries 1
	check "reset" sh -c "echo 1 >/sys/block/zram1/reset"
	is "nothing is left" "$(canaries)" 0

	# A codec whose working memory has parts of the page as they are.
	lay zram0 $COPY 842 4096
	check "not persistent" persist zram0 0
	check "reset" sh -c "echo 1 >/sys/block/zram0/reset"
	is "nothing is left" "$(canaries)" 0

	lay zram0 $FAULTY lz4 5000
	# So that what is found stays where it is. segments is no help: it would leave
	# copies of all that it reads.
	check "compact" sh -c "echo 1 >/sys/block/zram0/compact"
	wait_for "it rests" 30 rests zram0
	has_canaries 5000
	is "a page with some is reported as faulty" \
		"$(errno_write "$(last where)" /sys/devices/system/memory/hard_offline_page)" \
		"Device or resource busy"
	check "not persistent" persist zram0 0
	check "reset" sh -c "echo 1 >/sys/block/zram0/reset"
	is "nothing is left" "$(canaries)" 0
	at_least "but what is on the faulty page" "$(last faulty)" 1

	lay zram2 $NEXT lz4 5000
	lay zram3 $HELD lz4 5000
	# Which leaves copies of what it moved last in buffers.
	for _device in zram2 zram3; do
		check "compact" sh -c "echo 1 >/sys/block/$_device/compact"
	done
	check "damage" damage 1:table:0:800:04
	check "the next kernel is loaded" kexec_load
	# The seal ends a scrub, which has a page in a buffer: one that went on would still
	# run at the jump, since that comes a second later.
	insmod /tests/modules/slow_shutdown.ko seconds=1
	scrub_on zram2 &
	wait_for "pages are scrubbed" 20 grep -q 'state running' /sys/block/zram2/scrub
	kexec_jump
}

scrub_on() {
	while :; do
		echo start >"/sys/block/$1/scrub"
	done 2>/dev/null
}

few_canaries() {
	[ "$(canaries)" -lt "$1" ]
}

hop_1() {
	check "the module loads" load_zram
	look_for $NEXT
	check "not persistent" persist zram2 0
	check "reset" sh -c "echo 1 >/sys/block/zram2/reset"
	is "nothing is left of what was attached" "$(canaries)" 0
	look_for $HELD
	at_least "what is held is there" "$(canaries)" 5000
	check "dropped" sh -c "echo 1 | tee /sys/class/zram-control/held-*/drop"
	is "nothing is left of what was held" "$(canaries)" 0
	for _gone in $BEFORE $RESET $DISCARD $COPY; do
		look_for "$_gone"
		is "nothing is left of what the kernel before was rid of" "$(canaries)" 0
	done
}
