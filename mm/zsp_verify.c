// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: recounts what zsmalloc_persist.c says must hold.
 */

#define pr_fmt(fmt) "zsmalloc_persist: " fmt

#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "zsp.h"

/**
 * struct zsp_recount - what a walk over all segments finds
 * @pool: pool
 * @stats: recounted
 * @partial: spans that must be on a list of their class
 * @bad: number of contradictions
 */
struct zsp_recount {
	struct zsp_pool *pool;
	struct zsp_stats stats;
	u64 partial;
	unsigned int bad;
};

static void zsp_expect(struct zsp_recount *count, bool holds, const char *what,
		       u64 where)
{
	if (holds)
		return;
	count->bad++;
	pr_err("%s: %s (%#llx)\n", count->pool->name, what, where);
}

static void zsp_verify_span(struct zsp_recount *count, u64 key)
{
	unsigned int used = 0, i;
	struct zsp_span span;

	zsp_resolve_span(&span, key);
	for (i = 0; i < span.geo.words; i++)
		used += hweight64(span.mem->bitmap[i]);
	zsp_expect(count, used == span.page->count,
		   "a span's count is not that of its bitmap", key);
	zsp_expect(count, used && used <= span.geo.objects,
		   "a span is empty or too full", key);
	count->stats.span_pages += zram_persist_span_pages(span.page);
	count->stats.objects += used;
	count->stats.object_bytes += used * span.size;
	count->partial += used < span.geo.objects;
}

static void zsp_verify_segment(struct zsp_recount *count, struct folio *folio)
{
	unsigned int order = folio_order(folio), free = 0, i;
	u64 location = zsp_entry(folio)->location;
	struct zram_persist_page *page;

	for (i = zsp_first_page(order); i < folio_nr_pages(folio); i++) {
		page = zsp_page(folio, i);
		switch (zram_persist_page_kind(page)) {
		case ZRAM_PERSIST_FREE:
			free++;
			zsp_expect(count, i >= zsp_space(folio)->first,
				   "a free page before the first", location);
			break;
		case ZRAM_PERSIST_SPAN:
			zsp_verify_span(count, location + PFN_PHYS(i));
			break;
		case ZRAM_PERSIST_RAW:
			count->stats.raw_pages++;
			break;
		case ZRAM_PERSIST_TABLE:
			count->stats.slot_table_pages++;
			break;
		}
	}
	zsp_expect(count, free == zsp_space(folio)->free,
		   "a segment's free pages are miscounted", location);
	count->stats.header_pages += order == ZRAM_PERSIST_MAX_ORDER;
}

static void zsp_verify_entry(struct zsp_recount *count, struct folio *folio)
{
	unsigned int kind = zram_persist_page_kind(&zsp_entry(folio)->page);

	count->stats.pages += folio_nr_pages(folio);
	count->stats.segments++;
	count->stats.joined_segments += zsp_test_flag(folio, ZSP_F_JOINED);
	if (kind == ZRAM_PERSIST_HEADED)
		zsp_verify_segment(count, folio);
	else if (kind == ZRAM_PERSIST_RAW)
		count->stats.raw_pages++;
	else
		count->stats.slot_table_pages++;
}

static u64 zsp_count_partial(struct zsp_recount *count)
{
	unsigned int class, group;
	struct zsp_span span;
	u64 spans = 0, key;

	for (class = 1; class < ZSP_CLASSES; class++) {
		for (group = 0; group < ZSP_GROUPS; group++) {
			key = count->pool->classes[class].partial[group];
			for (; key; key = span.mem->scratch[0]) {
				zsp_resolve_span(&span, key);
				zsp_expect(count, span.page->arg == class,
					   "a span on a foreign list", key);
				spans++;
			}
		}
	}
	return spans;
}

static void zsp_compare(struct zsp_recount *count)
{
	const struct zsp_stats *found = &count->stats;
	struct zsp_stats said;

	zsp_get_stats(count->pool, &said);
	zsp_expect(count, found->pages == said.pages, "pages", said.pages);
	zsp_expect(count, found->segments == said.segments, "segments",
		   said.segments);
	zsp_expect(count, found->joined_segments == said.joined_segments,
		   "joined segments", said.joined_segments);
	zsp_expect(count, found->header_pages == said.header_pages,
		   "header pages", said.header_pages);
	zsp_expect(count, found->span_pages == said.span_pages, "span pages",
		   said.span_pages);
	zsp_expect(count, found->raw_pages == said.raw_pages, "raw pages",
		   said.raw_pages);
	zsp_expect(count, found->slot_table_pages == said.slot_table_pages,
		   "slot table pages", said.slot_table_pages);
	zsp_expect(count, found->objects == said.objects, "objects",
		   said.objects);
	zsp_expect(count, found->object_bytes == said.object_bytes,
		   "object bytes", said.object_bytes);
	zsp_expect(count, zsp_count_partial(count) == count->partial,
		   "spans with room that are not on a list", count->partial);
}

/**
 * zsp_verify() - recount a pool
 * @pool: pool that nobody allocates from or frees to meanwhile
 *
 * For tests and debugging: the time it takes grows with the pool.
 *
 * Context: Process context. Sleeps.
 * Return: 0; -EUCLEAN if the counts contradict each other, which is logged;
 * -ENOMEM.
 */
int zsp_verify(struct zsp_pool *pool)
{
	struct zsp_recount *count = kzalloc(sizeof(*count), GFP_KERNEL);
	struct zram_persist_segtab *table;
	struct page *page;
	unsigned int i;
	int err;

	if (!count)
		return -ENOMEM;
	count->pool = pool;
	mutex_lock(&pool->handover_lock);
	list_for_each_entry(page, &pool->tables, lru) {
		table = page_address(page);
		count->stats.pages++;
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (table->entry[i].location)
				zsp_verify_entry(count, zsp_entry_folio(&table->entry[i]));
	}
	zsp_compare(count);
	mutex_unlock(&pool->handover_lock);
	err = count->bad ? -EUCLEAN : 0;
	kfree(count);
	return err;
}
EXPORT_SYMBOL_GPL(zsp_verify);
