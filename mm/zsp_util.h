/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Small functions of the persistent allocator: what belongs to a folio, to a
 * location, to a span.
 */
#ifndef _ZSP_UTIL_H_
#define _ZSP_UTIL_H_

#include <linux/hash.h>

#include "zsp_bad.h"

/**
 * struct zsp_space - free pages of a segment, kept in folio->index
 * @free: free pages
 * @first: no page before this one is free
 * @run: no run of free pages is longer than this, up to %ZRAM_PERSIST_MAX_SPAN
 * @tables: what is free is for pages of the slot table: nothing in it moves
 * @idle: it is in the reserve, or on its way out, see zsp_make_idle()
 * @bad: a page of it is faulty: it stays
 *
 * Of a segment without a header only @idle and @bad are used.
 */
struct zsp_space {
	u16 free;
	u16 first;
	u16 run;
	u8 tables : 1;
	u8 idle : 1;
	u8 bad;
};

static_assert(sizeof(struct zsp_space) == sizeof(pgoff_t));

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

/* Context: pool->lock. */
static inline void zsp_note_max(struct zsp_pool *pool)
{
	pool->stats.max_pages = max(pool->stats.max_pages, pool->stats.pages);
}

/*
 * Context: pool->lock. Counts a segment that has not joined, also for its page of the
 * segment table: to look at all entries each time that one joins would take longer
 * the more there are.
 */
static inline void zsp_add_unjoined(struct zsp_pool *pool, struct folio *folio,
				    int nr)
{
	pool->unjoined += nr;
	virt_to_folio(zsp_entry(folio))->index += nr;
}

/* Context: pool->lock. A segment has joined the handover, or left it. */
static inline void zsp_note_joined(struct zsp_pool *pool, struct folio *folio,
				   bool joined)
{
	if (joined)
		zsp_set_flag(folio, ZSP_F_JOINED);
	else
		zsp_clear_flag(folio, ZSP_F_JOINED);
	pool->stats.joined_segments += joined ? 1 : -1;
	zsp_add_unjoined(pool, folio, joined ? -1 : 1);
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

/* Context: pool->lock. */
static inline struct zram_persist_segtab_entry *
zsp_unused_entry_of(struct zram_persist_segtab *table)
{
	unsigned int i;

	for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
		if (!table->entry[i].location)
			return &table->entry[i];
	return NULL;
}

/*
 * Context: pool->lock. The next segment whose @flag is @set, from entry *@entry
 * of @table on, or NULL. *@entry is then the one after it.
 */
static inline struct folio *zsp_find_segment(struct zram_persist_segtab *table,
					     unsigned long flag, bool set,
					     unsigned int *entry)
{
	struct zram_persist_segtab_entry *this;
	struct folio *folio;

	while (*entry < ZRAM_PERSIST_SEGTAB_ENTRIES) {
		this = &table->entry[(*entry)++];
		if (!this->location)
			continue;
		folio = zsp_entry_folio(this);
		if (zsp_test_flag(folio, flag) == set)
			return folio;
	}
	return NULL;
}

static inline struct zram_persist_page *zsp_page(struct folio *folio,
						 unsigned int page)
{
	struct zram_persist_segment *seg = folio_address(folio);

	return &seg->page[page - 1];
}

/* Descriptor of page @i, of which there is only one without a header. */
static inline struct zram_persist_page *zsp_page_or_entry(struct folio *folio,
							  unsigned int i)
{
	return zsp_is_headed(folio) ? zsp_page(folio, i) :
				      &zsp_entry(folio)->page;
}

/* Descriptor of the page at @location. */
static inline struct zram_persist_page *zsp_desc(u64 location)
{
	unsigned int order = zsp_location_order(location);
	u64 addr = zsp_location_addr(location);
	struct zram_persist_segment *seg;

	if (!order)
		return &zsp_entry(zsp_location_folio(location))->page;
	seg = phys_to_virt(addr & ~((PAGE_SIZE << order) - 1));
	return &seg->page[PHYS_PFN(addr & ((PAGE_SIZE << order) - 1)) - 1];
}

/* Context: pool->lock. Counts free pages of a segment with a header. */
static inline void zsp_add_free(struct zsp_pool *pool, struct folio *folio,
				int pages)
{
	zsp_space(folio)->free += pages;
	if (zsp_space(folio)->bad)
		pool->stats.stuck_pages += pages;
	if (zsp_space(folio)->idle)
		pool->stats.empty_pages += pages;
}

/* True if nothing is stored in a segment with a header. */
static inline bool zsp_is_empty(struct folio *folio)
{
	return zsp_space(folio)->free + 1 == folio_nr_pages(folio);
}

static inline struct zsp_shard *zsp_shard(struct zsp_pool *pool,
					  const struct zram_persist_span *span)
{
	return &pool->shards[hash_ptr((void *)((unsigned long)span >>
					       PAGE_SHIFT), ZSP_SHARD_BITS)];
}

/* Drops the pool's reference to a folio, or does nothing for NULL. */
static inline void zsp_put_segment(struct folio *folio)
{
	if (!folio)
		return;
	if (unlikely(zsp_failures()) && zsp_has_failed(folio))
		zsp_free_around(folio, false);
	else
		folio_put(folio);
}

/* zsp_block.c */
void zsp_block_add(const struct folio *folio, int change);
bool zsp_is_alone(const struct folio *folio, unsigned int most);
unsigned int zsp_most_in_block(void);
struct page *zsp_alloc_near(gfp_t gfp, unsigned int order);

/* zsp_reserve.c */
void zsp_make_idle(struct zsp_pool *pool, struct folio *folio,
		   struct list_head *list);
void zsp_end_idle(struct zsp_pool *pool, struct folio *folio);
void zsp_spare_entries(struct zsp_pool *pool, gfp_t gfp);
bool zsp_open_reserve(struct zsp_pool *pool, bool tables);

/* zsp_handover.c */
typedef void (*zsp_visit_fn)(struct zsp_pool *pool, struct folio *folio,
			     void *data);

void zsp_each_segment(struct zsp_pool *pool, struct page *from,
		      unsigned int tables, zsp_visit_fn fn, void *data,
		      bool (*stop)(struct zsp_pool *pool));

/* The same for all of them. */
static inline void zsp_every_segment(struct zsp_pool *pool, zsp_visit_fn fn,
				     void *data,
				     bool (*stop)(struct zsp_pool *pool))
{
	zsp_each_segment(pool, NULL, UINT_MAX, fn, data, stop);
}

/* zsmalloc_persist.c */
extern struct workqueue_struct *zsp_wq;

/* zsp_verify.c */
bool zsp_recount(struct zsp_pool *pool);

#endif /* _ZSP_UTIL_H_ */
