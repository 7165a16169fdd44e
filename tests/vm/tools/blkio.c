// SPDX-License-Identifier: GPL-2.0
/*
 * blkio COMMAND DEVICE OFFSET LENGTH [SEGMENT [SHIFT]]: one request, exactly.
 *
 *   read      from the device to stdout, around the page cache
 *   write     from stdin to the device, around the page cache; if stdin is a
 *             file that is shorter, from its start again
 *   discard   BLKDISCARD
 *   zeroout   BLKZEROOUT
 *
 * What dd cannot do: memory that is cut into pieces of SEGMENT bytes, each of
 * which begins SHIFT bytes behind the start of a page. Both are multiples of
 * 512. A page of the device then lies in several pages of memory.
 *
 * Prints to stderr what was transferred before, and the text of an error, and
 * exits 1. Takes no memory once it has begun.
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
#define CHUNK (PIECES * 512)

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

	for (; length; n++) {
		void *mem = aligned_alloc(PAGE, room);

		if (!mem)
			exit(fail());
		memset(mem, 0, room);
		iov[n].iov_base = (char *)mem + shift;
		iov[n].iov_len = length < segment ? length : segment;
		length -= iov[n].iov_len;
	}
	return n;
}

/* Cuts off what is behind @length; returns how many pieces are left. */
static int shorten(struct iovec *iov, size_t length)
{
	int n = 0;

	for (; length; n++) {
		if (iov[n].iov_len > length)
			iov[n].iov_len = length;
		length -= iov[n].iov_len;
	}
	return n;
}

static size_t read_stdin(void *mem, size_t len)
{
	size_t done = fread(mem, 1, len, stdin);

	if (done < len && !fseek(stdin, 0, SEEK_SET))
		done += fread((char *)mem + done, 1, len - done, stdin);
	return done;
}

/* Moves the pieces from stdin or to stdout; @limit bytes at most. */
static int through_pipe(const struct iovec *iov, size_t limit, int in)
{
	for (; limit; iov++) {
		size_t len = iov->iov_len < limit ? iov->iov_len : limit;
		size_t done = in ? read_stdin(iov->iov_base, len) :
				   fwrite(iov->iov_base, 1, len, stdout);

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
	size_t chunk = length < CHUNK ? length : CHUNK, moved = 0;
	static struct iovec iov[PIECES];
	ssize_t done;
	int n;

	n = make_pieces(iov, chunk, segment < chunk ? segment : chunk, shift);
	while (moved < length) {
		if (length - moved < chunk) {
			chunk = length - moved;
			n = shorten(iov, chunk);
		}
		if (write && through_pipe(iov, chunk, 1))
			return 1;
		done = write ? pwritev(fd, iov, n, offset + moved) :
			       preadv(fd, iov, n, offset + moved);
		if (!write && done > 0 && through_pipe(iov, done, 0))
			return 1;
		moved += done > 0 ? done : 0;
		if (done < (ssize_t)chunk) {
			fprintf(stderr, "blkio: %zu bytes: %s\n", moved,
				done < 0 ? strerror(errno) : "end");
			return 1;
		}
	}
	return fflush(stdout) ? fail() : 0;
}

static int ask(int fd, unsigned long request, off_t offset, size_t length)
{
	uint64_t range[2] = { offset, length };

	return ioctl(fd, request, range) ? fail() : 0;
}

/* A number of bytes, or of MiB with an M behind it. */
static size_t size_arg(const char *text)
{
	char *end;
	size_t size = strtoull(text, &end, 0);

	return *end == 'M' ? size << 20 : size;
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
	length = size_arg(argv[4]);
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
