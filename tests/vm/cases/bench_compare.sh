# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Not a test: the same data kept across a kexec in different ways (see
# tests/bench/compare). zb.plan= lists them, one for each hop, with commas between:
#
#   none      nothing is kept, to compare with
#   ours      a persistent device
#   intree    the kernel's own zram: written to a disk before, and read back after
#   disk      written to a disk in the first place
#   reserved  memory set aside with memmap=, at zb.reserved=
#   pmem      the same as a block device
#   memfd     a memfd that Live Update keeps
#
# Lines "sample" of the log have the figures: compare.WAY.WHAT.

readonly SYS=/sys/block/zram0 SET=/tmp/set HOLDER=/tmp/luo.pid

step() {
	cmdline_value zb.plan | cut -d, -f$(($1 + 1))
}

# sample WHAT VALUE, of the way $way.
sample() {
	mark "sample compare.$way.$1 ours $2"
}

# timed WHAT CMD...: in microseconds.
timed() {
	_what=$1 _start=$(chain_us)
	shift
	"$@" || not_ok "$way: $_what"
	sample "${_what}_us" $(($(chain_us) - _start))
}

copy() {
	dd "$@" bs=1M iflag=fullblock status=none
}

# sectors FIELD: of the disk that is saved to; 3 is read, 7 is written.
sectors() {
	awk -v field="$1" '{ print $field }' "/sys/class/block/${disk##*/}/stat"
}

# free_settled: free memory, when that of half a second ago is nearly the same. A
# pool gives back what it has too much soon after the last write.
free_settled() {
	drop_caches
	_before=$(free_kib) _end=$(($(uptime_s) + 30))
	while usleep 500000 && _free=$(free_kib) &&
		[ $((_free - _before)) -gt 64 ] && [ "$(uptime_s)" -lt "$_end" ]; do
		_before=$_free
	done
	echo "$_free"
}

# --- the ways: load what is needed; put the data there; save it before the kexec;
# --- get it back after it, so that it can be read; read it; forget it

load() {
	case $way in
	ours) load_zram && echo 1 >$SYS/persist ;;
	intree) load_intree ;;
	esac
}

put() {
	case $way in
	ours | intree) make_zram zram0 lz4 "${mib}M" && copy if=$SET of=/dev/zram0 oflag=direct ;;
	disk) copy if=$SET of="$disk" oflag=direct ;;
	reserved) reserved put "$reserved" "$mib" <$SET ;;
	pmem) copy if=$SET of=/dev/pmem0 oflag=direct ;;
	memfd) luo put $HOLDER <$SET ;;
	esac
}

save_it() {
	[ "$way" != intree ] || copy if=/dev/zram0 of="$disk" iflag=direct,fullblock oflag=direct
}

back() {
	case $way in
	ours) load_zram ;;
	intree)
		load_intree && make_zram zram0 lz4 "${mib}M" &&
			copy if="$disk" of=/dev/zram0 iflag=direct,fullblock oflag=direct
		;;
	memfd) luo back $HOLDER ;;
	esac
}

get() {
	case $way in
	ours | intree) copy if=/dev/zram0 iflag=direct,fullblock ;;
	disk) copy if="$disk" iflag=direct,fullblock ;;
	reserved) reserved get "$reserved" "$mib" ;;
	pmem) copy if=/dev/pmem0 iflag=direct,fullblock ;;
	memfd) copy if="/proc/$(cat $HOLDER)/fd/3" ;;
	esac
}

get_all() {
	get >/dev/null
}

forget() {
	case $way in
	ours)
		sample seal_ns "$(stat_of zram0 seal_ns)"
		sample attach_ns "$(stat_of zram0 attach_ns)"
		echo 0 >$SYS/persist
		echo 1 >$SYS/reset
		unload_zram
		;;
	intree)
		echo 1 >$SYS/reset
		rmmod zram zsmalloc
		;;
	memfd) kill "$(cat $HOLDER)" ;;
	esac
}

# --- one hop -----------------------------------------------------------------

arrived() {
	sample kexec_us $(($1 - $(saved left)))
	[ "$way" != none ] || return 0
	_sectors=$(sectors 3)
	timed back back
	sample disk_read $((($(sectors 3) - _sectors) * 512))
	timed get get_all
	is "$way: contents" "$(get | digest)" "$(saved sum)"
	forget
}

# What is set aside is taken from the start, whatever is in it.
leaving() {
	[ "$way" != none ] || return 0
	copy if="$(disk_named data)" of=$SET
	[ -f /state/var-sum ] || save sum "$(digest $SET)"
	load
	_sectors=$(sectors 7)
	_was=$(free_settled)
	timed put put
	_ram=$(((_was - $(free_settled)) * 1024))
	# It is missing from the start on.
	case $way in
	reserved | pmem) _ram=$((mib << 20)) ;;
	esac
	sample ram "$_ram"
	timed save save_it
	sample disk_written $((($(sectors 7) - _sectors) * 512))
	is "$way: contents before" "$(get | digest)" "$(saved sum)"
	rm $SET
}

hop() {
	_now=$(chain_us)
	disk=$(disk_named saved) mib=$(cmdline_value zb.mib) reserved=$(cmdline_value zb.reserved)
	if [ "$ZP_HOP" -gt 0 ]; then
		way=$(step $((ZP_HOP - 1)))
		arrived "$_now"
	fi
	way=$(step "$ZP_HOP")
	[ -n "$way" ] || return 0
	say "$way"
	leaving
	kexec_load
	save left "$(chain_us)"
	kexec_jump
}

eval "hop_$ZP_HOP() { hop; }"
