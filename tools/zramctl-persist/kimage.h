/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_KIMAGE_H
#define ZRAMCTL_KIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "root.h"

/**
 * struct kimage - what an image of a kernel says of it
 * @release: as of uname -r; empty if it was not found
 * @kho: version of KHO, "kho-v4"; empty if the kernel has none
 * @config: its configuration, if that is part of it, or NULL
 * @room: bytes of memory that it needs to start, 0 if it does not say
 */
struct kimage {
	char release[96];
	char kho[16];
	char *config;
	uint64_t room;
};

int kimage_read(struct kimage *image, const struct path *path);
void kimage_free(struct kimage *image);
void kho_version_in(const char *data, size_t size, char *version, size_t room);

#endif /* ZRAMCTL_KIMAGE_H */
