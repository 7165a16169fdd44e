// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: joining, leaving, sealing, attaching.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>

#include "zsmalloc_persist_kexec_kunit.h"

/* The worker needs its time. */
static void zsp_test_expect_joined(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < 250 && !zsp_test_all_joined(t->pool); i++)
		msleep(20);
	KUNIT_EXPECT_TRUE(test, zsp_test_all_joined(t->pool));
}

static void zsp_test_expect_left(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, xa_empty(&zsp_test_handover.preserved));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_stats(t->pool).joined_segments);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
}

/* === Joining and leaving === */

static void zsp_test_join_empty(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_expect_joined(test);
	/* Allocated from the reserve, and from what joins later. */
	zsp_test_fill(test);
	zsp_test_expect_joined(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
	zsp_leave(t->pool);
	zsp_test_expect_left(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_test_expect_empty(test, 0);
}

static void zsp_test_join_full(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	zsp_test_fill(test);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
		zsp_test_expect_joined(test);
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
		zsp_test_fill(test);
		zsp_leave(t->pool);
		zsp_test_expect_left(test);
		zsp_test_fill(test);
		KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
							  ZSP_TEST_OBJECTS));
	}
}

/* What is emptied leaves the handover, but for the reserve. */
static void zsp_test_join_and_free(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;
	u64 reserve;

	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_fill(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	for (i = 0; i < 250 && zsp_test_stats(t->pool).segments > 4; i++)
		msleep(20);
	/* The worker may be about to make up the reserve. */
	msleep(100);
	zsp_test_expect_joined(test);
	reserve = zsp_test_stats(t->pool).segments;
	KUNIT_EXPECT_GT(test, reserve, 0);
	KUNIT_EXPECT_LE(test, reserve, 4);
	zsp_test_expect_empty(test, reserve);
	zsp_leave(t->pool);
	zsp_test_expect_left(test);
	zsp_test_expect_empty(test, 0);
}

/* Small segments, which exist under a limit only, join like large ones. */
static void zsp_test_join_small(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int nr;

	zsp_set_limit(t->pool, 300);
	nr = zsp_test_exhaust(test, 2000);
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_expect_joined(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects, nr));
	zsp_leave(t->pool);
	zsp_test_expect_left(test);
	zsp_test_expect_empty(test, 0);
}

/* Whichever call fails: nothing stays in the handover, nothing is damaged. */
static void zsp_test_join_failure(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;
	int err;

	zsp_test_fill(test);
	for (i = 1; ; i++) {
		zsp_test_fail_from(i, 1);
		err = zsp_join(t->pool);
		if (!err)
			break;
		KUNIT_EXPECT_EQ(test, -ENOMEM, err);
		zsp_test_expect_left(test);
		KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
							  ZSP_TEST_OBJECTS));
	}
	KUNIT_EXPECT_GT(test, i, 3);
	zsp_test_fail_from(0, 0);
	zsp_test_expect_joined(test);
	zsp_leave(t->pool);
	zsp_test_expect_left(test);
}

/* === Handover === */

static void zsp_test_attach(struct kunit *test, u64 segtab, bool join)
{
	struct zsp_test *t = test->priv;

	if (join)
		zsp_test_hold_all(test, segtab);
	t->pool = zsp_attach_pool("test", &zsp_test_ops, segtab, join, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->pool);
	KUNIT_EXPECT_TRUE(test, xa_empty(&zsp_test_handover.incoming));
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_damaged(t, t->objects,
						  ZSP_TEST_OBJECTS));
}

static void zsp_test_chain(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_stats before, after;
	unsigned int hop;
	u64 segtab;

	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	for (hop = 0; hop < 10; hop++) {
		zsp_test_fill(test);
		before = zsp_test_stats(t->pool);
		segtab = zsp_test_hand_over(test);
		zsp_test_attach(test, segtab, true);
		zsp_test_expect_joined(test);
		after = zsp_test_stats(t->pool);
		KUNIT_EXPECT_EQ(test, before.objects, after.objects);
		KUNIT_EXPECT_EQ(test, before.object_bytes, after.object_bytes);
		KUNIT_EXPECT_EQ(test, before.raw_pages, after.raw_pages);
		KUNIT_EXPECT_EQ(test, before.span_pages, after.span_pages);
	}
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_leave(t->pool);
	zsp_test_expect_left(test);
	zsp_test_expect_empty(test, 0);
}

/* A kexec straight after another, before the worker had its turn. */
static void zsp_test_chain_at_once(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int hop;

	zsp_test_fill(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	for (hop = 0; hop < 5; hop++)
		zsp_test_attach(test, zsp_test_hand_over(test), true);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_leave(t->pool);
	zsp_test_expect_empty(test, 0);
}

static void zsp_test_chain_empty(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_attach(test, zsp_test_hand_over(test), true);
	zsp_test_fill(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_leave(t->pool);
	zsp_test_expect_empty(test, 0);
}

/* Small segments and pages that are segments of their own. */
static void zsp_test_chain_small(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int nr, i;

	zsp_set_limit(t->pool, 400);
	nr = zsp_test_exhaust(test, 3000);
	for (i = 0; i < nr; i += 2)
		KUNIT_EXPECT_TRUE(test, zsp_test_free(t, &t->objects[i]));
	/* Every other object leaves no page free: these are new. */
	zsp_set_limit(t->pool, 500);
	for (i = 0; i < nr; i += 8)
		KUNIT_EXPECT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i],
							PAGE_SIZE, i));
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_attach(test, zsp_test_hand_over(test), true);
	/* The limit is not part of the pool's memory. */
	zsp_test_fill(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_leave(t->pool);
	zsp_test_expect_empty(test, 0);
}

/* The next kernel has no handover of its own: an ordinary pool results. */
static void zsp_test_attach_alone(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	zsp_test_fill(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_attach(test, zsp_test_hand_over(test), false);
	zsp_test_expect_left(test);
	zsp_test_fill(test);
	zsp_test_expect_left(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_expect_joined(test);
	zsp_leave(t->pool);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_test_expect_empty(test, 0);
}

/*
 * There is no memory to attach with: nothing has changed, and the device can be
 * attached once there is.
 */
static void zsp_test_attach_failure(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned long blocks;
	struct zsp_pool *pool;
	u64 segtab;

	zsp_test_fill(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	segtab = zsp_test_hand_over(test);
	blocks = zsp_test_count(&zsp_test_handover.incoming);
	/* The first that can fail, before anything is restored. */
	zsp_test_fail_from(1, 1);
	pool = zsp_attach_pool("test", &zsp_test_ops, segtab, true, 0);
	KUNIT_ASSERT_EQ(test, -ENOMEM, PTR_ERR_OR_ZERO(pool));
	KUNIT_EXPECT_EQ(test, blocks,
			zsp_test_count(&zsp_test_handover.incoming));
	zsp_test_fail_from(0, 0);
	zsp_test_attach(test, segtab, true);
}

/* A segment joins late, and the seal is the last chance. */
static void zsp_test_seal_failure(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 segtab, nr_segments;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_expect_joined(test);
	zsp_test_fail_from(1, UINT_MAX);
	for (i = 0; i < ZSP_TEST_OBJECTS; i++)
		KUNIT_EXPECT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i],
							PAGE_SIZE, i));
	KUNIT_EXPECT_EQ(test, -ENOMEM, zsp_seal(t->pool, &segtab,
						&nr_segments));
	zsp_test_fail_from(0, 0);
	zsp_test_attach(test, zsp_test_hand_over(test), true);
}

/* Destroying gives back all memory: nobody else holds on to it. */
static void zsp_test_destroy(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int nr, i, held = 0;
	struct folio **folios;
	unsigned long pfn;
	void *entry;

	zsp_test_fill(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	zsp_test_expect_joined(test);
	nr = zsp_test_count(&zsp_test_handover.preserved);
	folios = kunit_kcalloc(test, nr, sizeof(*folios), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, folios);
	i = 0;
	xa_for_each(&zsp_test_handover.preserved, pfn, entry) {
		folios[i] = pfn_folio(pfn);
		folio_get(folios[i++]);
	}
	zsp_destroy_pool(t->pool);
	t->pool = NULL;
	for (i = 0; i < nr; i++) {
		held += folio_ref_count(folios[i]) != 1;
		folio_put(folios[i]);
	}
	KUNIT_EXPECT_EQ(test, 0, held);
}

/* === Concurrency === */

/**
 * struct zsp_test_worker - a thread with objects of its own
 * @test: with the pool that all threads share
 * @objects: its part of the objects
 * @rnd: source of sizes and choices
 * @damaged: objects that it found damaged
 * @done: completed at its end
 */
struct zsp_test_worker {
	struct zsp_test *test;
	struct zsp_test_object *objects;
	struct rnd_state rnd;
	unsigned int damaged;
	struct completion done;
};

static int zsp_test_thread(void *data)
{
	const unsigned int nr = ZSP_TEST_OBJECTS / ZSP_TEST_WORKERS;
	struct zsp_test_worker *w = data;
	unsigned int i;

	for (i = 0; i < 40; i++) {
		w->damaged += zsp_test_shuffle(w->test, w->objects, nr, 1000,
					       &w->rnd);
		w->damaged += zsp_test_damaged(w->test, w->objects, nr);
		/* Segments are emptied, too. */
		if (i % 8 == 7)
			w->damaged += zsp_test_free_all(w->test, w->objects,
							nr);
	}
	complete(&w->done);
	return 0;
}

static void zsp_test_concurrency(struct kunit *test)
{
	struct zsp_test_worker *workers;
	struct zsp_test *t = test->priv;
	struct task_struct *task;
	unsigned int i;

	workers = kunit_kcalloc(test, ZSP_TEST_WORKERS, sizeof(*workers),
				GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, workers);
	for (i = 0; i < ZSP_TEST_WORKERS; i++) {
		workers[i].test = t;
		workers[i].objects = t->objects +
				     i * ZSP_TEST_OBJECTS / ZSP_TEST_WORKERS;
		prandom_seed_state(&workers[i].rnd, i + 1);
		init_completion(&workers[i].done);
		task = kthread_run(zsp_test_thread, &workers[i], "zsp_test/%u",
				   i);
		KUNIT_EXPECT_FALSE(test, IS_ERR(task));
		if (IS_ERR(task))
			complete(&workers[i].done);
	}
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
		msleep(20);
		zsp_leave(t->pool);
		msleep(20);
	}
	for (i = 0; i < ZSP_TEST_WORKERS; i++) {
		wait_for_completion(&workers[i].done);
		KUNIT_EXPECT_EQ(test, 0, workers[i].damaged);
	}
	zsp_test_expect_left(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	zsp_test_expect_empty(test, 0);
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE(zsp_test_join_empty),
	KUNIT_CASE(zsp_test_join_full),
	KUNIT_CASE(zsp_test_join_and_free),
	KUNIT_CASE(zsp_test_join_small),
	KUNIT_CASE(zsp_test_join_failure),
	KUNIT_CASE_SLOW(zsp_test_chain),
	KUNIT_CASE(zsp_test_chain_at_once),
	KUNIT_CASE(zsp_test_chain_empty),
	KUNIT_CASE(zsp_test_chain_small),
	KUNIT_CASE(zsp_test_attach_alone),
	KUNIT_CASE(zsp_test_attach_failure),
	KUNIT_CASE(zsp_test_seal_failure),
	KUNIT_CASE(zsp_test_destroy),
	KUNIT_CASE_SLOW(zsp_test_concurrency),
	{}
};

static struct kunit_suite zsp_test_suite = {
	.name = "zsmalloc_persist_handover",
	.init = zsp_test_init,
	.exit = zsp_test_exit,
	.test_cases = zsp_test_cases,
};

kunit_test_suite(zsp_test_suite);

MODULE_DESCRIPTION("KUnit tests for the handover of the persistent allocator");
MODULE_LICENSE("GPL");
