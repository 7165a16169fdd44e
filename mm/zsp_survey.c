// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: what segments hold, and which of them compaction empties.
 * mm/zsmalloc_persist.c begins with the overview, zsp_compact.c with compaction.
 */

#include "zsp_compact.h"
#include "zsp_util.h"

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

/* Bytes that a segment would hold if it were full. */
static u64 zsp_small_room(struct folio *folio)
{
	return (folio_nr_pages(folio) - zsp_is_headed(folio)) * PAGE_SIZE;
}

/**
 * zsp_survey_one() - note what a segment holds
 * @pool: pool
 * @folio: segment
 * @data: &struct zsp_survey
 *
 * Context: pool->lock.
 */
void zsp_survey_one(struct zsp_pool *pool, struct folio *folio, void *data)
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
		survey->small_room += zsp_small_room(folio);
	}
}

/*
 * How much of small segments can be emptied: bytes of what they would hold if they
 * were full, @survey->small_room if it is all of them. What they hold has to go
 * where the pool is free otherwise, which is @survey->waste without what is free in
 * them. More would do harm: what is isolated is no room for those who store meanwhile,
 * who might find none although the pool has some.
 */
static u64 zsp_choose_small(const struct zsp_survey *survey)
{
	u64 slack = survey->small / 64;

	return min(survey->small_room,
		   survey->waste - min(survey->waste, slack));
}

/**
 * zsp_choose() - choose which segments to empty
 * @survey: of what zsp_survey_one() has seen; its @step, @rest and @small_rest are
 *	filled in
 *
 * Small ones, as far as there is room for what they hold in all of the pool; and large
 * ones from the emptiest on: as long as what they hold, and a little more because not
 * every gap can be filled, is less than what is free in the others. If that is too
 * many, the last ones find no room and stay. Nor more than there is time for: to list
 * one again takes almost as long as to empty it.
 *
 * Return: whether there are any.
 */
bool zsp_choose(struct zsp_survey *survey)
{
	u64 moved = 0, room = 0, live, left;
	unsigned int i;

	survey->small_rest = zsp_choose_small(survey);
	if (survey->small_room)
		moved = mul_u64_u64_div_u64(survey->small, survey->small_rest,
					    survey->small_room);
	for (i = 0; i < ZSP_STEPS; i++)
		room += survey->segments[i] * ZSP_LARGE_BYTES - survey->live[i];

	for (i = 0; i < ZSP_STEPS; i++) {
		if (!survey->segments[i])
			continue;
		live = survey->live[i] / survey->segments[i];
		for (left = survey->segments[i]; left; left--) {
			moved += live;
			room -= min_t(u64, room, ZSP_LARGE_BYTES - live);
			if (moved + moved / 64 > room || !survey->most--) {
				survey->step = i;
				survey->rest = survey->segments[i] - left;
				return i || survey->rest || survey->small_rest;
			}
		}
	}
	survey->step = ZSP_STEPS;
	return true;
}

/**
 * zsp_is_chosen() - is a segment one of those to be emptied?
 * @survey: after zsp_choose(); of the last step some may still be chosen
 * @folio: segment that can be emptied
 *
 * Context: pool->lock.
 * Return: true if it is.
 */
bool zsp_is_chosen(struct zsp_survey *survey, struct folio *folio)
{
	unsigned int step;
	u64 room;

	if (!zsp_is_large(folio)) {
		room = zsp_small_room(folio);
		if (room > survey->small_rest)
			return false;
		survey->small_rest -= room;
		return true;
	}
	step = zsp_step(survey, folio, zsp_live(folio));
	if (step > survey->step || (step == survey->step && !survey->rest))
		return false;
	survey->rest -= step == survey->step;
	return true;
}
