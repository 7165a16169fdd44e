# SPDX-License-Identifier: GPL-2.0
#
# Entry points for people. Each does its work in a script of its own; the
# kernel's build system uses Kbuild and the Makefiles below mm/ and drivers/.

# The kernel that `make modules` builds for, and where the objects go.
KDIR ?= /lib/modules/$(shell uname -r)/build
MO ?= $(CURDIR)/build/modules/default
DEPMOD ?= depmod

# Our driver takes the place of the kernel's, whatever that is set to.
KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR) MO=$(MO) \
	CONFIG_ZRAM=m CONFIG_ZSMALLOC_PERSIST=m

# For install and uninstall, see scripts/install. What is not set has its default
# there.
export DESTDIR prefix sysconfdir sbindir libexecdir mandir docdir
export unitdir generatordir udevdir modulesloaddir bashcompdir bashcompatdir
export initramfsdir dracutdir ZRAMCTL

.PHONY: help demo check soak torture nomem versions kernel-deb fuzz bench lint modules
.PHONY: modules_install tools install uninstall deb clean

help:
	@echo 'make demo                  files survive three kexecs, in a VM'
	@echo 'make check                 all tests; ends with "N passed, N failed"'
	@echo 'make check SUITE=name      one suite of:'
	@tests/run --list | sed 's/^/                             /'
	@echo 'make check SUITE=s CASE=c  one test of it, as named in the output: s/c'
	@echo 'make soak HOPS=n           a chain of n kexecs; what changes, and what memory there is'
	@echo 'make torture RUNS=n        n kexecs each: in the middle of writing, of changes to'
	@echo '                           devices, and with memory nearly at its end'
	@echo '                           (KERNEL=debian: without KASAN and lockdep, and faster)'
	@echo 'make nomem                 each allocation fails while devices are held, attached'
	@echo '                           and dropped'
	@echo 'make versions              devices go from Linux 7.3 to 7.2 and back'
	@echo 'make kernel-deb [CONFIG=f] what scripts/kernel-deb makes is installed and started,'
	@echo '                           and DKMS builds for it (default: a small configuration)'
	@echo 'make fuzz [FUZZ_SECONDS=n] damage handovers for n seconds (default: 600)'
	@echo 'make bench                 measurements against the kernel'\''s own zram; BENCH=full'
	@echo '                           for those to be published (default: quick)'
	@echo 'make lint                  the same as SUITE=lint'
	@echo 'make modules [KDIR=dir]    zsmalloc_persist.ko and zram.ko for a built kernel'
	@echo 'make modules_install       put them into its updates/, and run depmod (as root)'
	@echo 'make tools                 zramctl-persist, its manual pages, and bash completion'
	@echo 'make install, uninstall    tools, rules, units, hooks; DESTDIR=, prefix=/usr/local;'
	@echo '                           ZRAMCTL=yes: also as zramctl, ahead of the distribution'\''s'
	@echo 'make deb [DEB_KERNELS=dir] Debian packages into build/deb: tools, and modules for'
	@echo '                           DKMS; prebuilt ones for each kernel that is named'
	@echo 'make clean                 remove build/; the cache of kernels stays'
	@echo
	@echo 'scripts/overlay TREE       put the driver into a kernel source tree'
	@echo 'LINUX_SRC=dir              use this source instead of Debian'\''s linux-source-7.x'
	@echo 'ZRAM_PERSIST_CACHE=dir     where kernels are kept (default: ~/.cache/zram-persist)'

demo:
	@scripts/demo

check:
	@tests/run $(SUITE) $(CASE)

# Long forms of cases that make check runs, too.
soak: HOPS ?= 200
soak:
	@ZP_HOPS=$(HOPS) tests/run faults chain

torture: RUNS ?= 30
torture:
	@ZP_HOPS=$(RUNS) ZP_KERNEL=$(KERNEL) tests/run faults '(in-flight|races|pressure)'

nomem:
	@for case in hold attach leaks; do \
		tests/lib/vm-case tests/vm/cases/faults_$$case.sh || exit; done

versions:
	@tests/lib/vm-case tests/vm/cases/faults-releases.sh

kernel-deb:
	@KERNEL_DEB_CONFIG=$(CONFIG) tests/lib/vm-case tests/vm/cases/kernel_deb.sh

fuzz:
	@scripts/install-deps
	@$(MAKE) -s -C tests/fuzz fuzz FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600)

bench:
	@tests/bench/run $(BENCH)

lint:
	@tests/run lint

modules:
	@mkdir -p $(MO)
	+$(KBUILD) modules

# The kernel's build system runs depmod only where there is a System.map, which
# packaged headers lack; without it modprobe goes on loading the kernel's own zram.
# DKMS puts its modules elsewhere, and depmod takes each from where it happens to look last.
modules_install:
	@for module in $(INSTALL_MOD_PATH)/lib/modules/$$(cat $(KDIR)/include/config/kernel.release)/updates/dkms/zram.ko*; do \
		[ ! -e "$$module" ] || { echo "$$module is there, of DKMS: apt-get remove" \
			"zram-persist-dkms, or leave the modules to it" >&2; exit 1; }; done
	+$(KBUILD) INSTALL_MOD_DIR=updates modules_install
ifeq ($(INSTALL_MOD_PATH),)
	PATH="$$PATH:/sbin" $(DEPMOD) "$$(cat $(KDIR)/include/config/kernel.release)"
endif

tools:
	@$(MAKE) --no-print-directory -C tools/zramctl-persist \
		VERSION="$$(scripts/version)"

install: tools
	@scripts/install
	@test -n "$(DESTDIR)" || echo 'Now: systemctl daemon-reload; udevadm control --reload;' \
		'update-initramfs -u -k all, or dracut --force --regenerate-all'

uninstall:
	@scripts/install --uninstall
	@test -n "$(DESTDIR)" || echo 'Now: systemctl daemon-reload, or systemctl kexec fails;' \
		'update-initramfs -u -k all, or dracut --force --regenerate-all'

deb: tools
	@scripts/deb $(DEB_KERNELS)

clean:
	rm -rf build
