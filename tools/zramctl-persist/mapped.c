// SPDX-License-Identifier: GPL-2.0
/*
 * Large files.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mapped.h"

/**
 * mapped_open() - map a file
 * @mapped: gets it
 * @path: regular file, not empty
 *
 * Return: 0 or a negative error number.
 */
int mapped_open(struct mapped *mapped, const struct path *path)
{
	struct stat stat;
	void *data;
	int error;

	mapped->fd = open(path->s, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (mapped->fd < 0)
		return -errno;
	data = MAP_FAILED;
	errno = EINVAL;
	if (!fstat(mapped->fd, &stat) && S_ISREG(stat.st_mode) && stat.st_size)
		data = mmap(NULL, stat.st_size, PROT_READ, MAP_PRIVATE,
			    mapped->fd, 0);
	if (data == MAP_FAILED) {
		error = -errno;
		close(mapped->fd);
		return error;
	}
	mapped->data = data;
	mapped->size = stat.st_size;
	return 0;
}

/**
 * mapped_close() - be done with a file
 * @mapped: file
 */
void mapped_close(struct mapped *mapped)
{
	munmap((void *)mapped->data, mapped->size);
	close(mapped->fd);
}
