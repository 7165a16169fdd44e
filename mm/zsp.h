/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private header of the persistent allocator. Its files:
 *
 *   zsmalloc_persist.c	pools; begins with the overview
 *   zsp_object.c		objects
 *   zsp_page.c		raw pages, and pages of the slot table
 *   zsp_span.c		one span: its directory and payloads
 *   zsp_place.c	which span an object goes to
 *   zsp_segment.c	segments, the segment table, runs of pages in segments
 *   zsp_block.c		in which blocks of 1 GiB segments lie
 *   zsp_reserve.c	empty segments, kept or on their way out
 *   zsp_compact.c	moving objects together
 *   zsp_survey.c		which segments to empty for that
 *   zsp_resize.c		into large segments, and the rest into small ones
 *   zsp_shrink.c		when to do so
 *   zsp_handover.c	joining and leaving the handover, seal
 *   zsp_attach.c	adopting what the previous kernel handed over
 *   zsp_bad.c		pages that the kernel reports as faulty
 *   zsp_free.c		giving segments back to the page allocator
 *   zsp_verify.c	recounts all of it, for tests and debug builds
 *   zsp_util.h		small functions that they share
 */
#ifndef _ZSP_H_
#define _ZSP_H_

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/zsmalloc_persist.h>

static_assert(PAGE_SHIFT == ZRAM_PERSIST_PAGE_SHIFT);

/* Spans are listed by their free bytes, in as many steps: see zsp_bin_of(). */
#define ZSP_BINS	17

/*
 * A span is filled anew when 6144 bytes of it are free, a fifth. Then all of it
 * has to be moved together, for as many objects as that is room for. With 4096
 * bytes, random overwriting takes a twentieth longer, most of it in memmove();
 * with 8192 it is not faster any more, and more stays unused until compaction.
 */
#define ZSP_REUSE_BIN	12

/*
 * Spans that a processor fills at a time. An object goes to the one where it
 * leaves the least room. With one span a thirtieth of all memory is left over,
 * with four a hundredth, with eight a little less (scripts/span-waste).
 */
#define ZSP_ACTIVE	8
#define ZSP_MAX_SETS	8

#define ZSP_SHARD_BITS	6	/* locks of spans, by their address */

/* Nobody compacts in the background for less than this. */
#define ZSP_COMPACT_PAGES	(2U << ZRAM_PERSIST_MAX_ORDER)

/* Empty segments that a persistent pool keeps joined for the I/O path. */
#define ZSP_RESERVE	2
#define ZSP_SPARE_ENTRIES	64	/* unused, of the segment table of any pool */

/* Low bits of folio->private; the rest is the address of the entry. */
#define ZSP_F_JOINED	1UL	/* is in the handover */
#define ZSP_F_BUSY	2UL	/* is joining right now */
#define ZSP_F_EMPTIED	4UL	/* was emptied while busy or isolated */
#define ZSP_F_ISOLATED	8UL	/* compaction empties it */
#define ZSP_F_MASK	15UL
static_assert(sizeof(struct zram_persist_segtab_entry) > ZSP_F_MASK);

/**
 * struct zsp_shard - lock of all spans whose addresses hash to it
 * @lock: see DOC: Locks
 * @objects: objects in these spans
 * @bytes: bytes of their payloads, in granules each
 */
struct zsp_shard {
	spinlock_t lock;	/* see DOC: Locks */
	s64 objects;
	s64 bytes;
} ____cacheline_aligned_in_smp;

/**
 * struct zsp_set - spans that are being filled
 * @lock: see DOC: Locks
 * @span: their memory, or NULL
 * @slide: map for moving payloads of one of them together
 */
struct zsp_set {
	spinlock_t lock;	/* see DOC: Locks */
	struct zram_persist_span *span[ZSP_ACTIVE];
	struct zsp_slide *slide;
} ____cacheline_aligned_in_smp;

struct zsp_slide;
struct zsp_survey;

/**
 * struct zsp_pool - a device's allocator instance
 * @ops: the handover
 * @move: moves an object, see zsp_set_mover(); under compact_lock
 * @move_data: passed to @move; under compact_lock
 * @failures_seen: zsp_failures() when it last looked for them; changed under
 *	compact_lock. Read for each object, and so is not beside what changes.
 * @has_bad: a page of it is faulty; likewise
 * @compact_lock: see DOC: Locks
 * @stop_compacting: whoever compacts, or fills a reserve, shall end
 * @compact_end: the same at this time, in jiffies, or 0; under compact_lock
 * @window: where the next one with little time begins, see &zsp_survey.from
 * @growing: a large segment was opened since this was last looked at
 * @unsettled: one was opened since zsp_settle()
 * @wipe: it is or was persistent: what it frees is zeroed, by the worker
 * @survey: what the segments hold; under compact_lock
 * @shrinker: compacts when memory is short
 * @handover_lock: see DOC: Locks
 * @persistent: segments join the handover; changed under both locks
 * @sealed: the worker must not change anything any more. Under handover_lock.
 * @spoiled: metadata are on a faulty page. Under handover_lock.
 * @cannot_seal: and on one that stays
 * @told_spoiled: users have been told; once is enough. Likewise.
 * @disowned: a slot named what is not its own, see zsp_note_disowned()
 * @lost_spans: spans that were lost since the pool was made
 * @relinked: as many of them as are taken care of; under compact_lock
 * @lock: see DOC: Locks
 * @open: segments with free pages, by &zsp_space.run
 * @open_tables: segments with free pages for the slot table
 * @reserve: empty segments, kept
 * @leaving: empty segments that the worker frees
 * @tables: pages of the segment table, in their order, by page->lru
 * @table: the one of them with which the search for an entry begins
 * @nr_reserve: segments in @reserve
 * @reserve_pages: pages that the pool keeps at least
 * @free_entries: unused entries of the segment table
 * @unjoined: segments and table pages that have not joined
 * @stats: counters
 * @bin: first listed span of each bin
 * @work: joins, leaves, fills the reserve
 * @bad_work: looks for faulty pages
 * @compact_work: compacts when much is free
 * @move_buffer: a page for a payload that is being moved; under compact_lock
 * @shards: locks of spans
 * @name: for messages
 * @nr_sets: entries of @sets; the last one is for compaction
 * @sets: spans being filled
 */
struct zsp_pool {
	const struct zsp_handover_ops *ops;
	zsp_move_fn move;
	void *move_data;
	unsigned long failures_seen;
	bool has_bad;
	struct mutex compact_lock;	/* see DOC: Locks */
	bool stop_compacting;
	unsigned long compact_end;
	struct page *window;
	bool growing;
	bool unsettled;
	bool wipe;
	struct zsp_survey *survey;
	struct shrinker *shrinker;
	struct mutex handover_lock;	/* see DOC: Locks */
	bool persistent;
	bool sealed;
	bool spoiled;
	bool cannot_seal;
	bool told_spoiled;
	bool disowned;
	u64 lost_spans;
	u64 relinked;
	spinlock_t lock;		/* see DOC: Locks */
	struct list_head open[ZRAM_PERSIST_MAX_SPAN + 1];
	struct list_head open_tables;
	struct list_head reserve;
	struct list_head leaving;
	struct list_head tables;
	struct page *table;
	unsigned int nr_reserve;
	u64 reserve_pages;
	u64 free_entries;
	u64 unjoined;
	struct zsp_stats stats;
	struct zram_persist_span *bin[ZSP_BINS];
	struct work_struct work;
	struct work_struct bad_work;
	struct delayed_work compact_work;
	void *move_buffer;
	struct zsp_shard shards[1 << ZSP_SHARD_BITS];
	char name[32];
	unsigned int nr_sets;
	struct zsp_set sets[] __counted_by(nr_sets);
};

/* zsp_object.c */
void zsp_put_span(struct zsp_pool *pool, struct zram_persist_span *span);
void zsp_note_disowned(struct zsp_pool *pool);

/* zsp_place.c */
void zsp_link_span(struct zsp_pool *pool, struct zram_persist_span *span);
void zsp_unlink_span(struct zsp_pool *pool, struct zram_persist_span *span);
struct zram_persist_span *zsp_next_listed(struct zsp_pool *pool,
					  struct zram_persist_span *span);
void zsp_release_span(struct zsp_pool *pool, struct zram_persist_span *span);
void zsp_release_set(struct zsp_pool *pool, struct zsp_set *set);
void zsp_clean_set(struct zsp_pool *pool, struct zsp_set *set);
void zsp_drop_active(struct zsp_pool *pool, struct zram_persist_span *span);
int zsp_store_in(struct zsp_pool *pool, struct zsp_set *set,
		 const struct zsp_object *object, const void *payload,
		 gfp_t gfp, u64 *location);

/* zsp_segment.c */
struct page *zsp_alloc_block(gfp_t gfp, unsigned int order);
struct page *zsp_alloc_segtab(gfp_t gfp);
void zsp_add_segtab(struct zsp_pool *pool, struct page *page);
struct folio *zsp_new_segment(struct zsp_pool *pool, unsigned int order,
			      struct zram_persist_page page, gfp_t gfp);
void zsp_unlist_segment(struct zsp_pool *pool, struct folio *folio);
struct folio *zsp_retire_segment(struct zsp_pool *pool, struct folio *folio);
void zsp_sort_segment(struct zsp_pool *pool, struct folio *folio);
bool zsp_open_new(struct zsp_pool *pool, unsigned int order, bool tables,
		  gfp_t gfp);
void zsp_count_run(struct zsp_pool *pool, unsigned int kind, long pages);
u64 zsp_take_run(struct zsp_pool *pool, unsigned int pages,
		 struct zram_persist_page first);
void zsp_put_run(struct zsp_pool *pool, u64 location, unsigned int pages);
u64 zsp_take_lone(struct zsp_pool *pool, struct zram_persist_page page,
		  gfp_t gfp);
void zsp_put_lone(struct zsp_pool *pool, struct folio *folio);

/* zsp_reserve.c */
bool zsp_is_reserve(struct zsp_pool *pool, struct folio *folio);
void zsp_keep_segment(struct zsp_pool *pool, struct folio *folio);
bool zsp_open_any(struct zsp_pool *pool, gfp_t gfp);
void zsp_free_leaving(struct zsp_pool *pool);
void zsp_trim_reserve(struct zsp_pool *pool);
void zsp_fill_reserve(struct zsp_pool *pool);

/* zsp_shrink.c */
void zsp_compact_work(struct work_struct *work);
void zsp_kick_compact(struct zsp_pool *pool);
void zsp_note_growth(struct zsp_pool *pool, bool growing);

/* zsp_handover.c */
void zsp_work(struct work_struct *work);
void zsp_kick(struct zsp_pool *pool);
struct page *zsp_next_segtab(struct zsp_pool *pool, struct page *page);
int zsp_change_all(struct zsp_pool *pool, bool join);
void zsp_set_persistent(struct zsp_pool *pool, bool persistent);

#endif /* _ZSP_H_ */
