# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# zramctl of a distribution, with every option that it has, says the same of our
# driver as of the kernel's own.
#
# vm: kernel=debian userland=debian mem=1024 cpus=2 timeout=300 plan=10

readonly sys=/sys/block

hop_0() {
	check "our module loads" load_zram num_devices=1
	check "is ours" test -e $sys/zram0/persist
	# The kernel's own says nothing to that, and does nothing.
	refused "a parameter that nobody knows" \
		zramctl --size 4M --algorithm lz4 --algorithm-params garbage=1 /dev/zram0
	transcript >/tmp/ours 2>&1
	check "it is unloaded" unload_zram

	check "the kernel's own loads" load_intree num_devices=1
	refused "is not ours" test -e $sys/zram0/persist
	transcript >/tmp/intree 2>&1
	check "it is unloaded" rmmod zram

	at_least "commands" "$(grep -c '^status' /tmp/ours)" 70
	is "options of zramctl that were not tried" "$(untried)" ""
	is "the same is said of both" "$(diff -U 0 /tmp/intree /tmp/ours)" ""
	diag "$(grep -c '^status 0' /tmp/ours) of them succeeded"
}

# try COMMAND...: and what it says.
try() {
	echo "\$ $*"
	"$@" 2>&1
	echo "status $?"
}

untried() {
	zramctl --help | grep -oE '^ +(-[a-zA-Z], )? *--[a-z-]+|^ +-[a-zA-Z],' |
		tr -d ' ' | tr ',' '\n' | grep . | while read -r _option; do
		grep -q -- "^\$ zramctl.* $_option\( \|$\)" /tmp/ours || echo "$_option"
	done | xargs
}

transcript() {
	nothing_there
	sizes
	parameters
	show
	refusals
	remove
}

nothing_there() {
	echo lz4 >$sys/zram0/comp_algorithm
	try zramctl
	try zramctl --find
	try zramctl -f
	try zramctl /dev/zram0
	try zramctl /dev/zram7
	try zramctl --reset /dev/zram7
	try zramctl --version
	try zramctl -V
	try zramctl --help
	try zramctl -h
}

# Each is set up anew, which zramctl does by a reset.
sizes() {
	for _size in 1M 1MiB 1MB 1.5M 4096 1 3K; do
		try zramctl --size $_size /dev/zram0
		cat $sys/zram0/disksize
	done
	for _size in 0 garbage -1 1X 99999999999999999999; do
		try zramctl -s $_size /dev/zram0
		cat $sys/zram0/disksize
	done
	try zramctl -r /dev/zram0
	try test -e $sys/zram0
	try zramctl --find --size 24M --algorithm lz4
	try zramctl -f -s 8M -a zstd
	try zramctl --find --size 12M --algorithm lz4 --streams 2
	try zramctl -a lz4 -f -s 12M -t 2
}

# parameters: of a codec. After an error the device is as it happens to be.
parameters() {
	for _value in level=3 level=-1 level=1000000 level=garbage \
		'level=3 deflate.winbits=12' dict=/nowhere; do
		try zramctl -s 8M -a zstd -p "$_value" /dev/zram0
		try zramctl --size 8M --algorithm lz4 --algorithm-params "$_value" /dev/zram0
		cat $sys/zram0/disksize
	done
	try zramctl -p level=3
	try zramctl -s 24M -a lz4 /dev/zram0
}

show() {
	_columns=NAME,DISKSIZE,DATA,COMPR,ALGORITHM,STREAMS,ZERO-PAGES,MEM-LIMIT,MOUNTPOINT
	pattern mixed 1 8 | dd of=/dev/zram1 bs=1M oflag=direct iflag=fullblock status=none
	echo 16M >$sys/zram1/mem_limit
	try zramctl --output $_columns
	try zramctl --bytes --output $_columns
	try zramctl --raw -b --noheadings --output $_columns /dev/zram1
	try zramctl --raw -n -o name,data /dev/zram0 /dev/zram1
	try zramctl -o NAME,garbage
	try zramctl -o +ZERO-PAGES --raw /dev/zram9
	# Memory is another matter in the two: only that there is a figure.
	for _column in TOTAL MEM-USED MIGRATED COMP-RATIO; do
		try sh -c "zramctl -b --raw -o $_column /dev/zram1 | sed 's/[0-9.]\+/figure/'"
	done
	try sh -c 'zramctl | head -n 1'
	echo "\$ zramctl --output-all"
	zramctl --output-all | sed '1!s/ .*//'
	try mkfs.ext4 -q /dev/zram0
	mount /dev/zram0 /mnt
	try zramctl -o name,mountpoint
}

refusals() {
	try zramctl --reset /dev/zram0
	try zramctl --size 4M /dev/zram0
	try sh -c "digest -d /dev/zram1"
	try zramctl --size 4M --algorithm garbage /dev/zram1
	cat $sys/zram1/disksize
	try zramctl --size 4M --algorithm "$(printf '%0200d' 0)" /dev/zram1
	try zramctl --find --size 4M /dev/zram1
	try zramctl --find --reset
	try zramctl --size
	try zramctl --algorithm zstd
	try zramctl --garbage
	try zramctl --reset
	# The loser cannot reset what the winner has open.
	exec 8<>/dev/zram1
	try zramctl --size 4M /dev/zram1
	try zramctl --reset /dev/zram1
	exec 8>&-
}

remove() {
	umount /mnt
	try zramctl --reset /dev/zram0 /dev/zram1
	try zramctl -r /dev/zram2
	try zramctl --noheadings
	try sh -c "ls -d /dev/zram*"
	try zramctl --find
	try sh -c "ls -d /dev/zram*"
}
