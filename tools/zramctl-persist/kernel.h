/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_KERNEL_H
#define ZRAMCTL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct kernel - the kernel that runs
 * @release: as of uname -r
 * @kho: version of its KHO, "kho-v4"; empty if that cannot be told
 * @kho_on: its KHO is on
 * @kho_known: @kho_on is known
 * @kho_failed: it was to be on, and could not start
 * @scratch: bytes of memory in which the next kernel has to start; 0 if that
 *	cannot be told
 * @scratch_largest: bytes of the largest block of it
 * @cmdline: its command line
 */
struct kernel {
	char release[96];
	char kho[16];
	bool kho_on;
	bool kho_known;
	bool kho_failed;
	uint64_t scratch;
	uint64_t scratch_largest;
	char cmdline[4096];
};

void kernel_look(struct kernel *kernel);

#endif /* ZRAMCTL_KERNEL_H */
