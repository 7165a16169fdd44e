// SPDX-License-Identifier: GPL-2.0
/*
 * pagecmp DEVICE FILE: read as many pages of a device as a file has, and print the
 * numbers of those that give EIO. Fails if any other is not what the file has.
 *
 * Where a request for many pages fails, or reads something else, they are read one
 * by one.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE	4096
#define PAGES	64

static char expected[PAGES * PAGE];

static bool all_right(int dev, char *mem, long long nr, ssize_t len)
{
	return pread(dev, mem, len, nr * PAGE) == len &&
	       !memcmp(mem, expected, len);
}

/* Returns whether it is wrong. */
static bool look_at(int dev, char *mem, long long nr, const char *want)
{
	if (pread(dev, mem, PAGE, nr * PAGE) == PAGE) {
		if (!memcmp(mem, want, PAGE))
			return false;
		warnx("page %lld is another one", nr);
		return true;
	}
	if (errno != EIO)
		err(2, "page %lld", nr);
	printf("%lld\n", nr);
	return false;
}

int main(int argc, char **argv)
{
	bool wrong = false;
	long long nr = 0;
	int dev, file, i;
	ssize_t len;
	char *mem;

	if (argc != 3)
		errx(2, "usage: pagecmp DEVICE FILE");
	dev = open(argv[1], O_RDONLY | O_DIRECT);
	file = open(argv[2], O_RDONLY);
	mem = aligned_alloc(PAGE, sizeof(expected));
	if (dev < 0 || file < 0 || !mem)
		err(2, "%s, %s", argv[1], argv[2]);
	while ((len = read(file, expected, sizeof(expected))) > 0) {
		if (!all_right(dev, mem, nr, len))
			for (i = 0; i < len / PAGE; i++)
				wrong |= look_at(dev, mem, nr + i, expected + i * PAGE);
		nr += len / PAGE;
	}
	return wrong;
}
