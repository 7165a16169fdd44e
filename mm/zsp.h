/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private header of the persistent allocator. Its files:
 *
 *   zsmalloc_persist.c	objects and spans, pools; begins with the overview
 *   zsp_segment.c	segments, the segment table, runs of pages in segments
 *   zsp_handover.c	joining and leaving the handover, seal, attach
 *   zsp_verify.c	recounts all of it, for tests
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

/* Size classes are numbered by their size in granules. */
#define ZSP_CLASSES	(ZRAM_PERSIST_MAX_OBJECT / ZRAM_PERSIST_GRANULE + 1)

/* Spans with room are kept in this many lists, by quarters of use. */
#define ZSP_GROUPS	4
#define ZSP_GROUP_FULL	ZSP_GROUPS

/* Empty segments that a persistent pool keeps joined for the I/O path. */
#define ZSP_RESERVE	2

/* Unused entries of the segment table that the worker provides for. */
#define ZSP_SPARE_ENTRIES	64

/* Low bits of folio->private; the rest is the address of the entry. */
#define ZSP_F_JOINED	1UL	/* is in the handover */
#define ZSP_F_BUSY	2UL	/* is joining right now */
#define ZSP_F_EMPTIED	4UL	/* was emptied while it was joining */
#define ZSP_F_MASK	15UL
static_assert(sizeof(struct zram_persist_segtab_entry) > ZSP_F_MASK);

/**
 * struct zsp_space - free pages of a segment, kept in folio->index
 * @free: free pages
 * @first: no page before this one is free
 * @run: no run of free pages is longer than this, up to %ZRAM_PERSIST_MAX_SPAN
 * @unused: zero
 */
struct zsp_space {
	u16 free;
	u16 first;
	u16 run;
	u16 unused;
};

static_assert(sizeof(struct zsp_space) == sizeof(pgoff_t));

/**
 * struct zsp_class - spans of one object size
 * @lock: see above
 * @pages: pages of a new span
 * @partial: locations of the first spans with room, by quarters of use, or 0
 */
struct zsp_class {
	spinlock_t lock;	/* see DOC: Locks */
	unsigned int pages;
	u64 partial[ZSP_GROUPS];
};

/**
 * struct zsp_pool - a device's allocator instance
 * @name: for messages
 * @ops: the handover
 * @handover_lock: see above
 * @persistent: segments join the handover; changed under both locks
 * @sealed: the worker must not change anything any more. Under handover_lock.
 * @lock: see above
 * @open: segments with free pages, by &zsp_space.run
 * @reserve: empty segments of the largest order, kept
 * @leaving: empty segments that the worker frees
 * @tables: pages of the segment table, in their order, by page->lru
 * @nr_reserve: segments in @reserve
 * @free_entries: unused entries of the segment table
 * @unjoined: segments and table pages that have not joined
 * @stats: counters
 * @objects: objects in use
 * @object_bytes: bytes of these
 * @work: joins, leaves, fills the reserve
 * @classes: size classes
 */
struct zsp_pool {
	const char *name;
	const struct zsp_handover_ops *ops;
	struct mutex handover_lock;	/* see DOC: Locks */
	bool persistent;
	bool sealed;
	spinlock_t lock;		/* see DOC: Locks */
	struct list_head open[ZRAM_PERSIST_MAX_SPAN + 1];
	struct list_head reserve;
	struct list_head leaving;
	struct list_head tables;
	unsigned int nr_reserve;
	u64 free_entries;
	u64 unjoined;
	struct zsp_stats stats;
	atomic64_t objects;
	atomic64_t object_bytes;
	struct work_struct work;
	struct zsp_class classes[ZSP_CLASSES];
};

/**
 * struct zsp_span - a span, resolved
 * @key: location of its first page
 * @page: descriptor of that page
 * @mem: its memory
 * @geo: its layout
 * @base: start of its segment
 * @size: bytes of its objects
 */
struct zsp_span {
	u64 key;
	struct zram_persist_page *page;
	struct zram_persist_span *mem;
	struct zram_persist_geometry geo;
	void *base;
	unsigned int size;
};

static inline struct zram_persist_segtab_entry *zsp_entry(struct folio *folio)
{
	unsigned long private = (unsigned long)folio->private;

	return (void *)(private & ~ZSP_F_MASK);
}

static inline bool zsp_test_flag(struct folio *folio, unsigned long flag)
{
	return (unsigned long)folio->private & flag;
}

static inline void zsp_set_flag(struct folio *folio, unsigned long flag)
{
	folio->private = (void *)((unsigned long)folio->private | flag);
}

static inline void zsp_clear_flag(struct folio *folio, unsigned long flag)
{
	folio->private = (void *)((unsigned long)folio->private & ~flag);
}

static inline struct zsp_space *zsp_space(struct folio *folio)
{
	return (struct zsp_space *)&folio->index;
}

static inline bool zsp_is_headed(struct folio *folio)
{
	return zram_persist_page_kind(&zsp_entry(folio)->page) ==
	       ZRAM_PERSIST_HEADED;
}

static inline struct folio *zsp_location_folio(u64 location)
{
	return virt_to_folio(zsp_location_to_virt(location));
}

static inline struct folio *zsp_entry_folio(struct zram_persist_segtab_entry *entry)
{
	return zsp_location_folio(entry->location);
}

static inline struct zram_persist_page *zsp_page(struct folio *folio,
						 unsigned int page)
{
	struct zram_persist_segment *seg = folio_address(folio);

	return &seg->page[zram_persist_page_index(page, folio_order(folio))];
}

static inline unsigned int zsp_first_page(unsigned int order)
{
	return order == ZRAM_PERSIST_MAX_ORDER ? 1 : 0;
}

/* True if nothing is stored in a segment with a header. */
static inline bool zsp_is_empty(struct folio *folio)
{
	return zsp_space(folio)->free + zsp_first_page(folio_order(folio)) ==
	       folio_nr_pages(folio);
}

/* zsmalloc_persist.c */
void zsp_resolve_span(struct zsp_span *span, u64 key);
void zsp_adopt_span(struct zsp_pool *pool, u64 key);

/* zsp_segment.c */
struct page *zsp_alloc_table(gfp_t gfp);
void zsp_add_table(struct zsp_pool *pool, struct page *page);
struct folio *zsp_new_segment(struct zsp_pool *pool, unsigned int order,
			      struct zram_persist_page page, gfp_t gfp);
void zsp_unlist_segment(struct zsp_pool *pool, struct folio *folio);
struct folio *zsp_retire_segment(struct zsp_pool *pool, struct folio *folio);
void zsp_sort_segment(struct zsp_pool *pool, struct folio *folio);
bool zsp_open_reserve(struct zsp_pool *pool);
bool zsp_open_new(struct zsp_pool *pool, unsigned int order, gfp_t gfp);
void zsp_count_run(struct zsp_pool *pool, unsigned int kind, long pages);
u64 zsp_take_run(struct zsp_pool *pool, unsigned int pages,
		 struct zram_persist_page first);
void zsp_put_run(struct zsp_pool *pool, u64 location, unsigned int pages);
u64 zsp_take_lone(struct zsp_pool *pool, struct zram_persist_page page,
		  gfp_t gfp);
u64 zsp_take_small(struct zsp_pool *pool, struct zram_persist_page first,
		   gfp_t gfp);
void zsp_put_lone(struct zsp_pool *pool, struct folio *folio);

/* zsp_handover.c */
void zsp_work(struct work_struct *work);
void zsp_kick(struct zsp_pool *pool);

/* Drops the pool's reference to a folio, or does nothing for NULL. */
static inline void zsp_put_segment(struct folio *folio)
{
	if (folio)
		folio_put(folio);
}

#endif /* _ZSP_H_ */
