// SPDX-License-Identifier: GPL-2.0
/*
 * scribble DEVICE WRITES: write pages to all of a device, directly, from memory
 * that two other threads change meanwhile, between contents that compress well
 * and contents that do not. Then read all pages, directly, to that memory.
 *
 * Prints how many writes succeeded, how many pages could be read to memory that
 * changed meanwhile, and how many when nothing does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 8
#define SIZE (PAGES * PAGE)

static unsigned char *memory;
static int over;

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* Runs of noise, of a word, and of what was written before. */
static void *change(void *arg)
{
	uint64_t seed = (uintptr_t)arg;

	while (!__atomic_load_n(&over, __ATOMIC_RELAXED)) {
		uint64_t at = next_random(&seed) % (SIZE / 8);
		uint64_t len = next_random(&seed) % 600, word = next_random(&seed);
		uint64_t kind = word % 3;

		for (uint64_t i = at; i < at + len && i < SIZE / 8; i++) {
			if (kind == 0)
				word = next_random(&seed);
			else if (kind == 1 && i >= 16)
				memcpy(&word, memory + (i - 16) * 8, 8);
			memcpy(memory + i * 8, &word, 8);
		}
	}
	return NULL;
}

/* Reads each page of @fd to @to; returns how many could be read. */
static uint64_t read_all(int fd, unsigned char *to, uint64_t pages)
{
	uint64_t done = 0;

	for (uint64_t i = 0; i < pages; i++)
		done += pread(fd, to, PAGE, i * PAGE) == PAGE;
	return done;
}

int main(int argc, char **argv)
{
	uint64_t seed = 3, writes, done = 0, pages, changing, readable;
	pthread_t thread[2];
	unsigned char *page;
	int fd;

	if (argc != 3)
		return 2;
	fd = open(argv[1], O_RDWR | O_DIRECT);
	writes = strtoull(argv[2], NULL, 0);
	if (fd < 0 || posix_memalign((void **)&memory, PAGE, SIZE) ||
	    posix_memalign((void **)&page, PAGE, PAGE)) {
		perror("scribble");
		return 1;
	}
	memset(memory, 0, SIZE);
	pages = lseek(fd, 0, SEEK_END) / PAGE;
	for (uintptr_t i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, change, (void *)(i + 1));
	for (uint64_t i = 0; i < writes; i++)
		done += pwrite(fd, memory, SIZE,
			       next_random(&seed) % (pages - PAGES + 1) * PAGE) == SIZE;
	changing = read_all(fd, memory, pages);
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	readable = read_all(fd, page, pages);
	printf("%lu writes, %lu and %lu pages can be read\n", (unsigned long)done,
	       (unsigned long)changing, (unsigned long)readable);
	return 0;
}
