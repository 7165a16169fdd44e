# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# All memory comes back when the modules go, however often they come. In the
# lean kernel, since KASAN keeps freed memory back in amounts that vary.
#
# vm: kernel=lean mem=768 cpus=2 timeout=300 plan=4

rounds=30

# One segment lost in every round would be 60 MiB at the end.
limit_kib=16384

round() {
	load_zram && make_zram zram0 lz4 8M && persist zram0 1 &&
		fill zram0 mixed 9 4 && persist zram0 0 &&
		fill zram0 random 9 4 4 &&
		echo 1 >/sys/block/zram0/reset && unload_zram
}

free_again() {
	drop_caches
	[ "$(meminfo MemFree)" -ge $(($(saved free) - limit_kib)) ]
}

hop_0() {
	_round=0
	while [ $_round -lt $rounds ]; do
		round || break
		_round=$((_round + 1))
		drop_caches
		[ $_round -ne 3 ] || save free "$(meminfo MemFree)"
		diag "MemFree $(meminfo MemFree) after round $_round"
	done
	is "loaded, used, unloaded" $_round $rounds
	wait_for "free memory is what it was" 20 free_again
	check "loaded once more" load_zram
	check "and unloaded" unload_zram
}
