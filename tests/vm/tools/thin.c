// SPDX-License-Identifier: GPL-2.0
/*
 * thin DEVICE MIB: discard three of every four blocks of 64 KiB, from the start
 * of the device on. A process for each discard would take minutes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/fs.h>

#define BLOCK 65536ULL

int main(int argc, char **argv)
{
	uint64_t range[2] = { BLOCK, 3 * BLOCK }, end;
	int fd;

	if (argc != 3)
		return 2;
	fd = open(argv[1], O_RDWR);
	end = strtoull(argv[2], NULL, 0) << 20;
	for (; fd >= 0 && range[0] < end; range[0] += 4 * BLOCK)
		if (ioctl(fd, BLKDISCARD, range))
			break;
	if (fd < 0 || range[0] < end) {
		fprintf(stderr, "thin: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}
