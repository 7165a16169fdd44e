// SPDX-License-Identifier: GPL-2.0
/*
 * Joining and leaving the handover, seal, attach: see zsmalloc_persist.c.
 */

#define pr_fmt(fmt) "zsmalloc_persist: " fmt

#include <linux/crc32c.h>
#include <linux/export.h>

#include "zsp_util.h"

/* === Joining and leaving the handover === */

/*
 * Finds a segment whose ZSP_F_JOINED is @joined, from entry *@entry of @table
 * on, and marks it busy, so that it is not freed while its state changes.
 */
static struct folio *zsp_next_segment(struct zsp_pool *pool,
				      struct zram_persist_segtab *table,
				      bool joined, unsigned int *entry)
{
	struct folio *folio;

	spin_lock(&pool->lock);
	folio = zsp_find_segment(table, ZSP_F_JOINED, joined, entry);
	if (folio)
		zsp_set_flag(folio, ZSP_F_BUSY);
	spin_unlock(&pool->lock);
	return folio;
}

/*
 * Context: handover_lock, and @folio is busy. Lets it join or leave; frees it
 * if it was emptied meanwhile.
 */
static int zsp_change_segment(struct zsp_pool *pool, struct folio *folio,
			      bool join)
{
	struct folio *retired = NULL;
	int err = 0;

	if (join)
		err = pool->ops->preserve(folio);
	else
		pool->ops->unpreserve(folio);

	spin_lock(&pool->lock);
	zsp_clear_flag(folio, ZSP_F_BUSY);
	if (!err)
		zsp_note_joined(pool, folio, join);
	if (zsp_test_flag(folio, ZSP_F_EMPTIED)) {
		zsp_clear_flag(folio, ZSP_F_EMPTIED);
		retired = zsp_retire_segment(pool, folio);
	}
	spin_unlock(&pool->lock);
	zsp_put_segment(retired);
	return err;
}

/* Context: handover_lock. The same for a page of the segment table. */
static int zsp_change_table(struct zsp_pool *pool, struct page *page,
			    bool join)
{
	int err;

	if (page_private(page) == (join ? ZSP_F_JOINED : 0))
		return 0;
	if (join) {
		err = pool->ops->preserve(page_folio(page));
		if (err)
			return err;
	} else {
		pool->ops->unpreserve(page_folio(page));
	}
	set_page_private(page, join ? ZSP_F_JOINED : 0);
	spin_lock(&pool->lock);
	pool->unjoined += join ? -1 : 1;
	spin_unlock(&pool->lock);
	return 0;
}

/* Have all segments joined that a page of the segment table lists? */
static bool zsp_has_joined(struct page *page)
{
	return !READ_ONCE(page_folio(page)->index);
}

/**
 * zsp_next_segtab() - walk over the segment table
 * @pool: pool
 * @page: a page of it, or NULL
 *
 * Return: the page after @page, the first one for NULL, or NULL.
 */
struct page *zsp_next_segtab(struct zsp_pool *pool, struct page *page)
{
	struct page *next = NULL;

	spin_lock(&pool->lock);
	if (!page)
		next = list_first_entry_or_null(&pool->tables, struct page,
						lru);
	else if (!list_is_last(&page->lru, &pool->tables))
		next = list_next_entry(page, lru);
	spin_unlock(&pool->lock);
	return next;
}

/**
 * zsp_each_segment() - call a function for every segment
 * @pool: pool
 * @from: page of the segment table after which to begin, or NULL
 * @tables: how many of its pages to go through
 * @fn: function; is called under pool->lock
 * @data: passed to it
 * @stop: asked now and then whether that is enough, or NULL
 *
 * Entries do not move, and pages of the segment table are freed with the pool
 * only.
 *
 * Context: compact_lock. Sleeps.
 */
void zsp_each_segment(struct zsp_pool *pool, struct page *from,
		      unsigned int tables, zsp_visit_fn fn, void *data,
		      bool (*stop)(struct zsp_pool *pool))
{
	struct zram_persist_segtab *table;
	struct page *page = from;
	unsigned int i;

	while (tables-- && !(stop && stop(pool)) &&
	       (page = zsp_next_segtab(pool, page))) {
		table = page_address(page);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			spin_lock(&pool->lock);
			if (table->entry[i].location)
				fn(pool, zsp_entry_folio(&table->entry[i]),
				   data);
			spin_unlock(&pool->lock);
		}
		cond_resched();
	}
}

/* Context: handover_lock. Lets all segments join or leave that @page lists. */
static int zsp_change_listed(struct zsp_pool *pool, struct page *page,
			     bool join)
{
	unsigned int entry = 0;
	struct folio *folio;
	int err;

	while ((folio = zsp_next_segment(pool, page_address(page), !join,
					 &entry))) {
		err = zsp_change_segment(pool, folio, join);
		if (err)
			return err;
	}
	return 0;
}

/**
 * zsp_change_all() - let all memory join or leave that has not
 * @pool: pool
 * @join: which of it; leaving does not fail
 *
 * Context: handover_lock.
 * Return: 0, or what the handover operations return.
 */
int zsp_change_all(struct zsp_pool *pool, bool join)
{
	struct page *page = NULL;
	int err;

	while (!(join && !READ_ONCE(pool->unjoined)) &&
	       (page = zsp_next_segtab(pool, page))) {
		err = zsp_change_table(pool, page, join);
		if (!err && !(join && zsp_has_joined(page)))
			err = zsp_change_listed(pool, page, join);
		if (err)
			return err;
	}
	return 0;
}

/**
 * zsp_work() - the worker of a pool
 * @work: in the pool
 *
 * Context: Process context. Takes handover_lock. Sleeps.
 */
void zsp_work(struct work_struct *work)
{
	struct zsp_pool *pool = container_of(work, struct zsp_pool, work);
	int err;

	mutex_lock(&pool->handover_lock);
	if (pool->sealed)
		goto out_unlock;
	zsp_free_leaving(pool);
	if (pool->persistent) {
		zsp_fill_reserve(pool);
		err = zsp_change_all(pool, true);
		if (err)
			pr_warn_ratelimited("%s: memory cannot join the handover yet: %pe\n",
					    pool->name, ERR_PTR(err));
	}
out_unlock:
	mutex_unlock(&pool->handover_lock);
}

/**
 * zsp_kick() - wake the worker of a pool if it is persistent
 * @pool: pool, which has taken memory
 *
 * Context: Any.
 */
void zsp_kick(struct zsp_pool *pool)
{
	if (READ_ONCE(pool->persistent))
		queue_work(zsp_wq, &pool->work);
}

/**
 * zsp_set_persistent() - change what happens to new segments
 * @pool: pool
 * @persistent: whether they join
 *
 * Context: handover_lock.
 */
void zsp_set_persistent(struct zsp_pool *pool, bool persistent)
{
	spin_lock(&pool->lock);
	WRITE_ONCE(pool->persistent, persistent);
	pool->wipe |= persistent;
	spin_unlock(&pool->lock);
}

/**
 * zsp_join() - make a pool persistent
 * @pool: pool; may be in use
 *
 * All memory of the pool joins the handover, and from now on so does all that
 * it takes. Nothing of it is left in the handover after an error.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: 0, or what the handover operations return.
 */
int zsp_join(struct zsp_pool *pool)
{
	int err;

	mutex_lock(&pool->handover_lock);
	err = pool->ops->touch();
	if (err)
		goto out_unlock;
	zsp_set_persistent(pool, true);
	zsp_fill_reserve(pool);
	err = zsp_change_all(pool, true);
	if (err) {
		zsp_set_persistent(pool, false);
		zsp_trim_reserve(pool);
		zsp_change_all(pool, false);
	}
out_unlock:
	mutex_unlock(&pool->handover_lock);
	return err;
}
EXPORT_SYMBOL_GPL(zsp_join);

/**
 * zsp_leave() - end a pool's persistence
 * @pool: pool; may be in use
 *
 * Context: Process context. Sleeps.
 */
void zsp_leave(struct zsp_pool *pool)
{
	mutex_lock(&pool->handover_lock);
	zsp_set_persistent(pool, false);
	zsp_free_leaving(pool);
	zsp_trim_reserve(pool);
	zsp_change_all(pool, false);
	mutex_unlock(&pool->handover_lock);
}
EXPORT_SYMBOL_GPL(zsp_leave);

/* === Sealing === */

static void zsp_seal_page(u64 location, struct zram_persist_page *page)
{
	switch (zram_persist_page_kind(page)) {
	case ZRAM_PERSIST_SPAN:
		page->crc = page->arg == ZRAM_PERSIST_SPAN_LOST ? 0 :
			    zsp_span_crc(zsp_location_to_virt(location));
		break;
	case ZRAM_PERSIST_TABLE:
		page->crc = crc32c(~0, zsp_location_to_virt(location),
				   PAGE_SIZE);
		break;
	}
}

static void zsp_seal_segment(struct zram_persist_segtab_entry *entry)
{
	struct folio *folio = zsp_entry_folio(entry);
	unsigned int i;

	if (!zsp_is_headed(folio)) {
		zsp_seal_page(entry->location, &entry->page);
		return;
	}
	for (i = 1; i < folio_nr_pages(folio); i++)
		zsp_seal_page(entry->location + PFN_PHYS(i),
			      zsp_page(folio, i));
	entry->page.crc = crc32c(~0, folio_address(folio),
				 zram_persist_header_bytes(folio_order(folio)));
}

static void zsp_seal_table(struct zram_persist_segtab *table)
{
	unsigned int i;

	for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
		if (table->entry[i].location)
			zsp_seal_segment(&table->entry[i]);
	table->crc = 0;
	table->crc = crc32c(~0, table, PAGE_SIZE);
}

/**
 * zsp_seal() - make a pool ready for the next kernel
 * @pool: persistent pool that nobody allocates from or frees to any more
 * @segtab: where to put the physical address of the segment table
 * @nr_segments: where to put the number of segments
 *
 * Lets join what has not joined yet and writes all checksums. Allocates
 * nothing where zsp_join() has touched what joining needs.
 *
 * Context: Process context. Sleeps.
 * Return: 0; -EHWPOISON if metadata are on a faulty page; or what the handover
 * operations return. After an error the pool must not be handed over.
 */
int zsp_seal(struct zsp_pool *pool, u64 *segtab, u64 *nr_segments)
{
	struct page *page;
	unsigned int i;
	int err;

	/*
	 * The worker may be waiting to fill the reserve once more, which would
	 * change the segment table after its checksums were written. Whoever
	 * compacts ends after the object that is being moved.
	 */
	WRITE_ONCE(pool->stop_compacting, true);
	cancel_delayed_work_sync(&pool->compact_work);
	cancel_work_sync(&pool->bad_work);
	cancel_work_sync(&pool->work);
	mutex_lock(&pool->compact_lock);
	mutex_lock(&pool->handover_lock);
	/* It is free memory in the next kernel, and nobody zeroes it there. */
	memset(pool->move_buffer, 0, ZRAM_PERSIST_MAX_PAYLOAD);
	zsp_find_bad(pool);
	/* A span that is being filled may still be empty. */
	for (i = 0; i < pool->nr_sets; i++)
		zsp_release_set(pool, &pool->sets[i]);
	zsp_free_leaving(pool);
	/* What spoiled it may have left. */
	zsp_find_bad(pool);
	VM_WARN_ON_ONCE(!zsp_recount(pool));
	err = pool->spoiled ? -EHWPOISON : zsp_change_all(pool, true);
	if (err)
		goto out_unlock;

	WRITE_ONCE(pool->sealed, true);
	list_for_each_entry(page, &pool->tables, lru)
		zsp_seal_table(page_address(page));
	page = list_first_entry_or_null(&pool->tables, struct page, lru);
	*segtab = page ? page_to_phys(page) : 0;
	*nr_segments = pool->stats.segments;
out_unlock:
	mutex_unlock(&pool->handover_lock);
	mutex_unlock(&pool->compact_lock);
	if (err)
		WRITE_ONCE(pool->stop_compacting, false);
	return err;
}
EXPORT_SYMBOL_GPL(zsp_seal);
