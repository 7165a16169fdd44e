# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The kernel package that scripts/kernel-deb makes: it is installed in a Debian with
# systemd, with modules that were built with its headers; a device goes into it by
# systemctl kexec. There a compiler and DKMS are installed, and DKMS builds the modules
# anew, with the same headers, of one version of our package and of the next; the device
# goes on into the same kernel with these. At last the package for DKMS is removed, and
# the kernel has its own zram again. `make kernel-deb` runs it, since a kernel takes long
# to build, and DKMS in a VM takes minutes.
#
# vm: kernel=debian system=debian mem=1536 cpus=2 packages=kernel room=1536 timeout=3600 plan=39

configure() {
	resize2fs "$(disk_named system)" || return 1
	start_alone
}

hop_0() {
	mkdir -p /srv/packages
	check "the packages are there" mount -r "$(disk_named packages)" /srv/packages
	check "they are installed" sh -c \
		"dpkg -i /srv/packages/new/zram-persist_*.deb /srv/packages/new/linux-*.deb \
			/srv/packages/new/zram-persist-modules-*.deb"
	_kernel=$(echo /boot/vmlinuz-*-kho)
	save kernel "$_kernel"
	save release "${_kernel#/boot/vmlinuz-}"
	check "a kernel is there" test -s "$_kernel"
	check "and its initramfs" test -s "/boot/initrd.img-$(saved release)"
	is "KHO in its configuration" \
		"$(grep -x CONFIG_KEXEC_HANDOVER=y "/boot/config-$(saved release)")" \
		CONFIG_KEXEC_HANDOVER=y
	check "the module loads" modprobe -d /zp zram num_devices=1
	make_zram zram0 zstd 32M
	check "persistent" persist zram0 1
	check "data" fill zram0 mixed 1 16
	goes_on
}

# goes_on: into that kernel.
goes_on() {
	kexec_system "$(saved kernel)" "/boot/initrd.img-$(saved release)"
}

hop_1() {
	is_there 1 1 16
	check "more data" fill zram0 mixed 2 8 16
	modules_of_dkms
	is "contents after all that" "$(digest -d /dev/zram0 16)" "$(pattern_sum mixed 1 16)"
	check "a kexec would keep all" zramctl-persist --preflight "$(saved kernel)"
	goes_on
}

# modules_of_dkms: take the place of those of our package, and get into the initramfs.
modules_of_dkms() {
	_release=$(saved release)
	export DEBIAN_FRONTEND=noninteractive
	check "a compiler and DKMS are installed" \
		sh -c "dpkg -i /srv/packages/dkms/*.deb >/srv/dpkg.log 2>&1 || ! tail /srv/dpkg.log"
	check "the modules that were built before go" \
		sh -c "dpkg --purge zram-persist-modules-$_release"
	is "the zram of the kernel is found" "$(modinfo -F zram_persist_version zram)" ""
	for _which in old new; do
		check "the package for DKMS, $_which" \
			sh -c "dpkg -i /srv/packages/$_which/zram-persist-dkms_*.deb"
		_version=$(dpkg-query -W -f '${Version}' zram-persist-dkms)
		# The original is the zram of the kernel.
		is "what DKMS says" "$(dkms status -k "$_release")" \
			"zram-persist/$_version, $_release, x86_64: installed (Original modules exist)"
	done
	is "modules" "$(find "/lib/modules/$_release" -name 'z*ram*.ko*' -path '*/updates/*' -printf '%P' |
		sed 's/\.ko.*/.ko/')" updates/dkms/zram.ko
	check "found by modprobe" sh -c "modinfo -F filename zram | grep -q /updates/dkms/"
	check "and in the initramfs" \
		sh -c "lsinitramfs /boot/initrd.img-$_release | grep -q /updates/dkms/zram.ko"
}

hop_2() {
	check "the module is that of DKMS" sh -c "modinfo -F filename zram | grep -q /updates/dkms/"
	is_there 2 1 16
	is "what was added" "$(dd if=/dev/zram0 bs=1M skip=16 count=8 iflag=direct status=none |
		digest)" "$(pattern_sum mixed 2 8)"
	dkms_goes
	is "contents after all that" "$(digest -d /dev/zram0 16)" "$(pattern_sum mixed 1 16)"
}

dkms_goes() {
	_release=$(saved release)
	check "the package for DKMS is removed" dpkg --purge zram-persist-dkms
	is "what DKMS says" "$(dkms status)" ""
	is "the zram of the kernel is found" "$(modinfo -F zram_persist_version zram)" ""
	is "modules of ours" "$(find "/lib/modules/$_release" -path '*/updates/*z*ram*')" ""
	refused "one is in the initramfs" \
		sh -c "lsinitramfs /boot/initrd.img-$_release | grep updates/dkms/zram.ko"
}

# is_there HOPS SEED MIB
is_there() {
	is "kernel" "$(uname -r)" "$(saved release)"
	is "failed units" "$(failed_units)" ""
	is "hops" "$(stat_of zram0 hops)" "$1"
	is "contents" "$(digest -d /dev/zram0 "$3")" "$(pattern_sum mixed "$2" "$3")"
	is "damaged pages" "$(stat_of zram0 damaged_reads)" 0
}
