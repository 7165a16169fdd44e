// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: objects and pages.
 */
#include "zsmalloc_persist_kunit.h"

/* === Allocating === */

static void zsp_test_arguments(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 location = 1;

	KUNIT_EXPECT_EQ(test, -EINVAL, zsp_alloc(t->pool, 0, GFP_KERNEL,
						 &location));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			zsp_alloc(t->pool, ZRAM_PERSIST_MAX_OBJECT + 1,
				  GFP_KERNEL, &location));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			zsp_alloc(t->pool, SIZE_MAX, GFP_KERNEL, &location));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			zsp_alloc_page(t->pool, ZRAM_PERSIST_SPAN, 0,
				       GFP_KERNEL, &location));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			zsp_alloc_page(t->pool, ZRAM_PERSIST_FREE, 0,
				       GFP_KERNEL, &location));
	KUNIT_EXPECT_EQ(test, 1, location);
	KUNIT_EXPECT_EQ(test, 0, zsp_pages(t->pool));
}

/* An object lies on a granule, and in one segment. */
static bool zsp_test_is_placed(const struct zsp_test_object *object)
{
	u64 addr = zsp_location_addr(object->location);
	unsigned int shift = zsp_location_order(object->location) + PAGE_SHIFT;

	return zsp_location_order(object->location) <=
	       ZRAM_PERSIST_MAX_ORDER &&
	       !(addr % ZRAM_PERSIST_GRANULE) &&
	       addr >> shift == (addr + object->size - 1) >> shift;
}

/* Enough objects of every size for more than one span. */
static void zsp_test_sizes(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int nr, i, bad = 0;
	u32 size;

	for (size = ZRAM_PERSIST_MIN_OBJECT; size <= ZRAM_PERSIST_MAX_OBJECT;
	     size += ZRAM_PERSIST_GRANULE) {
		nr = min(ZSP_TEST_OBJECTS,
			 2 * ZRAM_PERSIST_MAX_SPAN * PAGE_SIZE / size);
		for (i = 0; i < nr; i++) {
			KUNIT_ASSERT_EQ(test, 0,
					zsp_test_alloc(t->pool, &t->objects[i],
						       size, size + i));
			bad += !zsp_test_is_placed(&t->objects[i]);
		}
		KUNIT_EXPECT_EQ(test, (u64)nr * size,
				zsp_test_stats(t->pool).object_bytes);
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		bad += zsp_test_free_all(t->pool, t->objects, nr);
		KUNIT_EXPECT_EQ_MSG(test, 0, bad, "size %u", size);
	}
	zsp_test_expect_empty(test, 0);
}

/* A size that is none of a class is that of the next one. */
static void zsp_test_rounding(struct kunit *test)
{
	static const u32 sizes[][2] = {
		{ 1, 32 }, { 31, 32 }, { 32, 32 }, { 33, 48 }, { 48, 48 },
		{ 4033, 4048 }, { 4048, 4048 },
	};
	struct zsp_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t->pool, t->objects,
							sizes[i][0], i));
		KUNIT_EXPECT_EQ(test, sizes[i][1],
				zsp_test_stats(t->pool).object_bytes);
		zsp_test_free(t->pool, t->objects);
	}
	zsp_test_expect_empty(test, 0);
}

static void zsp_test_pages(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	const unsigned int nr = 1500;
	unsigned int i, bad = 0;
	u64 table;

	for (i = 0; i < nr; i++) {
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t->pool,
							&t->objects[i],
							PAGE_SIZE, i));
		bad += !PAGE_ALIGNED(zsp_test_virt(&t->objects[i]));
	}
	KUNIT_EXPECT_EQ(test, nr, zsp_test_stats(t->pool).raw_pages);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	bad += zsp_test_free_all(t->pool, t->objects, nr / 2);

	/* In the place of raw pages that were full of something else. */
	for (i = 0; i < nr / 2; i++) {
		KUNIT_ASSERT_EQ(test, 0, zsp_alloc_page(t->pool,
							ZRAM_PERSIST_TABLE,
							i % 4, GFP_KERNEL,
							&table));
		t->objects[i].location = table;
		t->objects[i].size = PAGE_SIZE;
		t->objects[i].fill = 0;
	}
	KUNIT_EXPECT_EQ(test, nr / 2, zsp_test_stats(t->pool).slot_table_pages);
	KUNIT_EXPECT_EQ(test, nr / 2, zsp_test_stats(t->pool).raw_pages);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	bad += zsp_test_free_all(t->pool, t->objects, nr);
	KUNIT_EXPECT_EQ(test, 0, bad);
	zsp_test_expect_empty(test, 0);
}

static void zsp_test_random(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int phase;

	/* From few objects to many and back: segments come and go. */
	for (phase = 1; phase <= 16; phase++) {
		unsigned int nr = ZSP_TEST_OBJECTS / (phase % 8 + 1);

		KUNIT_EXPECT_EQ(test, 0, zsp_test_shuffle(t->pool, t->objects,
							  nr, 100000, &t->rnd));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t->objects,
							  ZSP_TEST_OBJECTS));
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		KUNIT_EXPECT_EQ(test, 0,
				zsp_test_free_all(t->pool, t->objects + nr,
						  ZSP_TEST_OBJECTS - nr));
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	}
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t->pool, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_test_expect_empty(test, 0);
}

static void zsp_test_max_pages(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 pages;

	zsp_test_fill(test);
	pages = zsp_pages(t->pool);
	KUNIT_EXPECT_LE(test, pages, zsp_max_pages(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t->pool, t->objects,
						   ZSP_TEST_OBJECTS));
	KUNIT_EXPECT_LE(test, pages, zsp_max_pages(t->pool));
	zsp_reset_max_pages(t->pool);
	KUNIT_EXPECT_EQ(test, zsp_pages(t->pool), zsp_max_pages(t->pool));
}

/* === Limit === */

/*
 * Below the size of a large segment only small ones are to be had, and they
 * are used until the last page. The segment table may exceed the limit.
 */
static void zsp_test_limit(struct kunit *test)
{
	static const u32 sizes[] = { 1024, ZRAM_PERSIST_MAX_OBJECT, PAGE_SIZE };
	struct zsp_test *t = test->priv;
	struct zsp_stats stats;
	unsigned int i, nr;

	zsp_set_limit(t->pool, 200);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		nr = zsp_test_exhaust(test, sizes[i]);
		stats = zsp_test_stats(t->pool);
		KUNIT_EXPECT_LE(test, stats.pages, 200 + stats.table_pages);
		KUNIT_EXPECT_GE(test, stats.pages, 200);
		KUNIT_EXPECT_EQ(test, 0, stats.large_segments);
		KUNIT_EXPECT_GT(test, nr, 180);
		/* What was refused is granted after one was freed. */
		KUNIT_EXPECT_TRUE(test, zsp_test_free(t->pool, t->objects));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_alloc(t->pool, t->objects,
							sizes[i], i));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t->pool, t->objects,
							   nr));
		zsp_test_expect_empty(test, 0);
	}

	/* A limit below what there is takes nothing away. */
	zsp_set_limit(t->pool, 0);
	zsp_test_fill(test);
	zsp_set_limit(t->pool, 1);
	nr = zsp_pages(t->pool);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t->objects,
						  ZSP_TEST_OBJECTS));
	KUNIT_EXPECT_EQ(test, nr, zsp_pages(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t->pool, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_test_expect_empty(test, 0);
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE(zsp_test_arguments),
	KUNIT_CASE_SLOW(zsp_test_sizes),
	KUNIT_CASE(zsp_test_rounding),
	KUNIT_CASE(zsp_test_pages),
	KUNIT_CASE_SLOW(zsp_test_random),
	KUNIT_CASE(zsp_test_max_pages),
	KUNIT_CASE(zsp_test_limit),
	{}
};

static struct kunit_suite zsp_test_suite = {
	.name = "zsmalloc_persist",
	.init = zsp_test_init,
	.exit = zsp_test_exit,
	.test_cases = zsp_test_cases,
};

kunit_test_suite(zsp_test_suite);

MODULE_DESCRIPTION("KUnit tests for the persistent allocator");
MODULE_LICENSE("GPL");
