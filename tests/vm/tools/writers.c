// SPDX-License-Identifier: GPL-2.0
/*
 * writers DEVICE ROUNDS [FILE]: four threads write pages of a device, each in its
 * own quarter, and discard some. ROUNDS times, and until FILE is there.
 *
 * What a request that succeeded wrote must be there at the end; of each page of
 * one that failed, what was there before it or all that it wrote. Prints the
 * number of wrong pages, and what errors there were. To stderr goes how much the
 * device said to use at most, in bytes, how many requests there were, and how
 * many of them failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/fs.h>

#define PAGE 4096
#define THREADS 4
#define MOST 8		/* pages in a request */

/* Contents of a page follow from its number and version; 0: zeros. */
struct page {
	uint32_t version, maybe;
};

struct writer {
	pthread_t thread;
	uint64_t first, count, seed;
	uint64_t requests, failed;
	int error;
	unsigned char *buffer;
};

static const char *stop_file, *stat_path;
static uint64_t rounds, peak;
static struct page *pages;
static int fd, over;

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* A fourth is random, the others so to different degrees; few are one word. */
static void make_page(unsigned char *page, uint64_t index, uint32_t version)
{
	uint64_t state = index << 32 | version, word;
	uint64_t kind = next_random(&state) % 16;

	memset(page, 0, PAGE);
	for (size_t i = 0; version && i < PAGE; i += 8) {
		word = kind ? next_random(&state) : index + version;
		if (kind < 12 || i % 512 < 32 * kind)
			memcpy(page + i, &word, kind < 4 ? 8 : kind % 4 + 1);
	}
}

static void discard(struct writer *w, uint64_t index, uint64_t count)
{
	uint64_t range[2] = { index * PAGE, count * PAGE };

	w->requests++;
	if (ioctl(fd, BLKDISCARD, range)) {
		w->error = errno;
		w->failed++;
		return;
	}
	memset(pages + index, 0, count * sizeof(*pages));
}

/* After an error each page is the old one or the new one, it is seen which. */
static void resolve(struct writer *w, uint64_t index, uint64_t count)
{
	unsigned char *read = w->buffer + MOST * PAGE, *want = read + PAGE;

	for (; count; count--, index++) {
		struct page *p = &pages[index];

		if (pread(fd, read, PAGE, index * PAGE) != PAGE)
			continue;
		make_page(want, index, p->maybe);
		if (!memcmp(read, want, PAGE))
			p->version = p->maybe;
	}
}

static void write_pages(struct writer *w, uint64_t index, uint64_t count)
{
	uint32_t version = next_random(&w->seed) | 1;

	for (uint64_t i = 0; i < count; i++) {
		make_page(w->buffer + i * PAGE, index + i, version);
		pages[index + i].maybe = version;
	}
	w->requests++;
	if (pwrite(fd, w->buffer, count * PAGE, index * PAGE) !=
	    (ssize_t)(count * PAGE)) {
		w->error = errno;
		w->failed++;
		resolve(w, index, count);
		return;
	}
	for (uint64_t i = 0; i < count; i++)
		pages[index + i].version = version;
}

static void *write_quarter(void *arg)
{
	struct writer *w = arg;

	for (uint64_t round = 0;
	     round < rounds || (stop_file && access(stop_file, F_OK)); round++) {
		for (uint64_t n = 0; n < w->count / MOST; n++) {
			uint64_t at = next_random(&w->seed) % w->count;
			uint64_t count = next_random(&w->seed) % MOST + 1;

			if (count > w->count - at)
				count = w->count - at;
			if (next_random(&w->seed) % 8)
				write_pages(w, w->first + at, count);
			else
				discard(w, w->first + at, count);
		}
	}
	return NULL;
}

static void *watch(void *arg)
{
	char text[256];
	uint64_t used;
	int stat = open(stat_path, O_RDONLY);

	(void)arg;
	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		ssize_t len = pread(stat, text, sizeof(text) - 1, 0);

		if (len <= 0)
			break;
		text[len] = '\0';
		if (sscanf(text, "%*s %*s %lu", &used) == 1 && used > peak)
			peak = used;
		usleep(1000);
	}
	close(stat);
	return NULL;
}

static uint64_t wrong_pages(struct writer *w, uint64_t count)
{
	unsigned char *want = w->buffer + PAGE;
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < count; i++) {
		make_page(want, i, pages[i].version);
		if (pread(fd, w->buffer, PAGE, i * PAGE) != PAGE ||
		    memcmp(w->buffer, want, PAGE))
			wrong++;
	}
	return wrong;
}

static void run(struct writer *writers, uint64_t count)
{
	pthread_t watcher;

	pthread_create(&watcher, NULL, watch, NULL);
	for (int i = 0; i < THREADS; i++) {
		writers[i].first = i * (count / THREADS);
		writers[i].count = count / THREADS;
		writers[i].seed = i + 1;
		if (posix_memalign((void **)&writers[i].buffer, PAGE,
				   (MOST + 2) * PAGE))
			exit(1);
		pthread_create(&writers[i].thread, NULL, write_quarter,
			       &writers[i]);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(writers[i].thread, NULL);
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	pthread_join(watcher, NULL);
}

int main(int argc, char **argv)
{
	static struct writer writers[THREADS];
	uint64_t size, requests = 0, failed = 0;
	char path[64];
	int error = 0;

	if (argc < 3)
		return 2;
	rounds = strtoull(argv[2], NULL, 0);
	stop_file = argc > 3 ? argv[3] : NULL;
	snprintf(path, sizeof(path), "/sys/block/%s/mm_stat",
		 strrchr(argv[1], '/') + 1);
	stat_path = path;
	fd = open(argv[1], O_RDWR | O_DIRECT);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &size)) {
		perror("writers");
		return 1;
	}
	pages = calloc(size / PAGE, sizeof(*pages));
	if (!pages)
		return 1;
	run(writers, size / PAGE);
	for (int i = 0; i < THREADS; i++) {
		requests += writers[i].requests;
		failed += writers[i].failed;
		if (writers[i].error)
			error = writers[i].error;
	}
	printf("%lu wrong pages, errors: %s\n",
	       (unsigned long)wrong_pages(&writers[0], size / PAGE),
	       error ? strerror(error) : "none");
	fprintf(stderr, "%lu %lu %lu\n", (unsigned long)peak,
		(unsigned long)requests, (unsigned long)failed);
	return 0;
}
