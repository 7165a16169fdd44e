// SPDX-License-Identifier: GPL-2.0
/*
 * failnth N write FILE VALUE, failnth N load MODULE PARAMETERS: write to an
 * attribute, or load a module, and let the Nth allocation fail that the kernel
 * makes for it.
 *
 * Prints what came of it, "ok" or the text of an error, and in front of that how
 * many allocations were made, or 0 if the Nth was reached.
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int nth_fd, target_fd;

static int act(const char *how, const char *value)
{
	if (!strcmp(how, "load"))
		return syscall(SYS_finit_module, target_fd, value, 0);
	return write(target_fd, value, strlen(value)) < 0 ? -1 : 0;
}

/* Reading it back must not fail: so all is opened and written before. */
static long left(void)
{
	char text[24] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 0)
		err(2, "/proc/self/fail-nth");
	return atol(text);
}

int main(int argc, char **argv)
{
	long nth, rest;
	int result, error;

	if (argc != 5)
		errx(2, "usage: failnth N write FILE VALUE | failnth N load MODULE PARAMETERS");
	nth = atol(argv[1]);
	nth_fd = open("/proc/self/fail-nth", O_RDWR);
	target_fd = open(argv[3], strcmp(argv[2], "load") ? O_WRONLY : O_RDONLY);
	if (nth_fd < 0 || target_fd < 0)
		err(2, "%s", nth_fd < 0 ? "/proc/self/fail-nth" : argv[3]);
	if (write(nth_fd, argv[1], strlen(argv[1])) < 0)
		err(2, "/proc/self/fail-nth");
	result = act(argv[2], argv[4]);
	error = errno;
	rest = left();
	if (rest && write(nth_fd, "0", 1) < 0)
		err(2, "/proc/self/fail-nth");
	printf("%ld %s\n", rest ? nth - rest : 0,
	       result ? strerror(error) : "ok");
	return 0;
}
