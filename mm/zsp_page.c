// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: raw pages, and pages of the slot table.
 * mm/zsmalloc_persist.c begins with the overview.
 */

#include <linux/crc32c.h>
#include <linux/export.h>

#include "zsp_util.h"

/* A page of @page's kind, from an open segment or a new one. */
static u64 zsp_take_page(struct zsp_pool *pool, struct zram_persist_page page,
			 gfp_t gfp)
{
	u64 location;

	do {
		location = zsp_take_run(pool, 1, page);
		if (location || !gfp)
			return location;
	} while (zsp_open_any(pool, gfp));
	return zsp_take_lone(pool, page, gfp);
}

static u32 zsp_raw_crc(u64 owner, const void *page)
{
	return crc32c(crc32c(~0, &owner, sizeof(owner)), page, PAGE_SIZE);
}

static int zsp_store_raw_crc(struct zsp_pool *pool, u64 owner, const void *src,
			     const u32 *crc, gfp_t gfp, u64 *location)
{
	struct zram_persist_page page = {
		.kind = ZRAM_PERSIST_RAW | (owner >> 24 & 0xf) << 4,
		.arg = owner >> 16,
		.count = owner,
	};
	void *dst;

	zsp_watch(pool);
	*location = zsp_take_page(pool, page, gfp);
	if (!*location)
		return -ENOMEM;
	dst = zsp_location_to_virt(*location);
	copy_page(dst, (void *)src);
	/* Of the copy: @src may be changing under our hands. */
	zsp_desc(*location)->crc = crc ? *crc : zsp_raw_crc(owner, dst);
	return 0;
}

/**
 * zsp_store_raw() - store a page as it is
 * @pool: pool
 * @owner: the slot that will name it
 * @src: the page
 * @gfp: as for zsp_store()
 * @location: where to put its location
 *
 * Context: Process context. Sleeps if @gfp allows it.
 * Return: 0 or -ENOMEM.
 */
int zsp_store_raw(struct zsp_pool *pool, u64 owner, const void *src, gfp_t gfp,
		  u64 *location)
{
	return zsp_store_raw_crc(pool, owner, src, NULL, gfp, location);
}
EXPORT_SYMBOL_GPL(zsp_store_raw);

/*
 * A slot that is damaged in memory can name anything: what is not its own raw page is
 * not changed.
 */
static bool zsp_is_raw_of(const struct zram_persist_page *page, u64 owner)
{
	return zram_persist_page_kind(page) == ZRAM_PERSIST_RAW &&
	       zram_persist_raw_owner(page) == (owner & ZRAM_PERSIST_RAW_OWNER);
}

/**
 * zsp_overwrite_raw() - store another page in place of a raw page
 * @pool: pool
 * @location: its location
 * @owner: the slot that names it
 * @src: the page
 *
 * Context: the slot's lock. Does not sleep.
 * Return: 0, or -EIO if the page is faulty, or not of that slot.
 */
int zsp_overwrite_raw(struct zsp_pool *pool, u64 location, u64 owner,
		      const void *src)
{
	void *dst = zsp_location_to_virt(location);

	if (!zsp_is_raw_of(zsp_desc(location), owner) ||
	    (zsp_may_be_bad(pool) && zsp_is_bad(pool, dst, PAGE_SIZE)))
		return -EIO;
	copy_page(dst, (void *)src);
	zsp_desc(location)->crc = zsp_raw_crc(owner, dst);
	return 0;
}
EXPORT_SYMBOL_GPL(zsp_overwrite_raw);

/**
 * zsp_read_raw() - read a raw page
 * @pool: pool
 * @location: its location
 * @owner: the slot that names it
 * @dst: where to put it
 *
 * Context: the slot's lock. Does not sleep.
 * Return: 0, or -EIO if it is damaged or faulty.
 */
int zsp_read_raw(struct zsp_pool *pool, u64 location, u64 owner, void *dst)
{
	const void *src = zsp_location_to_virt(location);

	if (zsp_may_be_bad(pool)) {
		zsp_watch(pool);
		if (zsp_is_bad(pool, src, PAGE_SIZE))
			return -EIO;
	}
	if (!zsp_is_raw_of(zsp_desc(location), owner)) {
		zsp_note_disowned(pool);
		return -EIO;
	}
	copy_page(dst, (void *)src);
	/* Not of the copy: @dst may be memory of a program, which may change it. */
	return zsp_desc(location)->crc == zsp_raw_crc(owner, src) ? 0 : -EIO;
}
EXPORT_SYMBOL_GPL(zsp_read_raw);

static void zsp_put_page(struct zsp_pool *pool, u64 location)
{
	if (zsp_location_order(location))
		zsp_put_run(pool, location, 1);
	else
		zsp_put_lone(pool, zsp_location_folio(location));
}

/**
 * zsp_free_raw() - free a raw page
 * @pool: pool
 * @location: its location
 * @owner: the slot that names it; nothing is freed if it belongs to another one
 *
 * Context: the slot's lock. Does not sleep.
 */
void zsp_free_raw(struct zsp_pool *pool, u64 location, u64 owner)
{
	if (zsp_is_raw_of(zsp_desc(location), owner))
		zsp_put_page(pool, location);
	else
		zsp_note_disowned(pool);
}
EXPORT_SYMBOL_GPL(zsp_free_raw);

/*
 * Makes a segment available. The first ones of a pool are small, so that a small
 * device does not take much.
 */
static bool zsp_open_tables(struct zsp_pool *pool, gfp_t gfp)
{
	bool few = READ_ONCE(pool->stats.slot_table_pages) < 56;

	return zsp_open_new(pool, few ? 3 : 6, true, gfp) ||
	       zsp_open_new(pool, 3, true, gfp);
}

/*
 * Lets an open segment be one for the slot table from now on: the smallest of those
 * that come first, because nothing moves these pages.
 */
static bool zsp_convert_segment(struct zsp_pool *pool)
{
	struct folio *folio, *best = NULL;
	unsigned int run;

	spin_lock(&pool->lock);
	for (run = 1; run <= ZRAM_PERSIST_MAX_SPAN; run++) {
		folio = list_first_entry_or_null(&pool->open[run],
						 struct folio, lru);
		if (folio && (!best || folio_order(folio) < folio_order(best)))
			best = folio;
	}
	if (best) {
		zsp_space(best)->tables = true;
		zsp_sort_segment(pool, best);
	}
	spin_unlock(&pool->lock);
	return best;
}

/*
 * When there is no memory to be had, or the limit is reached: what the pool keeps in
 * reserve, and then what is free in segments that are in use.
 */
static u64 zsp_take_kept(struct zsp_pool *pool, struct zram_persist_page page)
{
	u64 location;

	do {
		location = zsp_take_run(pool, 1, page);
	} while (!location && (zsp_open_reserve(pool, true) ||
			       zsp_convert_segment(pool)));
	return location;
}

/**
 * zsp_alloc_table() - allocate a page of the slot table
 * @pool: pool
 * @level: its level
 * @gfp: as for zsp_store()
 * @location: where to put its location
 *
 * The page is zeroed, and is not moved before it is freed.
 *
 * Context: Process context. Sleeps if @gfp allows it.
 * Return: 0 or -ENOMEM.
 */
int zsp_alloc_table(struct zsp_pool *pool, unsigned int level, gfp_t gfp,
		    u64 *location)
{
	struct zram_persist_page page = {
		.kind = ZRAM_PERSIST_TABLE,
		.arg = level,
	};

	do {
		*location = zsp_take_run(pool, 1, page);
	} while (!*location && zsp_open_tables(pool, gfp));
	if (!*location)
		*location = zsp_take_lone(pool, page, gfp);
	if (!*location)
		*location = zsp_take_kept(pool, page);
	if (!*location)
		return -ENOMEM;
	clear_page(zsp_location_to_virt(*location));
	return 0;
}
EXPORT_SYMBOL_GPL(zsp_alloc_table);

/**
 * zsp_free_table() - free a page of the slot table
 * @pool: pool
 * @location: its location
 *
 * Context: Process context; spinlocks may be held. Does not sleep.
 */
void zsp_free_table(struct zsp_pool *pool, u64 location)
{
	zsp_put_page(pool, location);
}
EXPORT_SYMBOL_GPL(zsp_free_table);

/**
 * zsp_move_raw() - move a raw page to another segment
 * @pool: pool
 * @location: its location; is freed
 * @to: where to put its new location
 *
 * Context: compact_lock, and the slot's lock. Does not sleep.
 * Return: 0; -ENOMEM if there is no room for it in open segments; -EIO if it is
 * faulty.
 */
int zsp_move_raw(struct zsp_pool *pool, u64 location, u64 *to)
{
	struct zram_persist_page *page = zsp_desc(location);
	const void *src = zsp_location_to_virt(location);
	int err;

	if (zsp_may_be_bad(pool) && zsp_is_bad(pool, src, PAGE_SIZE))
		return -EIO;
	err = zsp_store_raw_crc(pool, zram_persist_raw_owner(page), src,
				&page->crc, 0, to);
	if (!err)
		zsp_free_raw(pool, location, zram_persist_raw_owner(page));
	return err;
}
EXPORT_SYMBOL_GPL(zsp_move_raw);
