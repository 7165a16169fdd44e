# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The Debian packages: an old version with the modules in it brings up a volume,
# which stays as it is while the packages are upgraded, is there with its contents
# after a kexec into the new ones, and stays as they are removed. Nothing of them is
# left then. The driver that runs is not the one in /lib/modules any more when systemctl
# kexec asks whether the volume would survive. The initramfs of each kernel with our
# module follows the packages. The command zramctl is that of util-linux, or ours if that
# has been chosen, until ours is removed. The package with the sources for DKMS asks it
# for what it must.
#
# vm: kernel=debian system=debian mem=1024 cpus=2 packages=yes timeout=900 plan=58

readonly LINK=/dev/disk/by-id/zram-name-kept FILE=/srv/kept/pattern

# The system has the modules of the kernel, without ours: those come from a package.
configure() {
	umount "$PWD/lib/modules"
	[ ! -e etc/zram-persist ] || return 0
	cp -r /lib/modules/. lib/modules
	rm -rf "lib/modules/$(uname -r)/updates"
	depmod -b "$PWD" "$(uname -r)"
	touch srv/before
	install_packages old zram-persist "zram-persist-modules-$(uname -r)" || return 1
	printf 'SIZE=64M\nMOUNT=/srv/kept\nMKFS_OPTIONS=-q\n' >etc/zram-persist/kept.conf
	cat >etc/default/kexec <<-CONF
		LOAD_KEXEC=true
		KERNEL_IMAGE=/boot/debian/bzImage
		INITRD=/boot/debian/initrd
		APPEND=kho=on
	CONF
}

hop_0() {
	is "failed units" "$(failed_units)" ""
	is "versions" "$(versions)" "$(new_version)~old $(new_version)~old"
	is "the module is that of the package" "$(modinfo -F filename zram)" \
		"/lib/modules/$(uname -r)/updates/drivers/block/zram/zram.ko"
	is "and it is loaded" "$(cat /sys/module/zram/version)" "$(new_version)~old"
	named_zramctl
	pattern mixed 1 24 >$FILE
	sync $FILE
	save identity "$(identity)"
	_runs=$(systemctl show -P InvocationID zram-volume@kept.service srv-kept.mount)
	check "they are upgraded" \
		sh -c "dpkg -i /srv/packages/new/zram-persist_*.deb /srv/packages/new/zram-persist-modules-*.deb"
	is "versions" "$(versions)" "$(new_version) $(new_version)"
	is "zramctl is still ours" "$(zramctl_of)" zram-persist
	initramfs_made_by "installing the tools" dpkg -i /srv/packages/new/zram-persist_*.deb
	is "services that went on" \
		"$(systemctl show -P InvocationID zram-volume@kept.service srv-kept.mount)" "$_runs"
	dkms_package
	upgraded_driver
	still_there 0
	save version "$(new_version)"
	kexec_next
}

hop_1() {
	is "failed units" "$(failed_units)" ""
	is "the new driver is loaded" "$(cat /sys/module/zram/version)" "$(saved version)"
	still_there 1
	is "identity" "$(identity)" "$(saved identity)"
	_files=$(cat /var/lib/dpkg/info/zram-persist*.list)
	at_least "files of the packages" "$(echo "$_files" | grep -c .)" 20
	is "zramctl is still ours" "$(zramctl_of)" zram-persist
	initramfs_made_by "removing the tools" dpkg --remove zram-persist
	is "zramctl is that of util-linux" "$(zramctl_of)" util-linux
	is "and as it was" "$(digest /usr/sbin/zramctl)" "$(saved zramctl)"
	is "links that are left" "$(find /usr/local /etc -name 'zramctl*')" ""
	initramfs_made_by "removing the modules" dpkg --remove "$(modules_package)"
	still_there 1
	is "jobs" "$(systemctl list-jobs --plain --no-legend | grep -v zp)" ""
	check "kexec.target is that of systemd" sh -c \
		"systemctl show -P FragmentPath kexec.target | grep -qx /usr/lib/systemd/system/kexec.target"
	is "the zram of the kernel is found" "$(modinfo -F zram_persist_version zram)" ""
	is "the configuration is kept" "$(ls /etc/zram-persist)" kept.conf
	check "and purged" dpkg --purge zram-persist "$(modules_package)"
	is "files left" "$(find / -xdev -newer /srv/before -path '*zram*persist*' \
		! -path '/srv/*' ! -path '/var/log/*' -printf '%p ')" \
		"/etc/zram-persist /etc/zram-persist/kept.conf "
	is "failed units" "$(failed_units)" ""
}

# Another one is loaded than the one that is installed now, and says its format.
upgraded_driver() {
	# shellcheck disable=SC2016
	check "the driver of the package is another one" sh -c \
		'[ "$(modinfo -F srcversion zram)" != "$(cat /sys/module/zram/srcversion)" ]'
	is "the format of the one that is loaded" \
		"$(cat /sys/module/zram/parameters/format_version)" \
		"$(modinfo -F zram_persist_version zram)"
	kernel_dir debian >/dev/null
	check "the next driver has that, too" \
		sh -c "zramctl-persist --preflight | grep -q ', as the running driver has'"
}

# Installed, upgraded, removed. What DKMS makes of it is the subject of
# tests/dist/dkms: to compile takes too long here.
dkms_package() {
	_new=$(dpkg-deb -f /srv/packages/new/zram-persist-dkms_*.deb Version)
	mkdir -p /usr/lib/dkms
	for _stub in /usr/sbin/dkms /usr/lib/dkms/common.postinst; do
		printf '#!/bin/sh\necho %s "$@" >>/srv/dkms-calls\n' "${_stub##*/}" >$_stub
		chmod +x $_stub
	done
	dkms_calls "install" "common.postinst zram-persist $_new~old /usr/share/zram-persist" \
		--install /srv/packages/old/zram-persist-dkms_*.deb
	check "its sources" test -f "/usr/src/zram-persist-$_new~old/dkms.conf"
	dkms_calls "upgrade" "dkms remove -m zram-persist -v $_new~old --all
common.postinst zram-persist $_new /usr/share/zram-persist  $_new~old" \
		--install /srv/packages/new/zram-persist-dkms_*.deb
	dkms_calls "remove" "dkms remove -m zram-persist -v $_new --all" \
		--purge zram-persist-dkms
	is "sources that are left" "$(find /usr/src -name 'zram-persist*')" ""
	rm -r /usr/sbin/dkms /usr/lib/dkms
}

# dkms_calls WHAT CALLS OPTIONS...: of dpkg, and what it made the scripts call.
dkms_calls() {
	_what=$1 _want=$2
	shift 2
	: >/srv/dkms-calls
	check "$_what the package for DKMS" dpkg --force-depends "$@"
	is "it calls" "$(sed 's/ *$//' /srv/dkms-calls)" "$_want"
}

modules_package() {
	echo "zram-persist-modules-$(uname -r)"
}

versions() {
	dpkg-query -W -f '${Version} ' zram-persist "$(modules_package)" | xargs
}

new_version() {
	dpkg-deb -f /srv/packages/new/zram-persist_*.deb Version
}

identity() {
	echo "$(readlink $LINK) $(cat "/sys/block/$(basename "$(readlink $LINK)")/uuid")"
}

# zramctl_of: whose zramctl it is that root's shell finds.
zramctl_of() {
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin zramctl --version |
		awk '{ print $3 }'
}

# Chosen, given back, and chosen again.
named_zramctl() {
	_tool=/usr/libexec/zram-persist/zramctl-name _ours=/usr/local/sbin/zramctl
	save zramctl "$(digest /usr/sbin/zramctl)"
	is "zramctl is that of util-linux" "$(zramctl_of)" util-linux
	mkdir -p /usr/local/sbin
	echo theirs >$_ours
	refused "somebody's zramctl is replaced" $_tool on
	rm $_ours
	check "choose" $_tool on
	is "zramctl is ours" "$(zramctl_of)" zram-persist
	is "and completed as ours" "$(readlink -f /etc/bash_completion.d/zramctl)" \
		/usr/share/bash-completion/completions/zramctl-persist
	check "give it back" $_tool off
	check "twice does no harm" $_tool off
	is "zramctl is that of util-linux" "$(zramctl_of)" util-linux
	check "choose again" $_tool on
}

# initramfs_made_by DESC COMMAND...: of the kernel with our module, once, and not of
# one without. To make one takes minutes here, so this is about who asks for it.
initramfs_made_by() {
	_theirs=/lib/modules/7.9-theirs _calls=/srv/initramfs-calls
	mkdir -p $_theirs /usr/local/sbin
	cp "/lib/modules/$(uname -r)"/modules.* $_theirs
	touch "/boot/initrd.img-$(uname -r)" "/boot/initrd.img-${_theirs##*/}" $_calls
	printf '#!/bin/sh\necho "$*" >>%s\n' $_calls >/usr/local/sbin/update-initramfs
	chmod +x /usr/local/sbin/update-initramfs
	_desc=$1
	shift
	check "$_desc" env "PATH=/usr/local/sbin:$PATH" "$@"
	is "what is made anew" "$(cat $_calls)" "-u -k $(uname -r)"
	rm -r $_theirs $_calls /boot/initrd.img-* /usr/local/sbin/update-initramfs
}

# still_there HOPS
still_there() {
	drop_caches
	is "contents" "$(digest $FILE)" "$(pattern_sum mixed 1 24)"
	is "the mount" "$(findmnt -rno SOURCE,FSTYPE /srv/kept)" \
		"/dev/$(basename "$(readlink $LINK)") ext4"
	is "hops" "$(stat_of "$(basename "$(readlink $LINK)")" hops)" "$1"
}
