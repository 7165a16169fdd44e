// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: every allocation fails once, alone or with
 * all that follow it.
 */
#include <kunit/static_stub.h>

#include "../zsp.h"
#include "zsmalloc_persist_kunit.h"

#define ZSP_TEST_TABLES		12

/**
 * struct zsp_test_memory - which allocations fail
 * @calls: allocations so far
 * @first: number of the first one that fails, from 1 on; 0 for none
 * @last: and of the last one
 * @refused: stores that failed
 * @singles: only single pages are to be had at all
 */
static struct zsp_test_memory {
	unsigned int calls;
	unsigned int first;
	unsigned int last;
	unsigned int refused;
	bool singles;
} zsp_test_memory;

static struct page *zsp_test_alloc_block(gfp_t gfp, unsigned int order)
{
	struct zsp_test_memory *m = &zsp_test_memory;

	if (m->singles && order)
		return NULL;
	m->calls++;
	if (m->first && m->calls >= m->first && m->calls <= m->last)
		return NULL;
	return alloc_pages(gfp, order);
}

static void zsp_test_begin(struct kunit *test, unsigned int first,
			   unsigned int last)
{
	zsp_test_memory.calls = 0;
	zsp_test_memory.refused = 0;
	zsp_test_memory.first = first;
	zsp_test_memory.last = last;
	kunit_activate_static_stub(test, zsp_alloc_block,
				   zsp_test_alloc_block);
}

/* Stores what there is memory for. */
static void zsp_test_store_some(struct zsp_test *t, unsigned int from,
				unsigned int to)
{
	unsigned int i;

	for (i = from; i < to; i++)
		zsp_test_memory.refused +=
			!!zsp_test_alloc(t, &t->objects[i],
					 i % 5 ? zsp_test_random_size(&t->rnd) :
						 PAGE_SIZE, i);
}

/* All that a pool allocates for, whether it succeeds or not. */
static void zsp_test_work(struct kunit *test, unsigned int nr, u64 *tables)
{
	struct zsp_test *t = test->priv;
	unsigned int i;
	int err;

	zsp_test_store_some(t, 0, nr / 2);
	for (i = 0; i < ZSP_TEST_TABLES; i++)
		if (zsp_alloc_table(t->pool, 0, GFP_KERNEL, &tables[i])) {
			zsp_test_memory.refused++;
			tables[i] = 0;
		}
	err = zsp_set_reserve(t->pool, 700);
	KUNIT_EXPECT_TRUE(test, !err || err == -ENOMEM);
	if (!err)
		KUNIT_EXPECT_GE(test, zsp_pages(t->pool), 700);
	err = zsp_join(t->pool);
	KUNIT_EXPECT_TRUE(test, !err || err == -ENOMEM);
	zsp_test_store_some(t, nr / 2, nr);
	for (i = 0; i < nr; i += 3)
		if (t->objects[i].location)
			zsp_test_free(t, &t->objects[i]);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
}

/* What was stored is there, and nothing else. Returns true if one failed. */
static bool zsp_test_round(struct kunit *test, unsigned int nr,
			   unsigned int first, unsigned int last)
{
	struct zsp_test *t = test->priv;
	u64 tables[ZSP_TEST_TABLES] = {};
	unsigned int i;

	zsp_set_mover(t->pool, zsp_test_move, t);
	zsp_test_begin(test, first, last);
	zsp_test_work(test, nr, tables);
	kunit_deactivate_static_stub(test, zsp_alloc_block);

	/* If one block is not to be had others take its place. */
	if (first == last && !zsp_test_memory.singles)
		KUNIT_EXPECT_EQ(test, 0, zsp_test_memory.refused);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects, nr));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects, nr));
	for (i = 0; i < ZSP_TEST_TABLES; i++)
		if (tables[i])
			zsp_free_table(t->pool, tables[i]);
	zsp_leave(t->pool);
	zsp_test_expect_empty(test, 0);
	return first && zsp_test_memory.calls >= first;
}

static void zsp_test_each(struct kunit *test, unsigned int nr)
{
	unsigned int first;

	for (first = 1; zsp_test_round(test, nr, first, first); first++)
		;
	KUNIT_EXPECT_GT(test, first, 10);
	for (first = 1; zsp_test_round(test, nr, first, UINT_MAX); first++)
		;
	KUNIT_EXPECT_GT(test, first, 10);
}

static void zsp_test_fail_each(struct kunit *test)
{
	zsp_test_memory.singles = false;
	zsp_test_each(test, ZSP_TEST_OBJECTS);
}

/* Memory is so fragmented that there is no block of more than a page. */
static void zsp_test_fail_each_single(struct kunit *test)
{
	zsp_test_memory.singles = true;
	zsp_test_each(test, 100);
	zsp_test_memory.singles = false;
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE_SLOW(zsp_test_fail_each),
	KUNIT_CASE_SLOW(zsp_test_fail_each_single),
	{}
};

static struct kunit_suite zsp_test_suite = {
	.name = "zsmalloc_persist_memory",
	.init = zsp_test_init,
	.exit = zsp_test_exit,
	.test_cases = zsp_test_cases,
};

kunit_test_suite(zsp_test_suite);

MODULE_DESCRIPTION("KUnit tests for the persistent allocator without memory");
MODULE_LICENSE("GPL");
