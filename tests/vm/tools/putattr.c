// SPDX-License-Identifier: GPL-2.0
/*
 * putattr VALUE FILE: write VALUE and a newline to an attribute, in one write.
 *
 * Prints the text of the error that this gives, and nothing if it succeeds:
 * shells either do not tell, or need four processes to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char line[8192];
	int fd, len;

	if (argc != 3)
		return 2;
	len = snprintf(line, sizeof(line), "%s\n", argv[1]);
	if (len >= (int)sizeof(line))
		return 2;
	fd = open(argv[2], O_WRONLY);
	if (fd < 0 || write(fd, line, len) < 0) {
		puts(strerror(errno));
		return 1;
	}
	return 0;
}
