# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# All memory comes back when the modules go, however often they come. In a
# kernel without KASAN, which keeps freed memory back in amounts that vary.
#
# vm: kernel=debian mem=768 cpus=2 timeout=300 plan=4

rounds=30

round() {
	load_zram && make_zram zram0 lz4 8M && persist zram0 1 &&
		fill zram0 mixed 9 4 && persist zram0 0 &&
		fill zram0 random 9 4 4 &&
		echo 1 >/sys/block/zram0/reset && unload_zram
}

hop_0() {
	_round=0
	while [ $_round -lt $rounds ]; do
		round || break
		_round=$((_round + 1))
		drop_caches
		[ $_round -ne 3 ] || save free "$(free_kib)"
		diag "$(free_kib) KiB free after round $_round"
	done
	is "loaded, used, unloaded" $_round $rounds
	# One segment lost in every round would be 60 MiB.
	wait_for "free memory is what it was" 20 free_again 16384
	check "loaded once more" load_zram
	check "and unloaded" unload_zram
}
