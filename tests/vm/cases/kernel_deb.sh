# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The kernel package that scripts/kernel-deb makes: it is installed in a Debian, with
# modules that were built with its headers; a device goes into it, and from it into
# itself. `make kernel-deb` runs it, since a kernel takes long to build.
#
# vm: kernel=debian userland=debian mem=1024 cpus=2 packages=kernel timeout=900 plan=19

configure() {
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
	check "a kexec would keep all" zramctl-persist --preflight "$(saved kernel)"
	goes_on
}

hop_2() {
	is_there 2 1 16
	is "what was added" "$(dd if=/dev/zram0 bs=1M skip=16 count=8 iflag=direct status=none |
		digest)" "$(pattern_sum mixed 2 8)"
}

# is_there HOPS SEED MIB
is_there() {
	is "kernel" "$(uname -r)" "$(saved release)"
	is "hops" "$(stat_of zram0 hops)" "$1"
	is "contents" "$(digest -d /dev/zram0 "$3")" "$(pattern_sum mixed "$2" "$3")"
	is "damaged pages" "$(stat_of zram0 damaged_reads)" 0
}
