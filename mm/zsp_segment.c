// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: segments, the segment table, and runs of pages in
 * segments. mm/zsmalloc_persist.c begins with the overview.
 */

#include <kunit/static_stub.h>

#include "zsp_util.h"

static void zsp_init_header(struct folio *folio)
{
	struct zram_persist_segment *seg = folio_address(folio);
	struct zsp_space *space = zsp_space(folio);

	clear_page(seg);
	seg->magic = ZRAM_PERSIST_SEGMENT_MAGIC;
	seg->order = folio_order(folio);

	space->first = 1;
	space->free = folio_nr_pages(folio) - 1;
	space->run = ZRAM_PERSIST_MAX_SPAN;
	space->tables = false;
	space->idle = false;
	space->bad = 0;
}

/**
 * zsp_sort_segment() - put a segment on the list that fits its free pages
 * @pool: pool
 * @folio: segment with a header
 *
 * Context: pool->lock.
 */
void zsp_sort_segment(struct zsp_pool *pool, struct folio *folio)
{
	struct zsp_space *space = zsp_space(folio);

	list_del_init(&folio->lru);
	if (!space->free || zsp_test_flag(folio, ZSP_F_ISOLATED))
		return;
	if (space->tables)
		list_add(&folio->lru, &pool->open_tables);
	else
		list_add(&folio->lru, &pool->open[space->run]);
}

/**
 * zsp_alloc_block() - allocate from the page allocator
 * @gfp: allocation flags
 * @order: order of the block
 *
 * All memory of a pool comes from here, so that tests can let any of it fail.
 *
 * Return: the first page, or NULL.
 */
struct page *zsp_alloc_block(gfp_t gfp, unsigned int order)
{
	KUNIT_STATIC_STUB_REDIRECT(zsp_alloc_block, gfp, order);
	return alloc_pages(gfp, order);
}

/**
 * zsp_alloc_segtab() - allocate a page for the segment table
 * @gfp: allocation flags
 *
 * Return: the page, zeroed, or NULL.
 */
struct page *zsp_alloc_segtab(gfp_t gfp)
{
	return zsp_alloc_block(gfp | __GFP_ZERO | __GFP_NOWARN, 0);
}

/**
 * zsp_add_segtab() - make the segment table longer
 * @pool: pool
 * @page: from zsp_alloc_segtab()
 *
 * Context: pool->lock.
 */
void zsp_add_segtab(struct zsp_pool *pool, struct page *page)
{
	struct zram_persist_segtab *table = page_address(page);
	struct zram_persist_segtab *last;

	/* It has not joined, nor has a segment that it lists. */
	set_page_private(page, 0);
	page_folio(page)->index = 0;
	table->magic = ZRAM_PERSIST_SEGTAB_MAGIC;
	if (!list_empty(&pool->tables)) {
		last = page_address(list_last_entry(&pool->tables,
						    struct page, lru));
		last->next = page_to_phys(page);
		table->index = last->index + 1;
	}
	list_add_tail(&page->lru, &pool->tables);
	pool->table = page;
	pool->free_entries += ZRAM_PERSIST_SEGTAB_ENTRIES;
	pool->stats.table_pages++;
	pool->stats.pages++;
	zsp_note_max(pool);
	pool->unjoined++;
}

/*
 * Context: pool->lock. The caller has made sure that there is a free entry. The
 * search goes on where it ended last, or it would come past all that it has filled
 * each time: with single pages the segment table is 1/254 of the pool.
 */
static struct zram_persist_segtab_entry *zsp_take_entry(struct zsp_pool *pool)
{
	struct zram_persist_segtab_entry *entry;
	u64 tables = pool->stats.table_pages;

	while (tables--) {
		entry = zsp_unused_entry_of(page_address(pool->table));
		if (entry) {
			pool->free_entries--;
			return entry;
		}
		pool->table = list_next_entry_circular(pool->table,
						       &pool->tables, lru);
	}
	return NULL;
}

/* === Taking and giving back segments === */

/* True if @pages more are within the limit; they are then counted. */
static bool zsp_charge(struct zsp_pool *pool, unsigned long pages)
{
	struct zsp_stats *stats = &pool->stats;
	bool ok;

	spin_lock(&pool->lock);
	ok = !stats->limit_pages ||
	     stats->pages + pages <= stats->limit_pages;
	if (ok)
		stats->pages += pages;
	spin_unlock(&pool->lock);
	return ok;
}

static void zsp_uncharge(struct zsp_pool *pool, unsigned long pages)
{
	spin_lock(&pool->lock);
	pool->stats.pages -= pages;
	spin_unlock(&pool->lock);
}

/* Context: pool->lock, with a free entry in the table. */
static void zsp_insert_segment(struct zsp_pool *pool, struct folio *folio,
			       struct zram_persist_page page)
{
	struct zram_persist_segtab_entry *entry = zsp_take_entry(pool);
	unsigned int order = folio_order(folio);

	entry->location = zsp_location(PFN_PHYS(folio_pfn(folio)), order);
	entry->page = page;
	folio->private = entry;
	INIT_LIST_HEAD(&folio->lru);

	zsp_note_max(pool);
	pool->stats.segments++;
	pool->stats.large_segments += order == ZRAM_PERSIST_MAX_ORDER;
	pool->stats.header_pages += order > 0;
	zsp_add_unjoined(pool, folio, 1);
	zsp_block_add(folio, 1);
}

/*
 * Lists @folio in the segment table. A full table grows by a page; that page
 * is charged after the fact, because a table page is 1/254 of the smallest
 * memory that it can list.
 */
static bool zsp_list_segment(struct zsp_pool *pool, struct folio *folio,
			     struct zram_persist_page page, gfp_t gfp)
{
	struct page *table = NULL;
	bool listed;

	for (;;) {
		spin_lock(&pool->lock);
		if (table)
			zsp_add_segtab(pool, table);
		listed = pool->free_entries;
		if (listed)
			zsp_insert_segment(pool, folio, page);
		spin_unlock(&pool->lock);
		if (listed) {
			zsp_spare_entries(pool, GFP_NOWAIT);
			return true;
		}

		table = zsp_alloc_segtab(gfp);
		if (!table)
			return false;
	}
}

/**
 * zsp_new_segment() - take a block from the page allocator
 * @pool: pool
 * @order: order of the block
 * @page: descriptor of the segment as a whole
 * @gfp: allocation flags
 *
 * Only single pages are worth reclaim to a caller in the I/O path, which
 * cannot use __GFP_FS: higher orders have a fallback, and must not eat the
 * reserves that reclaim itself lives on.
 *
 * Return: the segment, listed in the segment table and on no other list; NULL
 * if there is no memory or the limit is reached.
 */
struct folio *zsp_new_segment(struct zsp_pool *pool, unsigned int order,
			      struct zram_persist_page page, gfp_t gfp)
{
	gfp_t page_gfp = gfp | __GFP_COMP | __GFP_NOWARN;
	struct folio *folio;

	if (order && !(gfp & __GFP_FS)) {
		page_gfp &= ~__GFP_DIRECT_RECLAIM;
		page_gfp |= __GFP_NOMEMALLOC;
	}
	if (order && !(gfp & __GFP_RETRY_MAYFAIL))
		page_gfp |= __GFP_NORETRY;

	if (!zsp_charge(pool, 1UL << order))
		return NULL;
	folio = (struct folio *)zsp_alloc_near(page_gfp, order);
	if (!folio)
		goto err_uncharge;
	folio->index = 0;
	if (zram_persist_page_kind(&page) == ZRAM_PERSIST_HEADED)
		zsp_init_header(folio);
	else if (zram_persist_page_kind(&page) == ZRAM_PERSIST_SPAN)
		zsp_span_init(folio_address(folio),
			      zsp_location(PFN_PHYS(folio_pfn(folio)), 0), 1);
	if (!zsp_list_segment(pool, folio, page, gfp))
		goto err_free;
	return folio;

err_free:
	zsp_put_segment(folio);
err_uncharge:
	zsp_uncharge(pool, 1UL << order);
	return NULL;
}

/**
 * zsp_unlist_segment() - let the pool forget a segment
 * @pool: pool
 * @folio: segment; the caller drops the reference after unlocking
 *
 * Context: pool->lock.
 */
void zsp_unlist_segment(struct zsp_pool *pool, struct folio *folio)
{
	struct zram_persist_segtab_entry *entry = zsp_entry(folio);
	unsigned int order = folio_order(folio);

	list_del_init(&folio->lru);
	if (!zsp_test_flag(folio, ZSP_F_JOINED))
		zsp_add_unjoined(pool, folio, -1);
	memset(entry, 0, sizeof(*entry));
	pool->free_entries++;
	pool->stats.pages -= 1UL << order;
	pool->stats.segments--;
	pool->stats.large_segments -= order == ZRAM_PERSIST_MAX_ORDER;
	pool->stats.header_pages -= order > 0;
	zsp_block_add(folio, -1);

	folio->private = NULL;
	folio->index = 0;
}

/**
 * zsp_retire_segment() - decide what becomes of a segment that holds nothing
 * @pool: pool
 * @folio: segment
 *
 * One with a faulty page stays as long as the pool: it has the only record of
 * that page which the next kernel gets.
 *
 * Context: pool->lock.
 * Return: the folio, if the caller must put it after unlocking, else NULL.
 */
struct folio *zsp_retire_segment(struct zsp_pool *pool, struct folio *folio)
{
	if (zsp_test_flag(folio, ZSP_F_BUSY | ZSP_F_ISOLATED)) {
		list_del_init(&folio->lru);
		zsp_set_flag(folio, ZSP_F_EMPTIED);
		return NULL;
	}
	if (zsp_stays(pool, folio))
		return NULL;
	if (zsp_is_headed(folio) && zsp_is_reserve(pool, folio)) {
		zsp_keep_segment(pool, folio);
		return NULL;
	}
	/* To zero it takes too long for whoever has freed its last object. */
	if (zsp_test_flag(folio, ZSP_F_JOINED) || pool->wipe ||
	    (want_init_on_free() &&
	     folio_order(folio) == ZRAM_PERSIST_MAX_ORDER)) {
		zsp_make_idle(pool, folio, &pool->leaving);
		queue_work(zsp_wq, &pool->work);
		return NULL;
	}
	zsp_unlist_segment(pool, folio);
	return folio;
}

/**
 * zsp_open_new() - make a new segment available
 * @pool: pool
 * @order: its order
 * @tables: for pages of the slot table, and nothing else
 * @gfp: allocation flags
 *
 * Return: false if there is none to be had.
 */
bool zsp_open_new(struct zsp_pool *pool, unsigned int order, bool tables,
		  gfp_t gfp)
{
	struct zram_persist_page headed = { .kind = ZRAM_PERSIST_HEADED };
	struct folio *folio;

	folio = zsp_new_segment(pool, order, headed, gfp);
	if (!folio)
		return false;
	spin_lock(&pool->lock);
	zsp_space(folio)->tables = tables;
	zsp_sort_segment(pool, folio);
	spin_unlock(&pool->lock);
	zsp_kick(pool);
	return true;
}

/* === Runs of pages === */

/*
 * Looks for @want free pages in a row. Returns the first of them, or 0 and in
 * @longest the length of the longest run there is.
 */
static unsigned int zsp_find_run(struct folio *folio, unsigned int want,
				 unsigned int *longest)
{
	unsigned int nr = folio_nr_pages(folio);
	unsigned int page = zsp_space(folio)->first;
	unsigned int run = 0;

	*longest = 0;
	for (; page < nr; page++) {
		if (zsp_page(folio, page)->kind) {
			run = 0;
			continue;
		}
		if (++run == want)
			return page + 1 - want;
		*longest = max(*longest, run);
	}
	return 0;
}

/* Context: pool->lock. Marks a run as used by @kind. */
static void zsp_mark_run(struct zsp_pool *pool, struct folio *folio,
			 unsigned int page, unsigned int pages,
			 struct zram_persist_page first)
{
	struct zsp_space *space = zsp_space(folio);
	struct zram_persist_page *desc;
	unsigned int i;

	for (i = 0; i < pages; i++) {
		desc = zsp_page(folio, page + i);
		*desc = first;
		if (i) {
			desc->kind = ZRAM_PERSIST_SPAN_TAIL;
			desc->arg = i;
		}
	}
	zsp_add_free(pool, folio, -(int)pages);
	if (space->first == page)
		space->first += pages;
	if (!space->free)
		list_del_init(&folio->lru);
}

/*
 * Context: pool->lock. Takes a run out of @folio if it has one. A span is one
 * as soon as its descriptor says so: compaction looks at all spans.
 */
static u64 zsp_take_from(struct zsp_pool *pool, struct folio *folio,
			 unsigned int pages, struct zram_persist_page first)
{
	unsigned int longest, page;
	u64 location;

	/* What has become faulty is no run. */
	do {
		page = zsp_find_run(folio, pages, &longest);
	} while (page && zsp_mark_failed(pool, folio, page, pages));

	if (!page) {
		zsp_space(folio)->run = longest;
		zsp_sort_segment(pool, folio);
		return 0;
	}
	location = zsp_location(PFN_PHYS(folio_pfn(folio) + page),
				folio_order(folio));
	if (zram_persist_page_kind(&first) == ZRAM_PERSIST_SPAN)
		zsp_span_init(zsp_location_to_virt(location), location, pages);
	zsp_mark_run(pool, folio, page, pages, first);
	return location;
}

/*
 * Takes @pages pages in a row out of the open segments, those first that have
 * no longer runs than needed. A segment that promised more than it has is
 * sorted anew, into a list that this search has passed.
 *
 * Context: pool->lock. Returns the location of the run, or 0.
 */
static u64 zsp_search_run(struct zsp_pool *pool, unsigned int pages,
			  struct zram_persist_page first)
{
	struct list_head *list;
	unsigned int run;
	u64 location;

	for (run = pages; run <= ZRAM_PERSIST_MAX_SPAN; run++) {
		list = &pool->open[run];
		while (!list_empty(list)) {
			location = zsp_take_from(pool,
						 list_first_entry(list, struct folio, lru),
						 pages, first);
			if (location)
				return location;
		}
	}
	return 0;
}

/* The same for a page of the slot table. */
static u64 zsp_search_table(struct zsp_pool *pool,
			    struct zram_persist_page page)
{
	if (list_empty(&pool->open_tables))
		return 0;
	return zsp_take_from(pool,
			     list_first_entry(&pool->open_tables, struct folio,
					      lru), 1, page);
}

/**
 * zsp_count_run() - keep count of what pages are used for
 * @pool: pool
 * @kind: what for, &enum zram_persist_kind; unknown ones are not counted
 * @pages: change in pages
 *
 * Context: pool->lock.
 */
void zsp_count_run(struct zsp_pool *pool, unsigned int kind, long pages)
{
	struct zsp_stats *stats = &pool->stats;

	switch (kind) {
	case ZRAM_PERSIST_SPAN:
		stats->span_pages += pages;
		break;
	case ZRAM_PERSIST_RAW:
		stats->raw_pages += pages;
		break;
	case ZRAM_PERSIST_TABLE:
		stats->slot_table_pages += pages;
		break;
	}
}

/**
 * zsp_take_run() - take pages in a row out of the open segments
 * @pool: pool
 * @pages: how many, 1..%ZRAM_PERSIST_MAX_SPAN
 * @first: descriptor of the first of them
 *
 * Return: location of the run, or 0.
 */
u64 zsp_take_run(struct zsp_pool *pool, unsigned int pages,
		 struct zram_persist_page first)
{
	unsigned int kind = zram_persist_page_kind(&first);
	u64 location;

	spin_lock(&pool->lock);
	if (kind == ZRAM_PERSIST_TABLE)
		location = zsp_search_table(pool, first);
	else
		location = zsp_search_run(pool, pages, first);
	if (location)
		zsp_count_run(pool, kind, pages);
	spin_unlock(&pool->lock);
	return location;
}

/* Length of the run of free pages around the pages [page, page + pages). */
static unsigned int zsp_run_around(struct folio *folio, unsigned int page,
				   unsigned int pages)
{
	unsigned int low = page, high = page + pages;

	while (low > 1 && high - low < ZRAM_PERSIST_MAX_SPAN &&
	       !zsp_page(folio, low - 1)->kind)
		low--;
	while (high < folio_nr_pages(folio) &&
	       high - low < ZRAM_PERSIST_MAX_SPAN &&
	       !zsp_page(folio, high)->kind)
		high++;
	return min_t(unsigned int, high - low, ZRAM_PERSIST_MAX_SPAN);
}

/**
 * zsp_put_run() - give pages back to their segment
 * @pool: pool
 * @location: from zsp_take_run()
 * @pages: how many
 */
void zsp_put_run(struct zsp_pool *pool, u64 location, unsigned int pages)
{
	struct folio *folio = zsp_location_folio(location);
	unsigned int page = PHYS_PFN(zsp_location_addr(location)) -
			    folio_pfn(folio);
	struct zsp_space *space = zsp_space(folio);
	struct folio *retired = NULL;
	unsigned int freed = 0, i;

	spin_lock(&pool->lock);
	zsp_count_run(pool, zram_persist_page_kind(zsp_page(folio, page)),
		      -(long)pages);
	zsp_mark_failed(pool, folio, page, pages);
	for (i = 0; i < pages; i++)
		freed += zsp_put_desc(pool, zsp_page(folio, page + i));
	zsp_add_free(pool, folio, freed);
	space->first = min_t(unsigned int, space->first, page);
	space->run = max_t(unsigned int, space->free == freed ? 0 : space->run,
			   zsp_run_around(folio, page, pages));
	if (zsp_is_empty(folio))
		retired = zsp_retire_segment(pool, folio);
	else
		zsp_sort_segment(pool, folio);
	if (space->free > folio_nr_pages(folio) / 2)
		zsp_kick_compact(pool);
	spin_unlock(&pool->lock);
	zsp_put_segment(retired);
}

/**
 * zsp_take_lone() - take a page that is a segment of its own
 * @pool: pool
 * @page: descriptor of the page
 * @gfp: allocation flags
 *
 * For when no larger segment is to be had. Nobody else can take the page
 * meanwhile: who gets the last page that is free must have it.
 *
 * Return: location of the page, or 0.
 */
u64 zsp_take_lone(struct zsp_pool *pool, struct zram_persist_page page,
		  gfp_t gfp)
{
	struct folio *folio = zsp_new_segment(pool, 0, page, gfp);

	if (!folio)
		return 0;
	spin_lock(&pool->lock);
	zsp_count_run(pool, zram_persist_page_kind(&page), 1);
	spin_unlock(&pool->lock);
	zsp_kick(pool);
	return zsp_location(PFN_PHYS(folio_pfn(folio)), 0);
}

/**
 * zsp_put_lone() - undo zsp_take_lone()
 * @pool: pool
 * @folio: the page
 */
void zsp_put_lone(struct zsp_pool *pool, struct folio *folio)
{
	struct folio *retired;

	spin_lock(&pool->lock);
	zsp_count_run(pool, zram_persist_page_kind(&zsp_entry(folio)->page),
		      -1);
	zsp_mark_failed(pool, folio, 0, 1);
	/* Nothing is to be looked for here while it is on its way out. */
	zsp_put_desc(pool, &zsp_entry(folio)->page);
	retired = zsp_retire_segment(pool, folio);
	spin_unlock(&pool->lock);
	zsp_put_segment(retired);
}
