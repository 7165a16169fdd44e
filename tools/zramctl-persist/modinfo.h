/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_MODINFO_H
#define ZRAMCTL_MODINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "root.h"

/* With it our zram says the format of what it hands over. */
#define FORMAT_KEY	"zram_persist_version"
/* And with this the oldest that it takes; one without it takes no other than its own. */
#define OLDEST_KEY	"zram_persist_oldest"

/**
 * struct modinfo - what a module says of itself
 * @data: "key=value" strings, one behind the other
 * @size: bytes of @data, the last of which is 0
 * @prefix: what stands before each key
 * @builtin: it is part of the kernel
 * @path: its file, below the root folder; empty if there is none
 */
struct modinfo {
	char *data;
	size_t size;
	char prefix[32];
	bool builtin;
	char path[PATH_MAX];
};

int modinfo_of(struct modinfo *info, const char *release, const char *module);
int modinfo_in(struct modinfo *info, const char *data, size_t size);
const char *modinfo_next(const struct modinfo *info, const char *key,
			 const char *last);
bool modinfo_has(const struct modinfo *info, const char *key,
		 const char *value);
int modinfo_loaded_format(const struct modinfo *info, char *text, size_t size);
void modinfo_free(struct modinfo *info);

#endif /* ZRAMCTL_MODINFO_H */
