# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# The test machinery itself: a VM boots, has the handover, and jumps from
# kernel to kernel with nothing of ours in it.
#
# vm: kernel=debug next=debian mem=1536 cpus=2 timeout=240 plan=10

hop_0() {
	check "handover is on in the first kernel" test -d /sys/kernel/debug/kho/out
	refused "the first kernel has received nothing" test -d /sys/kernel/debug/kho/in
	is "pattern data is what it was" "$(pattern mixed 7 1 | sha256sum | cut -d" " -f1)" \
		"$(cat /tests/cases/smoke-pattern.sha)"
	save word "from hop 0"
	kexec_next zp.extra=once
}

hop_1() {
	check "the second kernel has received a handover" test -d /sys/kernel/debug/kho/in
	is "the state disk is kept" "$(saved word)" "from hop 0"
	is "extra arguments arrive" "$(cmdline_value zp.extra)" once
	kexec_next -k debian
}

hop_2() {
	is "the named kernel runs" "$(kernel_name)" debian
	is "extra arguments are for one hop" "$(cmdline_value zp.extra)" ""
	is "processors" "$(nproc)" 2
	is "deferred memory is all there" "$(test "$(meminfo MemTotal)" -gt 1200000 && echo yes)" yes
}
