/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_UNPACK_H
#define ZRAMCTL_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct unpack - a program that decompresses
 * @pid: its process
 * @fd: its output
 * @end: when it has to be done, in ms of CLOCK_MONOTONIC
 */
struct unpack {
	pid_t pid;
	int fd;
	long long end;
};

const char *unpack_program(const void *data, size_t size);
int unpack_begin(struct unpack *unpack, const char *program,
		 const char *option, int input);
ssize_t unpack_read(struct unpack *unpack, void *buf, size_t size);
int unpack_end(struct unpack *unpack);
int unpack_all(const void *data, size_t size, char **out, size_t *out_size);
const char *unpack_error(int error);
const char *unpack_hint(int error);

#endif /* ZRAMCTL_UNPACK_H */
