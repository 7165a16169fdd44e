// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the persistent allocator: pages that are faulty.
 *
 * No page of the machine is made faulty: the allocator is told that some are.
 * What is on them is still there, so that the tests can see what was there, and
 * that nobody has changed it.
 */
#include <kunit/static_stub.h>
#include <linux/crc32c.h>

#include "../zsp_compact.h"
#include "../zsp_util.h"
#include "zsmalloc_persist_kexec_kunit.h"

#define ZSP_TEST_BAD	64

/**
 * struct zsp_test_bad - which pages are faulty
 * @page: they
 * @crc: of what was on them when they became so
 * @nr: how many
 * @delay: how often one is still said to be good
 */
static struct zsp_test_bad {
	void *page[ZSP_TEST_BAD];
	u32 crc[ZSP_TEST_BAD];
	unsigned int nr;
	unsigned int delay;
} zsp_test_bad;

static bool zsp_test_is_bad(const void *mem, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < zsp_test_bad.nr; i++)
		if (zsp_test_bad.page[i] < mem + len &&
		    zsp_test_bad.page[i] + PAGE_SIZE > mem)
			return true;
	return false;
}

static bool zsp_test_page_failed(struct page *page)
{
	if (!zsp_test_is_bad(page_address(page), 1))
		return false;
	if (!zsp_test_bad.delay)
		return true;
	zsp_test_bad.delay--;
	return false;
}

/* From now on the page is faulty, and nobody has looked for it. */
static void zsp_test_fail_page(struct kunit *test, void *mem)
{
	struct zsp_test *t = test->priv;
	unsigned int nr = zsp_test_bad.nr;

	KUNIT_ASSERT_LT(test, nr, ZSP_TEST_BAD);
	mem = (void *)((unsigned long)mem & PAGE_MASK);
	zsp_test_bad.page[nr] = mem;
	zsp_test_bad.crc[nr] = crc32c(~0, mem, PAGE_SIZE);
	zsp_test_bad.nr++;
	kunit_activate_static_stub(test, zsp_page_failed, zsp_test_page_failed);
	/* A worker would not find any: only this thread knows of them. */
	disable_work_sync(&t->pool->bad_work);
	WRITE_ONCE(t->pool->failures_seen, zsp_failures() + 1);
}

/* What the worker does. */
static void zsp_test_find(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	zsp_test_bad.delay = 0;
	mutex_lock(&t->pool->compact_lock);
	mutex_lock(&t->pool->handover_lock);
	WRITE_ONCE(t->pool->failures_seen, zsp_failures() + 1);
	zsp_find_bad(t->pool);
	mutex_unlock(&t->pool->handover_lock);
	mutex_unlock(&t->pool->compact_lock);
	KUNIT_EXPECT_FALSE(test, zsp_is_alarmed(t->pool));
}

/* The same, for pages that became faulty in the middle of something. */
static void zsp_test_find_late(struct kunit *test)
{
	unsigned int i;

	zsp_test_find(test);
	for (i = 0; i < zsp_test_bad.nr; i++)
		zsp_test_bad.crc[i] = crc32c(~0, zsp_test_bad.page[i],
					     PAGE_SIZE);
}

static void zsp_test_expect_untouched(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < zsp_test_bad.nr; i++)
		KUNIT_EXPECT_EQ(test, zsp_test_bad.crc[i],
				crc32c(~0, zsp_test_bad.page[i], PAGE_SIZE));
}

static struct zram_persist_entry *
zsp_test_entry(const struct zsp_test_object *object)
{
	struct zram_persist_span *span = zsp_location_to_virt(object->location);

	return &span->entry[zsp_location_index(object->location)];
}

static void *zsp_test_payload(const struct zsp_test_object *object)
{
	return zsp_location_to_virt(object->location) +
	       zram_persist_entry_start(zsp_test_entry(object));
}

/* Is any of it on a faulty page, or its directory? */
static bool zsp_test_is_lost(const struct zsp_test_object *object)
{
	struct zram_persist_span *span = zsp_location_to_virt(object->location);

	if (object->size == PAGE_SIZE)
		return zsp_test_is_bad(span, PAGE_SIZE);
	return zsp_test_is_bad(span, struct_size(span, entry,
						 span->nr_entries)) ||
	       zsp_test_is_bad(zsp_test_payload(object), object->size);
}

static bool zsp_test_reads(struct kunit *test, struct zsp_test_object *object)
{
	struct zsp_test *t = test->priv;
	u8 page[16];
	void *copy;
	bool ok;

	if (object->size < PAGE_SIZE)
		return zsp_test_is_intact(t, object);
	copy = kmalloc(PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	ok = !zsp_read_raw(t->pool, object->location, object - t->objects, copy);
	if (ok) {
		memset(page, object->fill, sizeof(page));
		KUNIT_EXPECT_MEMEQ(test, page, copy, sizeof(page));
	}
	kfree(copy);
	return ok;
}

/* What is on faulty pages cannot be read, and all else can. Returns how many. */
static unsigned int zsp_test_expect_lost(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i, lost = 0, wrong = 0;

	for (i = 0; i < ZSP_TEST_OBJECTS; i++) {
		if (!t->objects[i].location)
			continue;
		lost += zsp_test_is_lost(&t->objects[i]);
		wrong += zsp_test_is_lost(&t->objects[i]) ==
			 zsp_test_reads(test, &t->objects[i]);
	}
	KUNIT_EXPECT_EQ(test, 0, wrong);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	return lost;
}

/* Frees what is lost, so that all that is left can be read. */
static void zsp_test_free_lost(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_test_object *object;

	for (object = t->objects; object < t->objects + ZSP_TEST_OBJECTS;
	     object++)
		if (object->location && zsp_test_is_lost(object))
			KUNIT_EXPECT_FALSE(test, zsp_test_reads(test, object) ||
					   (object->size < PAGE_SIZE &&
					    zsp_test_free(t, object)));
	for (object = t->objects; object < t->objects + ZSP_TEST_OBJECTS;
	     object++) {
		if (!object->location || object->size < PAGE_SIZE ||
		    !zsp_test_is_lost(object))
			continue;
		zsp_free_raw(t->pool, object->location, object - t->objects);
		object->location = 0;
	}
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
}

/* The pool is used on, and nobody comes to the faulty pages. */
static void zsp_test_use_on(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		zsp_test_fill(test);
		KUNIT_EXPECT_EQ(test, 0, zsp_test_expect_lost(test));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_thin_some(t));
		KUNIT_EXPECT_EQ(test, 0, zsp_compact(t->pool, 0));
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	}
	KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects,
						   ZSP_TEST_OBJECTS));
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_EXPECT_EQ(test, zsp_test_bad.nr,
			zsp_test_stats(t->pool).bad_pages);
	zsp_test_expect_untouched(test);
}

static struct zsp_test_object *zsp_test_some(struct kunit *test, bool raw)
{
	struct zsp_test *t = test->priv;
	unsigned int i;

	for (i = ZSP_TEST_OBJECTS / 2; i < ZSP_TEST_OBJECTS; i++)
		if (t->objects[i].location &&
		    raw == !(t->objects[i].size % PAGE_SIZE))
			return &t->objects[i];
	KUNIT_FAIL_AND_ABORT(test, "no object");
	return NULL;
}

/* One the payload of which is on other pages than the directory. */
static struct zsp_test_object *zsp_test_far(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zram_persist_span *span;
	struct zsp_test_object *object;

	for (object = t->objects; object < t->objects + ZSP_TEST_OBJECTS;
	     object++) {
		if (!object->location || object->size == PAGE_SIZE)
			continue;
		span = zsp_location_to_virt(object->location);
		if (zram_persist_entry_start(zsp_test_entry(object)) >
		    struct_size(span, entry, span->nr_entries) + PAGE_SIZE)
			return object;
	}
	KUNIT_FAIL_AND_ABORT(test, "no object");
	return NULL;
}

/* === Cases === */

static void zsp_test_bad_raw(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_test_object *object;
	u64 to, owner;

	zsp_test_fill(test);
	object = zsp_test_some(test, true);
	owner = object - t->objects;
	zsp_test_fail_page(test, zsp_location_to_virt(object->location));
	/* At once, and after it was looked for. */
	KUNIT_EXPECT_FALSE(test, zsp_test_reads(test, object));
	zsp_test_find(test);
	KUNIT_EXPECT_EQ(test, 1, zsp_test_expect_lost(test));
	KUNIT_EXPECT_EQ(test, -EIO, zsp_overwrite_raw(t->pool, object->location,
						      owner, t->fills[1]));
	KUNIT_EXPECT_EQ(test, -EIO, zsp_move_raw(t->pool, object->location,
						 &to));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_stats(t->pool).idle_bad_pages);
	zsp_test_free_lost(test);
	KUNIT_EXPECT_EQ(test, 1, zsp_test_stats(t->pool).idle_bad_pages);
	zsp_test_use_on(test);
}

static void zsp_test_bad_payload(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_test_object *object;
	u64 to;

	zsp_test_fill(test);
	object = zsp_test_far(test);
	zsp_test_fail_page(test, zsp_test_payload(object));
	KUNIT_EXPECT_FALSE(test, zsp_test_reads(test, object));
	zsp_test_find(test);
	KUNIT_EXPECT_GE(test, zsp_test_expect_lost(test), 1);
	KUNIT_EXPECT_EQ(test, -ENOSPC, zsp_test_overwrite(t, object, 1, 1));
	KUNIT_EXPECT_EQ(test, -EIO, zsp_move(t->pool, object->location, &to));
	zsp_test_free_lost(test);
	zsp_test_use_on(test);
	KUNIT_EXPECT_EQ(test, 1, zsp_test_stats(t->pool).idle_bad_pages);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_stats(t->pool).span_pages);
	KUNIT_EXPECT_EQ(test, 1, zsp_test_stats(t->pool).segments);
}

static void zsp_test_bad_directory(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_test_object *object;
	struct zsp_object peeked;
	u64 to;

	zsp_test_fill(test);
	object = zsp_test_far(test);
	KUNIT_EXPECT_TRUE(test, zsp_peek(t->pool, object->location, &peeked));
	KUNIT_EXPECT_EQ(test, object->size, peeked.len);
	zsp_test_fail_page(test, zsp_location_to_virt(object->location));
	KUNIT_EXPECT_FALSE(test, zsp_test_reads(test, object));
	KUNIT_EXPECT_FALSE(test, zsp_peek(t->pool, object->location, &peeked));
	zsp_test_find(test);
	KUNIT_EXPECT_FALSE(test, zsp_peek(t->pool, object->location, &peeked));
	KUNIT_EXPECT_GT(test, zsp_test_expect_lost(test), 1);
	KUNIT_EXPECT_EQ(test, -ENOSPC, zsp_test_overwrite(t, object, 1, 1));
	KUNIT_EXPECT_EQ(test, -EIO, zsp_move(t->pool, object->location, &to));
	zsp_test_free_lost(test);
	zsp_test_use_on(test);
	/* It stays as it is. */
	KUNIT_EXPECT_EQ(test, 0, zsp_test_stats(t->pool).idle_bad_pages);
	KUNIT_EXPECT_EQ(test, ZRAM_PERSIST_MAX_SPAN,
			zsp_test_stats(t->pool).span_pages);
}

/* Spans on the same lists as others, first, last, and in between. */
static void zsp_test_bad_lists(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zram_persist_span *span;
	unsigned int bin;

	zsp_test_fill(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_thin_some(t));
	zsp_release_sets(t->pool);
	for (bin = 0; bin < ZSP_BINS && zsp_test_bad.nr < 5; bin++) {
		span = t->pool->bin[bin];
		if (!span)
			continue;
		if (bin % 3 && zsp_next_listed(t->pool, span))
			span = zsp_next_listed(t->pool, span);
		zsp_test_fail_page(test, span);
	}
	KUNIT_ASSERT_GE(test, zsp_test_bad.nr, 3);
	zsp_test_find(test);
	KUNIT_EXPECT_GT(test, zsp_test_expect_lost(test), 3);
	zsp_test_free_lost(test);
	zsp_test_use_on(test);
}

/* Directories that are longer than a page. */
static void zsp_test_bad_long_directory(struct kunit *test)
{
	const unsigned int nr = 3 * ZRAM_PERSIST_MAX_ENTRIES;
	struct zsp_test *t = test->priv;
	unsigned int i;
	void *span;

	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[i], 8, i));
	span = zsp_location_to_virt(t->objects[0].location);
	zsp_test_fail_page(test, span + 2 * PAGE_SIZE);
	zsp_test_find(test);
	KUNIT_EXPECT_GT(test, zsp_test_expect_lost(test), 900);
	zsp_test_free_lost(test);
	zsp_test_use_on(test);
}

/* Free pages: of the reserve, and of a segment that is in use. */
static void zsp_test_bad_free(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct folio *folio;
	u64 bad;

	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 1024));
	folio = list_first_entry(&t->pool->reserve, struct folio, lru);
	zsp_test_fail_page(test, folio_address(folio) + 9 * PAGE_SIZE);
	zsp_test_find(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[0], PAGE_SIZE, 1));
	folio = zsp_location_folio(t->objects[0].location);
	zsp_test_fail_page(test, folio_address(folio) + 20 * PAGE_SIZE);
	zsp_test_find(test);
	KUNIT_EXPECT_EQ(test, 2, zsp_test_stats(t->pool).idle_bad_pages);
	KUNIT_EXPECT_EQ(test, 0, zsp_set_reserve(t->pool, 0));
	zsp_test_use_on(test);
	bad = zsp_test_stats(t->pool).segments;
	KUNIT_EXPECT_GE(test, bad, 1);
	KUNIT_EXPECT_LE(test, bad, 2);
}

/* The reserve knows how many segments it has, and is filled again. */
static void zsp_test_bad_reserve(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct folio *folio;
	u64 segtab, nr;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	for (i = 0; i < 6; i++) {
		flush_work(&t->pool->work);
		KUNIT_ASSERT_EQ(test, ZSP_RESERVE, t->pool->nr_reserve);
		folio = list_first_entry(&t->pool->reserve, struct folio, lru);
		zsp_test_fail_page(test, folio_address(folio) + 9 * PAGE_SIZE);
		/* One after the other, or both at once. */
		if (i % 2)
			zsp_test_find(test);
		zsp_test_fail_page(test, folio_address(folio) + 20 * PAGE_SIZE);
		zsp_test_find(test);
		KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	}
	flush_work(&t->pool->work);
	/* One that holds nothing is no reason not to be handed over. */
	folio = list_first_entry(&t->pool->reserve, struct folio, lru);
	zsp_test_fail_page(test, folio_address(folio));
	zsp_test_find(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_seal(t->pool, &segtab, &nr));
	KUNIT_EXPECT_EQ(test, 0, zsp_verify(t->pool));
	zsp_leave(t->pool);
}

/* Pages that are segments of their own. */
static void zsp_test_bad_lone(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int nr, i;

	zsp_set_limit(t->pool, 12);
	nr = zsp_test_exhaust(test, 3000);
	zsp_set_limit(t->pool, 14);
	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[nr], PAGE_SIZE, 1));
	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[nr + 1], 3000, 1));
	for (i = nr; i < nr + 2; i++) {
		KUNIT_ASSERT_EQ(test, 0,
				zsp_location_order(t->objects[i].location));
		zsp_test_fail_page(test,
				   zsp_location_to_virt(t->objects[i].location));
	}
	zsp_test_find(test);
	KUNIT_EXPECT_EQ(test, 2, zsp_test_expect_lost(test));
	zsp_test_free_lost(test);
	KUNIT_EXPECT_EQ(test, 1, zsp_test_stats(t->pool).idle_bad_pages);
	zsp_set_limit(t->pool, 0);
	zsp_test_use_on(test);
	KUNIT_EXPECT_EQ(test, 2, zsp_test_stats(t->pool).segments);
}

/* What a pool cannot do without. */
static void zsp_test_bad_metadata(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	u64 segtab, nr, location;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		zsp_test_fill(test);
		KUNIT_ASSERT_EQ(test, 0, zsp_alloc_table(t->pool, 0, GFP_KERNEL,
							 &location));
		KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
		if (i == 0)
			zsp_test_fail_page(test, zsp_location_to_virt(location));
		else if (i == 1)
			zsp_test_fail_page(test, folio_address(zsp_location_folio(location)));
		else
			zsp_test_fail_page(test, zsp_entry(zsp_location_folio(location)));
		/* The worker would have to wait, and so does the seal itself. */
		zsp_test_find(test);
		KUNIT_EXPECT_EQ(test, -EHWPOISON,
				zsp_seal(t->pool, &segtab, &nr));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_expect_lost(test));
		zsp_leave(t->pool);
		zsp_destroy_pool(t->pool);
		zsp_test_bad.nr = 0;
		memset(t->objects, 0, ZSP_TEST_OBJECTS * sizeof(*t->objects));
		for (nr = 0; nr < ZSP_TEST_OBJECTS; nr++)
			spin_lock_init(&t->objects[nr].lock);
		zsp_test_new_pool(test);
	}
}

/* What is being filled when it becomes faulty. */
static void zsp_test_bad_active(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zram_persist_span *span;

	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[0], 3000, 1));
	span = zsp_location_to_virt(t->objects[0].location);
	zsp_test_fail_page(test, (void *)span + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, ZSP_ACTIVE_SPAN, zsp_state(span));
	zsp_test_find(test);
	KUNIT_EXPECT_EQ(test, ZSP_ISOLATED, zsp_state(span));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_expect_lost(test));
	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[1], 3000, 1));
	KUNIT_EXPECT_PTR_NE(test, (void *)span,
			    zsp_location_to_virt(t->objects[1].location));
	/* And what is empty then. */
	span = zsp_location_to_virt(t->objects[1].location);
	zsp_test_fail_page(test, (void *)span + PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, zsp_test_free(t, &t->objects[1]));
	zsp_test_find(test);
	zsp_test_use_on(test);
	KUNIT_EXPECT_EQ(test, 2, zsp_test_stats(t->pool).idle_bad_pages);
}

/* An object in a listed span, which has others on its list if there are any. */
static struct zsp_test_object *zsp_test_listed(struct kunit *test,
					       unsigned int skip)
{
	struct zsp_test *t = test->priv;
	struct zsp_test_object *object;
	struct zram_persist_span *span;

	for (object = t->objects; object < t->objects + ZSP_TEST_OBJECTS;
	     object++) {
		if (!object->location || object->size == PAGE_SIZE)
			continue;
		span = zsp_location_to_virt(object->location);
		if (!zsp_is_lost(t->pool, span) &&
		    zsp_state(span) == ZSP_LISTED && !skip--)
			return object;
	}
	KUNIT_FAIL_AND_ABORT(test, "no object");
	return NULL;
}

/* Frees what is in a span, which changes its bin, and at last has it gone. */
static void zsp_test_free_span(struct kunit *test, u64 location)
{
	struct zsp_test *t = test->priv;
	struct zsp_object unused;
	unsigned int i;

	for (i = 0; i < ZSP_TEST_OBJECTS; i++) {
		if (zsp_location_addr(t->objects[i].location) != location)
			continue;
		zsp_free(t->pool, t->objects[i].location, i, &unused);
		t->objects[i].location = 0;
	}
}

/* A directory fails at each moment of what changes the lists. */
static void zsp_test_bad_moment_listed(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zsp_test_object *object;
	unsigned int delay;
	u64 span;

	zsp_test_fill(test);
	KUNIT_EXPECT_EQ(test, 0, zsp_test_thin_some(t));
	for (delay = 0; delay < 24; delay++) {
		zsp_release_sets(t->pool);
		object = zsp_test_listed(test, delay);
		span = zsp_location_addr(object->location);
		zsp_test_fail_page(test, phys_to_virt(span));
		zsp_test_bad.delay = delay;
		/* Its neighbours on the list, too, come to it. */
		if (delay % 2)
			zsp_test_free_span(test, span);
		else
			zsp_test_thin_some(t);
		zsp_test_find_late(test);
		zsp_test_expect_lost(test);
		zsp_test_free_lost(test);
		zsp_test_fill(test);
	}
	zsp_test_use_on(test);
}

/* A page of what is filled fails at each moment of that. */
static void zsp_test_bad_moment_active(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct zram_persist_span *span;
	unsigned int delay, i;

	for (delay = 0; delay < 24; delay++) {
		KUNIT_ASSERT_EQ(test, 0,
				zsp_test_alloc(t, &t->objects[0], 3000, 1));
		span = zsp_location_to_virt(t->objects[0].location);
		zsp_test_fail_page(test, (void *)span +
				   (delay % 3 ? 4 : 0) * PAGE_SIZE);
		zsp_test_bad.delay = delay;
		for (i = 1; i < 12; i++)
			KUNIT_EXPECT_EQ(test, 0,
					zsp_test_alloc(t, &t->objects[i],
						       2000, i));
		zsp_release_sets(t->pool);
		zsp_test_find_late(test);
		KUNIT_EXPECT_NE(test, ZSP_LISTED,
				zsp_is_lost(t->pool, span) ? ZSP_ISOLATED :
							     zsp_state(span));
		zsp_test_expect_lost(test);
		zsp_test_free_lost(test);
		KUNIT_EXPECT_EQ(test, 0, zsp_test_free_all(t, t->objects, 12));
	}
	zsp_test_use_on(test);
}

/* What is known to be faulty is not taken, even if nobody has looked yet. */
static void zsp_test_bad_at_once(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	struct folio *folio;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[0], PAGE_SIZE, 1));
	folio = zsp_location_folio(t->objects[0].location);
	zsp_test_fail_page(test, zsp_location_to_virt(t->objects[0].location));
	for (i = 2; i < 40; i += 3)
		zsp_test_fail_page(test, folio_address(folio) + i * PAGE_SIZE);
	/* What is freed is not taken again, either. */
	zsp_free_raw(t->pool, t->objects[0].location, 0);
	t->objects[0].location = 0;
	for (i = 0; i < 30; i++)
		KUNIT_ASSERT_EQ(test, 0,
				zsp_test_alloc(t, &t->objects[i],
					       i % 2 ? PAGE_SIZE : 3000, i));
	KUNIT_EXPECT_EQ(test, 0, zsp_test_expect_lost(test));
	zsp_test_find(test);
	zsp_test_use_on(test);
}

static void zsp_test_attach_bad(struct kunit *test, u64 segtab)
{
	struct zsp_test *t = test->priv;
	unsigned int bad = zsp_test_bad.nr;

	zsp_test_hold_all(test, segtab);
	/* The next kernel has only been told by the descriptors. */
	zsp_test_bad.nr = 0;
	zsp_report_bad(segtab);
	t->pool = zsp_attach_pool("test", &zsp_test_ops, segtab, true, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->pool);
	zsp_test_bad.nr = bad;
	zsp_set_mover(t->pool, zsp_test_move, t);
	KUNIT_EXPECT_EQ(test, bad, zsp_test_stats(t->pool).bad_pages);
}

/* From kernel to kernel. */
static void zsp_test_bad_chain(struct kunit *test)
{
	struct zsp_test *t = test->priv;
	unsigned int hop, lost, nr;

	zsp_set_limit(t->pool, 12);
	nr = zsp_test_exhaust(test, 3000);
	zsp_set_limit(t->pool, 14);
	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[nr], PAGE_SIZE, 1));
	KUNIT_ASSERT_EQ(test, 0, zsp_test_alloc(t, &t->objects[nr + 1], 3000, 1));
	zsp_set_limit(t->pool, 0);
	zsp_test_fail_page(test, zsp_location_to_virt(t->objects[nr].location));
	zsp_test_fail_page(test, zsp_location_to_virt(t->objects[nr + 1].location));
	zsp_test_find(test);
	for (hop = nr + 2; hop < ZSP_TEST_OBJECTS; hop++)
		KUNIT_ASSERT_EQ(test, 0,
				zsp_test_alloc(t, &t->objects[hop],
					       zsp_test_random_size(&t->rnd), hop));
	zsp_test_fail_page(test, zsp_test_payload(zsp_test_far(test)));
	zsp_test_fail_page(test, zsp_location_to_virt(zsp_test_some(test, true)->location));
	zsp_test_find(test);
	zsp_test_fail_page(test, zsp_location_to_virt(zsp_test_some(test, false)->location));
	zsp_test_find(test);
	lost = zsp_test_expect_lost(test);
	KUNIT_EXPECT_GE(test, lost, 5);
	KUNIT_EXPECT_EQ(test, 0, zsp_join(t->pool));
	for (hop = 0; hop < 3; hop++) {
		zsp_test_attach_bad(test, zsp_test_hand_over(test));
		KUNIT_EXPECT_EQ(test, lost, zsp_test_expect_lost(test));
		zsp_test_expect_untouched(test);
	}
	zsp_test_free_lost(test);
	for (hop = 0; hop < 3; hop++) {
		zsp_test_attach_bad(test, zsp_test_hand_over(test));
		KUNIT_EXPECT_EQ(test, 0, zsp_test_expect_lost(test));
	}
	zsp_test_use_on(test);
	zsp_leave(t->pool);
}

static int zsp_test_bad_init(struct kunit *test)
{
	int err = zsp_test_init(test);
	struct zsp_test *t = test->priv;

	zsp_test_bad.nr = 0;
	zsp_test_bad.delay = 0;
	if (!err)
		zsp_set_mover(t->pool, zsp_test_move, t);
	return err;
}

/* What is freed around faulty pages is what is zeroed, too. */
static void zsp_test_bad_exit(struct kunit *test)
{
	struct zsp_test *t = test->priv;

	if (t && !IS_ERR_OR_NULL(t->pool))
		zsp_destroy_pool(t->pool);
	if (t)
		t->pool = NULL;
	zsp_test_bad.nr = 0;
	zsp_test_exit(test);
}

static struct kunit_case zsp_test_cases[] = {
	KUNIT_CASE(zsp_test_bad_raw),
	KUNIT_CASE(zsp_test_bad_payload),
	KUNIT_CASE(zsp_test_bad_directory),
	KUNIT_CASE(zsp_test_bad_lists),
	KUNIT_CASE(zsp_test_bad_long_directory),
	KUNIT_CASE(zsp_test_bad_free),
	KUNIT_CASE(zsp_test_bad_lone),
	KUNIT_CASE(zsp_test_bad_metadata),
	KUNIT_CASE(zsp_test_bad_active),
	KUNIT_CASE(zsp_test_bad_reserve),
	KUNIT_CASE_SLOW(zsp_test_bad_moment_listed),
	KUNIT_CASE(zsp_test_bad_moment_active),
	KUNIT_CASE(zsp_test_bad_at_once),
	KUNIT_CASE_SLOW(zsp_test_bad_chain),
	{}
};

static struct kunit_suite zsp_test_suite = {
	.name = "zsmalloc_persist_bad",
	.init = zsp_test_bad_init,
	.exit = zsp_test_bad_exit,
	.test_cases = zsp_test_cases,
};

kunit_test_suite(zsp_test_suite);

MODULE_DESCRIPTION("KUnit tests for faulty pages of the persistent allocator");
MODULE_LICENSE("GPL");
