// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: moving objects together, so that whole segments can be
 * given back. mm/zsmalloc_persist.c begins with the overview.
 *
 * DOC: Compaction
 *
 * 1. All segments are surveyed. Those that hold the least are chosen, as many
 *    as the free bytes of the others have room for; and all small ones.
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
 */

#include <linux/export.h>
#include <linux/sched.h>

#include "zsp_compact.h"
#include "zsp_util.h"

#define ZSP_LARGE_BYTES	(((1UL << ZRAM_PERSIST_MAX_ORDER) - 1) << PAGE_SHIFT)

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

/* Context: pool->lock. Bytes of a span or raw page; others have none. */
static unsigned long zsp_live_page(const struct zram_persist_page *page,
				   const void *mem)
{
	const struct zram_persist_span *span = mem;

	switch (zram_persist_page_kind(page)) {
	case ZRAM_PERSIST_SPAN:
		return zsp_span_bytes(span) - READ_ONCE(span->free);
	case ZRAM_PERSIST_RAW:
		return PAGE_SIZE;
	default:
		return 0;
	}
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
 * zsp_live() - what a segment holds
 * @folio: segment
 *
 * Context: pool->lock.
 * Return: bytes of its spans and raw pages that are in use.
 */
unsigned long zsp_live(struct folio *folio)
{
	unsigned long live = 0;
	unsigned int i;

	for (i = zsp_is_headed(folio); i < folio_nr_pages(folio); i++)
		live += zsp_live_page(zsp_page_or_entry(folio, i),
				      folio_address(folio) + i * PAGE_SIZE);
	return live;
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

/*
 * The step of a large segment. If there are few in its block it counts as one
 * that holds less, and is the sooner emptied: a block of 1 GiB without any
 * memory that is handed over is one that the next kernel can boot with.
 */
static unsigned int zsp_step(struct zsp_survey *survey, struct folio *folio,
			     unsigned long live)
{
	unsigned int step = min(live * ZSP_STEPS / ZSP_LARGE_BYTES,
				ZSP_STEPS - 1UL);

	if (zsp_is_alone(folio, survey->most_in_block))
		step -= min(step, ZSP_STEPS / 16);
	return step;
}

static void zsp_survey_one(struct zsp_pool *pool, struct folio *folio,
			   void *data)
{
	struct zsp_survey *survey = data;
	unsigned long live;
	unsigned int step;

	if (!zsp_is_movable(folio))
		return;
	live = zsp_live(folio);
	if (zsp_is_large(folio)) {
		step = zsp_step(survey, folio, live);
		survey->segments[step]++;
		survey->live[step] += live;
	} else {
		survey->small += live;
		survey->nr_small++;
	}
}

/*
 * Chooses how many segments to empty: as long as what they hold, and a little
 * more because not every gap can be filled, is less than what is free in the
 * others. If that is too many, the last ones find no room and stay.
 */
static u32 zsp_choose(struct zsp_survey *survey)
{
	u64 moved = survey->small, room = 0, live, left;
	u32 chosen = survey->nr_small;
	unsigned int i;

	for (i = 0; i < ZSP_STEPS; i++)
		room += survey->segments[i] * ZSP_LARGE_BYTES - survey->live[i];

	for (i = 0; i < ZSP_STEPS; i++) {
		if (!survey->segments[i])
			continue;
		live = survey->live[i] / survey->segments[i];
		for (left = survey->segments[i]; left; left--) {
			moved += live;
			room -= min_t(u64, room, ZSP_LARGE_BYTES - live);
			if (moved + moved / 64 > room) {
				survey->step = i;
				survey->rest = survey->segments[i] - left;
				return chosen + survey->rest;
			}
		}
		chosen += survey->segments[i];
	}
	survey->step = ZSP_STEPS;
	return chosen;
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
	struct zsp_survey *survey = data;
	unsigned int step;

	if (!zsp_is_movable(folio))
		return;
	if (zsp_is_large(folio)) {
		step = zsp_step(survey, folio, zsp_live(folio));
		if (step > survey->step ||
		    (step == survey->step && !survey->rest))
			return;
		survey->rest -= step == survey->step;
	}
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
		err = zsp_empty_page(pool, folio, i);
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
static void zsp_empty_isolated(struct zsp_pool *pool)
{
	struct page *page = NULL;
	struct folio *folio;
	unsigned int entry;

	while ((page = zsp_next_segtab(pool, page))) {
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

/* Context: compact_lock. Empties small segments, and large ones if @large. */
static void zsp_compact_locked(struct zsp_pool *pool,
			       struct zsp_survey *survey, bool large)
{
	memset(survey, 0, sizeof(*survey));
	zsp_release_sets(pool);
	survey->most_in_block = zsp_most_in_block();
	zsp_each_segment(pool, zsp_survey_one, survey, zsp_shall_stop);
	if (zsp_shall_stop(pool) || !zsp_choose(survey))
		return;
	if (!large) {
		survey->step = 0;
		survey->rest = 0;
	}
	zsp_each_segment(pool, zsp_isolate_one, survey, zsp_shall_stop);
	zsp_empty_isolated(pool);
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

	if (!err)
		zsp_compact_locked(pool, pool->survey, true);
	return err;
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
	zsp_compact_locked(pool, pool->survey, large);
	if (!ms)
		taken += zsp_fold(pool, pool->survey);
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
