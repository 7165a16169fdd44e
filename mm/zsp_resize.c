// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: large segments for what fills them, small ones for the
 * rest. mm/zsmalloc_persist.c begins with the overview.
 *
 * DOC: Sizes of segments
 *
 * A segment is 2 MiB however little it holds. In a pool of 100 MiB the one that
 * is being filled costs 1 % on average, which is more than all descriptors and
 * directories do. It is not known in advance which one will be the last, so it
 * is *folded* once the pool has stopped growing: moved into as many small
 * segments as it takes. When the pool grows again and there is room in large
 * segments, compaction moves the small ones back: at most 2 MiB are moved twice
 * for each time that a pool stops to grow. To fill small segments first, and to
 * *gather* eight at a time into a large one, would move everything once more.
 *
 * The same is done with the emptiest segment when compaction has no room left
 * for all of a segment in others: what they have room for goes there, and only
 * the rest into small ones.
 *
 * Small segments that there are because no large block was to be had are
 * gathered, too, as soon as they would fill a large one.
 */

#include "zsp_compact.h"
#include "zsp_util.h"

#define ZSP_LARGE_PAGES	((1UL << ZRAM_PERSIST_MAX_ORDER) - 1)

/* Order of the segments that a large one is folded into. */
#define ZSP_FOLD_ORDER	6
#define ZSP_FOLD_PAGES	((1U << ZSP_FOLD_ORDER) - 1)
#define ZSP_MAX_FOLDS	(1U << (ZRAM_PERSIST_MAX_ORDER - ZSP_FOLD_ORDER))
#define ZSP_FOLD_GFP	(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

/* Pages for so many bytes of objects, of which not every gap can be filled. */
static u64 zsp_pages_for(u64 live)
{
	return DIV_ROUND_UP(live + live / 64, PAGE_SIZE);
}

/**
 * zsp_is_worth_folding() - would folding give memory back?
 * @survey: number of large segments and what they hold, in the first step
 * @live: bytes in the one that is to be folded
 *
 * Return: true if it gives back the pages of one small segment at least.
 */
bool zsp_is_worth_folding(const struct zsp_survey *survey, u64 live)
{
	u64 others = survey->live[0] - live;
	u64 room = survey->segments[0] * ZSP_LARGE_BYTES - survey->live[0] -
		   (ZSP_LARGE_BYTES - live);

	room -= min(room, others / 64);
	live -= min(live, room);
	return DIV_ROUND_UP((u32)zsp_pages_for(live), ZSP_FOLD_PAGES) + 1 <
	       ZSP_MAX_FOLDS;
}

/*
 * Context: pool->lock. Notes the large segment that holds the least, and sums
 * up what all of them hold.
 */
static void zsp_note_least(struct zsp_pool *pool, struct folio *folio,
			   void *data)
{
	struct zsp_survey *survey = data;
	unsigned long live;

	if (!zsp_is_movable(folio) || !zsp_is_large(folio))
		return;
	live = zsp_live(folio);
	survey->segments[0]++;
	survey->live[0] += live;
	if (survey->least && survey->least_live <= live)
		return;
	survey->least = zsp_entry(folio)->location;
	survey->least_live = live;
}

/* Context: pool->lock. Isolates it, if it is still there. */
static void zsp_isolate_least(struct zsp_pool *pool, struct folio *folio,
			      void *data)
{
	struct zsp_survey *survey = data;

	if (zsp_entry(folio)->location != survey->least ||
	    !zsp_is_movable(folio))
		return;
	zsp_isolate(pool, folio);
	survey->isolated = folio;
}

/**
 * zsp_fold() - move what the emptiest large segment holds into small ones
 * @pool: pool
 * @survey: memory to work with
 *
 * Does nothing if that would not give memory back, because there is too little to
 * gain or because the large one would stay in the reserve, or if there is none for
 * the small segments.
 *
 * Context: compact_lock. Sleeps, and allocates with GFP_KERNEL.
 * Return: pages taken for small segments.
 */
u64 zsp_fold(struct zsp_pool *pool, struct zsp_survey *survey)
{
	unsigned int left = ZSP_MAX_FOLDS;
	int err = -ENOMEM;
	u64 taken = 0;

	if (zsp_pages(pool) < pool->reserve_pages + ZSP_LARGE_PAGES + 1)
		return 0;
	memset(survey, 0, sizeof(*survey));
	zsp_release_sets(pool);
	zsp_every_segment(pool, zsp_note_least, survey, zsp_shall_stop);
	if (!survey->least || !zsp_is_worth_folding(survey, survey->least_live))
		return 0;
	zsp_every_segment(pool, zsp_isolate_least, survey, zsp_shall_stop);
	if (!survey->isolated)
		return 0;
	/* More than expected, at worst as many as it had pages, or it stays. */
	while (left-- && err == -ENOMEM) {
		if (!zsp_open_new(pool, ZSP_FOLD_ORDER, false, ZSP_FOLD_GFP))
			break;
		taken += 1U << ZSP_FOLD_ORDER;
		err = zsp_empty_segment(pool, survey->isolated);
	}
	zsp_end_isolation(pool, survey->isolated);
	return taken;
}

/* Context: pool->lock. */
static void zsp_count_small(struct zsp_pool *pool, struct folio *folio,
			    void *data)
{
	struct zsp_survey *survey = data;

	if (zsp_is_movable(folio) && !zsp_is_large(folio))
		survey->small += zsp_live(folio);
}

/**
 * zsp_gather() - make room for small segments in large ones
 * @pool: pool
 * @survey: memory to work with
 *
 * Context: compact_lock, before small segments are emptied. Sleeps, and
 * allocates with GFP_KERNEL.
 * Return: pages taken for large segments.
 */
u64 zsp_gather(struct zsp_pool *pool, struct zsp_survey *survey)
{
	u64 pages, taken = 0;

	memset(survey, 0, sizeof(*survey));
	zsp_every_segment(pool, zsp_count_small, survey, zsp_shall_stop);
	for (pages = zsp_pages_for(survey->small); pages >= ZSP_LARGE_PAGES;
	     pages -= ZSP_LARGE_PAGES) {
		/* Each may take long, if memory has to be moved for it. */
		if (zsp_shall_stop(pool) ||
		    !zsp_open_new(pool, ZRAM_PERSIST_MAX_ORDER, false,
				  ZSP_FOLD_GFP))
			break;
		taken += 1U << ZRAM_PERSIST_MAX_ORDER;
	}
	return taken;
}
