/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading of pages.
 */
#ifndef _ZRAM_IO_H_
#define _ZRAM_IO_H_

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/types.h>

struct bio;
struct bvec_iter;
struct zram;

/* Two pages: what was stored, as it was read from a disk, and what it is. */
#define ZRAM_BUFFER_ORDER	1

/**
 * zram_buffer_alloc() - get memory to read a page to
 * @gfp: as for alloc_pages()
 *
 * Context: As @gfp says.
 * Return: its first page, or NULL.
 */
static inline struct page *zram_buffer_alloc(gfp_t gfp)
{
	return alloc_pages(gfp, ZRAM_BUFFER_ORDER);
}

/**
 * zram_buffer_wipe() - zero what has had pages of a device
 * @buffer: from zram_buffer_alloc()
 *
 * Context: Any.
 */
static inline void zram_buffer_wipe(struct page *buffer)
{
	memset(page_address(buffer), 0, PAGE_SIZE << ZRAM_BUFFER_ORDER);
}

/**
 * zram_buffer_free() - zero and free what has had pages of a device
 * @buffer: from zram_buffer_alloc()
 *
 * Context: Any.
 */
static inline void zram_buffer_free(struct page *buffer)
{
	zram_buffer_wipe(buffer);
	__free_pages(buffer, ZRAM_BUFFER_ORDER);
}

int zram_verify_stored(struct zram *zram, u64 slot, u64 index, void *dst);
int zram_read_stored(struct zram *zram, u64 slot, u64 index, void *dst);
int zram_read_page(struct zram *zram, u64 index, void *dst);
void zram_copy_to_bio(struct bio *bio, struct bvec_iter *iter, void *page);

#endif /* _ZRAM_IO_H_ */
