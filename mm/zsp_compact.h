/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Compaction of the persistent allocator: see zsp_compact.c.
 */
#ifndef _ZSP_COMPACT_H_
#define _ZSP_COMPACT_H_

#include "zsp.h"

/* Segments are surveyed in as many steps of what they hold. */
#define ZSP_STEPS	64

/**
 * struct zsp_survey - what the segments of a pool hold
 * @segments: large segments, by what they hold
 * @live: bytes that they hold, by the same
 * @small: bytes that all smaller ones hold
 * @nr_small: number of these
 * @step: segments of lower steps are to be emptied
 * @rest: and so many of this one
 */
struct zsp_survey {
	u32 segments[ZSP_STEPS];
	u64 live[ZSP_STEPS];
	u64 small;
	u32 nr_small;
	unsigned int step;
	u32 rest;
};

int zsp_compact_once(struct zsp_pool *pool, unsigned int ms);
int zsp_init_shrinker(struct zsp_pool *pool);
void zsp_destroy_shrinker(struct zsp_pool *pool);

#endif /* _ZSP_COMPACT_H_ */
