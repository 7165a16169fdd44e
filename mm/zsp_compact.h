/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compaction of the persistent allocator: see zsp_compact.c.
 */
#ifndef _ZSP_COMPACT_H_
#define _ZSP_COMPACT_H_

#include "zsp.h"

/* Segments are surveyed in as many steps of what they hold. */
#define ZSP_STEPS	64U

/* What a large segment can hold. Long: it is multiplied by the number of them. */
#define ZSP_LARGE_BYTES	(((1UL << ZRAM_PERSIST_MAX_ORDER) - 1) << PAGE_SHIFT)

/*
 * Who has little time surveys the segments of so many pages of the segment table at
 * a time, up to 1 GiB: to survey a segment takes some microseconds.
 */
#define ZSP_WINDOW	2U

/* And empties so many large ones for each millisecond. */
#define ZSP_EMPTY_PER_MS	2U

/**
 * struct zsp_survey - what the segments of a pool hold
 * @from: page of the segment table after which the survey began, or NULL
 * @tables: how many of its pages it went through
 * @most: large segments that there is time to empty
 * @most_in_block: segments in the fullest block of 1 GiB
 * @segments: large segments, by what they hold
 * @live: bytes that they hold, by the same
 * @waste: bytes that are free in all segments of the pool
 * @small: bytes that all smaller ones hold
 * @small_room: bytes that they would hold if they were full
 * @small_rest: so much of that is still to be chosen
 * @step: segments of lower steps are to be emptied
 * @rest: and so many of this one
 * @least: location of the large segment that holds the least, or 0
 * @least_live: bytes that it holds
 * @isolated: the same, once it is isolated
 */
struct zsp_survey {
	struct page *from;
	unsigned int tables;
	u32 most;
	unsigned int most_in_block;
	u32 segments[ZSP_STEPS];
	u64 live[ZSP_STEPS];
	u64 waste;
	u64 small;
	u64 small_room;
	u64 small_rest;
	unsigned int step;
	u32 rest;
	u64 least;
	unsigned long least_live;
	struct folio *isolated;
};

static inline bool zsp_is_large(struct folio *folio)
{
	return folio_order(folio) == ZRAM_PERSIST_MAX_ORDER;
}

/* zsp_compact.c */
bool zsp_shall_stop(struct zsp_pool *pool);
struct zram_persist_span *zsp_next_span(struct folio *folio, unsigned int *i);
bool zsp_is_movable(struct folio *folio);
void zsp_isolate(struct zsp_pool *pool, struct folio *folio);
int zsp_empty_segment(struct zsp_pool *pool, struct folio *folio);
void zsp_end_isolation(struct zsp_pool *pool, struct folio *folio);
void zsp_release_sets(struct zsp_pool *pool);
void zsp_settle(struct zsp_pool *pool);

int zsp_compact_once(struct zsp_pool *pool, unsigned int ms);

/* zsp_survey.c */
unsigned long zsp_live(struct folio *folio);
void zsp_survey_one(struct zsp_pool *pool, struct folio *folio, void *data);
bool zsp_choose(struct zsp_survey *survey);
bool zsp_is_chosen(struct zsp_survey *survey, struct folio *folio);

/* zsp_resize.c */
bool zsp_is_worth_folding(const struct zsp_survey *survey, u64 live);
u64 zsp_fold(struct zsp_pool *pool, struct zsp_survey *survey);
u64 zsp_gather(struct zsp_pool *pool, struct zsp_survey *survey);

/* zsp_shrink.c */
u64 zsp_waste(struct zsp_pool *pool);
int zsp_init_shrinker(struct zsp_pool *pool);
void zsp_destroy_shrinker(struct zsp_pool *pool);

#endif /* _ZSP_COMPACT_H_ */
