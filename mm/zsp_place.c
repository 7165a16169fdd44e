// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: which span an object goes to.
 *
 * Each processor has a set of spans that it fills, and puts an object where it
 * leaves the least room. When it fits nowhere, the fullest span of the set is
 * released for another: one of those that have been filled before and of which
 * enough is free again, or a new one.
 */

#include "zsp_util.h"

/* === Lists of spans === */

static void zsp_set_next(struct zram_persist_span *span,
			 const struct zram_persist_span *next)
{
	span->scratch[0] = (span->scratch[0] & ZSP_STATE_MASK) |
			   (next ? zsp_span_phys(next) : 0);
}

static void zsp_set_prev(struct zram_persist_span *span,
			 const struct zram_persist_span *prev)
{
	span->scratch[1] = (span->scratch[1] & ZRAM_PERSIST_LOCATION_ORDER) |
			   (prev ? zsp_span_phys(prev) : 0);
}

static struct zram_persist_span *zsp_scratch_span(u64 scratch)
{
	u64 addr = scratch & PAGE_MASK;

	return addr ? phys_to_virt(addr) : NULL;
}

/*
 * A list ends where a span is lost, as nobody can see what comes after it.
 * Returns @span, or NULL if it is. Context: pool->lock.
 */
static struct zram_persist_span *zsp_usable(struct zsp_pool *pool,
					    struct zram_persist_span *span)
{
	return span && zsp_find_lost(pool, span) ? NULL : span;
}

/**
 * zsp_next_listed() - walk over the list of a bin
 * @pool: pool
 * @span: listed span
 *
 * Context: pool->lock.
 * Return: the span after it, or NULL.
 */
struct zram_persist_span *zsp_next_listed(struct zsp_pool *pool,
					  struct zram_persist_span *span)
{
	return zsp_usable(pool, zsp_scratch_span(span->scratch[0]));
}

/**
 * zsp_set_state() - say who has a span
 * @span: span
 * @state: who
 *
 * Context: pool->lock.
 */
void zsp_set_state(struct zram_persist_span *span, enum zsp_state state)
{
	span->scratch[0] = (span->scratch[0] & ~(u64)ZSP_STATE_MASK) | state;
}

/**
 * zsp_link_span() - put a span on the list of its bin
 * @pool: pool
 * @span: span that is on no list
 *
 * Context: shard->lock, or whoever changes its free bytes comes here afterwards;
 * and pool->lock.
 */
void zsp_link_span(struct zsp_pool *pool, struct zram_persist_span *span)
{
	struct zram_persist_span **bin = &pool->bin[zsp_bin(span)];
	struct zram_persist_span *first = zsp_usable(pool, *bin);

	zsp_set_next(span, first);
	zsp_set_prev(span, NULL);
	if (first)
		zsp_set_prev(first, span);
	*bin = span;
	zsp_set_state(span, ZSP_LISTED);
}

/**
 * zsp_unlink_span() - take a span off its list
 * @pool: pool
 * @span: listed span
 *
 * That is not always the list of its bin: its free bytes change under
 * shard->lock alone, and whoever changes them comes here afterwards.
 *
 * Context: pool->lock.
 */
void zsp_unlink_span(struct zsp_pool *pool, struct zram_persist_span *span)
{
	struct zram_persist_span *next = zsp_next_listed(pool, span);
	struct zram_persist_span *prev = zsp_scratch_span(span->scratch[1]);
	unsigned int bin = 0;

	if (next)
		zsp_set_prev(next, prev);
	if (prev) {
		if (zsp_usable(pool, prev))
			zsp_set_next(prev, next);
		return;
	}
	while (bin < ZSP_BINS && pool->bin[bin] != span)
		bin++;
	if (!WARN_ON_ONCE(bin == ZSP_BINS))
		pool->bin[bin] = next;
}

/* A full directory keeps out what there would be room for. */
static bool zsp_has_room(const struct zram_persist_span *span,
			 unsigned int need)
{
	return READ_ONCE(span->free) >= need &&
	       READ_ONCE(span->nr_used) < ZRAM_PERSIST_MAX_ENTRIES;
}

/*
 * Takes a span with at least @need free bytes off the lists, from the emptiest
 * on and down to @lowest, and makes it active. In the lowest bin that comes
 * into question spans may have too little. Only a few are looked at; as a last
 * resort more, but not so many that others have to wait for the lock.
 */
static struct zram_persist_span *zsp_reuse_span(struct zsp_pool *pool,
						unsigned int need,
						int lowest)
{
	struct zram_persist_span *span = NULL;
	int bin, tries = lowest ? 16 : 256;

	lowest = max_t(int, lowest, zsp_bin_of(need));
	spin_lock(&pool->lock);
	for (bin = ZSP_BINS - 1; bin >= lowest && !span; bin--) {
		span = zsp_usable(pool, pool->bin[bin]);
		while (span && !zsp_has_room(span, need))
			span = --tries > 0 ? zsp_next_listed(pool, span) : NULL;
		if (!span)
			continue;
		zsp_unlink_span(pool, span);
		zsp_set_state(span, ZSP_ACTIVE_SPAN);
	}
	spin_unlock(&pool->lock);
	return span;
}

/*
 * Context: shard->lock and pool->lock. Decides what becomes of an active span.
 * Returns true if it is empty.
 */
static bool zsp_end_filling(struct zsp_pool *pool,
			    struct zram_persist_span *span)
{
	if (zsp_find_lost(pool, span))
		return false;
	if (zsp_find_tainted(pool, span) ||
	    zsp_test_flag(virt_to_folio(span), ZSP_F_ISOLATED))
		zsp_set_state(span, ZSP_ISOLATED);
	else if (span->nr_used)
		zsp_link_span(pool, span);
	return !span->nr_used;
}

/**
 * zsp_release_span() - end the filling of a span
 * @pool: pool
 * @span: active span that is in no set
 *
 * One that is tainted is on no list from then on.
 *
 * Context: may hold set->lock.
 */
void zsp_release_span(struct zsp_pool *pool, struct zram_persist_span *span)
{
	struct zsp_shard *shard = zsp_shard(pool, span);
	bool empty;

	spin_lock(&shard->lock);
	spin_lock(&pool->lock);
	empty = zsp_end_filling(pool, span);
	spin_unlock(&pool->lock);
	spin_unlock(&shard->lock);
	if (empty)
		zsp_put_span(pool, span);
}

/* === Sets of active spans === */

/**
 * zsp_release_set() - end the filling of all spans of a set
 * @pool: pool
 * @set: set
 *
 * Context: takes set->lock.
 */
void zsp_release_set(struct zsp_pool *pool, struct zsp_set *set)
{
	unsigned int i;

	spin_lock(&set->lock);
	for (i = 0; i < ZSP_ACTIVE; i++) {
		if (set->span[i])
			zsp_release_span(pool, set->span[i]);
		set->span[i] = NULL;
	}
	spin_unlock(&set->lock);
}

/**
 * zsp_drop_active() - give back an active span that was emptied
 * @pool: pool
 * @span: span; may have been filled or given back meanwhile
 *
 * Context: takes set->lock.
 */
void zsp_drop_active(struct zsp_pool *pool, struct zram_persist_span *span)
{
	struct zsp_set *set;
	unsigned int i;

	for (set = pool->sets; set < pool->sets + pool->nr_sets; set++) {
		spin_lock(&set->lock);
		for (i = 0; i < ZSP_ACTIVE; i++) {
			if (set->span[i] != span || span->nr_used)
				continue;
			set->span[i] = NULL;
			zsp_release_span(pool, span);
		}
		spin_unlock(&set->lock);
	}
}

/**
 * zsp_clean_set() - end the filling of those spans of a set that are tainted
 * @pool: pool
 * @set: set
 *
 * Context: set->lock.
 */
void zsp_clean_set(struct zsp_pool *pool, struct zsp_set *set)
{
	struct zram_persist_span *span;
	unsigned int i;

	for (i = 0; i < ZSP_ACTIVE; i++) {
		span = set->span[i];
		if (!span || !zsp_is_tainted(pool, span))
			continue;
		set->span[i] = NULL;
		zsp_release_span(pool, span);
	}
}

/* Context: set->lock. The place in a set that is best given up. */
static struct zram_persist_span **zsp_fullest(struct zsp_set *set)
{
	unsigned int i, best = 0;

	for (i = 0; i < ZSP_ACTIVE; i++) {
		if (!set->span[i])
			return &set->span[i];
		if (zsp_span_gap(set->span[i]) <
		    zsp_span_gap(set->span[best]))
			best = i;
	}
	return &set->span[best];
}

/*
 * Context: set->lock. Joins the holes of an active span. If it cannot be, because the
 * directory is damaged, the span stays as it is, and is on no list, until it is
 * empty. One map for all sets would let those who read wait for the slides of other
 * processors.
 */
static bool zsp_make_gap(struct zsp_pool *pool, struct zsp_set *set,
			 struct zram_persist_span *span)
{
	struct zsp_shard *shard = zsp_shard(pool, span);
	bool ok = true;

	spin_lock(&shard->lock);
	if (zsp_span_gap(span) < span->free)
		ok = zsp_span_slide(span, set->slide);
	if (!ok) {
		spin_lock(&pool->lock);
		zsp_set_state(span, ZSP_ISOLATED);
		spin_unlock(&pool->lock);
	}
	spin_unlock(&shard->lock);
	return ok;
}

/*
 * Context: set->lock. Puts @span, which is active, into a set, unless it has
 * become tainted while it was in none: zsp_find_bad() has not seen it then.
 */
static void zsp_add_active(struct zsp_pool *pool, struct zsp_set *set,
			   struct zram_persist_span *span)
{
	struct zram_persist_span **place;

	if (zsp_may_be_bad(pool) && zsp_is_tainted(pool, span)) {
		zsp_release_span(pool, span);
		return;
	}
	if (!zsp_make_gap(pool, set, span))
		return;
	place = zsp_fullest(set);
	if (*place)
		zsp_release_span(pool, *place);
	*place = span;
}

/*
 * Context: set->lock. The span of a set in which an object of @len bytes leaves
 * the least room, or NULL. What it reads may change, if only for the better:
 * only who holds set->lock adds to these spans.
 */
static struct zram_persist_span *zsp_best_fit(struct zsp_set *set,
					      unsigned int len)
{
	unsigned int i, gap, need, least = UINT_MAX;
	struct zram_persist_span *best = NULL, *span;

	for (i = 0; i < ZSP_ACTIVE; i++) {
		span = set->span[i];
		if (!span)
			continue;
		gap = zsp_span_gap(span);
		need = zsp_span_need(span, len);
		if (need <= gap && gap - need < least) {
			least = gap - need;
			best = span;
		}
	}
	return best;
}

/* Context: set->lock. Returns -ENOSPC if no span of the set has room. */
static int zsp_store_active(struct zsp_pool *pool, struct zsp_set *set,
			    const struct zsp_object *object,
			    const void *payload, u64 *location)
{
	struct zram_persist_span *span = zsp_best_fit(set, object->len);
	struct zsp_shard *shard;
	int index;

	if (!span)
		return -ENOSPC;
	shard = zsp_shard(pool, span);
	spin_lock(&shard->lock);
	index = zsp_span_insert(span, object, payload);
	if (index >= 0) {
		shard->objects++;
		shard->bytes += zram_persist_room(object->len);
		*location = zsp_span_location(span) |
			    index << ZRAM_PERSIST_LOCATION_INDEX_SHIFT;
	}
	spin_unlock(&shard->lock);
	return index < 0 ? index : 0;
}

/* Like zsp_store_active(), also in spans that have been filled before. */
static int zsp_store_reuse(struct zsp_pool *pool, struct zsp_set *set,
			   const struct zsp_object *object,
			   const void *payload, int lowest, u64 *location)
{
	unsigned int need = zram_persist_room(object->len) +
			    sizeof(struct zram_persist_entry);
	struct zram_persist_span *span;
	int err;

	for (;;) {
		err = zsp_store_active(pool, set, object, payload,
				       location);
		if (!err)
			return 0;
		span = zsp_reuse_span(pool, need, lowest);
		if (!span)
			return -ENOSPC;
		zsp_add_active(pool, set, span);
	}
}

/* === New spans === */

/* A run of at most @most pages, and of at least @least. */
static u64 zsp_take_span(struct zsp_pool *pool, unsigned int most,
			 unsigned int least)
{
	struct zram_persist_page first = {};
	unsigned int pages;
	u64 location;

	for (pages = most; pages >= least; pages--) {
		first.kind = ZRAM_PERSIST_SPAN | (pages - 1) << 4;
		location = zsp_take_run(pool, pages, first);
		if (location)
			return location;
	}
	return 0;
}

/*
 * Looks for room for a span, from the best to the least: in open segments, in
 * the reserve, in a new large segment, in small ones, in a single page. Shorter
 * runs of three pages and more come before memory that is not in use yet, so
 * that what raw pages leave between them is not lost.
 */
static u64 zsp_place_span(struct zsp_pool *pool, gfp_t gfp)
{
	struct zram_persist_page single = { .kind = ZRAM_PERSIST_SPAN };
	u64 location;

	do {
		location = zsp_take_span(pool, ZRAM_PERSIST_MAX_SPAN, 3);
		if (location)
			return location;
	} while (gfp && zsp_open_any(pool, gfp));

	location = zsp_take_span(pool, 2, 1);
	if (location || !gfp)
		return location;
	return zsp_take_lone(pool, single, gfp);
}

/* The span is active, and in no set. */
static struct zram_persist_span *zsp_new_span(struct zsp_pool *pool, gfp_t gfp)
{
	u64 location = zsp_place_span(pool, gfp);

	return location ? zsp_location_to_virt(location) : NULL;
}

/**
 * zsp_store_in() - store an object in a span of a set
 * @pool: pool
 * @set: the set
 * @object: object
 * @payload: its payload
 * @gfp: how far to go for memory; 0 for no further than what the pool has
 * @location: where to put its location
 *
 * The last resort before there is an error are spans that have hardly any room.
 *
 * Context: takes set->lock. Sleeps if @gfp allows it.
 * Return: 0 or -ENOMEM.
 */
int zsp_store_in(struct zsp_pool *pool, struct zsp_set *set,
		 const struct zsp_object *object, const void *payload,
		 gfp_t gfp, u64 *location)
{
	struct zram_persist_span *span = NULL;
	int lowest = ZSP_REUSE_BIN;
	int err;

	for (;;) {
		spin_lock(&set->lock);
		if (zsp_is_alarmed(pool))
			zsp_clean_set(pool, set);
		if (span)
			zsp_add_active(pool, set, span);
		err = zsp_store_reuse(pool, set, object, payload, lowest,
				      location);
		spin_unlock(&set->lock);
		if (!err)
			return 0;
		if (!lowest)
			return -ENOMEM;
		span = zsp_new_span(pool, gfp);
		if (!span)
			lowest = 0;
	}
}
