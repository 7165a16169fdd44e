/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A handover in fake physical memory.
 *
 * There is one device, with everything that the format allows in it: segments
 * with a header, of order 9, 6 and 3, and lone pages of every kind; spans of
 * one page to seven, with holes and unused entries; a segment table of two
 * pages; a slot table of two levels with a hole; slots of every kind; and
 * dictionaries of a full page, and of a page and a bit.
 */
#ifndef _UNIT_IMAGE_H
#define _UNIT_IMAGE_H

#include "../../drivers/block/zram/check.h"

#define PAGE			4096ULL

/* Where things lie. */
#define IMAGE_BASE		0x40000000ULL
#define IMAGE_SIZE		0x400000ULL
#define IMAGE_RECORD		(IMAGE_BASE + 1 * PAGE)
#define IMAGE_SUPER		(IMAGE_BASE + 2 * PAGE)
#define IMAGE_SEGTAB_0		(IMAGE_BASE + 3 * PAGE)
#define IMAGE_SEGTAB_1		(IMAGE_BASE + 4 * PAGE)
#define IMAGE_SEGMENT_3		(IMAGE_BASE + 8 * PAGE)
#define IMAGE_LONE_SPAN		(IMAGE_BASE + 17 * PAGE)
#define IMAGE_LONE_RAW		(IMAGE_BASE + 19 * PAGE)
#define IMAGE_LONE_TABLE	(IMAGE_BASE + 21 * PAGE)
#define IMAGE_SEGMENT_6		(IMAGE_BASE + 64 * PAGE)
#define IMAGE_SEGMENT_9		(IMAGE_BASE + 512 * PAGE)

/* Location of page @page, and of object @index in it, by order of segment. */
#define LOCATION_9(page, index) \
	((IMAGE_SEGMENT_9 + (page) * PAGE) | (index) << 2 | 3)
#define LOCATION_6(page, index) \
	((IMAGE_SEGMENT_6 + (page) * PAGE) | (index) << 2 | 2)
#define LOCATION_3(page, index) \
	((IMAGE_SEGMENT_3 + (page) * PAGE) | (index) << 2 | 1)

/* Slot table: root, and pages for the slots from 0, 512 and 1536 on. */
#define IMAGE_ROOT_PAGE		1
#define IMAGE_ROOT		(IMAGE_SEGMENT_9 + IMAGE_ROOT_PAGE * PAGE)
#define IMAGE_LEAF_0		(IMAGE_SEGMENT_9 + 2 * PAGE)
#define IMAGE_LEAF_1		IMAGE_LONE_TABLE
#define IMAGE_LEAF_3		(IMAGE_SEGMENT_3 + 7 * PAGE)
#define IMAGE_SLOTS		(3 * 512 + 102)

/* Table of access times: root, and a page for the slots from 0 to 1023. */
#define IMAGE_TIME_ROOT_PAGE	40
#define IMAGE_TIME_ROOT		(IMAGE_SEGMENT_9 + IMAGE_TIME_ROOT_PAGE * PAGE)
#define IMAGE_TIME_PAGE		41
#define IMAGE_TIMES		(IMAGE_SEGMENT_9 + IMAGE_TIME_PAGE * PAGE)
#define IMAGE_CLOCK		100000

/* A span of objects of pages that were written back. */
#define IMAGE_BACKED_PAGE	42
#define IMAGE_BACKED		9
#define IMAGE_BACKING_BLOCKS	16

/* Dictionaries of codecs 0 and 1, by location. */
#define IMAGE_DICT_0		LOCATION_9(400, 0)
#define IMAGE_DICT_0_LEN	ZRAM_PERSIST_DICT_DATA
#define IMAGE_DICT_1		LOCATION_9(401, 0)
#define IMAGE_DICT_1_LAST	LOCATION_6(10, 0)
#define IMAGE_DICT_1_LEN	5000

/* Entries of the first page of the segment table. */
#define IMAGE_ENTRY_9		0
#define IMAGE_ENTRY_3		5
#define IMAGE_ENTRY_6		253

/* Entries of the second. */
#define IMAGE_ENTRY_RAW		1
#define IMAGE_ENTRY_TABLE	2
#define IMAGE_ENTRY_SPAN	100
#define IMAGE_SEGMENTS		6
#define IMAGE_TABLE_PAGES	9

/*
 * A span with a layout that is known: two entries are unused, the payload of
 * entry 2 begins where that of entry 0 ends, and that of entry 3 ends the span.
 * Entry 5 has a hole of 103 granules before it and one of 23 behind.
 */
#define IMAGE_SPAN_PAGE		4
#define IMAGE_SPAN		(IMAGE_SEGMENT_9 + IMAGE_SPAN_PAGE * PAGE)
#define IMAGE_SPAN_ENTRIES	6
#define IMAGE_SPAN_USED		4
#define IMAGE_SPAN_START	100
#define IMAGE_SPAN_FREE		(4096 - 32 - 6 * 12 - 100 - 8 - 4 - 3000)

#define PLACE(len, start, codec) \
	((len) << 4 | (start) << ZRAM_PERSIST_PLACE_START_SHIFT | \
	 (u32)(codec) << ZRAM_PERSIST_PLACE_CODEC_SHIFT)
#define IMAGE_PLACE_0		PLACE(100, 120, 0)
#define IMAGE_PLACE_2		PLACE(8, 145, ZRAM_PERSIST_CODEC_SAME)
#define IMAGE_PLACE_3		PLACE(1, 1023, 1)
#define IMAGE_PLACE_5		PLACE(3000, 250, 0)

/* Slots that name its objects, and slots of raw pages, all in the first leaf. */
#define IMAGE_SLOT_0		0
#define IMAGE_SLOT_2		4
#define IMAGE_SLOT_3		5
#define IMAGE_SLOT_5		6
#define IMAGE_SLOT_RAW_9	8
#define IMAGE_SLOT_RAW_LONE	35
#define IMAGE_SLOT_RAW_6	17
#define IMAGE_RAW_PAGES		4
#define IMAGE_RAW_PAGE_9	3
#define IMAGE_RAW_PAGE_6	63

/**
 * struct cover - memory that a checksum covers
 * @start: first byte
 * @len: bytes
 * @crc: where the checksum is
 * @hole: bytes that are taken as zero, from the checksum on
 */
struct cover {
	u64 start;
	u64 len;
	u64 crc;
	u64 hole;
};

#define IMAGE_COVERS		32
#define IMAGE_OBJECTS		1024

/**
 * struct raw - a raw page
 * @location: location
 * @desc: its descriptor
 */
struct raw {
	u64 location;
	struct zram_persist_page *desc;
};

/**
 * struct image - the handover
 * @mem: the fake memory, IMAGE_SIZE bytes
 * @first: physical address below which there is no memory
 * @end: physical address from which on there is none
 * @hole: a page that is not there, or 0
 * @poison: let the address sanitizer find reads of memory that was not mapped
 * @covers: checksums, each after those that it covers
 * @nr_covers: entries of @covers in use
 * @objects: locations of objects in use
 * @nr_objects: entries of @objects in use
 * @raw: raw pages
 * @nr_raw: entries of @raw in use
 */
struct image {
	u8 *mem;
	u64 first;
	u64 end;
	u64 hole;
	bool poison;
	struct cover covers[IMAGE_COVERS];
	unsigned int nr_covers;
	u64 objects[IMAGE_OBJECTS];
	unsigned int nr_objects;
	struct raw raw[IMAGE_RAW_PAGES];
	unsigned int nr_raw;
};

/**
 * struct verdict - what image_check() found
 * @result: of the step that failed, or of the last one
 * @reason: empty for ZRAM_CHECK_OK
 * @where: as in &struct zram_check
 * @check: with counts of zram_check_contents()
 * @segments: as found by zram_check_envelope()
 */
struct verdict {
	enum zram_check_result result;
	const char *reason;
	u64 where;
	struct zram_check check;
	u64 segments[16];
};

void image_build(struct image *image);
void image_destroy(struct image *image);
void *image_at(const struct image *image, u64 phys);
struct zram_persist_page *image_desc(const struct image *image, u64 segment,
				     unsigned int page);
struct zram_persist_entry *image_entry(const struct image *image, u64 location);
void image_name(struct image *image, u64 location, u64 owner);
void image_name_raw(const struct image *image, const struct raw *raw,
		    u64 owner);
u64 image_slot(u64 location, enum zram_persist_slot_kind kind);
void image_reseal(const struct image *image, u64 phys, u64 len);
void image_reseal_all(const struct image *image);
const void *image_map(void *data, u64 phys, u64 len);
void image_check(struct image *image, struct verdict *verdict);
void image_check_at(struct image *image, u64 record, u64 size,
		    u64 max_segments, struct verdict *verdict);

#endif /* _UNIT_IMAGE_H */
