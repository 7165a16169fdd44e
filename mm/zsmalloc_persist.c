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
#include <linux/module.h>
#include <linux/slab.h>

#include "zsp.h"

/*
 * Orders that are tried when a large segment is not to be had, before a single
 * page. Each one more would be a try more while memory is fragmented.
 */
static const unsigned int zsp_orders[] = { 6, 3 };

/**
 * zsp_resolve_span() - find the parts of a span
 * @span: filled in
 * @key: location of its first page
 */
void zsp_resolve_span(struct zsp_span *span, u64 key)
{
	unsigned int order = zsp_location_order(key);
	u64 addr = zsp_location_addr(key);
	u64 base = addr & ~((1ULL << (order + PAGE_SHIFT)) - 1);
	struct zram_persist_segment *seg = phys_to_virt(base);
	unsigned int page = PHYS_PFN(addr - base);
	unsigned int pages;

	span->key = key;
	span->base = seg;
	span->page = &seg->page[zram_persist_page_index(page, order)];
	span->size = span->page->arg * ZRAM_PERSIST_GRANULE;
	pages = zram_persist_span_pages(span->page);
	span->geo = zram_persist_span_geometry(order, page, pages, span->size);
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

/**
 * zsp_adopt_span() - put a span of the previous kernel on the list of its class
 * @pool: pool
 * @key: location of its first page
 */
void zsp_adopt_span(struct zsp_pool *pool, u64 key)
{
	struct zsp_class *class;
	struct zsp_span span;

	zsp_resolve_span(&span, key);
	class = &pool->classes[span.page->arg];
	spin_lock(&class->lock);
	zsp_link_span(class, &span, zsp_group(&span));
	spin_unlock(&class->lock);
	atomic64_add(span.page->count, &pool->objects);
	atomic64_add(span.page->count * span.size, &pool->object_bytes);
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

	for (i = 0; i <= ARRAY_SIZE(zsp_orders); i++) {
		for (n = pages; n; n--) {
			first.kind = ZRAM_PERSIST_SPAN | (n - 1) << 4;
			key = zsp_take_run(pool, n, first);
			if (key)
				return key;
		}
		if (i < ARRAY_SIZE(zsp_orders))
			zsp_open_new(pool, zsp_orders[i], gfp);
	}
	return zsp_take_small(pool, first, gfp);
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
 * Context: Process context; spinlocks may be held. Does not sleep.
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
	unsigned int i;
	u64 key;

	if (kind != ZRAM_PERSIST_RAW && kind != ZRAM_PERSIST_TABLE)
		return -EINVAL;

	do {
		key = zsp_take_run(pool, 1, page);
	} while (!key && (zsp_open_reserve(pool) ||
			  zsp_open_new(pool, ZRAM_PERSIST_MAX_ORDER, gfp)));
	for (i = 0; !key && i < ARRAY_SIZE(zsp_orders); i++)
		if (zsp_open_new(pool, zsp_orders[i], gfp))
			key = zsp_take_run(pool, 1, page);
	if (!key)
		key = zsp_take_lone(pool, page, gfp);
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
 * Context: Process context; spinlocks may be held. Does not sleep.
 */
void zsp_free_page(struct zsp_pool *pool, u64 location)
{
	struct folio *folio = zsp_location_folio(location);

	if (zsp_is_headed(folio))
		zsp_put_run(pool, location, 1);
	else
		zsp_put_lone(pool, folio);
}
EXPORT_SYMBOL_GPL(zsp_free_page);

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
 * Context: Process context; spinlocks may be held.
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
 * Context: Process context; spinlocks may be held.
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
 * Context: Process context; spinlocks may be held.
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
