// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: segments lie together, in memory of which
 * half is free everywhere. Needs 4 GiB, of which little is written to.
 */
#include <linux/gfp.h>

#include "../zsp_compact.h"
#include "../zsp_util.h"
#include "zsmalloc_persist_kunit.h"

#define ZSP_TEST_STASH		4096
#define ZSP_TEST_SEGMENTS	100
#define ZSP_TEST_BLOCKS		16

/* All memory that there is in large blocks, and how much in each GiB. */
struct zsp_test_stash {
	struct page *pages[ZSP_TEST_STASH];
	unsigned int nr;
	unsigned int in_block[ZSP_TEST_BLOCKS];
};

static unsigned int zsp_test_block(const struct page *page)
{
	return (PFN_PHYS(page_to_pfn(page)) >> 30) % ZSP_TEST_BLOCKS;
}

static void zsp_test_take_all(struct zsp_test_stash *stash)
{
	const gfp_t gfp = __GFP_COMP | __GFP_NOWARN | __GFP_NOMEMALLOC;
	struct page *page;

	while (stash->nr < ZSP_TEST_STASH &&
	       (page = alloc_pages(gfp, ZRAM_PERSIST_MAX_ORDER))) {
		stash->pages[stash->nr++] = page;
		stash->in_block[zsp_test_block(page)]++;
	}
}

/* Frees @nr of what is there, or all, at random. */
static void zsp_test_give_back(struct zsp_test_stash *stash, unsigned int nr,
			       struct rnd_state *rnd)
{
	unsigned int i;

	for (nr = min(nr, stash->nr); nr; nr--) {
		i = prandom_u32_state(rnd) % stash->nr;
		__free_pages(stash->pages[i], ZRAM_PERSIST_MAX_ORDER);
		stash->pages[i] = stash->pages[--stash->nr];
	}
}

/* How many of the blocks have at least so much. */
static unsigned int zsp_test_count_blocks(const unsigned int *in_block,
					  unsigned int least)
{
	unsigned int i, blocks = 0;

	for (i = 0; i < ZSP_TEST_BLOCKS; i++)
		blocks += in_block[i] >= least;
	return blocks;
}

/* Blocks that the segments of a pool lie in. */
static unsigned int zsp_test_blocks_of(struct zsp_pool *pool)
{
	unsigned int in_block[ZSP_TEST_BLOCKS] = {};
	struct folio *folio;

	list_for_each_entry(folio, &pool->reserve, lru)
		in_block[zsp_test_block(folio_page(folio, 0))]++;
	return zsp_test_count_blocks(in_block, 1);
}

static void zsp_test_near(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_test_stash *stash;
	unsigned int blocks, used;

	stash = kunit_kzalloc(test, sizeof(*stash), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, stash);
	zsp_test_take_all(stash);
	blocks = zsp_test_count_blocks(stash->in_block, stash->nr / 16);
	zsp_test_give_back(stash, stash->nr / 2, &t->rnd);
	if (stash->nr > 4 * ZSP_TEST_SEGMENTS)
		KUNIT_EXPECT_EQ(test, 0,
				zsp_set_reserve(t->pool, ZSP_TEST_SEGMENTS
						<< ZRAM_PERSIST_MAX_ORDER));
	used = zsp_test_blocks_of(t->pool);
	zsp_test_give_back(stash, stash->nr, &t->rnd);
	kunit_info(test, "segments in %u of %u blocks\n", used, blocks);
	if (blocks < 4)
		kunit_skip(test, "needs 4 GiB");
	/* There is room for all of them in each of the blocks. */
	KUNIT_EXPECT_GE(test, used, 1);
	KUNIT_EXPECT_LE(test, used, blocks / 2);
}

/* What is counted is counted off again. */
static void zsp_test_block_count(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int before = zsp_most_in_block(), most;
	struct folio *folio;

	KUNIT_EXPECT_EQ(test, 0,
			zsp_set_reserve(t->pool, ZSP_TEST_SEGMENTS
					<< ZRAM_PERSIST_MAX_ORDER));
	most = zsp_most_in_block();
	KUNIT_EXPECT_GT(test, most, before);
	folio = list_first_entry(&t->pool->reserve, struct folio, lru);
	KUNIT_EXPECT_FALSE(test, zsp_is_alone(folio, 4));
	KUNIT_EXPECT_TRUE(test, zsp_is_alone(folio, 8 * most + 1));
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
	KUNIT_EXPECT_EQ(test, before, zsp_most_in_block());
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE(zsp_test_near),
	KUNIT_CASE(zsp_test_block_count),
	{}
};

static struct kunit_suite zsp_test_suite = {
	.name = "zsmalloc_persist_block",
	.init = zsp_test_init,
	.exit = zsp_test_exit,
	.test_cases = zsp_test_cases,
};

kunit_test_suite(zsp_test_suite);

MODULE_DESCRIPTION("Tests of where segments lie");
MODULE_LICENSE("GPL");
