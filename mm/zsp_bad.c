// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: pages that are faulty.
 * mm/zsmalloc_persist.c begins with the overview.
 *
 * DOC: Faulty pages
 *
 * When the hardware reports an error of a page, memory_failure() sets its
 * PG_hwpoison. For a page of ours that is all it can do: the page belongs to
 * the kernel, and is part of a large folio. To read it may stop the machine, so
 * nobody does any more:
 *
 * - What lies on the page cannot be read, which gives an error instead. If it
 *   is the header or the directory of a span, the span is *lost*: nothing in it
 *   can be read, and its pages remain with it. Other objects are as before.
 * - A span with a faulty page is *tainted*: it takes no new objects.
 * - A free page that is faulty is not taken.
 * - A segment with such a page is not emptied, not compacted and not given
 *   back; its other pages are used as before. When the pool goes, its pages
 *   are freed one by one: the page allocator keeps single faulty pages out, but
 *   not those within a larger block.
 * - Of the pages that hold metadata only those of spans can be done without. If
 *   another one is faulty the pool goes on as the kernel does, and cannot be
 *   handed over.
 *
 * KHO does not hand PG_hwpoison over. So the descriptor of a page has a bit for
 * it, which in this kernel, too, is what the allocator goes by: to find a run
 * of free pages, or to survey a segment, it looks at the descriptors anyway.
 *
 * DOC: Who tells
 *
 * Nobody. Chains of notifiers exist for what certain hardware reports, and not
 * for what the kernel makes of it; the tracepoint of memory_failure() is not
 * for modules; and to test PG_hwpoison for each object that is read costs a
 * cache miss each time, for an error that most machines never have. But the
 * kernel counts the errors of each node, for users to see. Who has not seen the
 * present number looks at the page flags: of the object to be read at once, and
 * of the whole pool in a worker. Apart from that it costs a comparison of two
 * words that are in the cache, since they do not change.
 */

#define pr_fmt(fmt) "zsmalloc_persist: " fmt

#include <kunit/static_stub.h>
#include <linux/crc32c.h>
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/sched.h>

#include "zsp_compact.h"
#include "zsp_util.h"

/**
 * zsp_page_failed() - does the kernel say that a page is faulty?
 * @page: page
 *
 * Return: true if it does. Tests let it be any page.
 */
bool zsp_page_failed(struct page *page)
{
	KUNIT_STATIC_STUB_REDIRECT(zsp_page_failed, page);
	return PageHWPoison(page);
}

/* === Questions, for who has asked zsp_may_be_bad() === */

/* The descriptor of the page at @mem, or NULL for a header. */
static struct zram_persist_page *zsp_desc_at(const void *mem)
{
	struct folio *folio = virt_to_folio(mem);
	unsigned int i = offset_in_folio(folio, mem) >> PAGE_SHIFT;

	return zsp_is_headed(folio) && !i ? NULL : zsp_page_or_entry(folio, i);
}

static bool zsp_page_is_bad(const void *mem)
{
	const struct zram_persist_page *page = zsp_desc_at(mem);

	return (page && zram_persist_page_is_bad(page)) ||
	       zsp_page_failed(virt_to_page(mem));
}

/**
 * zsp_is_bad() - does any byte lie on a faulty page?
 * @mem: first byte; of a segment in use
 * @len: bytes, within the segment
 *
 * Context: Any.
 * Return: true if so.
 */
bool zsp_is_bad(const void *mem, unsigned int len)
{
	const void *page = (void *)((unsigned long)mem & PAGE_MASK);

	for (; page < mem + len; page += PAGE_SIZE)
		if (zsp_page_is_bad(page))
			return true;
	return false;
}

/* Bytes of a span, by its descriptor: the span itself may not be readable. */
static unsigned int zsp_bytes_of(const struct zram_persist_span *span)
{
	return zram_persist_span_pages(zsp_desc_at(span)) * PAGE_SIZE;
}

/**
 * zsp_is_lost() - is the directory of a span on a faulty page?
 * @span: span
 *
 * Context: Any. Does not touch what must not be touched.
 * Return: true if nothing in the span may be read.
 */
bool zsp_is_lost(const struct zram_persist_span *span)
{
	size_t bytes;

	if (zsp_desc_at(span)->arg == ZRAM_PERSIST_SPAN_LOST ||
	    zsp_page_is_bad(span))
		return true;
	/* Which may be damaged. */
	bytes = struct_size(span, entry, READ_ONCE(span->nr_entries));
	return zsp_is_bad(span, min_t(size_t, bytes, zsp_bytes_of(span)));
}

/**
 * zsp_is_tainted() - is any page of a span faulty?
 * @span: span
 *
 * Context: Any. Does not touch what must not be touched.
 * Return: true if the span must not be filled.
 */
bool zsp_is_tainted(const struct zram_persist_span *span)
{
	return zsp_is_bad(span, zsp_bytes_of(span));
}

/**
 * zsp_can_read() - may an object be read?
 * @pool: pool
 * @location: its location
 *
 * Context: shard->lock.
 * Return: false if it lies on a faulty page, or its directory does. True for a
 * damaged one: whoever reads it finds that out.
 */
bool zsp_can_read(struct zsp_pool *pool, u64 location)
{
	const struct zram_persist_span *span = zsp_location_to_virt(location);
	const struct zram_persist_entry *entry;
	unsigned int start, len;

	zsp_watch(pool);
	if (zsp_is_lost(span))
		return false;
	if (zsp_location_index(location) >= span->nr_entries)
		return true;
	entry = &span->entry[zsp_location_index(location)];
	start = zram_persist_entry_start(entry);
	len = zram_persist_entry_len(entry);
	return start + len > zsp_bytes_of(span) ||
	       !zsp_is_bad((void *)span + start, len);
}

/* === What is faulty stays === */

/**
 * zsp_count_bad() - count a page that is faulty
 * @pool: pool
 * @folio: its segment
 * @page: its descriptor
 *
 * Context: pool->lock.
 */
void zsp_count_bad(struct zsp_pool *pool, struct folio *folio,
		   const struct zram_persist_page *page)
{
	zsp_space(folio)->bad = true;
	WRITE_ONCE(pool->has_bad, true);
	pool->stats.bad_pages++;
	if (zram_persist_page_kind(page) == ZRAM_PERSIST_FREE)
		pool->stats.idle_bad_pages++;
}

/**
 * zsp_stays() - is a segment one that must stay, because a page is faulty?
 * @pool: pool
 * @folio: segment that holds nothing, and is on no list
 *
 * Context: pool->lock.
 * Return: true if it is; its other pages are then available.
 */
bool zsp_stays(struct zsp_pool *pool, struct folio *folio)
{
	if (!zsp_space(folio)->bad)
		return false;
	if (zsp_is_headed(folio))
		zsp_sort_segment(pool, folio);
	return true;
}

/**
 * zsp_put_desc() - note that there is nothing on a page any more
 * @pool: pool
 * @page: its descriptor
 *
 * Context: pool->lock.
 * Return: whether it can be taken again.
 */
bool zsp_put_desc(struct zsp_pool *pool, struct zram_persist_page *page)
{
	bool bad = zram_persist_page_is_bad(page);

	*page = (struct zram_persist_page) {
		.kind = bad ? ZRAM_PERSIST_BAD : ZRAM_PERSIST_FREE,
	};
	pool->stats.idle_bad_pages += bad;
	return !bad;
}

/* === Looking for faulty pages === */

/**
 * zsp_watch() - look for faulty pages soon if there were memory errors
 * @pool: pool
 *
 * Context: Any.
 */
void zsp_watch(struct zsp_pool *pool)
{
	if (zsp_is_alarmed(pool))
		queue_work(system_dfl_wq, &pool->bad_work);
}

/*
 * Context: pool->lock. Forgets a span that is lost. Others on its list still
 * point to it, and nobody follows them: see zsp_usable(). Those behind it are
 * linked anew by zsp_relink().
 */
static void zsp_lose_span(struct zsp_pool *pool, struct zram_persist_span *span)
{
	unsigned int bin;

	zsp_desc_at(span)->arg = ZRAM_PERSIST_SPAN_LOST;
	for (bin = 0; bin < ZSP_BINS; bin++)
		if (pool->bin[bin] == span)
			pool->bin[bin] = NULL;
	pool->lost_spans++;
}

/* Context: pool->lock. Page @i is one of a span, and has become faulty. */
static void zsp_taint_span(struct zsp_pool *pool, struct folio *folio,
			   unsigned int i)
{
	struct zram_persist_page *page = zsp_page_or_entry(folio, i);
	struct zram_persist_span *span;

	if (zram_persist_page_kind(page) == ZRAM_PERSIST_SPAN_TAIL)
		i -= page->arg;
	span = folio_address(folio) + i * PAGE_SIZE;
	if (zsp_desc_at(span)->arg == ZRAM_PERSIST_SPAN_LOST)
		return;
	if (zsp_is_lost(span)) {
		zsp_lose_span(pool, span);
	} else if (zsp_state(span) == ZSP_LISTED) {
		zsp_unlink_span(pool, span);
		zsp_set_state(span, ZSP_ISOLATED);
	}
}

/* Context: pool->lock. The pool has become one that cannot be handed over. */
static void zsp_spoil(struct zsp_pool *pool, struct page *page)
{
	if (!pool->spoiled)
		pr_err("%s: memory at %#llx is faulty; without what is there it cannot be handed over\n",
		       pool->name, page_to_phys(page));
	pool->spoiled = true;
}

/* Context: pool->lock. Page @i has become faulty, and has a descriptor. */
static void zsp_note_bad(struct zsp_pool *pool, struct folio *folio,
			 unsigned int i)
{
	struct zram_persist_page *page = zsp_page_or_entry(folio, i);
	bool empty = zsp_is_headed(folio) && zsp_is_empty(folio);

	page->kind |= ZRAM_PERSIST_BAD;
	zsp_count_bad(pool, folio, page);
	pr_warn("%s: memory at %#llx is faulty, and not used any more\n",
		pool->name, page_to_phys(folio_page(folio, i)));
	switch (zram_persist_page_kind(page)) {
	case ZRAM_PERSIST_FREE:
		if (!zsp_is_headed(folio))
			break;
		zsp_space(folio)->free--;
		/* Else it is in the reserve, or was about to leave. */
		if (!empty)
			zsp_sort_segment(pool, folio);
		break;
	case ZRAM_PERSIST_SPAN:
	case ZRAM_PERSIST_SPAN_TAIL:
		zsp_taint_span(pool, folio, i);
		break;
	case ZRAM_PERSIST_TABLE:
		zsp_spoil(pool, folio_page(folio, i));
		break;
	}
}

/* Context: pool->lock. */
static void zsp_look_at_segment(struct zsp_pool *pool, struct folio *folio)
{
	unsigned int i = zsp_is_headed(folio);

	if (i && zsp_page_failed(folio_page(folio, 0)))
		zsp_spoil(pool, folio_page(folio, 0));
	for (; i < folio_nr_pages(folio); i++)
		if (zsp_page_failed(folio_page(folio, i)) &&
		    !zram_persist_page_is_bad(zsp_page_or_entry(folio, i)))
			zsp_note_bad(pool, folio, i);
}

/* Context: pool->lock. Lists the spans of a segment again that are listed. */
static void zsp_relink_segment(struct zsp_pool *pool, struct folio *folio)
{
	unsigned int i = zsp_is_headed(folio);
	struct zram_persist_span *span;

	for (; (span = zsp_next_span(folio, &i)); i++) {
		if (zsp_desc_at(span)->arg == ZRAM_PERSIST_SPAN_LOST ||
		    zsp_state(span) != ZSP_LISTED)
			continue;
		zsp_unlink_span(pool, span);
		zsp_link_span(pool, span);
	}
}

/*
 * Context: compact_lock. Calls @fn for every segment, also when whoever
 * compacts shall end.
 */
static void zsp_for_all(struct zsp_pool *pool,
			void (*fn)(struct zsp_pool *pool, struct folio *folio))
{
	struct zram_persist_segtab *table;
	struct page *page = NULL;
	unsigned int i;

	while ((page = zsp_next_segtab(pool, page))) {
		table = page_address(page);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			spin_lock(&pool->lock);
			if (table->entry[i].location)
				fn(pool, zsp_entry_folio(&table->entry[i]));
			spin_unlock(&pool->lock);
		}
		cond_resched();
	}
}

static void zsp_look_at_tables(struct zsp_pool *pool)
{
	struct page *page = NULL;

	while ((page = zsp_next_segtab(pool, page))) {
		if (!zsp_page_failed(page))
			continue;
		spin_lock(&pool->lock);
		zsp_spoil(pool, page);
		spin_unlock(&pool->lock);
	}
}

/**
 * zsp_give_up_span() - end the filling of a span that is tainted
 * @pool: pool
 * @span: active span that is in no set
 *
 * Context: may hold set->lock.
 */
void zsp_give_up_span(struct zsp_pool *pool, struct zram_persist_span *span)
{
	struct zsp_shard *shard = zsp_shard(pool, span);
	bool empty = false;

	spin_lock(&shard->lock);
	spin_lock(&pool->lock);
	if (!zsp_is_lost(span)) {
		zsp_set_state(span, ZSP_ISOLATED);
		empty = !span->nr_used;
	} else if (zsp_desc_at(span)->arg != ZRAM_PERSIST_SPAN_LOST) {
		zsp_lose_span(pool, span);
	}
	spin_unlock(&pool->lock);
	spin_unlock(&shard->lock);
	if (empty)
		zsp_put_span(pool, span);
}

/* Nobody goes on filling what was found to be tainted. */
static void zsp_clean_set(struct zsp_pool *pool, struct zsp_set *set)
{
	struct zram_persist_span *span;
	unsigned int i;

	spin_lock(&set->lock);
	for (i = 0; i < ZSP_ACTIVE; i++) {
		span = set->span[i];
		if (!span || !zsp_is_tainted(span))
			continue;
		set->span[i] = NULL;
		zsp_give_up_span(pool, span);
	}
	spin_unlock(&set->lock);
}

/**
 * zsp_find_bad() - find the faulty pages of a pool
 * @pool: pool
 *
 * Does nothing if there was no memory error since it was called last.
 *
 * Context: compact_lock, and handover_lock, which keeps segments from leaving
 * meanwhile. Sleeps.
 */
void zsp_find_bad(struct zsp_pool *pool)
{
	unsigned long failures = zsp_failures();
	u64 lost = pool->lost_spans;
	unsigned int i;

	if (failures == pool->failures_seen)
		return;
	zsp_look_at_tables(pool);
	zsp_for_all(pool, zsp_look_at_segment);
	for (i = 0; i < pool->nr_sets && pool->has_bad; i++)
		zsp_clean_set(pool, &pool->sets[i]);
	if (pool->lost_spans != lost)
		zsp_for_all(pool, zsp_relink_segment);
	WRITE_ONCE(pool->failures_seen, failures);
}

/**
 * zsp_bad_work() - the same, in a worker
 * @work: in the pool
 *
 * Context: Process context. Takes compact_lock and handover_lock. Sleeps.
 */
void zsp_bad_work(struct work_struct *work)
{
	struct zsp_pool *pool = container_of(work, struct zsp_pool, bad_work);

	mutex_lock(&pool->compact_lock);
	mutex_lock(&pool->handover_lock);
	if (!pool->sealed)
		zsp_find_bad(pool);
	mutex_unlock(&pool->handover_lock);
	mutex_unlock(&pool->compact_lock);
}

/* === What the previous kernel has found === */

static void zsp_report_page(u64 phys, const struct zram_persist_page *page)
{
	if (zram_persist_page_is_bad(page))
		zsp_report_failure(pfn_to_page(PHYS_PFN(phys)));
}

static void zsp_report_segment(const struct zram_persist_segtab_entry *entry)
{
	unsigned int order = zsp_location_order(entry->location), i;
	u64 phys = zsp_location_addr(entry->location);
	const struct zram_persist_segment *seg = phys_to_virt(phys);

	if (entry->page.kind != ZRAM_PERSIST_HEADED) {
		if (!order)
			zsp_report_page(phys, &entry->page);
		return;
	}
	if (!order || entry->page.crc !=
	    crc32c(~0, seg, zram_persist_header_bytes(order)))
		return;
	for (i = 1; i < 1U << order; i++)
		zsp_report_page(phys + PFN_PHYS(i), &seg->page[i - 1]);
}

/**
 * zsp_report_bad() - let this kernel know what the previous one has found
 * @segtab: physical address of a segment table of which the envelope has been
 *	validated, of a device that has faulty pages
 *
 * They are then faulty for the whole kernel, counted, and not given to anybody
 * when they are freed. What is not sealed with the right checksum is passed
 * over.
 *
 * Context: Process context. Sleeps.
 */
void zsp_report_bad(u64 segtab)
{
	const struct zram_persist_segtab *table;
	unsigned int i;

	for (; segtab; segtab = table->next) {
		table = phys_to_virt(segtab);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (table->entry[i].location)
				zsp_report_segment(&table->entry[i]);
		cond_resched();
	}
}
EXPORT_SYMBOL_GPL(zsp_report_bad);

/* === Freeing === */

/**
 * zsp_has_failed() - is any page of a folio faulty?
 * @folio: folio
 *
 * Context: Any.
 * Return: true if so.
 */
bool zsp_has_failed(struct folio *folio)
{
	unsigned int i;

	for (i = 0; i < folio_nr_pages(folio); i++)
		if (zsp_page_failed(folio_page(folio, i)))
			return true;
	return false;
}

/*
 * Makes single pages of a large folio. The kernel does so for memory of users
 * only; split_page() is for blocks that are not folios. So what makes it a
 * folio is undone first, as the page allocator does it when it frees one.
 */
static void zsp_split(struct folio *folio)
{
	unsigned int order = folio_order(folio), nr = folio_nr_pages(folio), i;
	struct page *page = folio_page(folio, 0);

	zsp_clear_large_folio(folio);
	for (i = 1; i < nr; i++) {
		page[i].mapping = NULL;
		clear_compound_head(&page[i]);
	}
	ClearPageHead(page);
	split_page(page, order);
}

/**
 * zsp_free_around() - free a folio, but for its faulty pages
 * @folio: folio of which nobody else has a reference
 * @wipe: zero it first
 *
 * Single pages that are faulty are kept out of use by the page allocator.
 *
 * Context: Any but interrupts.
 */
void zsp_free_around(struct folio *folio, bool wipe)
{
	struct page *page = folio_page(folio, 0);
	unsigned int nr = folio_nr_pages(folio), i;

	for (i = 0; wipe && i < nr; i++)
		if (!zsp_page_failed(page + i))
			clear_page(page_address(page + i));
	if (nr > 1)
		zsp_split(folio);
	for (i = 0; i < nr; i++)
		__free_page(page + i);
}

/**
 * zsp_wipe_segment() - zero a segment, and drop the pool's reference to it
 * @folio: segment that no pool lists any more
 *
 * What a device promised to keep may be worth keeping secret when it is gone.
 * Where the page allocator zeroes what is freed, it need not be done twice.
 *
 * Context: Process context. Sleeps.
 */
void zsp_wipe_segment(struct folio *folio)
{
	if (zsp_has_failed(folio)) {
		zsp_free_around(folio, true);
		return;
	}
	if (!want_init_on_free())
		folio_zero_range(folio, 0, folio_size(folio));
	folio_put(folio);
	cond_resched();
}
EXPORT_SYMBOL_GPL(zsp_wipe_segment);
