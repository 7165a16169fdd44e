// SPDX-License-Identifier: GPL-2.0
/*
 * Joining and leaving the handover, seal, attach: see zsmalloc_persist.c.
 */

#define pr_fmt(fmt) "zsmalloc_persist: " fmt

#include <linux/crc32c.h>
#include <linux/export.h>

#include "zsp.h"

/* === Joining and leaving the handover === */

/*
 * Finds a segment whose ZSP_F_JOINED is @joined, from entry *@entry of @table
 * on, and marks it busy, so that it is not freed while its state changes.
 */
static struct folio *zsp_next_segment(struct zsp_pool *pool,
				      struct zram_persist_segtab *table,
				      bool joined, unsigned int *entry)
{
	struct folio *folio = NULL;

	spin_lock(&pool->lock);
	for (; *entry < ZRAM_PERSIST_SEGTAB_ENTRIES && !folio; ++*entry) {
		if (!table->entry[*entry].location)
			continue;
		folio = zsp_entry_folio(&table->entry[*entry]);
		if (zsp_test_flag(folio, ZSP_F_JOINED) != joined)
			folio = NULL;
	}
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
	if (!err && join) {
		zsp_set_flag(folio, ZSP_F_JOINED);
		pool->unjoined--;
		pool->stats.joined_segments++;
	} else if (!err) {
		zsp_clear_flag(folio, ZSP_F_JOINED);
		pool->unjoined++;
		pool->stats.joined_segments--;
	}
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

/* The page of the segment table after @page, or the first one for NULL. */
static struct page *zsp_next_table(struct zsp_pool *pool, struct page *page)
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

/*
 * Context: handover_lock. Lets all memory join or leave that has not. Leaving
 * does not fail.
 */
static int zsp_change_all(struct zsp_pool *pool, bool join)
{
	struct page *page = NULL;
	struct folio *folio;
	unsigned int entry;
	int err;

	while ((page = zsp_next_table(pool, page))) {
		err = zsp_change_table(pool, page, join);
		if (err)
			return err;
		entry = 0;
		while ((folio = zsp_next_segment(pool, page_address(page),
						 !join, &entry))) {
			err = zsp_change_segment(pool, folio, join);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Takes the first segment off @list, which is the reserve or leaving. */
static struct folio *zsp_pop_segment(struct zsp_pool *pool,
				     struct list_head *list)
{
	struct folio *folio;

	spin_lock(&pool->lock);
	folio = list_first_entry_or_null(list, struct folio, lru);
	if (folio) {
		list_del_init(&folio->lru);
		pool->nr_reserve -= list == &pool->reserve;
	}
	spin_unlock(&pool->lock);
	return folio;
}

/* Context: handover_lock. Frees all segments on @list. */
static void zsp_free_list(struct zsp_pool *pool, struct list_head *list)
{
	struct folio *folio;

	while ((folio = zsp_pop_segment(pool, list))) {
		if (zsp_test_flag(folio, ZSP_F_JOINED)) {
			pool->ops->unpreserve(folio);
			spin_lock(&pool->lock);
			zsp_clear_flag(folio, ZSP_F_JOINED);
			pool->unjoined++;
			pool->stats.joined_segments--;
			spin_unlock(&pool->lock);
		}
		spin_lock(&pool->lock);
		zsp_unlist_segment(pool, folio);
		spin_unlock(&pool->lock);
		folio_put(folio);
	}
}

/* Context: handover_lock. Fills the reserve and the spare entries. */
static void zsp_fill_reserve(struct zsp_pool *pool)
{
	struct zram_persist_page headed = { .kind = ZRAM_PERSIST_HEADED };
	struct folio *folio;
	struct page *page;

	while (READ_ONCE(pool->nr_reserve) < ZSP_RESERVE) {
		folio = zsp_new_segment(pool, ZRAM_PERSIST_MAX_ORDER, headed,
					GFP_KERNEL);
		if (!folio)
			break;
		spin_lock(&pool->lock);
		list_add_tail(&folio->lru, &pool->reserve);
		pool->nr_reserve++;
		spin_unlock(&pool->lock);
	}
	if (READ_ONCE(pool->free_entries) >= ZSP_SPARE_ENTRIES)
		return;
	page = zsp_alloc_table(GFP_KERNEL);
	if (!page)
		return;
	spin_lock(&pool->lock);
	zsp_add_table(pool, page);
	spin_unlock(&pool->lock);
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
	zsp_free_list(pool, &pool->leaving);
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
		queue_work(system_dfl_wq, &pool->work);
}

static void zsp_set_persistent(struct zsp_pool *pool, bool persistent)
{
	spin_lock(&pool->lock);
	WRITE_ONCE(pool->persistent, persistent);
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
		zsp_free_list(pool, &pool->reserve);
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
	zsp_free_list(pool, &pool->leaving);
	zsp_free_list(pool, &pool->reserve);
	zsp_change_all(pool, false);
	mutex_unlock(&pool->handover_lock);
}
EXPORT_SYMBOL_GPL(zsp_leave);

/* === Sealing === */

static void zsp_seal_page(u64 location, struct zram_persist_page *page)
{
	struct zsp_span span;

	switch (zram_persist_page_kind(page)) {
	case ZRAM_PERSIST_SPAN:
		zsp_resolve_span(&span, location);
		page->crc = crc32c(~0, span.mem->bitmap,
				   span.geo.words * sizeof(u64));
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
	unsigned int order = folio_order(folio);
	unsigned int i;

	if (!zsp_is_headed(folio)) {
		zsp_seal_page(entry->location, &entry->page);
		return;
	}
	for (i = zsp_first_page(order); i < folio_nr_pages(folio); i++)
		zsp_seal_page(entry->location + PFN_PHYS(i),
			      zsp_page(folio, i));
	entry->page.crc = crc32c(~0, folio_address(folio),
				 zram_persist_header_bytes(order));
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
 * nothing, since zsp_join() touched what joining needs.
 *
 * Context: Process context. Sleeps.
 * Return: 0, or what the handover operations return: then the pool must not be
 * handed over.
 */
int zsp_seal(struct zsp_pool *pool, u64 *segtab, u64 *nr_segments)
{
	struct page *page;
	int err;

	/*
	 * The worker may be waiting to fill the reserve once more, which would
	 * change the segment table after its checksums were written.
	 */
	cancel_work_sync(&pool->work);
	mutex_lock(&pool->handover_lock);
	zsp_free_list(pool, &pool->leaving);
	err = zsp_change_all(pool, true);
	if (err)
		goto out_unlock;

	pool->sealed = true;
	list_for_each_entry(page, &pool->tables, lru)
		zsp_seal_table(page_address(page));
	page = list_first_entry_or_null(&pool->tables, struct page, lru);
	*segtab = page ? page_to_phys(page) : 0;
	*nr_segments = pool->stats.segments;
out_unlock:
	mutex_unlock(&pool->handover_lock);
	return err;
}
EXPORT_SYMBOL_GPL(zsp_seal);

/* === Attaching === */

/*
 * Calls @fn for every block of memory that a handed-over segment table names,
 * itself included. A page of the table comes after the segments that it lists.
 * *@failed is the block that @fn failed for; a walk with that as @stop ends
 * before it, which is how a failed walk is undone.
 */
static int zsp_walk_blocks(struct zsp_pool *pool, u64 segtab,
			   int (*fn)(struct zsp_pool *pool, u64 phys,
				     unsigned int order),
			   u64 *failed, u64 stop)
{
	struct zram_persist_segtab *table;
	unsigned int i;
	u64 location, next;
	int err;

	for (; segtab; segtab = next) {
		table = phys_to_virt(segtab);
		next = table->next;
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			location = table->entry[i].location;
			if (!location)
				continue;
			*failed = zsp_location_addr(location);
			if (*failed == stop)
				return 0;
			err = fn(pool, *failed, zsp_location_order(location));
			if (err)
				return err;
		}
		*failed = segtab;
		if (segtab == stop)
			return 0;
		err = fn(pool, segtab, 0);
		if (err)
			return err;
	}
	return 0;
}

static int zsp_hold_block(struct zsp_pool *pool, u64 phys, unsigned int order)
{
	return pool->ops->hold(phys, order);
}

static int zsp_unhold_block(struct zsp_pool *pool, u64 phys,
			    unsigned int order)
{
	pool->ops->unhold(phys, order);
	return 0;
}

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

/* Finds out how much of a segment is free. */
static void zsp_survey_segment(struct zsp_pool *pool, struct folio *folio)
{
	struct zsp_space *space = zsp_space(folio);
	unsigned int nr = folio_nr_pages(folio), run = 0, i;
	struct zram_persist_page *page;

	memset(space, 0, sizeof(*space));
	space->first = nr;
	for (i = zsp_first_page(folio_order(folio)); i < nr; i++) {
		page = zsp_page(folio, i);
		if (page->kind) {
			run = 0;
		} else {
			space->first = min_t(unsigned int, space->first, i);
			space->free++;
			run = min(run + 1, ZRAM_PERSIST_MAX_SPAN);
			space->run = max_t(unsigned int, space->run, run);
		}
		if (zram_persist_page_kind(page) == ZRAM_PERSIST_SPAN)
			zsp_count_run(pool, ZRAM_PERSIST_SPAN,
				      zram_persist_span_pages(page));
		else
			zsp_count_run(pool, page->kind, 1);
	}
}

/* Puts the spans of a segment on the lists of their classes. */
static void zsp_adopt_spans(struct zsp_pool *pool, struct folio *folio)
{
	unsigned int order = folio_order(folio), i;
	u64 base = PFN_PHYS(folio_pfn(folio));
	struct zram_persist_page *page;

	for (i = zsp_first_page(order); i < folio_nr_pages(folio); i++) {
		page = zsp_page(folio, i);
		if (zram_persist_page_kind(page) != ZRAM_PERSIST_SPAN)
			continue;
		zsp_adopt_span(pool, zsp_location(base + PFN_PHYS(i), order));
	}
}

static void zsp_adopt_segment(struct zsp_pool *pool,
			      struct zram_persist_segtab_entry *entry,
			      bool joined)
{
	struct folio *folio = zsp_entry_folio(entry);
	unsigned int order = folio_order(folio);
	struct folio *retired = NULL;

	folio->private = entry;
	if (joined)
		zsp_set_flag(folio, ZSP_F_JOINED);
	INIT_LIST_HEAD(&folio->lru);
	pool->free_entries--;
	pool->unjoined += !joined;
	pool->stats.pages += 1UL << order;
	pool->stats.segments++;
	pool->stats.large_segments += order == ZRAM_PERSIST_MAX_ORDER;
	pool->stats.joined_segments += joined;

	if (!zsp_is_headed(folio)) {
		zsp_count_run(pool, entry->page.kind, 1);
		return;
	}
	zsp_survey_segment(pool, folio);
	zsp_adopt_spans(pool, folio);
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
		list_add_tail(&page->lru, &pool->tables);
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
 * @name: for messages; must live as long as the pool
 * @ops: handover operations
 * @segtab: physical address of the segment table, from zsp_seal()
 * @join: let all of it join the handover again before anything else
 *
 * Everything that @segtab leads to must have been validated. Until memory is
 * restored nothing is changed, so that a caller may try again after an error;
 * -ENODATA alone means that memory was lost, and the rest stays preserved.
 *
 * Context: Process context. Sleeps.
 * Return: the pool, persistent if @join; or ERR_PTR() of -ENOMEM, -ENODATA if
 * KHO does not have the memory, or what @ops return.
 */
struct zsp_pool *zsp_attach_pool(const char *name,
				 const struct zsp_handover_ops *ops,
				 u64 segtab, bool join)
{
	struct zsp_pool *pool = zsp_create_pool(name, ops);
	u64 failed = 0;
	int err;

	if (IS_ERR(pool))
		return pool;
	if (join) {
		err = ops->touch();
		if (err)
			goto err_free;
		err = zsp_walk_blocks(pool, segtab, zsp_hold_block, &failed, 0);
		if (err)
			goto err_unhold;
	}
	err = zsp_walk_blocks(pool, segtab, zsp_restore_block, &failed, 0);
	if (err)
		goto err_free;

	mutex_lock(&pool->handover_lock);
	zsp_set_persistent(pool, join);
	zsp_adopt_tables(pool, segtab, join);
	mutex_unlock(&pool->handover_lock);
	zsp_kick(pool);
	return pool;

err_unhold:
	zsp_walk_blocks(pool, segtab, zsp_unhold_block, &failed, failed);
err_free:
	zsp_abandon_pool(pool);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(zsp_attach_pool);
