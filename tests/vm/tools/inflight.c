// SPDX-License-Identifier: GPL-2.0
/*
 * inflight write TARGET LOG SLOT SEED direct|buffered
 * inflight waits LOG SLOT COUNT
 * inflight verify TARGET LOG SLOT SEED
 *
 * Finds out whether what a device (or file) TARGET has acknowledged is there
 * after a kexec that came in the middle of writing.
 *
 * write: four threads write to TARGET until the machine is gone, each to its own
 * quarter. What write number N of a thread is follows from SEED and N. LOG is a
 * disk that is not lost; on its part number SLOT, a MiB, a thread notes the
 * number of its writes that are complete: after each one if they are direct, and
 * after an fdatasync() for sixteen of them if they are buffered. Before all that
 * checksums of the pages of TARGET are noted there, too.
 *
 * A write that fails is tried again and again. One that succeeds after that is
 * noted, and so is when the first one failed, and when the last one was begun that
 * did not.
 *
 * waits: succeeds if every thread has noted COUNT writes.
 *
 * verify: each page must be as its last complete write left it, or as one left
 * it that was begun later. Prints how many there are of each kind, and exits 1
 * if there are any others, or if a write succeeded that was begun after one of any
 * thread had failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define THREADS 4
#define MOST 8			/* pages in a write */
#define BATCH 16		/* buffered writes between two fdatasync() */
#define PART (1ull << 20)	/* of the log */
#define SUMS 65536		/* where the checksums begin in it */

struct note {
	uint64_t seed, done, window;
	uint64_t failed, succeeded_later;
	uint64_t first_failure;	/* when it came back, in ns; 0 if none has */
	uint64_t last_success;	/* when that was begun */
	int64_t error;
};

struct worker {
	pthread_t thread;
	int number;
	int fd;			/* its own: each is told once of an error */
	uint64_t first, count;	/* pages of the target */
	struct note *note;
	unsigned char *buffer;
};

static const char *path;
static int diary, buffered;
static uint64_t seed, slot, pages;

static void die(const char *what)
{
	fprintf(stderr, "inflight: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *memory(size_t size)
{
	void *mem;

	if (posix_memalign(&mem, PAGE, size))
		die("memory");
	memset(mem, 0, size);
	return mem;
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static uint64_t state_of(int thread, uint64_t nr)
{
	uint64_t state = seed * 1000003 + thread;

	state = next_random(&state) + nr;
	next_random(&state);
	return state;
}

/* Where write number @nr of a thread goes. */
static void place(const struct worker *w, uint64_t nr, uint64_t *at,
		  uint64_t *count)
{
	uint64_t state = state_of(w->number, nr);

	*at = next_random(&state) % w->count;
	*count = next_random(&state) % MOST + 1;
	if (*count > w->count - *at)
		*count = w->count - *at;
	*at += w->first;
}

/* Pages of all kinds: a word, not compressible, and much in between. */
static void make_page(unsigned char *to, const struct worker *w, uint64_t nr,
		      uint64_t page)
{
	uint64_t state = state_of(w->number, nr) ^ page * 0x2545f4914f6cdd1dull;
	uint64_t kind = next_random(&state) % 16, word = next_random(&state);

	for (size_t i = 0; i < PAGE; i += 8) {
		if (kind > 11 || (kind && i % 512 < 32 * kind))
			word = next_random(&state);
		memcpy(to + i, &word, 8);
	}
}

static uint64_t sum_of(const unsigned char *page)
{
	uint64_t sum = 0, word;

	for (size_t i = 0; i < PAGE; i += 8) {
		memcpy(&word, page + i, 8);
		sum += word;
		sum = next_random(&sum);
	}
	return sum;
}

static off_t note_at(int thread)
{
	return slot * PART + (off_t)thread * PAGE;
}

static int note(const struct worker *w)
{
	return pwrite(diary, w->note, PAGE, note_at(w->number)) != PAGE;
}

/* === Writing === */

static int write_one(struct worker *w, uint64_t nr)
{
	uint64_t at, count;

	place(w, nr, &at, &count);
	for (uint64_t i = 0; i < count; i++)
		make_page(w->buffer + i * PAGE, w, nr, at + i);
	return pwrite(w->fd, w->buffer, count * PAGE, at * PAGE) !=
	       (ssize_t)(count * PAGE);
}

/* A write, or what is synchronised at once; repeated as a whole if it fails. */
static int write_window(struct worker *w)
{
	for (uint64_t i = 0; i < w->note->window; i++)
		if (write_one(w, w->note->done + i))
			return -1;
	return buffered ? fdatasync(w->fd) : 0;
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void note_failure(struct note *note)
{
	note->error = errno;
	if (!note->failed++)
		note->first_failure = now();
}

static void note_success(struct note *note, uint64_t begin)
{
	note->last_success = begin;
	if (note->failed)
		note->succeeded_later++;
	else
		note->done += note->window;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (;;) {
		uint64_t begin = now();

		if (write_window(w)) {
			note_failure(w->note);
			usleep(1000);
		} else {
			note_success(w->note, begin);
		}
		if (w->note->failed > 1000 || note(w))
			return NULL;
	}
}

static int open_target(int flags)
{
	int fd = open(path, flags);
	off_t size;

	if (fd < 0)
		die(path);
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0)
		die(path);
	pages = size / PAGE;
	return fd;
}

static void note_sums(void)
{
	unsigned char *page = memory(PAGE);
	uint64_t *sums = memory(PART - SUMS);
	int fd = open_target(O_RDONLY | O_DIRECT);

	if (pages * sizeof(*sums) > PART - SUMS)
		die("target is too large");
	for (uint64_t i = 0; i < pages; i++) {
		if (pread(fd, page, PAGE, i * PAGE) != PAGE)
			die("read");
		sums[i] = sum_of(page);
	}
	if (pwrite(diary, sums, PART - SUMS, slot * PART + SUMS) !=
	    (ssize_t)(PART - SUMS))
		die("log");
	close(fd);
}

static void set_up(struct worker *w, int number)
{
	w->number = number;
	w->count = pages / THREADS;
	w->first = number * w->count;
	w->note = memory(PAGE);
	w->buffer = memory(MOST * PAGE);
}

static int write_all(void)
{
	static struct worker worker[THREADS];

	note_sums();
	for (int i = 0; i < THREADS; i++) {
		set_up(&worker[i], i);
		worker[i].fd = open_target(buffered ? O_RDWR :
						      O_RDWR | O_DIRECT);
		worker[i].note->seed = seed;
		worker[i].note->window = buffered ? BATCH : 1;
		if (note(&worker[i]))
			die("log");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_create(&worker[i].thread, NULL, work, &worker[i]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(worker[i].thread, NULL);
	return 1;
}

/* === Afterwards === */

static void read_note(struct worker *w)
{
	if (pread(diary, w->note, PAGE, note_at(w->number)) != PAGE)
		die("log");
}

static int waits(uint64_t count)
{
	struct worker w;

	pages = THREADS;
	for (int i = 0; i < THREADS; i++) {
		set_up(&w, i);
		read_note(&w);
		if (w.note->done < count)
			return 1;
	}
	return 0;
}

enum verdict { UNTOUCHED, COMPLETE, NEW, WRONG, VERDICTS };

struct model {
	uint64_t *last;		/* number of the last complete write + 1, or 0 */
	uint64_t *sums;
	unsigned char *page, *want;
};

static int is_write(const struct model *m, const struct worker *w, uint64_t nr,
		    uint64_t page)
{
	make_page(m->want, w, nr, page);
	return !memcmp(m->page, m->want, PAGE);
}

/* Whether a write that was not complete can have left the page so. */
static int is_begun(const struct model *m, const struct worker *w, uint64_t page)
{
	uint64_t at, count;

	for (uint64_t i = 0; i < w->note->window; i++) {
		place(w, w->note->done + i, &at, &count);
		if (page >= at && page < at + count &&
		    is_write(m, w, w->note->done + i, page))
			return 1;
	}
	return 0;
}

static enum verdict judge(const struct model *m, const struct worker *w,
			  uint64_t page)
{
	uint64_t last = m->last[page];

	if (pread(w->fd, m->page, PAGE, page * PAGE) != PAGE)
		return WRONG;
	if (last && is_write(m, w, last - 1, page))
		return COMPLETE;
	if (!last && sum_of(m->page) == m->sums[page])
		return UNTOUCHED;
	return is_begun(m, w, page) ? NEW : WRONG;
}

static void verify_quarter(struct model *m, const struct worker *w,
			   uint64_t *verdicts)
{
	uint64_t at, count;

	for (uint64_t nr = 0; nr < w->note->done; nr++) {
		place(w, nr, &at, &count);
		for (uint64_t i = 0; i < count; i++)
			m->last[at + i] = nr + 1;
	}
	for (uint64_t page = w->first; page < w->first + w->count; page++) {
		enum verdict v = judge(m, w, page);

		verdicts[v]++;
		if (v == WRONG)
			fprintf(stderr, "page %lu, last written by %d.%lu\n",
				(unsigned long)page, w->number,
				(unsigned long)m->last[page]);
	}
}

/* Of all threads. */
struct ends {
	uint64_t first_failure, last_success;
};

static void note_ends(struct ends *ends, const struct note *note)
{
	if (note->failed && note->first_failure < ends->first_failure)
		ends->first_failure = note->first_failure;
	if (note->last_success > ends->last_success)
		ends->last_success = note->last_success;
}

static int verify(void)
{
	int fd = open_target(O_RDONLY | O_DIRECT);
	struct model m = {
		.last = memory(pages * sizeof(uint64_t)),
		.sums = memory(PART - SUMS),
		.page = memory(PAGE),
		.want = memory(PAGE),
	};
	uint64_t verdicts[VERDICTS] = { 0 }, done = 0, failed = 0, later = 0;
	struct ends ends = { .first_failure = UINT64_MAX };
	struct worker w;

	if (pread(diary, m.sums, PART - SUMS, slot * PART + SUMS) !=
	    (ssize_t)(PART - SUMS))
		die("log");
	for (int i = 0; i < THREADS; i++) {
		set_up(&w, i);
		w.fd = fd;
		read_note(&w);
		if (w.note->seed != seed) {
			fprintf(stderr, "inflight: nothing is known of this\n");
			return 1;
		}
		verify_quarter(&m, &w, verdicts);
		done += w.note->done;
		failed += w.note->failed;
		later += w.note->succeeded_later;
		note_ends(&ends, w.note);
	}
	if (ends.last_success > ends.first_failure)
		later++;
	printf("%lu writes, %lu failed, %lu succeeded later; pages: %lu untouched, %lu complete, %lu begun, %lu wrong\n",
	       (unsigned long)done, (unsigned long)failed, (unsigned long)later,
	       (unsigned long)verdicts[UNTOUCHED],
	       (unsigned long)verdicts[COMPLETE], (unsigned long)verdicts[NEW],
	       (unsigned long)verdicts[WRONG]);
	return verdicts[WRONG] || later || !done;
}

static void open_diary(const char *disk, const char *part)
{
	diary = open(disk, O_RDWR | O_DIRECT | O_SYNC);
	if (diary < 0)
		die(disk);
	slot = strtoull(part, NULL, 0);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "waits")) {
		open_diary(argv[2], argv[3]);
		return waits(strtoull(argv[4], NULL, 0));
	}
	if (argc < 6)
		return 2;
	path = argv[2];
	open_diary(argv[3], argv[4]);
	seed = strtoull(argv[5], NULL, 0);
	if (!strcmp(argv[1], "verify"))
		return verify();
	buffered = argc == 7 && !strcmp(argv[6], "buffered");
	return write_all();
}
