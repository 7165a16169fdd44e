// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: when to compact without being asked to. It is worth it
 * when enough would become free, and it is needed when memory is short.
 * mm/zsmalloc_persist.c begins with the overview.
 */

#include <linux/shrinker.h>

#include "zsp_compact.h"
#include "zsp_util.h"

/* Reclaim is not held up for longer than this at a time. */
#define ZSP_SHRINK_MS	20

/**
 * zsp_waste() - what could be given back
 * @pool: pool
 *
 * Context: Process context; spinlocks may be held.
 * Return: pages of segments that are in use in which nothing is stored, if what is
 * stored were moved together.
 */
u64 zsp_waste(struct zsp_pool *pool)
{
	struct zsp_stats stats;
	u64 used;

	zsp_get_stats(pool, &stats);
	used = stats.object_bytes +
	       stats.objects * sizeof(struct zram_persist_entry);
	used = DIV_ROUND_UP(used, PAGE_SIZE) + stats.header_pages +
	       stats.raw_pages + stats.slot_table_pages + stats.table_pages +
	       stats.empty_pages + stats.idle_bad_pages + stats.stuck_pages;
	return stats.pages - min(used, stats.pages);
}

/**
 * zsp_compact_work() - compact if it is worth it
 * @work: in the pool
 *
 * Context: Process context. Sleeps.
 */
void zsp_compact_work(struct work_struct *work)
{
	struct zsp_pool *pool = container_of(to_delayed_work(work),
					     struct zsp_pool, compact_work);
	u64 waste = zsp_waste(pool);

	if (waste >= ZSP_COMPACT_PAGES && waste > zsp_pages(pool) / 4)
		zsp_compact(pool, 0);
	else if (READ_ONCE(pool->growing))
		zsp_note_growth(pool, false);
	else if (READ_ONCE(pool->unsettled))
		zsp_settle(pool);
}

/**
 * zsp_kick_compact() - look soon whether it is worth to compact
 * @pool: pool of which a span has become half empty
 *
 * Context: Any.
 */
void zsp_kick_compact(struct zsp_pool *pool)
{
	if (!READ_ONCE(pool->stop_compacting))
		queue_delayed_work(system_dfl_wq, &pool->compact_work, HZ);
}

/**
 * zsp_note_growth() - let a pool settle after it has grown
 * @pool: pool
 * @growing: it is growing now; else it was when it was last looked at
 *
 * A pool settles when it has not grown for a second.
 *
 * Context: Any.
 */
void zsp_note_growth(struct zsp_pool *pool, bool growing)
{
	WRITE_ONCE(pool->growing, growing);
	WRITE_ONCE(pool->unsettled, true);
	zsp_kick_compact(pool);
}

/* Reclaim asks for pages; what compaction gives back are segments. */
static unsigned long zsp_shrink_count(struct shrinker *shrinker,
				      struct shrink_control *sc)
{
	struct zsp_pool *pool = shrinker->private_data;
	u64 waste;

	/* While memory is being adopted the figures do not agree yet. */
	if (!READ_ONCE(pool->move))
		return SHRINK_EMPTY;
	waste = zsp_waste(pool);
	return waste >= ZSP_COMPACT_PAGES ? waste : SHRINK_EMPTY;
}

static unsigned long zsp_shrink_scan(struct shrinker *shrinker,
				     struct shrink_control *sc)
{
	struct zsp_pool *pool = shrinker->private_data;
	unsigned long freed = 0;
	u64 before;

	if (!mutex_trylock(&pool->compact_lock))
		return SHRINK_STOP;
	before = pool->stats.compacted_pages;
	if (!zsp_compact_once(pool, ZSP_SHRINK_MS))
		freed = pool->stats.compacted_pages - before;
	mutex_unlock(&pool->compact_lock);
	/* Or reclaim would come back for each batch that has been freed already. */
	sc->nr_scanned = max(freed, sc->nr_to_scan);
	return freed ?: SHRINK_STOP;
}

/**
 * zsp_init_shrinker() - let reclaim compact a pool
 * @pool: pool
 *
 * Context: Process context. Sleeps.
 * Return: 0 or -ENOMEM.
 */
int zsp_init_shrinker(struct zsp_pool *pool)
{
	pool->shrinker = shrinker_alloc(0, "zsmalloc_persist:%s", pool->name);
	if (!pool->shrinker)
		return -ENOMEM;
	pool->shrinker->count_objects = zsp_shrink_count;
	pool->shrinker->scan_objects = zsp_shrink_scan;
	pool->shrinker->private_data = pool;
	shrinker_register(pool->shrinker);
	return 0;
}

/**
 * zsp_destroy_shrinker() - undo zsp_init_shrinker()
 * @pool: pool
 *
 * Context: Process context. Waits for a shrinker that is running.
 */
void zsp_destroy_shrinker(struct zsp_pool *pool)
{
	shrinker_free(pool->shrinker);
}
