// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: objects and pages.
 */
#include "zsmalloc_persist_kunit.h"

/* === Allocating === */

static void zsp_test_arguments(struct kunit *test)
{
	static const u32 lengths[] = { 0, ZRAM_PERSIST_MAX_PAYLOAD + 1, U32_MAX };
	struct zsp_test *t = test->priv;
	u64 location = 1;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct zsp_object object = { .len = lengths[i] };

		KUNIT_EXPECT_EQ(test, -EINVAL,
				zsp_store(t->pool, &object, t->fills,
					  GFP_KERNEL, &location));
	}
	KUNIT_EXPECT_EQ(test, 1, location);
	KUNIT_EXPECT_EQ(test, 0, zsp_pages(t->pool));
}

/* Enough objects of every size for more than one span. */
static void zsp_test_sizes(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int nr, i, bad = 0;
	u32 size;

	for (size = 1; size <= ZRAM_PERSIST_MAX_PAYLOAD; size++) {
		nr = min(ZSP_TEST_OBJECTS,
			 2 * ZRAM_PERSIST_MAX_SPAN * PAGE_SIZE / size);
		for (i = 0; i < nr; i++)
			KUNIT_ASSERT_EQ(test, 0,
					zsp_test_alloc(t, &t->objects[i], size,
						       size + i));
		KUNIT_EXPECT_EQ(test, (u64)nr * zram_persist_room(size),
				zsp_test_stats(t->pool).object_bytes);
		if (size % 8 < 2)
			KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		bad += zsp_test_free_all(t, t->objects, nr);
		KUNIT_EXPECT_EQ_MSG(test, 0, bad, "size %u", size);
	}
	zsp_test_expect_empty(test, 0);
}

/* No damage goes unseen, whatever it is that is damaged. */
static void zsp_test_damage(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_test_object *object = t->objects;
	struct zram_persist_entry *entry;
	struct zram_persist_span *span;
	unsigned int bit;
	u8 *payload;

	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, object, 100, 7));
	span = zsp_location_to_virt(object->location);
	entry = &span->entry[zsp_location_index(object->location)];
	payload = (void *)span + zram_persist_entry_start(entry);
	for (bit = 0; bit < 8 * sizeof(*entry); bit++) {
		((u8 *)entry)[bit / 8] ^= BIT(bit % 8);
		KUNIT_EXPECT_FALSE_MSG(test, zsp_test_is_intact(t, object),
				       "bit %u of the entry", bit);
		((u8 *)entry)[bit / 8] ^= BIT(bit % 8);
	}
	for (bit = 0; bit < 8 * 100; bit++) {
		payload[bit / 8] ^= BIT(bit % 8);
		KUNIT_EXPECT_FALSE_MSG(test, zsp_test_is_intact(t, object),
				       "bit %u of the payload", bit);
		payload[bit / 8] ^= BIT(bit % 8);
	}
	KUNIT_EXPECT_TRUE(test, zsp_test_free(t, object));

	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, object, PAGE_SIZE, 7));
	payload = zsp_location_to_virt(object->location);
	KUNIT_EXPECT_EQ(test, 0, zsp_read_raw(t->pool, object->location, 0,
					      t->fills[9]));
	KUNIT_EXPECT_EQ(test, 0, memcmp(t->fills[9], t->fills[7], PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, -EIO, zsp_read_raw(t->pool, object->location, 1,
						 t->fills[9]));
	payload[1000] ^= 1;
	KUNIT_EXPECT_EQ(test, -EIO, zsp_read_raw(t->pool, object->location, 0,
						 t->fills[9]));
	payload[1000] ^= 1;
	KUNIT_EXPECT_TRUE(test, zsp_test_free(t, object));
	zsp_test_expect_empty(test, 0);
}

static void zsp_test_pages(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	const unsigned int nr = 1500;
	unsigned int i, bad = 0;
	u64 *tables;

	tables = kunit_kcalloc(test, nr, sizeof(*tables), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tables);
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i],
							PAGE_SIZE, i));
	for (i = 0; i < nr; i++) {
		KUNIT_ASSERT_EQ(test, 0, zsp_alloc_table(t->pool, i % 4,
							 GFP_KERNEL,
							 &tables[i]));
		bad += !!memchr_inv(zsp_location_to_virt(tables[i]), 0,
				    PAGE_SIZE);
		memset(zsp_location_to_virt(tables[i]), 0x5a, PAGE_SIZE);
	}
	KUNIT_EXPECT_EQ(test, nr, zsp_test_stats(t->pool).slot_table_pages);
	KUNIT_EXPECT_EQ(test, nr, zsp_test_stats(t->pool).raw_pages);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	bad += zsp_test_free_all(t, t->objects, nr);
	for (i = 0; i < nr; i++)
		zsp_free_table(t->pool, tables[i]);
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

		KUNIT_EXPECT_EQ(test, 0, zsp_test_shuffle(t, t->objects,
							  nr, 100000, &t->rnd));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
							  ZSP_TEST_OBJECTS));
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		KUNIT_EXPECT_EQ(test, 0,
				zsp_test_free_all(t, t->objects + nr,
						  ZSP_TEST_OBJECTS - nr));
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	}
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
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
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
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
	static const u32 sizes[] = { 1024, ZRAM_PERSIST_MAX_PAYLOAD, PAGE_SIZE };
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
		KUNIT_EXPECT_TRUE(test, zsp_test_free(t, t->objects));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_alloc(t, t->objects,
							sizes[i], i));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
							   nr));
		zsp_test_expect_empty(test, 0);
	}

	/* A limit below what there is takes nothing away. */
	zsp_set_limit(t->pool, 0);
	zsp_test_fill(test);
	zsp_set_limit(t->pool, 1);
	nr = zsp_pages(t->pool);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
	KUNIT_EXPECT_EQ(test, nr, zsp_pages(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_test_expect_empty(test, 0);
}

/* Directories that are full keep nobody waiting. */
static void zsp_test_full_directories(struct kunit *test)
{
	const unsigned int nr = 20 * ZRAM_PERSIST_MAX_ENTRIES + 1;
	struct zsp_object object = { .codec = 1, .len = 8 }, old;
	struct zsp_test *t = test->priv;
	unsigned int i, bad = 0;
	u64 *locations;

	locations = kvcalloc(nr, sizeof(*locations), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, locations);
	object.crc = zsp_object_crc(&object, t->fills[5]);
	for (i = 0; i < nr; i++)
		bad += !!zsp_store(t->pool, &object, t->fills[5], GFP_KERNEL,
				   &locations[i]);
	KUNIT_EXPECT_EQ(test, 0, bad);
	KUNIT_EXPECT_EQ(test, nr, zsp_test_stats(t->pool).objects);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	for (i = 0; i < nr; i++) {
		zsp_free(t->pool, locations[i], object.owner, &old);
		bad += old.crc != object.crc;
	}
	KUNIT_EXPECT_EQ(test, 0, bad);
	kvfree(locations);
	zsp_test_expect_empty(test, 0);
}

/* What is reserved is there, and is used before anything else. */
static void zsp_test_reserve(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_stats stats;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 3000));
	stats = zsp_test_stats(t->pool);
	KUNIT_EXPECT_GE(test, stats.pages, 3000);
	KUNIT_EXPECT_LT(test, stats.pages, 3000 + 512);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	for (i = 0; i < 2000; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i],
							PAGE_SIZE, i));
	KUNIT_EXPECT_EQ(test, stats.pages, zsp_pages(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects, 2000));
	KUNIT_EXPECT_EQ(test, stats.pages, zsp_pages(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));

	/* What cannot be had changes nothing. */
	zsp_set_limit(t->pool, 4000);
	KUNIT_EXPECT_EQ(test, -EINVAL, zsp_set_reserve(t->pool, 4001));
	zsp_set_limit(t->pool, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL, zsp_set_reserve(t->pool, U64_MAX));
	KUNIT_EXPECT_EQ(test, stats.pages, zsp_pages(t->pool));

	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 1000));
	KUNIT_EXPECT_LT(test, zsp_pages(t->pool), 1000 + 512);
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
	zsp_test_expect_empty(test, 0);
}

/*
 * Memory ends after every number of pages: what was stored stays, and what is
 * refused leaves nothing behind.
 */
static void zsp_test_every_limit(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int limit, i;

	for (limit = 1; limit < 80; limit++) {
		zsp_set_limit(t->pool, limit);
		for (i = 0; i < ZSP_TEST_OBJECTS; i++)
			if (zsp_test_alloc(t, &t->objects[i],
					   zsp_test_random_size(&t->rnd), i))
				break;
		KUNIT_EXPECT_LT(test, i, ZSP_TEST_OBJECTS);
		/* The first are the segment table, and a span that is a page. */
		if (limit > 2)
			KUNIT_EXPECT_GE(test, i, limit / 2);
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
							   ZSP_TEST_OBJECTS));
		zsp_test_expect_empty(test, 0);
	}
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE(zsp_test_arguments),
	KUNIT_CASE_SLOW(zsp_test_sizes),
	KUNIT_CASE(zsp_test_damage),
	KUNIT_CASE(zsp_test_pages),
	KUNIT_CASE_SLOW(zsp_test_random),
	KUNIT_CASE(zsp_test_max_pages),
	KUNIT_CASE(zsp_test_limit),
	KUNIT_CASE(zsp_test_every_limit),
	KUNIT_CASE(zsp_test_full_directories),
	KUNIT_CASE(zsp_test_reserve),
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
