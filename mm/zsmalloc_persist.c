// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator for compressed pages.
 *
 * DOC: Memory layout
 *
 * A pool takes *segments* from the page allocator: naturally aligned blocks of
 * order 9 by preference, else 6 or 3. Page 0 of a segment is its header. The
 * others are cut into *spans* of seven pages, with nothing left over, because
 * 2^9 - 1, 2^6 - 1 and 2^3 - 1 are multiples of seven. A span holds *objects*
 * of any size. Single pages are given out too: raw pages for data that does not
 * compress, and, in segments of their own because nothing moves them, pages of
 * the slot table. ::
 *
 *   segment (2 MiB)
 *   +--------+---------------------+---------------------+-----+-- - -
 *   | header | span (7 pages)      | span (7 pages)      | RAW | free
 *   +--------+---------------------+---------------------+-----+-- - -
 *   |        |
 *   |        +-- header, directory --> <-- payload, payload, payload
 *   +-- magic, order, one 8-byte descriptor per page
 *
 * When memory is short, a span, a raw page or a page of the slot table may be a
 * segment of order 0 without a header, described by the segment table alone.
 *
 * Everything that the next kernel needs is in that memory, in the format of
 * include/linux/zram_persist.h: which pages are what, which objects are where,
 * and the *segment table* that lists the segments. There is no other record of
 * an allocation: the *location* of an object is the address of its span, the
 * index of its directory entry, and the order of its segment, which by masking
 * leads to the descriptor of the span. What only this kernel needs lies
 * elsewhere: struct zsp_pool, and the fields of struct folio that belong to the
 * owner of a folio:
 *
 *   folio->lru      on one of the pool's lists of segments
 *   folio->private  the segment's entry of the segment table, and ZSP_F_*
 *   folio->index    struct zsp_space
 *
 * The one exception is the two scratch words of a span, by which spans with
 * room are linked. The next kernel ignores them. Links outside the span would
 * need memory for every span, to be allocated while memory is short.
 *
 * DOC: Life of a segment
 *
 * ::
 *
 *   page allocator --> reserve --> open <--> full (on no list)
 *        |                ^         |  \
 *        +----------------|---------+   isolated (being emptied
 *        ^                |         |  /          by compaction)
 *        |                +---------+ emptied (as long as the reserve
 *        +----- leaving <-----------+          is short)
 *
 * In a persistent pool a segment also *joins* the handover, which may sleep
 * and therefore happens in a worker: the worker keeps a reserve of empty
 * segments that have joined, lets those join that had to be taken from the
 * page allocator while the reserve was empty, and takes emptied segments out
 * of the handover (`leaving`) before it frees them.
 *
 * DOC: Locks
 *
 * 1. compact_lock (mutex): one compacts at a time, and nobody during the seal.
 * 2. handover_lock (mutex): serialises all that calls the handover operations
 *    or changes @persistent. Never taken to store, read and free.
 * 3. the caller's lock of a slot (spinlock): what a location names is moved or
 *    freed only under it.
 * 4. set->lock (spinlock): which spans are being filled by whom, and the map for
 *    moving their payloads together.
 * 5. shard->lock (spinlock): directory and payloads of the spans whose
 *    addresses hash to the shard. Held while a payload is read: payloads move.
 * 6. pool->lock (spinlock): segments: their lists, struct zsp_space, ZSP_F_*,
 *    the kind of pages and whether they are faulty, the segment table, and the
 *    counters; the lists and states of spans, and whether they are lost.
 *
 * Each is taken only after those with smaller numbers. No spinlock is held
 * longer than it takes to decompress one page, to copy the 28 KiB of a span, or to
 * look at the 511 pages of a segment.
 *
 * DOC: What holds
 *
 * zsp_verify() recounts. Tests assert it, and debug builds at the seal:
 *
 *   pages = sum over segments of 2^order + pages of the segment table
 *   segment pages = headers + spans + raw + slot table + free + unused faulty
 *   objects = sum over spans of nr_used = sum over spans of entries in use
 *   bytes of a span = header + directory + payloads + free
 *   a span is either listed in the bin of its free bytes, or active, or isolated
 *
 * Spans that are tainted (zsp_bad.c) end as isolated. Those that are lost are
 * none of these, and their objects are not counted.
 */

#define pr_fmt(fmt) "zsmalloc_persist: " fmt

#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "zsp_compact.h"
#include "zsp_util.h"

/* === Pools === */

static void zsp_init_pool(struct zsp_pool *pool)
{
	unsigned int i;

	mutex_init(&pool->compact_lock);
	mutex_init(&pool->handover_lock);
	spin_lock_init(&pool->lock);
	for (i = 0; i < ARRAY_SIZE(pool->open); i++)
		INIT_LIST_HEAD(&pool->open[i]);
	INIT_LIST_HEAD(&pool->open_tables);
	INIT_LIST_HEAD(&pool->reserve);
	INIT_LIST_HEAD(&pool->leaving);
	INIT_LIST_HEAD(&pool->tables);
	INIT_WORK(&pool->work, zsp_work);
	INIT_WORK(&pool->bad_work, zsp_bad_work);
	INIT_DELAYED_WORK(&pool->compact_work, zsp_compact_work);
	for (i = 0; i < ARRAY_SIZE(pool->shards); i++)
		spin_lock_init(&pool->shards[i].lock);
	for (i = 0; i < pool->nr_sets; i++)
		spin_lock_init(&pool->sets[i].lock);
}

static void zsp_free_pool(struct zsp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_sets; i++)
		kfree(pool->sets[i].slide);
	kfree(pool->survey);
	kfree_sensitive(pool->move_buffer);
	kvfree(pool);
}

/* What a new pool works with. What there is of it is freed with the pool. */
static bool zsp_alloc_buffers(struct zsp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_sets; i++) {
		pool->sets[i].slide = kmalloc_obj(struct zsp_slide);
		if (!pool->sets[i].slide)
			return false;
	}
	pool->move_buffer = kmalloc(ZRAM_PERSIST_MAX_PAYLOAD, GFP_KERNEL);
	pool->survey = kmalloc_obj(*pool->survey);
	return pool->move_buffer && pool->survey;
}

/* Ends all work that was queued. */
static void zsp_quiesce(struct zsp_pool *pool)
{
	WRITE_ONCE(pool->stop_compacting, true);
	zsp_destroy_shrinker(pool);
	/* It queues the others; who compacts may queue it, and cannot any more. */
	disable_work_sync(&pool->bad_work);
	cancel_delayed_work_sync(&pool->compact_work);
	cancel_work_sync(&pool->work);
}

/**
 * zsp_create_pool() - make an empty pool
 * @name: for messages; is copied
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
	unsigned int sets = min(num_possible_cpus(), ZSP_MAX_SETS) + 1;
	struct zsp_pool *pool;

	pool = kvzalloc(struct_size(pool, sets, sets), GFP_KERNEL);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->nr_sets = sets;
	if (!zsp_alloc_buffers(pool))
		goto err_free;
	strscpy(pool->name, name);
	pool->ops = ops;
	pool->failures_seen = zsp_failures();
	zsp_init_pool(pool);
	if (zsp_init_shrinker(pool))
		goto err_free;
	return pool;

err_free:
	zsp_free_pool(pool);
	return ERR_PTR(-ENOMEM);
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
	struct folio *folio;
	unsigned int i;

	zsp_leave(pool);
	zsp_quiesce(pool);
	list_for_each_entry_safe(page, next, &pool->tables, lru) {
		table = page_address(page);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			if (!table->entry[i].location)
				continue;
			folio = zsp_entry_folio(&table->entry[i]);
			zsp_block_add(folio, -1);
			zsp_wipe_segment(folio);
		}
		list_del(&page->lru);
		set_page_private(page, 0);
		__free_page(page);
	}
	zsp_free_pool(pool);
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
	zsp_quiesce(pool);
	zsp_free_pool(pool);
}
EXPORT_SYMBOL_GPL(zsp_abandon_pool);

/**
 * zsp_set_mover() - say how objects are moved
 * @pool: pool
 * @move: function
 * @data: passed to it
 *
 * Without it a pool cannot be compacted.
 *
 * Context: Process context. Sleeps.
 */
void zsp_set_mover(struct zsp_pool *pool, zsp_move_fn move, void *data)
{
	mutex_lock(&pool->compact_lock);
	pool->move = move;
	pool->move_data = data;
	mutex_unlock(&pool->compact_lock);
}
EXPORT_SYMBOL_GPL(zsp_set_mover);

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
 * zsp_compacted_pages() - what compaction has made free
 * @pool: pool
 *
 * Return: pages since the pool was made.
 */
u64 zsp_compacted_pages(struct zsp_pool *pool)
{
	return READ_ONCE(pool->stats.compacted_pages);
}
EXPORT_SYMBOL_GPL(zsp_compacted_pages);

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
	unsigned int i;
	u64 used;

	spin_lock(&pool->lock);
	*stats = pool->stats;
	spin_unlock(&pool->lock);

	used = stats->header_pages + stats->span_pages + stats->raw_pages +
	       stats->slot_table_pages + stats->table_pages +
	       stats->idle_bad_pages;
	VM_WARN_ON_ONCE(used > stats->pages);
	stats->free_pages = stats->pages - used;
	stats->objects = 0;
	stats->object_bytes = 0;
	for (i = 0; i < ARRAY_SIZE(pool->shards); i++) {
		stats->objects += READ_ONCE(pool->shards[i].objects);
		stats->object_bytes += READ_ONCE(pool->shards[i].bytes);
	}
}
EXPORT_SYMBOL_GPL(zsp_get_stats);

/* === Module === */

/*
 * Emptied segments of persistent pools are given back from here, and reclaim counts
 * on that: so there is a thread for it when none can be started. It is for nothing
 * else: who looks for faulty pages, or compacts, may wait for long.
 */
struct workqueue_struct *zsp_wq;

static int __init zsp_init(void)
{
	zsp_wq = alloc_workqueue("zsmalloc_persist",
				 WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return zsp_wq ? 0 : -ENOMEM;
}
subsys_initcall(zsp_init);

static void __exit zsp_exit(void)
{
	destroy_workqueue(zsp_wq);
}
module_exit(zsp_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Persistent allocator for compressed pages");
