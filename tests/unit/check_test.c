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
#include "verdict.h"

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
		IMAGE_SEGMENT_3 | 1, IMAGE_LONE_SPAN, IMAGE_LONE_RAW,
		IMAGE_LONE_TABLE, IMAGE_SEGMENT_6 | 2, IMAGE_SEGMENT_9 | 3,
	};
	struct verdict verdict;

	image_check(image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_OK, ""), "the reference is accepted");
	tap_ok(verdict.check.nr_segments == IMAGE_SEGMENTS &&
	       !memcmp(verdict.segments, segments, sizeof(segments)),
	       "segments are sorted and without marks");
	tap_ok(verdict.check.objects == image->nr_objects &&
	       verdict.check.raw_pages == IMAGE_RAW_PAGES &&
	       verdict.check.table_pages == IMAGE_TABLE_PAGES,
	       "objects and pages are counted");
}

static void test_empty_device(struct image *image)
{
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	struct zram_persist_super kept = *super;
	struct verdict verdict;
	bool good;

	super->segtab = 0;
	super->nr_segments = 0;
	super->slot_root = 0;
	super->time_root = 0;
	super->pages_stored = 0;
	super->same_pages = 0;
	super->backed_pages = 0;
	super->raw_pages = 0;
	super->compr_bytes = 0;
	super->codec[0].dict = 0;
	super->codec[0].dict_len = 0;
	super->codec[1].dict = 0;
	super->codec[1].dict_len = 0;
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check_at(image, IMAGE_RECORD, PAGE, 0, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_OK, ""), "a device without memory");

	memset(super->backing_uuid, 0, sizeof(super->backing_uuid));
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check_at(image, IMAGE_RECORD, PAGE, 0, &verdict);
	good = is(&verdict, ZRAM_CHECK_DAMAGED,
		  "backing device has a wrong identity");
	super->backing_blocks = 0;
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check_at(image, IMAGE_RECORD, PAGE, 0, &verdict);
	good &= is(&verdict, ZRAM_CHECK_OK, "");
	tap_ok(good, "a device without a backing device");

	super->slot_root = LOCATION_9(IMAGE_ROOT_PAGE, 0);
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
		image_check_at(image, places[i], PAGE, IMAGE_SEGMENTS,
			       &verdict);
		good &= is(&verdict, ZRAM_CHECK_ENVELOPE,
			   "record is not in memory");
	}
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		image_check_at(image, IMAGE_RECORD, sizes[i], IMAGE_SEGMENTS,
			       &verdict);
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
	record->device[1].superblock = IMAGE_SUPER;
	image_reseal(image, IMAGE_RECORD, PAGE);
	image_check(image, &verdict);
	good = is(&verdict, ZRAM_CHECK_ENVELOPE, "superblock is named twice");
	tap_ok(good, "a device that is handed over twice");

	record->nr_devices = ZRAM_PERSIST_MAX_DEVICES;
	for (i = 1; i < ZRAM_PERSIST_MAX_DEVICES; i++)
		record->device[i].superblock = IMAGE_BASE + (i + 64) * PAGE;
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

/* Make a page of the order 9 segment one of the slot table, filled later. */
static u64 *new_table(struct image *image, unsigned int page,
		      unsigned int level)
{
	struct zram_persist_page *desc;

	desc = image_desc(image, IMAGE_SEGMENT_9, page);
	desc->kind = ZRAM_PERSIST_TABLE;
	desc->arg = level;
	return image_at(image, IMAGE_SEGMENT_9 + page * PAGE);
}

/* Put the checksums of pages @first to @last right that new_table() made. */
static void end_tables(struct image *image, unsigned int first,
		       unsigned int last)
{
	unsigned int page;

	for (page = first; page <= last; page++)
		image_desc(image, IMAGE_SEGMENT_9, page)->crc =
			crc32c(~0U, image_at(image, LOCATION_9(page, 0) & ~3ULL),
			       PAGE);
	image_reseal_all(image);
}

/*
 * A slot table of four levels in which each page names the next one 512 times
 * would keep a checker that follows every entry busy for hours.
 */
static void test_shared_tables(void)
{
	struct zram_persist_super *super;
	struct verdict verdict;
	unsigned int i, level;
	struct image image;
	u64 *table;
	bool good;

	image_build(&image);
	/* What is at the bottom has no slots, or their owners would be wrong. */
	new_table(&image, 200, 0);
	for (level = 1; level <= 3; level++) {
		table = new_table(&image, 200 + level, level);
		for (i = 0; i < 512; i++)
			table[i] = LOCATION_9(199 + level, 0);
	}
	super = image_at(&image, IMAGE_SUPER);
	super->disksize = ZRAM_PERSIST_MAX_SLOTS * PAGE;
	super->slot_levels = 4;
	super->slot_root = LOCATION_9(203, 0);
	end_tables(&image, 200, 203);
	image_check(&image, &verdict);
	good = is(&verdict, ZRAM_CHECK_DAMAGED, "slot table pages are shared");
	tap_ok(good, "a slot table that shares pages");
	image_destroy(&image);
}

/* A dictionary that never ends. */
static void test_dict_cycle(void)
{
	struct zram_persist_super *super;
	struct zram_persist_dict *last;
	struct verdict verdict;
	struct image image;
	bool good;

	image_build(&image);
	super = image_at(&image, IMAGE_SUPER);
	super->codec[1].dict_len = ~0U;
	last = image_at(&image, IMAGE_DICT_1_LAST & ~0xfffULL);
	last->next = IMAGE_DICT_1;
	image_reseal_all(&image);
	image_check(&image, &verdict);
	good = is(&verdict, ZRAM_CHECK_DAMAGED, "slot table pages are shared");
	tap_ok(good, "a dictionary that never ends");
	image_destroy(&image);
}

/*
 * Make the slot table one of four levels, with a second page of slots, that
 * begins with slot @first. Returns its slots.
 */
static u64 *build_deep(struct image *image, u64 first)
{
	struct zram_persist_super *super;
	u64 *root, *table;
	int level;

	image_build(image);
	super = image_at(image, IMAGE_SUPER);
	super->disksize = ZRAM_PERSIST_MAX_SLOTS * PAGE;
	super->slot_levels = 4;
	super->slot_root = LOCATION_9(204, 0);

	root = new_table(image, 204, 3);
	root[0] = LOCATION_9(203, 0);
	*new_table(image, 203, 2) = LOCATION_9(IMAGE_ROOT_PAGE, 0);
	super->time_root = LOCATION_9(205, 0);
	*new_table(image, 205, ZRAM_PERSIST_TABLE_TIMES + 3) =
		LOCATION_9(206, 0);
	*new_table(image, 206, ZRAM_PERSIST_TABLE_TIMES + 2) =
		LOCATION_9(IMAGE_TIME_ROOT_PAGE, 0);
	table = root;
	for (level = 3; level > 0; level--) {
		table[first >> 9 * level & 511] = LOCATION_9(199 + level, 0);
		table = new_table(image, 199 + level, level - 1);
	}
	return table;
}

static u64 *leaf_0(struct image *image)
{
	return image_at(image, IMAGE_LEAF_0);
}

/* The last slots that a device can have, and all bits of owners. */
static void test_largest(void)
{
	const u64 last = ZRAM_PERSIST_MAX_SLOTS - 1;
	struct verdict verdict;
	struct image image;
	u64 *slot;
	bool good;

	slot = build_deep(&image, last - 511);
	slot[511] = leaf_0(&image)[IMAGE_SLOT_0];
	leaf_0(&image)[IMAGE_SLOT_0] = 0;
	image_name(&image, LOCATION_9(IMAGE_SPAN_PAGE, 0), last);
	slot[510] = leaf_0(&image)[IMAGE_SLOT_RAW_9];
	leaf_0(&image)[IMAGE_SLOT_RAW_9] = 0;
	image_name_raw(&image, &image.raw[0], last - 1);
	slot[509] = leaf_0(&image)[IMAGE_SLOT_RAW_LONE];
	leaf_0(&image)[IMAGE_SLOT_RAW_LONE] = 0;
	image_name_raw(&image, &image.raw[3], last - 2);
	end_tables(&image, 200, 206);
	image_check(&image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_OK, ""), "the largest device");

	/* Other bits of the owner than those in the first word of an entry. */
	image_name(&image, LOCATION_9(IMAGE_SPAN_PAGE, 0), last - (7ULL << 33));
	image_reseal_all(&image);
	image_check(&image, &verdict);
	good = is(&verdict, ZRAM_CHECK_DAMAGED, "slot is wrong");
	image_name(&image, LOCATION_9(IMAGE_SPAN_PAGE, 0), last);
	image_name_raw(&image, &image.raw[0], (last - 1) ^ 1 << 27);
	image_reseal_all(&image);
	image_check(&image, &verdict);
	good &= is(&verdict, ZRAM_CHECK_DAMAGED, "slot is wrong");
	image_name_raw(&image, &image.raw[0], last - 1);
	image_name_raw(&image, &image.raw[3], (last - 2) ^ 1 << 27);
	image_reseal_all(&image);
	image_check(&image, &verdict);
	good &= is(&verdict, ZRAM_CHECK_DAMAGED,
		   "raw pages are lost or shared");
	tap_ok(good, "wrong high bits of owners");
	image_destroy(&image);
}

/*
 * Two slots whose numbers differ beyond the bits of the owner of a raw page
 * name the same one, and another page is lost, so that the counts are right.
 */
static void test_shared_raw(void)
{
	const u64 other = 3ULL << 28;
	struct verdict verdict;
	struct image image;
	u64 *slot, *leaf;
	bool good;

	slot = build_deep(&image, other);
	leaf = leaf_0(&image);
	slot[IMAGE_SLOT_RAW_9] = leaf[IMAGE_SLOT_RAW_9];
	leaf[IMAGE_SLOT_RAW_LONE] = 0;
	end_tables(&image, 200, 206);
	image_check(&image, &verdict);
	good = is(&verdict, ZRAM_CHECK_DAMAGED, "raw pages are lost or shared");

	/* Either of them alone can be the owner: its checksum will tell. */
	leaf[IMAGE_SLOT_RAW_9] = 0;
	leaf[IMAGE_SLOT_RAW_LONE] =
		image_slot(IMAGE_LONE_RAW, ZRAM_PERSIST_SLOT_RAW);
	end_tables(&image, 200, 206);
	image_check(&image, &verdict);
	good &= is(&verdict, ZRAM_CHECK_OK, "");
	tap_ok(good, "slots that share a raw page");
	image_destroy(&image);
}

/*
 * What lies where a header has its magic would do for the descriptor of a raw
 * page of this slot.
 */
static void test_header_as_page(void)
{
	const u64 owner = ZRAM_PERSIST_SEGMENT_MAGIC;
	struct verdict verdict;
	struct image image;
	u64 index, *slot;

	/* As zram_persist_raw_owner() would put the bytes together. */
	index = (owner >> 4 & 0xf) << 24 | (owner >> 8 & 0xff) << 16 |
		owner >> 16;
	slot = build_deep(&image, index & ~511ULL);
	slot[index & 511] = image_slot(LOCATION_9(0, 0), ZRAM_PERSIST_SLOT_RAW);
	end_tables(&image, 200, 206);
	image_check(&image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_DAMAGED, "slot is wrong") &&
	       verdict.where == index, "a header in place of a raw page");
	image_destroy(&image);
}

/* An entry behind the directory, which no checksum covers. */
static void test_entry_outside(void)
{
	const u64 location = LOCATION_9(IMAGE_SPAN_PAGE, IMAGE_SPAN_ENTRIES);
	struct verdict verdict;
	struct image image;

	image_build(&image);
	*image_entry(&image, location) =
		*image_entry(&image, LOCATION_9(IMAGE_SPAN_PAGE, 0));
	leaf_0(&image)[IMAGE_SLOT_0] =
		image_slot(location, ZRAM_PERSIST_SLOT_OBJECT);
	image_reseal_all(&image);
	image_check(&image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_DAMAGED, "slot is wrong") &&
	       verdict.where == IMAGE_SLOT_0, "an entry behind the directory");
	image_destroy(&image);
}

/* A directory as long as can be: 1023 entries without an object, and one. */
static void test_longest_directory(void)
{
	const u64 location = LOCATION_9(20, ZRAM_PERSIST_MAX_ENTRIES - 1);
	const u32 start = 7 * 1024 - 1;
	struct zram_persist_super *super;
	struct zram_persist_page *desc;
	struct zram_persist_span *span;
	struct verdict verdict;
	struct image image;
	unsigned int i;
	bool good;

	image_build(&image);
	desc = image_desc(&image, IMAGE_SEGMENT_9, 20);
	desc->kind = ZRAM_PERSIST_SPAN | 6 << 4;
	for (i = 1; i < 7; i++)
		desc[i] = (struct zram_persist_page){
			.kind = ZRAM_PERSIST_SPAN_TAIL, .arg = i,
		};
	span = image_at(&image, IMAGE_SEGMENT_9 + 20 * PAGE);
	*span = (struct zram_persist_span){
		.nr_entries = ZRAM_PERSIST_MAX_ENTRIES, .nr_used = 1,
		.start = start, .free = 7 * PAGE - 32 - 1024 * 12 - 4,
		.pages = 7,
	};
	image_entry(&image, location)->place = PLACE(3, start, 0);
	image_name(&image, location, 3);
	leaf_0(&image)[3] = image_slot(location, ZRAM_PERSIST_SLOT_OBJECT);
	super = image_at(&image, IMAGE_SUPER);
	super->pages_stored++;
	super->compr_bytes += 3;
	desc->crc = crc32c(~0U, &span->nr_entries, 16 + 1024 * 12);
	image_reseal_all(&image);
	image_check(&image, &verdict);
	good = is(&verdict, ZRAM_CHECK_OK, "");

	/* One more cannot be named, although there is room. */
	span->nr_entries++;
	span->entry[1024] = span->entry[1023];
	memset(&span->entry[1023], 0, sizeof(*span->entry));
	span->free -= 12;
	desc->crc = crc32c(~0U, &span->nr_entries, 16 + 1025 * 12);
	image_reseal_all(&image);
	image_check(&image, &verdict);
	good &= is(&verdict, ZRAM_CHECK_DAMAGED, "span has a wrong directory");
	tap_ok(good, "the longest directory");
	image_destroy(&image);
}

/* A directory that takes all of its span leaves nothing for an object. */
static void test_full_directory(void)
{
	struct zram_persist_page *desc;
	struct zram_persist_span *span;
	struct verdict verdict;
	struct image image;
	u8 *end;

	image_build(&image);
	desc = image_desc(&image, IMAGE_SEGMENT_9, 20);
	desc->kind = ZRAM_PERSIST_SPAN;
	end = image_at(&image, IMAGE_SEGMENT_9 + 21 * PAGE);
	span = (void *)(end - PAGE);
	span->pages = 1;
	span->nr_entries = 338;
	span->nr_used = 1;
	/* 8 bytes behind 338 entries: two granules, and it is good. */
	span->start = 1022;
	span->entry[337].place = PLACE(9, 1022, 0);
	desc->crc = crc32c(~0U, &span->nr_entries, 16 + 338 * 12);
	image_reseal_all(&image);
	image_check(&image, &verdict);
	tap_ok(is(&verdict, ZRAM_CHECK_DAMAGED, "object has a wrong place"),
	       "a directory that fills its span");
	image_destroy(&image);
}

static bool counts(struct zram_check *check, struct zram_persist_super *super,
		   u64 nr_segments, const char *reason)
{
	super->nr_segments = nr_segments;
	return zram_check_count(check, super) == ZRAM_CHECK_ENVELOPE &&
	       !strcmp(reason, check->reason);
}

/* The number that the superblock has needs no room to be refused. */
static void test_count(struct image *image)
{
	struct zram_check check = { .map = image_map, .map_data = image };
	const struct zram_persist_super *found;
	struct zram_persist_super super;
	bool good;

	good = !zram_check_super(&check, IMAGE_SUPER, &found) &&
	       !zram_check_count(&check, found) &&
	       check.nr_segments == IMAGE_SEGMENTS && check.segtab_pages == 2;
	super = *found;
	good &= counts(&check, &super, IMAGE_SEGMENTS - 1,
		       "segment table has too many entries");
	good &= counts(&check, &super, IMAGE_SEGMENTS + 1,
		       "segment table lacks entries");
	good &= counts(&check, &super, ~0ULL, "segment table lacks entries");
	tap_ok(good, "an absurd number of segments");
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
	super.uuid[15]++;
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
	super.uuid[15]--;
	good &= disjoint(&a, &b, "devices have the same UUID");
	tap_ok(good, "devices that share memory");
}

int main(void)
{
	struct image image;

	image_build(&image);
	test_crc();
	test_count(&image);
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
	image_destroy(&image);
	test_shared_tables();
	test_dict_cycle();
	test_largest();
	test_shared_raw();
	test_header_as_page();
	test_entry_outside();
	test_longest_directory();
	test_full_directory();
	return tap_done();
}
