// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses are those of the machine plus a constant, as in the direct map. All
 * of it that was ever memory stays mapped, since mapping takes longer than
 * checking does, and is poisoned but for what the checker has asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include "memory.h"

#define MAX_RANGES	1024
#define MAPPED		(2ULL << 20)

static u8 *base;
static u8 mapped[MEMORY_END / MAPPED];
static u8 exists[MEMORY_END / PAGE];

static struct range {
	u64 phys;
	u64 pages;
} ranges[MAX_RANGES];
static unsigned int nr_ranges;
static u64 nr_pages;

/* Pages to be zeroed again. */
static u8 is_dirty[MEMORY_END / PAGE];
static u64 dirty[MEMORY_PAGES];
static unsigned int nr_dirty;

static void reserve(void)
{
	base = mmap(NULL, MEMORY_END, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
}

static void map_pages(u64 phys, u64 pages)
{
	u64 end = phys + pages * PAGE, at;

	for (at = phys & ~(MAPPED - 1); at < end; at += MAPPED) {
		if (mapped[at / MAPPED])
			continue;
		if (mprotect(base + at, MAPPED, PROT_READ | PROT_WRITE)) {
			perror("mprotect");
			exit(1);
		}
		ASAN_POISON_MEMORY_REGION(base + at, MAPPED);
		mapped[at / MAPPED] = 1;
	}
	ASAN_UNPOISON_MEMORY_REGION(base + phys, pages * PAGE);
}

/* As many pages as there can be, from the one with @phys on. */
static void add_range(u64 phys, u64 pages)
{
	phys &= ~(PAGE - 1);
	if (!pages || phys >= MEMORY_END || nr_ranges == MAX_RANGES)
		return;
	if (pages > (MEMORY_END - phys) / PAGE)
		pages = (MEMORY_END - phys) / PAGE;
	if (pages > MEMORY_PAGES - nr_pages)
		pages = MEMORY_PAGES - nr_pages;
	if (!pages)
		return;
	map_pages(phys, pages);
	memset(exists + phys / PAGE, 1, pages);
	ranges[nr_ranges++] = (struct range){ phys, pages };
	nr_pages += pages;
}

bool memory_exists(u64 phys, u64 len)
{
	u64 page;

	if (phys >= MEMORY_END || len > MEMORY_END - phys || !len)
		return false;
	for (page = phys / PAGE; page <= (phys + len - 1) / PAGE; page++)
		if (!exists[page])
			return false;
	return true;
}

void *memory_at(u64 phys)
{
	return base + phys;
}

/* To be called for what is written to memory that exists. */
void memory_dirty(u64 phys, u64 len)
{
	u64 page;

	for (page = phys / PAGE; page <= (phys + len - 1) / PAGE; page++)
		if (!is_dirty[page]) {
			is_dirty[page] = 1;
			dirty[nr_dirty++] = page;
		}
}

/* Fills memory from an image. Returns false if it is none. */
bool memory_load(const u8 *data, size_t size, struct image_header *header)
{
	struct image_chunk chunk;
	size_t at = sizeof(*header);

	if (!base)
		reserve();
	if (size < sizeof(*header))
		return false;
	memcpy(header, data, sizeof(*header));
	while (size - at >= sizeof(chunk)) {
		memcpy(&chunk, data + at, sizeof(chunk));
		at += sizeof(chunk);
		if (chunk.len > size - at)
			chunk.len = size - at;
		add_range(chunk.phys, chunk.pages);
		if (memory_exists(chunk.phys, chunk.len)) {
			memcpy(base + chunk.phys, data + at, chunk.len);
			memory_dirty(chunk.phys, chunk.len);
		}
		at += chunk.len;
		at += -chunk.len % 8 < size - at ? -chunk.len % 8 : size - at;
	}
	return true;
}

/* From here on only what memory_map() grants can be read. */
void memory_poison(void)
{
	unsigned int i;

	for (i = 0; i < nr_ranges; i++)
		ASAN_POISON_MEMORY_REGION(base + ranges[i].phys,
					  ranges[i].pages * PAGE);
}

void memory_unload(void)
{
	unsigned int i;

	for (i = 0; i < nr_dirty; i++) {
		u8 *page = base + dirty[i] * PAGE;

		ASAN_UNPOISON_MEMORY_REGION(page, PAGE);
		memset(page, 0, PAGE);
		is_dirty[dirty[i]] = 0;
	}
	memory_poison();
	for (i = 0; i < nr_ranges; i++)
		memset(exists + ranges[i].phys / PAGE, 0, ranges[i].pages);
	nr_dirty = 0;
	nr_ranges = 0;
	nr_pages = 0;
}

const void *memory_map(void *data, __u64 phys, __u64 len)
{
	(void)data;
	if (!memory_exists(phys, len))
		return NULL;
	ASAN_UNPOISON_MEMORY_REGION(base + phys, len);
	return base + phys;
}
