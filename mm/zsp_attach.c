// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: adopting what the previous kernel handed over.
 * mm/zsmalloc_persist.c begins with the overview.
 */

#define pr_fmt(fmt) "zsmalloc_persist: " fmt

#include <linux/crc32c.h>
#include <linux/export.h>
#include <linux/sched.h>

#include "zsp_util.h"

static int zsp_restore_block(struct zsp_pool *pool, u64 phys,
			     unsigned int order)
{
	struct folio *folio = pool->ops->restore(phys);

	if (!folio)
		return -ENODATA;
	if (folio_order(folio) == order)
		return 0;
	pr_err("%s: memory at %#llx came as order %u instead of %u\n",
	       pool->name, phys, folio_order(folio), order);
	return -ENODATA;
}

static int zsp_restore_segments(struct zsp_pool *pool,
				const struct zram_persist_segtab *table)
{
	unsigned int i;
	u64 location;
	int err = 0;

	for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES && !err; i++) {
		location = table->entry[i].location;
		if (location)
			err = zsp_restore_block(pool,
						zsp_location_addr(location),
						zsp_location_order(location));
	}
	return err;
}

/* Makes folios of everything that a segment table leads to, and of itself. */
static int zsp_restore(struct zsp_pool *pool, u64 segtab)
{
	struct zram_persist_segtab *table;
	int err = 0;
	u64 next;

	for (; segtab && !err; segtab = next) {
		table = phys_to_virt(segtab);
		next = table->next;
		err = zsp_restore_segments(pool, table);
		if (!err)
			err = zsp_restore_block(pool, segtab, 0);
	}
	return err;
}

/*
 * Takes over what the previous kernel knows of page @i, if it is faulty. From
 * now on this whole kernel knows it. Not earlier: to report a page is not undone,
 * and only what KHO has given back is certain to be ours.
 */
static void zsp_adopt_bad(struct zsp_pool *pool, struct folio *folio,
			  unsigned int i, const struct zram_persist_page *page)
{
	if (!zram_persist_page_is_bad(page))
		return;
	zsp_report_failure(folio_page(folio, i));
	spin_lock(&pool->lock);
	zsp_count_bad(pool, folio, page);
	spin_unlock(&pool->lock);
}

/* Finds out how much of a segment is free. */
static void zsp_survey_segment(struct zsp_pool *pool, struct folio *folio)
{
	struct zsp_space *space = zsp_space(folio);
	unsigned int nr = folio_nr_pages(folio), run = 0, kind, i;

	space->first = nr;
	for (i = 1; i < nr; i++) {
		zsp_adopt_bad(pool, folio, i, zsp_page(folio, i));
		/* Not that of zram_persist_page_kind(): a bad one is not free. */
		kind = zsp_page(folio, i)->kind;
		if (kind != ZRAM_PERSIST_FREE) {
			run = 0;
			space->tables |= kind == ZRAM_PERSIST_TABLE;
			continue;
		}
		space->first = min_t(unsigned int, space->first, i);
		zsp_add_free(pool, folio, 1);
		run = min(run + 1, ZRAM_PERSIST_MAX_SPAN);
		space->run = max_t(unsigned int, space->run, run);
	}
}

static void zsp_adopt_span(struct zsp_pool *pool, u64 location)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);
	struct zsp_shard *shard = zsp_shard(pool, span);
	unsigned int i;

	span->scratch[0] = 0;
	span->scratch[1] = location & ZRAM_PERSIST_LOCATION_ORDER;
	spin_lock(&shard->lock);
	shard->objects += span->nr_used;
	for (i = 0; i < span->nr_entries; i++)
		shard->bytes += zram_persist_room(zram_persist_entry_len(&span->entry[i]));
	spin_lock(&pool->lock);
	if (zsp_may_be_bad(pool) && zsp_is_tainted(pool, span))
		zsp_set_state(span, ZSP_ISOLATED);
	else
		zsp_link_span(pool, span);
	spin_unlock(&pool->lock);
	spin_unlock(&shard->lock);
}

static void zsp_adopt_page(struct zsp_pool *pool, u64 location,
			   const struct zram_persist_page *page)
{
	unsigned int kind = zram_persist_page_kind(page), pages = 1;

	if (kind == ZRAM_PERSIST_SPAN) {
		pages = zram_persist_span_pages(page);
		if (page->arg != ZRAM_PERSIST_SPAN_LOST)
			zsp_adopt_span(pool, location);
	}
	spin_lock(&pool->lock);
	zsp_count_run(pool, kind, pages);
	spin_unlock(&pool->lock);
}

static void zsp_adopt_segment(struct zsp_pool *pool,
			      struct zram_persist_segtab_entry *entry,
			      bool joined)
{
	struct folio *folio = zsp_entry_folio(entry);
	unsigned int order = folio_order(folio), i;
	struct folio *retired = NULL;

	folio->private = entry;
	folio->index = 0;
	if (joined)
		zsp_set_flag(folio, ZSP_F_JOINED);
	INIT_LIST_HEAD(&folio->lru);
	pool->free_entries--;
	if (!joined)
		zsp_add_unjoined(pool, folio, 1);
	pool->stats.pages += 1UL << order;
	pool->stats.segments++;
	pool->stats.large_segments += order == ZRAM_PERSIST_MAX_ORDER;
	pool->stats.header_pages += order > 0;
	pool->stats.joined_segments += joined;
	zsp_block_add(folio, 1);

	if (!zsp_is_headed(folio)) {
		zsp_adopt_bad(pool, folio, 0, &entry->page);
		zsp_adopt_page(pool, entry->location, &entry->page);
		return;
	}
	zsp_survey_segment(pool, folio);
	for (i = 1; i < folio_nr_pages(folio); i++)
		zsp_adopt_page(pool, entry->location + PFN_PHYS(i),
			       zsp_page(folio, i));
	spin_lock(&pool->lock);
	if (zsp_is_empty(folio))
		retired = zsp_retire_segment(pool, folio);
	else
		zsp_sort_segment(pool, folio);
	spin_unlock(&pool->lock);
	zsp_put_segment(retired);
}

static void zsp_adopt_tables(struct zsp_pool *pool, u64 segtab, bool joined)
{
	struct zram_persist_segtab *table;
	struct page *page;
	unsigned int i;

	for (; segtab; segtab = table->next) {
		table = phys_to_virt(segtab);
		page = virt_to_page(table);
		set_page_private(page, joined ? ZSP_F_JOINED : 0);
		page_folio(page)->index = 0;
		list_add_tail(&page->lru, &pool->tables);
		pool->table = page;
		pool->free_entries += ZRAM_PERSIST_SEGTAB_ENTRIES;
		pool->stats.table_pages++;
		pool->stats.pages++;
		pool->unjoined += !joined;
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (table->entry[i].location)
				zsp_adopt_segment(pool, &table->entry[i],
						  joined);
	}
	pool->stats.max_pages = pool->stats.pages;
}

/**
 * zsp_attach_pool() - adopt the memory of a pool of the previous kernel
 * @name: for messages; is copied
 * @ops: handover operations
 * @segtab: physical address of the segment table, from zsp_seal()
 * @join: all of it is in the handover already
 * @reserve: pages that the pool keeps at least, as zsp_set_reserve() would have
 *	it: what is empty is not freed then
 *
 * Everything that @segtab leads to must have been validated. Until memory is
 * restored nothing is changed, so that a caller may try again after an error;
 * -ENODATA alone means that memory was lost.
 *
 * Context: Process context. Sleeps.
 * Return: the pool, persistent if @join; or ERR_PTR() of -ENOMEM, -ENODATA if
 * KHO does not have the memory, or what @ops return.
 */
struct zsp_pool *zsp_attach_pool(const char *name,
				 const struct zsp_handover_ops *ops,
				 u64 segtab, bool join, u64 reserve)
{
	struct zsp_pool *pool = zsp_create_pool(name, ops);
	int err = 0;

	if (IS_ERR(pool))
		return pool;
	if (join)
		err = ops->touch();
	if (!err)
		err = zsp_restore(pool, segtab);
	if (err) {
		zsp_abandon_pool(pool);
		return ERR_PTR(err);
	}

	/* Errors that came since the boot are for this pool to find. */
	pool->failures_seen = 0;
	pool->reserve_pages = reserve;
	/* It was persistent, also if it cannot be any more. */
	pool->wipe = true;
	mutex_lock(&pool->handover_lock);
	zsp_set_persistent(pool, join);
	zsp_adopt_tables(pool, segtab, join);
	mutex_unlock(&pool->handover_lock);
	zsp_watch(pool);
	zsp_kick(pool);
	return pool;
}
EXPORT_SYMBOL_GPL(zsp_attach_pool);

/* === Faulty pages of what is not attached === */

static void zsp_report_page(u64 phys, const struct zram_persist_page *page)
{
	if (zram_persist_page_is_bad(page))
		zsp_report_failure(pfn_to_page(PHYS_PFN(phys)));
}

static void zsp_report_segment(const struct zram_persist_segtab_entry *entry)
{
	unsigned int order = zsp_location_order(entry->location), i;
	u64 phys = zsp_location_addr(entry->location);
	const struct zram_persist_segment *seg = phys_to_virt(phys);

	if (entry->page.kind != ZRAM_PERSIST_HEADED) {
		if (!order)
			zsp_report_page(phys, &entry->page);
		return;
	}
	if (!order || entry->page.crc !=
	    crc32c(~0, seg, zram_persist_header_bytes(order)))
		return;
	for (i = 1; i < 1U << order; i++)
		zsp_report_page(phys + PFN_PHYS(i), &seg->page[i - 1]);
}

/**
 * zsp_report_bad() - let this kernel know what the previous one has found
 * @segtab: physical address of the segment table of a pool that is not attached
 *	but about to be freed: all of its memory has been restored, and it is of
 *	a format that is known
 *
 * They are then faulty for the whole kernel, counted, and not given to anybody
 * when they are freed. What is not sealed with the right checksum is passed
 * over.
 *
 * Context: Process context. Sleeps.
 */
void zsp_report_bad(u64 segtab)
{
	const struct zram_persist_segtab *table;
	unsigned int i;

	for (; segtab; segtab = table->next) {
		table = phys_to_virt(segtab);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (table->entry[i].location)
				zsp_report_segment(&table->entry[i]);
		cond_resched();
	}
}
EXPORT_SYMBOL_GPL(zsp_report_bad);
