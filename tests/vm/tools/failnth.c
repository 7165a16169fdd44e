// SPDX-License-Identifier: GPL-2.0
/*
 * failnth N[+] write FILE VALUE, failnth N[+] read FILE,
 * failnth N[+] load MODULE PARAMETERS, failnth N[+] kexec: write to an attribute,
 * read one, load a module, or jump into the kernel that is loaded, and let the Nth
 * allocation fail that the kernel makes for it; with a +, all that follow, too. For
 * the latter failslab and fail_page_alloc must be set to let all fail of tasks that
 * want it.
 *
 * Prints what came of it, "ok" or the text of an error, and in front of that how
 * many allocations were made, or 0 if the Nth was reached.
 */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int nth_fd, all_fd, target_fd;

static int act(const char *how, const char *value)
{
	char text[4096];

	if (!strcmp(how, "kexec"))
		return syscall(SYS_reboot, LINUX_REBOOT_MAGIC1,
			       LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, 0);
	if (!strcmp(how, "load"))
		return syscall(SYS_finit_module, target_fd, value, 0);
	if (!strcmp(how, "read"))
		return read(target_fd, text, sizeof(text)) < 0 ? -1 : 0;
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

/* From here on only the Nth fails, or all from there on. */
static void begin(long nth, int all)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%ld", nth);

	if (write(nth_fd, text, len) < 0)
		err(2, "/proc/self/fail-nth");
	if (all && write(all_fd, "1", 1) < 0)
		err(2, "/proc/self/make-it-fail");
}

/* Returns what was left to count. Memory is to be had again at the end. */
static long end(int all)
{
	long rest = left();

	if (all && write(all_fd, "0", 1) < 0)
		err(2, "/proc/self/make-it-fail");
	if (rest && write(nth_fd, "0", 1) < 0)
		err(2, "/proc/self/fail-nth");
	return rest;
}

int main(int argc, char **argv)
{
	int kexec = argc == 3 && !strcmp(argv[2], "kexec");
	int reads = argc == 4 && !strcmp(argv[2], "read");
	int result, error, all;
	long nth, rest;

	if (argc != 5 && !kexec && !reads)
		errx(2, "usage: failnth N[+] write FILE VALUE | read FILE | load MODULE PARAMETERS | kexec");
	nth = atol(argv[1]);
	all = strchr(argv[1], '+') != NULL;
	nth_fd = open("/proc/self/fail-nth", O_RDWR);
	all_fd = open("/proc/self/make-it-fail", O_WRONLY);
	if (nth_fd < 0 || all_fd < 0)
		err(2, "/proc/self/fail-nth");
	if (!kexec)
		target_fd = open(argv[3], strcmp(argv[2], "write") ? O_RDONLY :
							      O_WRONLY);
	if (target_fd < 0)
		err(2, "%s", argv[3]);
	begin(nth, all);
	result = act(argv[2], reads ? NULL : argv[4]);
	error = errno;
	rest = end(all);
	printf("%ld %s\n", rest ? nth - rest : 0,
	       result ? strerror(error) : "ok");
	return 0;
}
