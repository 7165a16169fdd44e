# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Nothing leaks from kernel to kernel: after ten kexecs with a persistent device
# whose contents change a little each time, memory is what it was after the
# first of them. Only the first kernel may differ, which received no handover.
#
# vm: kernel=debian mem=1024 cpus=2 timeout=500 plan=32

dev=/sys/block/zram0

hop_any() {
	check "the module loads" load_zram
	if [ "$ZP_HOP" -eq 0 ]; then
		echo 1 >$dev/persist
		echo zstd >$dev/comp_algorithm
		echo 64M >$dev/disksize
		pattern mixed 1 32 | dd of=/dev/zram0 bs=1M oflag=direct iflag=fullblock 2>/dev/null
	else
		is "contents" "$(sum_of /dev/zram0)" "$(saved sum)"
	fi
	pattern mixed $((ZP_HOP + 20)) 2 |
		dd of=/dev/zram0 bs=1M seek=$((ZP_HOP * 2)) oflag=direct iflag=fullblock 2>/dev/null
	save sum "$(sum_of /dev/zram0)"
	drop_caches
	if [ "$ZP_HOP" -eq 1 ]; then
		save total "$(meminfo MemTotal)"
		save free "$(meminfo MemFree)"
		save segments "$(sed -n 's/^segments //p' $dev/persist_stat)"
	elif [ "$ZP_HOP" -gt 1 ]; then
		# What early boot reserves varies by a page or two with KASLR. A
		# leak of one page per kexec is seen nevertheless.
		at_least "MemTotal" "$(meminfo MemTotal)" $(($(saved total) - 32))
		diag "MemFree $(meminfo MemFree), segments $(sed -n 's/^segments //p' $dev/persist_stat)"
	fi
	[ "$ZP_HOP" -lt 10 ] && kexec_next
	# Free memory goes up and down by some MiB with no kexec at all. One
	# segment lost at each kexec would be 20 MiB.
	wait_for "MemFree comes back" 20 free_again 8192
	is "segments" "$(sed -n 's/^segments //p' $dev/persist_stat)" "$(saved segments)"
}

for _hop in 0 1 2 3 4 5 6 7 8 9 10; do
	eval "hop_$_hop() { hop_any; }"
done
