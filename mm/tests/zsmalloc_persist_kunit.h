/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of the persistent allocator share.
 *
 * The handover is a fake: it keeps the memory that joined in an array, and a
 * simulated kexec makes that the array of what the previous kernel left. So
 * the tests see whether every block joins, leaves and is restored exactly
 * once, and can let any step fail.
 */
#ifndef _ZSMALLOC_PERSIST_KUNIT_H
#define _ZSMALLOC_PERSIST_KUNIT_H

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>
#include <linux/zsmalloc_persist.h>

#define ZSP_TEST_OBJECTS	4096
#define ZSP_TEST_WORKERS	4

/**
 * struct zsp_test_object - what a test has stored; its index is its owner
 * @lock: what the lock of a slot is to a driver
 * @location: from the allocator, or 0
 * @size: bytes of the payload; PAGE_SIZE for a raw page
 * @fill: byte that all of these are set to
 */
struct zsp_test_object {
	spinlock_t lock;	/* see above */
	u64 location;
	u32 size;
	u8 fill;
};

/**
 * struct zsp_test - state of a test
 * @pool: pool under test
 * @objects: ZSP_TEST_OBJECTS objects
 * @fills: a page of each byte
 * @page: to read raw pages to; there is one processor, and no preemption
 * @rnd: source of sizes and choices
 * @moves: how often a mover was called that counts
 * @bad: what it found wrong
 * @found: what it found right
 */
struct zsp_test {
	struct zsp_pool *pool;
	struct zsp_test_object *objects;
	u8 (*fills)[PAGE_SIZE];
	u8 *page;
	struct rnd_state rnd;
	unsigned int moves;
	unsigned int bad;
	bool found[2];
};

/* === The fake handover === */

/**
 * struct zsp_test_handover - fake of KHO
 * @preserved: orders of the blocks that the next kernel gets, by page number
 * @incoming: the same of those that the previous kernel left
 * @countdown: calls that may fail until one does; 0 for none
 * @failures: how many calls in a row fail then
 * @mistakes: calls that KHO would not forgive
 */
struct zsp_test_handover {
	struct xarray preserved;
	struct xarray incoming;
	unsigned int countdown;
	unsigned int failures;
	atomic_t mistakes;
};

static struct zsp_test_handover zsp_test_handover = {
	.preserved = XARRAY_INIT(zsp_test_handover.preserved, 0),
	.incoming = XARRAY_INIT(zsp_test_handover.incoming, 0),
};

static inline bool zsp_test_fails(void)
{
	struct zsp_test_handover *h = &zsp_test_handover;

	if (!h->countdown)
		return false;
	if (h->countdown > 1) {
		h->countdown--;
		return false;
	}
	if (h->failures-- > 1)
		return true;
	h->countdown = 0;
	return true;
}

static inline void zsp_test_fail_from(unsigned int countdown,
				      unsigned int failures)
{
	zsp_test_handover.countdown = countdown;
	zsp_test_handover.failures = failures;
}

static inline int zsp_test_hold(phys_addr_t phys, unsigned int order)
{
	struct zsp_test_handover *h = &zsp_test_handover;
	unsigned long pfn = PHYS_PFN(phys);
	int err;

	might_sleep();
	if (zsp_test_fails())
		return -ENOMEM;
	err = xa_insert(&h->preserved, pfn, xa_mk_value(order), GFP_KERNEL);
	if (err == -EBUSY)
		atomic_inc(&h->mistakes);
	return err;
}

static inline void zsp_test_unhold(phys_addr_t phys, unsigned int order)
{
	struct zsp_test_handover *h = &zsp_test_handover;
	void *entry;

	might_sleep();
	entry = xa_erase(&h->preserved, PHYS_PFN(phys));
	if (entry != xa_mk_value(order))
		atomic_inc(&h->mistakes);
}

static inline int zsp_test_preserve(struct folio *folio)
{
	return zsp_test_hold(PFN_PHYS(folio_pfn(folio)), folio_order(folio));
}

static inline void zsp_test_unpreserve(struct folio *folio)
{
	zsp_test_unhold(PFN_PHYS(folio_pfn(folio)), folio_order(folio));
}

/*
 * What an owner keeps in struct folio does not survive a kexec. KHO clears
 * private; the rest is whatever a boot leaves in it.
 */
static inline struct folio *zsp_test_restore(phys_addr_t phys)
{
	struct zsp_test_handover *h = &zsp_test_handover;
	struct folio *folio = pfn_folio(PHYS_PFN(phys));

	might_sleep();
	if (zsp_test_fails())
		return NULL;
	if (!xa_erase(&h->incoming, PHYS_PFN(phys))) {
		atomic_inc(&h->mistakes);
		return NULL;
	}
	folio->private = NULL;
	folio->index = 0x5a5a5a5a5a5a5a5a;
	folio->lru.next = LIST_POISON1;
	folio->lru.prev = LIST_POISON2;
	return folio;
}

static inline int zsp_test_touch(void)
{
	return zsp_test_fails() ? -ENOMEM : 0;
}

static const struct zsp_handover_ops zsp_test_ops = {
	.preserve = zsp_test_preserve,
	.unpreserve = zsp_test_unpreserve,
	.restore = zsp_test_restore,
	.touch = zsp_test_touch,
};

static inline unsigned long zsp_test_count(struct xarray *xa)
{
	unsigned long pfn, count = 0;
	void *entry;

	xa_for_each(xa, pfn, entry)
		count++;
	return count;
}

/* === Objects === */

static inline int zsp_test_store(struct zsp_test *t,
				 struct zsp_test_object *object, u32 size,
				 u8 fill, u64 *location)
{
	struct zsp_object what = {
		.owner = object - t->objects, .codec = fill % 4, .len = size,
	};

	if (size == PAGE_SIZE)
		return zsp_store_raw(t->pool, what.owner, t->fills[fill],
				     GFP_KERNEL, location);
	what.crc = zsp_object_crc(&what, t->fills[fill]);
	return zsp_store(t->pool, &what, t->fills[fill], GFP_KERNEL, location);
}

static inline int zsp_test_alloc(struct zsp_test *t,
				 struct zsp_test_object *object, u32 size,
				 u8 fill)
{
	u64 location;
	int err = zsp_test_store(t, object, size, fill, &location);

	if (err)
		return err;
	spin_lock(&object->lock);
	object->location = location;
	object->size = size;
	object->fill = fill;
	spin_unlock(&object->lock);
	return 0;
}

/* Context: object->lock. */
static inline bool zsp_test_check(struct zsp_test *t,
				  struct zsp_test_object *object)
{
	u64 owner = object - t->objects;
	struct zsp_object what;
	const void *payload;
	bool intact;

	if (object->size == PAGE_SIZE)
		return !zsp_read_raw(t->pool, object->location, owner,
				     t->page) &&
		       !memchr_inv(t->page, object->fill, PAGE_SIZE);
	payload = zsp_open(t->pool, object->location, owner, &what);
	if (IS_ERR(payload))
		return false;
	intact = what.len == object->size && what.codec == object->fill % 4 &&
		 !memchr_inv(payload, object->fill, what.len);
	zsp_close(t->pool, object->location);
	return intact;
}

static inline bool zsp_test_is_intact(struct zsp_test *t,
				      struct zsp_test_object *object)
{
	bool intact;

	spin_lock(&object->lock);
	intact = zsp_test_check(t, object);
	spin_unlock(&object->lock);
	return intact;
}

/* Returns whether the object was still what had been written. */
static inline bool zsp_test_free(struct zsp_test *t,
				 struct zsp_test_object *object)
{
	struct zsp_object old;
	bool intact;

	spin_lock(&object->lock);
	intact = zsp_test_check(t, object);
	if (object->size == PAGE_SIZE) {
		zsp_free_raw(t->pool, object->location,
			     object - t->objects);
	} else {
		zsp_free(t->pool, object->location, object - t->objects, &old);
		intact &= old.len == object->size;
	}
	object->location = 0;
	spin_unlock(&object->lock);
	return intact;
}

/* Overwrites in place. Returns -ENOSPC if that was not possible. */
static inline int zsp_test_overwrite(struct zsp_test *t,
				     struct zsp_test_object *object, u32 size,
				     u8 fill)
{
	struct zsp_object what = {
		.owner = object - t->objects, .codec = fill % 4, .len = size,
	};
	struct zsp_object old;
	int err = -ENOSPC;

	what.crc = size < PAGE_SIZE ? zsp_object_crc(&what, t->fills[fill]) : 0;
	spin_lock(&object->lock);
	if (object->size != PAGE_SIZE && size != PAGE_SIZE) {
		err = zsp_overwrite(t->pool, object->location, &what,
				    t->fills[fill], &old);
	} else if (object->size == size) {
		if (!zsp_overwrite_raw(t->pool, object->location, what.owner,
				       t->fills[fill]))
			err = 0;
		old.len = size;
	}
	if (!err) {
		err = old.len == object->size ? 0 : -EUCLEAN;
		object->size = size;
		object->fill = fill;
	}
	spin_unlock(&object->lock);
	return err;
}

/* Small objects are the most frequent, and every sixteenth is a raw page. */
static inline u32 zsp_test_random_size(struct rnd_state *rnd)
{
	u32 choice = prandom_u32_state(rnd) % 16;
	u32 limit = choice < 8 ? 512 : ZRAM_PERSIST_MAX_PAYLOAD;

	if (!choice)
		return PAGE_SIZE;
	return prandom_u32_state(rnd) % limit + 1;
}

/* One operation on an object. Returns whether all was as it must be. */
static inline bool zsp_test_change(struct zsp_test *t,
				   struct zsp_test_object *object,
				   struct rnd_state *rnd)
{
	u32 size = zsp_test_random_size(rnd);
	u8 fill = prandom_u32_state(rnd);
	int err;

	if (!object->location)
		return !zsp_test_alloc(t, object, size, fill);
	if (prandom_u32_state(rnd) % 2)
		return zsp_test_free(t, object);
	err = zsp_test_overwrite(t, object, size, fill);
	if (err != -ENOSPC)
		return !err;
	return zsp_test_free(t, object) &&
	       !zsp_test_alloc(t, object, size, fill);
}

/* Changes @nr objects at random. Returns the number of damaged ones. */
static inline unsigned int zsp_test_shuffle(struct zsp_test *t,
					    struct zsp_test_object *objects,
					    unsigned int nr, unsigned int ops,
					    struct rnd_state *rnd)
{
	unsigned int damaged = 0;

	while (ops--) {
		damaged += !zsp_test_change(t, &objects[prandom_u32_state(rnd) %
							nr], rnd);
		if (!(ops % 64))
			cond_resched();
	}
	return damaged;
}

static inline unsigned int zsp_test_damaged(struct zsp_test *t,
					    struct zsp_test_object *objects,
					    unsigned int nr)
{
	unsigned int damaged = 0, i;

	for (i = 0; i < nr; i++)
		if (objects[i].location && !zsp_test_is_intact(t, &objects[i]))
			damaged++;
	return damaged;
}

static inline unsigned int zsp_test_free_all(struct zsp_test *t,
					     struct zsp_test_object *objects,
					     unsigned int nr)
{
	unsigned int damaged = 0, i;

	for (i = 0; i < nr; i++)
		if (objects[i].location)
			damaged += !zsp_test_free(t, &objects[i]);
	return damaged;
}

/* Frees three of four objects, at random. Returns how many were damaged. */
static inline unsigned int zsp_test_thin_some(struct zsp_test *t)
{
	unsigned int i, damaged = 0;

	for (i = 0; i < ZSP_TEST_OBJECTS; i++)
		if (t->objects[i].location && prandom_u32_state(&t->rnd) % 4)
			damaged += !zsp_test_free(t, &t->objects[i]);
	return damaged;
}

/* As a driver does it. */
static inline int zsp_test_move(void *data, u64 owner, u64 location, bool raw)
{
	struct zsp_test *t = data;
	struct zsp_test_object *object;
	int err = -ENOENT;
	u64 to;

	if (owner >= ZSP_TEST_OBJECTS)
		return -ENOENT;
	object = &t->objects[owner];
	spin_lock(&object->lock);
	if (object->location == location && raw == !(object->size % PAGE_SIZE))
		err = raw ? zsp_move_raw(t->pool, location, &to) :
			    zsp_move(t->pool, location, &to);
	if (!err)
		object->location = to;
	spin_unlock(&object->lock);
	return err;
}

/* A pool in the state that a device has after some time. */
static inline void zsp_test_fill(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, 0, zsp_test_shuffle(t, t->objects,
						  ZSP_TEST_OBJECTS,
						  3 * ZSP_TEST_OBJECTS,
						  &t->rnd));
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
}

static inline struct zsp_stats zsp_test_stats(struct zsp_pool *pool)
{
	struct zsp_stats stats;

	zsp_get_stats(pool, &stats);
	return stats;
}

/* Nothing is stored, and what is left is the segment table and @reserve. */
static inline void zsp_test_expect_empty(struct kunit *test, u64 reserve)
{
	struct zsp_test *t = test->priv;
	struct zsp_stats stats = zsp_test_stats(t->pool);
	unsigned int i;

	/* The worker zeroes and frees what a pool that was persistent gives back. */
	for (i = 0; i < 500 && stats.segments > reserve; i++) {
		msleep(20);
		stats = zsp_test_stats(t->pool);
	}
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, 0, stats.objects);
	KUNIT_EXPECT_EQ(test, 0, stats.object_bytes);
	KUNIT_EXPECT_EQ(test, 0, stats.span_pages);
	KUNIT_EXPECT_EQ(test, 0, stats.raw_pages);
	KUNIT_EXPECT_EQ(test, 0, stats.slot_table_pages);
	KUNIT_EXPECT_EQ(test, reserve, stats.segments);
	KUNIT_EXPECT_EQ(test, reserve, stats.empty_segments);
	KUNIT_EXPECT_EQ(test, stats.pages, stats.table_pages +
			(reserve << ZRAM_PERSIST_MAX_ORDER));
}

/* Allocate until the limit. Returns the number of objects that there are. */
static inline unsigned int zsp_test_exhaust(struct kunit *test, u32 size)
{
	struct zsp_test *t = test->priv;
	unsigned int i;
	int err = 0;

	for (i = 0; i < ZSP_TEST_OBJECTS; i++) {
		err = zsp_test_alloc(t, &t->objects[i], size, i);
		if (err)
			break;
	}
	KUNIT_EXPECT_EQ(test, -ENOMEM, err);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	return i;
}

static inline void zsp_test_new_pool(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	t->pool = zsp_create_pool("test", &zsp_test_ops);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->pool);
}

static inline int zsp_test_init(struct kunit *test)
{
	struct zsp_test *t;
	unsigned int i;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	test->priv = t;
	t->page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	if (!t->page)
		return -ENOMEM;
	t->objects = kvcalloc(ZSP_TEST_OBJECTS, sizeof(*t->objects),
			      GFP_KERNEL);
	t->fills = kvcalloc(256, PAGE_SIZE, GFP_KERNEL);
	if (!t->objects || !t->fills)
		return -ENOMEM;
	for (i = 0; i < ZSP_TEST_OBJECTS; i++)
		spin_lock_init(&t->objects[i].lock);
	for (i = 0; i < 256; i++)
		memset(t->fills[i], i, PAGE_SIZE);
	prandom_seed_state(&t->rnd, 20240229);
	zsp_test_fail_from(0, 0);
	atomic_set(&zsp_test_handover.mistakes, 0);
	zsp_test_new_pool(test);
	return 0;
}

static inline void zsp_test_exit(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	if (!t)
		return;
	if (!IS_ERR_OR_NULL(t->pool))
		zsp_destroy_pool(t->pool);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&zsp_test_handover.mistakes));
	KUNIT_EXPECT_TRUE(test, xa_empty(&zsp_test_handover.preserved));
	KUNIT_EXPECT_TRUE(test, xa_empty(&zsp_test_handover.incoming));
	xa_destroy(&zsp_test_handover.preserved);
	xa_destroy(&zsp_test_handover.incoming);
	kvfree(t->fills);
	kvfree(t->objects);
}

#endif /* _ZSMALLOC_PERSIST_KUNIT_H */
