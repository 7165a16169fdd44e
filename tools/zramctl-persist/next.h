/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_NEXT_H
#define ZRAMCTL_NEXT_H

#include <limits.h>
#include <stdbool.h>

#include "options.h"

/* What somebody has written about the kernel that is loaded. */
#define NEXT_NOTE	"/run/zram-persist/next"

/**
 * struct next - the kernel to come
 * @image: path of its image, below the root folder; empty if none was found
 * @initrd: path of its initramfs, below the root folder; empty if there is none
 * @cmdline: its command line
 * @cmdline_known: @cmdline comes from somewhere, and is no guess
 * @cmdline_source: where @cmdline comes from
 * @source: where @image comes from
 * @by_note: NEXT_NOTE counts, whether it names @image or not
 * @by_kexec_tools: kexec-tools load it at a reboot, unless one is loaded
 */
struct next {
	char image[PATH_MAX];
	char initrd[PATH_MAX];
	char cmdline[4096];
	bool cmdline_known;
	const char *cmdline_source;
	const char *source;
	bool by_note;
	bool by_kexec_tools;
};

void next_find(struct next *next, const struct options *opts);
void next_find_initrd(struct next *next, const char *release);
bool next_load_kexec(void);
bool next_exists(const char *path);
void next_set(char *to, const char *from);
void next_locate(char *to, const char *place, const char *name);
bool grub_saved_entry(const char *folder, char *to, size_t size);
bool grub_find(struct next *next);
bool loader_find(struct next *next);

#endif /* ZRAMCTL_NEXT_H */
