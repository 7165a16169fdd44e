/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kexec, for tests of the persistent allocator.
 */
#ifndef _ZSMALLOC_PERSIST_KEXEC_KUNIT_H
#define _ZSMALLOC_PERSIST_KEXEC_KUNIT_H

#include "zsmalloc_persist_kunit.h"

/* The next kernel receives what this one preserved. */
static inline void zsp_test_kexec(struct kunit *test)
{
	struct zsp_test_handover *h = &zsp_test_handover;
	unsigned long pfn;
	void *entry;

	KUNIT_EXPECT_TRUE(test, xa_empty(&h->incoming));
	xa_for_each(&h->preserved, pfn, entry)
		KUNIT_ASSERT_NULL(test, xa_store(&h->incoming, pfn, entry,
						 GFP_KERNEL));
	xa_destroy(&h->preserved);
}

/* All memory of the pool is in the handover, and nothing else is. */
static inline bool zsp_test_all_joined(struct zsp_pool *pool)
{
	struct zsp_stats stats = zsp_test_stats(pool);

	return stats.joined_segments == stats.segments &&
	       zsp_test_count(&zsp_test_handover.preserved) ==
	       stats.segments + stats.table_pages;
}

static inline u64 zsp_test_seal(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 segtab = 1, nr_segments = 0;

	KUNIT_ASSERT_EQ(test, 0, zsp_seal(t->pool, &segtab, &nr_segments));
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_TRUE(test, zsp_test_all_joined(t->pool));
	KUNIT_EXPECT_EQ(test, zsp_test_stats(t->pool).segments, nr_segments);
	return segtab;
}

/* The first words of spans mean nothing to the next kernel. */
static inline void zsp_test_scribble_page(u64 location,
					  const struct zram_persist_page *page)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);

	if (zram_persist_page_kind(page) == ZRAM_PERSIST_SPAN &&
	    page->arg != ZRAM_PERSIST_SPAN_LOST)
		memset(span->scratch, 0xa5, sizeof(span->scratch));
}

static inline void
zsp_test_scribble_segment(const struct zram_persist_segtab_entry *entry)
{
	struct zram_persist_segment *seg = zsp_location_to_virt(entry->location);
	unsigned int page;

	zsp_test_scribble_page(entry->location, &entry->page);
	if (entry->page.kind != ZRAM_PERSIST_HEADED)
		return;
	for (page = 1; page < 1U << seg->order; page++)
		zsp_test_scribble_page(entry->location + PFN_PHYS(page),
				       &seg->page[page - 1]);
}

static inline void zsp_test_scribble(u64 segtab)
{
	struct zram_persist_segtab *table;
	unsigned int i;

	for (; segtab; segtab = table->next) {
		table = phys_to_virt(segtab);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (table->entry[i].location)
				zsp_test_scribble_segment(&table->entry[i]);
	}
}

/* Seal, and lose everything that a kexec loses. */
static inline u64 zsp_test_hand_over(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 segtab = zsp_test_seal(test);

	zsp_abandon_pool(t->pool);
	t->pool = NULL;
	zsp_test_scribble(segtab);
	zsp_test_kexec(test);
	return segtab;
}

/* What a driver does first: everything that was handed over joins again. */
static inline void zsp_test_hold_all(struct kunit *test, u64 segtab)
{
	struct zram_persist_segtab *table;
	unsigned int i;
	u64 location;

	for (; segtab; segtab = table->next) {
		table = phys_to_virt(segtab);
		KUNIT_ASSERT_EQ(test, 0, zsp_test_hold(segtab, 0));
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			location = table->entry[i].location;
			if (!location)
				continue;
			KUNIT_ASSERT_EQ(test, 0,
					zsp_test_hold(zsp_location_addr(location),
						      zsp_location_order(location)));
		}
	}
}

#endif /* _ZSMALLOC_PERSIST_KEXEC_KUNIT_H */
