/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the validation share.
 */
#ifndef _ZRAM_CHECK_UTIL_H_
#define _ZRAM_CHECK_UTIL_H_

#include <linux/types.h>
#include "check.h"

#define PAGE_BYTES	((u64)ZRAM_PERSIST_PAGE_SIZE)

/*
 * While contents are checked, bits 4..11 of an entry of check->segments, which
 * the location of a segment does not use, tell the kind of a lone page, and
 * its argument if that is TABLE or SPAN. None that does not fit is accepted.
 */
#define MARK_KIND_SHIFT		4
#define MARK_LEVEL_SHIFT	8
#define MARKS			0xff0ULL

/**
 * struct zram_check_state - state of one zram_check_contents()
 * @check: the validation
 * @super: superblock
 * @nr_slots: slots that the device has
 * @segment: entry of @check->segments that was found last, or 0
 * @tables: slot table pages visited
 * @table_sum: hashes of slot table pages, less those of entries naming them
 * @raw_sum: hashes of raw pages, less those of slots naming them
 * @stored: slots that are not empty
 * @objects: slots of objects in spans that are not lost
 * @raw: slots of raw pages
 * @same: slots that hold the value of the page, and objects that do
 * @backed: objects of pages that were written back, and slots of lost ones
 * @bytes: compressed data in objects, and raw pages
 * @lost_spans: there are spans that are lost
 */
struct zram_check_state {
	struct zram_check *check;
	const struct zram_persist_super *super;
	u64 nr_slots;
	u64 segment;
	u64 tables;
	u64 table_sum;
	u64 raw_sum;
	u64 stored;
	u64 objects;
	u64 raw;
	u64 same;
	u64 backed;
	u64 bytes;
	bool lost_spans;
};

static inline enum zram_check_result
zram_check_fail(struct zram_check *check, enum zram_check_result result,
		const char *reason, u64 where)
{
	check->reason = reason;
	check->where = where;
	return result;
}

static inline enum zram_check_result damaged(struct zram_check *check,
					     const char *reason, u64 where)
{
	return zram_check_fail(check, ZRAM_CHECK_DAMAGED, reason, where);
}

static inline enum zram_check_result unknown(struct zram_check *check,
					     const char *reason, u64 where)
{
	return zram_check_fail(check, ZRAM_CHECK_UNKNOWN, reason, where);
}

/* Memory that check->map() has granted before. */
static inline const void *zram_check_memory(const struct zram_check *check,
					    u64 phys)
{
	return (const void *)(unsigned long)(phys + check->offset);
}

static inline u64 zram_check_location_addr(u64 location)
{
	return location & ~(PAGE_BYTES - 1);
}

static inline unsigned int zram_check_location_order(u64 location)
{
	return (location & ZRAM_PERSIST_LOCATION_ORDER) * 3;
}

static inline unsigned int zram_check_location_index(u64 location)
{
	return (location & ZRAM_PERSIST_LOCATION_INDEX) >>
	       ZRAM_PERSIST_LOCATION_INDEX_SHIFT;
}

/* Size of the segment that @location lies in. */
static inline u64 zram_check_location_bytes(u64 location)
{
	return PAGE_BYTES << zram_check_location_order(location);
}

/* Index of the last segment that begins at or below @phys, or -1. */
static inline s64 zram_check_locate(const struct zram_check *check, u64 phys)
{
	const u64 key = phys | (PAGE_BYTES - 1);
	u64 low = 0, high = check->nr_segments;

	while (low < high) {
		u64 middle = low + (high - low) / 2;

		if (check->segments[middle] <= key)
			low = middle + 1;
		else
			high = middle;
	}
	return (s64)low - 1;
}

static inline bool zram_check_is_zero(const u8 *bytes, size_t len)
{
	while (len)
		if (bytes[--len])
			return false;
	return true;
}

/* Mix the bits of an address so well that no sum of hashes cancels. */
static inline u64 zram_check_hash(u64 addr)
{
	addr *= 0x9e3779b97f4a7c15ULL;
	addr ^= addr >> 29;
	addr *= 0xbf58476d1ce4e5b9ULL;
	return addr ^ addr >> 32;
}

static inline u64 zram_check_raw_hash(u64 addr, u64 owner)
{
	owner &= ZRAM_PERSIST_RAW_OWNER;
	return zram_check_hash(zram_check_hash(addr) + owner);
}

/* Levels that a table of this many slots needs at least. */
static inline unsigned int zram_check_levels(u64 nr_slots)
{
	unsigned int levels = 1;

	while (nr_slots > ZRAM_PERSIST_FANOUT) {
		nr_slots = (nr_slots - 1) / ZRAM_PERSIST_FANOUT + 1;
		levels++;
	}
	return levels;
}

/* Entries that the table of access times has for this many slots. */
static inline u64 zram_check_time_slots(u64 nr_slots)
{
	return (nr_slots + 1) / 2;
}

/* Bytes from the start of a span to the end of its directory. */
static inline u32
zram_check_directory_end(const struct zram_persist_span *span)
{
	return sizeof(*span) + span->nr_entries * sizeof(*span->entry);
}

enum zram_check_result zram_check_slots(struct zram_check_state *c);
const void *zram_check_table(struct zram_check_state *c, u64 location,
			     unsigned int level);

enum zram_check_result zram_check_dicts(struct zram_check_state *c);

#endif /* _ZRAM_CHECK_UTIL_H_ */
