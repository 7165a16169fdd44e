// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: memory that a pool keeps, and memory that it
 * has no use for.
 */
#include "../zsp_compact.h"
#include "../zsp_util.h"
#include "zsmalloc_persist_kexec_kunit.h"

/* A pool that may have just what it is to have, of whatever size. */
static void zsp_test_reserve_limit(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 pages;

	for (pages = 2040; pages < 2060; pages++) {
		zsp_set_limit(t->pool, pages);
		KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, pages));
		KUNIT_EXPECT_LE(test, zsp_pages(t->pool), pages);
		KUNIT_EXPECT_GT(test, zsp_pages(t->pool) + 8, pages);
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
	}
	/* A limit that is lowered afterwards takes nothing away. */
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 2000));
	pages = zsp_pages(t->pool);
	zsp_set_limit(t->pool, 1000);
	KUNIT_EXPECT_EQ(test, pages, zsp_pages(t->pool));
	KUNIT_EXPECT_EQ(test, -EINVAL, zsp_set_reserve(t->pool, 2000));
	KUNIT_EXPECT_EQ(test, pages, zsp_pages(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
	zsp_test_expect_empty(test, 0);
}

static void zsp_test_alloc_tables(struct kunit *test, u64 *tables,
				  unsigned int nr)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_alloc_table(t->pool, 0, GFP_KERNEL,
							 &tables[i]));
	KUNIT_EXPECT_LE(test, zsp_pages(t->pool), 2000);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	for (i = 0; i < nr; i++)
		zsp_free_table(t->pool, tables[i]);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
}

/* A device whose limit is its reserve has a slot table, too. */
static void zsp_test_reserve_tables(struct kunit *test)
{
	const unsigned int nr = 1900;
	struct zsp_test *t = test->priv;
	u64 *tables;

	tables = kunit_kcalloc(test, nr, sizeof(*tables), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tables);
	zsp_set_limit(t->pool, 2000);
	KUNIT_ASSERT_EQ(test, 0, zsp_set_reserve(t->pool, 2000));
	zsp_test_alloc_tables(test, tables, nr);
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
	zsp_test_expect_empty(test, 0);
}

/* The limit is reached, and what is free is free in segments that are in use. */
static void zsp_test_limit_tables(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int nr, i;
	u64 tables[100];

	zsp_set_limit(t->pool, 2000);
	nr = zsp_test_exhaust(test, 3000);
	for (i = 0; i < nr; i++)
		if (i % 32)
			KUNIT_EXPECT_TRUE(test, zsp_test_free(t, &t->objects[i]));
	zsp_test_alloc_tables(test, tables, ARRAY_SIZE(tables));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects, nr));
	zsp_test_expect_empty(test, 0);
}

/* Between the seal and the kexec: the next kernel gets what was sealed. */
static void zsp_test_reserve_sealed(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 segtab, pages;

	zsp_test_fill(test);
	KUNIT_ASSERT_EQ(test, 0, zsp_join(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 8000));
	segtab = zsp_test_seal(test);
	pages = zsp_pages(t->pool);
	KUNIT_EXPECT_EQ(test, -EBUSY, zsp_set_reserve(t->pool, 0));
	KUNIT_EXPECT_EQ(test, -EBUSY, zsp_set_reserve(t->pool, 16000));
	KUNIT_EXPECT_EQ(test, pages, zsp_pages(t->pool));
	KUNIT_EXPECT_TRUE(test, zsp_test_all_joined(t->pool));

	zsp_abandon_pool(t->pool);
	t->pool = NULL;
	zsp_test_scribble(segtab);
	zsp_test_kexec(test);
	zsp_test_hold_all(test, segtab);
	t->pool = zsp_attach_pool("test", &zsp_test_ops, segtab, true, 8000);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->pool);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
	zsp_leave(t->pool);
}

/* The seal is about to begin, and waits for whoever fills a reserve. */
static void zsp_test_reserve_sealing(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 pages = zsp_pages(t->pool);

	WRITE_ONCE(t->pool->stop_compacting, true);
	KUNIT_EXPECT_EQ(test, -EBUSY, zsp_set_reserve(t->pool, 8000));
	KUNIT_EXPECT_EQ(test, pages, zsp_pages(t->pool));
	/* It could not be, and the kernel goes on. */
	WRITE_ONCE(t->pool->stop_compacting, false);
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 8000));
	KUNIT_EXPECT_GE(test, zsp_pages(t->pool), 7993ULL);
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
}

/* The memory itself comes through a kexec, not just the wish for it. */
static void zsp_test_reserve_attach(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 segtab, pages;
	unsigned int join;

	for (join = 0; join < 2; join++) {
		KUNIT_ASSERT_EQ(test, 0, zsp_join(t->pool));
		KUNIT_ASSERT_EQ(test, 0, zsp_set_reserve(t->pool, 5000));
		pages = zsp_pages(t->pool);
		segtab = zsp_test_hand_over(test);
		if (join)
			zsp_test_hold_all(test, segtab);
		t->pool = zsp_attach_pool("test", &zsp_test_ops, segtab, join,
					  5000);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->pool);
		flush_work(&t->pool->work);
		KUNIT_EXPECT_EQ(test, pages, zsp_pages(t->pool));
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
	}
	zsp_leave(t->pool);
	zsp_test_expect_empty(test, 0);
}

/* Two open a segment at the same time, and one of them needs none. */
static void zsp_test_unused_segment(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int join;

	zsp_set_mover(t->pool, zsp_test_move, t);
	for (join = 0; join < 2; join++) {
		if (join)
			KUNIT_ASSERT_EQ(test, 0, zsp_join(t->pool));
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[0], 3000, 1));
		KUNIT_ASSERT_TRUE(test, zsp_open_new(t->pool, ZRAM_PERSIST_MAX_ORDER,
						     false, GFP_KERNEL));
		KUNIT_ASSERT_TRUE(test, zsp_open_new(t->pool, 3, false, GFP_KERNEL));
		KUNIT_ASSERT_TRUE(test, zsp_open_new(t->pool, 3, true, GFP_KERNEL));
		KUNIT_EXPECT_TRUE(test, zsp_test_free(t, &t->objects[0]));
		KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, join));
		zsp_leave(t->pool);
		zsp_test_expect_empty(test, 0);
	}
}

/* In a pool of many GiB that is full there is nothing to fold. */
static void zsp_test_fold_large(struct kunit *test)
{
	struct zsp_survey *survey;
	unsigned int segments;

	survey = kunit_kzalloc(test, sizeof(*survey), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, survey);
	for (segments = 1; segments < 100000; segments += 997) {
		survey->segments[0] = segments;
		survey->live[0] = segments * ZSP_LARGE_BYTES;
		KUNIT_EXPECT_FALSE(test, zsp_is_worth_folding(survey,
							      ZSP_LARGE_BYTES));
		survey->live[0] -= ZSP_LARGE_BYTES / 2;
		KUNIT_EXPECT_TRUE(test, zsp_is_worth_folding(survey,
							     ZSP_LARGE_BYTES / 2));
	}
}

/* Entries of the segment table become free in all of its pages, and are found. */
static void zsp_test_many_tables(struct kunit *test)
{
	/* And there are always some to spare, which are in one more page. */
	const unsigned int nr = 5 * ZRAM_PERSIST_SEGTAB_ENTRIES;
	struct zsp_test *t = test->priv;
	struct zram_persist_page raw = { .kind = ZRAM_PERSIST_RAW };
	unsigned int i, round;
	u64 *lone, tables;

	lone = kunit_kcalloc(test, nr, sizeof(*lone), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, lone);
	for (round = 1; round < 8; round++) {
		for (i = 0; i < nr; i++) {
			if (!lone[i])
				lone[i] = zsp_take_lone(t->pool, raw, GFP_KERNEL);
			KUNIT_ASSERT_NE(test, 0, lone[i]);
		}
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		tables = zsp_test_stats(t->pool).table_pages;
		KUNIT_EXPECT_EQ(test, 6, tables);
		for (i = 0; i < nr; i += round) {
			zsp_put_lone(t->pool, zsp_location_folio(lone[i]));
			lone[i] = 0;
		}
	}
	for (i = 0; i < nr; i++)
		if (lone[i])
			zsp_put_lone(t->pool, zsp_location_folio(lone[i]));
	zsp_test_expect_empty(test, 0);
}

/* What is kept is not given back: the last segment is not made smaller, either. */
static void zsp_test_reserve_settle(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;
	u64 pages;

	zsp_set_mover(t->pool, zsp_test_move, t);
	KUNIT_ASSERT_EQ(test, 0, zsp_set_reserve(t->pool, 2000));
	pages = zsp_pages(t->pool);
	for (i = 0; i < 600; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i], 4000, i));
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	KUNIT_EXPECT_EQ(test, pages, zsp_pages(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	KUNIT_EXPECT_LT(test, zsp_pages(t->pool), 800);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects, 600));
	zsp_test_expect_empty(test, 0);
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE(zsp_test_reserve_settle),
	KUNIT_CASE(zsp_test_reserve_limit),
	KUNIT_CASE(zsp_test_reserve_tables),
	KUNIT_CASE(zsp_test_limit_tables),
	KUNIT_CASE(zsp_test_reserve_sealed),
	KUNIT_CASE(zsp_test_reserve_sealing),
	KUNIT_CASE(zsp_test_reserve_attach),
	KUNIT_CASE(zsp_test_unused_segment),
	KUNIT_CASE(zsp_test_fold_large),
	KUNIT_CASE(zsp_test_many_tables),
	{}
};

static struct kunit_suite zsp_test_suite = {
	.name = "zsmalloc_persist_reserve",
	.init = zsp_test_init,
	.exit = zsp_test_exit,
	.test_cases = zsp_test_cases,
};

kunit_test_suite(zsp_test_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of the persistent allocator's reserve");
