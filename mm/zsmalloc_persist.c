// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator for compressed pages.
 *
 * DOC: Memory layout
 *
 * A pool takes *segments* from the page allocator: naturally aligned blocks of
 * order 9 by preference. A segment is cut into *spans* of 1..16 pages, a span
 * into equal *objects* of one size class. Single pages are given out too, for
 * slot tables and for data that does not compress. ::
 *
 *   segment (2 MiB)
 *   +--------+-----------------+------+-------+--------------+- - -
 *   | header | span (3 pages)  | RAW  | TABLE | span         | free
 *   +--------+-----------------+------+-------+--------------+- - -
 *   |        |
 *   |        +-- scratch, bitmap, object, object, object ...
 *   +-- magic, order, one 8-byte descriptor per page
 *
 * Everything that the next kernel needs is in that memory, in the format of
 * include/linux/zram_persist.h: which pages are what, which objects are in
 * use, and the *segment table* that lists the segments. There is no other
 * record of an allocation: the address of an object and the order of its
 * segment, together its *location*, lead by masking to the header and so to
 * the span. What only this kernel needs lies elsewhere: struct zsp_pool, and
 * the fields of struct folio that belong to the owner of a folio:
 *
 *   folio->lru      on one of the pool's lists of segments
 *   folio->private  the segment's entry of the segment table, and ZSP_F_*
 *   folio->index    struct zsp_space
 *
 * The one exception is the two scratch words of a span, in which spans of one
 * class that have room are linked, by location. The next kernel ignores them.
 * Links outside the span would need memory for every span, to be allocated
 * while memory is short.
 *
 * DOC: Life of a segment
 *
 * ::
 *
 *   page allocator --> reserve --> open <--> full (on no list)
 *        |                ^         |
 *        +----------------|---------+ emptied
 *        ^                |         |
 *        |                +---------+ (as long as the reserve is short)
 *        +----- leaving <-----------+
 *
 * In a persistent pool a segment also *joins* the handover, which may sleep
 * and therefore happens in a worker: the worker keeps a reserve of empty
 * segments that have joined, lets those join that had to be taken from the
 * page allocator while the reserve was empty, and takes emptied segments out
 * of the handover (`leaving`) before it frees them.
 *
 * DOC: Locks
 *
 * 1. handover_lock (mutex): serialises all that calls the handover operations
 *    or changes @persistent. Never taken by alloc and free.
 * 2. class->lock (spinlock): bitmap, scratch and descriptor count of the spans
 *    of a class, and its lists.
 * 3. pool->lock (spinlock): segments: their lists, struct zsp_space, ZSP_F_*,
 *    the kind of pages, the segment table, and the counters.
 *
 * Order: handover_lock -> class->lock -> pool->lock.
 *
 * DOC: What holds
 *
 * zsp_verify() recounts, and tests assert:
 *
 *   pages = sum over segments of 2^order + pages of the segment table
 *   segment pages = headers + spans + raw + slot table + free
 *   objects = sum over spans of count = sum over spans of bits in bitmaps
 *   a span with 0 < count < objects is on the list of its class, no other is
 */

#define pr_fmt(fmt) "zsmalloc_persist: " fmt

#include <linux/bitops.h>
#include <linux/crc32c.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/zsmalloc_persist.h>

static_assert(PAGE_SHIFT == ZRAM_PERSIST_PAGE_SHIFT);

/* Size classes are numbered by their size in granules. */
#define ZSP_CLASSES	(ZRAM_PERSIST_MAX_OBJECT / ZRAM_PERSIST_GRANULE + 1)

/* Spans with room are kept in this many lists, by quarters of use. */
#define ZSP_GROUPS	4
#define ZSP_GROUP_FULL	ZSP_GROUPS

/* Empty segments that a persistent pool keeps joined for the I/O path. */
#define ZSP_RESERVE	2

/* Unused entries of the segment table that the worker provides for. */
#define ZSP_SPARE_ENTRIES	64

/*
 * Orders that are tried when a segment is needed. Every order would be a try
 * more for each allocation while memory is fragmented, and the steps between
 * them save little.
 */
static const unsigned int zsp_orders[] = { ZRAM_PERSIST_MAX_ORDER, 6, 3, 0 };

/* Low bits of folio->private; the rest is the address of the entry. */
#define ZSP_F_JOINED	1UL	/* is in the handover */
#define ZSP_F_BUSY	2UL	/* is joining right now */
#define ZSP_F_EMPTIED	4UL	/* was emptied while it was joining */
#define ZSP_F_MASK	15UL
static_assert(sizeof(struct zram_persist_segtab_entry) > ZSP_F_MASK);

/**
 * struct zsp_space - free pages of a segment, kept in folio->index
 * @free: free pages
 * @first: no page before this one is free
 * @run: no run of free pages is longer than this, up to %ZRAM_PERSIST_MAX_SPAN
 * @unused: zero
 */
struct zsp_space {
	u16 free;
	u16 first;
	u16 run;
	u16 unused;
};
static_assert(sizeof(struct zsp_space) == sizeof(pgoff_t));

/**
 * struct zsp_class - spans of one object size
 * @lock: see above
 * @pages: pages of a new span
 * @partial: locations of the first spans with room, by quarters of use, or 0
 */
struct zsp_class {
	spinlock_t lock;
	unsigned int pages;
	u64 partial[ZSP_GROUPS];
};

/**
 * struct zsp_pool - a device's allocator instance
 * @name: for messages
 * @ops: the handover
 * @handover_lock: see above
 * @persistent: segments join the handover; changed under both locks
 * @lock: see above
 * @open: segments with free pages, by &zsp_space.run
 * @reserve: empty segments of the largest order, kept
 * @leaving: empty segments that the worker frees
 * @tables: pages of the segment table, in their order, by page->lru
 * @nr_reserve: segments in @reserve
 * @free_entries: unused entries of the segment table
 * @unjoined: segments and table pages that have not joined
 * @stats: counters
 * @objects: objects in use
 * @object_bytes: bytes of these
 * @work: joins, leaves, fills the reserve
 * @classes: size classes
 */
struct zsp_pool {
	const char *name;
	const struct zsp_handover_ops *ops;
	struct mutex handover_lock;
	bool persistent;
	spinlock_t lock;
	struct list_head open[ZRAM_PERSIST_MAX_SPAN + 1];
	struct list_head reserve;
	struct list_head leaving;
	struct list_head tables;
	unsigned int nr_reserve;
	u64 free_entries;
	u64 unjoined;
	struct zsp_stats stats;
	atomic64_t objects;
	atomic64_t object_bytes;
	struct work_struct work;
	struct zsp_class classes[ZSP_CLASSES];
};

/**
 * struct zsp_span - a span, resolved
 * @key: location of its first page
 * @page: descriptor of that page
 * @mem: its memory
 * @geo: its layout
 * @base: start of its segment
 * @size: bytes of its objects
 */
struct zsp_span {
	u64 key;
	struct zram_persist_page *page;
	struct zram_persist_span *mem;
	struct zram_persist_geometry geo;
	void *base;
	unsigned int size;
};

/* === Segments === */

static struct zram_persist_segtab_entry *zsp_entry(struct folio *folio)
{
	unsigned long private = (unsigned long)folio->private;

	return (void *)(private & ~ZSP_F_MASK);
}

static bool zsp_test_flag(struct folio *folio, unsigned long flag)
{
	return (unsigned long)folio->private & flag;
}

static void zsp_set_flag(struct folio *folio, unsigned long flag)
{
	folio->private = (void *)((unsigned long)folio->private | flag);
}

static void zsp_clear_flag(struct folio *folio, unsigned long flag)
{
	folio->private = (void *)((unsigned long)folio->private & ~flag);
}

static struct zsp_space *zsp_space(struct folio *folio)
{
	return (struct zsp_space *)&folio->index;
}

static bool zsp_is_headed(struct folio *folio)
{
	return zram_persist_page_kind(&zsp_entry(folio)->page) ==
	       ZRAM_PERSIST_HEADED;
}

static struct folio *zsp_location_folio(u64 location)
{
	return virt_to_folio(zsp_location_to_virt(location));
}

static struct folio *zsp_entry_folio(struct zram_persist_segtab_entry *entry)
{
	return zsp_location_folio(entry->location);
}

static struct zram_persist_page *zsp_page(struct folio *folio,
					  unsigned int page)
{
	struct zram_persist_segment *seg = folio_address(folio);

	return &seg->page[zram_persist_page_index(page, folio_order(folio))];
}

static unsigned int zsp_first_page(unsigned int order)
{
	return order == ZRAM_PERSIST_MAX_ORDER ? 1 : 0;
}

static void zsp_init_header(struct folio *folio)
{
	struct zram_persist_segment *seg = folio_address(folio);
	unsigned int order = folio_order(folio);
	struct zsp_space *space = zsp_space(folio);

	memset(seg, 0, zram_persist_header_bytes(order));
	seg->magic = ZRAM_PERSIST_SEGMENT_MAGIC;
	seg->order = order;

	space->first = zsp_first_page(order);
	space->free = folio_nr_pages(folio) - space->first;
	space->run = min_t(unsigned int, space->free, ZRAM_PERSIST_MAX_SPAN);
	space->unused = 0;
}

/* Context: pool->lock. Sorts a segment into the list that fits its space. */
static void zsp_sort_segment(struct zsp_pool *pool, struct folio *folio)
{
	struct zsp_space *space = zsp_space(folio);

	list_del_init(&folio->lru);
	if (space->free)
		list_add(&folio->lru, &pool->open[space->run]);
}

/* === Segment table === */

static struct page *zsp_alloc_table(gfp_t gfp)
{
	struct page *page = alloc_page(gfp | __GFP_ZERO | __GFP_NOWARN);

	if (page)
		set_page_private(page, 0);
	return page;
}

/* Context: pool->lock. */
static void zsp_add_table(struct zsp_pool *pool, struct page *page)
{
	struct zram_persist_segtab *table = page_address(page);
	struct zram_persist_segtab *last;

	table->magic = ZRAM_PERSIST_SEGTAB_MAGIC;
	if (!list_empty(&pool->tables)) {
		last = page_address(list_last_entry(&pool->tables,
						    struct page, lru));
		last->next = page_to_phys(page);
		table->index = last->index + 1;
	}
	list_add_tail(&page->lru, &pool->tables);
	pool->free_entries += ZRAM_PERSIST_SEGTAB_ENTRIES;
	pool->stats.table_pages++;
	pool->stats.pages++;
	pool->unjoined++;
}

/*
 * Context: pool->lock. The caller has made sure that there is a free entry.
 * New pages come last and have the most free entries, so the search begins
 * there.
 */
static struct zram_persist_segtab_entry *zsp_take_entry(struct zsp_pool *pool)
{
	struct zram_persist_segtab *table;
	struct page *page;
	unsigned int i;

	list_for_each_entry_reverse(page, &pool->tables, lru) {
		table = page_address(page);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			if (!table->entry[i].location) {
				pool->free_entries--;
				return &table->entry[i];
			}
		}
	}
	return NULL;
}

/* Calls @fn for every segment until it returns an error, and returns that. */
static int zsp_for_each_segment(struct zsp_pool *pool,
				int (*fn)(struct zsp_pool *pool,
					  struct folio *folio))
{
	struct zram_persist_segtab *table;
	struct page *page;
	unsigned int i;
	int err;

	list_for_each_entry(page, &pool->tables, lru) {
		table = page_address(page);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			if (!table->entry[i].location)
				continue;
			err = fn(pool, zsp_entry_folio(&table->entry[i]));
			if (err)
				return err;
		}
	}
	return 0;
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

	pool->stats.max_pages = max(pool->stats.max_pages, pool->stats.pages);
	pool->stats.segments++;
	pool->stats.large_segments += order == ZRAM_PERSIST_MAX_ORDER;
	pool->unjoined++;
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
			zsp_add_table(pool, table);
		listed = pool->free_entries;
		if (listed)
			zsp_insert_segment(pool, folio, page);
		spin_unlock(&pool->lock);
		if (listed)
			return true;

		table = zsp_alloc_table(gfp);
		if (!table)
			return false;
	}
}

/*
 * Takes a block from the page allocator and makes it a segment. Only single
 * pages are worth reclaim to a caller in the I/O path: higher orders have a
 * fallback, and must not eat the reserves that reclaim itself lives on.
 */
static struct folio *zsp_new_segment(struct zsp_pool *pool, unsigned int order,
				     struct zram_persist_page page, gfp_t gfp)
{
	gfp_t page_gfp = gfp | __GFP_COMP | __GFP_NOWARN;
	struct folio *folio;

	if (order && !(gfp & __GFP_FS)) {
		page_gfp &= ~__GFP_DIRECT_RECLAIM;
		page_gfp |= __GFP_NOMEMALLOC;
	}
	if (order)
		page_gfp |= __GFP_NORETRY;

	if (!zsp_charge(pool, 1UL << order))
		return NULL;
	folio = (struct folio *)alloc_pages(page_gfp, order);
	if (!folio)
		goto err_uncharge;
	if (zram_persist_page_kind(&page) == ZRAM_PERSIST_HEADED)
		zsp_init_header(folio);
	if (!zsp_list_segment(pool, folio, page, gfp))
		goto err_free;
	return folio;

err_free:
	folio_put(folio);
err_uncharge:
	zsp_uncharge(pool, 1UL << order);
	return NULL;
}

/* Context: pool->lock. The caller frees the folio after unlocking. */
static void zsp_unlist_segment(struct zsp_pool *pool, struct folio *folio)
{
	struct zram_persist_segtab_entry *entry = zsp_entry(folio);
	unsigned int order = folio_order(folio);

	list_del_init(&folio->lru);
	if (!zsp_test_flag(folio, ZSP_F_JOINED))
		pool->unjoined--;
	memset(entry, 0, sizeof(*entry));
	pool->free_entries++;
	pool->stats.pages -= 1UL << order;
	pool->stats.segments--;
	pool->stats.large_segments -= order == ZRAM_PERSIST_MAX_ORDER;

	folio->private = NULL;
	folio->index = 0;
}

/*
 * Decides what becomes of a segment that holds nothing any more.
 *
 * Context: pool->lock. Returns the folio if the caller must put it after
 * unlocking, else NULL.
 */
static struct folio *zsp_retire_segment(struct zsp_pool *pool,
					struct folio *folio)
{
	if (zsp_test_flag(folio, ZSP_F_BUSY)) {
		list_del_init(&folio->lru);
		zsp_set_flag(folio, ZSP_F_EMPTIED);
		return NULL;
	}
	if (pool->persistent && pool->nr_reserve < ZSP_RESERVE &&
	    folio_order(folio) == ZRAM_PERSIST_MAX_ORDER) {
		list_move(&folio->lru, &pool->reserve);
		pool->nr_reserve++;
		return NULL;
	}
	if (zsp_test_flag(folio, ZSP_F_JOINED)) {
		list_move(&folio->lru, &pool->leaving);
		queue_work(system_dfl_wq, &pool->work);
		return NULL;
	}
	zsp_unlist_segment(pool, folio);
	return folio;
}

static void zsp_put_segment(struct folio *folio)
{
	if (folio)
		folio_put(folio);
}

/* Wakes the worker when there is something for it to do in a persistent pool */
static void zsp_kick(struct zsp_pool *pool)
{
	if (READ_ONCE(pool->persistent))
		queue_work(system_dfl_wq, &pool->work);
}

/* Opens a segment of the reserve. Returns false if the reserve is empty. */
static bool zsp_open_reserve(struct zsp_pool *pool)
{
	struct folio *folio;

	spin_lock(&pool->lock);
	folio = list_first_entry_or_null(&pool->reserve, struct folio, lru);
	if (folio) {
		pool->nr_reserve--;
		zsp_sort_segment(pool, folio);
	}
	spin_unlock(&pool->lock);
	if (folio)
		zsp_kick(pool);
	return folio;
}

/* Opens a new segment of @order. Returns false if there is none to be had. */
static bool zsp_open_new(struct zsp_pool *pool, unsigned int order, gfp_t gfp)
{
	struct zram_persist_page headed = { .kind = ZRAM_PERSIST_HEADED };
	struct folio *folio;

	folio = zsp_new_segment(pool, order, headed, gfp);
	if (!folio)
		return false;
	spin_lock(&pool->lock);
	zsp_sort_segment(pool, folio);
	spin_unlock(&pool->lock);
	zsp_kick(pool);
	return true;
}

/* === Runs of pages === */

/*
 * Looks for @want free pages in a row. A single page does not begin at page 0
 * of a segment of several pages, because behind the header of the segment the
 * largest objects do not fit into it.
 *
 * Returns the first page of the run, or -1 and in @longest the length of the
 * longest run there is.
 */
static int zsp_find_run(struct folio *folio, unsigned int want,
			unsigned int *longest)
{
	unsigned int nr = folio_nr_pages(folio);
	unsigned int page = zsp_space(folio)->first;
	unsigned int run = 0;

	if (!page && want == 1 && nr > 1)
		page = 1;
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
	return -1;
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
	space->free -= pages;
	if (space->first == page)
		space->first += pages;
	if (!space->free)
		list_del_init(&folio->lru);
}

/*
 * Takes @pages pages in a row out of the open segments, those first that have
 * no longer runs than needed. A segment that promised more than it has is
 * sorted anew, into a list that this search has passed or will not reach.
 *
 * Context: pool->lock. Returns the location of the run, or 0.
 */
static u64 zsp_search_run(struct zsp_pool *pool, unsigned int pages,
			  struct zram_persist_page first)
{
	struct list_head *list;
	struct folio *folio;
	unsigned int run, longest;
	int page;

	for (run = pages; run <= ZRAM_PERSIST_MAX_SPAN; run++) {
		list = &pool->open[run];
		while (!list_empty(list)) {
			folio = list_first_entry(list, struct folio, lru);
			page = zsp_find_run(folio, pages, &longest);
			if (page >= 0) {
				zsp_mark_run(pool, folio, page, pages, first);
				return zsp_location(PFN_PHYS(folio_pfn(folio) +
							     page),
						    folio_order(folio));
			}
			zsp_space(folio)->run = longest;
			zsp_sort_segment(pool, folio);
		}
	}
	return 0;
}

static void zsp_count_run(struct zsp_pool *pool, unsigned int kind, long pages)
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

static u64 zsp_take_run(struct zsp_pool *pool, unsigned int pages,
			struct zram_persist_page first)
{
	u64 location;

	spin_lock(&pool->lock);
	location = zsp_search_run(pool, pages, first);
	if (location)
		zsp_count_run(pool, zram_persist_page_kind(&first), pages);
	spin_unlock(&pool->lock);
	return location;
}

/* Length of the run of free pages around the pages [page, page + pages). */
static unsigned int zsp_run_around(struct folio *folio, unsigned int page,
				   unsigned int pages)
{
	unsigned int low = page, high = page + pages;
	unsigned int first = zsp_first_page(folio_order(folio));

	while (low > first && high - low < ZRAM_PERSIST_MAX_SPAN &&
	       !zsp_page(folio, low - 1)->kind)
		low--;
	while (high < folio_nr_pages(folio) &&
	       high - low < ZRAM_PERSIST_MAX_SPAN &&
	       !zsp_page(folio, high)->kind)
		high++;
	return min_t(unsigned int, high - low, ZRAM_PERSIST_MAX_SPAN);
}

/* Gives a run of @pages pages at @location back to its segment. */
static void zsp_put_run(struct zsp_pool *pool, u64 location,
			unsigned int pages)
{
	struct folio *folio = zsp_location_folio(location);
	unsigned int page = PHYS_PFN(zsp_location_addr(location)) -
			    folio_pfn(folio);
	struct zsp_space *space = zsp_space(folio);
	struct folio *retired = NULL;
	unsigned int i;

	spin_lock(&pool->lock);
	zsp_count_run(pool, zram_persist_page_kind(zsp_page(folio, page)),
		      -(long)pages);
	for (i = 0; i < pages; i++)
		memset(zsp_page(folio, page + i), 0,
		       sizeof(struct zram_persist_page));
	space->free += pages;
	space->first = min_t(unsigned int, space->first, page);
	space->run = max_t(unsigned int, space->free == pages ? 0 : space->run,
			   zsp_run_around(folio, page, pages));
	if (space->free + zsp_first_page(folio_order(folio)) ==
	    folio_nr_pages(folio))
		retired = zsp_retire_segment(pool, folio);
	else
		zsp_sort_segment(pool, folio);
	spin_unlock(&pool->lock);
	zsp_put_segment(retired);
}

/* === Spans and objects === */

static void zsp_resolve_span(struct zsp_span *span, u64 key)
{
	unsigned int order = zsp_location_order(key);
	u64 addr = zsp_location_addr(key);
	u64 base = addr & ~((1ULL << (order + PAGE_SHIFT)) - 1);
	struct zram_persist_segment *seg = phys_to_virt(base);
	unsigned int page = PHYS_PFN(addr - base);

	span->key = key;
	span->base = seg;
	span->page = &seg->page[zram_persist_page_index(page, order)];
	span->size = span->page->arg * ZRAM_PERSIST_GRANULE;
	span->geo = zram_persist_span_geometry(order, page,
					zram_persist_span_pages(span->page),
					span->size);
	span->mem = span->base + span->geo.start;
}

/* Resolves the span that the object at @location lies in. */
static void zsp_resolve_object(struct zsp_span *span, u64 location)
{
	unsigned int order = zsp_location_order(location);
	u64 key = location & ~(u64)(PAGE_SIZE - 1);
	u64 base = key & ~((1ULL << (order + PAGE_SHIFT)) - 1);
	struct zram_persist_segment *seg = phys_to_virt(base);
	unsigned int page = PHYS_PFN(key - base);
	const struct zram_persist_page *desc;

	desc = &seg->page[zram_persist_page_index(page, order)];
	if (zram_persist_page_kind(desc) == ZRAM_PERSIST_SPAN_TAIL)
		key -= (u64)desc->arg << PAGE_SHIFT;
	zsp_resolve_span(span, zsp_location(key, order));
}

static unsigned int zsp_group(const struct zsp_span *span)
{
	return span->page->count * ZSP_GROUPS / span->geo.objects;
}

static struct zram_persist_span *zsp_span_mem(u64 key)
{
	struct zsp_span span;

	zsp_resolve_span(&span, key);
	return span.mem;
}

/* Context: class->lock. */
static void zsp_link_span(struct zsp_class *class, struct zsp_span *span,
			  unsigned int group)
{
	u64 next = class->partial[group];

	if (group == ZSP_GROUP_FULL)
		return;
	span->mem->scratch[0] = next;
	span->mem->scratch[1] = 0;
	if (next)
		zsp_span_mem(next)->scratch[1] = span->key;
	class->partial[group] = span->key;
}

/* Context: class->lock. */
static void zsp_unlink_span(struct zsp_class *class, struct zsp_span *span,
			    unsigned int group)
{
	u64 next = span->mem->scratch[0];
	u64 prev = span->mem->scratch[1];

	if (group == ZSP_GROUP_FULL)
		return;
	if (next)
		zsp_span_mem(next)->scratch[1] = prev;
	if (prev)
		zsp_span_mem(prev)->scratch[0] = next;
	else
		class->partial[group] = next;
}

/* Context: class->lock. Changes the count of a linked span. */
static void zsp_count_object(struct zsp_class *class, struct zsp_span *span,
			     int change)
{
	unsigned int old = zsp_group(span), new;

	span->page->count += change;
	new = zsp_group(span);
	if (new == old)
		return;
	zsp_unlink_span(class, span, old);
	zsp_link_span(class, span, new);
}

/* Context: class->lock, and the span has room. */
static u64 zsp_take_object(struct zsp_class *class, struct zsp_span *span)
{
	unsigned int word = 0, bit;
	u64 base;

	while (span->mem->bitmap[word] == U64_MAX)
		word++;
	bit = ffz(span->mem->bitmap[word]);
	span->mem->bitmap[word] |= BIT_ULL(bit);
	zsp_count_object(class, span, 1);

	base = virt_to_phys(span->base);
	return zsp_location(base + span->geo.first +
			    (word * 64 + bit) * span->size,
			    zsp_location_order(span->key));
}

static void zsp_init_span(struct zsp_span *span)
{
	memset(span->mem, 0, sizeof(*span->mem) + span->geo.words * sizeof(u64));
}

/*
 * Looks for room for a span of the class, from the best to the least: the
 * usual number of pages in an open segment, in the reserve, in a new large
 * segment; then fewer pages in an open segment; then small segments.
 */
static u64 zsp_place_span(struct zsp_pool *pool, unsigned int pages,
			  struct zram_persist_page first, gfp_t gfp)
{
	unsigned int i, n;
	u64 key;

	first.kind = ZRAM_PERSIST_SPAN | (pages - 1) << 4;
	do {
		key = zsp_take_run(pool, pages, first);
		if (key)
			return key;
	} while (zsp_open_reserve(pool) ||
		 zsp_open_new(pool, ZRAM_PERSIST_MAX_ORDER, gfp));

	for (i = 0; i < ARRAY_SIZE(zsp_orders); i++) {
		for (n = pages; n; n--) {
			first.kind = ZRAM_PERSIST_SPAN | (n - 1) << 4;
			key = zsp_take_run(pool, n, first);
			if (key)
				return key;
		}
		if (i + 1 < ARRAY_SIZE(zsp_orders))
			zsp_open_new(pool, zsp_orders[i + 1], gfp);
	}
	return 0;
}

/**
 * zsp_alloc() - allocate an object
 * @pool: pool
 * @size: bytes, with the object's header, 1..%ZRAM_PERSIST_MAX_OBJECT
 * @gfp: how far to go for memory; without __GFP_FS only single pages are
 *	waited for
 * @location: where to put the location of the object
 *
 * The contents of the object are undefined.
 *
 * Context: Process context. Sleeps if @gfp allows it.
 * Return: 0, -EINVAL for a size out of range, -ENOMEM.
 */
int zsp_alloc(struct zsp_pool *pool, size_t size, gfp_t gfp, u64 *location)
{
	struct zram_persist_page first = {};
	struct zsp_class *class;
	struct zsp_span span;
	u64 key = 0;
	int group;

	if (!size || size > ZRAM_PERSIST_MAX_OBJECT)
		return -EINVAL;
	size = max_t(size_t, size, ZRAM_PERSIST_MIN_OBJECT);
	first.arg = DIV_ROUND_UP(size, ZRAM_PERSIST_GRANULE);
	class = &pool->classes[first.arg];

	spin_lock(&class->lock);
	for (group = ZSP_GROUPS - 1; group >= 0 && !key; group--)
		key = class->partial[group];
	if (!key) {
		spin_unlock(&class->lock);
		key = zsp_place_span(pool, class->pages, first, gfp);
		if (!key)
			return -ENOMEM;
		zsp_resolve_span(&span, key);
		zsp_init_span(&span);
		spin_lock(&class->lock);
		zsp_link_span(class, &span, 0);
	}
	zsp_resolve_span(&span, key);
	*location = zsp_take_object(class, &span);
	spin_unlock(&class->lock);

	atomic64_inc(&pool->objects);
	atomic64_add(span.size, &pool->object_bytes);
	return 0;
}
EXPORT_SYMBOL_GPL(zsp_alloc);

/**
 * zsp_free() - free an object
 * @pool: pool
 * @location: from zsp_alloc()
 *
 * Context: Any but hard interrupt. Does not sleep.
 */
void zsp_free(struct zsp_pool *pool, u64 location)
{
	struct zsp_class *class;
	struct zsp_span span;
	unsigned int nr;
	bool empty;
	u64 bit;

	zsp_resolve_object(&span, location);
	class = &pool->classes[span.page->arg];
	nr = (zsp_location_to_virt(location) - span.base - span.geo.first) /
	     span.size;
	bit = BIT_ULL(nr % 64);

	spin_lock(&class->lock);
	if (WARN_ON_ONCE(!(span.mem->bitmap[nr / 64] & bit))) {
		spin_unlock(&class->lock);
		return;
	}
	span.mem->bitmap[nr / 64] &= ~bit;
	zsp_count_object(class, &span, -1);
	empty = !span.page->count;
	if (empty)
		zsp_unlink_span(class, &span, 0);
	spin_unlock(&class->lock);

	atomic64_dec(&pool->objects);
	atomic64_sub(span.size, &pool->object_bytes);
	if (empty)
		zsp_put_run(pool, span.key,
			    zram_persist_span_pages(span.page));
}
EXPORT_SYMBOL_GPL(zsp_free);

/* A page that is a segment of its own, when no larger one is to be had. */
static u64 zsp_lone_page(struct zsp_pool *pool, struct zram_persist_page page,
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
 * zsp_alloc_page() - allocate a page
 * @pool: pool
 * @kind: %ZRAM_PERSIST_RAW or %ZRAM_PERSIST_TABLE
 * @level: level of a slot table page; 0 for a raw page
 * @gfp: as for zsp_alloc()
 * @location: where to put the location of the page
 *
 * A slot table page is zeroed, the contents of a raw page are undefined.
 *
 * Context: Process context. Sleeps if @gfp allows it.
 * Return: 0, -EINVAL for another @kind, -ENOMEM.
 */
int zsp_alloc_page(struct zsp_pool *pool, enum zram_persist_kind kind,
		   unsigned int level, gfp_t gfp, u64 *location)
{
	struct zram_persist_page page = { .kind = kind, .arg = level };
	u64 key;

	if (kind != ZRAM_PERSIST_RAW && kind != ZRAM_PERSIST_TABLE)
		return -EINVAL;

	do {
		key = zsp_take_run(pool, 1, page);
	} while (!key && (zsp_open_reserve(pool) ||
			  zsp_open_new(pool, ZRAM_PERSIST_MAX_ORDER, gfp)));
	if (!key)
		key = zsp_lone_page(pool, page, gfp);
	if (!key)
		return -ENOMEM;
	if (kind == ZRAM_PERSIST_TABLE)
		clear_page(zsp_location_to_virt(key));
	*location = key;
	return 0;
}
EXPORT_SYMBOL_GPL(zsp_alloc_page);

/**
 * zsp_free_page() - free a page
 * @pool: pool
 * @location: from zsp_alloc_page()
 *
 * Context: Any but hard interrupt. Does not sleep.
 */
void zsp_free_page(struct zsp_pool *pool, u64 location)
{
	struct folio *folio = zsp_location_folio(location);
	struct folio *retired;

	if (zsp_is_headed(folio)) {
		zsp_put_run(pool, location, 1);
		return;
	}
	spin_lock(&pool->lock);
	zsp_count_run(pool, zram_persist_page_kind(&zsp_entry(folio)->page),
		      -1);
	retired = zsp_retire_segment(pool, folio);
	spin_unlock(&pool->lock);
	zsp_put_segment(retired);
}
EXPORT_SYMBOL_GPL(zsp_free_page);

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

static void zsp_work(struct work_struct *work)
{
	struct zsp_pool *pool = container_of(work, struct zsp_pool, work);
	int err;

	mutex_lock(&pool->handover_lock);
	zsp_free_list(pool, &pool->leaving);
	if (pool->persistent) {
		zsp_fill_reserve(pool);
		err = zsp_change_all(pool, true);
		if (err)
			pr_warn_ratelimited("%s: memory cannot join the handover yet: %pe\n",
					    pool->name, ERR_PTR(err));
	}
	mutex_unlock(&pool->handover_lock);
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

static int zsp_seal_segment(struct zsp_pool *pool, struct folio *folio)
{
	struct zram_persist_segtab_entry *entry = zsp_entry(folio);
	unsigned int order = folio_order(folio);
	unsigned int i;

	if (!zsp_is_headed(folio)) {
		zsp_seal_page(entry->location, &entry->page);
		return 0;
	}
	for (i = zsp_first_page(order); i < folio_nr_pages(folio); i++)
		zsp_seal_page(entry->location + PFN_PHYS(i),
			      zsp_page(folio, i));
	entry->page.crc = crc32c(~0, folio_address(folio),
				 zram_persist_header_bytes(order));
	return 0;
}

static void zsp_seal_table(struct zram_persist_segtab *table)
{
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

	mutex_lock(&pool->handover_lock);
	zsp_free_list(pool, &pool->leaving);
	err = zsp_change_all(pool, true);
	if (err)
		goto out_unlock;

	zsp_for_each_segment(pool, zsp_seal_segment);
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
	struct zsp_class *class;
	struct zsp_span span;

	for (i = zsp_first_page(order); i < folio_nr_pages(folio); i++) {
		page = zsp_page(folio, i);
		if (zram_persist_page_kind(page) != ZRAM_PERSIST_SPAN)
			continue;
		zsp_resolve_span(&span, zsp_location(base + PFN_PHYS(i),
						     order));
		class = &pool->classes[page->arg];
		spin_lock(&class->lock);
		zsp_link_span(class, &span, zsp_group(&span));
		spin_unlock(&class->lock);
		atomic64_add(page->count, &pool->objects);
		atomic64_add(page->count * span.size, &pool->object_bytes);
	}
}

static void zsp_adopt_segment(struct zsp_pool *pool,
			      struct zram_persist_segtab_entry *entry,
			      bool joined)
{
	struct folio *folio = zsp_entry_folio(entry);
	unsigned int order = folio_order(folio);

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
	zsp_sort_segment(pool, folio);
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

/* === Pools === */

/*
 * Pages of a new span: as few as leave at most 1/64 of them unused, else as
 * many as leave the least. Few pages keep the last, partly filled span of each
 * class small.
 */
static unsigned int zsp_span_pages(unsigned int size)
{
	unsigned int best = 1, pages, bytes, lost, least = UINT_MAX;
	struct zram_persist_geometry geo;

	for (pages = 1; pages <= ZRAM_PERSIST_MAX_SPAN; pages++) {
		geo = zram_persist_span_geometry(ZRAM_PERSIST_MAX_ORDER, 1,
						 pages, size);
		bytes = pages * PAGE_SIZE;
		lost = (bytes - geo.objects * size) * 1024 / bytes;
		if (lost < least) {
			least = lost;
			best = pages;
		}
		if (lost <= 1024 / 64)
			break;
	}
	return best;
}

/**
 * zsp_create_pool() - make an empty pool
 * @name: for messages; must live as long as the pool
 * @ops: handover operations
 *
 * A new pool is not persistent, and takes no memory before it is used.
 *
 * Context: Process context. Sleeps.
 * Return: the pool, or ERR_PTR(-ENOMEM).
 */
struct zsp_pool *zsp_create_pool(const char *name,
				 const struct zsp_handover_ops *ops)
{
	struct zsp_pool *pool = kvzalloc(sizeof(*pool), GFP_KERNEL);
	unsigned int i;

	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->name = name;
	pool->ops = ops;
	mutex_init(&pool->handover_lock);
	spin_lock_init(&pool->lock);
	for (i = 0; i < ARRAY_SIZE(pool->open); i++)
		INIT_LIST_HEAD(&pool->open[i]);
	INIT_LIST_HEAD(&pool->reserve);
	INIT_LIST_HEAD(&pool->leaving);
	INIT_LIST_HEAD(&pool->tables);
	INIT_WORK(&pool->work, zsp_work);
	for (i = 1; i < ZSP_CLASSES; i++) {
		spin_lock_init(&pool->classes[i].lock);
		pool->classes[i].pages =
			zsp_span_pages(i * ZRAM_PERSIST_GRANULE);
	}
	return pool;
}
EXPORT_SYMBOL_GPL(zsp_create_pool);

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

	zsp_adopt_tables(pool, segtab, join);
	zsp_set_persistent(pool, join);
	zsp_kick(pool);
	return pool;

err_unhold:
	zsp_walk_blocks(pool, segtab, zsp_unhold_block, &failed, failed);
err_free:
	zsp_abandon_pool(pool);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(zsp_attach_pool);

/**
 * zsp_destroy_pool() - free a pool and all its memory
 * @pool: pool that nobody uses any more
 *
 * Context: Process context. Sleeps.
 */
void zsp_destroy_pool(struct zsp_pool *pool)
{
	struct zram_persist_segtab *table;
	struct page *page, *next;
	unsigned int i;

	zsp_leave(pool);
	cancel_work_sync(&pool->work);
	list_for_each_entry_safe(page, next, &pool->tables, lru) {
		table = page_address(page);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (table->entry[i].location)
				folio_put(zsp_entry_folio(&table->entry[i]));
		list_del(&page->lru);
		set_page_private(page, 0);
		__free_page(page);
	}
	kvfree(pool);
}
EXPORT_SYMBOL_GPL(zsp_destroy_pool);

/**
 * zsp_abandon_pool() - forget a pool and keep its memory as it is
 * @pool: pool that nobody uses any more
 *
 * For what has been sealed, or has not been adopted yet: the memory belongs to
 * the handover alone.
 *
 * Context: Process context. Sleeps.
 */
void zsp_abandon_pool(struct zsp_pool *pool)
{
	cancel_work_sync(&pool->work);
	kvfree(pool);
}
EXPORT_SYMBOL_GPL(zsp_abandon_pool);

/* === Figures === */

/**
 * zsp_set_limit() - limit a pool's memory
 * @pool: pool
 * @pages: pages at most, or 0 for no limit; may be less than it has
 *
 * Context: Any but hard interrupt.
 */
void zsp_set_limit(struct zsp_pool *pool, u64 pages)
{
	spin_lock(&pool->lock);
	pool->stats.limit_pages = pages;
	spin_unlock(&pool->lock);
}
EXPORT_SYMBOL_GPL(zsp_set_limit);

/**
 * zsp_pages() - memory that a pool takes
 * @pool: pool
 *
 * Return: pages.
 */
u64 zsp_pages(struct zsp_pool *pool)
{
	return READ_ONCE(pool->stats.pages);
}
EXPORT_SYMBOL_GPL(zsp_pages);

/**
 * zsp_max_pages() - most memory that a pool has taken
 * @pool: pool
 *
 * Return: pages.
 */
u64 zsp_max_pages(struct zsp_pool *pool)
{
	return READ_ONCE(pool->stats.max_pages);
}
EXPORT_SYMBOL_GPL(zsp_max_pages);

/**
 * zsp_reset_max_pages() - measure the maximum anew
 * @pool: pool
 *
 * Context: Any but hard interrupt.
 */
void zsp_reset_max_pages(struct zsp_pool *pool)
{
	spin_lock(&pool->lock);
	pool->stats.max_pages = pool->stats.pages;
	spin_unlock(&pool->lock);
}
EXPORT_SYMBOL_GPL(zsp_reset_max_pages);

/**
 * zsp_get_stats() - what a pool takes and holds
 * @pool: pool
 * @stats: filled in
 *
 * Context: Any but hard interrupt.
 */
void zsp_get_stats(struct zsp_pool *pool, struct zsp_stats *stats)
{
	u64 used;

	spin_lock(&pool->lock);
	*stats = pool->stats;
	stats->empty_segments = pool->nr_reserve +
				list_count_nodes(&pool->leaving);
	spin_unlock(&pool->lock);

	stats->header_pages = stats->large_segments;
	used = stats->header_pages + stats->span_pages + stats->raw_pages +
	       stats->slot_table_pages + stats->table_pages;
	stats->free_pages = stats->pages - used;
	stats->objects = atomic64_read(&pool->objects);
	stats->object_bytes = atomic64_read(&pool->object_bytes);
}
EXPORT_SYMBOL_GPL(zsp_get_stats);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Persistent allocator for compressed pages");
