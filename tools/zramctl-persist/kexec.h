/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_KEXEC_H
#define ZRAMCTL_KEXEC_H

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

enum kexec_default kexec_look(const char **program);

#endif /* ZRAMCTL_KEXEC_H */
