# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Not a test: what a second thread brings, on ours and on the kernel's own zram
# in turn (see tests/bench/vm). Processors are emulated here, so that only the
# relation of one and two threads means anything. zb.rounds= says how often.
# Lines "sample" of the log have the figures.

bench=/sys/module/zram_bench/parameters

# pass OP THREADS: sets $_ns.
pass() {
	echo "$1 /dev/zram0 $2" >$bench/run
	read -r _ _ns _ <$bench/result
}

# both OP: one thread, then two; sets the quotient, in thousandths.
both() {
	pass "$1" 1
	_one=$_ns
	pass "$1" 2
	mark "sample threads.$1.lz4.src $_driver $((_one * 1000 / _ns))"
}

measure() {
	_driver=$1
	make_zram zram0 lz4 1G
	echo "new /dev/zram0" >$bench/run
	pass write 1
	both read
	both randread
	both randwrite
	both write
	check "contents are right" sh -c "echo 'verify /dev/zram0' >$bench/run"
}

hop_0() {
	in_turn threads
}
