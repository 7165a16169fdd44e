// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: recounts what zsmalloc_persist.c says must hold.
 */

#define pr_fmt(fmt) "zsmalloc_persist: " fmt

#include <linux/export.h>

#include "zsp_util.h"

/**
 * struct zsp_recount - what a walk over all segments finds
 * @pool: pool
 * @stats: recounted
 * @listed: spans that must be on a list
 * @lost: spans that are lost
 * @unjoined: segments and pages of the segment table that have not joined
 * @bad: number of contradictions
 */
struct zsp_recount {
	struct zsp_pool *pool;
	struct zsp_stats stats;
	u64 listed;
	u64 lost;
	u64 unjoined;
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

/* Bytes that are not free, by the directory. */
static unsigned int zsp_span_taken(const struct zram_persist_span *span,
				   struct zsp_recount *count,
				   unsigned int *used)
{
	unsigned int bytes = sizeof(*span) +
			     span->nr_entries * sizeof(span->entry[0]), i;
	const struct zram_persist_entry *entry;
	unsigned int room;

	*used = 0;
	for (i = 0; i < span->nr_entries; i++) {
		entry = &span->entry[i];
		if (!entry->place)
			continue;
		room = zram_persist_room(zram_persist_entry_len(entry));
		zsp_expect(count, zram_persist_entry_start(entry) >=
			   span->start << ZRAM_PERSIST_GRANULE_SHIFT,
			   "a payload before the first", zsp_span_phys(span));
		zsp_expect(count, zram_persist_entry_start(entry) + room <=
			   zsp_span_bytes(span),
			   "a payload beyond its span", zsp_span_phys(span));
		count->stats.object_bytes += room;
		bytes += room;
		++*used;
	}
	return bytes;
}

static void zsp_verify_span(struct zsp_recount *count, u64 location,
			    const struct zram_persist_page *page)
{
	const struct zram_persist_span *span = zsp_location_to_virt(location);
	unsigned int used, taken;

	count->stats.span_pages += zram_persist_span_pages(page);
	if (page->arg == ZRAM_PERSIST_SPAN_LOST) {
		count->lost++;
		return;
	}
	taken = zsp_span_taken(span, count, &used);
	zsp_expect(count, zram_persist_span_pages(page) == span->pages,
		   "a span with other pages than its descriptor", location);
	zsp_expect(count, taken + span->free == zsp_span_bytes(span),
		   "a span's free bytes are miscounted", location);
	zsp_expect(count, used == span->nr_used,
		   "a span's objects are miscounted", location);
	zsp_expect(count, used || zsp_state(span) != ZSP_LISTED,
		   "an empty span", location);
	zsp_expect(count, !used || span->entry[span->nr_entries - 1].place,
		   "a directory that ends with an unused entry", location);
	zsp_expect(count, zsp_span_location(span) == location,
		   "a span that does not know its place", location);
	zsp_expect(count, (zsp_state(span) == ZSP_ISOLATED) ==
		   (zsp_may_be_bad(count->pool) &&
		    zsp_is_tainted(count->pool, span)),
		   "an isolated span", location);
	count->stats.objects += used;
	count->listed += zsp_state(span) == ZSP_LISTED;
}

static void zsp_verify_bad(struct zsp_recount *count, struct folio *folio,
			   const struct zram_persist_page *page)
{
	if (!zram_persist_page_is_bad(page))
		return;
	zsp_expect(count, zsp_space(folio)->bad,
		   "a faulty page in a segment that is not to stay",
		   zsp_entry(folio)->location);
	count->stats.bad_pages++;
	count->stats.idle_bad_pages += zram_persist_page_kind(page) ==
				       ZRAM_PERSIST_FREE;
}

/* A page that is in the middle of a span, by its descriptor. */
static void zsp_verify_tail(struct zsp_recount *count, struct folio *folio,
			    unsigned int i)
{
	unsigned int back = zsp_page(folio, i)->arg;
	const struct zram_persist_page *first;

	if (back && back < i) {
		first = zsp_page(folio, i - back);
		if (zram_persist_page_kind(first) == ZRAM_PERSIST_SPAN &&
		    zram_persist_span_pages(first) > back)
			return;
	}
	zsp_expect(count, false, "a page of no span",
		   zsp_entry(folio)->location + PFN_PHYS(i));
}

static void zsp_verify_segment(struct zsp_recount *count, struct folio *folio)
{
	unsigned int free = 0, in_spans = 0, i;
	u64 span_pages = count->stats.span_pages;
	u64 location = zsp_entry(folio)->location;
	struct zram_persist_page *page;

	for (i = 1; i < folio_nr_pages(folio); i++) {
		page = zsp_page(folio, i);
		zsp_verify_bad(count, folio, page);
		switch (zram_persist_page_kind(page)) {
		case ZRAM_PERSIST_FREE:
			if (zram_persist_page_is_bad(page))
				break;
			free++;
			zsp_expect(count, i >= zsp_space(folio)->first,
				   "a free page before the first", location);
			break;
		case ZRAM_PERSIST_SPAN:
			zsp_verify_span(count, location + PFN_PHYS(i), page);
			in_spans++;
			break;
		case ZRAM_PERSIST_SPAN_TAIL:
			zsp_verify_tail(count, folio, i);
			in_spans++;
			break;
		case ZRAM_PERSIST_RAW:
			count->stats.raw_pages++;
			break;
		case ZRAM_PERSIST_TABLE:
			count->stats.slot_table_pages++;
			break;
		}
	}
	if (zsp_space(folio)->bad)
		count->stats.stuck_pages += free;
	zsp_expect(count, free == zsp_space(folio)->free,
		   "a segment's free pages are miscounted", location);
	zsp_expect(count, count->stats.span_pages - span_pages == in_spans,
		   "pages of spans that are no pages of a span", location);
	count->stats.header_pages++;
	count->stats.free_pages += free;
}

static void zsp_verify_entry(struct zsp_recount *count, struct folio *folio)
{
	const struct zram_persist_segtab_entry *entry = zsp_entry(folio);
	unsigned int kind = zram_persist_page_kind(&entry->page);

	count->stats.pages += folio_nr_pages(folio);
	count->stats.segments++;
	count->stats.joined_segments += zsp_test_flag(folio, ZSP_F_JOINED);
	if (kind != ZRAM_PERSIST_HEADED)
		zsp_verify_bad(count, folio, &entry->page);
	/* On its way out. */
	if (kind == ZRAM_PERSIST_FREE)
		count->stats.free_pages += !zsp_space(folio)->bad;
	if (kind == ZRAM_PERSIST_HEADED)
		zsp_verify_segment(count, folio);
	else if (kind == ZRAM_PERSIST_SPAN)
		zsp_verify_span(count, entry->location, &entry->page);
	else if (kind == ZRAM_PERSIST_RAW)
		count->stats.raw_pages++;
	else if (kind == ZRAM_PERSIST_TABLE)
		count->stats.slot_table_pages++;
}

static u64 zsp_count_listed(struct zsp_recount *count)
{
	struct zsp_pool *pool = count->pool;
	struct zram_persist_span *span;
	unsigned int bin;
	u64 spans = 0;

	spin_lock(&pool->lock);
	for (bin = 0; bin < ZSP_BINS; bin++) {
		for (span = pool->bin[bin]; span;
		     span = zsp_next_listed(pool, span)) {
			zsp_expect(count, zsp_bin(span) == bin,
				   "a span in a wrong bin", zsp_span_phys(span));
			zsp_expect(count, zsp_state(span) == ZSP_LISTED,
				   "a listed span with another state",
				   zsp_span_phys(span));
			spans++;
		}
	}
	spin_unlock(&pool->lock);
	return spans;
}

/* Context: pool->lock. */
static unsigned int zsp_count_idle(struct zsp_recount *count,
				   const struct list_head *list)
{
	unsigned int segments = 0;
	struct folio *folio;

	list_for_each_entry(folio, list, lru) {
		if (zsp_is_headed(folio))
			count->stats.empty_pages += zsp_space(folio)->free;
		else
			count->stats.empty_pages += !zsp_space(folio)->bad;
		zsp_expect(count, zsp_space(folio)->idle,
			   "an idle segment that is not marked as such",
			   zsp_entry(folio)->location);
		segments++;
	}
	return segments;
}

/* Context: pool->lock. Open segments are on the list of their longest run. */
static void zsp_check_open(struct zsp_recount *count,
			   const struct list_head *list, unsigned int run,
			   bool tables)
{
	struct folio *folio;

	list_for_each_entry(folio, list, lru)
		zsp_expect(count, zsp_space(folio)->tables == tables &&
			   (tables || zsp_space(folio)->run == run) &&
			   zsp_space(folio)->free && !zsp_space(folio)->idle,
			   "an open segment on the wrong list",
			   zsp_entry(folio)->location);
}

static void zsp_check_lists(struct zsp_recount *count)
{
	struct zsp_stats *found = &count->stats;
	struct zsp_pool *pool = count->pool;
	unsigned int reserve, i;

	spin_lock(&pool->lock);
	reserve = zsp_count_idle(count, &pool->reserve);
	found->empty_segments = reserve + zsp_count_idle(count, &pool->leaving);
	zsp_expect(count, reserve == pool->nr_reserve,
		   "segments in the reserve", pool->nr_reserve);
	zsp_expect(count, found->empty_segments == pool->stats.empty_segments,
		   "empty segments", pool->stats.empty_segments);
	zsp_expect(count, found->empty_pages == pool->stats.empty_pages,
		   "empty pages", pool->stats.empty_pages);
	for (i = 0; i < ARRAY_SIZE(pool->open); i++)
		zsp_check_open(count, &pool->open[i], i, false);
	zsp_check_open(count, &pool->open_tables, 0, true);
	spin_unlock(&pool->lock);
}

static void zsp_compare_bad(struct zsp_recount *count,
			    const struct zsp_stats *said)
{
	const struct zsp_stats *found = &count->stats;

	zsp_expect(count, found->bad_pages == said->bad_pages, "faulty pages",
		   said->bad_pages);
	zsp_expect(count, found->idle_bad_pages == said->idle_bad_pages,
		   "unused faulty pages", said->idle_bad_pages);
	zsp_expect(count, found->stuck_pages == said->stuck_pages,
		   "unused pages of segments with faulty ones",
		   said->stuck_pages);
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
	zsp_expect(count, found->free_pages == said.free_pages, "free pages",
		   said.free_pages);
	zsp_expect(count, count->unjoined == count->pool->unjoined,
		   "memory that has not joined", count->pool->unjoined);
	zsp_compare_bad(count, &said);
	zsp_check_lists(count);
	/* What was lost is still counted, because nobody knows how much it was. */
	zsp_expect(count, found->objects == said.objects ||
		   (count->lost && found->objects < said.objects), "objects",
		   said.objects);
	zsp_expect(count, found->object_bytes == said.object_bytes ||
		   (count->lost && found->object_bytes < said.object_bytes),
		   "object bytes", said.object_bytes);
	zsp_expect(count, zsp_count_listed(count) == count->listed,
		   "listed spans that are not on a list", count->listed);
}

static void zsp_verify_table(struct zsp_recount *count, struct page *page)
{
	struct zram_persist_segtab *table = page_address(page);
	struct zsp_stats *found = &count->stats;
	u64 unjoined = found->joined_segments - found->segments;
	unsigned int i;

	found->pages++;
	for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
		if (table->entry[i].location)
			zsp_verify_entry(count, zsp_entry_folio(&table->entry[i]));
	unjoined += found->segments - found->joined_segments;
	zsp_expect(count, unjoined == page_folio(page)->index,
		   "segments of a table that have not joined",
		   page_to_phys(page));
	count->unjoined += unjoined + !page_private(page);
}

/**
 * zsp_recount() - recount a pool
 * @pool: pool that nobody allocates from or frees to meanwhile
 *
 * The time it takes grows with the pool.
 *
 * Context: compact_lock, since what compaction isolates is on no list, and
 * handover_lock. May sleep.
 * Return: false if something is not as it must be; the log says what.
 */
bool zsp_recount(struct zsp_pool *pool)
{
	struct zsp_recount count = { .pool = pool };
	struct page *page;

	list_for_each_entry(page, &pool->tables, lru)
		zsp_verify_table(&count, page);
	zsp_compare(&count);
	return !count.bad;
}

/**
 * zsp_verify() - recount a pool, for tests
 * @pool: pool that nobody allocates from or frees to meanwhile
 *
 * Compaction in the background waits.
 *
 * Context: Process context. Takes compact_lock and handover_lock. Sleeps.
 * Return: 0, or -EUCLEAN if something is not as it must be; the log says what.
 */
int zsp_verify(struct zsp_pool *pool)
{
	bool right;

	mutex_lock(&pool->compact_lock);
	mutex_lock(&pool->handover_lock);
	right = zsp_recount(pool);
	mutex_unlock(&pool->handover_lock);
	mutex_unlock(&pool->compact_lock);
	return right ? 0 : -EUCLEAN;
}
EXPORT_SYMBOL_GPL(zsp_verify);
