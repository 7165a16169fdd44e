# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The kernel's own tests of zram, tools/testing/selftests/zram, unmodified. Their
# exit status says nothing, and so do their last lines: what they print on our
# driver must be what they print on the kernel's own, and no complaint.
#
# They start thousands of dd, which takes minutes in the debug kernel.
#
# vm: kernel=debian userland=debian mem=1024 cpus=2 timeout=500 plan=13

hop_0() {
	# Small and static, so that it starts in a fraction of the time.
	mkdir /tmp/bin
	cp /zp/usr/bin/busybox /tmp/bin/dd

	check "our module loads" load_zram
	check "is ours" test -e /sys/block/zram0/persist
	selftests ours
	check "it is unloaded" unload_zram

	check "the kernel's own loads" load_intree
	refused "is not ours" test -e /sys/block/zram0/persist
	selftests intree
	check "it is unloaded" rmmod zram
	is "ours does as the kernel's own" "$(diff -U 0 /tmp/intree /tmp/ours)" ""
}

# selftests NAME: the output to /tmp/NAME, without what depends on codecs and on
# how well memory is used.
selftests() {
	rm -rf /tmp/selftests
	cp -r /zp/tests/selftests /tmp/selftests
	(cd /tmp/selftests && PATH=/tmp/bin:$PATH bash ./zram.sh) >"/tmp/$1" 2>&1
	diag "$(cat "/tmp/$1")"
	is "passed" "$(grep -c '\[PASS\]' "/tmp/$1")" 2
	is "complaints" "$(grep -iE 'fail|error|invalid|busy|cannot|denied' "/tmp/$1")" ""
	is "all steps were made" "$(grep -c ': OK$' "/tmp/$1")" 10
	sed -i -E 's/ratio: [0-9.]+/ratio: N/; s/^supported algs.*/algs/' "/tmp/$1"
}
