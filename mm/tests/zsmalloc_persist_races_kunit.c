// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: what meets in unlucky moments. User-Mode
 * Linux has one processor and no preemption, so the moments are made here: in
 * the mover, in the handover, and in place of an allocation.
 */
#include <kunit/static_stub.h>
#include <linux/delay.h>
#include <linux/shrinker.h>

#include "../zsp_compact.h"
#include "zsmalloc_persist_kunit.h"

/* Half of the objects are freed, in a pattern that empties no segment. */
static void zsp_test_fragment(struct kunit *test, u32 size)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < ZSP_TEST_OBJECTS; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i],
							size, i));
	for (i = 0; i < ZSP_TEST_OBJECTS; i += 2)
		KUNIT_ASSERT_TRUE(test, zsp_test_free(t, &t->objects[i]));
}

static void zsp_test_expect_intact(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
}

/* Lets the worker of the pool have its turn, until @pages at most are left. */
static void zsp_test_wait_pages(struct kunit *test, u64 pages)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < 250 && zsp_pages(t->pool) > pages; i++)
		msleep(20);
	KUNIT_EXPECT_LE(test, zsp_pages(t->pool), pages);
}

/* === The shrinker === */

static unsigned long zsp_test_count_objects(struct zsp_test *t)
{
	struct shrink_control sc = { .gfp_mask = GFP_KERNEL };

	return t->pool->shrinker->count_objects(t->pool->shrinker, &sc);
}

/* As reclaim does, which is told if more was freed than it had asked for. */
static unsigned long zsp_test_scan_objects(struct zsp_test *t)
{
	struct shrink_control sc = {
		.gfp_mask = GFP_KERNEL, .nr_to_scan = 128, .nr_scanned = 128,
	};
	unsigned long freed;

	freed = t->pool->shrinker->scan_objects(t->pool->shrinker, &sc);
	t->bad += freed != SHRINK_STOP && sc.nr_scanned < freed;
	return freed;
}

/* Nobody asks for compaction but reclaim: whole segments come back. */
static void zsp_test_shrink(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_stats before, after;
	unsigned long freed, sum = 0;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, SHRINK_EMPTY, zsp_test_count_objects(t));
	zsp_test_fragment(test, 4000);
	/* Without a mover nothing can be done. */
	KUNIT_EXPECT_EQ(test, SHRINK_STOP, zsp_test_scan_objects(t));
	zsp_set_mover(t->pool, zsp_test_move, t);
	before = zsp_test_stats(t->pool);
	KUNIT_EXPECT_GT(test, zsp_test_count_objects(t), 1800);
	/* One call ends when its time is over, and reclaim asks again. */
	for (i = 0; i < 100; i++) {
		freed = zsp_test_scan_objects(t);
		if (freed == SHRINK_STOP)
			break;
		KUNIT_EXPECT_EQ(test, 0, freed % BIT(ZRAM_PERSIST_MAX_ORDER));
		sum += freed;
	}
	after = zsp_test_stats(t->pool);
	KUNIT_EXPECT_GE(test, sum, 1500);
	KUNIT_EXPECT_EQ(test, 0, t->bad);
	KUNIT_EXPECT_EQ(test, sum, before.pages - after.pages);
	KUNIT_EXPECT_EQ(test, sum,
			after.compacted_pages - before.compacted_pages);
	KUNIT_EXPECT_EQ(test, before.objects, after.objects);
	KUNIT_EXPECT_EQ(test, SHRINK_EMPTY, zsp_test_count_objects(t));
	zsp_test_expect_intact(test);
}

/* A mover that takes long, and counts how often it is called. */
static int zsp_test_move_slowly(void *data, u64 owner, u64 location, bool raw)
{
	struct zsp_test *t = data;

	t->moves++;
	mdelay(1);
	return zsp_test_move(data, owner, location, raw);
}

/* A shrinker holds up reclaim for some milliseconds, however much there is. */
static void zsp_test_shrink_bounded(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	zsp_test_fragment(test, 4000);
	zsp_set_mover(t->pool, zsp_test_move_slowly, t);
	zsp_test_scan_objects(t);
	KUNIT_EXPECT_GT(test, t->moves, 0);
	/* It would be more than a thousand. */
	KUNIT_EXPECT_LT(test, t->moves, 200);
	zsp_test_expect_intact(test);
}

static struct page *zsp_test_alloc_single(gfp_t gfp, unsigned int order)
{
	return order ? NULL : alloc_pages(gfp, 0);
}

/* Each call has time for a part of the segments, and by and by all have a turn. */
static void zsp_test_shrink_windows(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct page *first = NULL;
	unsigned int i, windows = 0;
	u64 pages;

	kunit_activate_static_stub(test, zsp_alloc_block, zsp_test_alloc_single);
	zsp_test_fragment(test, 1500);
	kunit_deactivate_static_stub(test, zsp_alloc_block);
	pages = zsp_pages(t->pool);
	KUNIT_EXPECT_GT(test, zsp_test_stats(t->pool).table_pages,
			3 * ZSP_WINDOW);
	zsp_set_mover(t->pool, zsp_test_move_slowly, t);
	for (i = 0; i < 1000; i++) {
		if (zsp_test_scan_objects(t) == SHRINK_STOP)
			break;
		windows += t->pool->window != first;
		first = t->pool->window;
	}
	KUNIT_EXPECT_GT(test, windows, 2);
	KUNIT_EXPECT_LT(test, zsp_pages(t->pool), pages - pages / 3);
	zsp_test_expect_intact(test);
}

/*
 * With little time, too, small segments that are full go to large ones with room, which
 * are far away in the segment table; at the limit, so that no other is taken for them.
 */
static void zsp_test_windows_small(struct kunit *test)
{
	const unsigned int pages = 1200, objects = ZSP_TEST_OBJECTS - pages;
	struct zsp_test *t = test->priv;
	struct zsp_stats stats;
	unsigned int i;

	kunit_activate_static_stub(test, zsp_alloc_block, zsp_test_alloc_single);
	for (i = 0; i < pages; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i],
							PAGE_SIZE, i));
	kunit_deactivate_static_stub(test, zsp_alloc_block);
	for (i = pages; i < pages + objects; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i], 4000, i));
	stats = zsp_test_stats(t->pool);
	KUNIT_EXPECT_GE(test, stats.segments - stats.large_segments, pages);
	for (i = pages; i < pages + objects; i++)
		if (i % 256)
			KUNIT_EXPECT_TRUE(test, zsp_test_free(t, &t->objects[i]));
	zsp_set_limit(t->pool, zsp_pages(t->pool));
	zsp_set_mover(t->pool, zsp_test_move, t);
	cancel_delayed_work_sync(&t->pool->compact_work);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 60000));
	stats = zsp_test_stats(t->pool);
	KUNIT_EXPECT_LT(test, stats.segments - stats.large_segments, 50);
	zsp_test_expect_intact(test);
}

/* Somebody compacts: others that have no time go away. */
static int zsp_test_move_contended(void *data, u64 owner, u64 location,
				   bool raw)
{
	struct zsp_test *t = data;

	if (!t->moves++) {
		t->found[0] = zsp_test_scan_objects(t) == SHRINK_STOP;
		t->found[1] = zsp_compact(t->pool, 1) == -EBUSY;
	}
	return zsp_test_move(data, owner, location, raw);
}

static void zsp_test_shrink_contended(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	zsp_test_fragment(test, 4000);
	zsp_set_mover(t->pool, zsp_test_move_contended, t);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	KUNIT_EXPECT_TRUE(test, t->found[0]);
	KUNIT_EXPECT_TRUE(test, t->found[1]);
	zsp_test_expect_intact(test);
}

/* What is kept in reserve in small segments does not hide what is wasted. */
static void zsp_test_shrink_reserve(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned long count;
	u64 pages;

	zsp_test_fragment(test, 4000);
	zsp_set_mover(t->pool, zsp_test_move, t);
	count = zsp_test_count_objects(t);
	KUNIT_EXPECT_GT(test, count, 1800);
	pages = zsp_pages(t->pool);
	zsp_set_limit(t->pool, pages + 400);
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, pages + 390));
	KUNIT_EXPECT_GE(test, zsp_test_stats(t->pool).empty_segments, 6);
	KUNIT_EXPECT_GE(test, zsp_test_count_objects(t), count - 20);
	KUNIT_EXPECT_LE(test, zsp_test_count_objects(t), count + 20);
}

/* === Compaction and what happens meanwhile === */

/* The length of every eighth object is damaged while it is being moved. */
static int zsp_test_move_damaged_len(void *data, u64 owner, u64 location,
				     bool raw)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);
	struct zram_persist_entry *entry;
	struct zsp_test *t = data;
	u32 place;

	if (t->moves++ % 8)
		return zsp_test_move(data, owner, location, raw);
	entry = &span->entry[zsp_location_index(location)];
	place = entry->place;
	entry->place |= ZRAM_PERSIST_PLACE_LEN;
	t->bad += zsp_test_move(data, owner, location, raw) != -EIO;
	entry->place = place;
	return -EIO;
}

/* Nothing is copied by such a length, and the others move. */
static void zsp_test_move_damaged(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	zsp_test_fragment(test, 3000);
	zsp_set_mover(t->pool, zsp_test_move_damaged_len, t);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	KUNIT_EXPECT_GT(test, t->moves, 100);
	KUNIT_EXPECT_EQ(test, 0, t->bad);
	zsp_test_expect_intact(test);
}

static struct zram_persist_entry *zsp_test_entry(struct zsp_test_object *object)
{
	struct zram_persist_span *span = zsp_location_to_virt(object->location);

	return &span->entry[zsp_location_index(object->location)];
}

/*
 * A directory that is damaged in memory leads to no damage elsewhere: what is
 * stored in the holes of other spans, and what was there before, stays right.
 */
static void zsp_test_damaged_directory(struct kunit *test)
{
	static const u32 damage[] = {
		ZRAM_PERSIST_PLACE_LEN, ZRAM_PERSIST_PLACE_START, BIT(4),
		BIT(16), BIT(20),
	};
	struct zsp_test *t = test->priv;
	struct zram_persist_entry *entry;
	unsigned int i, bad = 0;
	u32 places[ZSP_TEST_OBJECTS / 128];

	zsp_test_fragment(test, 3000);
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		places[i] = zsp_test_entry(&t->objects[i * 128 + 1])->place;
		zsp_test_entry(&t->objects[i * 128 + 1])->place ^=
			damage[i % ARRAY_SIZE(damage)];
	}
	for (i = 0; i < ZSP_TEST_OBJECTS; i += 2)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i],
							2900, i));
	for (i = 0; i < ZSP_TEST_OBJECTS; i++)
		bad += !zsp_test_is_intact(t, &t->objects[i]);
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(places), bad);
	/* A start that could be right may have been changed by a move. */
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		entry = zsp_test_entry(&t->objects[i * 128 + 1]);
		if (entry->place == (places[i] ^ damage[i % ARRAY_SIZE(damage)]))
			entry->place = places[i];
	}
	bad = zsp_test_free_all(t, t->objects, ZSP_TEST_OBJECTS);
	KUNIT_EXPECT_LT(test, bad, ARRAY_SIZE(places) / 2);
	zsp_test_expect_empty(test, 0);
}

/*
 * Pages that are segments of their own are on their way out, and have not left
 * yet when compaction looks at all segments.
 */
static void zsp_test_compact_leaving(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int nr;

	zsp_set_mover(t->pool, zsp_test_move, t);
	zsp_set_limit(t->pool, 5);
	nr = zsp_test_exhaust(test, ZRAM_PERSIST_MAX_PAYLOAD);
	KUNIT_ASSERT_EQ(test, 0, zsp_join(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects, nr));
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	zsp_test_wait_pages(test, zsp_test_stats(t->pool).table_pages);
	zsp_leave(t->pool);
	zsp_test_expect_empty(test, 0);
}

/* A reserve is asked for while segments are on their way out: they stay. */
static void zsp_test_reserve_leaving(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 pages;

	KUNIT_ASSERT_EQ(test, 0, zsp_join(t->pool));
	/* More segments than are kept without a reserve. */
	zsp_test_fragment(test, 4000);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	pages = zsp_pages(t->pool);
	KUNIT_EXPECT_GT(test, pages,
			(ZSP_RESERVE + 2) << ZRAM_PERSIST_MAX_ORDER);
	/* zsp_set_reserve() would let the worker have its turn before. */
	spin_lock(&t->pool->lock);
	t->pool->reserve_pages = pages;
	spin_unlock(&t->pool->lock);
	flush_work(&t->pool->work);
	KUNIT_EXPECT_GE(test, zsp_pages(t->pool), pages);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
	zsp_leave(t->pool);
	zsp_test_expect_empty(test, 0);
}

/* === Writes and discards while compaction moves === */

/* Every so often something else happens than what compaction is about to do. */
static int zsp_test_move_amid(void *data, u64 owner, u64 location, bool raw)
{
	struct zsp_test *t = data;

	t->moves++;
	if (!(t->moves % 3))
		t->bad += zsp_test_shuffle(t, t->objects, ZSP_TEST_OBJECTS, 5,
					   &t->rnd);
	/* What is being moved goes away, or becomes something else. */
	if (!(t->moves % 7) && owner < ZSP_TEST_OBJECTS)
		t->bad += !zsp_test_change(t, &t->objects[owner], &t->rnd);
	return zsp_test_move(data, owner, location, raw);
}

static void zsp_test_compact_amid(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	zsp_set_mover(t->pool, zsp_test_move_amid, t);
	for (i = 0; i < 20; i++) {
		if (i % 4 == 0)
			KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
		zsp_test_fill(test);
		while (zsp_test_stats(t->pool).objects > ZSP_TEST_OBJECTS / 4)
			t->bad += zsp_test_thin_some(t);
		KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, i % 5));
		zsp_test_expect_intact(test);
		if (i % 4 == 2)
			zsp_leave(t->pool);
	}
	KUNIT_EXPECT_EQ(test, 0, t->bad);
	KUNIT_EXPECT_GT(test, t->moves, 1000);
	zsp_leave(t->pool);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_test_expect_empty(test, 0);
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE(zsp_test_shrink),
	KUNIT_CASE(zsp_test_shrink_bounded),
	KUNIT_CASE(zsp_test_shrink_contended),
	KUNIT_CASE(zsp_test_shrink_windows),
	KUNIT_CASE(zsp_test_windows_small),
	KUNIT_CASE(zsp_test_shrink_reserve),
	KUNIT_CASE(zsp_test_move_damaged),
	KUNIT_CASE(zsp_test_damaged_directory),
	KUNIT_CASE(zsp_test_compact_leaving),
	KUNIT_CASE(zsp_test_reserve_leaving),
	KUNIT_CASE_SLOW(zsp_test_compact_amid),
	{}
};

static struct kunit_suite zsp_test_suite = {
	.name = "zsmalloc_persist_races",
	.init = zsp_test_init,
	.exit = zsp_test_exit,
	.test_cases = zsp_test_cases,
};

kunit_test_suite(zsp_test_suite);

MODULE_DESCRIPTION("KUnit tests for races in the persistent allocator");
MODULE_LICENSE("GPL");
