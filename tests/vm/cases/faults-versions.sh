# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Modules of different format versions, one after the other: each attaches what
# is older or of its own version, and holds and passes on what is newer, or has a
# feature that it does not know, until a module comes that knows it; in the same
# kernel, too. Versions 2 and 3 are builds of the same driver.
#
# vm: kernel=debian mem=768 cpus=2 timeout=900 plan=39 versions=debian

# load_version FOLDER: the modules in it.
load_version() {
	while read -r _module; do
		[ "$_module" = zsmalloc ] || modprobe "$_module"
	done <"/lib/modules/$(uname -r)/intree-needs"
	mount -r -t ext4 "$(disk_named versions)" /mnt
	insmod "/mnt/$1/zsmalloc_persist.ko" && insmod "/mnt/$1/zram.ko"
	_status=$?
	umount /mnt
	return $_status
}

# new NAME SEED: a persistent device.
new() {
	_dev=zram$(cat /sys/class/zram-control/hot_add)
	make_zram "$_dev" lz4 8M
	check "device $1" fill "$_dev" mixed "$2" 6
	persist "$_dev" 1
	save "uuid-$1" "$(cat "/sys/block/$_dev/uuid")"
	save "sum-$1" "$(sum_of "/dev/$_dev")"
}

# whole NAME: it is attached, with what was written to it.
whole() {
	_file=$(grep -lx "$(saved "uuid-$1")" /sys/block/zram*/uuid)
	_dev=${_file#/sys/block/}
	is "contents of $1" "$(sum_of "/dev/${_dev%/uuid}")" "$(saved "sum-$1")"
}

held() {
	echo "/sys/class/zram-control/held-$(saved "uuid-$1")"
}

# is_held NAME KERNELS REASON
is_held() {
	is "$1 is held" "$(cat "$(held "$1")/held_hops") $(cat "$(held "$1")/preserved") $(
		cat "$(held "$1")/reason")" "$2 1 $3"
	is "$1 cannot be attached" "$(errno_write 1 "$(held "$1")/attach")" \
		"Protocol not supported"
}

readonly V2="format has an unknown version (0x2)"
readonly V3="format has an unknown version (0x3)"
readonly FEATURE="unknown incompat features (0x40)"

hop_0() {
	check "version 3" load_version v3
	new a 1
	kexec_next
}

hop_1() {
	check "version 2" load_version v2
	is_held a 1 "$V3"
	is "what is not known is not shown" \
		"$(cat "$(held a)/name" "$(held a)/index" "$(held a)/disksize" "$(held a)/hops")" ""
	new b 2
	kexec_next
}

hop_2() {
	check "version 1, with a feature" load_version feature
	is_held a 2 "$V3"
	is_held b 1 "$V2"
	new c 3
	kexec_next
}

hop_3() {
	check "version 1" load_zram
	is_held a 3 "$V3"
	is_held b 2 "$V2"
	is_held c 1 "$FEATURE"
	is "of a known version the size is known" "$(cat "$(held c)/disksize")" $((8 << 20))
	check "the module goes" unload_zram
	check "another one comes, with the feature" load_version feature
	whole c
	is_held a 3 "$V3"
	kexec_next
}

hop_4() {
	check "version 2" load_version v2
	is_held a 4 "$V3"
	whole b
	is_held c 1 "$FEATURE"
	kexec_next
}

hop_5() {
	check "version 3" load_version v3
	whole a
	whole b
	is_held c 2 "$FEATURE"
	check "it can be dropped" sh -c "echo 1 >'$(held c)/drop'"
	refused "it is gone" test -e "$(held c)"
}
