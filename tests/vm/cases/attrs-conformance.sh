# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Every attribute answers as that of the kernel's own zram does: to valid,
# extreme, senseless and overflowing values, in every state of a device. What
# is refused changes nothing.
#
# vm: kernel=debug next=debian mem=1024 cpus=2 timeout=800 plan=14
# cmdline: kmemleak=on
# suite: attributes, compared with the kernel's own zram

# What we know to answer differently: keys that nobody knows, which in-tree
# ignores.
readonly DIFFERENCES='-empty recomp_algorithm=algo=zstd garbage=1: ok, shows 0 0 0
+empty recomp_algorithm=algo=zstd garbage=1: Invalid argument
-empty algorithm_params=level=3 garbage=1: ok, shows 0 0 0
+empty algorithm_params=level=3 garbage=1: Invalid argument'

readonly dev=/sys/block/zram0 control=/sys/class/zram-control RESULTS=/state

# 126 characters: with a newline one less than is too long.
LONG=$(head -c 126 /dev/zero | tr '\0' x)
readonly LONG

hop_0() {
	check "our module loads" load_zram num_devices=2
	check "ours answers" transcript ours
	only_ours
	check "it is unloaded" unload_zram
	check "no memory leaked" no_leaks
	kexec_next -k debian
}

# The kernel's own needs no kernel that looks for mistakes, which takes ten times as
# long.
hop_1() {
	check "the kernel's own loads" load_intree num_devices=2
	check "it answers" transcript intree
	check "it is unloaded" rmmod zram

	at_least "answers" "$(wc -l <$RESULTS/ours)" 500
	is "nothing that was refused changed anything" "$(grep CHANGED $RESULTS/ours)" ""
	is "differences are those that we know" \
		"$(diff -U 0 $RESULTS/intree $RESULTS/ours | grep '^[-+][^-+]')" "$DIFFERENCES"
	diag "$(grep -hoE ': [A-Z][a-z ]*$' $RESULTS/ours | sort | uniq -c)"
}

# Sizes that the kernel's own has no memory for are no problem to a sparse table.
only_ours() {
	check "a device much larger than memory" sh -c "echo 64T >$dev/disksize"
	is "has that size" "$(cat $dev/disksize)" $((64 << 40))
	at_most "and costs next to nothing, KiB" "$(used_kib zram0)" 64
	check "reset" sh -c "echo 1 >$dev/reset"
}

# transcript NAME: all questions and answers, in a file.
transcript() {
	: >/tmp/empty
	head -c 5000 /init >/tmp/dict
	head -c 4 /init >/tmp/tiny
	pattern mixed 1 1 | head -c 100000 >/tmp/large
	{ printf '\067\244\060\354'; cat /tmp/dict; } >/tmp/broken
	{
		echo "modes: $(known | xargs stat -c "%a %n" $control/* | sort | xargs)"
		echo "columns: $(stat_columns)"
		cat $dev/reset $dev/mem_limit $dev/mem_used_max $control/hot_remove 2>&1
		in_state empty
		echo 1 >$dev/disksize
		echo "smallest: $(cat $dev/disksize) $(stat_columns)"
		in_state live
		dd if=/dev/urandom of=/dev/zram0 bs=4k count=1 oflag=direct status=none
		exec 8<>/dev/zram0
		in_state open
		exec 8>&-
		ends
		parameters
		hot_plug
	} >"$RESULTS/$1"
}

# The attributes that this is about; others come and go.
known() {
	for _a in disksize initstate reset comp_algorithm recomp_algorithm \
		algorithm_params recompress mem_limit mem_used_max compact mm_stat \
		io_stat debug_stat idle backing_dev writeback writeback_limit \
		writeback_limit_enable writeback_batch_size compressed_writeback bd_stat; do
		echo $dev/$_a
	done
}

stat_columns() {
	for _a in mm_stat io_stat debug_stat; do
		echo "$_a $(sed 's/[^ ][^ ]*/x/g' $dev/$_a | tr '\n' ';')"
	done
}

# try_all STATE ATTRIBUTE VALUE..., try_control STATE ATTRIBUTE VALUE...
try_all() {
	_state=$1 _attribute=$2
	shift 2
	tryattr "$_state" "$dev/$_attribute" "$@"
}

try_control() {
	_state=$1 _attribute=$2
	shift 2
	tryattr "$_state" "$control/$_attribute" "$@"
}

# In no state may one of these change the state.
in_state() {
	try_all "$1" disksize '' 0 -1 00 0K 0x garbage K ' ' 16E 18446744073709551616 \
		18446744073709551615 18446744073709551614 99999999999999999999999
	# The kernel's own says at length that it has no memory for these.
	quietly try_all "$1" disksize 8E 1E
	[ "$1" = empty ] || try_all "$1" disksize 4096 1 8M 8Mgarbage
	try_all "$1" initstate 0 1 garbage ''
	try_all "$1" reset '' 0 -1 00 garbage 65536 1garbage 99999999999999999999 0x1
	[ "$1" != open ] || try_all "$1" reset 1 65535
	try_all "$1" comp_algorithm '' garbage LZ4 'lz4 ' ' lz4' lz4,zstd "$LONG" \
		"${LONG}x" "${LONG}xx" "$(printf '%04000d' 0)"
	if [ "$1" = empty ]; then
		try_all "$1" comp_algorithm lz4 lz4 zstd lzo 842 lz4
	else
		try_all "$1" comp_algorithm lz4 zstd lzo-rle
	fi
	codecs "$1"
	try_all "$1" mem_limit '' garbage -1 K ' ' 0 1 4096 4097 8M 8Mgarbage 0x2000 0K \
		18446744073709551615 18446744073709551616 16E 15E 0
	try_all "$1" compact '' 0 1 garbage
	try_all "$1" mem_used_max '' garbage -1 1 0x 18446744073709551616 0garbage 0 00
	for _a in mm_stat io_stat debug_stat bd_stat; do
		try_all "$1" $_a 0 1 ''
	done
	idle_and_writeback "$1"
	try_control "$1" hot_add 0 1 ''
	try_control "$1" hot_remove '' garbage -1 0x0 1garbage 999 2147483647 2147483648 \
		4294967296 99999999999999999999
	[ "$1" != open ] || try_control "$1" hot_remove 0
}

# Forms of writeback are in writeback-disk.sh, since they need a disk.
idle_and_writeback() {
	try_all "$1" idle '' all 'all ' ALL garbage -1 0 1 0x1 1garbage 4294967295 4294967296
	try_all "$1" backing_dev '' /nonexistent /tmp /dev/null /tests/lib.sh /dev/zram0
	try_all "$1" writeback '' huge type=huge type=garbage type= page_index=0 \
		page_index=garbage page_indexes=1 page_indexes=2-1 garbage
	try_all "$1" writeback_limit '' garbage -1 0 1 0x10 18446744073709551615 \
		18446744073709551616 0
	try_all "$1" writeback_limit_enable '' garbage -1 0 1 2 y 18446744073709551616 0
	try_all "$1" writeback_batch_size '' garbage -1 0 1 4294967295 4294967296 32
	try_all "$1" compressed_writeback '' garbage 2 -1 y n on off 1 0
}

# Codecs for recompression, and parameters. What is set here in the state empty
# is not in the way of the disksize that comes later.
codecs() {
	try_all "$1" recomp_algorithm '' garbage algo=garbage algo= algo priority=1 \
		'algo=lz4 priority=0' 'algo=lz4 priority=4' 'algo=lz4 priority=-1' \
		'algo=lz4 priority=' 'algo=lz4 priority=garbage' 'algo=lz4 priority=4294967297' \
		"algo=$LONG" "algo=${LONG}xx" algo=zstd 'algo=lz4 priority=2' \
		'priority=3 algo=deflate' '  algo=zstd  priority=1  ' 'algo=lz4 garbage'
	[ "$1" != empty ] || try_all "$1" recomp_algorithm 'algo=zstd garbage=1'
	echo "recomp_algorithm: $(tr '\n' ';' <$dev/recomp_algorithm)"
	try_all "$1" algorithm_params '' level level= level=garbage level=1K level=0x1 \
		level=2147483648 priority=garbage priority=4 priority=-1 algo=garbage \
		'algo=lzo priority=0 level=1' 'algo=842 priority=1' deflate.winbits= \
		deflate.winbits=garbage dict= dict=/nowhere dict=/ dict=/tmp/empty 'level=1 garbage' \
		level=3 'algo=zstd level=3' 'priority=1 level=5' 'priority=2 dict=/tmp/dict' \
		'algo=lz4 priority=2' 'deflate.winbits=12 algo=deflate' '  priority=0  ' \
		'priority=1' 'priority=2' 'priority=3'
	[ "$1" != empty ] || try_all "$1" algorithm_params 'level=3 garbage=1'
	[ "$1" != empty ] || try_all "$1" algorithm_params priority=0
	try_all "$1" recompress '' type=garbage type= type=idle type=huge type=huge_idle idle \
		threshold=4096 threshold=99999 threshold=-1 threshold=garbage threshold=4294967296 \
		threshold=3000 threshold=0 max_pages=-1 max_pages=garbage max_pages=0 max_pages=1 \
		max_pages=18446744073709551616 priority=0 priority=1 priority=2 priority=3 \
		priority=4 priority=-1 algo=zstd algo=lz4 algo=deflate algo=garbage algo=lzo \
		'algo=zstd priority=1' 'algo=zstd priority=2' 'type=idle threshold=100 max_pages=1'
}

# try_params CODEC PARAMETERS: what a disksize says to them.
try_params() {
	echo "$1" >$dev/comp_algorithm
	echo "$1 $2: $(errno_write "$2" $dev/algorithm_params)," \
		"$(errno_write 1M $dev/disksize)"
	echo 1 >$dev/reset
}

parameters() {
	for _codec in lzo-rle lzo 842; do
		for _params in level=1 level=-1 dict=/tmp/dict deflate.winbits=12 priority=0; do
			try_params $_codec $_params
		done
	done
	for _params in level=-1 level=0 level=1 level=2 level=9 level=10 level=16 level=17 \
		level=22 level=23 level=-2 level=-131072 level=-131073 level=2147483647 \
		dict=/tmp/dict dict=/tmp/tiny deflate.winbits=0 deflate.winbits=8 \
		deflate.winbits=9 deflate.winbits=15 deflate.winbits=16 deflate.winbits=-8 \
		deflate.winbits=-9 deflate.winbits=-15 deflate.winbits=-16; do
		for _codec in lz4 lz4hc zstd deflate; do
			try_params $_codec $_params
		done
	done
	try_params lz4 dict=/tmp/large
	try_params zstd dict=/tmp/large
	try_params zstd dict=/tmp/broken
}

quietly() {
	echo N >/sys/module/printk/parameters/ignore_loglevel
	dmesg -n 1
	"$@"
	dmesg -n 8
	echo Y >/sys/module/printk/parameters/ignore_loglevel
}

# Reset: from a device with data, a limit and a codec to one without.
ends() {
	try_all ends mem_limit 8M
	echo "data: $(awk '{ print $1 }' $dev/mm_stat)"
	try_all ends reset 1
	try_all ends reset 65535
	echo "after reset: $(cat $dev/disksize $dev/initstate $dev/mm_stat $dev/io_stat \
		$dev/debug_stat | xargs)"
	for _size in 4095 4096 4097 1M 3k 0x3000 010000; do
		try_all ends disksize "$_size"
		echo "  size: $(cat $dev/size)"
		try_all ends disksize "$_size"
		try_all ends reset 1
	done
}

hot_plug() {
	for _i in 1 2 3; do
		echo "hot_add: $(cat $control/hot_add)"
	done
	try_control plug hot_remove 3 3 -0
	echo "hot_add: $(cat $control/hot_add)"
	echo "hot_add: $(cat $control/hot_add)"
	echo 4M >/sys/block/zram2/disksize
	exec 8<>/dev/zram2
	try_control plug hot_remove 2
	exec 8>&-
	try_control plug hot_remove 2 2
}
