// SPDX-License-Identifier: GPL-2.0
/*
 * failall write FILE VALUE, failall load MODULE PARAMETERS: write to an
 * attribute, or load a module, while allocations fail for this task, as
 * /sys/kernel/debug/failslab and fail_page_alloc are set.
 *
 * Prints the text of the error that this gives, and nothing if it succeeds.
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fail_fd, fd, result, error, load;

	if (argc != 4)
		errx(2, "usage: failall write FILE VALUE | failall load MODULE PARAMETERS");
	load = !strcmp(argv[1], "load");
	fail_fd = open("/proc/self/make-it-fail", O_WRONLY);
	fd = open(argv[2], load ? O_RDONLY : O_WRONLY);
	if (fail_fd < 0 || fd < 0)
		err(2, "%s", fd < 0 ? argv[2] : "/proc/self/make-it-fail");
	if (write(fail_fd, "1", 1) < 0)
		err(2, "/proc/self/make-it-fail");
	if (load)
		result = syscall(SYS_finit_module, fd, argv[3], 0);
	else
		result = write(fd, argv[3], strlen(argv[3]));
	error = errno;
	/* Needs memory, of which there may be none. */
	while (write(fail_fd, "0", 1) < 0)
		if (errno != ENOMEM && errno != EINTR && errno != EFAULT)
			err(2, "/proc/self/make-it-fail");
	if (result < 0)
		puts(strerror(error));
	return 0;
}
