/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_KEXEC_H
#define ZRAMCTL_KEXEC_H

#include <stdbool.h>

#define KEXEC_DISABLED		"loading kernels is disabled until the next boot (kernel.kexec_load_disabled=1)"
#define HINT_KEXEC_DISABLED	"take it out of /etc/sysctl.d, and reboot"

/**
 * enum kexec_default - how kexec -l, without -s, loads a kernel
 * @KEXEC_NONE: there is no program kexec
 * @KEXEC_SILENT: it does not say
 * @KEXEC_OLD: by the old system call, which loses all
 * @KEXEC_CARRIES: by the one that carries a handover
 */
enum kexec_default {
	KEXEC_NONE,
	KEXEC_SILENT,
	KEXEC_OLD,
	KEXEC_CARRIES,
};

bool kexec_disabled(void);
enum kexec_default kexec_look(const char **program);

#endif /* ZRAMCTL_KEXEC_H */
