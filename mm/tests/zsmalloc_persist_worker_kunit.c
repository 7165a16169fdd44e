// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: the worker of a pool gets no memory, and memory
 * cannot join.
 *
 * Stubs apply to the task of a test only. So the work is disabled, and the test calls
 * the worker's function itself, between stores. What fails is then the worker's, and
 * nobody else does the same at the same time.
 */
#include <kunit/static_stub.h>
#include <linux/sizes.h>

#include "../zsp.h"
#include "../zsp_util.h"
#include "zsmalloc_persist_kexec_kunit.h"

#define ZSP_TEST_BLOCKS		1024
#define ZSP_TEST_CROWD		10000000	/* more than abandoned pools have left counted */
#define ZSP_TEST_TRIES		2	/* blocks that a search finds */
#define ZSP_TEST_LATE		12	/* segments that are left to join */

/**
 * enum zsp_test_kind - what a worker allocates
 * @ZSP_TEST_SEGMENT: for the reserve
 * @ZSP_TEST_SEARCH: to see whether it is in a better place
 * @ZSP_TEST_TABLE: a page of the segment table
 * @ZSP_TEST_JOIN: what joining needs
 * @ZSP_TEST_KINDS: how many there are
 */
enum zsp_test_kind {
	ZSP_TEST_SEGMENT,
	ZSP_TEST_SEARCH,
	ZSP_TEST_TABLE,
	ZSP_TEST_JOIN,
	ZSP_TEST_KINDS,
};

/**
 * struct zsp_test_worker - which allocations of the worker fail
 * @working: it runs, in the task of the test
 * @calls: its allocations so far
 * @first: number of the first one that fails, from 1 on
 * @last: and of the last one
 * @refused: what failed the last time that it ran, by kind
 * @failed: the same since the case began
 * @strangers: how often something joined in another task
 * @tries: blocks that a search has found
 * @crowd: where many other segments seem to be
 * @stored: objects so far
 * @nr_blocks: entries of @blocks
 * @blocks: all that was allocated, with a reference of the test
 */
static struct zsp_test_worker {
	bool working;
	unsigned int calls;
	unsigned int first;
	unsigned int last;
	unsigned int refused[ZSP_TEST_KINDS];
	unsigned int failed[ZSP_TEST_KINDS];
	unsigned int strangers;
	unsigned int tries;
	struct folio *crowd;
	unsigned int stored;
	unsigned int nr_blocks;
	struct folio *blocks[ZSP_TEST_BLOCKS];
} zsp_test_worker;

/* === What fails === */

static bool zsp_test_refuse(enum zsp_test_kind kind)
{
	struct zsp_test_worker *w = &zsp_test_worker;

	w->calls++;
	if (w->calls < w->first || w->calls > w->last)
		return false;
	w->refused[kind]++;
	return true;
}

static enum zsp_test_kind zsp_test_kind_of(gfp_t gfp, unsigned int order)
{
	if (!order)
		return ZSP_TEST_TABLE;
	return gfp & __GFP_DIRECT_RECLAIM ? ZSP_TEST_SEGMENT : ZSP_TEST_SEARCH;
}

/* While the worker does not run there are single pages, for those who must have one. */
static bool zsp_test_is_scarce(gfp_t gfp, unsigned int order)
{
	return order || gfp & __GFP_NORETRY || !(gfp & __GFP_DIRECT_RECLAIM);
}

static void zsp_test_move_crowd(struct folio *to)
{
	struct zsp_test_worker *w = &zsp_test_worker;

	if (w->crowd)
		zsp_block_add(w->crowd, -ZSP_TEST_CROWD);
	if (to)
		zsp_block_add(to, ZSP_TEST_CROWD);
	w->crowd = to;
}

/* Where a segment is few others are, so that the worker looks for a better place. */
static void zsp_test_leave_alone(struct page *page)
{
	unsigned long pfn = page_to_pfn(page) ^ PHYS_PFN(SZ_1G);

	zsp_test_worker.tries = 0;
	zsp_test_move_crowd(pfn_valid(pfn) ? pfn_folio(pfn) : NULL);
}

static struct page *zsp_test_alloc_block(gfp_t gfp, unsigned int order)
{
	enum zsp_test_kind kind = zsp_test_kind_of(gfp, order);
	struct zsp_test_worker *w = &zsp_test_worker;
	struct page *page;

	if (w->working && kind == ZSP_TEST_SEARCH && w->tries++ == ZSP_TEST_TRIES)
		return NULL;
	if (w->working ? zsp_test_refuse(kind) : zsp_test_is_scarce(gfp, order))
		return NULL;
	page = alloc_pages(gfp, order);
	if (!page || w->nr_blocks == ZSP_TEST_BLOCKS)
		return page;
	if (kind == ZSP_TEST_SEGMENT)
		zsp_test_leave_alone(page);
	get_page(page);
	w->blocks[w->nr_blocks++] = page_folio(page);
	return page;
}

static int zsp_test_try_preserve(struct folio *folio)
{
	struct zsp_test_worker *w = &zsp_test_worker;

	w->strangers += !kunit_get_current_test();
	if (w->working && zsp_test_refuse(ZSP_TEST_JOIN))
		return -ENOMEM;
	return zsp_test_preserve(folio);
}

static const struct zsp_handover_ops zsp_test_worker_ops = {
	.preserve = zsp_test_try_preserve,
	.unpreserve = zsp_test_unpreserve,
	.restore = zsp_test_restore,
	.touch = zsp_test_touch,
};

/* === A round === */

static void zsp_test_begin(struct kunit *test, unsigned int first,
			   unsigned int last)
{
	struct zsp_test_worker *w = &zsp_test_worker;
	struct zsp_test *t = test->priv;

	w->calls = 0;
	w->first = first;
	w->last = last;
	w->stored = 0;
	w->nr_blocks = 0;
	/* So that all rounds are the same but for what fails. */
	prandom_seed_state(&t->rnd, 20240229);
	t->pool->ops = &zsp_test_worker_ops;
	disable_work_sync(&t->pool->work);
	KUNIT_ASSERT_FALSE(test, queue_work(zsp_wq, &t->pool->work));
	kunit_activate_static_stub(test, zsp_alloc_block, zsp_test_alloc_block);
}

/* Whatever the worker was refused, there is room for what is stored. */
static void zsp_test_store_next(struct kunit *test)
{
	unsigned int i = zsp_test_worker.stored++;
	struct zsp_test *t = test->priv;
	u32 size = i % 3 ? PAGE_SIZE : zsp_test_random_size(&t->rnd);

	KUNIT_ASSERT_LT(test, i, ZSP_TEST_OBJECTS);
	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i], size, i));
}

/* The pool is as it was, or better, and what has joined is what it says. */
static void zsp_test_expect_sound(struct kunit *test)
{
	const unsigned int *refused = zsp_test_worker.refused;
	struct zsp_test *t = test->priv;
	struct zsp_stats stats = zsp_test_stats(t->pool);

	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
	KUNIT_EXPECT_EQ(test, zsp_test_count(&zsp_test_handover.preserved),
			stats.segments + stats.table_pages - t->pool->unjoined);
	/* Without memory for the reserve the others join nevertheless. */
	KUNIT_EXPECT_EQ(test, !refused[ZSP_TEST_JOIN], !t->pool->unjoined);
	if (memchr_inv(refused, 0, sizeof(zsp_test_worker.refused)))
		return;
	KUNIT_EXPECT_EQ(test, ZSP_RESERVE, t->pool->nr_reserve);
	KUNIT_EXPECT_GE(test, t->pool->free_entries, ZSP_SPARE_ENTRIES);
}

static void zsp_test_run_worker(struct kunit *test)
{
	struct zsp_test_worker *w = &zsp_test_worker;
	struct zsp_test *t = test->priv;
	unsigned int kind;

	memset(w->refused, 0, sizeof(w->refused));
	w->working = true;
	zsp_work(&t->pool->work);
	w->working = false;
	for (kind = 0; kind < ZSP_TEST_KINDS; kind++)
		w->failed[kind] += w->refused[kind];
	zsp_test_expect_sound(test);
}

/*
 * A pool without reserve, and a segment table with @left unused entries. Some segments
 * have not joined.
 */
static void zsp_test_scatter(struct kunit *test, unsigned int left)
{
	struct zsp_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0, zsp_join(t->pool));
	do {
		zsp_test_store_next(test);
	} while (t->pool->free_entries > left + ZSP_TEST_LATE);
	zsp_work(&t->pool->work);
	KUNIT_EXPECT_EQ(test, 0, t->pool->unjoined);
	while (t->pool->free_entries > left)
		zsp_test_store_next(test);
	KUNIT_EXPECT_EQ(test, left, t->pool->free_entries);
	KUNIT_EXPECT_EQ(test, ZSP_TEST_LATE, t->pool->unjoined);
	KUNIT_EXPECT_EQ(test, 0, t->pool->nr_reserve);
}

/* Segments are emptied, and that of the reserve is used. */
static void zsp_test_alter(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < zsp_test_worker.stored; i += 4)
		KUNIT_EXPECT_TRUE(test, zsp_test_free(t, &t->objects[i]));
	for (i = 0; i < 2 * ZSP_TEST_LATE; i++)
		zsp_test_store_next(test);
}

/* What was stored is there after a kexec. */
static void zsp_test_hop(struct kunit *test)
{
	u64 segtab = zsp_test_hand_over(test);
	struct zsp_test *t = test->priv;

	zsp_test_hold_all(test, segtab);
	t->pool = zsp_attach_pool("test", &zsp_test_ops, segtab, true, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->pool);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_leave(t->pool);
	zsp_test_expect_empty(test, 0);
}

/* Nobody but the test has anything of what was allocated any more. */
static void zsp_test_end(struct kunit *test)
{
	struct zsp_test_worker *w = &zsp_test_worker;
	struct zsp_test *t = test->priv;
	unsigned int i, held = 0;

	zsp_test_move_crowd(NULL);
	zsp_destroy_pool(t->pool);
	t->pool = NULL;
	for (i = 0; i < w->nr_blocks; i++) {
		held += folio_ref_count(w->blocks[i]) != 1;
		folio_put(w->blocks[i]);
	}
	KUNIT_EXPECT_EQ(test, 0, held);
	KUNIT_EXPECT_LT(test, w->nr_blocks, ZSP_TEST_BLOCKS);
	KUNIT_EXPECT_EQ(test, 0, w->strangers);
	zsp_test_new_pool(test);
}

/* Returns true if one failed. With @again the worker makes up for it before the seal. */
static bool zsp_test_round(struct kunit *test, unsigned int left,
			   unsigned int first, unsigned int last, bool again)
{
	struct zsp_test_worker *w = &zsp_test_worker;
	struct zsp_test *t = test->priv;
	unsigned int calls;

	zsp_test_begin(test, first, last);
	zsp_test_scatter(test, left);
	zsp_test_run_worker(test);
	zsp_test_alter(test);
	zsp_test_run_worker(test);
	calls = w->calls;
	w->first = UINT_MAX;
	if (again) {
		zsp_test_run_worker(test);
		KUNIT_EXPECT_TRUE(test, zsp_test_all_joined(t->pool));
	}
	kunit_deactivate_static_stub(test, zsp_alloc_block);
	zsp_test_hop(test);
	zsp_test_end(test);
	return calls >= first;
}

/* === Cases === */

static void zsp_test_expect_failures(struct kunit *test, unsigned int rounds)
{
	unsigned int *failed = zsp_test_worker.failed;

	kunit_info(test, "%u rounds; failed: %u segments, %u searches, %u table pages, %u joins\n",
		   rounds, failed[ZSP_TEST_SEGMENT], failed[ZSP_TEST_SEARCH],
		   failed[ZSP_TEST_TABLE], failed[ZSP_TEST_JOIN]);
	/* A segment of the reserve is taken anew when it has been used. */
	KUNIT_EXPECT_GE(test, failed[ZSP_TEST_SEGMENT], ZSP_RESERVE + 1);
	KUNIT_EXPECT_GE(test, failed[ZSP_TEST_SEARCH], ZSP_RESERVE + 1);
	KUNIT_EXPECT_GE(test, failed[ZSP_TEST_TABLE], 1);
	KUNIT_EXPECT_GE(test, failed[ZSP_TEST_JOIN], ZSP_TEST_LATE + ZSP_RESERVE + 1);
	memset(failed, 0, sizeof(zsp_test_worker.failed));
}

static void zsp_test_worker_alone(struct kunit *test, unsigned int left)
{
	unsigned int first, kind, sum = 0;

	for (first = 1; zsp_test_round(test, left, first, first, true); first++)
		;
	for (kind = 0; kind < ZSP_TEST_KINDS; kind++)
		sum += zsp_test_worker.failed[kind];
	KUNIT_EXPECT_EQ(test, first - 1, sum);
	zsp_test_expect_failures(test, first - 1);
}

static void zsp_test_worker_from(struct kunit *test, unsigned int left, bool again)
{
	unsigned int first;

	for (first = 1; zsp_test_round(test, left, first, UINT_MAX, again); first++)
		;
	zsp_test_expect_failures(test, first - 1);
}

static void zsp_test_worker_each(struct kunit *test, unsigned int left)
{
	memset(&zsp_test_worker, 0, sizeof(zsp_test_worker));
	zsp_test_worker_alone(test, left);
	zsp_test_worker_from(test, left, true);
	zsp_test_worker_from(test, left, false);
}

/* The segment table is full: a segment of the reserve needs a page of it. */
static void zsp_test_worker_full(struct kunit *test)
{
	zsp_test_worker_each(test, 0);
}

/* There are fewer spare entries than there should be. */
static void zsp_test_worker_spare(struct kunit *test)
{
	zsp_test_worker_each(test, ZSP_SPARE_ENTRIES / 4);
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE_SLOW(zsp_test_worker_full),
	KUNIT_CASE_SLOW(zsp_test_worker_spare),
	{}
};

static struct kunit_suite zsp_test_suite = {
	.name = "zsmalloc_persist_worker",
	.init = zsp_test_init,
	.exit = zsp_test_exit,
	.test_cases = zsp_test_cases,
};

kunit_test_suite(zsp_test_suite);

MODULE_DESCRIPTION("KUnit tests for the persistent allocator's worker without memory");
MODULE_LICENSE("GPL");
