/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_INITRAMFS_H
#define ZRAMCTL_INITRAMFS_H

#include <stdbool.h>

#include "modinfo.h"
#include "root.h"

/**
 * struct initramfs - what an initramfs has of zram
 * @files: how many files there are in it
 * @has_zram: it has a module of that name
 * @zram: what that says of itself
 * @zram_error: 0, or why it cannot be told, a negative error number
 * @has_zsmalloc: it has the module zsmalloc_persist
 * @size: bytes of the image
 */
struct initramfs {
	unsigned long files;
	bool has_zram;
	struct modinfo zram;
	int zram_error;
	bool has_zsmalloc;
	uint64_t size;
};

int initramfs_read(struct initramfs *initramfs, const struct path *path);
void initramfs_free(struct initramfs *initramfs);

#endif /* ZRAMCTL_INITRAMFS_H */
