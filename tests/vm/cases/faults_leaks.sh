# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# No page is lost when allocations fail: setting up, making persistent and
# attaching are let fail at each point, again and again. kmemleak knows nothing of
# pages, so memory that nobody has a name for is compared, after two rounds in which
# the kernel gets its own for what it does for the first time. Part of make nomem.
#
# vm: kernel=debug mem=1024 cpus=2 timeout=1800 plan=9
# allow: at kho_add_subtree|page allocation failure|vmalloc error

# rounds DESC COMMAND: after a round, memory goes up and down by some 300 KiB with
# the shadow pages of KASAN. So it is the sum of ten that counts, of which a page for
# each failure would be twice the limit. Each process that was started leaves some
# until vmalloc gives back what was freed, which unnamed_kib makes it do: not after
# each round, they would be more than what is looked for.
rounds() {
	"$2" && "$2"
	FAILED=0
	_before=$(unnamed_kib)
	for _round in 1 2 3 4 5 6 7 8 9 10; do
		"$2" || FAILED=-1000
		unnamed_kib >/dev/null
	done
	_gone=$(($(unnamed_kib) - _before))
	diag "$1: $FAILED failures; gone, KiB: $_gone"
	at_least "$1: failures" "$FAILED" 100
	at_most "$1: no pages are lost, KiB" "$_gone" $((FAILED * 2))
}

# one_round NTH COMMAND...: all allocations fail of a write, from the first on, from
# the second on, and so on until it succeeds, or NTH is reached.
one_round() {
	_nth=1 _end=$1
	shift
	while [ $_nth -lt "$_end" ]; do
		_said=$(failnth $_nth+ write "$@")
		case $_said in
		"0 ok") : ;;
		0*) FAILED=$((FAILED + 1)) ;;
		*) break ;;
		esac
		_nth=$((_nth + 1))
	done
}

setup_round() {
	echo zstd >/sys/block/zram1/comp_algorithm
	echo dict=/tmp/dictionary >/sys/block/zram1/algorithm_params
	one_round 1000 /sys/block/zram1/disksize 16M
	echo 1 >/sys/block/zram1/reset
}

persist_round() {
	_tries=0
	while [ $_tries -lt 10 ]; do
		one_round 1000 /sys/block/zram0/persist 1
		persist zram0 0 || return 1
		_tries=$((_tries + 1))
	done
}

hop_0() {
	check "the module loads" load_zram num_devices=2
	allow_faults
	pattern mixed 1 1 | head -c 10000 >/tmp/dictionary
	rounds "disksize" setup_round
	make_zram zram0 zstd 16M
	fill zram0 mixed 1 8
	rounds "persist" persist_round
	check "it is persistent" persist zram0 1
	kexec_next
}

attach_round() {
	one_round 60 "$DIR/attach" 1
	[ -e "$DIR/attach" ]
}

hop_1() {
	check "the module loads" load_zram num_devices=0 attach=0
	allow_faults
	DIR=$(echo /sys/class/zram-control/held-*)
	rounds "attach" attach_round
}
