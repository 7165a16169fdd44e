// SPDX-License-Identifier: GPL-2.0
/*
 * pagecmp DEVICE FILE: read as many pages of a device as a file has, one by
 * one, and print the numbers of those that give EIO. Fails if any other is not
 * what the file has.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE	4096

int main(int argc, char **argv)
{
	char expected[PAGE], *page;
	int dev, file, wrong = 0;
	long long nr;

	if (argc != 3)
		errx(2, "usage: pagecmp DEVICE FILE");
	dev = open(argv[1], O_RDONLY | O_DIRECT);
	file = open(argv[2], O_RDONLY);
	page = aligned_alloc(PAGE, PAGE);
	if (dev < 0 || file < 0 || !page)
		err(2, "%s, %s", argv[1], argv[2]);
	for (nr = 0; read(file, expected, PAGE) == PAGE; nr++) {
		if (pread(dev, page, PAGE, nr * PAGE) == PAGE) {
			if (!memcmp(page, expected, PAGE))
				continue;
			warnx("page %lld is another one", nr);
			wrong = 1;
		} else if (errno == EIO) {
			printf("%lld\n", nr);
		} else {
			err(2, "page %lld", nr);
		}
	}
	return wrong;
}
