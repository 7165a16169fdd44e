# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Recompression: contents stay, memory comes back, and limits are kept; with
# writers at the same time, and with a kexec in the middle. What was
# recompressed comes through a kexec, and so do the codecs for it.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=600 plan=56

dev=/sys/block/zram0

# stat_column N: of mm_stat.
stat_column() {
	awk -v n="$1" '{ print $n }' $dev/mm_stat
}

recompress() {
	check "recompress $*" sh -c "echo $* >$dev/recompress"
}

hop_0() {
	check "the module loads" load_zram num_devices=2
	set_up
	refusals
	limits
	everything
	at_the_same_time
	in_the_middle
}

set_up() {
	echo lz4 >$dev/comp_algorithm
	echo "algo=zstd" >$dev/recomp_algorithm
	echo "algo=deflate priority=3" >$dev/recomp_algorithm
	check "parameters of a second codec" sh -c \
		"echo algo=zstd level=9 >$dev/algorithm_params"
	is "codecs for recompression" "$(sed 's/ .*\[/ /; s/\].*//' $dev/recomp_algorithm | xargs)" \
		"#1: zstd #3: deflate"
	echo 4M >$dev/disksize
	fill zram0 mixed 1 4
	save sum "$(sum_of /dev/zram0)"
	check "persistent" persist zram0 1
}

refusals() {
	for _line in type=garbage type= type priority=0 priority=2 priority=4 priority=-1 \
		algo=lz4 algo=garbage 'algo=zstd priority=3' threshold=4096 threshold=-1 \
		garbage=1 garbage; do
		is "recompress $_line" "$(errno_write "$_line" $dev/recompress)" "Invalid argument"
	done
	is "nothing has changed" "$(sum_of /dev/zram0)" "$(saved sum)"
}

# Nothing is idle, nothing is large enough, or nothing may be touched.
limits() {
	_before=$(stat_column 2)
	recompress type=idle
	recompress type=huge_idle
	recompress max_pages=0
	is "nothing was recompressed" "$(stat_column 2)" "$_before"
	recompress type=huge
	is "raw pages are noise" "$(stat_column 2)" "$_before"
	# The largest come first: these, and some more.
	recompress max_pages=$(($(stat_column 8) + 50))
	_after=$(stat_column 2)
	at_most "some was" "$_after" $((_before - 1))
	at_least "no more than was allowed" "$_after" $((_before - 50 * 4096))
	is "contents" "$(sum_of /dev/zram0)" "$(saved sum)"
}

everything() {
	_before=$(stat_column 2) _huge=$(stat_column 8)
	recompress threshold=4052
	is "only noise is as large as that" "$(stat_column 2)" "$_before"
	recompress algo=zstd
	at_most "the others are smaller now" "$(stat_column 2)" $((_before - 1))
	at_most "raw pages" "$(stat_column 8)" "$_huge"
	is "contents" "$(sum_of /dev/zram0)" "$(saved sum)"
	recompress priority=3
	_after=$(stat_column 2)
	recompress priority=3
	is "there is no more to be gained" "$(stat_column 2)" "$_after"
	is "contents" "$(sum_of /dev/zram0)" "$(saved sum)"
	is "pages" "$(stat_column 1)" $((4 << 20))
}

# Whoever writes has the last word.
at_the_same_time() {
	{
		fill zram0 mixed 2 4
		fill zram0 mixed 3 4
	} &
	_writer=$!
	while kill -0 $_writer 2>/dev/null; do
		echo algo=zstd max_pages=300 >$dev/recompress
		echo 1 >$dev/compact
		echo priority=3 max_pages=300 >$dev/recompress
	done
	wait $_writer
	is "contents with a writer" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 3 4)"
}

# The seal waits for a page, and not for all of them.
in_the_middle() {
	save sum "$(sum_of /dev/zram0)"
	check "the next kernel is loaded" kexec_load
	while :; do
		echo algo=zstd >$dev/recompress || break
		echo priority=3 >$dev/recompress || break
		dd if=/dev/zram0 of=/dev/zram0 bs=1M iflag=direct oflag=direct status=none
	done 2>/dev/null &
	usleep 300000
	kexec_jump
}

hop_1() {
	check "the module loads" load_zram
	is "contents" "$(sum_of /dev/zram0)" "$(saved sum)"
	is "codecs for recompression" "$(sed 's/ .*\[/ /; s/\].*//' $dev/recomp_algorithm | xargs)" \
		"#1: zstd #3: deflate"
	check "the same again" sh -c "echo algo=zstd priority=1 >$dev/recomp_algorithm"
	is "another one" "$(errno_write algo=lzo $dev/recomp_algorithm)" "Device or resource busy"
	recompress algo=deflate
	is "contents" "$(sum_of /dev/zram0)" "$(saved sum)"
	_size=$(stat_column 2)
	save size "$_size"
	kexec_next
}

# What cannot be made smaller is known to be so.
hop_2() {
	check "the module loads" load_zram
	is "contents" "$(sum_of /dev/zram0)" "$(saved sum)"
	recompress algo=deflate
	is "nothing to be gained" "$(stat_column 2)" "$(saved size)"
	check "data" fill zram0 mixed 9 4
	recompress algo=deflate max_pages=500
	is "contents" "$(sum_of /dev/zram0)" "$(pattern_sum mixed 9 4)"
}
