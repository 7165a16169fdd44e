/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_MAPPED_H
#define ZRAMCTL_MAPPED_H

#include <stddef.h>

#include "root.h"

/**
 * struct mapped - a file in memory
 * @data: its contents
 * @size: bytes of it
 * @fd: the file
 */
struct mapped {
	const char *data;
	size_t size;
	int fd;
};

int mapped_open(struct mapped *mapped, const struct path *path);
void mapped_close(struct mapped *mapped);

#endif /* ZRAMCTL_MAPPED_H */
