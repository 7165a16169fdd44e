// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: empty segments. A pool keeps some, because it is
 * persistent and the I/O path cannot wait for the handover, or because somebody
 * wants memory to be there when it is needed; others are on their way out.
 * mm/zsmalloc_persist.c begins with the overview.
 */

#include <linux/export.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "zsp_util.h"

/* The smallest segments with a header. */
#define ZSP_SMALL_ORDER	3
#define ZSP_SMALL_PAGES	BIT(ZSP_SMALL_ORDER)

/* Pages of an idle segment in which nothing is stored, nor ever will be if faulty. */
static u64 zsp_idle_pages(struct folio *folio)
{
	return zsp_is_headed(folio) ? zsp_space(folio)->free :
				      !zsp_space(folio)->bad;
}

/**
 * zsp_make_idle() - list a segment as one that holds nothing
 * @pool: pool
 * @folio: segment, which is not idle
 * @list: &zsp_pool.reserve or &zsp_pool.leaving
 *
 * Context: pool->lock.
 */
void zsp_make_idle(struct zsp_pool *pool, struct folio *folio,
		   struct list_head *list)
{
	list_move(&folio->lru, list);
	zsp_space(folio)->idle = true;
	pool->stats.empty_segments++;
	pool->stats.empty_pages += zsp_idle_pages(folio);
}

/**
 * zsp_end_idle() - undo zsp_make_idle()
 * @pool: pool
 * @folio: segment; is on no list then
 *
 * Context: pool->lock.
 */
void zsp_end_idle(struct zsp_pool *pool, struct folio *folio)
{
	list_del_init(&folio->lru);
	pool->stats.empty_pages -= zsp_idle_pages(folio);
	pool->stats.empty_segments--;
	zsp_space(folio)->idle = false;
}

/**
 * zsp_is_reserve() - decide whether an empty segment is kept
 * @pool: pool
 * @folio: segment with a header that holds nothing
 *
 * Context: pool->lock.
 * Return: true if the pool would have too little without it. One with a faulty
 * header is better let go.
 */
bool zsp_is_reserve(struct zsp_pool *pool, struct folio *folio)
{
	if (zsp_page_failed(folio_page(folio, 0)))
		return false;
	if (pool->stats.pages - folio_nr_pages(folio) < pool->reserve_pages)
		return true;
	return pool->persistent && pool->nr_reserve < ZSP_RESERVE &&
	       folio_order(folio) == ZRAM_PERSIST_MAX_ORDER;
}

/**
 * zsp_keep_segment() - put an empty segment into the reserve
 * @pool: pool
 * @folio: segment with a header that holds nothing
 *
 * Large ones come last: the slot table has more use for small ones, which are also
 * what is given back first.
 *
 * Context: pool->lock.
 */
void zsp_keep_segment(struct zsp_pool *pool, struct folio *folio)
{
	zsp_space(folio)->tables = false;
	zsp_make_idle(pool, folio, &pool->reserve);
	if (folio_order(folio) == ZRAM_PERSIST_MAX_ORDER)
		list_move_tail(&folio->lru, &pool->reserve);
	pool->nr_reserve++;
}

/* Context: pool->lock. Nothing of a segment for the slot table is for anything else. */
static struct folio *zsp_first_reserve(struct zsp_pool *pool, bool small)
{
	if (list_empty(&pool->reserve))
		return NULL;
	return small ? list_first_entry(&pool->reserve, struct folio, lru) :
		       list_last_entry(&pool->reserve, struct folio, lru);
}

/**
 * zsp_open_reserve() - make a segment of the reserve available
 * @pool: pool
 * @tables: for pages of the slot table, and nothing else
 *
 * Return: false if there is none.
 */
bool zsp_open_reserve(struct zsp_pool *pool, bool tables)
{
	struct folio *folio;

	spin_lock(&pool->lock);
	folio = zsp_first_reserve(pool, tables);
	if (folio) {
		pool->nr_reserve--;
		zsp_end_idle(pool, folio);
		zsp_space(folio)->tables = tables;
		zsp_sort_segment(pool, folio);
	}
	spin_unlock(&pool->lock);
	if (folio)
		zsp_kick(pool);
	return folio;
}

/**
 * zsp_open_any() - make a segment available, from the best to the least
 * @pool: pool
 * @gfp: allocation flags
 *
 * Return: false if there is none to be had, and only single pages are left.
 */
bool zsp_open_any(struct zsp_pool *pool, gfp_t gfp)
{
	if (zsp_open_reserve(pool, false) ||
	    zsp_open_new(pool, ZRAM_PERSIST_MAX_ORDER, false, gfp)) {
		zsp_note_growth(pool, true);
		return true;
	}
	return zsp_open_new(pool, 6, false, gfp) ||
	       zsp_open_new(pool, ZSP_SMALL_ORDER, false, gfp);
}

/* Context: handover_lock. Frees a segment that is on no list. */
static void zsp_free_segment(struct zsp_pool *pool, struct folio *folio)
{
	if (zsp_test_flag(folio, ZSP_F_JOINED)) {
		pool->ops->unpreserve(folio);
		spin_lock(&pool->lock);
		zsp_note_joined(pool, folio, false);
		spin_unlock(&pool->lock);
	}
	spin_lock(&pool->lock);
	zsp_unlist_segment(pool, folio);
	spin_unlock(&pool->lock);
	if (pool->wipe)
		zsp_wipe_segment(folio);
	else
		zsp_put_segment(folio);
}

/*
 * Takes the first segment that is to be freed off the list of those. What has
 * been missing in the reserve since it was put there goes to the reserve.
 */
static struct folio *zsp_pop_leaving(struct zsp_pool *pool)
{
	struct folio *folio;

	spin_lock(&pool->lock);
	while ((folio = list_first_entry_or_null(&pool->leaving, struct folio,
						 lru))) {
		zsp_end_idle(pool, folio);
		if (zsp_stays(pool, folio))
			continue;
		if (!zsp_is_headed(folio) || !zsp_is_reserve(pool, folio))
			break;
		zsp_keep_segment(pool, folio);
	}
	spin_unlock(&pool->lock);
	return folio;
}

/**
 * zsp_free_leaving() - free the segments that are on their way out
 * @pool: pool
 *
 * Context: handover_lock. Sleeps.
 */
void zsp_free_leaving(struct zsp_pool *pool)
{
	struct folio *folio;

	while ((folio = zsp_pop_leaving(pool)))
		zsp_free_segment(pool, folio);
}

/* Takes a segment off the reserve that is not needed there. */
static struct folio *zsp_pop_surplus(struct zsp_pool *pool)
{
	struct folio *folio;

	spin_lock(&pool->lock);
	while ((folio = list_first_entry_or_null(&pool->reserve, struct folio,
						 lru))) {
		zsp_end_idle(pool, folio);
		pool->nr_reserve--;
		if (zsp_stays(pool, folio))
			continue;
		if (zsp_is_reserve(pool, folio)) {
			zsp_keep_segment(pool, folio);
			folio = NULL;
		}
		break;
	}
	spin_unlock(&pool->lock);
	return folio;
}

/**
 * zsp_trim_reserve() - free what is too much in the reserve
 * @pool: pool
 *
 * Context: handover_lock. Sleeps.
 */
void zsp_trim_reserve(struct zsp_pool *pool)
{
	struct folio *folio;

	while ((folio = zsp_pop_surplus(pool)))
		zsp_free_segment(pool, folio);
}

static bool zsp_add_reserve(struct zsp_pool *pool, unsigned int order,
			    gfp_t gfp)
{
	struct zram_persist_page headed = { .kind = ZRAM_PERSIST_HEADED };
	struct folio *folio = zsp_new_segment(pool, order, headed, gfp);

	if (!folio)
		return false;
	spin_lock(&pool->lock);
	zsp_keep_segment(pool, folio);
	spin_unlock(&pool->lock);
	return true;
}

/**
 * zsp_spare_entries() - let the segment table grow before it is full
 * @pool: pool
 * @gfp: allocation flags
 *
 * When memory ends, a segment that is a single page must not need another one for its
 * entry. What is not to be had now is tried again with the next segment.
 */
void zsp_spare_entries(struct zsp_pool *pool, gfp_t gfp)
{
	struct page *page;

	if (READ_ONCE(pool->free_entries) >= ZSP_SPARE_ENTRIES)
		return;
	page = zsp_alloc_segtab(gfp);
	if (!page)
		return;
	spin_lock(&pool->lock);
	zsp_add_segtab(pool, page);
	spin_unlock(&pool->lock);
}

/**
 * zsp_fill_reserve() - provide for the I/O path of a persistent pool
 * @pool: pool
 *
 * Fills the reserve of segments, and the spare entries of the segment table.
 * What is not to be had now is tried again the next time.
 *
 * Context: handover_lock. Sleeps, and allocates with GFP_KERNEL.
 */
void zsp_fill_reserve(struct zsp_pool *pool)
{
	while (READ_ONCE(pool->nr_reserve) < ZSP_RESERVE &&
	       zsp_add_reserve(pool, ZRAM_PERSIST_MAX_ORDER, GFP_KERNEL))
		;
	zsp_spare_entries(pool, GFP_KERNEL | __GFP_NORETRY);
}

static void zsp_set_reserve_pages(struct zsp_pool *pool, u64 pages)
{
	spin_lock(&pool->lock);
	pool->reserve_pages = pages;
	spin_unlock(&pool->lock);
}

/*
 * Does a pool have less than @pages? What is missing for a last small segment does
 * not count if it would be over the limit.
 */
static bool zsp_lacks(struct zsp_pool *pool, u64 pages)
{
	u64 limit = READ_ONCE(pool->stats.limit_pages);
	u64 has = zsp_pages(pool);

	return has < pages && (!limit || has + ZSP_SMALL_PAGES <= limit);
}

/**
 * zsp_set_reserve() - let a pool keep at least so much memory
 * @pool: pool
 * @pages: pages at least, of which those in use are part; or 0
 *
 * Takes what is missing at once, in blocks as large as can be had: while memory
 * is plentiful they are large. Later nothing is freed that the pool would then
 * have too little of. With a limit of as many pages up to seven are missing: the
 * smallest segment in a reserve has eight.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: 0; -EINVAL for more than the limit or than the machine has; -EBUSY for
 * a pool that is sealed, or about to be; -EINTR for a task that was killed; -ENOMEM.
 * After an error the reserve is what it was.
 */
int zsp_set_reserve(struct zsp_pool *pool, u64 pages)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL;
	u64 limit = READ_ONCE(pool->stats.limit_pages);
	u64 old;
	int err = 0;

	if ((limit && pages > limit) || pages > totalram_pages())
		return -EINVAL;
	mutex_lock(&pool->handover_lock);
	/* The segment table is signed, and tasks run on until the jump. */
	if (pool->sealed) {
		err = -EBUSY;
		goto out_unlock;
	}
	old = pool->reserve_pages;
	zsp_set_reserve_pages(pool, pages);
	while (!err && zsp_lacks(pool, pages)) {
		/* The seal waits for the lock, and this may take minutes. */
		if (READ_ONCE(pool->stop_compacting))
			err = -EBUSY;
		else if (fatal_signal_pending(current))
			err = -EINTR;
		else if (!zsp_add_reserve(pool, ZRAM_PERSIST_MAX_ORDER, gfp) &&
			 !zsp_add_reserve(pool, 6, gfp) &&
			 !zsp_add_reserve(pool, ZSP_SMALL_ORDER, gfp))
			err = -ENOMEM;
	}
	if (err)
		zsp_set_reserve_pages(pool, old);
	zsp_trim_reserve(pool);
out_unlock:
	mutex_unlock(&pool->handover_lock);
	zsp_kick(pool);
	return err;
}
EXPORT_SYMBOL_GPL(zsp_set_reserve);
