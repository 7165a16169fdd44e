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
#define DESC_6(n, field) \
	FIELD(IMAGE_SEGMENT_6 + 8 * (n), zram_persist_page, field)
#define DESC_3(n, field) \
	FIELD(IMAGE_SEGMENT_3 + 8 * (n), zram_persist_page, field)
#define SPAN(field)	FIELD(IMAGE_SPAN, zram_persist_span, field)
#define LONE_SPAN(field) FIELD(IMAGE_LONE_SPAN, zram_persist_span, field)
/* A span of seven pages, so that its directory is limited by its entries. */
#define LONG_SPAN(field) \
	FIELD(IMAGE_SEGMENT_9 + 10 * PAGE, zram_persist_span, field)
#define WORD(base, n)	{ (base) + 8 * (n), 8 }
#define ENTRY_9		entry[IMAGE_ENTRY_9]
#define ENTRY_3		entry[IMAGE_ENTRY_3]
#define ENTRY_6		entry[IMAGE_ENTRY_6]
#define ENTRY_RAW	entry[IMAGE_ENTRY_RAW]
#define ENTRY_TABLE	entry[IMAGE_ENTRY_TABLE]
#define ENTRY_SPAN	entry[IMAGE_ENTRY_SPAN]

static const struct poke envelope_pokes[] = {
	{ RECORD(magic), 1, ENVELOPE, "record has a wrong magic" },
	{ RECORD(magic), __builtin_bswap64(ZRAM_PERSIST_RECORD_MAGIC), UNKNOWN,
	  "record has the other byte order" },
	{ RECORD(version), 0, UNKNOWN, "record has an unknown version" },
	{ RECORD(version), 2, UNKNOWN, "record has an unknown version" },
	{ RECORD(size), 8192, ENVELOPE, "record has a wrong size" },
	{ RECORD(state), 0, ENVELOPE, "record has an unknown state" },
	{ RECORD(state), 2, OK, "" },
	{ RECORD(state), 4, OK, "" },
	{ RECORD(state), 3, ENVELOPE, "record has an unknown state" },
	{ RECORD(nr_devices), 0, OK, "" },
	{ RECORD(nr_devices), 2, ENVELOPE, "superblock has a wrong address" },
	{ RECORD(outgoing), IMAGE_SUPER, ENVELOPE,
	  "record names another record" },
	{ RECORD(nr_devices), 253, ENVELOPE, "record has too many devices" },
	{ RECORD(nr_devices), ~0U, ENVELOPE, "record has too many devices" },
	{ RECORD(device[0].superblock), 0, ENVELOPE,
	  "superblock has a wrong address" },
	{ RECORD(device[0].superblock), IMAGE_SUPER + 16, ENVELOPE,
	  "superblock has a wrong address" },
	{ RECORD(device[0].superblock), IMAGE_RECORD, ENVELOPE,
	  "superblock has a wrong address" },
	{ RECORD(device[0].superblock), IMAGE_SEGTAB_0, ENVELOPE,
	  "superblock has a wrong magic" },
	{ RECORD(device[0].superblock), IMAGE_BASE + IMAGE_SIZE, ENVELOPE,
	  "superblock is not in memory" },
	{ RECORD(device[0].superblock), ~0ULL << 12, ENVELOPE,
	  "superblock is not in memory" },

	{ SUPER(magic), 1, ENVELOPE, "superblock has a wrong magic" },
	{ SUPER(magic), __builtin_bswap64(ZRAM_PERSIST_SUPER_MAGIC), ENVELOPE,
	  "superblock has a wrong magic" },
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
	{ SUPER(nr_segments), 5, ENVELOPE, "segment table has too many entries" },
	{ SUPER(nr_segments), 7, ENVELOPE, "device has too many segments" },
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
	/* Any bit between the order and the alignment. */
	{ SEGTAB_0(ENTRY_9.location), (IMAGE_SEGMENT_9 + PAGE) | 3, ENVELOPE,
	  "segment is not aligned" },
	{ SEGTAB_0(ENTRY_6.location), (IMAGE_SEGMENT_6 + 32 * PAGE) | 2,
	  ENVELOPE, "segment is not aligned" },
	{ SEGTAB_0(ENTRY_9.location), IMAGE_SEGMENT_9 | 3 | 4, ENVELOPE,
	  "segment is not aligned" },
	{ SEGTAB_0(ENTRY_9.location), IMAGE_SEGMENT_9 | 9, ENVELOPE,
	  "segment is not aligned" },
	{ SEGTAB_1(ENTRY_SPAN.location), IMAGE_LONE_SPAN | 4, ENVELOPE,
	  "segment is not aligned" },
	{ SEGTAB_1(ENTRY_SPAN.location), IMAGE_LONE_SPAN | 0x800, ENVELOPE,
	  "segment is not aligned" },
	{ SEGTAB_0(ENTRY_9.location), 3, ENVELOPE,
	  "segment is not in memory" },
	{ SEGTAB_0(ENTRY_9.location), (IMAGE_BASE + IMAGE_SIZE) | 3, ENVELOPE,
	  "segment is not in memory" },
	{ SEGTAB_0(ENTRY_9.location), 0xffffffffffe00003, ENVELOPE,
	  "segment is not in memory" },
	{ SEGTAB_0(ENTRY_9.location), (1ULL << 52) | 3, ENVELOPE,
	  "segment is not in memory" },

	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_LONE_TABLE, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_SEGMENT_3 | 1, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_SEGMENT_3, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_SEGMENT_9 + 511 * PAGE, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_1(ENTRY_RAW.location), (IMAGE_BASE + 16 * PAGE) | 1, ENVELOPE,
	  "segments overlap" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_RECORD, ENVELOPE,
	  "record lies in a segment" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_SUPER, ENVELOPE,
	  "superblock lies in a segment" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_SEGTAB_0, ENVELOPE,
	  "segment table lies in a segment" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_SEGTAB_1, ENVELOPE,
	  "segment table lies in a segment" },
	{ SEGTAB_0(ENTRY_3.location), IMAGE_BASE | 1, ENVELOPE,
	  "record lies in a segment" },
};

static const struct poke super_pokes[] = {
	{ SUPER(version), 0, UNKNOWN, "format has an unknown version" },
	{ SUPER(version), 2, UNKNOWN, "format has an unknown version" },
	{ SUPER(compat), 0x80000000, OK, "" },
	{ SUPER(ro_compat), 4, UNKNOWN, "unknown ro_compat features" },
	{ SUPER(incompat), ZRAM_PERSIST_INCOMPAT_BAD, OK, "" },
	{ SUPER(incompat), 2, UNKNOWN, "unknown incompat features" },
	{ SUPER(byte_order), 0x04030201, UNKNOWN, "byte order differs" },
	{ SUPER(byte_order), 0, UNKNOWN, "byte order differs" },
	{ SUPER(page_shift), 16, UNKNOWN, "page size differs" },
	{ SUPER(page_shift), 0, UNKNOWN, "page size differs" },
	{ SUPER(granule_shift), 4, UNKNOWN, "granule differs" },
	{ SUPER(granule_shift), 0, UNKNOWN, "granule differs" },
	{ SUPER(max_order), 10, UNKNOWN, "segment order differs" },
	{ SUPER(max_order), 0, UNKNOWN, "segment order differs" },

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
	{ SUPER(clock), 1ULL << 32, DAMAGED, "device has a wrong clock" },
	{ SUPER(clock), ~0ULL, DAMAGED, "device has a wrong clock" },
	{ SUPER(clock), ~0U, OK, "" },
	{ SUPER(clock), IMAGE_CLOCK - 1, DAMAGED,
	  "access time is in the future" },
	{ SUPER(time_root), 0, DAMAGED,
	  "slot table pages are lost or shared" },
	{ SUPER(time_root), LOCATION_9(IMAGE_ROOT_PAGE, 0), DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), LOCATION_9(IMAGE_TIME_ROOT_PAGE, 0), DAMAGED,
	  "slot table page is not one" },
	{ SUPER(backing_blocks), 0, DAMAGED,
	  "backing device has a wrong identity" },
	{ SUPER(backing_blocks), IMAGE_BACKED, DAMAGED,
	  "more pages are written back than fit" },
	{ SUPER(backing_blocks), IMAGE_BACKED + 1, OK, "" },
	{ SUPER(backed_pages), IMAGE_BACKED - 1, DAMAGED,
	  "count of written-back pages is wrong" },
	{ SUPER(backed_pages), 0, DAMAGED,
	  "count of written-back pages is wrong" },
	{ SUPER(backed_pages), ~0ULL, DAMAGED,
	  "more pages are written back than fit" },
	{ SUPER(writeback_flags), 7, OK, "" },
	{ SUPER(writeback_flags), 8, DAMAGED, "unknown flags of writeback" },
	/* Owners of objects are bounded by the size, too. */
	{ SUPER(disksize), 1025 * PAGE, DAMAGED, "object has a wrong owner" },
	{ SUPER(disksize), 3 * 512 * PAGE, DAMAGED,
	  "object has a wrong owner" },
	{ SUPER(disksize), (IMAGE_SLOTS - 1) * PAGE, DAMAGED,
	  "slot is beyond the device" },
	{ SUPER(codec[0].name[0]), 0, DAMAGED, "dictionary has no codec" },
	{ SUPER(codec[1].name[0]), 0, DAMAGED, "dictionary has no codec" },
	{ SUPER(codec[2].name[0]), 'x', OK, "" },
	{ SUPER(codec[3].name[0]), 7, DAMAGED, "codec has a wrong name" },
	{ SUPER(codec[1].name[2]), 0x7f, DAMAGED, "codec has a wrong name" },
	{ SUPER(name[3]), '\n', DAMAGED, "device has a wrong name" },
	{ SUPER(name[3]), '/', DAMAGED, "device has a wrong name" },
	{ SUPER(name[3]), ' ', DAMAGED, "device has a wrong name" },
	{ SUPER(name[3]), ':', DAMAGED, "device has a wrong name" },
	{ SUPER(name[3]), '@', DAMAGED, "device has a wrong name" },
	{ SUPER(name[3]), '[', DAMAGED, "device has a wrong name" },
	{ SUPER(name[3]), '`', DAMAGED, "device has a wrong name" },
	{ SUPER(name[3]), '{', DAMAGED, "device has a wrong name" },
	{ SUPER(name[3]), 0xe1, DAMAGED, "device has a wrong name" },
	{ SUPER(name[0]), '.', DAMAGED, "device has a wrong name" },
	{ SUPER(name[0]), '-', DAMAGED, "device has a wrong name" },
	{ SUPER(name[0]), '_', OK, "" },
	{ SUPER(name[0]), 'A', OK, "" },
	{ SUPER(name[0]), 'Z', OK, "" },
	{ SUPER(name[0]), 'a', OK, "" },
	{ SUPER(name[0]), 'z', OK, "" },
	{ SUPER(name[0]), '0', OK, "" },
	{ SUPER(name[0]), '9', OK, "" },
	{ SUPER(name[1]), '.', OK, "" },
	{ SUPER(name[1]), '-', OK, "" },
	{ SUPER(name[0]), 0, OK, "" },
	{ SUPER(mem_limit), ~0ULL / PAGE, OK, "" },
	{ SUPER(mem_limit), ~0ULL / PAGE + 1, DAMAGED,
	  "device has a wrong limit" },
	{ SUPER(mem_reserve), ~0ULL / PAGE, OK, "" },
	{ SUPER(mem_reserve), ~0ULL, DAMAGED, "device has a wrong limit" },
	{ SUPER(hops), ~0U, OK, "" },
	{ SUPER(seal_ns), ~0ULL, OK, "" },
	{ SUPER(wall_clock), 1ULL << 63, OK, "" },
	{ SUPER(writeback_limit), ~0ULL, OK, "" },
	{ SUPER(writeback_batch), ~0U, OK, "" },

	{ SUPER(slot_root), 0, DAMAGED, "slot table pages are lost or shared" },
	{ SUPER(slot_root), IMAGE_ROOT, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_ROOT | 2, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_ROOT | 9, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), LOCATION_9(IMAGE_ROOT_PAGE, 1), DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), (IMAGE_ROOT + 0x800) | 3, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), ~0ULL, DAMAGED, "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_LEAF_0 | 3, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_LONE_TABLE, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_SEGMENT_9 | 3, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), IMAGE_BASE | 3, DAMAGED,
	  "slot table page is not one" },
	{ SUPER(slot_root), 1, DAMAGED, "slot table page is not one" },

	{ SUPER(pages_stored), 1, DAMAGED, "count of pages is wrong" },
	{ SUPER(raw_pages), 1, DAMAGED, "count of raw pages is wrong" },
	{ SUPER(raw_pages), IMAGE_RAW_PAGES + 1, DAMAGED,
	  "count of raw pages is wrong" },
	{ SUPER(same_pages), 1, DAMAGED, "count of same pages is wrong" },
	{ SUPER(same_pages), 5000, DAMAGED, "count of same pages is wrong" },
	{ SUPER(compr_bytes), 0, DAMAGED, "count of compressed bytes is wrong" },
	{ SUPER(compr_bytes), ~0ULL, DAMAGED,
	  "count of compressed bytes is wrong" },
};

static const struct poke segment_pokes[] = {
	{ SEGTAB_0(ENTRY_9.page.kind), ZRAM_PERSIST_FREE, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_0(ENTRY_9.page.kind), ZRAM_PERSIST_SPAN, DAMAGED,
	  "segment has a wrong descriptor" },
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
	{ SEGTAB_0(ENTRY_9.location), IMAGE_SEGMENT_9 | 2, DAMAGED,
	  "segment has a wrong checksum" },
	{ SEGTAB_0(ENTRY_9.location), IMAGE_SEGMENT_9, DAMAGED,
	  "segment has a wrong descriptor" },

	{ SEGTAB_1(ENTRY_RAW.page.kind), ZRAM_PERSIST_FREE, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_RAW.page.kind), ZRAM_PERSIST_HEADED, DAMAGED,
	  "segment has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_RAW.page.kind), ZRAM_PERSIST_SPAN_TAIL, DAMAGED,
	  "page has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_RAW.page.kind), 15, DAMAGED,
	  "page has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_RAW.page.kind), ZRAM_PERSIST_TABLE, DAMAGED,
	  "slot table page has a wrong level" },
	/* The owner of a lone page is found wrong by the sum. */
	{ SEGTAB_1(ENTRY_RAW.page.kind), 0x13, DAMAGED,
	  "raw pages are lost or shared" },
	{ SEGTAB_1(ENTRY_RAW.page.arg), 1, DAMAGED,
	  "raw pages are lost or shared" },
	{ SEGTAB_1(ENTRY_RAW.page.count), 1, DAMAGED,
	  "raw pages are lost or shared" },
	{ SEGTAB_1(ENTRY_RAW.page.crc), 1, OK, "" },
	{ SEGTAB_1(ENTRY_RAW.location), IMAGE_LONE_RAW + PAGE, DAMAGED,
	  "slot is wrong" },

	{ SEGTAB_1(ENTRY_TABLE.page.kind), ZRAM_PERSIST_SPAN, DAMAGED,
	  "span has a wrong checksum" },
	{ SEGTAB_1(ENTRY_TABLE.page.kind), ZRAM_PERSIST_RAW, DAMAGED,
	  "slot table page is not one" },
	{ SEGTAB_1(ENTRY_TABLE.page.kind), 0x14, DAMAGED,
	  "page has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_TABLE.page.arg), 1, DAMAGED,
	  "slot table page is not one" },
	{ SEGTAB_1(ENTRY_TABLE.page.arg), 2, DAMAGED,
	  "slot table page has a wrong level" },
	{ SEGTAB_1(ENTRY_TABLE.page.arg), 16, DAMAGED,
	  "slot table page has a wrong level" },
	{ SEGTAB_1(ENTRY_TABLE.page.count), 1, DAMAGED,
	  "slot table page has a wrong level" },

	{ SEGTAB_1(ENTRY_SPAN.page.kind), ZRAM_PERSIST_RAW, DAMAGED,
	  "slot is wrong" },
	{ SEGTAB_1(ENTRY_SPAN.page.kind), 0x11, DAMAGED,
	  "span ends beyond its segment" },
	{ SEGTAB_1(ENTRY_SPAN.page.kind), 0x71, DAMAGED, "span is too long" },
	{ SEGTAB_1(ENTRY_SPAN.page.arg), 1, DAMAGED,
	  "span has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_SPAN.page.count), 1, DAMAGED,
	  "span has a wrong descriptor" },
	{ SEGTAB_1(ENTRY_SPAN.page.crc), 1, DAMAGED,
	  "span has a wrong checksum" },
	{ SEGTAB_1(ENTRY_SPAN.location), IMAGE_LONE_SPAN + PAGE, DAMAGED,
	  "span has a wrong directory" },

	{ HEADER(magic), 1, DAMAGED, "segment has a wrong magic" },
	{ HEADER(order), 8, DAMAGED, "segment has a wrong header" },
	{ HEADER(order), 3, DAMAGED, "segment has a wrong header" },
	{ HEADER(order), 200, DAMAGED, "segment has a wrong header" },
	{ HEADER(reserved[0]), 1, DAMAGED, "segment has a wrong header" },
	{ HEADER(reserved[1]), 1, DAMAGED, "segment has a wrong header" },
	{ HEADER(reserved[2]), 1, DAMAGED, "segment has a wrong header" },
};

static const struct poke page_pokes[] = {
	{ DESC_9(1, kind), ZRAM_PERSIST_FREE, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_9(1, kind), ZRAM_PERSIST_RAW, DAMAGED,
	  "slot table page is not one" },
	{ DESC_9(1, arg), 0, DAMAGED, "slot table page is not one" },
	{ DESC_9(1, arg), 2, DAMAGED, "slot table page has a wrong level" },
	{ DESC_9(1, arg), 7, DAMAGED, "slot table page has a wrong level" },
	{ DESC_9(1, arg), ZRAM_PERSIST_TABLE_TIMES + 1, DAMAGED,
	  "slot table page is not one" },
	{ DESC_9(IMAGE_TIME_PAGE, arg), 0, DAMAGED,
	  "slot table page is not one" },
	{ DESC_9(IMAGE_TIME_PAGE, arg), ZRAM_PERSIST_TABLE_TIMES + 1, DAMAGED,
	  "slot table page is not one" },
	{ DESC_9(IMAGE_TIME_PAGE, arg), ZRAM_PERSIST_TABLE_TIMES + 2, DAMAGED,
	  "slot table page has a wrong level" },
	{ DESC_9(IMAGE_TIME_PAGE, arg), 255, DAMAGED,
	  "slot table page has a wrong level" },
	{ DESC_9(2, kind), 0x14, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(2, count), 1, DAMAGED, "slot table page has a wrong level" },
	{ DESC_9(3, kind), ZRAM_PERSIST_HEADED, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_9(3, kind), 0x13, DAMAGED, "slot is wrong" },
	{ DESC_9(3, arg), 1, DAMAGED, "slot is wrong" },
	{ DESC_9(3, count), IMAGE_SLOT_RAW_9 + 1, DAMAGED, "slot is wrong" },
	{ DESC_9(3, crc), 1, OK, "" },
	{ DESC_6(63, kind), ZRAM_PERSIST_FREE, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_6(63, count), 0, DAMAGED, "slot is wrong" },
	{ DESC_9(100, kind), ZRAM_PERSIST_RAW, DAMAGED,
	  "raw pages are lost or shared" },
	{ DESC_9(100, kind), 0x10, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(100, kind), ZRAM_PERSIST_SPAN_TAIL, DAMAGED,
	  "page has a wrong descriptor" },
	{ DESC_9(100, kind), ZRAM_PERSIST_SPAN, DAMAGED,
	  "span has a wrong directory" },
	{ DESC_9(100, arg), 1, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(100, count), 1, DAMAGED, "page has a wrong descriptor" },
	{ DESC_9(100, crc), 1, DAMAGED, "page has a wrong descriptor" },

	{ DESC_9(4, arg), 1, DAMAGED, "span has a wrong descriptor" },
	{ DESC_9(4, count), 1, DAMAGED, "span has a wrong descriptor" },
	{ DESC_9(4, kind), 0x11, DAMAGED, "span is not whole" },
	{ DESC_9(4, kind), 0x71, DAMAGED, "span is too long" },
	{ DESC_9(4, kind), 0xf1, DAMAGED, "span is too long" },
	{ DESC_9(4, kind), ZRAM_PERSIST_RAW, DAMAGED, "slot is wrong" },
	/* The rest of the span remains, without a first page. */
	{ DESC_9(5, kind), 0x11, DAMAGED, "span has a wrong header" },
	{ DESC_9(510, kind), 0x21, DAMAGED, "span ends beyond its segment" },
	{ DESC_9(510, kind), 0x61, DAMAGED, "span ends beyond its segment" },
	{ DESC_9(510, kind), 0x01, DAMAGED, "span has a wrong header" },
	{ DESC_9(511, kind), 0x12, DAMAGED, "span is not whole" },
	{ DESC_9(511, kind), ZRAM_PERSIST_FREE, DAMAGED, "span is not whole" },
	{ DESC_9(511, arg), 2, DAMAGED, "span is not whole" },
	{ DESC_9(511, count), 1, DAMAGED, "span is not whole" },
	{ DESC_9(511, crc), 1, DAMAGED, "span is not whole" },
	{ DESC_6(4, arg), 2, DAMAGED, "span is not whole" },
	{ DESC_3(3, arg), 0, DAMAGED, "span is not whole" },
	{ DESC_3(7, kind), ZRAM_PERSIST_SPAN, DAMAGED,
	  "span has a wrong checksum" },
	{ DESC_3(7, kind), 0x11, DAMAGED, "span ends beyond its segment" },
};

static const struct poke span_pokes[] = {
	{ SPAN(scratch[0]), 1, OK, "" },
	{ SPAN(scratch[1]), ~0ULL, OK, "" },
	{ SPAN(nr_entries), 0, DAMAGED, "span has a wrong directory" },
	{ SPAN(nr_entries), IMAGE_SPAN_ENTRIES - 1, DAMAGED,
	  "span has a wrong checksum" },
	{ SPAN(nr_entries), 338, DAMAGED, "span has a wrong checksum" },
	{ SPAN(nr_entries), 339, DAMAGED, "span has a wrong directory" },
	{ SPAN(nr_entries), 0xffff, DAMAGED, "span has a wrong directory" },
	{ LONE_SPAN(nr_entries), 338, DAMAGED, "span has a wrong checksum" },
	{ LONE_SPAN(nr_entries), 339, DAMAGED, "span has a wrong directory" },
	{ LONE_SPAN(nr_entries), 1024, DAMAGED, "span has a wrong directory" },
	{ LONG_SPAN(nr_entries), 1024, DAMAGED, "span has a wrong checksum" },
	{ LONG_SPAN(nr_entries), 1025, DAMAGED, "span has a wrong directory" },
	{ SPAN(nr_used), 0, DAMAGED, "span has a wrong count" },
	{ SPAN(nr_used), IMAGE_SPAN_USED - 1, DAMAGED,
	  "span has a wrong count" },
	{ SPAN(nr_used), IMAGE_SPAN_ENTRIES, DAMAGED,
	  "span has a wrong count" },
	/* The directory takes 104 bytes. The first payload is at granule 120. */
	{ SPAN(start), 0, DAMAGED, "span has a wrong start" },
	{ SPAN(start), 25, DAMAGED, "span has a wrong start" },
	{ SPAN(start), 26, OK, "" },
	{ SPAN(start), 120, OK, "" },
	{ SPAN(start), 121, DAMAGED, "object has a wrong place" },
	{ SPAN(start), 0xffff, DAMAGED, "object has a wrong place" },
	{ SPAN(free), 0, DAMAGED, "span has wrong free space" },
	{ SPAN(free), IMAGE_SPAN_FREE + 1, DAMAGED,
	  "span has wrong free space" },
	{ SPAN(free), 0xffff, DAMAGED, "span has wrong free space" },
	{ SPAN(pages), 0, DAMAGED, "span has a wrong header" },
	{ SPAN(pages), 2, DAMAGED, "span has a wrong header" },
	{ SPAN(reserved[0]), 1, DAMAGED, "span has a wrong header" },
	{ SPAN(reserved[6]), 0x80, DAMAGED, "span has a wrong header" },
};

/* Entry @n of the span of which the layout is known. */
#define ENTRY(n, field) \
	FIELD(IMAGE_SPAN + 32 + 12 * (n), zram_persist_entry, field)
#define SAME		ZRAM_PERSIST_CODEC_SAME

#define WRITTEN_BACK	ZRAM_PERSIST_CODEC_WRITTEN_BACK
#define BACKED(field) \
	FIELD(IMAGE_SEGMENT_9 + IMAGE_BACKED_PAGE * PAGE + 32, \
	      zram_persist_entry, field)
#define IMAGE_BACKED_START \
	((PAGE - sizeof(struct zram_persist_backed)) / ZRAM_PERSIST_GRANULE)

static const struct poke object_pokes[] = {
	/* Entries that are not in use, or not any more. */
	{ ENTRY(1, owner), 5, OK, "" },
	{ ENTRY(1, crc), 5, OK, "" },
	{ ENTRY(1, place), IMAGE_PLACE_2, DAMAGED, "objects overlap" },
	{ ENTRY(1, place), PLACE(8, 148, SAME), DAMAGED,
	  "span has a wrong count" },
	{ ENTRY(2, place), 0, DAMAGED, "span has a wrong count" },
	{ ENTRY(5, place), 0, DAMAGED, "span ends with no object" },

	{ ENTRY(0, place), PLACE(0, 120, 0), DAMAGED,
	  "object has a wrong length" },
	{ ENTRY(1, place), 1, DAMAGED, "object has a wrong length" },
	{ ENTRY(3, place), PLACE(4052, 10, 1), DAMAGED,
	  "object has a wrong place" },
	{ ENTRY(3, place), PLACE(4053, 1022, 1), DAMAGED,
	  "object has a wrong length" },
	{ ENTRY(3, place), PLACE(4095, 1022, 1), DAMAGED,
	  "object has a wrong length" },
	{ ENTRY(2, place), PLACE(7, 145, SAME), DAMAGED,
	  "object has a wrong length" },
	{ ENTRY(2, place), PLACE(9, 145, SAME), DAMAGED,
	  "object has a wrong length" },
	{ ENTRY(0, place), PLACE(100, 120, SAME), DAMAGED,
	  "object has a wrong length" },

	{ ENTRY(0, place), PLACE(100, 120, 1), OK, "" },
	{ ENTRY(0, place), PLACE(100, 120, 2), DAMAGED,
	  "object has a wrong codec" },
	{ ENTRY(0, place), PLACE(100, 120, 4), DAMAGED,
	  "object has a wrong codec" },
	{ ENTRY(0, place), PLACE(100, 120, 5), DAMAGED,
	  "object has a wrong codec" },
	{ ENTRY(2, place), PLACE(8, 145, 0), DAMAGED,
	  "count of same pages is wrong" },

	/* Before all payloads, at the end, and where the next span begins. */
	{ ENTRY(0, place), PLACE(100, 99, 0), DAMAGED,
	  "object has a wrong place" },
	{ ENTRY(0, place), PLACE(100, 0, 0), DAMAGED,
	  "object has a wrong place" },
	{ ENTRY(3, place), PLACE(4, 1023, 1), DAMAGED,
	  "count of compressed bytes is wrong" },
	{ ENTRY(3, place), PLACE(9, 1022, 1), DAMAGED,
	  "object has a wrong place" },
	{ ENTRY(3, place), PLACE(1, 1024, 1), DAMAGED,
	  "object has a wrong place" },
	{ ENTRY(3, place), PLACE(1, 8191, 1), DAMAGED,
	  "object has a wrong place" },

	/* A payload can be anywhere, but not where another one is. */
	{ ENTRY(5, place), PLACE(3000, 147, 0), OK, "" },
	{ ENTRY(5, place), PLACE(3000, 273, 0), OK, "" },
	{ ENTRY(5, place), PLACE(3000, 146, 0), DAMAGED, "objects overlap" },
	{ ENTRY(5, place), PLACE(3000, 274, 0), DAMAGED, "objects overlap" },
	{ ENTRY(0, place), PLACE(100, 121, 0), DAMAGED, "objects overlap" },
	{ ENTRY(0, place), PLACE(97, 120, 0), DAMAGED,
	  "count of compressed bytes is wrong" },
	{ ENTRY(0, place), PLACE(101, 120, 0), DAMAGED, "objects overlap" },
	{ ENTRY(0, place), PLACE(96, 120, 0), DAMAGED,
	  "span has wrong free space" },

	{ ENTRY(0, owner), IMAGE_SLOTS, DAMAGED, "object has a wrong owner" },
	{ ENTRY(0, owner), ~0U, DAMAGED, "object has a wrong owner" },
	{ ENTRY(0, place), IMAGE_PLACE_0 | 1, DAMAGED,
	  "object has a wrong owner" },
	{ ENTRY(0, place), IMAGE_PLACE_0 | 15, DAMAGED,
	  "object has a wrong owner" },
	{ ENTRY(0, owner), IMAGE_SLOT_2, DAMAGED, "slot is wrong" },
	{ ENTRY(0, owner), IMAGE_SLOTS - 1, DAMAGED, "slot is wrong" },
	{ ENTRY(0, crc), 0, OK, "" },
};

#define SLOT(location, kind)	((location) << 12 | (kind))
#define OBJECT			ZRAM_PERSIST_SLOT_OBJECT
#define RAW			ZRAM_PERSIST_SLOT_RAW

/* Slots 0, 1, 2 and 3 hold an object, SAME, REPEAT and nothing. */
static const struct poke slot_pokes[] = {
	{ WORD(IMAGE_LEAF_0, 0), 0, DAMAGED, "objects are lost" },
	{ WORD(IMAGE_LEAF_0, 0), ZRAM_PERSIST_SLOT_SAME, DAMAGED,
	  "objects are lost" },
	{ WORD(IMAGE_LEAF_0, 0), 5, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), 15, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), OBJECT, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), RAW, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), ~0ULL, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), ~0xfffULL | OBJECT, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 1), 0xfedcba9876540011, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 1), 0xfedcba9876541001, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 1), 0xfedcba9876548001, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 1), 1, OK, "" },
	{ WORD(IMAGE_LEAF_0, 1), 0, DAMAGED, "count of pages is wrong" },
	{ WORD(IMAGE_LEAF_0, 2), 0xdeadbeef8002, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 2), 0x1deadbeef0002, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 2), 0xffffffff0002, OK, "" },
	{ WORD(IMAGE_LEAF_0, 3), ZRAM_PERSIST_SLOT_SAME, DAMAGED,
	  "count of pages is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), 0x10000, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 3), 0x10, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_3, 102), 1, DAMAGED, "slot is beyond the device" },
	{ WORD(IMAGE_LEAF_3, 511), 1, DAMAGED, "slot is beyond the device" },

	/* The right span, and any other entry. */
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(4, 1), OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(4, 2), OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(4, 6), OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(4, 1023), OBJECT), DAMAGED,
	  "slot is wrong" },
	/* Flags that exist, that do not, and that need something else. */
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(4, 0), OBJECT) | 0x830, OK,
	  "" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(4, 0), OBJECT) |
	  ZRAM_PERSIST_SLOT_WRITTEN_BACK, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(4, 0), OBJECT) | 0x80, DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(4, 0), OBJECT) | 0x400,
	  DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 1), 0xfedcba9876540021, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 2), 0xdeadbeef0012, DAMAGED, "slot is wrong" },
	/* The right place, and the order of another segment. */
	{ WORD(IMAGE_LEAF_0, 0), SLOT(IMAGE_SPAN | 2, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(IMAGE_SPAN, OBJECT), DAMAGED,
	  "slot is wrong" },
	/* Other pages: header, table, raw, tail, free, lone, none. */
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(0, 0), OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(1, 0), OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(3, 0), OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(6, 0), OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(300, 0), OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(IMAGE_LONE_RAW, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(IMAGE_LONE_TABLE, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(IMAGE_LONE_SPAN, OBJECT), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, 0), SLOT(LOCATION_9(512, 0), OBJECT), DAMAGED,
	  "slot is wrong" },
	/* An object that another slot names, too, is not this slot's. */
	{ WORD(IMAGE_LEAF_0, 3), SLOT(LOCATION_9(4, 0), OBJECT), DAMAGED,
	  "slot is wrong" },
};

static const struct poke raw_slot_pokes[] = {
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9), 0, DAMAGED,
	  "raw pages are lost or shared" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(3, 0), RAW) | 0x30, OK, "" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(3, 0), RAW) | 0x80, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_LONE), 0, DAMAGED,
	  "raw pages are lost or shared" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(3, 0), OBJECT), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(3, 1), RAW), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(3, 0), RAW) | 0x830, OK, "" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(3, 0), RAW) | ZRAM_PERSIST_SLOT_WRITTEN_BACK,
	  DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(3, 0), RAW) | 0x100, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_LONE),
	  SLOT(IMAGE_LONE_RAW | 0x800, RAW), DAMAGED, "slot is wrong" },
	/* Pages that are not raw: header, table, span, tail, free. */
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(0, 0), RAW), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(1, 0), RAW), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(4, 0), RAW), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(6, 0), RAW), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_9(300, 0), RAW), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(IMAGE_LONE_SPAN, RAW), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(IMAGE_LONE_TABLE, RAW), DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(IMAGE_BASE, RAW), DAMAGED, "slot is wrong" },
	/* That of another slot, in a segment and alone. */
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(LOCATION_6(IMAGE_RAW_PAGE_6, 0), RAW), DAMAGED,
	  "slot is wrong" },
	{ WORD(IMAGE_LEAF_0, IMAGE_SLOT_RAW_9),
	  SLOT(IMAGE_LONE_RAW, RAW), DAMAGED, "raw pages are lost or shared" },
	{ WORD(IMAGE_LEAF_0, 3), SLOT(IMAGE_LONE_RAW, RAW), DAMAGED,
	  "raw pages are lost or shared" },
};

static const struct poke table_pokes[] = {
	{ WORD(IMAGE_ROOT, 0), 0, DAMAGED,
	  "slot table pages are lost or shared" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_LEAF_1, DAMAGED, "slot is wrong" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_ROOT | 3, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_SPAN | 3, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 1), IMAGE_LEAF_1 | 1, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 1), IMAGE_LEAF_1 | 4, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_LONE_RAW, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_LONE_SPAN, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 2), 1, DAMAGED, "slot table page is not one" },
	{ WORD(IMAGE_ROOT, 4), IMAGE_LEAF_1, DAMAGED,
	  "slot table goes beyond the device" },
	{ WORD(IMAGE_ROOT, 511), 1, DAMAGED,
	  "slot table goes beyond the device" },
};

/* The last entry of the root is in use, and the first page is full. */
static const struct poke time_pokes[] = {
	{ WORD(IMAGE_TIMES, 0), IMAGE_CLOCK, OK, "" },
	{ WORD(IMAGE_TIMES, 0), (u64)IMAGE_CLOCK << 32, OK, "" },
	{ WORD(IMAGE_TIMES, 0), IMAGE_CLOCK + 1, DAMAGED,
	  "access time is in the future" },
	{ WORD(IMAGE_TIMES, 511), (IMAGE_CLOCK + 1ULL) << 32, DAMAGED,
	  "access time is in the future" },
	{ WORD(IMAGE_TIME_ROOT, 0), 0, DAMAGED,
	  "slot table pages are lost or shared" },
	{ WORD(IMAGE_TIME_ROOT, 1), IMAGE_TIMES | 3, DAMAGED,
	  "slot table pages are shared" },
	{ WORD(IMAGE_TIME_ROOT, 1), IMAGE_LEAF_0 | 3, DAMAGED,
	  "slot table page is not one" },
	{ WORD(IMAGE_TIME_ROOT, 2), IMAGE_TIMES | 3, DAMAGED,
	  "slot table goes beyond the device" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_TIMES | 3, DAMAGED,
	  "slot table page is not one" },
};

/* Objects of pages that were written back have a length of their own. */
static const struct poke backed_pokes[] = {
	{ BACKED(place), PLACE(15, IMAGE_BACKED_START, WRITTEN_BACK), DAMAGED,
	  "object has a wrong length" },
	{ BACKED(place), PLACE(17, IMAGE_BACKED_START, WRITTEN_BACK), DAMAGED,
	  "object has a wrong length" },
	{ BACKED(place), PLACE(16, IMAGE_BACKED_START, 0), DAMAGED,
	  "slot is wrong" },
	{ BACKED(place), PLACE(16, IMAGE_BACKED_START, SAME), DAMAGED,
	  "object has a wrong length" },
	{ BACKED(place), PLACE(16, IMAGE_BACKED_START, 5), DAMAGED,
	  "object has a wrong codec" },
	{ ENTRY(0, place), PLACE(100, 120, WRITTEN_BACK), DAMAGED,
	  "object has a wrong length" },
};

#define DICT(location)	FIELD((location) & ~0xfffULL, zram_persist_dict, magic)
#define NEXT(location)	FIELD((location) & ~0xfffULL, zram_persist_dict, next)

static const struct poke dict_pokes[] = {
	{ SUPER(codec[0].dict), 0, DAMAGED, "dictionary page is not one" },
	{ SUPER(codec[0].dict), IMAGE_DICT_0 | 4, DAMAGED,
	  "dictionary page is not one" },
	{ SUPER(codec[0].dict), IMAGE_DICT_0 & ~3ULL, DAMAGED,
	  "dictionary page is not one" },
	{ SUPER(codec[0].dict), IMAGE_ROOT | 3, DAMAGED,
	  "dictionary page is not one" },
	{ SUPER(codec[0].dict), IMAGE_SPAN | 3, DAMAGED,
	  "dictionary page is not one" },
	{ SUPER(codec[0].dict), IMAGE_LONE_TABLE, DAMAGED,
	  "dictionary page is not one" },
	{ SUPER(codec[0].dict), IMAGE_DICT_1, DAMAGED,
	  "dictionary is longer than it says" },
	/* The last page of another: one is shared, and one is lost. */
	{ SUPER(codec[0].dict), IMAGE_DICT_1_LAST, DAMAGED,
	  "slot table pages are lost or shared" },
	{ SUPER(codec[0].dict_len), 0, DAMAGED,
	  "dictionary is longer than it says" },
	{ SUPER(codec[0].dict_len), 1, OK, "" },
	{ SUPER(codec[0].dict_len), 4081, DAMAGED,
	  "dictionary page is not one" },
	{ SUPER(codec[1].dict_len), 4080, DAMAGED,
	  "dictionary is longer than it says" },
	{ SUPER(codec[1].dict_len), 4081, OK, "" },
	{ SUPER(codec[1].dict_len), 8160, OK, "" },
	{ SUPER(codec[1].dict_len), 8161, DAMAGED,
	  "dictionary page is not one" },
	{ SUPER(codec[1].dict_len), ~0U, DAMAGED,
	  "dictionary page is not one" },
	{ SUPER(codec[3].dict_len), 1, DAMAGED, "dictionary has no codec" },
	{ SUPER(codec[3].dict), IMAGE_DICT_0, DAMAGED,
	  "dictionary has no codec" },

	{ DICT(IMAGE_DICT_0), 0, DAMAGED,
	  "dictionary page has a wrong magic" },
	{ DICT(IMAGE_DICT_1_LAST), ZRAM_PERSIST_SEGTAB_MAGIC, DAMAGED,
	  "dictionary page has a wrong magic" },
	{ NEXT(IMAGE_DICT_0), IMAGE_DICT_1, DAMAGED,
	  "dictionary is longer than it says" },
	{ NEXT(IMAGE_DICT_1), 0, DAMAGED, "dictionary page is not one" },
	{ NEXT(IMAGE_DICT_1), IMAGE_DICT_1, DAMAGED,
	  "dictionary is longer than it says" },
	{ NEXT(IMAGE_DICT_1), IMAGE_DICT_0, DAMAGED,
	  "slot table pages are lost or shared" },
	{ NEXT(IMAGE_DICT_1_LAST), IMAGE_DICT_1, DAMAGED,
	  "dictionary is longer than it says" },

	/* Of one kind in the descriptor, and named as the other. */
	{ DESC_9(400, arg), 0, DAMAGED, "dictionary page is not one" },
	{ DESC_9(400, arg), 14, DAMAGED,
	  "slot table page has a wrong level" },
	{ DESC_9(400, count), 1, DAMAGED,
	  "slot table page has a wrong level" },
	{ DESC_9(400, kind), ZRAM_PERSIST_FREE, DAMAGED,
	  "page has a wrong descriptor" },
	{ WORD(IMAGE_ROOT, 2), IMAGE_DICT_0, DAMAGED,
	  "slot table page is not one" },
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
	RUN(&image, page_pokes, "a wrong value in the descriptor of a page");
	RUN(&image, span_pokes, "a wrong value in the header of a span");
	RUN(&image, object_pokes, "a wrong value in a directory");
	RUN(&image, slot_pokes, "a wrong value in a slot");
	RUN(&image, raw_slot_pokes, "a wrong value in the slot of a raw page");
	RUN(&image, table_pokes, "a wrong value in an upper level");
	RUN(&image, time_pokes, "a wrong value in the table of access times");
	RUN(&image, backed_pokes, "a wrong value in what was written back");
	RUN(&image, dict_pokes, "a wrong value in a dictionary");
	image_destroy(&image);
	return tap_done();
}
