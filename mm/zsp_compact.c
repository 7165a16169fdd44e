// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: moving objects together, so that whole segments can be
 * given back. mm/zsmalloc_persist.c begins with the overview.
 *
 * DOC: Compaction
 *
 * 1. All segments are surveyed. Small ones are chosen, and those large ones that hold
 *    the least; as many as the free bytes of the others have room for.
 * 2. The chosen ones are isolated: nothing new is stored in them.
 * 3. One after another they are emptied. Each object names the slot that owns
 *    it, and the owner moves it, under the lock of that slot alone: all others
 *    can be read and written meanwhile.
 * 4. An empty segment goes back to the page allocator. One that could not be
 *    emptied is opened again.
 *
 * To move objects from the emptiest spans into the fullest ones, without regard
 * to segments, would make just as many pages free, but hardly ever a segment.
 *
 * What was moved stays moved when it is ended in the middle: there is no state
 * of a compaction but the ZSP_F_ISOLATED of segments.
 *
 * With little time, as the shrinker has it, this is done with a part of the segments
 * after another, or there would be no time left after the survey of a large pool.
 */

#include <linux/export.h>
#include <linux/sched.h>

#include "zsp_compact.h"
#include "zsp_util.h"

/**
 * zsp_shall_stop() - shall whoever compacts end?
 * @pool: pool
 *
 * Who looks for faulty pages waits for that, and until then compaction may come
 * to one.
 *
 * Return: true if it shall.
 */
bool zsp_shall_stop(struct zsp_pool *pool)
{
	return READ_ONCE(pool->stop_compacting) || zsp_is_alarmed(pool) ||
	       (pool->compact_end && time_after(jiffies, pool->compact_end));
}

/**
 * zsp_next_span() - find the next span of a segment
 * @folio: segment
 * @i: page to begin with; then the first page of the span
 *
 * Context: pool->lock.
 * Return: the span, or NULL if there is none from that page on.
 */
struct zram_persist_span *zsp_next_span(struct folio *folio, unsigned int *i)
{
	for (; *i < folio_nr_pages(folio); ++*i)
		if (zram_persist_page_kind(zsp_page_or_entry(folio, *i)) ==
		    ZRAM_PERSIST_SPAN)
			return folio_address(folio) + *i * PAGE_SIZE;
	return NULL;
}

/**
 * zsp_is_movable() - decide whether a segment can be emptied
 * @folio: segment
 *
 * Context: pool->lock.
 * Return: true if it holds something, all of which can be moved, and is not on
 * its way out, nor bound to stay.
 */
bool zsp_is_movable(struct folio *folio)
{
	if (zsp_test_flag(folio, ZSP_F_EMPTIED | ZSP_F_ISOLATED) ||
	    zsp_space(folio)->bad)
		return false;
	if (zsp_is_headed(folio))
		return !zsp_space(folio)->tables && !zsp_is_empty(folio);
	switch (zram_persist_page_kind(&zsp_entry(folio)->page)) {
	case ZRAM_PERSIST_SPAN:
	case ZRAM_PERSIST_RAW:
		return true;
	default:
		return false;
	}
}

/**
 * zsp_isolate() - store nothing more in a segment
 * @pool: pool
 * @folio: segment, see zsp_is_movable()
 *
 * Context: compact_lock and pool->lock.
 */
void zsp_isolate(struct zsp_pool *pool, struct folio *folio)
{
	unsigned int i = zsp_is_headed(folio);
	struct zram_persist_span *span;

	zsp_set_flag(folio, ZSP_F_ISOLATED);
	list_del_init(&folio->lru);
	for (; (span = zsp_next_span(folio, &i)); i++) {
		if (zsp_state(span) != ZSP_LISTED)
			continue;
		zsp_unlink_span(pool, span);
		zsp_set_state(span, ZSP_ISOLATED);
	}
}

static void zsp_isolate_one(struct zsp_pool *pool, struct folio *folio,
			    void *data)
{
	if (zsp_is_movable(folio) && zsp_is_chosen(data, folio))
		zsp_isolate(pool, folio);
}

/*
 * Looks for an object in @span from entry *@index on. Returns its location, or
 * 0 if there is none.
 */
static u64 zsp_next_object(struct zsp_pool *pool,
			   struct zram_persist_span *span, unsigned int *index,
			   u64 *owner)
{
	struct zsp_shard *shard = zsp_shard(pool, span);
	u64 location = 0;

	spin_lock(&shard->lock);
	if (zsp_may_be_bad(pool) && zsp_is_lost(pool, span)) {
		spin_unlock(&shard->lock);
		return 0;
	}
	while (*index < span->nr_entries && !span->entry[*index].place)
		++*index;
	if (*index < span->nr_entries) {
		location = zsp_span_location(span) |
			   *index << ZRAM_PERSIST_LOCATION_INDEX_SHIFT;
		*owner = zram_persist_entry_owner(&span->entry[*index]);
	}
	spin_unlock(&shard->lock);
	return location;
}

/*
 * Empties a span. An object that no slot names yet is being written just now
 * and stays, as does one that is too damaged to be moved; then the segment
 * does, too.
 */
static int zsp_empty_span(struct zsp_pool *pool,
			  struct zram_persist_span *span)
{
	unsigned int index = 0;
	u64 location, owner;
	int err;

	for (;; index++) {
		if (zsp_shall_stop(pool))
			return -EINTR;
		location = zsp_next_object(pool, span, &index, &owner);
		if (!location)
			return 0;
		err = pool->move(pool->move_data, owner, location, false);
		if (err == -ENOMEM)
			return err;
	}
}

/* Empties page @i of an isolated segment, or the span that it begins. */
static int zsp_empty_page(struct zsp_pool *pool, struct folio *folio,
			  unsigned int i)
{
	u64 location = zsp_location(PFN_PHYS(folio_pfn(folio) + i),
				    folio_order(folio));
	struct zram_persist_page page;
	int err = 0;

	spin_lock(&pool->lock);
	page = *zsp_desc(location);
	spin_unlock(&pool->lock);

	switch (zram_persist_page_kind(&page)) {
	case ZRAM_PERSIST_SPAN:
		return zsp_empty_span(pool, zsp_location_to_virt(location));
	case ZRAM_PERSIST_RAW:
		err = pool->move(pool->move_data,
				 zram_persist_raw_owner(&page), location, true);
		break;
	}
	return err == -ENOMEM ? err : 0;
}

/**
 * zsp_empty_segment() - move away what a segment holds
 * @pool: pool
 * @folio: isolated segment
 *
 * Context: compact_lock. Sleeps.
 * Return: 0, even if something in it cannot be moved; -ENOMEM if there is no
 * room elsewhere; -EINTR if whoever compacts shall end.
 */
int zsp_empty_segment(struct zsp_pool *pool, struct folio *folio)
{
	unsigned int i = zsp_is_headed(folio);
	int err = 0;

	for (; i < folio_nr_pages(folio) && !err; i++) {
		err = zsp_shall_stop(pool) ? -EINTR :
					     zsp_empty_page(pool, folio, i);
		cond_resched();
	}
	return err;
}

/* Context: pool->lock. Must a span of a segment that stays be listed again? */
static bool zsp_is_unlisted(struct zsp_pool *pool,
			    struct zram_persist_span *span)
{
	return !zsp_find_lost(pool, span) && span->nr_used &&
	       zsp_state(span) == ZSP_ISOLATED && !zsp_find_tainted(pool, span);
}

/* Puts the spans of a segment that stays on the lists again. */
static void zsp_relist_spans(struct zsp_pool *pool, struct folio *folio)
{
	unsigned int i = zsp_is_headed(folio);
	struct zram_persist_span *span;
	struct zsp_shard *shard;

	for (;; i++) {
		spin_lock(&pool->lock);
		span = zsp_next_span(folio, &i);
		spin_unlock(&pool->lock);
		if (!span)
			return;
		shard = zsp_shard(pool, span);
		spin_lock(&shard->lock);
		spin_lock(&pool->lock);
		if (zsp_is_unlisted(pool, span))
			zsp_link_span(pool, span);
		spin_unlock(&pool->lock);
		spin_unlock(&shard->lock);
	}
}

/* Context: pool->lock. Is a span of this segment still on no list? */
static bool zsp_has_isolated(struct zsp_pool *pool, struct folio *folio)
{
	unsigned int i = zsp_is_headed(folio);
	struct zram_persist_span *span;

	for (; (span = zsp_next_span(folio, &i)); i++)
		if (zsp_is_unlisted(pool, span))
			return true;
	return false;
}

/**
 * zsp_end_isolation() - free a segment if it is empty, else open it again
 * @pool: pool
 * @folio: isolated segment
 *
 * Its spans are listed while it is still isolated, because then it cannot
 * vanish; those that were released meanwhile, too.
 *
 * Context: compact_lock.
 */
void zsp_end_isolation(struct zsp_pool *pool, struct folio *folio)
{
	struct folio *retired = NULL;

	for (;;) {
		zsp_relist_spans(pool, folio);
		spin_lock(&pool->lock);
		if (!zsp_has_isolated(pool, folio))
			break;
		spin_unlock(&pool->lock);
	}
	zsp_clear_flag(folio, ZSP_F_ISOLATED);
	if (zsp_test_flag(folio, ZSP_F_EMPTIED)) {
		zsp_clear_flag(folio, ZSP_F_EMPTIED);
		pool->stats.compacted_pages += folio_nr_pages(folio);
		retired = zsp_retire_segment(pool, folio);
	} else if (zsp_is_headed(folio)) {
		zsp_sort_segment(pool, folio);
	}
	spin_unlock(&pool->lock);
	zsp_put_segment(retired);
}

/* The next isolated segment from entry *@entry of @table on. */
static struct folio *zsp_next_isolated(struct zsp_pool *pool,
				       struct zram_persist_segtab *table,
				       unsigned int *entry)
{
	struct folio *folio;

	spin_lock(&pool->lock);
	folio = zsp_find_segment(table, ZSP_F_ISOLATED, true, entry);
	spin_unlock(&pool->lock);
	return folio;
}

/* A segment that finds no room becomes room for those that come after it. */
static void zsp_empty_isolated(struct zsp_pool *pool,
			       const struct zsp_survey *survey)
{
	unsigned int tables = survey->tables, entry;
	struct page *page = survey->from;
	struct folio *folio;

	while (tables-- && (page = zsp_next_segtab(pool, page))) {
		entry = 0;
		while ((folio = zsp_next_isolated(pool, page_address(page),
						  &entry))) {
			if (!zsp_shall_stop(pool))
				zsp_empty_segment(pool, folio);
			zsp_end_isolation(pool, folio);
		}
	}
}

/**
 * zsp_release_sets() - end the filling of all spans
 * @pool: pool
 *
 * What is being filled cannot be isolated.
 */
void zsp_release_sets(struct zsp_pool *pool)
{
	unsigned int i;

	for (i = 0; i < pool->nr_sets; i++)
		zsp_release_set(pool, &pool->sets[i]);
}

/*
 * Context: pool->lock. An open segment in which nothing was ever stored: two that
 * looked for room at the same time have each opened one, or compaction was ended
 * before it had use for it. Nobody else comes by to let it go. One that is on no list
 * is being made, or being freed.
 */
static void zsp_close_unused(struct zsp_pool *pool, struct folio *folio,
			     void *unused)
{
	if (!zsp_is_headed(folio) || !zsp_is_empty(folio) ||
	    zsp_space(folio)->idle || list_empty(&folio->lru) ||
	    zsp_test_flag(folio, ZSP_F_BUSY | ZSP_F_EMPTIED | ZSP_F_ISOLATED))
		return;
	zsp_make_idle(pool, folio, &pool->leaving);
	queue_work(zsp_wq, &pool->work);
}

static void zsp_each_surveyed(struct zsp_pool *pool, zsp_visit_fn fn,
			      struct zsp_survey *survey)
{
	zsp_each_segment(pool, survey->from, survey->tables, fn, survey,
			 zsp_shall_stop);
}

static u32 zsp_time_for(const struct zsp_pool *pool)
{
	long left = pool->compact_end - jiffies;

	return pool->compact_end ?
	       jiffies_to_msecs(max(left, 1L)) * ZSP_EMPTY_PER_MS : U32_MAX;
}

/*
 * Context: compact_lock. Empties small segments, and large ones if @large, of those
 * that @tables pages of the segment table after @from list.
 */
static void zsp_compact_some(struct zsp_pool *pool, struct page *from,
			     unsigned int tables, bool large)
{
	struct zsp_survey *survey = pool->survey;

	memset(survey, 0, sizeof(*survey));
	survey->from = from;
	survey->tables = tables;
	survey->waste = zsp_waste(pool) * PAGE_SIZE;
	survey->most = zsp_time_for(pool);
	survey->most_in_block = zsp_most_in_block();
	zsp_each_surveyed(pool, zsp_survey_one, survey);
	if (zsp_shall_stop(pool) || !zsp_choose(survey))
		return;
	if (!large) {
		survey->step = 0;
		survey->rest = 0;
	}
	zsp_each_surveyed(pool, zsp_isolate_one, survey);
	zsp_empty_isolated(pool, survey);
}

/* The last page of a window that begins after @page, or NULL if nothing follows. */
static struct page *zsp_end_of_window(struct zsp_pool *pool, struct page *page)
{
	unsigned int tables = ZSP_WINDOW;

	do {
		page = zsp_next_segtab(pool, page);
	} while (--tables && page);
	return page && zsp_next_segtab(pool, page) ? page : NULL;
}

/*
 * Context: compact_lock. One window after another, all of them once at most, from
 * where there was no more time the last time.
 */
static void zsp_compact_windows(struct zsp_pool *pool, bool large)
{
	u64 windows = DIV_ROUND_UP(READ_ONCE(pool->stats.table_pages),
				   ZSP_WINDOW);

	while (windows-- && !zsp_shall_stop(pool)) {
		zsp_compact_some(pool, pool->window, ZSP_WINDOW, large);
		pool->window = zsp_end_of_window(pool, pool->window);
	}
}

/* Context: compact_lock. */
static void zsp_compact_locked(struct zsp_pool *pool, bool large)
{
	zsp_release_sets(pool);
	if (pool->compact_end)
		zsp_compact_windows(pool, large);
	else
		zsp_compact_some(pool, NULL, UINT_MAX, large);
	zsp_release_set(pool, &pool->sets[pool->nr_sets - 1]);
}

/* Context: compact_lock. Sets the time for what follows. */
static int zsp_begin(struct zsp_pool *pool, unsigned int ms)
{
	if (!pool->move)
		return -EOPNOTSUPP;
	if (pool->sealed || READ_ONCE(pool->stop_compacting))
		return -EBUSY;
	pool->compact_end = ms ? jiffies + msecs_to_jiffies(ms) + 1 : 0;
	return 0;
}

/**
 * zsp_compact_once() - compact as far as there is time, without memory
 * @pool: pool
 * @ms: end after so many milliseconds, or 0
 *
 * Context: compact_lock. May sleep, but waits for nothing that I/O needs, and
 * allocates nothing.
 * Return: as zsp_compact().
 */
int zsp_compact_once(struct zsp_pool *pool, unsigned int ms)
{
	int err = zsp_begin(pool, ms);

	if (err)
		return err;
	zsp_compact_locked(pool, true);
	zsp_every_segment(pool, zsp_close_unused, NULL, NULL);
	return 0;
}

/* Context: compact_lock. */
static int zsp_compact_fully(struct zsp_pool *pool, unsigned int ms, bool large)
{
	u64 before = READ_ONCE(pool->stats.compacted_pages), taken;
	u64 *compacted = &pool->stats.compacted_pages;
	int err = zsp_begin(pool, ms);

	if (err)
		return err;
	taken = zsp_gather(pool, pool->survey);
	zsp_compact_locked(pool, large);
	if (!ms)
		taken += zsp_fold(pool, pool->survey);
	zsp_every_segment(pool, zsp_close_unused, NULL, NULL);
	/* Who has discarded all, and compacts, wants to be rid of it. */
	memset(pool->move_buffer, 0, ZRAM_PERSIST_MAX_PAYLOAD);
	/* What was taken in order to free more is no gain. */
	spin_lock(&pool->lock);
	*compacted -= min(taken, *compacted - before);
	spin_unlock(&pool->lock);
	return 0;
}

/* Who compacts would stop at once, see zsp_shall_stop(). */
static void zsp_look_first(struct zsp_pool *pool)
{
	if (!zsp_is_alarmed(pool))
		return;
	zsp_watch(pool);
	flush_work(&pool->bad_work);
}

/**
 * zsp_compact() - give back as many segments as possible
 * @pool: pool; may be in use
 * @ms: end after so many milliseconds, or 0 for when all is done
 *
 * Who has no time does not wait for somebody else who compacts, either. Faulty
 * pages are looked for first.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: 0; -EOPNOTSUPP if the pool has no mover; -EBUSY if it is sealed or
 * about to be, or somebody else compacts and there is no time.
 */
int zsp_compact(struct zsp_pool *pool, unsigned int ms)
{
	int err;

	zsp_look_first(pool);
	if (!ms)
		mutex_lock(&pool->compact_lock);
	else if (!mutex_trylock(&pool->compact_lock))
		return -EBUSY;
	err = zsp_compact_fully(pool, ms, true);
	mutex_unlock(&pool->compact_lock);
	return err;
}
EXPORT_SYMBOL_GPL(zsp_compact);

/**
 * zsp_settle() - give back what the last segment has too much
 * @pool: pool that has stopped growing
 *
 * Moves no more than small segments hold, and one large one.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 */
void zsp_settle(struct zsp_pool *pool)
{
	WRITE_ONCE(pool->unsettled, false);
	zsp_look_first(pool);
	mutex_lock(&pool->compact_lock);
	zsp_compact_fully(pool, 0, false);
	mutex_unlock(&pool->compact_lock);
}
