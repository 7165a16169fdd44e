// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: in which blocks of 1 GiB segments lie.
 *
 * The next kernel boots with the blocks in which nothing is preserved, besides
 * the little that KHO reserves for it. So segments are kept together in few
 * blocks: who may sleep looks for one in a block that has some already, and
 * compaction empties those first that lie alone. To ask the page allocator for
 * memory of a certain block would mean to move away what others have there.
 *
 * Counted are the segments of all pools of this kernel. A wrong count does no
 * harm, so nothing is locked, and blocks that are far apart share a counter.
 */

#include <linux/atomic.h>
#include <linux/mm.h>

#include "zsp_compact.h"
#include "zsp_util.h"

/* Blocks of 1 GiB with a counter of their own. */
#define ZSP_BLOCKS	256

/*
 * How far to look. The page allocator gives first what was freed last, and that
 * is what the last search has passed over: so less would always look at the same.
 */
#define ZSP_NEAR_TRIES	256UL

static atomic_t zsp_blocks[ZSP_BLOCKS];

static atomic_t *zsp_block(const struct folio *folio)
{
	return &zsp_blocks[(PFN_PHYS(folio_pfn(folio)) >> 30) % ZSP_BLOCKS];
}

/**
 * zsp_block_add() - count a segment
 * @folio: segment
 * @change: 1, or -1 for one that is freed
 *
 * Context: Any.
 */
void zsp_block_add(const struct folio *folio, int change)
{
	atomic_add(change, zsp_block(folio));
}

/* Segments in the block of one, or of memory that might become one. */
static unsigned int zsp_in_block(const struct folio *folio)
{
	return atomic_read(zsp_block(folio));
}

/**
 * zsp_most_in_block() - how many segments the fullest block has
 *
 * Context: Any.
 * Return: segments of all pools; 0 if there are none at all.
 */
unsigned int zsp_most_in_block(void)
{
	int most = 0;
	unsigned int i;

	for (i = 0; i < ZSP_BLOCKS; i++)
		most = max(most, atomic_read(&zsp_blocks[i]));
	return most;
}

/* Less where the page allocator zeroes what it gives or gets: 2 MiB each time. */
#define ZSP_COSTLY_TRIES	8UL

/* So many blocks may be taken for a moment: no more than an eighth of what is free. */
static unsigned int zsp_near_tries(gfp_t gfp, unsigned int order)
{
	unsigned long free = global_zone_page_state(NR_FREE_PAGES) / 8;
	bool costly = want_init_on_alloc(gfp) || want_init_on_free();

	return min(free >> order, costly ? ZSP_COSTLY_TRIES : ZSP_NEAR_TRIES);
}

/**
 * zsp_is_alone() - decide whether there are few segments in the block of one
 * @folio: segment, or memory that might become one
 * @most: segments in the fullest block, see zsp_most_in_block()
 *
 * Context: Any.
 * Return: true if it has less than a quarter of the fullest one.
 */
bool zsp_is_alone(const struct folio *folio, unsigned int most)
{
	return zsp_in_block(folio) * 4 < most;
}

static bool zsp_is_better(const struct page *page, const struct page *than)
{
	return zsp_in_block(page_folio(page)) >
	       zsp_in_block(page_folio(than));
}

/*
 * Looks for better memory than @best, in a block with many segments. What lies
 * elsewhere is kept until the search has ended, since it would be found again
 * otherwise. Nothing is reclaimed for it.
 */
static struct page *zsp_find_near(struct page *best, gfp_t gfp,
				  unsigned int order)
{
	unsigned int tries = zsp_near_tries(gfp, order), most = zsp_most_in_block();
	struct page *page, *next;
	LIST_HEAD(elsewhere);

	gfp = (gfp & ~__GFP_RECLAIM) | __GFP_NOMEMALLOC | __GFP_NOWARN;
	for (; tries && zsp_is_alone(page_folio(best), most); tries--) {
		page = zsp_alloc_block(gfp, order);
		if (!page)
			break;
		if (zsp_is_better(page, best))
			swap(page, best);
		list_add(&page->lru, &elsewhere);
	}
	list_for_each_entry_safe(page, next, &elsewhere, lru)
		__free_pages(page, order);
	return best;
}

/**
 * zsp_alloc_near() - allocate from the page allocator, near other segments
 * @gfp: allocation flags
 * @order: order of the block
 *
 * The I/O path takes what comes first: the worker gives it segments that were
 * looked for, as long as it does not use them up faster than that.
 *
 * Context: as @gfp says.
 * Return: the first page, or NULL.
 */
struct page *zsp_alloc_near(gfp_t gfp, unsigned int order)
{
	struct page *page = zsp_alloc_block(gfp, order);

	if (!page || !order || !(gfp & __GFP_FS))
		return page;
	return zsp_find_near(page, gfp, order);
}
