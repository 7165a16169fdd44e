# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Nothing that is handed over depends on the number of processors, nor on where
# the kernel lies in memory. Processors come and go during I/O, too.
#
# vm: kernel=debug mem=1024 cpus=3 timeout=500 plan=28

hop_0() {
	look 3
	check "the module loads" load_zram num_devices=2
	make_zram zram0 zstd 16M
	make_zram zram1 lz4 8M
	persist zram0 1
	persist zram1 1
	check "data" fill zram0 mixed 1 12
	check "data" fill zram1 mixed 2 8
	hotplug_during_io
	contents "with all processors back"
	# One processor: what three of them wrote, one reads, and writes on.
	kexec_next nr_cpus=1
}

# Two writers and a reader are on their processors when those go away.
hotplug_during_io() {
	rm -f /tmp/stop /tmp/bad
	overwrite zram0 1 12 &
	overwrite zram1 2 8 &
	while [ ! -e /tmp/stop ]; do
		[ "$(sum_of /dev/zram1)" = "$(pattern_sum mixed 2 8)" ] || echo bad >/tmp/bad
	done &
	_left=''
	for _i in 1 2 3 4; do
		echo 0 >/sys/devices/system/cpu/cpu1/online
		echo 0 >/sys/devices/system/cpu/cpu2/online
		_left="$_left$(nproc)"
		echo 1 >/sys/devices/system/cpu/cpu1/online
		echo 1 >/sys/devices/system/cpu/cpu2/online
	done
	echo >/tmp/stop
	wait
	is "processors went" "$_left" 1111
	is "and came back" "$(nproc)" 3
	refused "nobody read or wrote anything wrong" test -e /tmp/bad
}

# overwrite DEVICE SEED MIB: with what is there, again and again.
overwrite() {
	while [ ! -e /tmp/stop ]; do
		fill "$1" mixed "$2" "$3" || echo bad >/tmp/bad
	done
}

contents() {
	is "contents of the first, $1" "$(digest -d /dev/zram0 12)" "$(pattern_sum mixed 1 12)"
	is "contents of the second, $1" "$(sum_of /dev/zram1)" "$(pattern_sum mixed 2 8)"
}

# look CPUS: how many there are, and where the kernel is.
look() {
	is "processors" "$(nproc)" "$1"
	sed -n 's/ T _text$//p' /proc/kallsyms >>/state/addresses
	diag "the kernel is at $(tail -n 1 /state/addresses)"
}

hop_1() {
	look 1
	check "the module loads" load_zram
	contents "with one processor"
	check "some is written" fill zram0 mixed 3 4 12
	kexec_next nr_cpus=2 nokaslr
}

hop_2() {
	look 2
	is "the kernel is where it was linked to be" "$(tail -n 1 /state/addresses)" \
		ffffffff81000000
	check "the module loads" load_zram
	contents "with two processors and no KASLR"
	is "what one processor wrote" "$(tail_sum)" "$(pattern_sum mixed 3 4)"
	kexec_next
}

hop_3() {
	look 3
	check "the module loads" load_zram
	contents "with all processors"
	is "what one processor wrote" "$(tail_sum)" "$(pattern_sum mixed 3 4)"
	check "all processors write" fill zram0 mixed 4 4 12
	is "and read" "$(tail_sum)" "$(pattern_sum mixed 4 4)"
	# Two of the random ones may be the same by accident.
	at_least "addresses of the kernel" "$(sort -u /state/addresses | wc -l)" 3
}

tail_sum() {
	dd if=/dev/zram0 bs=1M skip=12 iflag=direct status=none | digest
}
