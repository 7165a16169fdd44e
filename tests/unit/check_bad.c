// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that are faulty. What is on them is filled with ones, so that a check
 * that looks there finds it wrong.
 */
#include <stddef.h>
#include <string.h>
#include "image.h"
#include "tap.h"
#include "verdict.h"

#define BAD		ZRAM_PERSIST_BAD
#define LOST		ZRAM_PERSIST_SPAN_LOST
#define OK		ZRAM_CHECK_OK
#define DAMAGED		ZRAM_CHECK_DAMAGED
#define MAX_CHANGES	3

/* What becomes of a descriptor. */
enum change_kind {
	NOTHING,
	SET_BAD,	/* and its page is filled with ones */
	SET_LOST,	/* the same; and the span is lost */
	SET_ARG,
	SET_KIND,
	SET_CRC,
};

/**
 * struct change - change of a descriptor
 * @kind: what to change
 * @segment: address of its segment
 * @page: number of its page
 * @value: new value
 */
struct change {
	enum change_kind kind;
	u64 segment;
	unsigned int page;
	u32 value;
};

/* The value may be left out. */
#define CHANGE(what, in, nr, ...) \
	{ .kind = what, .segment = in, .page = nr, .value = __VA_ARGS__ + 0 }
#define P9(what, page, ...)	CHANGE(what, IMAGE_SEGMENT_9, page, __VA_ARGS__)
#define P6(what, page, ...)	CHANGE(what, IMAGE_SEGMENT_6, page, __VA_ARGS__)
#define LONE(what, addr, ...)	CHANGE(what, addr, 0, __VA_ARGS__)

/**
 * struct bad - what is faulty, and what becomes of it
 * @change: changes, in this order
 * @pages: faulty pages that the checker counts, if it accepts them
 * @objects: objects that it does not find because of them
 * @result: expected
 * @reason: expected
 */
struct bad {
	struct change change[MAX_CHANGES];
	unsigned int pages;
	unsigned int objects;
	enum zram_check_result result;
	const char *reason;
};

static const struct bad pages[] = {
	{ { P9(SET_BAD, IMAGE_RAW_PAGE_9) }, 1, 0, OK, "" },
	{ { P6(SET_BAD, IMAGE_RAW_PAGE_6) }, 1, 0, OK, "" },
	{ { LONE(SET_BAD, IMAGE_LONE_RAW) }, 1, 0, OK, "" },
	{ { P9(SET_BAD, 100), P9(SET_BAD, 200) }, 2, 0, OK, "" },
	/* Payloads only. */
	{ { P9(SET_BAD, 11) }, 1, 0, OK, "" },
	{ { P9(SET_BAD, 11), P9(SET_BAD, 16), P9(SET_BAD, 7) }, 3, 0, OK, "" },
	{ { P9(SET_BAD, 100), P9(SET_ARG, 100, 1) }, 0, 0, DAMAGED,
	  "page has a wrong descriptor" },
	{ { P9(SET_BAD, 100), P9(SET_CRC, 100, 1) }, 0, 0, DAMAGED,
	  "page has a wrong descriptor" },
	{ { P9(SET_KIND, 100, 0x18) }, 0, 0, DAMAGED,
	  "page has a wrong descriptor" },
	{ { P9(SET_KIND, 100, 0xe) }, 0, 0, DAMAGED,
	  "page has a wrong descriptor" },
	{ { P9(SET_KIND, 11, 0x1a) }, 0, 0,
	  DAMAGED, "span is not whole" },
	{ { P9(SET_KIND, 11, 8) }, 0, 0, DAMAGED, "span is not whole" },
};

static const struct bad spans[] = {
	{ { P9(SET_LOST, IMAGE_SPAN_PAGE) }, 1, IMAGE_SPAN_USED, OK, "" },
	{ { P9(SET_LOST, 10) }, 1, 8, OK, "" },
	{ { P9(SET_LOST, 10), P9(SET_BAD, 11) }, 2, 8, OK, "" },
	{ { P9(SET_LOST, IMAGE_BACKED_PAGE) }, 1, IMAGE_BACKED, OK, "" },
	{ { LONE(SET_LOST, IMAGE_LONE_SPAN) }, 1, 8, OK, "" },
	/* The directory is on two pages, the second of which is faulty. */
	{ { P9(SET_BAD, 11), P9(SET_ARG, 10, LOST), P9(SET_CRC, 10, 0) }, 1, 8,
	  OK, "" },
	{ { P9(SET_BAD, IMAGE_SPAN_PAGE) }, 0, 0, DAMAGED, "span is faulty" },
	{ { LONE(SET_BAD, IMAGE_LONE_SPAN) }, 0, 0, DAMAGED, "span is faulty" },
	{ { P9(SET_ARG, IMAGE_SPAN_PAGE, LOST),
	    P9(SET_CRC, IMAGE_SPAN_PAGE, 0) }, 0, 0, DAMAGED,
	  "span has a wrong descriptor" },
	{ { P9(SET_LOST, IMAGE_SPAN_PAGE), P9(SET_CRC, IMAGE_SPAN_PAGE, 1) },
	  0, 0, DAMAGED, "span has a wrong descriptor" },
	{ { P9(SET_LOST, IMAGE_SPAN_PAGE), P9(SET_ARG, IMAGE_SPAN_PAGE, 2) },
	  0, 0, DAMAGED, "span has a wrong descriptor" },
};

/* What is handed over only if it is sound. */
static const struct bad metadata[] = {
	{ { P9(SET_BAD, IMAGE_ROOT_PAGE) }, 0, 0, DAMAGED,
	  "page has a wrong descriptor" },
	{ { P9(SET_BAD, 2) }, 0, 0, DAMAGED, "page has a wrong descriptor" },
	{ { P9(SET_BAD, 400) }, 0, 0, DAMAGED, "page has a wrong descriptor" },
	{ { LONE(SET_BAD, IMAGE_LONE_TABLE) }, 0, 0, DAMAGED,
	  "page has a wrong descriptor" },
	{ { LONE(SET_BAD, IMAGE_SEGMENT_6) }, 0, 0, DAMAGED,
	  "segment has a wrong descriptor" },
	/* Free, and still with what belongs to a raw page. */
	{ { LONE(SET_KIND, IMAGE_LONE_RAW, BAD) }, 0, 0, DAMAGED,
	  "page has a wrong descriptor" },
};

/* An entry of the segment table, by the address of its segment. */
static struct zram_persist_page *entry_desc(struct image *image, u64 segment)
{
	u64 at[] = { IMAGE_SEGTAB_0, IMAGE_SEGTAB_1 };
	struct zram_persist_segtab *tab;
	unsigned int i, j;

	for (i = 0; i < 2; i++) {
		tab = image_at(image, at[i]);
		for (j = 0; j < ZRAM_PERSIST_SEGTAB_ENTRIES; j++)
			if ((tab->entry[j].location & ~0xfffULL) == segment)
				return &tab->entry[j].page;
	}
	return NULL;
}

static u64 phys_of(const struct image *image, const void *p)
{
	return (const u8 *)p - image->mem + IMAGE_BASE;
}

static void apply(struct image *image, const struct change *change)
{
	struct zram_persist_page *desc;
	u64 addr = change->segment + change->page * PAGE;

	desc = change->page ?
	       image_desc(image, change->segment, change->page) :
	       entry_desc(image, change->segment);
	switch (change->kind) {
	case SET_LOST:
	case SET_BAD:
		if (change->kind == SET_LOST) {
			desc->arg = LOST;
			desc->crc = 0;
		}
		desc->kind |= BAD;
		if (addr != IMAGE_SEGMENT_6)
			memset(image_at(image, addr), 0xff, PAGE);
		break;
	case SET_ARG:
		desc->arg = change->value;
		break;
	case SET_KIND:
		desc->kind = change->value;
		break;
	case SET_CRC:
		desc->crc = change->value;
		break;
	case NOTHING:
		return;
	}
	image_reseal(image, phys_of(image, desc), sizeof(*desc));
}

static void set_feature(struct image *image, u32 incompat)
{
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);

	super->incompat = incompat;
	image_reseal(image, IMAGE_SUPER, PAGE);
}

/* The image is made anew for each, since what was on the pages is gone. */
static bool run_one(const struct bad *bad)
{
	struct verdict verdict;
	struct image image;
	unsigned int i;
	bool good;

	image_build(&image);
	image.poison = true;
	for (i = 0; i < MAX_CHANGES; i++)
		apply(&image, &bad->change[i]);
	set_feature(&image, ZRAM_PERSIST_INCOMPAT_BAD);
	image_check(&image, &verdict);
	good = is(&verdict, bad->result, bad->reason);
	if (!bad->result) {
		good &= verdict.check.bad_pages == bad->pages &&
			verdict.check.objects + bad->objects ==
			image.nr_objects;
		set_feature(&image, 0);
		image_check(&image, &verdict);
		good &= is(&verdict, DAMAGED,
			   "faulty pages without the feature");
	}
	if (!good)
		tap_note("page %u of %#llx", bad->change[0].page,
			 bad->change[0].segment);
	image_destroy(&image);
	return good;
}

static void run(const struct bad *bad, size_t n, const char *name)
{
	bool good = true;
	size_t i;

	for (i = 0; i < n; i++)
		good &= run_one(&bad[i]);
	tap_note("%zu changes", n);
	tap_ok(good, name);
}

#define RUN(bad, name) run(bad, sizeof(bad) / sizeof(*(bad)), name)

/* A lone page that was freed since it is faulty, and is named by nobody. */
static void test_lone_free(void)
{
	const struct change change = LONE(SET_KIND, IMAGE_LONE_RAW, BAD);
	const struct change owner = LONE(SET_ARG, IMAGE_LONE_RAW, 0);
	struct zram_persist_super *super;
	struct verdict verdict;
	struct image image;
	u64 *slot;

	image_build(&image);
	apply(&image, &change);
	apply(&image, &owner);
	entry_desc(&image, IMAGE_LONE_RAW)->count = 0;
	entry_desc(&image, IMAGE_LONE_RAW)->crc = 0;
	slot = image_at(&image, IMAGE_LEAF_0);
	slot[IMAGE_SLOT_RAW_LONE] = 0;
	super = image_at(&image, IMAGE_SUPER);
	super->pages_stored--;
	super->raw_pages--;
	super->compr_bytes -= PAGE;
	super->incompat = ZRAM_PERSIST_INCOMPAT_BAD;
	image_reseal_all(&image);
	image_check(&image, &verdict);
	tap_ok(is(&verdict, OK, "") && verdict.check.bad_pages == 1 &&
	       verdict.check.compr_bytes == super->compr_bytes,
	       "a lone page that is free");
	image_destroy(&image);
}

/* The directory of a span reaches into a page that is faulty. */
static void test_long_directory(void)
{
	const struct change change = P9(SET_BAD, 6);
	struct zram_persist_span *span;
	struct verdict verdict;
	struct image image;

	image_build(&image);
	apply(&image, &change);
	set_feature(&image, ZRAM_PERSIST_INCOMPAT_BAD);
	span = image_at(&image, IMAGE_SEGMENT_9 + 5 * PAGE);
	span->nr_entries = 339;
	image_check(&image, &verdict);
	tap_ok(is(&verdict, DAMAGED, "span is faulty"),
	       "a directory that ends on a faulty page");
	image_destroy(&image);
}

/* With other counts in the superblock than @counts. */
static bool accepts(struct image *image, const struct zram_check *counts,
		    int same, int bytes, const char *reason)
{
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	struct verdict verdict;

	super->same_pages = counts->same_pages + same;
	super->compr_bytes = counts->compr_bytes + bytes;
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check(image, &verdict);
	if (!*reason && (verdict.check.same_pages != counts->same_pages ||
			 verdict.check.compr_bytes != counts->compr_bytes))
		return false;
	return is(&verdict, *reason ? DAMAGED : OK, reason);
}

/*
 * Nobody knows what lost spans held: there may be less than is said, and only
 * then.
 */
static void test_counts(void)
{
	const struct change changes[] = {
		P9(SET_BAD, 11), P9(SET_LOST, IMAGE_SPAN_PAGE),
	};
	const char *same = "count of same pages is wrong";
	const char *bytes = "count of compressed bytes is wrong";
	struct verdict verdict;
	struct image image;
	bool good = true;
	unsigned int i;

	image_build(&image);
	image.poison = true;
	set_feature(&image, ZRAM_PERSIST_INCOMPAT_BAD);
	for (i = 0; i < 2; i++) {
		apply(&image, &changes[i]);
		image_check(&image, &verdict);
		good &= is(&verdict, OK, "");
		good &= accepts(&image, &verdict.check, 0, 0, "");
		good &= accepts(&image, &verdict.check, -1, 0, same);
		good &= accepts(&image, &verdict.check, 0, -1, bytes);
		good &= accepts(&image, &verdict.check, 1, 0, i ? "" : same);
		good &= accepts(&image, &verdict.check, 0, 1, i ? "" : bytes);
		accepts(&image, &verdict.check, 0, 0, "");
	}
	tap_ok(good, "counts that lost spans were part of");
	image_destroy(&image);
}

/* A slot that names an object in the page at @location, or NULL. */
static u64 *slot_of(struct image *image, u64 location)
{
	const u64 leaves[] = { IMAGE_LEAF_0, IMAGE_LEAF_1, IMAGE_LEAF_3 };
	unsigned int leaf, i;
	u64 *slot;

	for (leaf = 0; leaf < 3; leaf++) {
		slot = image_at(image, leaves[leaf]);
		for (i = 0; i < 512; i++)
			if ((slot[i] & ZRAM_PERSIST_SLOT_KIND_MASK) ==
			    ZRAM_PERSIST_SLOT_OBJECT &&
			    slot[i] >> (ZRAM_PERSIST_SLOT_LOCATION_SHIFT + 12) ==
			    location >> 12)
				return &slot[i];
	}
	return NULL;
}

/* A slot of an object in a lost span, with an index that may be beyond it. */
static bool has_index(const struct change *change, u64 location,
		      unsigned int index, const char *reason)
{
	struct verdict verdict;
	struct image image;
	bool good;
	u64 *slot;

	image_build(&image);
	image.poison = true;
	apply(&image, change);
	set_feature(&image, ZRAM_PERSIST_INCOMPAT_BAD);
	slot = slot_of(&image, location);
	*slot = (location | index << 2) << ZRAM_PERSIST_SLOT_LOCATION_SHIFT |
		ZRAM_PERSIST_SLOT_OBJECT;
	image_reseal(&image, phys_of(&image, slot), sizeof(*slot));
	image_check(&image, &verdict);
	good = is(&verdict, *reason ? DAMAGED : OK, reason);
	image_destroy(&image);
	return good;
}

static void test_index(void)
{
	const struct change lone = LONE(SET_LOST, IMAGE_LONE_SPAN);
	const struct change span = P9(SET_LOST, 10);
	bool good;

	/* 338 entries fill a page, and four pages have room for all there can be. */
	good = has_index(&lone, IMAGE_LONE_SPAN, 337, "");
	good &= has_index(&lone, IMAGE_LONE_SPAN, 338, "slot is wrong");
	good &= has_index(&lone, IMAGE_LONE_SPAN, 1023, "slot is wrong");
	good &= has_index(&span, LOCATION_9(10, 0), 1023, "");
	tap_ok(good, "indices of objects in lost spans");
}

/* What was written back is counted by the slots, which are still there. */
static void test_lost_backed(void)
{
	const struct change change = P9(SET_LOST, IMAGE_BACKED_PAGE);
	struct zram_persist_super *super;
	struct verdict verdict;
	struct image image;

	image_build(&image);
	apply(&image, &change);
	super = image_at(&image, IMAGE_SUPER);
	super->backed_pages--;
	set_feature(&image, ZRAM_PERSIST_INCOMPAT_BAD);
	image_check(&image, &verdict);
	tap_ok(is(&verdict, DAMAGED, "count of written-back pages is wrong"),
	       "a count of written-back pages that are lost");
	image_destroy(&image);
}

int main(void)
{
	RUN(pages, "a faulty page");
	RUN(spans, "a faulty directory");
	RUN(metadata, "a faulty page of metadata");
	test_lone_free();
	test_long_directory();
	test_counts();
	test_index();
	test_lost_backed();
	return tap_done();
}
