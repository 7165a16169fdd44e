// SPDX-License-Identifier: GPL-2.0
/*
 * tryio DEVICE: do the requests that stdin names, and print a line on each.
 *
 *   OPERATION OFFSET LENGTH [PIECE...]
 *
 *   read, write      around the page cache, from and to memory in these pieces,
 *                    each at the start of a page of its own (default: one)
 *   bread, bwrite    through the page cache; what is written is flushed
 *   discard, secure, zeroout        BLKDISCARD, BLKSECDISCARD, BLKZEROOUT
 *   punch, zero, keepzero, wzero, allocate, hole, collapse    fallocate()
 *   storm            LENGTH random ones of those that must succeed, seed OFFSET
 *
 * A line says what the request returned, how the counters of the device changed
 * and whether all of its contents are what they must be then. Numbers may be
 * written with a K or M behind them, END- in front of OFFSET counts from the end.
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
#include <linux/falloc.h>
#include <linux/fs.h>

#ifndef FALLOC_FL_WRITE_ZEROES
#define FALLOC_FL_WRITE_ZEROES 0x80
#endif

#define PAGE 4096
#define PIECES 64
#define KEEP FALLOC_FL_KEEP_SIZE

enum how { READ, WRITE, BREAD, BWRITE, IOCTL, FALLOCATE, STORM };

static const struct operation {
	const char *name;
	enum how how;
	unsigned long arg;
} operations[] = {
	{ "read", READ, 0 },
	{ "write", WRITE, 0 },
	{ "bread", BREAD, 0 },
	{ "bwrite", BWRITE, 0 },
	{ "discard", IOCTL, BLKDISCARD },
	{ "zeroout", IOCTL, BLKZEROOUT },
	{ "punch", FALLOCATE, FALLOC_FL_PUNCH_HOLE | KEEP },
	{ "zero", FALLOCATE, FALLOC_FL_ZERO_RANGE },
	{ "keepzero", FALLOCATE, FALLOC_FL_ZERO_RANGE | KEEP },
	{ "storm", STORM, 0 },
	{ "secure", IOCTL, BLKSECDISCARD },
	{ "wzero", FALLOCATE, FALLOC_FL_WRITE_ZEROES },
	{ "allocate", FALLOCATE, 0 },
	{ "hole", FALLOCATE, FALLOC_FL_PUNCH_HOLE },
	{ "collapse", FALLOCATE, FALLOC_FL_COLLAPSE_RANGE },
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))
#define STORMY 9	/* the first ones */

struct request {
	const struct operation *op;
	int64_t offset;
	uint64_t length;
	size_t piece[PIECES];
	int pieces;
};

static const char *name;
static int direct, buffered;
static uint64_t size;
static unsigned char *model, *contents, *data, *memory;
static uint64_t seed = 1;

static void die(const char *what)
{
	fprintf(stderr, "tryio: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t next_random(void)
{
	uint64_t z = (seed += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Fills @length bytes: each 4096 are random, partly random, zeros, or one word. */
static void make_data(size_t length)
{
	for (size_t at = 0; at < length; at += PAGE) {
		uint64_t kind = next_random() % 8;
		uint64_t word = kind == 6 ? 0 : next_random();

		for (size_t i = 0; i < PAGE; i += 8) {
			if (kind < 2 || (kind < 6 && i % 128 < 40))
				word = next_random();
			else if (kind < 6)
				word = i;
			memcpy(data + at + i, &word, 8);
		}
	}
}

#define COUNTERS 5

/*
 * Of io_stat and mm_stat, what does not depend on the allocator, nor on what it
 * takes for a huge page.
 */
static const struct {
	const char *file, *name;
	int column;
} counter[COUNTERS] = {
	{ "io_stat", "failed_reads", 0 },
	{ "io_stat", "failed_writes", 1 },
	{ "io_stat", "notify_free", 3 },
	{ "mm_stat", "data", 0 },
	{ "mm_stat", "same", 5 },
};

static void read_counters(int64_t *value)
{
	char path[64], text[256], *at;
	FILE *in;

	for (int i = 0; i < COUNTERS; i++) {
		snprintf(path, sizeof(path), "/sys/block/%s/%s", name,
			 counter[i].file);
		in = fopen(path, "r");
		if (!in || !fgets(text, sizeof(text), in))
			die(path);
		fclose(in);
		at = text;
		for (int column = 0; column <= counter[i].column; column++)
			value[i] = strtoll(at, &at, 10);
	}
}

static void show_changes(const int64_t *before)
{
	int64_t now[COUNTERS];

	read_counters(now);
	for (int i = 0; i < COUNTERS; i++)
		if (now[i] != before[i])
			printf(", %s %+lld", counter[i].name,
			       (long long)(now[i] - before[i]));
}

/* Around the page cache, so that the device has to tell. */
static int contents_wrong(void)
{
	return pread(direct, contents, size, 0) != (ssize_t)size ||
	       memcmp(contents, model, size);
}

/* Through pieces of memory, each in pages of its own. */
static ssize_t transfer(const struct request *rq)
{
	struct iovec iov[PIECES];
	uint64_t left = rq->length;
	unsigned char *at = memory, *from = data;
	int n = 0, writes = rq->op->how == WRITE;
	ssize_t done;

	for (; n < PIECES && (left || !n); n++) {
		size_t len = n < rq->pieces ? rq->piece[n] : left;

		iov[n].iov_len = len < left ? len : left;
		iov[n].iov_base = at;
		if (writes)
			memcpy(at, from, iov[n].iov_len);
		from += iov[n].iov_len;
		at += (len + PAGE - 1) / PAGE * PAGE;
		left -= iov[n].iov_len;
	}
	if (writes)
		return pwritev(direct, iov, n, rq->offset);
	done = preadv(direct, iov, n, rq->offset);
	from = data;
	for (int i = 0; i < n; i++) {
		memcpy(from, iov[i].iov_base, iov[i].iov_len);
		from += iov[i].iov_len;
	}
	return done;
}

static ssize_t ask(const struct request *rq)
{
	uint64_t range[2] = { rq->offset, rq->length };
	ssize_t done;

	switch (rq->op->how) {
	case READ:
	case WRITE:
		return transfer(rq);
	case BREAD:
		return pread(buffered, data, rq->length, rq->offset);
	case BWRITE:
		done = pwrite(buffered, data, rq->length, rq->offset);
		return fdatasync(buffered) ? -1 : done;
	case IOCTL:
		return ioctl(direct, rq->op->arg, range);
	case FALLOCATE:
		return fallocate(direct, rq->op->arg, rq->offset, rq->length);
	default:
		return -1;
	}
}

/* What a request must have done. Returns 1 if what it read is wrong. */
static int follow(const struct request *rq, ssize_t done)
{
	uint64_t length = rq->length;

	switch (rq->op->how) {
	case READ:
	case BREAD:
		return done > 0 && memcmp(data, model + rq->offset, done);
	case WRITE:
	case BWRITE:
		if (done > 0)
			memcpy(model + rq->offset, data, done);
		return 0;
	default:
		if (done < 0 || (uint64_t)rq->offset >= size)
			return 0;
		if (length > size - rq->offset)
			length = size - rq->offset;
		memset(model + rq->offset, 0, length);
		return 0;
	}
}

static int is_write(const struct request *rq)
{
	return rq->op->how == WRITE || rq->op->how == BWRITE;
}

/* One that must succeed: of whole pages, but through the page cache any. */
static int stormy_request(void)
{
	struct request rq = { .op = &operations[next_random() % STORMY] };
	int odd = rq.op->how == BREAD || rq.op->how == BWRITE;
	uint64_t unit = odd ? 1 : PAGE, pages;
	ssize_t done;

	rq.offset = next_random() % (size / unit) * unit;
	pages = next_random() % (16 * PAGE / unit) + 1;
	rq.length = pages * unit;
	if (rq.length > size - rq.offset)
		rq.length = size - rq.offset;
	for (; rq.pieces < 7; rq.pieces++)
		rq.piece[rq.pieces] = (next_random() % 3 + 1) * PAGE;
	if (is_write(&rq))
		make_data(rq.length);
	done = ask(&rq);
	if (done < 0 || (rq.op->how <= BWRITE && (uint64_t)done != rq.length))
		return 1;
	return follow(&rq, done);
}

static void storm(const struct request *rq)
{
	int bad = 0;

	seed = rq->offset;
	for (uint64_t i = 0; i < rq->length; i++) {
		bad += stormy_request();
		if (i % 64 == 0)
			bad += contents_wrong();
	}
	printf("%d of %llu went wrong", bad, (unsigned long long)rq->length);
}

static void try(const struct request *rq)
{
	int64_t before[COUNTERS];
	ssize_t done = 0;
	int wrong = 0;

	read_counters(before);
	if (rq->op->how == STORM) {
		storm(rq);
	} else {
		if (is_write(rq))
			make_data(rq->length);
		errno = 0;
		done = ask(rq);
		if (done < 0)
			printf("%s", strerror(errno));
		else if (rq->op->how <= BWRITE)
			printf("%zd bytes", done);
		else
			printf("ok");
		wrong = follow(rq, done);
	}
	show_changes(before);
	/* What is done to the contents by a failure is seen a little later. */
	if (done >= 0 && rq->op->how != READ && rq->op->how != BREAD)
		wrong |= contents_wrong();
	puts(wrong ? ", contents WRONG" : "");
	fflush(stdout);
}

static int64_t number(const char *text)
{
	int from_end = !strncmp(text, "END-", 4);
	char *end;
	int64_t n = strtoll(text + 4 * from_end, &end, 0);

	n <<= *end == 'K' ? 10 : *end == 'M' ? 20 : 0;
	return from_end ? (int64_t)size - n : n;
}

static int parse(char *line, struct request *rq)
{
	char *word = strtok(line, " \n");

	memset(rq, 0, sizeof(*rq));
	for (size_t i = 0; word && i < OPERATIONS; i++)
		if (!strcmp(word, operations[i].name))
			rq->op = &operations[i];
	for (int i = 0; (word = strtok(NULL, " \n")); i++) {
		if (i == 0)
			rq->offset = number(word);
		else if (i == 1)
			rq->length = number(word);
		else if (rq->pieces < PIECES - 1)
			rq->piece[rq->pieces++] = number(word);
	}
	return rq->op ? 0 : -1;
}

static void prepare(const char *path)
{
	direct = open(path, O_RDWR | O_DIRECT);
	buffered = open(path, O_RDWR);
	if (direct < 0 || buffered < 0 || ioctl(direct, BLKGETSIZE64, &size))
		die(path);
	model = calloc(1, size);
	data = calloc(2, size);
	if (!model || !data ||
	    posix_memalign((void **)&contents, PAGE, size) ||
	    posix_memalign((void **)&memory, PAGE, 2 * size + PIECES * PAGE))
		die("memory");
}

int main(int argc, char **argv)
{
	char line[512];
	struct request rq;

	if (argc != 2)
		return 2;
	name = strrchr(argv[1], '/');
	name = name ? name + 1 : argv[1];
	prepare(argv[1]);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		printf("%s: ", line);
		if (parse(line, &rq))
			puts("no such operation");
		else if (rq.op->how <= BWRITE && rq.length > 2 * size)
			puts("too long for tryio");
		else
			try(&rq);
	}
	printf("at the end: contents %s\n", contents_wrong() ? "WRONG" : "right");
	return 0;
}
