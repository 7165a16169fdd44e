# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Not a test: writing until memory ends, on ours and on the kernel's own zram in
# turn (see tests/bench/vm). zb.rounds= says how often. The module writes, as
# reclaim would: user space could not go on. Lines "sample" of the log have the
# figures.

sys=/sys/block/zram0
bench=/sys/module/zram_bench/parameters

measure() {
	drop_caches
	_free=$(($(cat $bench/free_pages) * 4096))
	make_zram zram0 lz4 2G
	echo "fill /dev/zram0" >$bench/run
	read -r _pages _ <$bench/result
	read -r _ _compressed _pool _ <$sys/mm_stat
	mark "sample pressure.free $1 $_free"
	mark "sample pressure.stored $1 $((_pages * 4096))"
	mark "sample pressure.compressed $1 $_compressed"
	mark "sample pressure.pool $1 $_pool"
}

hop_0() {
	in_turn pressure
}
