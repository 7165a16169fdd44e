// SPDX-License-Identifier: GPL-2.0
/*
 * canary DEVICE MIB INVERTED: write pages with a canary to a device, and leave
 * none in this program's own memory.
 *
 * The canary is eight bytes, given as a number and inverted. It is in each page
 * four times, at multiples of four bytes: in the first half of the device in
 * pages that do not compress, in the second in pages that do. Direct I/O, so
 * that no cache has a copy.
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096
#define BATCH	(1 << 20)

static uint64_t state = 88172645463325252ULL;

/* Marsaglia's xorshift64. */
static uint64_t random64(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Byte by byte: in a register it would end up on some stack. */
static void put_canary(volatile uint8_t *to, const uint8_t *inverted)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		to[i] = ~inverted[i];
}

static void fill_page(uint8_t *page, uint64_t inverted, int compressible)
{
	unsigned int i;

	for (i = 0; i < PAGE; i += 8) {
		uint64_t word = compressible ? i / 1024 : random64();

		memcpy(page + i, &word, 8);
	}
	for (i = 100; i < PAGE; i += 1000)
		put_canary(page + i, (const uint8_t *)&inverted);
}

int main(int argc, char **argv)
{
	uint64_t inverted, size, at, i;
	uint8_t *buffer;
	int fd;

	if (argc != 4)
		errx(2, "usage: canary DEVICE MIB INVERTED");
	size = strtoull(argv[2], NULL, 0) << 20;
	inverted = strtoull(argv[3], NULL, 0);
	fd = open(argv[1], O_RDWR | O_DIRECT);
	if (fd < 0)
		err(1, "%s", argv[1]);
	buffer = mmap(NULL, BATCH, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED)
		err(1, "mmap");
	for (at = 0; at < size; at += BATCH) {
		for (i = 0; i < BATCH; i += PAGE)
			fill_page(buffer + i, inverted, at >= size / 2);
		if (pwrite(fd, buffer, BATCH, at) != BATCH)
			err(1, "%s: write at %llu", argv[1],
			    (unsigned long long)at);
	}
	explicit_bzero(buffer, BATCH);
	close(fd);
	return 0;
}
