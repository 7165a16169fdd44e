// SPDX-License-Identifier: GPL-2.0
/*
 * The reference handover as a whole, and handovers built for one purpose.
 */
#include <stdlib.h>
#include <string.h>
#include <sanitizer/asan_interface.h>
#include <linux/crc32c.h>
#include "image.h"
#include "tap.h"

static bool is(const struct verdict *verdict, enum zram_check_result result,
	       const char *reason)
{
	bool good = verdict->result == result &&
		    !strcmp(verdict->reason, reason);

	if (!good)
		tap_note("%d \"%s\" at %#llx instead of %d \"%s\"",
			 verdict->result, verdict->reason, verdict->where,
			 result, reason);
	return good;
}

/* The value that the definition of CRC32C gives for nine digits. */
static void test_crc(void)
{
	tap_ok(~crc32c(~0U, "123456789", 9) == 0xe3069283 &&
	       crc32c(crc32c(~0U, "1234", 4), "56789", 5) ==
	       crc32c(~0U, "123456789", 9), "CRC32C is CRC32C");
}

static void test_reference(struct image *image)
{
	static const u64 segments[] = {
		IMAGE_SEGMENT_3 | 3, IMAGE_SEGMENT_0, IMAGE_LONE_RAW,
		IMAGE_LONE_TABLE, IMAGE_SEGMENT_9 | 9,
	};
	struct verdict verdict;

	image_check(image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_OK, ""), "the reference is accepted");
	tap_ok(verdict.check.nr_segments == IMAGE_SEGMENTS &&
	       !memcmp(verdict.segments, segments, sizeof(segments)),
	       "segments are sorted and without marks");
	tap_ok(verdict.check.objects == image->nr_objects &&
	       verdict.check.raw_pages == 2 && verdict.check.table_pages == 4,
	       "objects and pages are counted");
}

static void test_empty_device(struct image *image)
{
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	struct zram_persist_super kept = *super;
	struct verdict verdict;

	super->segtab = 0;
	super->nr_segments = 0;
	super->slot_root = 0;
	super->pages_stored = 0;
	super->same_pages = 0;
	super->raw_pages = 0;
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check_at(image, IMAGE_RECORD, PAGE, 0, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_OK, ""), "a device without memory");

	super->slot_root = IMAGE_ROOT | 9;
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check_at(image, IMAGE_RECORD, PAGE, 0, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_DAMAGED, "slot table page is not one"),
	       "a slot table without memory");
	*super = kept;
}

/* Memory that ends anywhere, or begins anywhere, but holds all, is needed. */
static void test_truncated(struct image *image)
{
	const u64 end = IMAGE_BASE + IMAGE_SIZE;
	struct verdict verdict;
	bool good = true;

	for (image->end = IMAGE_BASE; image->end < end; image->end += PAGE) {
		image_check(image, &verdict);
		good &= verdict.result == ZRAM_CHECK_ENVELOPE;
	}
	image->end = end;
	tap_ok(good, "memory that ends too early");

	good = true;
	image->first = IMAGE_RECORD;
	image_check(image, &verdict);
	good &= verdict.result == ZRAM_CHECK_OK;
	for (; image->first < end; image->first += PAGE) {
		if (image->first == IMAGE_RECORD)
			continue;
		image_check(image, &verdict);
		good &= verdict.result == ZRAM_CHECK_ENVELOPE;
	}
	image->first = IMAGE_BASE;
	tap_ok(good, "memory that begins too late");
}

static void test_record_address(struct image *image)
{
	static const u64 places[] = {
		0, 1, IMAGE_RECORD + 1, IMAGE_RECORD + 8, IMAGE_BASE - PAGE,
		IMAGE_BASE + IMAGE_SIZE, 1ULL << 52, ~0ULL, ~0ULL << 12,
	};
	static const u64 sizes[] = { 0, 1, 4095, 4097, 8192, ~0ULL };
	struct verdict verdict;
	bool good = true;
	unsigned int i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		image_check_at(image, places[i], PAGE, 5, &verdict);
		good &= is(&verdict, ZRAM_CHECK_ENVELOPE,
			   "record is not in memory");
	}
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		image_check_at(image, IMAGE_RECORD, sizes[i], 5, &verdict);
		good &= is(&verdict, ZRAM_CHECK_ENVELOPE,
			   "record has a wrong size");
	}
	tap_ok(good, "a wrong address or size from KHO");
}

static void test_record_list(struct image *image)
{
	struct zram_persist_record *record = image_at(image, IMAGE_RECORD);
	struct zram_persist_record kept = *record;
	struct verdict verdict;
	unsigned int i;
	bool good;

	record->nr_devices = 2;
	record->superblock[1] = IMAGE_SUPER;
	image_reseal(image, IMAGE_RECORD, PAGE);
	image_check(image, &verdict);
	good = is(&verdict, ZRAM_CHECK_ENVELOPE, "superblock is named twice");
	tap_ok(good, "a device that is handed over twice");

	record->nr_devices = ZRAM_PERSIST_MAX_DEVICES;
	for (i = 1; i < ZRAM_PERSIST_MAX_DEVICES; i++)
		record->superblock[i] = IMAGE_BASE + (i + 64) * PAGE;
	image_reseal(image, IMAGE_RECORD, PAGE);
	image_check(image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_ENVELOPE, "superblock has a wrong magic"),
	       "as many devices as a record can name");
	*record = kept;
}

static void test_super_texts(struct image *image)
{
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	struct zram_persist_super kept = *super;
	struct verdict verdict;

	memset(super->uuid, 0, sizeof(super->uuid));
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check(image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_ENVELOPE, "device has no UUID"),
	       "a device without UUID");

	*super = kept;
	memset(super->codec[1].name, 'x', sizeof(super->codec[1].name));
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check(image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_DAMAGED, "codec has a wrong name"),
	       "the name of a codec without end");

	*super = kept;
	memset(super->name, 'x', sizeof(super->name));
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check(image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_DAMAGED, "device has a wrong name"),
	       "the name of a device without end");
	*super = kept;
}

static void test_segment_room(struct image *image)
{
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	struct verdict verdict;
	bool good = true;
	unsigned int i;

	for (i = 0; i < IMAGE_SEGMENTS; i++) {
		image_check_at(image, IMAGE_RECORD, PAGE, i, &verdict);
		good &= is(&verdict, ZRAM_CHECK_ENVELOPE,
			   "device has too many segments");
	}
	tap_ok(good, "no room for the segments");

	super->nr_segments++;
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check_at(image, IMAGE_RECORD, PAGE, 16, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_ENVELOPE, "segment table lacks entries"),
	       "fewer segments than promised");
	super->nr_segments--;
	image_reseal(image, IMAGE_SUPER, PAGE);
}

/*
 * A slot table of four levels in which each page names the next one 512 times
 * would keep a checker that follows every entry busy for hours.
 */
static void test_shared_tables(struct image *image)
{
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	struct verdict verdict;
	unsigned int i, level;
	bool good;
	u64 *table;

	for (level = 1; level <= 3; level++) {
		u64 page = 200 + level;

		image_desc(image, IMAGE_SEGMENT_9, page)->kind =
			ZRAM_PERSIST_TABLE;
		image_desc(image, IMAGE_SEGMENT_9, page)->arg = level;
		table = image_at(image, IMAGE_SEGMENT_9 + page * PAGE);
		for (i = 0; i < 512; i++)
			table[i] = level == 1 ? IMAGE_LEAF_0 | 9 :
				   (IMAGE_SEGMENT_9 + (page - 1) * PAGE) | 9;
		image_desc(image, IMAGE_SEGMENT_9, page)->crc =
			crc32c(~0U, table, PAGE);
	}
	super->disksize = ZRAM_PERSIST_MAX_SLOTS * PAGE;
	super->slot_levels = 4;
	super->slot_root = (IMAGE_SEGMENT_9 + 203 * PAGE) | 9;
	image_reseal_all(image);
	image_check(image, &verdict);
	good = is(&verdict, ZRAM_CHECK_DAMAGED, "slot table pages are shared");
	tap_ok(good, "a slot table that shares pages");
}

/* What one device of two needs to be compared with the other. */
struct device {
	struct zram_check check;
	const struct zram_persist_super *super;
	u64 segments[IMAGE_SEGMENTS];
};

static void load(struct image *image, struct device *device)
{
	memset(device, 0, sizeof(*device));
	device->check.map = image_map;
	device->check.map_data = image;
	device->check.segments = device->segments;
	device->check.max_segments = IMAGE_SEGMENTS;
	if (zram_check_super(&device->check, IMAGE_SUPER, &device->super) ||
	    zram_check_envelope(&device->check, device->super))
		abort();
}

static bool disjoint(struct device *a, struct device *b, const char *reason)
{
	enum zram_check_result result;

	result = zram_check_disjoint(&a->check, a->super, &b->check, b->super);
	if (!result)
		return !reason;
	return reason && !strcmp(reason, a->check.reason);
}

/*
 * The second device is a copy of the first with its segments, superblock and
 * segment table moved elsewhere; then one part after another is moved back.
 */
static void test_disjoint(struct image *image)
{
	struct zram_persist_segtab tab = { 0 };
	struct zram_persist_super super;
	struct device a, b;
	bool good;

	load(image, &a);
	load(image, &b);
	good = disjoint(&a, &b, "devices share a segment");
	b.check.nr_segments = 0;
	good &= disjoint(&a, &b, "devices share a segment table");
	super = *b.super;
	super.segtab = 0;
	b.super = &super;
	good &= disjoint(&a, &b, NULL);
	super.segtab = IMAGE_SEGMENT_9 + 100 * PAGE;
	memcpy(image_at(image, super.segtab), &tab, PAGE);
	good &= disjoint(&a, &b, "segment table lies in a segment");
	good &= disjoint(&b, &a, "segment table lies in a segment");
	super.segtab = 0;
	b.check.super = IMAGE_SEGMENT_9;
	good &= disjoint(&a, &b, "superblock lies in a segment");
	b.check.super = IMAGE_SEGMENT_9 - PAGE;
	good &= disjoint(&a, &b, NULL);
	b.check.nr_segments = 1;
	b.segments[0] = IMAGE_SEGMENT_9 + 511 * PAGE;
	good &= disjoint(&a, &b, "devices share a segment");
	good &= disjoint(&b, &a, "devices share a segment");
	b.segments[0] = IMAGE_SEGMENT_9 + 512 * PAGE;
	good &= disjoint(&a, &b, NULL);
	tap_ok(good, "devices that share memory");
}

int main(void)
{
	struct image image;

	image_build(&image);
	test_crc();
	test_disjoint(&image);
	image.poison = true;
	test_reference(&image);
	test_empty_device(&image);
	image_reseal_all(&image);
	test_truncated(&image);
	test_record_address(&image);
	test_record_list(&image);
	image_reseal_all(&image);
	test_super_texts(&image);
	image_reseal_all(&image);
	test_segment_room(&image);
	test_shared_tables(&image);
	image_destroy(&image);
	return tap_done();
}
