/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faulty pages of the persistent allocator: see zsp_bad.c.
 */
#ifndef _ZSP_BAD_H_
#define _ZSP_BAD_H_

#include <linux/mmzone.h>
#include <linux/nodemask.h>

#include "zsp_span.h"

#ifdef CONFIG_MEMORY_FAILURE
/*
 * Memory errors of this machine since it was booted. Grows after the page has
 * its PG_hwpoison. On one node this reads one word that is hardly ever written.
 */
static inline unsigned long zsp_failures(void)
{
	unsigned long failures = 0;
	unsigned int nid;

	for (nid = 0; nid < nr_node_ids; nid++)
		if (node_online(nid))
			failures += READ_ONCE(NODE_DATA(nid)->mf_stats.total);
	return failures;
}

/* Lets a page be faulty for the whole kernel. Sleeps. */
static inline void zsp_report_failure(struct page *page)
{
	if (!PageHWPoison(page))
		memory_failure(page_to_pfn(page), 0);
}
#else
static inline unsigned long zsp_failures(void)
{
	return 0;
}

static inline void zsp_report_failure(struct page *page)
{
}
#endif

/* What prep_compound_page() has put into the second page of a folio. */
static inline void zsp_clear_large_folio(struct folio *folio)
{
	folio_page(folio, 1)->flags.f &= ~PAGE_FLAGS_SECOND;
#ifdef NR_PAGES_IN_LARGE_FOLIO
	folio->_nr_pages = 0;
#endif
}

/* True if there were memory errors that the pool has not looked for yet. */
static inline bool zsp_is_alarmed(const struct zsp_pool *pool)
{
	return unlikely(zsp_failures() != READ_ONCE(pool->failures_seen));
}

/*
 * False if no page of the pool is faulty, as far as anybody knows. Comes before
 * all that costs more: the answer is in memory that the processor has cached.
 */
static inline bool zsp_may_be_bad(const struct zsp_pool *pool)
{
	return unlikely(READ_ONCE(pool->has_bad)) ||
	       zsp_is_alarmed(pool);
}

bool zsp_page_failed(struct page *page);
bool zsp_is_bad(struct zsp_pool *pool, const void *mem, unsigned int len);
bool zsp_is_lost(struct zsp_pool *pool, const struct zram_persist_span *span);
bool zsp_is_tainted(struct zsp_pool *pool,
		    const struct zram_persist_span *span);
bool zsp_can_read(struct zsp_pool *pool, u64 location);
void zsp_watch(struct zsp_pool *pool);
bool zsp_mark_failed(struct zsp_pool *pool, struct folio *folio,
		     unsigned int i, unsigned int pages);
bool zsp_lose_span(struct zsp_pool *pool, struct zram_persist_span *span);
bool zsp_taint_span(struct zsp_pool *pool, struct zram_persist_span *span);
void zsp_find_bad(struct zsp_pool *pool);
void zsp_bad_work(struct work_struct *work);
bool zsp_stays(struct zsp_pool *pool, struct folio *folio);
bool zsp_put_desc(struct zsp_pool *pool, struct zram_persist_page *page);
void zsp_count_bad(struct zsp_pool *pool, struct folio *folio,
		   const struct zram_persist_page *page);

/* Context: pool->lock. Is a span lost? If so, it is for good. */
static inline bool zsp_find_lost(struct zsp_pool *pool,
				 struct zram_persist_span *span)
{
	return zsp_may_be_bad(pool) && zsp_lose_span(pool, span);
}

/* Context: pool->lock. Is a span, which is on no list, tainted? */
static inline bool zsp_find_tainted(struct zsp_pool *pool,
				    struct zram_persist_span *span)
{
	return zsp_may_be_bad(pool) && zsp_taint_span(pool, span);
}

/* zsp_free.c */
bool zsp_has_failed(struct folio *folio);
void zsp_free_around(struct folio *folio, bool wipe);

#endif /* _ZSP_BAD_H_ */
