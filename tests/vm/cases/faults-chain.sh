# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Nothing gets lost and nothing leaks from kernel to kernel: in each of a long chain
# some of a device is overwritten and some discarded, all of it is compared, and
# memory is what it was after the first kexec. Only the first kernel may differ,
# which received no handover. `make soak HOPS=n` does this with n kexecs.
#
# vm: kernel=debian mem=768 cpus=2 threads=single hops=20 plan=4+6*hops timeout=120+45*hops

readonly MIB=8
# What these data take, and two segments for what comes and goes.
readonly MOST=12288

# All of the device, by another program than that which other tests use.
sha256() {
	dd if=/dev/zram0 bs=1M iflag=direct status=none | sha256sum
}

first_hop() {
	check "the module loads" load_zram
	check "a device" make_zram zram0 zstd ${MIB}M
	check "persistent" persist zram0 1
	check "data" fill zram0 mixed 1 $((MIB - 4))
}

later_hop() {
	check "the module loads" load_zram
	is "hops" "$(stat_of zram0 hops)" "$ZP_HOP"
	is "SHA-256 of all of it" "$(sha256)" "$(saved sha)"
	if [ "$ZP_HOP" -eq 1 ]; then
		save total "$(meminfo MemTotal)"
		save with_device "$(with_device)"
	fi
	# What early boot reserves varies by a page or two with KASLR. A leak of
	# a page per kexec is seen nevertheless.
	at_least "MemTotal" "$(meminfo MemTotal)" $(($(saved total) - 32))
	# Free memory goes up and down by some MiB with no kexec at all.
	wait_for "MemFree" 20 all_there 8192
	# Which leaves out what the device itself keeps.
	at_most "memory of the device, KiB" "$(used_kib zram0)" $MOST
	diag "MemTotal $(meminfo MemTotal), MemFree $(meminfo MemFree), device $(used_kib zram0)"
}

# with_device: KiB that are free or the device's, which has more or less of it.
with_device() {
	drop_caches
	echo $(($(free_kib) + $(used_kib zram0)))
}

# all_there KIB: but for so much.
all_there() {
	[ "$(with_device)" -ge $(($(saved with_device) - $1)) ]
}

# As much data as before, elsewhere: three places that wander, at different pace.
change() {
	fill zram0 mixed $((ZP_HOP + 20)) 2 $((ZP_HOP * 5 % (MIB - 2)))
	fill zram0 random $((ZP_HOP + 20)) 1 $((ZP_HOP * 11 % (MIB - 1)))
	blkdiscard -o $((ZP_HOP * 7 % (MIB - 3) << 20)) -l 3M /dev/zram0
}

next_hop() {
	change
	save sha "$(sha256)"
	kexec_next
}

eval "hop_$ZP_HOP() { hop_of_chain; }"
