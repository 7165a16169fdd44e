# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What the tests in a VM are written with. Sourced by init before the test.
#
# A test is a file tests/vm/cases/SUITE-NAME.sh with functions hop_0, hop_1, ...
# one for each kernel of the chain. hop_N runs in the kernel after N kexecs and
# may end with kexec_next; the VM is switched off when it returns.
#
# Results are written through the kernel log. Anything else would mix with the
# kernel's own messages in the middle of a line.

# --- reporting ---------------------------------------------------------------

# Lines that the host looks for start with "zp: ".
mark() {
	printf '<5>zp: %s\n' "$*" >/dev/kmsg
}

ok() {
	mark "ok - $*"
}

not_ok() {
	mark "not ok - $*"
}

diag() {
	printf '%s\n' "$*" | while IFS= read -r line; do
		mark "# $line"
	done
}

# For a person who watches: what is going on, and lines of the final table.
say() {
	mark "say $*"
}

table() {
	mark "table $*"
}

# check DESC CMD...: ok if the command succeeds. Its output is shown if not.
check() {
	_desc=$1
	shift
	if "$@" >/tmp/.check 2>&1; then
		ok "$_desc"
	else
		_status=$?
		not_ok "$_desc"
		diag "status $_status: $*"
		diag "$(tail -n 15 /tmp/.check)"
		return 1
	fi
}

# refused DESC CMD...: ok if the command fails.
refused() {
	_desc=$1
	shift
	if "$@" >/tmp/.check 2>&1; then
		not_ok "$_desc"
		diag "should have failed: $*"
		return 1
	fi
	ok "$_desc"
}

# is DESC GOT WANT
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		diag "got:  $2"
		diag "want: $3"
		return 1
	fi
}

# at_most DESC GOT MAX, at_least DESC GOT MIN: whole numbers.
at_most() {
	if [ "$2" -le "$3" ]; then
		ok "$1 ($2 <= $3)"
	else
		not_ok "$1 ($2 > $3)"
	fi
}

at_least() {
	if [ "$2" -ge "$3" ]; then
		ok "$1 ($2 >= $3)"
	else
		not_ok "$1 ($2 < $3)"
	fi
}

# wait_for DESC SECONDS CMD...: ok as soon as the command succeeds.
wait_for() {
	_desc=$1 _end=$(($(uptime_s) + $2))
	shift 2
	until "$@" >/dev/null 2>&1; do
		if [ "$(uptime_s)" -ge "$_end" ]; then
			not_ok "$_desc (waited in vain)"
			return 1
		fi
		usleep 100000
	done
	ok "$_desc"
}

# --- small helpers -----------------------------------------------------------

uptime_s() {
	cut -d. -f1 /proc/uptime
}

# cmdline_value KEY: the last value of KEY= on the kernel command line.
cmdline_value() {
	tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | tail -n 1
}

# meminfo FIELD: kiB, as in /proc/meminfo.
meminfo() {
	awk -v key="$1:" '$1 == key { print $2 }' /proc/meminfo
}

# free_kib: MemFree, and what the processors keep back of it for their next
# allocations. Without that, pages just freed may be missing for seconds.
free_kib() {
	echo $(($(meminfo MemFree) + $(awk '$1 == "count:" { n += $2 } END { print n * 4 }' \
		/proc/zoneinfo)))
}

# errno_write VALUE FILE: the text of the error that writing to an attribute
# gives, nothing if it succeeds.
errno_write() {
	putattr "$1" "$2"
}

# drop_caches: write out and forget, so that the next read reaches the device.
drop_caches() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# sum_of FILE|DEVICE [MIB]: from the device itself, not from the page cache.
# SHA-256 would take most of a test's time in an emulated machine.
sum_of() {
	digest -d "$@"
}

# Test data comes from `pattern KIND SEED MIB [SKIP_MIB]` (tools/pattern.c):
# the same arguments give the same bytes in every kernel of a chain.
# pattern_sum ARGS...: what sum_of must say about them.
pattern_sum() {
	pattern "$@" | digest
}

# --- state that outlives a kexec ---------------------------------------------

# disk_named SERIAL: the block device of the VM with this serial.
disk_named() {
	for _dev in /sys/block/vd*; do
		if [ "$(cat "$_dev/serial" 2>/dev/null)" = "$1" ]; then
			echo "/dev/${_dev##*/}"
			return 0
		fi
	done
	return 1
}

mount_state() {
	_disk=$(disk_named state) || {
		not_ok "no state disk"
		return 1
	}
	mount -t ext4 "$_disk" /state || not_ok "cannot mount the state disk"
	[ -f /state/cmdline ] || base_cmdline >/state/cmdline
}

# The command line of the first kernel without what changes from hop to hop.
base_cmdline() {
	tr ' ' '\n' </proc/cmdline | grep -v -e '^zp\.hop=' -e '^$' | tr '\n' ' '
}

# save NAME VALUE..., saved NAME: remember something across kexecs.
save() {
	_name=$1
	shift
	printf '%s\n' "$*" >"/state/var-$_name"
}

saved() {
	cat "/state/var-$1"
}

# now_us, but in the unit of the first kernel, so that values from different
# kernels can be subtracted.
chain_us() {
	[ -f /state/var-tsc_khz ] || save tsc_khz "$(now_us -r)"
	now_us "$(saved tsc_khz)"
}

# --- kexec -------------------------------------------------------------------

# The name of the running kernel: the part of its release behind "-zp-".
kernel_name() {
	uname -r | sed 's/.*-zp-//'
}

# kernel_dir NAME: where the image and initrd of a kernel of this test are.
kernel_dir() {
	_dir=/boot/$1
	mkdir -p "$_dir"
	if [ ! -f "$_dir/bzImage" ]; then
		_disk=$(disk_named "$1") || return 1
		mount -r -t ext4 "$_disk" "$_dir" || return 1
	fi
	echo "$_dir"
}

# kexec_load [-k KERNEL] [-l] [EXTRA CMDLINE...]: load the next kernel. -k names
# it (default: the running one), -l uses the legacy system call, which carries
# no handover. The extra arguments are for that kernel only.
kexec_load() {
	_kernel=$(kernel_name) _how=-s
	while :; do
		case ${1:-} in
		-k) _kernel=$2 && shift 2 ;;
		-l) _how=-c && shift ;;
		*) break ;;
		esac
	done
	_dir=$(kernel_dir "$_kernel") || {
		not_ok "no kernel named $_kernel in this VM (add it to next= in the header)"
		return 1
	}
	kexec "$_how" -l "$_dir/bzImage" --initrd="$_dir/initrd" \
		--append="$(cat /state/cmdline) zp.hop=$((ZP_HOP + 1)) $*"
}

# kexec_jump [-y]: into the loaded kernel. Only the state disk is unmounted; with -y
# nothing else is written out either: kexec -e alone calls sync(2), too.
# shellcheck disable=SC2120
kexec_jump() {
	mark "hop $ZP_HOP jumps"
	umount /state
	[ "${1:-}" = -y ] || sync
	kexec -e "$@"
	not_ok "kexec -e failed with status $?"
	mount_state
}

kexec_next() {
	if kexec_load "$@"; then
		kexec_jump
	else
		not_ok "kexec_load $*"
	fi
}

# kexec_system IMAGE INITRD: into a kernel that boots the system on the disk with
# this initrd, see start_alone in enter-system.sh. The note is for what checks a kexec.
kexec_system() {
	mkdir -p /run/zram-persist
	printf 'KERNEL_IMAGE=%s\nINITRD=%s\nAPPEND="kho=on"\n' "$1" "$2" \
		>/run/zram-persist/next
	kexec -s -l "$1" --initrd="$2" \
		--append="$(tr ' ' '\n' </state/cmdline | grep -v '^zp\.enter=' | xargs) zp.hop=$((ZP_HOP + 1)) root=LABEL=system rw init=/opt/start" &&
		kexec_jump
}

# hop_of_chain: for a case with hops=N: first_hop in the first kernel, later_hop in
# each after it, and next_hop, which leaves it, in all but the last.
hop_of_chain() {
	if [ "$ZP_HOP" -eq 0 ]; then
		first_hop
	else
		later_hop
	fi
	[ "$ZP_HOP" -ge "$(cmdline_value zp.hops)" ] || next_hop
}

# --- modules -----------------------------------------------------------------

# load_zram [PARAMETERS]: our driver. Does nothing where it is built in.
# shellcheck disable=SC2120
load_zram() {
	[ -d /sys/class/zram-control ] || modprobe zram "$@"
}

unload_zram() {
	rmmod zram && rmmod zsmalloc_persist
}

# load_intree [PARAMETERS]: the kernel's own zram, to compare with.
# shellcheck disable=SC2120
load_intree() {
	while read -r _module; do
		modprobe "$_module" || return 1
	done <"/lib/modules/$(uname -r)/intree-needs"
	insmod "/lib/modules/$(uname -r)/kernel/drivers/block/zram/zram.ko" "$@"
}

# load_few: our driver without most of its codecs, in a case with extra=KERNEL.
load_few() {
	while read -r _module; do
		[ "$_module" = zsmalloc ] || modprobe "$_module"
	done <"/lib/modules/$(uname -r)/intree-needs"
	mount -r -t ext4 "$(disk_named "extra-$(kernel_name)")" /mnt || return 1
	insmod /mnt/zsmalloc_persist.ko && insmod /mnt/zram.ko
	_status=$?
	umount /mnt
	return $_status
}

# needs_loaded: all that the module zram needs is loaded, and nothing attached.
needs_loaded() {
	modprobe -D zram | grep -v '/zram\.ko' | while read -r _insmod _file _; do
		insmod "$_file" 2>/dev/null
	done
}

# superblocks: physical addresses, of persistent and held devices in the order in
# which they became so, with commas between them.
superblocks() {
	[ -d /sys/kernel/debug/kho ] || mount -t debugfs debugfs /sys/kernel/debug
	od -A n -v -t u8 -w16 -j 64 /sys/kernel/debug/kho/out/sub_fdts/zram 2>/dev/null |
		awk '$1 { printf "%s%s", sep, $1; sep = "," }'
}

# damage [-n] SPEC...: let these be damaged after the seal, or now, see
# tests/vm/module/zram_damage.c.
damage() {
	_modules=/tests/modules _now=0 _supers=$(superblocks)
	[ -d $_modules ] || _modules=/zp$_modules
	[ "$1" != -n ] || { _now=1; shift; }
	insmod $_modules/zram_damage.ko "super=${_supers:-0}" \
		"damage=$(echo "$*" | tr ' ' ',')" now=$_now &&
		{ [ $_now -eq 0 ] || rmmod zram_damage; }
}

# load_bench: the module that measures, with the disk named data as data set.
load_bench() {
	while read -r _module; do
		[ "$_module" = zsmalloc ] || modprobe "$_module"
	done <"/lib/modules/$(uname -r)/intree-needs"
	mount -r -t ext4 "$(disk_named bench)" /mnt
	insmod /mnt/zram_bench.ko
	umount /mnt
	disk_named data >/sys/module/zram_bench/parameters/data
}

# in_turn PART: calls measure DRIVER with our driver ("ours") and with the
# kernel's own zram ("peer") in turn, as often as zb.rounds= says.
# shellcheck disable=SC2119
in_turn() {
	load_bench
	_rounds=$(cmdline_value zb.rounds)
	while [ "$_rounds" -gt 0 ]; do
		say "$1: $_rounds rounds to go"
		load_zram
		measure ours
		echo 1 >/sys/block/zram0/reset
		unload_zram
		load_intree
		measure peer
		echo 1 >/sys/block/zram0/reset
		rmmod zram zsmalloc
		_rounds=$((_rounds - 1))
	done
}

# --- devices: by name, as in zram0 -------------------------------------------

# make_zram DEVICE CODEC SIZE
make_zram() {
	echo "$2" >"/sys/block/$1/comp_algorithm" &&
		echo "$3" >"/sys/block/$1/disksize"
}

# fill DEVICE KIND SEED MIB [SEEK_MIB]: with a pattern, past the page cache.
fill() {
	pattern "$2" "$3" "$4" | dd of="/dev/$1" bs=1M seek="${5:-0}" \
		oflag=direct iflag=fullblock status=none
}

# persist DEVICE 0|1
persist() {
	echo "$2" >"/sys/block/$1/persist"
}

# state DEVICE: state, switch and UUID, in one line.
state() {
	echo "$(cat "/sys/block/$1/persist_state") $(cat "/sys/block/$1/persist")" \
		"$(cat "/sys/block/$1/uuid")"
}

# stat_of DEVICE NAME: a line of persist_stat.
stat_of() {
	sed -n "s/^$2 //p" "/sys/block/$1/persist_stat"
}

# rests DEVICE: nothing of its memory has changed for a while. The allocator begins to
# settle two seconds after the last growth.
rests() {
	_pool=$(cat "/sys/block/$1/pool_stat")
	usleep 2500000
	[ "$_pool" = "$(cat "/sys/block/$1/pool_stat")" ]
}

# used_kib DEVICE: memory that it takes.
used_kib() {
	awk '{ print $3 / 1024 }' "/sys/block/$1/mm_stat"
}

# free_but_devices: free memory, KiB, and what devices have. Their workers take segments
# for later whenever they get to it; that is not memory that does not come back.
free_but_devices() {
	echo $(($(free_kib) + $(awk '{ n += $3 } END { print int(n / 1024) }' \
		/sys/block/zram*/mm_stat)))
}

# free_again KIB: free memory is what was saved as "free", but for so much.
free_again() {
	drop_caches
	[ "$(free_kib)" -ge $(($(saved free) - $1)) ]
}

# total_kib: MemTotal, and what held devices have. What a kernel handed over that
# belongs to no device is missing in the next one, and there again in the one after it.
# The memory of a device that is attached, and only not shown, is in MemTotal already.
total_kib() {
	grep -L "attached, but cannot be shown" /sys/class/zram-control/held-*/reason \
		2>/dev/null | sed 's/reason$/mem_total/' | xargs -r cat |
		awk -v kib="$(meminfo MemTotal)" '{ kib += $1 / 1024 } END { print kib }'
}

# before_load, handed_over, came_over: to the page, what the kernel before has handed over
# is in MemTotal now, or held, or that of Kexec HandOver itself. (MemTotal of two kernels
# cannot be compared that closely: it differs by some pages.) The first is for before the
# module is loaded, the second for the end of each of these kernels. In the debug kernel,
# whose /proc/kallsyms has data, too.
before_load() {
	save total_before "$(meminfo MemTotal)"
	save own "$(preserved_kib)"
	at_least "KHO hands over what is its own, KiB" "$(saved own)" 4
}

handed_over() {
	save handed $(($(preserved_kib) - $(saved own)))
}

came_over() {
	_back=$(($(total_kib) - $(saved total_before)))
	diag "handed over: $(saved handed) KiB; came over: $_back KiB"
	[ $_back -eq "$(saved handed)" ]
}

# nothing_preserved: nothing would be handed over now.
nothing_preserved() {
	is "no more than that would be handed over, KiB" "$(preserved_kib)" "$(saved own)"
}

# preserved_kib: memory that the next kernel would get now, that of KHO itself with it.
preserved_kib() {
	insmod /tests/modules/kho_nodes.ko out="0x$(sed -n 's/ . kho_out$//p' /proc/kallsyms)" &&
		cat /sys/module/kho_nodes/parameters/kib && rmmod kho_nodes
}

# said TEXT: is it in the kernel log?
said() {
	dmesg | grep -qF "$1"
}

# no_leaks: no memory that nobody points to any more. Needs the debug kernel
# with kmemleak=on (a "# cmdline:" line in the case), and looks twice, since
# young objects do not count.
no_leaks() {
	echo scan >/sys/kernel/debug/kmemleak || return 1
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	! grep . /sys/kernel/debug/kmemleak
}

# --- allocations that fail: in the debug kernel -------------------------------

# allow_faults: those that may wait can fail, too; all of those of a task that
# wants it (failnth N+), and of no other.
allow_faults() {
	[ -d /sys/kernel/debug/failslab ] || mount -t debugfs debugfs /sys/kernel/debug
	for _fault in /sys/kernel/debug/failslab /sys/kernel/debug/fail_page_alloc; do
		echo N >"$_fault/ignore-gfp-wait"
		echo 0 >"$_fault/verbose"
		echo Y >"$_fault/task-filter"
		echo 1 >"$_fault/interval"
		echo 100 >"$_fault/probability"
		echo -1 >"$_fault/times"
	done
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
	echo N >/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem
}

# each_fails DESC MODE STATE UNDO VALUE FILE MIN: lets each allocation of a write
# fail in turn, until there is none left; with + for MODE, all that follow it, too.
# STATE must succeed after each failure; UNDO ends a success that came in spite of
# a failure. At least MIN writes fail. Adds to FAILED.
each_fails() {
	_nth=1 _failed=0 _done=0
	while [ $_nth -lt 1000 ]; do
		_said=$(failnth "$_nth$2" write "$6" "$5")
		case $_said in
		"0 ok")
			_done=$((_done + 1))
			"$4" || break
			;;
		0*)
			_failed=$((_failed + 1))
			"$3" || {
				not_ok "$1: changed by failure $_nth: $_said"
				return 1
			}
			;;
		*) break ;;
		esac
		_nth=$((_nth + 1))
	done
	FAILED=$((${FAILED:-0} + _failed + _done))
	diag "$1: $_failed of $((_nth - 1)) failures were fatal, $_done were not"
	is "$1: succeeds in the end" "${_said#* }" ok
	at_least "$1: failures before that" $_failed "$7"
}

# unnamed_kib: memory that was taken from the page allocator and that the kernel
# has no name for: what devices store, and what kmemleak would not see. Objects
# that KASAN has in quarantine are part of slab memory, which is left out; so are
# the stacks that it has seen, in pools of 16 KiB: each failure leads to new ones.
# And it has shadow pages for what vfree() has not given back yet: loading a module
# ends that.
unnamed_kib() {
	insmod /tests/modules/stop_notifiers.ko
	rmmod stop_notifiers
	sync
	echo 3 >/proc/sys/vm/drop_caches
	echo $(($(meminfo MemTotal) - $(free_kib) - $(awk '
		$1 ~ /^(Buffers|Cached|Slab|AnonPages|KernelStack|PageTables|SecPageTables|VmallocUsed|Percpu):/ \
			{ n += $2 }
		$1 == "pools:" { n += $2 * 16 }
		END { print n }' /proc/meminfo /sys/kernel/debug/stackdepot/stats)))
}

# --- the end -----------------------------------------------------------------

finish() {
	# Mounted file systems of the test may be on devices that are broken on
	# purpose: nobody waits for them.
	umount /state 2>/dev/null
	sync
	mark "ZP-VM-DONE"
	poweroff -f
	sleep 60
}
