// SPDX-License-Identifier: GPL-2.0
/*
 * One field of the reference handover at a time gets another value, and all
 * checksums are made right again: what a faulty driver could have sealed.
 */
#include <string.h>
#include "image.h"
#include "tap.h"

#define OK		ZRAM_CHECK_OK
#define ENVELOPE	ZRAM_CHECK_ENVELOPE
#define UNKNOWN		ZRAM_CHECK_UNKNOWN
#define DAMAGED		ZRAM_CHECK_DAMAGED

/**
 * struct field - a place in memory
 * @at: physical address
 * @bytes: size
 */
struct field {
	u64 at;
	unsigned int bytes;
};

/**
 * struct poke - a change, and what becomes of it
 * @field: what to change
 * @value: new value
 * @result: expected
 * @reason: expected
 */
struct poke {
	struct field field;
	u64 value;
	enum zram_check_result result;
	const char *reason;
};

#define FIELD(base, type, field) { \
	(base) + offsetof(struct type, field), \
	sizeof(((struct type *)NULL)->field) }
#define RECORD(field)	FIELD(IMAGE_RECORD, zram_persist_record, field)
#define SUPER(field)	FIELD(IMAGE_SUPER, zram_persist_super, field)
#define SEGTAB_0(field)	FIELD(IMAGE_SEGTAB_0, zram_persist_segtab, field)
#define SEGTAB_1(field)	FIELD(IMAGE_SEGTAB_1, zram_persist_segtab, field)
#define HEADER(field)	FIELD(IMAGE_SEGMENT_9, zram_persist_segment, field)
#define DESC_9(n, field) \
	FIELD(IMAGE_SEGMENT_9 + 8 * (n), zram_persist_page, field)
/* Page 0 has the last descriptor. */
#define DESC_3(n, field) \
	FIELD(IMAGE_SEGMENT_3 + 8 * ((n) ? (n) : 8), zram_persist_page, field)
#define DESC_0(field)	FIELD(IMAGE_SEGMENT_0 + 8, zram_persist_page, field)
#define WORD(base, n)	{ (base) + 8 * (n), 8 }
#define ENTRY_9		entry[IMAGE_ENTRY_9]
#define ENTRY_3		entry[IMAGE_ENTRY_3]
#define ENTRY_0		entry[IMAGE_ENTRY_0]
#define ENTRY_RAW	entry[IMAGE_ENTRY_RAW]
#define ENTRY_TABLE	entry[IMAGE_ENTRY_TABLE]

static const struct poke envelope_pokes[] = {
	{ RECORD(magic), 1, ENVELOPE, "record has a wrong magic" },
	{ RECORD(version), 2, UNKNOWN, "record has an unknown version" },
	{ RECORD(size), 8192, ENVELOPE, "record has a wrong size" },
	{ RECORD(state), 0, ENVELOPE, "record has an unknown state" },
	{ RECORD(state), 2, OK, "" },
	{ RECORD(state), 3, ENVELOPE, "record has an unknown state" },
	{ RECORD(nr_devices), 0, OK, "" },
	{ RECORD(nr_devices), 2, ENVELOPE, "superblock has a wrong address" },
	{ RECORD(nr_devices), 505, ENVELOPE, "record has too many devices" },
	{ RECORD(nr_devices), ~0U, ENVELOPE, "record has too many devices" },
	{ RECORD(superblock[0]), 0, ENVELOPE,
	  "superblock has a wrong address" },
	{ RECORD(superblock[0]), IMAGE_SUPER + 16, ENVELOPE,
	  "superblock has a wrong address" },
	{ RECORD(superblock[0]), IMAGE_RECORD, ENVELOPE,
	  "superblock has a wrong address" },
	{ RECORD(superblock[0]), IMAGE_SEGTAB_0, ENVELOPE,
	  "superblock has a wrong magic" },
	{ RECORD(superblock[0]), IMAGE_BASE + IMAGE_SIZE, ENVELOPE,
	  "superblock is not in memory" },
	{ RECORD(superblock[0]), ~0ULL << 12, ENVELOPE,
	  "superblock is not in memory" },

	{ SUPER(magic), 1, ENVELOPE, "superblock has a wrong magic" },
	{ SUPER(size), 4095, ENVELOPE, "superblock has a wrong size" },
	{ SUPER(seal), 0, ENVELOPE, "superblock has an unknown seal" },
	{ SUPER(seal), 4, ENVELOPE, "superblock has an unknown seal" },
	{ SUPER(segtab), 0, ENVELOPE, "segment table lacks entries" },
	{ SUPER(segtab), IMAGE_SEGTAB_0 + 8, ENVELOPE,
	  "segment table is not in memory" },
	{ SUPER(segtab), 1ULL << 52, ENVELOPE,
	  "segment table is not in memory" },
	{ SUPER(segtab), IMAGE_SUPER, ENVELOPE,
	  "segment table has a wrong magic" },
	{ SUPER(segtab), IMAGE_SEGTAB_1, ENVELOPE,
	  "segment table is out of order" },
	{ SUPER(nr_segments), 4, ENVELOPE, "segment table has too many entries" },
	{ SUPER(nr_segments), 6, ENVELOPE, "device has too many segments" },
	{ SUPER(nr_segments), ~0ULL, ENVELOPE, "device has too many segments" },

	{ SEGTAB_0(magic), 1, ENVELOPE, "segment table has a wrong magic" },
	{ SEGTAB_0(next), 0, ENVELOPE, "segment table lacks entries" },
	{ SEGTAB_0(next), IMAGE_SEGTAB_0, ENVELOPE,
	  "segment table is out of order" },
	{ SEGTAB_1(next), IMAGE_SEGTAB_0, ENVELOPE,
	  "segment table is out of order" },
	{ SEGTAB_1(next), IMAGE_SEGTAB_1, ENVELOPE,
	  "segment table is out of order" },
	{ SEGTAB_1(next), 1, ENVELOPE, "segment table is not in memory" },
	{ SEGTAB_1(index), 2, ENVELOPE, "segment table is out of order" },
	{ SEGTAB_0(entry[100].location), IMAGE_LONE_RAW + PAGE, ENVELOPE,
	  "segment table has too many entries" },

	{ SEGTAB_0(ENTRY_9.location), 0, ENVELOPE,
	  "segment table lacks entries" },
	{ SEGTAB_0(ENTRY_9.location), IMAGE_SEGMENT_9 | 10, ENVELOPE,
	  "segment has a wrong order" },
	{ SEGTAB_0(ENTRY_9.location), IMAGE_SEGMENT_9 | 15, ENVELOPE,
	  "segment has a wrong order" },
	{ SEGTAB_0(ENTRY_9.location), (IMAGE_SEGMENT_9 + PAGE) | 9, ENVELOPE,
	  "segment is not aligned" },
	{ SEGTAB_0(ENTRY_9.location), IMAGE_SEGMENT_9 | 9 | 16, ENVELOPE,
	  "segment is not aligned" },
	{ SEGTAB_0(ENTRY_0.location), IMAGE_SEGMENT_0 | 0x800, ENVELOPE,
	  "segment is not aligned" },
	{ SEGTAB_0(ENTRY_9.location), 9, ENVELOPE,
	  "segment is not in memory" },
	{ SEGTAB_0(ENTRY_9.location), (IMAGE_BASE + IMAGE_SIZE) | 9, ENVELOPE,
	  "segment is not in memory" },
	{ SEGTAB_0(ENTRY_9.location), 0xffffffffffe00009, ENVELOPE,
	  "segment is not in memory" },
	{ SEGTAB_0(ENTRY_9.location), (1ULL << 52) | 9, ENVELOPE,
	  "segment is not in memory" },

	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_LONE_TABLE, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_SEGMENT_3 | 3, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_SEGMENT_3, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_SEGMENT_9 + 511 * PAGE, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_0(ENTRY_0.location), IMAGE_SEGMENT_0 | 4, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_0(ENTRY_0.location), IMAGE_RECORD, ENVELOPE,
	  "record lies in a segment" },
	{ SEGTAB_0(ENTRY_0.location), IMAGE_SUPER, ENVELOPE,
	  "superblock lies in a segment" },
	{ SEGTAB_0(ENTRY_0.location), IMAGE_SEGTAB_0, ENVELOPE,
	  "segment table lies in a segment" },
	{ SEGTAB_0(ENTRY_0.location), IMAGE_SEGTAB_1, ENVELOPE,
	  "segment table lies in a segment" },
	{ SEGTAB_0(ENTRY_0.location), IMAGE_SEGTAB_1 | 2, ENVELOPE,
	  "segment table lies in a segment" },
};

static const struct poke super_pokes[] = {
	{ SUPER(version), 0, UNKNOWN, "format has an unknown version" },
	{ SUPER(version), 2, UNKNOWN, "format has an unknown version" },
	{ SUPER(compat), 0x80000000, OK, "" },
	{ SUPER(ro_compat), 4, UNKNOWN, "unknown ro_compat features" },
	{ SUPER(incompat), 1, UNKNOWN, "unknown incompat features" },
	{ SUPER(byte_order), 0x04030201, UNKNOWN, "byte order differs" },
	{ SUPER(page_shift), 16, UNKNOWN, "page size differs" },
	{ SUPER(granule_shift), 5, UNKNOWN, "granule differs" },
	{ SUPER(max_order), 10, UNKNOWN, "segment order differs" },

	{ SUPER(seal), ZRAM_PERSIST_OPEN, DAMAGED, "device was not sealed" },
	{ SUPER(seal), ZRAM_PERSIST_SEAL_FAILED, DAMAGED,
	  "device was not sealed" },
	{ SUPER(index), 1 << 20, DAMAGED, "device has a wrong number" },
	{ SUPER(index), ~0U, DAMAGED, "device has a wrong number" },
	{ SUPER(slot_levels), 0, DAMAGED, "slot table has a wrong height" },
	{ SUPER(slot_levels), 1, DAMAGED, "slot table has a wrong height" },
	{ SUPER(slot_levels), 3, DAMAGED, "slot table has a wrong height" },
	{ SUPER(slot_levels), 255, DAMAGED, "slot table has a wrong height" },
	{ SUPER(disksize), 0, DAMAGED, "device has a wrong size" },
	{ SUPER(disksize), IMAGE_SLOTS * PAGE + 512, DAMAGED,
	  "device has a wrong size" },
	{ SUPER(disksize), (1ULL << 48) + PAGE, DAMAGED,
	  "device has a wrong size" },
	{ SUPER(disksize), ~0ULL << 12, DAMAGED, "device has a wrong size" },
	{ SUPER(disksize), 1ULL << 48, DAMAGED,
	  "slot table has a wrong height" },
	{ SUPER(disksize), 512 * PAGE, DAMAGED,
	  "slot table has a wrong height" },
	{ SUPER(disksize), 512 * 512 * PAGE, OK, "" },
	{ SUPER(disksize), (512 * 512 + 1) * PAGE, DAMAGED,
	  "slot table has a wrong height" },
	{ SUPER(disksize), 513 * PAGE, DAMAGED, "slot is beyond the device" },
	{ SUPER(disksize), 3 * 512 * PAGE, DAMAGED,
	  "slot table goes beyond the device" },
	{ SUPER(disksize), (IMAGE_SLOTS - 60) * PAGE, DAMAGED,
	  "slot is beyond the device" },
	{ SUPER(codec[0].name[0]), 0, DAMAGED, "device has no codec" },
	{ SUPER(codec[3].name[0]), 7, DAMAGED, "codec has a wrong name" },
	{ SUPER(codec[1].name[2]), 0x7f, DAMAGED, "codec has a wrong name" },
	{ SUPER(name[3]), '\n', DAMAGED, "device has a wrong name" },
	{ SUPER(name[0]), 0, OK, "" },

	{ SUPER(slot_root), 0, DAMAGED, "slot table pages are lost or shared" },
	{ SUPER(slot_root), IMAGE_ROOT, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_ROOT | 15, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), (IMAGE_ROOT + 16) | 9, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), (IMAGE_ROOT + 0x800) | 9, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), ~0ULL, DAMAGED, "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_LEAF_0 | 9, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_LONE_TABLE, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_SEGMENT_9 | 9, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_BASE | 9, DAMAGED,
	  "slot table page is not one" },

	{ SUPER(pages_stored), 1, DAMAGED, "count of pages is wrong" },
	{ SUPER(raw_pages), 1, DAMAGED, "count of raw pages is wrong" },
	{ SUPER(same_pages), 1, DAMAGED, "count of same pages is wrong" },
	{ SUPER(same_pages), 5000, DAMAGED, "count of same pages is wrong" },
};

static const struct poke segment_pokes[] = {
	{ SEGTAB_0(ENTRY_9.page.kind), ZRAM_PERSIST_RAW, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_0(ENTRY_9.page.kind), ZRAM_PERSIST_TABLE, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_0(ENTRY_9.page.kind), 0xf5, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_0(ENTRY_9.page.arg), 1, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_0(ENTRY_9.page.count), 1, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_0(ENTRY_9.location), IMAGE_SEGMENT_9 | 8, DAMAGED,
	  "segment has a wrong checksum" },
	{ SEGTAB_0(ENTRY_0.page.kind), ZRAM_PERSIST_RAW, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_RAW.page.kind), ZRAM_PERSIST_FREE, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_RAW.page.kind), ZRAM_PERSIST_HEADED, DAMAGED,
	  "segment has a wrong checksum" },
	{ SEGTAB_1(ENTRY_RAW.page.arg), 1, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_RAW.page.count), 1, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_RAW.page.crc), 1, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_TABLE.page.kind), ZRAM_PERSIST_SPAN, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_TABLE.page.arg), 1, DAMAGED,
	  "slot table page is not one" },
	{ SEGTAB_1(ENTRY_TABLE.page.arg), 2, DAMAGED,
	  "slot table page has a wrong level" },
	{ SEGTAB_1(ENTRY_TABLE.page.arg), 16, DAMAGED,
	  "slot table page has a wrong level" },
	{ SEGTAB_1(ENTRY_TABLE.page.count), 1, DAMAGED,
	  "slot table page has a wrong level" },

	{ HEADER(magic), 1, DAMAGED, "segment has a wrong magic" },
	{ HEADER(order), 8, DAMAGED, "segment has a wrong header" },
	{ HEADER(order), 200, DAMAGED, "segment has a wrong header" },
	{ HEADER(reserved[0]), 1, DAMAGED, "segment has a wrong header" },
	{ HEADER(reserved[1]), 1, DAMAGED, "segment has a wrong header" },
	{ HEADER(reserved[2]), 1, DAMAGED, "segment has a wrong header" },

	{ DESC_9(1, kind), ZRAM_PERSIST_FREE, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_9(1, kind), ZRAM_PERSIST_RAW, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_9(1, arg), 0, DAMAGED, "slot table page is not one" },
	{ DESC_9(1, arg), 2, DAMAGED, "slot table page has a wrong level" },
	{ DESC_9(2, count), 1, DAMAGED, "slot table page has a wrong level" },
	{ DESC_9(3, kind), ZRAM_PERSIST_FREE, DAMAGED,
	  "raw pages are shared" },
	{ DESC_9(3, kind), ZRAM_PERSIST_HEADED, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_9(3, kind), 0x13, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(3, arg), 1, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(3, count), 1, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(3, crc), 1, DAMAGED, "page has a wrong descriptor" },
	/* Its descriptor was damaged when it was freed: it stays taken. */
	{ DESC_9(100, kind), ZRAM_PERSIST_RAW, OK, "" },
	{ DESC_9(100, kind), 0x10, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(100, kind), ZRAM_PERSIST_SPAN_TAIL, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_9(100, kind), ZRAM_PERSIST_SPAN, DAMAGED,
	  "span has a wrong object size" },
	{ DESC_9(100, arg), 1, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(100, count), 1, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(100, crc), 1, DAMAGED, "page has a wrong descriptor" },

	{ DESC_9(4, arg), 0, DAMAGED, "span has a wrong object size" },
	{ DESC_9(4, arg), 1, DAMAGED, "span has a wrong object size" },
	{ DESC_9(4, arg), 254, DAMAGED, "span has a wrong object size" },
	{ DESC_9(4, arg), 3, DAMAGED, "span has objects beyond its end" },
	{ DESC_9(10, arg), 252, DAMAGED, "slot is wrong" },
	{ DESC_9(4, count), 0, DAMAGED, "span has a wrong count" },
	{ DESC_9(4, count), 1, DAMAGED, "span has a wrong count" },
	{ DESC_9(4, count), 127, DAMAGED, "span has a wrong count" },
	{ DESC_9(4, kind), 0x11, DAMAGED, "span is not whole" },
	{ DESC_9(5, kind), 0x11, DAMAGED, "span has a wrong checksum" },
	{ DESC_9(510, kind), 0x21, DAMAGED, "span ends beyond its segment" },
	{ DESC_9(510, kind), 0xf1, DAMAGED, "span ends beyond its segment" },
	{ DESC_9(510, kind), 0x01, DAMAGED, "span has objects beyond its end" },
	{ DESC_9(511, kind), 0x12, DAMAGED, "span is not whole" },
	{ DESC_9(511, arg), 2, DAMAGED, "span is not whole" },
	{ DESC_9(511, count), 1, DAMAGED, "span is not whole" },
	{ DESC_9(511, crc), 1, DAMAGED, "span is not whole" },

	{ DESC_3(0, kind), ZRAM_PERSIST_RAW, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_3(0, kind), ZRAM_PERSIST_TABLE, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_3(0, kind), ZRAM_PERSIST_SPAN_TAIL, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_3(0, arg), 253, DAMAGED, "span has no objects" },
	{ DESC_3(2, kind), 0x71, DAMAGED, "span ends beyond its segment" },
	{ DESC_0(kind), 0x11, DAMAGED, "span ends beyond its segment" },
	{ DESC_0(arg), 2, DAMAGED, "span has a wrong checksum" },
	/* The one object of the span lies where it lay. */
	{ DESC_0(arg), 252, OK, "" },

	{ WORD(IMAGE_SPAN + 16, 0), 0, DAMAGED, "span has a wrong count" },
	{ WORD(IMAGE_SPAN + 16, 1), 1ULL << 62, DAMAGED,
	  "span has a wrong count" },
	{ WORD(IMAGE_SPAN + 16, 1), 1ULL << 63, DAMAGED,
	  "span has objects beyond its end" },
	{ WORD(IMAGE_SPAN, 0), 1, OK, "" },
	{ WORD(IMAGE_SPAN, 1), ~0ULL, OK, "" },
};

/* A slot for an object at byte @at of the order 9 segment. */
#define SLOT(at, kind) \
	(((IMAGE_SEGMENT_9 + (at)) >> 4) << 16 | 9ULL << 12 | (kind))
#define OBJECT		ZRAM_PERSIST_SLOT_OBJECT

/* Slots 0, 1, 2 and 3 hold an object, SAME, REPEAT and nothing. */
static const struct poke slot_pokes[] = {
	{ WORD(IMAGE_LEAF_0, 0), 0, DAMAGED, "objects are lost or shared" },
	{ WORD(IMAGE_LEAF_0, 0), ZRAM_PERSIST_SLOT_SAME, DAMAGED,
	  "objects are lost or shared" },
	{ WORD(IMAGE_LEAF_0, 0), 5, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), 15, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), OBJECT, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), ~0ULL, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), ~0xfffULL | OBJECT, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 1), 0xfedcba9876540011, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 1), 0xfedcba9876541001, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 1), 1, OK, "" },
	{ WORD(IMAGE_LEAF_0, 1), 0, DAMAGED, "count of pages is wrong" },
	{ WORD(IMAGE_LEAF_0, 2), 0xdeadbeef8002, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 2), 0x1deadbeef0002, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 2), 0xffffffff0002, OK, "" },
	{ WORD(IMAGE_LEAF_0, 3), ZRAM_PERSIST_SLOT_SAME, DAMAGED,
	  "count of pages is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), 0x10000, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), 0x10, DAMAGED, "slot is wrong" },

	/* In the header, a table, a raw page, a free page, and behind all. */
	{ WORD(IMAGE_LEAF_0, 3), SLOT(0, OBJECT), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4080, OBJECT), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4096, OBJECT), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(3 * 4096, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(300 * 4096, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(0x200000, OBJECT), DAMAGED,
	  "slot is wrong" },
	/* Span header, bitmap, first object, within it, free, and the tail. */
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4 * 4096, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4 * 4096 + 16, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4 * 4096 + 32, OBJECT), DAMAGED,
	  "objects are lost or shared" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4 * 4096 + 48, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4 * 4096 + 32 + 3 * 32, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4 * 4096 + 32 + 127 * 32, OBJECT),
	  DAMAGED, "slot is wrong" },
	/* Where the tail of a span has no room for another object. */
	{ WORD(IMAGE_LEAF_0, 3), SLOT(510 * 4096 + 32 + 15 * 512, OBJECT),
	  DAMAGED, "slot is wrong" },
	/* In place of another object: the counts are right. */
	{ WORD(IMAGE_LEAF_0, 0), SLOT(4 * 4096 + 32, OBJECT), DAMAGED,
	  "objects are lost or shared" },
	/* The right place, and the order of another segment. */
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4 * 4096 + 32, OBJECT) ^ 1 << 12, DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(4 * 4096 + 32, OBJECT) | 15 << 12,
	  DAMAGED, "slot is wrong" },
	/* An object in a page that is a segment of its own. */
	{ WORD(IMAGE_LEAF_0, 3), IMAGE_LONE_RAW << 12 | OBJECT, DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), IMAGE_LONE_TABLE << 12 | OBJECT, DAMAGED,
	  "slot is wrong" },
	/* One raw page more than there are. */
	{ WORD(IMAGE_LEAF_0, 0), SLOT(4 * 4096 + 32, ZRAM_PERSIST_SLOT_RAW),
	  DAMAGED, "objects are lost or shared" },
	{ WORD(IMAGE_LEAF_3, 100), 1, DAMAGED, "slot is beyond the device" },
	{ WORD(IMAGE_LEAF_3, 511), 1, DAMAGED, "slot is beyond the device" },

	{ WORD(IMAGE_ROOT, 0), 0, DAMAGED,
	  "slot table pages are lost or shared" },
	{ WORD(IMAGE_ROOT, 0), IMAGE_LEAF_1, DAMAGED,
	  "slot table pages are lost or shared" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_LEAF_1, DAMAGED,
	  "slot table pages are shared" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_ROOT | 9, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_SPAN | 9, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_LONE_RAW, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_SEGMENT_0, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 2), 1, DAMAGED, "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 4), IMAGE_LEAF_1, DAMAGED,
	  "slot table goes beyond the device" },
	{ WORD(IMAGE_ROOT, 511), 1, DAMAGED,
	  "slot table goes beyond the device" },
};

static bool run_poke(struct image *image, const struct poke *poke)
{
	u8 *at = image_at(image, poke->field.at);
	struct verdict verdict;
	u8 kept[8];
	bool good;

	memcpy(kept, at, poke->field.bytes);
	memcpy(at, &poke->value, poke->field.bytes);
	image_reseal(image, poke->field.at, poke->field.bytes);
	image_check(image, &verdict);
	memcpy(at, kept, poke->field.bytes);
	image_reseal(image, poke->field.at, poke->field.bytes);

	good = verdict.result == poke->result &&
	       !strcmp(verdict.reason, poke->reason);
	if (!good)
		tap_note("%#llx := %#llx: %d \"%s\" instead of %d \"%s\"",
			 poke->field.at, poke->value, verdict.result, verdict.reason,
			 poke->result, poke->reason);
	return good;
}

static void run_pokes(struct image *image, const struct poke *pokes, size_t n,
		      const char *name)
{
	struct verdict verdict;
	bool good = true;
	size_t i;

	for (i = 0; i < n; i++)
		good &= run_poke(image, &pokes[i]);
	tap_note("%zu changes", n);
	image_check(image, &verdict);
	tap_ok(good && !verdict.result, name);
}

#define RUN(image, pokes, name) \
	run_pokes(image, pokes, sizeof(pokes) / sizeof(*(pokes)), name)

int main(void)
{
	struct image image;

	image_build(&image);
	image.poison = true;
	RUN(&image, envelope_pokes, "a wrong value in the envelope");
	RUN(&image, super_pokes, "a wrong value in the superblock");
	RUN(&image, segment_pokes, "a wrong value in a segment");
	RUN(&image, slot_pokes, "a wrong value in the slot table");
	image_destroy(&image);
	return tap_done();
}
