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
 * words that are in the cache, since they do not change. zsp_prefetch_object()
 * does not ask: nobody consumes what a prefetch meets.
 */

#define pr_fmt(fmt) "zsmalloc_persist: " fmt

#include <kunit/static_stub.h>
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

/*
 * True if descriptors do not say all: errors have not been looked for yet, or
 * the pool is sealed and they do not change any more.
 */
static bool zsp_asks_flags(struct zsp_pool *pool)
{
	return zsp_is_alarmed(pool) || READ_ONCE(pool->sealed);
}

/* False if no page of the segment at @mem is faulty. Looks at the folio alone. */
static bool zsp_has_bad(struct zsp_pool *pool, const void *mem)
{
	return zsp_asks_flags(pool) || zsp_space(virt_to_folio(mem))->bad;
}

static bool zsp_page_is_bad(struct zsp_pool *pool, const void *mem)
{
	const struct zram_persist_page *page = zsp_desc_at(mem);

	return (page && zram_persist_page_is_bad(page)) ||
	       (zsp_asks_flags(pool) && zsp_page_failed(virt_to_page(mem)));
}

/**
 * zsp_is_bad() - does any byte lie on a faulty page?
 * @pool: pool
 * @mem: first byte; of a segment in use
 * @len: bytes, within the segment
 *
 * Context: Any.
 * Return: true if so.
 */
bool zsp_is_bad(struct zsp_pool *pool, const void *mem, unsigned int len)
{
	const void *page = (void *)((unsigned long)mem & PAGE_MASK);

	if (!zsp_has_bad(pool, mem))
		return false;
	for (; page < mem + len; page += PAGE_SIZE)
		if (zsp_page_is_bad(pool, page))
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
 * @pool: pool
 * @span: span
 *
 * Context: Any. Does not touch what must not be touched.
 * Return: true if nothing in the span may be read.
 */
bool zsp_is_lost(struct zsp_pool *pool, const struct zram_persist_span *span)
{
	size_t bytes;

	if (!zsp_has_bad(pool, span))
		return false;
	if (zsp_desc_at(span)->arg == ZRAM_PERSIST_SPAN_LOST ||
	    zsp_page_is_bad(pool, span))
		return true;
	/* Which may be damaged. */
	bytes = struct_size(span, entry, READ_ONCE(span->nr_entries));
	return zsp_is_bad(pool, span, min_t(size_t, bytes, zsp_bytes_of(span)));
}

/**
 * zsp_is_tainted() - is any page of a span faulty?
 * @pool: pool
 * @span: span
 *
 * Context: Any. Does not touch what must not be touched.
 * Return: true if the span must not be filled.
 */
bool zsp_is_tainted(struct zsp_pool *pool, const struct zram_persist_span *span)
{
	return zsp_has_bad(pool, span) &&
	       zsp_is_bad(pool, span, zsp_bytes_of(span));
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
	if (zsp_is_lost(pool, span))
		return false;
	if (zsp_location_index(location) >= span->nr_entries)
		return true;
	entry = &span->entry[zsp_location_index(location)];
	start = zram_persist_entry_start(entry);
	len = zram_persist_entry_len(entry);
	return start + len > zsp_bytes_of(span) ||
	       !zsp_is_bad(pool, (void *)span + start, len);
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
	struct zsp_space *space = zsp_space(folio);

	if (!space->bad) {
		pool->stats.stuck_pages += space->free;
		pool->stats.empty_pages -= space->idle && !zsp_is_headed(folio);
	}
	space->bad = true;
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

/* Context: pool->lock. From now on it is the descriptor that says so. */
static void zsp_mark_page(struct zsp_pool *pool, struct folio *folio,
			  unsigned int i)
{
	struct zram_persist_page *page = zsp_page_or_entry(folio, i);

	page->kind |= ZRAM_PERSIST_BAD;
	zsp_count_bad(pool, folio, page);
	if (zsp_is_headed(folio) &&
	    zram_persist_page_kind(page) == ZRAM_PERSIST_FREE)
		zsp_add_free(pool, folio, -1);
	pr_warn_ratelimited("%s: memory at %#llx is faulty, and not used any more\n",
			    pool->name, page_to_phys(folio_page(folio, i)));
}

/**
 * zsp_mark_failed() - note which pages are faulty, before others have looked
 * @pool: pool
 * @folio: segment
 * @i: first page
 * @pages: how many
 *
 * Context: pool->lock. The caller does what else there is to do then: who looks
 * for faulty pages later takes these for known.
 * Return: true if there were any that were not noted before.
 */
bool zsp_mark_failed(struct zsp_pool *pool, struct folio *folio,
		     unsigned int i, unsigned int pages)
{
	bool any = false;

	if (!zsp_is_alarmed(pool))
		return false;
	for (; pages; pages--, i++) {
		if (zram_persist_page_is_bad(zsp_page_or_entry(folio, i)) ||
		    !zsp_page_failed(folio_page(folio, i)))
			continue;
		zsp_mark_page(pool, folio, i);
		any = true;
	}
	return any;
}

static void zsp_mark_span(struct zsp_pool *pool,
			  const struct zram_persist_span *span)
{
	struct folio *folio = virt_to_folio(span);

	zsp_mark_failed(pool, folio, offset_in_folio(folio, span) >> PAGE_SHIFT,
			zram_persist_span_pages(zsp_desc_at(span)));
}

/**
 * zsp_lose_span() - let a span be lost for good if it is
 * @pool: pool, see zsp_may_be_bad()
 * @span: span
 *
 * It is on no list then. Others on its list still point to it, and nobody
 * follows them. Those behind it are linked anew by zsp_find_bad(). A directory
 * that grows or shrinks changes nothing any more.
 *
 * Context: pool->lock.
 * Return: whether it is lost.
 */
bool zsp_lose_span(struct zsp_pool *pool, struct zram_persist_span *span)
{
	unsigned int bin;

	if (!zsp_is_lost(pool, span))
		return false;
	if (zsp_desc_at(span)->arg == ZRAM_PERSIST_SPAN_LOST)
		return true;
	zsp_mark_span(pool, span);
	zsp_desc_at(span)->arg = ZRAM_PERSIST_SPAN_LOST;
	for (bin = 0; bin < ZSP_BINS; bin++)
		if (pool->bin[bin] == span)
			pool->bin[bin] = NULL;
	pool->lost_spans++;
	return true;
}

/**
 * zsp_taint_span() - note which pages of a span are faulty
 * @pool: pool, see zsp_may_be_bad()
 * @span: span that is on no list
 *
 * Context: pool->lock.
 * Return: whether any is.
 */
bool zsp_taint_span(struct zsp_pool *pool, struct zram_persist_span *span)
{
	zsp_mark_span(pool, span);
	return zsp_is_tainted(pool, span);
}

/* Context: pool->lock. Page @i is one of a span, and has become faulty. */
static void zsp_unlist_tainted(struct zsp_pool *pool, struct folio *folio,
			       unsigned int i)
{
	struct zram_persist_page *page = zsp_page_or_entry(folio, i);
	struct zram_persist_span *span;

	if (zram_persist_page_kind(page) == ZRAM_PERSIST_SPAN_TAIL)
		i -= page->arg;
	span = folio_address(folio) + i * PAGE_SIZE;
	if (zsp_lose_span(pool, span) || zsp_state(span) != ZSP_LISTED)
		return;
	zsp_unlink_span(pool, span);
	zsp_set_state(span, ZSP_ISOLATED);
}

/*
 * Context: pool->lock. While this is so the pool cannot be handed over. Users need
 * not be told of a segment that is empty: it goes.
 */
static void zsp_spoil(struct zsp_pool *pool, struct page *page, bool tell)
{
	WRITE_ONCE(pool->spoiled, true);
	if (!tell)
		return;
	WRITE_ONCE(pool->cannot_seal, true);
	if (pool->told_spoiled)
		return;
	pr_err("%s: memory at %#llx is faulty; without what is there it cannot be handed over\n",
	       pool->name, page_to_phys(page));
	pool->told_spoiled = true;
}

/*
 * Context: pool->lock. Page @i has become faulty, and has a descriptor. An
 * @idle segment is in the reserve, or was about to leave, and is left there.
 */
static void zsp_note_bad(struct zsp_pool *pool, struct folio *folio,
			 unsigned int i, bool idle)
{
	zsp_mark_page(pool, folio, i);
	switch (zram_persist_page_kind(zsp_page_or_entry(folio, i))) {
	case ZRAM_PERSIST_FREE:
		if (zsp_is_headed(folio) && !idle)
			zsp_sort_segment(pool, folio);
		break;
	case ZRAM_PERSIST_SPAN:
	case ZRAM_PERSIST_SPAN_TAIL:
		zsp_unlist_tainted(pool, folio, i);
		break;
	}
}

/* Context: pool->lock. */
static void zsp_look_at_segment(struct zsp_pool *pool, struct folio *folio,
				void *unused)
{
	bool idle = zsp_is_headed(folio) && zsp_is_empty(folio);
	unsigned int i = zsp_is_headed(folio);
	struct zram_persist_page *page;

	if (i && zsp_page_failed(folio_page(folio, 0)))
		zsp_spoil(pool, folio_page(folio, 0), !idle);
	for (; i < folio_nr_pages(folio); i++) {
		page = zsp_page_or_entry(folio, i);
		if (!zram_persist_page_is_bad(page) &&
		    zsp_page_failed(folio_page(folio, i)))
			zsp_note_bad(pool, folio, i, idle);
		if (page->kind == (ZRAM_PERSIST_TABLE | ZRAM_PERSIST_BAD))
			zsp_spoil(pool, folio_page(folio, i), true);
	}
}

/*
 * Takes segments out of the reserve that have become faulty there. Those with a
 * faulty header go; of others the rest is used.
 */
static void zsp_clean_reserve(struct zsp_pool *pool)
{
	struct folio *folio, *next;
	bool any = false;

	spin_lock(&pool->lock);
	list_for_each_entry_safe(folio, next, &pool->reserve, lru) {
		if (!zsp_page_failed(folio_page(folio, 0)) &&
		    !zsp_space(folio)->bad)
			continue;
		zsp_end_idle(pool, folio);
		pool->nr_reserve--;
		if (zsp_page_failed(folio_page(folio, 0)))
			zsp_make_idle(pool, folio, &pool->leaving);
		else
			zsp_sort_segment(pool, folio);
		any = true;
	}
	spin_unlock(&pool->lock);
	if (any)
		queue_work(zsp_wq, &pool->work);
}

/*
 * Context: pool->lock. Lists the spans of a segment again that are listed. Their
 * free bytes may be changing, but only in one direction: if that leads to
 * another bin, zsp_rebin() comes afterwards.
 */
static void zsp_relink_segment(struct zsp_pool *pool, struct folio *folio,
			       void *unused)
{
	unsigned int i = zsp_is_headed(folio);
	struct zram_persist_span *span;

	for (; (span = zsp_next_span(folio, &i)); i++) {
		if (zsp_lose_span(pool, span) || zsp_state(span) != ZSP_LISTED)
			continue;
		zsp_unlink_span(pool, span);
		zsp_link_span(pool, span);
	}
}

static void zsp_look_at_tables(struct zsp_pool *pool)
{
	struct page *page = NULL;

	while ((page = zsp_next_segtab(pool, page))) {
		if (!zsp_page_failed(page))
			continue;
		spin_lock(&pool->lock);
		zsp_spoil(pool, page, true);
		spin_unlock(&pool->lock);
	}
}

/* Nobody goes on filling what was found to be tainted. */
static void zsp_clean_sets(struct zsp_pool *pool)
{
	struct zsp_set *set;

	for (set = pool->sets; set < pool->sets + pool->nr_sets; set++) {
		spin_lock(&set->lock);
		zsp_clean_set(pool, set);
		spin_unlock(&set->lock);
	}
}

/* Links what was behind spans that were lost since this was done last. */
static void zsp_relink(struct zsp_pool *pool)
{
	u64 lost = READ_ONCE(pool->lost_spans);

	if (lost == pool->relinked)
		return;
	zsp_every_segment(pool, zsp_relink_segment, NULL, NULL);
	pool->relinked = lost;
}

/**
 * zsp_find_bad() - find the faulty pages of a pool
 * @pool: pool
 *
 * Does nothing if there was no memory error since it was called last, unless
 * there may have been an end to what spoils the pool.
 *
 * Context: compact_lock, and handover_lock, which keeps segments from leaving
 * meanwhile. Sleeps.
 */
void zsp_find_bad(struct zsp_pool *pool)
{
	unsigned long failures = zsp_failures();

	if (failures == pool->failures_seen && !pool->spoiled)
		return;
	/* The flags of the pages that were counted are seen from here on. */
	smp_rmb();
	WRITE_ONCE(pool->spoiled, false);
	WRITE_ONCE(pool->cannot_seal, false);
	zsp_look_at_tables(pool);
	zsp_every_segment(pool, zsp_look_at_segment, NULL, NULL);
	zsp_clean_reserve(pool);
	if (pool->has_bad)
		zsp_clean_sets(pool);
	zsp_relink(pool);
	WRITE_ONCE(pool->failures_seen, failures);
}

/**
 * zsp_bad_work() - the same, in a worker
 * @work: in the pool
 *
 * A pool that is sealed does not change. Its readers look for themselves.
 *
 * Context: Process context. Takes compact_lock and handover_lock. Sleeps.
 */
void zsp_bad_work(struct work_struct *work)
{
	struct zsp_pool *pool = container_of(work, struct zsp_pool, bad_work);

	mutex_lock(&pool->compact_lock);
	mutex_lock(&pool->handover_lock);
	if (pool->sealed) {
		WRITE_ONCE(pool->has_bad, true);
		WRITE_ONCE(pool->failures_seen, zsp_failures());
	} else {
		zsp_find_bad(pool);
	}
	mutex_unlock(&pool->handover_lock);
	mutex_unlock(&pool->compact_lock);
}

/**
 * zsp_cannot_seal() - is it known that a pool cannot be handed over?
 * @pool: pool
 *
 * Looks for faulty pages first if there were memory errors.
 *
 * Context: Process context. Sleeps, for as long as it takes to compact an
 * object, and takes compact_lock and handover_lock.
 * Return: true if metadata are on a faulty page, or a slot and what it names do not
 * belong together, see zsp_note_disowned().
 */
bool zsp_cannot_seal(struct zsp_pool *pool)
{
	zsp_watch(pool);
	/* What was empty may be in use now, and the other way round. */
	if (READ_ONCE(pool->spoiled))
		queue_work(system_dfl_wq, &pool->bad_work);
	flush_work(&pool->bad_work);
	return READ_ONCE(pool->cannot_seal) || READ_ONCE(pool->disowned);
}
EXPORT_SYMBOL_GPL(zsp_cannot_seal);
