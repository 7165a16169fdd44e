// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: compaction.
 */
#include <kunit/static_stub.h>
#include <kunit/test-bug.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>

#include "../zsp.h"
#include "zsmalloc_persist_kunit.h"

static void zsp_test_set_mover(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	zsp_set_mover(t->pool, zsp_test_move, t);
}

/* Pages that the objects need if nothing is lost between them. */
static u64 zsp_test_needed(struct zsp_pool *pool)
{
	struct zsp_stats stats = zsp_test_stats(pool);
	u64 bytes = stats.object_bytes + stats.objects * 12;

	return DIV_ROUND_UP(bytes, PAGE_SIZE) + stats.raw_pages;
}

/* All of one kind, of which @keep of @of are kept, at random. */
static void zsp_test_thin_out(struct kunit *test, unsigned int keep,
			      unsigned int of)
{
	struct zsp_test *t = test->priv;
	unsigned int i, bad = 0;

	for (i = 0; i < ZSP_TEST_OBJECTS; i++)
		if (t->objects[i].location &&
		    prandom_u32_state(&t->rnd) % of >= keep)
			bad += !zsp_test_free(t, &t->objects[i]);
	KUNIT_EXPECT_EQ(test, 0, bad);
}

static void zsp_test_compact_and_check(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_stats before = zsp_test_stats(t->pool), after;

	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	after = zsp_test_stats(t->pool);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
	KUNIT_EXPECT_EQ(test, before.objects, after.objects);
	KUNIT_EXPECT_EQ(test, before.object_bytes, after.object_bytes);
	KUNIT_EXPECT_EQ(test, before.raw_pages, after.raw_pages);
	KUNIT_EXPECT_LE(test, after.pages, before.pages);
	KUNIT_EXPECT_EQ(test, before.pages - after.pages,
			after.compacted_pages - before.compacted_pages);
}

/* What stays is at most a sixteenth more than needed, and a small segment. */
static void zsp_test_thin(struct kunit *test)
{
	static const u32 keep[][2] = { { 1, 2 }, { 1, 4 }, { 1, 20 }, { 9, 10 } };
	struct zsp_test *t = test->priv;
	unsigned int i, n;
	u64 needed;

	zsp_test_set_mover(test);
	for (n = 0; n < ARRAY_SIZE(keep); n++) {
		for (i = 0; i < ZSP_TEST_OBJECTS; i++)
			if (!t->objects[i].location)
				KUNIT_ASSERT_EQ(test, 0,
						zsp_test_alloc(t, &t->objects[i],
							       zsp_test_random_size(&t->rnd),
							       i));
		zsp_test_thin_out(test, keep[n][0], keep[n][1]);
		zsp_test_compact_and_check(test);
		needed = zsp_test_needed(t->pool);
		KUNIT_EXPECT_LE_MSG(test, zsp_pages(t->pool),
				    needed + needed / 16 + 66,
				    "%u of %u", keep[n][0], keep[n][1]);
	}
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_test_expect_empty(test, 0);
}

/* Nothing is to be gained, and nothing is lost. */
static void zsp_test_compact_nothing(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 pages;

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, zsp_compact(t->pool, 0));
	zsp_test_set_mover(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	KUNIT_EXPECT_EQ(test, 0, zsp_pages(t->pool));
	zsp_test_fill(test);
	zsp_test_compact_and_check(test);
	pages = zsp_pages(t->pool);
	zsp_test_compact_and_check(test);
	zsp_test_compact_and_check(test);
	KUNIT_EXPECT_EQ(test, pages, zsp_pages(t->pool));
}

/* Small segments are emptied into large ones, once there are such. */
static void zsp_test_compact_small(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_stats stats;
	unsigned int nr, i;

	zsp_test_set_mover(test);
	zsp_set_limit(t->pool, 300);
	nr = zsp_test_exhaust(test, 2000);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_stats(t->pool).large_segments);
	zsp_set_limit(t->pool, 0);
	for (i = nr; i < ZSP_TEST_OBJECTS; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i], 2000,
							i));
	for (i = nr; i < ZSP_TEST_OBJECTS; i += 2)
		KUNIT_EXPECT_TRUE(test, zsp_test_free(t, &t->objects[i]));
	zsp_test_compact_and_check(test);
	stats = zsp_test_stats(t->pool);
	KUNIT_EXPECT_LT(test, stats.segments - stats.large_segments, 8);
}

static void zsp_test_store_pages(struct kunit *test, unsigned int from,
				 unsigned int to)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	/* Seven of them fill a span of seven pages. */
	for (i = from; i < to; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i], 4000,
							i));
}

/* Waits until a pool has given back what it can, by itself. */
static void zsp_test_await_pages(struct kunit *test, u64 pages)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < 500 && zsp_pages(t->pool) > pages; i++)
		msleep(20);
	KUNIT_EXPECT_LE(test, zsp_pages(t->pool), pages);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
}

/*
 * What a pool that grows no more has begun to fill last is not larger than need
 * be; and when it grows again there are no more small segments than before.
 */
static void zsp_test_settle(struct kunit *test)
{
	const unsigned int step = 511 + 100;
	struct zsp_test *t = test->priv;
	struct zsp_stats stats;
	unsigned int i;

	zsp_test_set_mover(test);
	for (i = 0; i < 4; i++) {
		zsp_test_store_pages(test, i * step, (i + 1) * step);
		stats = zsp_test_stats(t->pool);
		zsp_test_await_pages(test, (i + 1) * (step + step / 32) + 66);
		stats = zsp_test_stats(t->pool);
		KUNIT_EXPECT_LT(test, stats.segments - stats.large_segments, 8);
		KUNIT_EXPECT_GE(test, stats.large_segments, i);
	}
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects, 4 * step));
	zsp_test_expect_empty(test, 0);
}

/* Small segments that fill a large one become one, as soon as there is one. */
static void zsp_test_gather(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_stats stats;

	zsp_test_set_mover(test);
	zsp_set_limit(t->pool, 500);
	zsp_test_store_pages(test, 0, 480);
	zsp_set_limit(t->pool, 1000);
	zsp_test_store_pages(test, 480, 520);
	stats = zsp_test_stats(t->pool);
	KUNIT_EXPECT_EQ(test, 0, stats.large_segments);
	zsp_set_limit(t->pool, 0);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	stats = zsp_test_stats(t->pool);
	KUNIT_EXPECT_EQ(test, 1, stats.large_segments);
	KUNIT_EXPECT_EQ(test, 2, stats.segments);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
}

/* The pages of the slot table stay where they are, and in nobody's way. */
static void zsp_test_compact_tables(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i, bad = 0;
	const u64 nr = 200;
	u64 *tables, needed;

	tables = kunit_kcalloc(test, nr, sizeof(*tables), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tables);
	zsp_test_set_mover(test);
	for (i = 0; i < ZSP_TEST_OBJECTS; i++) {
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i], 1500,
							i));
		if (i % 20 || i / 20 >= nr)
			continue;
		KUNIT_ASSERT_EQ(test, 0, zsp_alloc_table(t->pool, 0, GFP_KERNEL,
							 &tables[i / 20]));
		memset(zsp_location_to_virt(tables[i / 20]), i / 20, PAGE_SIZE);
	}
	zsp_test_thin_out(test, 1, 4);
	zsp_test_compact_and_check(test);
	needed = zsp_test_needed(t->pool) + nr;
	KUNIT_EXPECT_LE(test, zsp_pages(t->pool), needed + needed / 10 + 600);
	for (i = 0; i < nr; i++) {
		bad += !!memchr_inv(zsp_location_to_virt(tables[i]), i,
				    PAGE_SIZE);
		zsp_free_table(t->pool, tables[i]);
	}
	KUNIT_EXPECT_EQ(test, 0, bad);
}

/* The time is over when ten objects have been moved. */
static int zsp_test_move_ten(void *data, u64 owner, u64 location, bool raw)
{
	struct zsp_test *t = data;

	t->bad += !t->pool->compact_end;
	if (++t->moves == 10)
		t->pool->compact_end = jiffies - 1;
	return zsp_test_move(data, owner, location, raw);
}

/* There is an end to it, and what was begun is in order. */
static void zsp_test_compact_time(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	zsp_set_mover(t->pool, zsp_test_move_ten, t);
	for (i = 0; i < 20; i++) {
		zsp_test_fill(test);
		zsp_test_thin_out(test, 1, 3);
		/* What compacts in the background has no such time. */
		cancel_delayed_work_sync(&t->pool->compact_work);
		t->moves = 0;
		t->bad = 0;
		KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 10000));
		KUNIT_EXPECT_EQ(test, 10, t->moves);
		KUNIT_EXPECT_EQ(test, 0, t->bad);
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
							  ZSP_TEST_OBJECTS));
	}
}

static struct page *zsp_test_alloc_small(gfp_t gfp, unsigned int order)
{
	return order > 3 ? NULL : alloc_pages(gfp, order);
}

/* The time is over when the first large segment was to be had. */
static struct page *zsp_test_alloc_late(gfp_t gfp, unsigned int order)
{
	struct zsp_test *t = kunit_get_current_test()->priv;

	if (order == ZRAM_PERSIST_MAX_ORDER && gfp & __GFP_DIRECT_RECLAIM) {
		t->pool->compact_end = jiffies - 1;
		t->moves++;
	}
	return alloc_pages(gfp, order);
}

/* To make room for small segments takes no longer than there is time, either. */
static void zsp_test_gather_time(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	kunit_activate_static_stub(test, zsp_alloc_block, zsp_test_alloc_small);
	for (i = 0; i < ZSP_TEST_OBJECTS; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i],
							PAGE_SIZE, i));
	zsp_test_set_mover(test);
	kunit_activate_static_stub(test, zsp_alloc_block, zsp_test_alloc_late);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 10000));
	KUNIT_EXPECT_EQ(test, 1, t->moves);
	kunit_deactivate_static_stub(test, zsp_alloc_block);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
}

/* Somebody else stores meanwhile. */
static int zsp_test_move_and_store(void *data, u64 owner, u64 location, bool raw)
{
	struct zsp_test *t = data;
	struct zsp_object old;
	u64 mine;

	t->moves++;
	if (zsp_test_store(t, &t->objects[ZSP_TEST_OBJECTS - 1], 900, 1, &mine))
		t->bad++;
	else
		zsp_free(t->pool, mine, ZSP_TEST_OBJECTS - 1, &old);
	return zsp_test_move(data, owner, location, raw);
}

/* At the limit there is room for others while small segments are emptied. */
static void zsp_test_compact_leaves_room(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;
	u64 pages;

	kunit_activate_static_stub(test, zsp_alloc_block, zsp_test_alloc_small);
	for (i = 0; i < ZSP_TEST_OBJECTS - 1; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i], 1000, i));
	zsp_test_thin_out(test, 7, 8);
	pages = zsp_pages(t->pool);
	zsp_set_limit(t->pool, pages);
	zsp_set_mover(t->pool, zsp_test_move_and_store, t);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	kunit_deactivate_static_stub(test, zsp_alloc_block);
	KUNIT_EXPECT_GT(test, t->moves, 100);
	KUNIT_EXPECT_EQ(test, 0, t->bad);
	KUNIT_EXPECT_LT(test, zsp_pages(t->pool), pages - pages / 20);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
}

/* A persistent pool lets go of what it does not need. */
static void zsp_test_compact_joined(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;
	u64 needed;

	zsp_test_set_mover(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_fill(test);
	zsp_test_thin_out(test, 1, 4);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	needed = zsp_test_needed(t->pool);
	/* Segments leave by and by, and the reserve stays. */
	for (i = 0; i < 250 && zsp_pages(t->pool) >
	     needed + needed / 10 + 1024 + 1024; i++)
		msleep(20);
	KUNIT_EXPECT_LT(test, i, 250);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
	zsp_leave(t->pool);
}

/* === While others store and free === */

struct zsp_test_thread {
	struct zsp_test *test;
	struct zsp_test_object *objects;
	struct rnd_state rnd;
	unsigned int damaged;
	struct completion done;
};

static int zsp_test_run(void *data)
{
	const unsigned int nr = ZSP_TEST_OBJECTS / ZSP_TEST_WORKERS;
	struct zsp_test_thread *w = data;
	unsigned int i;

	for (i = 0; i < 30; i++) {
		w->damaged += zsp_test_shuffle(w->test, w->objects, nr, 2000,
					       &w->rnd);
		w->damaged += zsp_test_damaged(w->test, w->objects, nr);
	}
	complete(&w->done);
	return 0;
}

static void zsp_test_compact_busy(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_test_thread *w;
	struct task_struct *task;
	unsigned int i, rounds = 0;

	w = kunit_kcalloc(test, ZSP_TEST_WORKERS, sizeof(*w), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w);
	zsp_test_set_mover(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	for (i = 0; i < ZSP_TEST_WORKERS; i++) {
		w[i].test = t;
		w[i].objects = t->objects +
			       i * ZSP_TEST_OBJECTS / ZSP_TEST_WORKERS;
		prandom_seed_state(&w[i].rnd, i + 1);
		init_completion(&w[i].done);
		task = kthread_run(zsp_test_run, &w[i], "zsp_test/%u", i);
		KUNIT_EXPECT_FALSE(test, IS_ERR(task));
		if (IS_ERR(task))
			complete(&w[i].done);
	}
	for (i = 0; i < ZSP_TEST_WORKERS; i++) {
		while (!try_wait_for_completion(&w[i].done)) {
			KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
			rounds++;
			cond_resched();
		}
		KUNIT_EXPECT_EQ(test, 0, w[i].damaged);
	}
	KUNIT_EXPECT_GT(test, rounds, 3);
	zsp_test_thin_out(test, 1, 4);
	KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_leave(t->pool);
	zsp_test_expect_empty(test, 0);
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE(zsp_test_compact_nothing),
	KUNIT_CASE(zsp_test_thin),
	KUNIT_CASE(zsp_test_compact_small),
	KUNIT_CASE_SLOW(zsp_test_settle),
	KUNIT_CASE(zsp_test_gather),
	KUNIT_CASE(zsp_test_compact_tables),
	KUNIT_CASE(zsp_test_compact_time),
	KUNIT_CASE(zsp_test_gather_time),
	KUNIT_CASE(zsp_test_compact_leaves_room),
	KUNIT_CASE(zsp_test_compact_joined),
	KUNIT_CASE_SLOW(zsp_test_compact_busy),
	{}
};

static struct kunit_suite zsp_test_suite = {
	.name = "zsmalloc_persist_compact",
	.init = zsp_test_init,
	.exit = zsp_test_exit,
	.test_cases = zsp_test_cases,
};

kunit_test_suite(zsp_test_suite);

MODULE_DESCRIPTION("KUnit tests for compaction of the persistent allocator");
MODULE_LICENSE("GPL");
