# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The kexec comes while devices are made, ended, switched on and off, named,
# compacted, recompressed and scrubbed: each is whole in the next kernel, or gone, and they
# are not all gone in all of them.
# `make torture RUNS=n` does this n times.
#
# vm: kernel=debug mem=1024 cpus=4 hops=2 plan=6+18*hops timeout=200+150*hops

readonly sys=/sys/block control=/sys/class/zram-control

# Of each device, in this order:
#   zram0  is switched on and off
#   zram1  gets a size and data, is switched on and off, and is reset
#   zram2  is to be persistent, gets a size, is switched off and reset
#   zram3  is persistent; it is written to, compacted and recompressed
#   others come and go, persistent and not
first_hop() {
	check "the module loads" load_zram num_devices=4
	make_toggled
	echo lz4 >$sys/zram3/comp_algorithm
	echo "algo=zstd priority=1" >$sys/zram3/recomp_algorithm
	check "a device" sh -c "echo 16M >$sys/zram3/disksize"
	check "persistent" persist zram3 1
	check "data" fill zram3 mixed 3 12
	check "devices go while somebody names them" removed_while_named
	save whole 0
}

# Who removes a device waits for a write to its attributes, which must not wait
# for the end of that.
removed_while_named() {
	while :; do
		echo it >$sys/zram4/name
	done 2>/dev/null &
	_namer=$! _round=0
	while [ $_round -lt 40 ]; do
		[ "$(cat $control/hot_add)" = 4 ] || break
		usleep 3000
		echo 4 >$control/hot_remove || break
		_round=$((_round + 1))
	done
	kill $_namer
	[ $_round -eq 40 ]
}

make_toggled() {
	make_zram zram0 zstd 8M && fill zram0 mixed 1 8
}

# It is off for half of the time. On every second way it stays on for a second, so that
# some device is whole in some kernel also if there are few.
toggle() {
	persist zram0 0 && persist zram0 1 || return
	[ $((ZP_HOP % 2)) -eq 1 ] || usleep 1000000
}

live() {
	make_zram zram1 lz4 8M && fill zram1 mixed 2 2 && persist zram1 1 &&
		persist zram1 0 && echo 1 >$sys/zram1/reset
}

begin() {
	persist zram2 1 && make_zram zram2 lzo 8M && persist zram2 0 &&
		echo 1 >$sys/zram2/reset
}

plug() {
	_n=$(cat $control/hot_add) && echo 1 >"$sys/zram$_n/persist" &&
		echo 4M >"$sys/zram$_n/disksize" && echo 0 >"$sys/zram$_n/persist" &&
		echo "$_n" >$control/hot_remove
}

# The same data again, so that it is known what must be there.
rewrite() {
	fill zram3 mixed 3 12
}

# The scrub of the round before may still be at work.
tidy() {
	grep -q 'state running' $sys/zram3/scrub || echo start >$sys/zram3/scrub || return
	echo "name-$(cat $sys/zram3/uuid)" >$sys/zram3/name &&
		echo 1 >$sys/zram3/compact && echo all >$sys/zram3/idle &&
		echo "type=idle" >$sys/zram3/recompress
}

# forever FUNCTION: until the machine is gone. It begins to fail with the seal.
forever() {
	while :; do
		if "$1"; then
			echo >"/tmp/did-$1"
		else
			usleep 10000
		fi
	done >/dev/null 2>"/tmp/errors-$1" &
}

# has_done FUNCTION: all of it, from beginning to end.
has_done() {
	[ -e "/tmp/did-$1" ] || { tail -n 3 "/tmp/errors-$1" && false; }
}

# whole_or_gone DEVICE SUM: with these contents, or without any. Counts the former.
whole_or_gone() {
	_size=$(cat "$sys/$1/disksize" 2>/dev/null || echo 0)
	if [ "$_size" -eq 0 ]; then
		ok "$1: is gone"
	elif is "$1: is whole" "$(sum_of "/dev/$1")" "$2"; then
		save whole $(($(saved whole) + 1))
	fi
}

later_hop() {
	check "the module loads" load_zram num_devices=4
	# One that is switched on is sealed, and one that is not leaves nothing.
	refused "none was lost" sh -c "dmesg | grep -E 'zram.*(not sealed|(is|are) lost)'"
	whole_or_gone zram0 "$(pattern_sum mixed 1 8)"
	whole_or_gone zram1 "$({ pattern mixed 2 2; pattern zero 0 6; } | digest)"
	whole_or_gone zram2 "$(pattern_sum zero 0 8)"
	whole_or_gone zram4 "$(pattern_sum zero 0 4)"
	is "zram3: is whole" "$(sum_of /dev/zram3)" \
		"$({ pattern mixed 3 12; pattern zero 0 4; } | digest)"
	is "nothing is damaged" \
		"$(sed -n 's/^damaged_reads //p' $sys/zram*/persist_stat | sort -u)" 0
	is "nothing is held" "$(find $control/ -name 'held-*')" ""
	diag "$(cat $sys/zram?/initstate | xargs)"
	for _n in 0 1 2 4; do
		[ ! -e "$sys/zram$_n" ] || echo 0 >"$sys/zram$_n/persist"
	done
	for _n in 0 1 2; do
		[ ! -e "$sys/zram$_n" ] || echo 1 >"$sys/zram$_n/reset"
	done
	[ ! -e $sys/zram4 ] || echo 4 >$control/hot_remove
	check "all numbers are taken" first_numbers
	memory_is_there
	[ "$ZP_HOP" -lt "$(cmdline_value zp.hops)" ] ||
		at_least "so many were whole, not gone" "$(saved whole)" 1
	make_toggled
}

# What only zram3 has is left, in each kernel. Memory that was handed over and belongs
# to no device would be missing.
memory_is_there() {
	[ "$ZP_HOP" -gt 1 ] || save total "$(meminfo MemTotal)"
	at_least "MemTotal, KiB" "$(meminfo MemTotal)" $(($(saved total) - 64))
}

# A device that plug() made and that came over counts in num_devices. Without
# this its next one could get the number of one that was not made for that.
first_numbers() {
	for _n in 0 1 2; do
		[ -e "$sys/zram$_n" ] || [ "$(cat $control/hot_add)" -eq "$_n" ] || return
	done
	[ ! -e $sys/zram4 ]
}

next_hop() {
	check "the next kernel is loaded" kexec_load
	for _what in toggle live begin plug rewrite tidy; do
		forever $_what
	done
	for _what in toggle live begin plug rewrite tidy; do
		wait_for "$_what: at least once" 60 has_done $_what
	done
	usleep $(($(now_us) % 2000000))
	kexec_jump
}

eval "hop_$ZP_HOP() { hop_of_chain; }"
