// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: giving segments back to the page allocator, and what to
 * do if pages of them are faulty. mm/zsmalloc_persist.c begins with the overview.
 */

#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/sched.h>

#include "zsp_util.h"

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
	} else {
		if (!want_init_on_free())
			folio_zero_range(folio, 0, folio_size(folio));
		folio_put(folio);
	}
	cond_resched();
}
EXPORT_SYMBOL_GPL(zsp_wipe_segment);
