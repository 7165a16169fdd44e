// SPDX-License-Identifier: GPL-2.0
/*
 * blkio COMMAND DEVICE OFFSET LENGTH [SEGMENT [SHIFT]]: one request, exactly.
 *
 *   read      from the device to stdout, around the page cache
 *   write     from stdin to the device, around the page cache
 *   discard   BLKDISCARD
 *   zeroout   BLKZEROOUT
 *
 * What dd cannot do: memory that is cut into pieces of SEGMENT bytes, each of
 * which begins SHIFT bytes behind the start of a page. Both are multiples of
 * 512. A page of the device then lies in several pages of memory.
 *
 * Prints to stderr the text of an error, or what was transferred if that is
 * less than LENGTH, and exits 1.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>
#include <linux/fs.h>

#define PAGE 4096
#define PIECES 1024	/* IOV_MAX */

static int fail(void)
{
	fprintf(stderr, "blkio: %s\n", strerror(errno));
	return 1;
}

/* Memory for @length bytes in pieces; returns how many there are. */
static int make_pieces(struct iovec *iov, size_t length, size_t segment,
		       size_t shift)
{
	size_t room = (shift + segment + PAGE - 1) / PAGE * PAGE;
	int n = 0;

	for (; length && n < PIECES; n++) {
		void *mem = aligned_alloc(PAGE, room);

		if (!mem)
			exit(fail());
		iov[n].iov_base = (char *)mem + shift;
		iov[n].iov_len = length < segment ? length : segment;
		length -= iov[n].iov_len;
	}
	return n;
}

static size_t total(const struct iovec *iov, int n)
{
	size_t sum = 0;

	while (n--)
		sum += iov[n].iov_len;
	return sum;
}

/* Moves the pieces from stdin or to stdout; @limit bytes at most. */
static int through_pipe(const struct iovec *iov, int n, size_t limit, int in)
{
	for (int i = 0; i < n && limit; i++) {
		size_t len = iov[i].iov_len < limit ? iov[i].iov_len : limit;
		size_t done = in ? fread(iov[i].iov_base, 1, len, stdin) :
				   fwrite(iov[i].iov_base, 1, len, stdout);

		if (done < len) {
			fprintf(stderr, "blkio: the pipe ended early\n");
			return -1;
		}
		limit -= len;
	}
	return 0;
}

static int transfer(int fd, off_t offset, size_t length, size_t segment,
		    size_t shift, int write)
{
	static struct iovec iov[PIECES];
	size_t left = length;
	ssize_t done;
	int n;

	while (left) {
		n = make_pieces(iov, left, segment, shift);
		if (write && through_pipe(iov, n, left, 1))
			return 1;
		done = write ? pwritev(fd, iov, n, offset) :
			       preadv(fd, iov, n, offset);
		if (done < 0)
			return fail();
		if (!write && through_pipe(iov, n, done, 0))
			return 1;
		if ((size_t)done < total(iov, n)) {
			fprintf(stderr, "blkio: %zu bytes\n",
				length - left + done);
			return 1;
		}
		for (int i = 0; i < n; i++)
			free((char *)iov[i].iov_base - shift);
		offset += done;
		left -= done;
	}
	return fflush(stdout) ? fail() : 0;
}

static int ask(int fd, unsigned long request, off_t offset, size_t length)
{
	uint64_t range[2] = { offset, length };

	return ioctl(fd, request, range) ? fail() : 0;
}

int main(int argc, char **argv)
{
	size_t length, segment, shift;
	off_t offset;
	int fd;

	if (argc < 5) {
		fprintf(stderr, "usage: blkio read|write|discard|zeroout DEVICE OFFSET LENGTH [SEGMENT [SHIFT]]\n");
		return 2;
	}
	offset = strtoll(argv[3], NULL, 0);
	length = strtoull(argv[4], NULL, 0);
	segment = argc > 5 ? strtoull(argv[5], NULL, 0) : length;
	shift = argc > 6 ? strtoull(argv[6], NULL, 0) : 0;

	fd = open(argv[2], O_DIRECT | (argv[1][0] == 'r' ? O_RDONLY : O_RDWR));
	if (fd < 0)
		return fail();
	switch (argv[1][0]) {
	case 'r':
		return transfer(fd, offset, length, segment, shift, 0);
	case 'w':
		return transfer(fd, offset, length, segment, shift, 1);
	case 'd':
		return ask(fd, BLKDISCARD, offset, length);
	case 'z':
		return ask(fd, BLKZEROOUT, offset, length);
	}
	fprintf(stderr, "blkio: no command %s\n", argv[1]);
	return 2;
}
