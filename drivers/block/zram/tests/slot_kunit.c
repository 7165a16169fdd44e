// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the slot table and of the encoding of slots.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "../slot.h"
#include "../zram.h"

#define SLOT_TEST_THREADS	4
#define SLOT_TEST_SLOTS		1000

/* A pool that never becomes persistent calls none of them. */
static const struct zsp_handover_ops slot_test_ops;

static void slot_test_resize(struct kunit *test, u64 nr_slots)
{
	struct zram *zram = test->priv;

	zram_slots_destroy(&zram->slots);
	if (zram->pool)
		zsp_destroy_pool(zram->pool);
	zram->pool = zsp_create_pool("test", &slot_test_ops);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zram->pool);
	KUNIT_ASSERT_EQ(test, 0, zram_slots_init(&zram->slots, nr_slots));
}

static int slot_test_init(struct kunit *test)
{
	test->priv = kunit_kzalloc(test, sizeof(struct zram), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void slot_test_exit(struct kunit *test)
{
	struct zram *zram = test->priv;

	if (!zram)
		return;
	zram_slots_destroy(&zram->slots);
	if (!IS_ERR_OR_NULL(zram->pool))
		zsp_destroy_pool(zram->pool);
}

static u64 slot_test_pages(struct kunit *test)
{
	struct zram *zram = test->priv;
	struct zsp_stats stats;

	zsp_get_stats(zram->pool, &stats);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(zram->pool));
	return stats.slot_table_pages;
}

static u64 *slot_test_make(struct kunit *test, u64 index)
{
	u64 *slot = zram_slot_make(test->priv, index);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, slot);
	return slot;
}

/* === Encoding === */

static void slot_test_locations(struct kunit *test)
{
	static const u64 addrs[] = {
		4096, 0x12345000, 0xffffffff000, 0xffffffffff000,
	};
	unsigned int order, i;
	u64 location, slot;

	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		for (order = 0; order <= ZRAM_PERSIST_MAX_ORDER; order += 3) {
			location = zsp_location(addrs[i], order);
			KUNIT_EXPECT_EQ(test, addrs[i],
					zsp_location_addr(location));
			KUNIT_EXPECT_EQ(test, order,
					zsp_location_order(location));
			location |= (i * 341) << ZRAM_PERSIST_LOCATION_INDEX_SHIFT;
			KUNIT_EXPECT_EQ(test, i * 341,
					zsp_location_index(location));
			slot = zram_slot_object(ZRAM_PERSIST_SLOT_OBJECT,
						location);
			KUNIT_EXPECT_EQ(test, ZRAM_PERSIST_SLOT_OBJECT,
					zram_slot_kind(slot));
			KUNIT_EXPECT_EQ(test, location,
					zram_slot_location(slot));
			KUNIT_EXPECT_EQ(test, 0,
					slot & ZRAM_PERSIST_SLOT_FLAGS_MASK);
			slot = zram_slot_object(ZRAM_PERSIST_SLOT_RAW,
						location);
			KUNIT_EXPECT_EQ(test, ZRAM_PERSIST_SLOT_RAW,
					zram_slot_kind(slot));
			KUNIT_EXPECT_EQ(test, location,
					zram_slot_location(slot));
		}
	}
}

static void slot_test_expect_word(struct kunit *test, u64 word,
				  enum zram_persist_slot_kind kind)
{
	u64 slot = 0;

	KUNIT_EXPECT_TRUE(test, zram_slot_same(word, &slot));
	KUNIT_EXPECT_EQ(test, kind, zram_slot_kind(slot));
	KUNIT_EXPECT_EQ(test, word, zram_slot_word(slot));
	KUNIT_EXPECT_EQ(test, 0, slot & ZRAM_PERSIST_SLOT_FLAGS_MASK);
	KUNIT_EXPECT_EQ(test, 0, slot >> 12 & 0xf);
	if (kind == ZRAM_PERSIST_SLOT_REPEAT)
		KUNIT_EXPECT_EQ(test, 0, slot >> 48);
}

static void slot_test_words(struct kunit *test)
{
	static const u64 same[] = {
		0, 1, 0xff, 0x7fffffffffffULL, ~0ULL, ~1ULL,
		0xffff800000000000ULL, 0xffffffff00000000ULL,
	};
	static const u64 repeat[] = {
		0x0001000000010000ULL, 0xdeadbeefdeadbeefULL,
		0x8000000080000000ULL, 0x7fffffff7fffffffULL,
		0x0101010101010101ULL, 0xfffefffefffefffeULL,
	};
	static const u64 neither[] = {
		0x800000000000ULL, 0xffff7fffffffffffULL,
		0x123456789abcdef0ULL, 0x8000000000000000ULL,
	};
	unsigned int i;
	u64 slot = 5;

	for (i = 0; i < ARRAY_SIZE(same); i++)
		slot_test_expect_word(test, same[i], ZRAM_PERSIST_SLOT_SAME);
	for (i = 0; i < ARRAY_SIZE(repeat); i++)
		slot_test_expect_word(test, repeat[i],
				      ZRAM_PERSIST_SLOT_REPEAT);
	for (i = 0; i < ARRAY_SIZE(neither); i++)
		KUNIT_EXPECT_FALSE(test, zram_slot_same(neither[i], &slot));
	KUNIT_EXPECT_EQ(test, 5, slot);
	KUNIT_EXPECT_EQ(test, 0, zram_slot_word(0));
}

/* === Table === */

static void slot_test_levels(struct kunit *test)
{
	static const struct {
		u64 nr_slots;
		unsigned int levels;
	} sizes[] = {
		{ 1, 1 }, { 511, 1 }, { 512, 1 }, { 513, 2 },
		{ 1ULL << 18, 2 }, { (1ULL << 18) + 1, 3 },
		{ 1ULL << 27, 3 }, { (1ULL << 27) + 1, 4 },
		{ ZRAM_PERSIST_MAX_SLOTS, 4 },
	};
	struct zram_slots slots = {};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, -EINVAL, zram_slots_init(&slots, 0));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			zram_slots_init(&slots, ZRAM_PERSIST_MAX_SLOTS + 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, zram_slots_init(&slots, U64_MAX));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_ASSERT_EQ(test, 0, zram_slots_init(&slots,
							 sizes[i].nr_slots));
		KUNIT_EXPECT_EQ(test, sizes[i].levels, slots.levels);
		KUNIT_EXPECT_EQ(test, 0, slots.root);
		zram_slots_destroy(&slots);
	}
}

/* First and last slot of a device, in a table that has nothing else. */
static void slot_test_ends(struct kunit *test)
{
	static const u64 sizes[] = {
		1, 2, 512, 513, 1ULL << 18, (1ULL << 18) + 1, 1ULL << 27,
		(1ULL << 27) + 1, ZRAM_PERSIST_MAX_SLOTS,
	};
	struct zram *zram = test->priv;
	unsigned int i, levels;
	u64 *first, *last;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		slot_test_resize(test, sizes[i]);
		levels = zram->slots.levels;
		KUNIT_EXPECT_NULL(test, zram_slot_find(&zram->slots, 0));
		KUNIT_EXPECT_NULL(test, zram_slot_find(&zram->slots,
						       sizes[i] - 1));
		KUNIT_EXPECT_EQ(test, 0, slot_test_pages(test));

		first = slot_test_make(test, 0);
		KUNIT_EXPECT_EQ(test, levels, slot_test_pages(test));
		last = slot_test_make(test, sizes[i] - 1);
		/* Both are in one page, or have the root alone in common. */
		KUNIT_EXPECT_EQ(test, sizes[i] > ZRAM_PERSIST_FANOUT ?
				2 * levels - 1 : 1, slot_test_pages(test));
		KUNIT_EXPECT_EQ(test, sizes[i] == 1, first == last);
		KUNIT_EXPECT_EQ(test, 0, *first);
		KUNIT_EXPECT_EQ(test, 0, *last);
		KUNIT_EXPECT_PTR_EQ(test, first,
				    zram_slot_find(&zram->slots, 0));
		KUNIT_EXPECT_PTR_EQ(test, last,
				    zram_slot_find(&zram->slots,
						   sizes[i] - 1));
	}
}

/* Slots that are far apart, each with a value of its own. */
static void slot_test_sparse(struct kunit *test)
{
	static const u64 sizes[] = {
		512, 100000, 1ULL << 20, 1ULL << 30, ZRAM_PERSIST_MAX_SLOTS,
	};
	struct zram *zram = test->priv;
	struct rnd_state rnd;
	unsigned int i, j;
	u64 index, *slot;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		slot_test_resize(test, sizes[i]);
		prandom_seed_state(&rnd, i);
		for (j = 0; j < SLOT_TEST_SLOTS; j++) {
			index = prandom_u32_state(&rnd);
			index = (index << 16 ^ j) % sizes[i];
			slot = slot_test_make(test, index);
			KUNIT_ASSERT_TRUE(test, !*slot || *slot == ~index);
			*slot = ~index;
		}
		prandom_seed_state(&rnd, i);
		for (j = 0; j < SLOT_TEST_SLOTS; j++) {
			index = prandom_u32_state(&rnd);
			index = (index << 16 ^ j) % sizes[i];
			slot = zram_slot_find(&zram->slots, index);
			KUNIT_ASSERT_NOT_NULL(test, slot);
			KUNIT_EXPECT_EQ(test, ~index, *slot);
		}
		KUNIT_EXPECT_LE(test, slot_test_pages(test),
				zram->slots.levels * SLOT_TEST_SLOTS);
	}
}

/* Every slot of two pages of the table is a different one. */
static void slot_test_dense(struct kunit *test)
{
	const unsigned int nr = 2 * ZRAM_PERSIST_FANOUT;
	struct zram *zram = test->priv;
	unsigned int i;

	slot_test_resize(test, nr);
	for (i = 0; i < nr; i++)
		*slot_test_make(test, i) = ~i;
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, (u64)~i,
				*zram_slot_find(&zram->slots, i));
	KUNIT_EXPECT_EQ(test, 3, slot_test_pages(test));
}

/* A table that cannot grow stays as it was, and grows later. */
static void slot_test_no_memory(struct kunit *test)
{
	struct zram *zram = test->priv;
	u64 *slot, pages;

	slot_test_resize(test, ZRAM_PERSIST_MAX_SLOTS);
	zsp_set_limit(zram->pool, 2);
	slot = zram_slot_make(zram, 12345);
	KUNIT_EXPECT_EQ(test, -ENOMEM, PTR_ERR_OR_ZERO(slot));
	KUNIT_EXPECT_NULL(test, zram_slot_find(&zram->slots, 12345));
	pages = slot_test_pages(test);
	KUNIT_EXPECT_LT(test, pages, 4);
	zsp_set_limit(zram->pool, 0);
	slot_test_make(test, 12345);
	KUNIT_EXPECT_EQ(test, 4, slot_test_pages(test));
}

/* === Freeing === */

/* Puts an object into a slot as a write does. */
static u64 *slot_test_store(struct kunit *test, u64 index, u8 codec, u16 len)
{
	struct zsp_object object = {
		.owner = index, .codec = codec, .len = len,
	};
	u8 *payload = kunit_kzalloc(test, len, GFP_KERNEL);
	struct zram *zram = test->priv;
	u64 location, *slot;

	KUNIT_ASSERT_NOT_NULL(test, payload);
	object.crc = zsp_object_crc(&object, payload);
	slot = slot_test_make(test, index);
	KUNIT_ASSERT_EQ(test, 0, zsp_store(zram->pool, &object, payload,
					   GFP_KERNEL, &location));
	*slot = zram_slot_object(ZRAM_PERSIST_SLOT_OBJECT, location);
	atomic64_inc(&zram->stats.pages_stored);
	zram_count_object(zram, &object, 1);
	return slot;
}

static void slot_test_expect_stats(struct kunit *test, u64 stored, u64 same,
				   u64 huge, u64 bytes)
{
	struct zram *zram = test->priv;

	KUNIT_EXPECT_EQ(test, stored,
			atomic64_read(&zram->stats.pages_stored));
	KUNIT_EXPECT_EQ(test, same, atomic64_read(&zram->stats.same_pages));
	KUNIT_EXPECT_EQ(test, huge, atomic64_read(&zram->stats.huge_pages));
	KUNIT_EXPECT_EQ(test, bytes, atomic64_read(&zram->stats.compr_bytes));
}

static void slot_test_free_word(struct kunit *test)
{
	struct zram *zram = test->priv;
	u64 *slot;

	slot_test_resize(test, 1000);
	slot = slot_test_make(test, 7);
	zram_slot_free(zram, 7, slot);
	slot_test_expect_stats(test, 0, 0, 0, 0);

	KUNIT_EXPECT_TRUE(test, zram_slot_same(1, slot));
	atomic64_set(&zram->stats.pages_stored, 2);
	atomic64_set(&zram->stats.same_pages, 2);
	zram_slot_free(zram, 7, slot);
	KUNIT_EXPECT_EQ(test, 0, *slot);
	KUNIT_EXPECT_TRUE(test, zram_slot_same(0x1234567812345678ULL, slot));
	zram_slot_free(zram, 7, slot);
	KUNIT_EXPECT_EQ(test, 0, *slot);
	slot_test_expect_stats(test, 0, 0, 0, 0);
}

static void slot_test_free_object(struct kunit *test)
{
	struct zram *zram = test->priv;
	struct zsp_stats stats;
	u64 *slot, *word;

	slot_test_resize(test, 1000);
	slot = slot_test_store(test, 7, 0, 1000);
	word = slot_test_store(test, 8, ZRAM_PERSIST_CODEC_SAME, 8);
	slot_test_expect_stats(test, 2, 1, 0, 1000);

	zram_slot_free(zram, 7, slot);
	slot_test_expect_stats(test, 1, 1, 0, 0);
	zram_slot_free(zram, 8, word);
	slot_test_expect_stats(test, 0, 0, 0, 0);
	zsp_get_stats(zram->pool, &stats);
	KUNIT_EXPECT_EQ(test, 0, stats.objects);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(zram->pool));
}

static void slot_test_free_raw(struct kunit *test)
{
	u8 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct zram *zram = test->priv;
	struct zsp_stats stats;
	u64 *slot, location;

	KUNIT_ASSERT_NOT_NULL(test, page);
	slot_test_resize(test, 1000);
	slot = slot_test_make(test, 7);
	KUNIT_ASSERT_EQ(test, 0, zsp_store_raw(zram->pool, 7, page, GFP_KERNEL,
					       &location));
	*slot = zram_slot_object(ZRAM_PERSIST_SLOT_RAW, location);
	atomic64_inc(&zram->stats.pages_stored);
	atomic64_add(PAGE_SIZE, &zram->stats.compr_bytes);
	atomic64_inc(&zram->stats.huge_pages);

	zram_slot_free(zram, 7, slot);
	KUNIT_EXPECT_EQ(test, 0, *slot);
	slot_test_expect_stats(test, 0, 0, 0, 0);
	zsp_get_stats(zram->pool, &stats);
	KUNIT_EXPECT_EQ(test, 0, stats.raw_pages);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(zram->pool));
}

/* A slot that is damaged in memory, and names what belongs to another one. */
static void slot_test_free_foreign(struct kunit *test)
{
	struct zsp_object object = { .owner = 7, .len = 8 }, old;
	u8 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct zram *zram = test->priv;
	u64 *slot, *other, *third, mine, raw;

	KUNIT_ASSERT_NOT_NULL(test, page);
	slot_test_resize(test, 1000);
	slot = slot_test_store(test, 7, 0, 1000);
	other = slot_test_store(test, 8, 0, 1000);
	/* The span stays. */
	third = slot_test_store(test, 9, 0, 1000);
	mine = zram_slot_location(*slot);
	*slot = *other;
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			zsp_overwrite(zram->pool, zram_slot_location(*slot),
				      &object, page, &old));
	KUNIT_EXPECT_FALSE(test, zsp_cannot_seal(zram->pool));
	zram_slot_free(zram, 7, slot);
	KUNIT_EXPECT_TRUE(test, zsp_cannot_seal(zram->pool));
	zram_slot_free(zram, 8, other);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(zram->pool));
	zsp_free(zram->pool, mine, 8, &old);
	KUNIT_EXPECT_EQ(test, 0, old.len);
	zsp_free(zram->pool, mine, 7, &old);
	KUNIT_EXPECT_EQ(test, 1000, old.len);
	/* And what is not there any more. */
	zsp_free(zram->pool, mine, 7, &old);
	KUNIT_EXPECT_EQ(test, 0, old.len);
	zram_slot_free(zram, 9, third);

	KUNIT_ASSERT_EQ(test, 0, zsp_store_raw(zram->pool, 8, page, GFP_KERNEL,
					       &raw));
	KUNIT_EXPECT_EQ(test, -EIO, zsp_overwrite_raw(zram->pool, raw, 7, page));
	zsp_free_raw(zram->pool, raw, 7);
	KUNIT_EXPECT_EQ(test, 0, zsp_read_raw(zram->pool, raw, 8, page));
	zsp_free_raw(zram->pool, raw, 8);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(zram->pool));
}

/* One that is read does not give what belongs to another, and is remembered. */
static void slot_test_read_foreign(struct kunit *test)
{
	u8 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct zram *zram = test->priv;
	struct zsp_object object;
	u64 *slot;

	KUNIT_ASSERT_NOT_NULL(test, page);
	slot_test_resize(test, 1000);
	slot = slot_test_store(test, 8, 0, 1000);
	KUNIT_EXPECT_FALSE(test, zsp_cannot_seal(zram->pool));
	KUNIT_EXPECT_EQ(test, -EIO,
			PTR_ERR(zsp_open(zram->pool, zram_slot_location(*slot),
					 7, &object)));
	KUNIT_EXPECT_TRUE(test, zsp_cannot_seal(zram->pool));
	zram_slot_free(zram, 8, slot);
}

static void slot_test_read_foreign_raw(struct kunit *test)
{
	u8 *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct zram *zram = test->priv;
	u64 raw;

	KUNIT_ASSERT_NOT_NULL(test, page);
	slot_test_resize(test, 1000);
	KUNIT_ASSERT_EQ(test, 0, zsp_store_raw(zram->pool, 8, page, GFP_KERNEL,
					       &raw));
	KUNIT_EXPECT_EQ(test, 0, zsp_read_raw(zram->pool, raw, 8, page));
	KUNIT_EXPECT_FALSE(test, zsp_cannot_seal(zram->pool));
	KUNIT_EXPECT_EQ(test, -EIO, zsp_read_raw(zram->pool, raw, 7, page));
	KUNIT_EXPECT_TRUE(test, zsp_cannot_seal(zram->pool));
	zsp_free_raw(zram->pool, raw, 8);
}

/* Compaction moves what slots name, and nothing that they do not. */
static void slot_test_move(struct kunit *test)
{
	struct zram *zram = test->priv;
	struct zsp_object object;
	u64 *slot, *other, old;

	slot_test_resize(test, 1000);
	zram->disksize = 1000 * PAGE_SIZE;
	slot = slot_test_store(test, 7, 1, 1000);
	other = slot_test_store(test, 8, 1, 1000);
	old = zram_slot_location(*slot);
	KUNIT_EXPECT_EQ(test, -ENOENT, zram_slot_move(zram, 8, old, false));
	KUNIT_EXPECT_EQ(test, -ENOENT, zram_slot_move(zram, 999, old, false));
	KUNIT_EXPECT_EQ(test, -ENOENT, zram_slot_move(zram, 1000, old, false));
	KUNIT_EXPECT_EQ(test, 0, zram_slot_move(zram, 7, old, false));
	KUNIT_EXPECT_NE(test, old, zram_slot_location(*slot));
	KUNIT_EXPECT_EQ(test, -ENOENT, zram_slot_move(zram, 7, old, false));
	KUNIT_EXPECT_FALSE(test, IS_ERR(zsp_open(zram->pool,
						 zram_slot_location(*slot), 7,
						 &object)));
	zsp_close(zram->pool, zram_slot_location(*slot));
	KUNIT_EXPECT_EQ(test, 1000, object.len);
	KUNIT_EXPECT_EQ(test, 1, object.codec);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(zram->pool));
	slot_test_expect_stats(test, 2, 0, 0, 2000);
	zram_slot_free(zram, 7, slot);
	zram_slot_free(zram, 8, other);
}

/* === Concurrency === */

/**
 * struct slot_test_thread - a thread that makes slots
 * @zram: device that all threads share
 * @slots: what zram_slot_make() returned
 * @done: completed at its end
 */
struct slot_test_thread {
	struct zram *zram;
	u64 *slots[SLOT_TEST_SLOTS];
	struct completion done;
};

/* Far enough apart for a page of the table, or several, each. */
static u64 slot_test_index(unsigned int i)
{
	return i * 61234567ULL;
}

static int slot_test_run(void *data)
{
	struct slot_test_thread *t = data;
	unsigned int i;

	for (i = 0; i < SLOT_TEST_SLOTS; i++) {
		t->slots[i] = zram_slot_make(t->zram, slot_test_index(i));
		cond_resched();
	}
	complete(&t->done);
	return 0;
}

/* All make the same slots, and get the same. */
static void slot_test_threads(struct kunit *test)
{
	struct zram *zram = test->priv;
	struct slot_test_thread *t;
	struct task_struct *task;
	unsigned int i, j, bad = 0;

	slot_test_resize(test, ZRAM_PERSIST_MAX_SLOTS);
	t = kunit_kcalloc(test, SLOT_TEST_THREADS, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	for (i = 0; i < SLOT_TEST_THREADS; i++) {
		t[i].zram = zram;
		init_completion(&t[i].done);
		task = kthread_run(slot_test_run, &t[i], "slot_test/%u", i);
		KUNIT_EXPECT_FALSE(test, IS_ERR(task));
		if (IS_ERR(task))
			complete(&t[i].done);
	}
	for (i = 0; i < SLOT_TEST_THREADS; i++)
		wait_for_completion(&t[i].done);
	for (i = 0; i < SLOT_TEST_SLOTS; i++)
		for (j = 0; j < SLOT_TEST_THREADS; j++)
			bad += t[j].slots[i] !=
			       zram_slot_find(&zram->slots,
					      slot_test_index(i));
	KUNIT_EXPECT_EQ(test, 0, bad);
	KUNIT_EXPECT_LE(test, slot_test_pages(test), 4 * SLOT_TEST_SLOTS);
}

static struct kunit_case slot_test_cases[] = {
	KUNIT_CASE(slot_test_locations),
	KUNIT_CASE(slot_test_words),
	KUNIT_CASE(slot_test_levels),
	KUNIT_CASE(slot_test_ends),
	KUNIT_CASE(slot_test_sparse),
	KUNIT_CASE(slot_test_dense),
	KUNIT_CASE(slot_test_no_memory),
	KUNIT_CASE(slot_test_free_word),
	KUNIT_CASE(slot_test_free_object),
	KUNIT_CASE(slot_test_free_raw),
	KUNIT_CASE(slot_test_free_foreign),
	KUNIT_CASE(slot_test_read_foreign),
	KUNIT_CASE(slot_test_read_foreign_raw),
	KUNIT_CASE(slot_test_move),
	KUNIT_CASE(slot_test_threads),
	{}
};

static struct kunit_suite slot_test_suite = {
	.name = "zram_slot",
	.init = slot_test_init,
	.exit = slot_test_exit,
	.test_cases = slot_test_cases,
};

kunit_test_suite(slot_test_suite);

MODULE_DESCRIPTION("KUnit tests for the slot table of zram");
MODULE_LICENSE("GPL");
