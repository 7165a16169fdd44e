/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A handover in fake physical memory.
 *
 * There is one device, with everything that the format allows in it: segments
 * with a header, of order 9, 3 and 0, and without; spans of one page to
 * sixteen; a segment table of two pages; a slot table of two levels with a
 * hole; slots of every kind.
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
#define IMAGE_SEGMENT_0		(IMAGE_BASE + 16 * PAGE)
#define IMAGE_LONE_RAW		(IMAGE_BASE + 17 * PAGE)
#define IMAGE_LONE_TABLE	(IMAGE_BASE + 18 * PAGE)
#define IMAGE_SEGMENT_9		(IMAGE_BASE + 0x200000)

/* Slot table: root, and pages for the slots from 0, 512 and 1536 on. */
#define IMAGE_ROOT		(IMAGE_SEGMENT_9 + 1 * PAGE)
#define IMAGE_LEAF_0		(IMAGE_SEGMENT_9 + 2 * PAGE)
#define IMAGE_LEAF_1		IMAGE_LONE_TABLE
#define IMAGE_LEAF_3		(IMAGE_SEGMENT_3 + 7 * PAGE)
#define IMAGE_SLOTS		(3 * 512 + 100)

/* Entries of the first page of the segment table. */
#define IMAGE_ENTRY_9		0
#define IMAGE_ENTRY_3		5
#define IMAGE_ENTRY_0		253

/* Entries of the second. */
#define IMAGE_ENTRY_RAW		1
#define IMAGE_ENTRY_TABLE	2
#define IMAGE_SEGMENTS		5

/* A span, and an object of the order 9 segment. */
#define IMAGE_SPAN_PAGE		4
#define IMAGE_SPAN		(IMAGE_SEGMENT_9 + IMAGE_SPAN_PAGE * PAGE)

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
 * struct image - the handover
 * @mem: the fake memory, IMAGE_SIZE bytes
 * @first: physical address below which there is no memory
 * @end: physical address from which on there is none
 * @poison: let the address sanitizer find reads of memory that was not mapped
 * @covers: checksums, each after those that it covers
 * @nr_covers: entries of @covers in use
 * @objects: locations of objects in use
 * @nr_objects: entries of @objects in use
 */
struct image {
	u8 *mem;
	u64 first;
	u64 end;
	bool poison;
	struct cover covers[IMAGE_COVERS];
	unsigned int nr_covers;
	u64 objects[IMAGE_OBJECTS];
	unsigned int nr_objects;
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
void image_reseal(const struct image *image, u64 phys, u64 len);
void image_reseal_all(const struct image *image);
const void *image_map(void *data, u64 phys, u64 len);
void image_check(struct image *image, struct verdict *verdict);
void image_check_at(struct image *image, u64 record, u64 size,
		    u64 max_segments, struct verdict *verdict);

#endif /* _UNIT_IMAGE_H */
