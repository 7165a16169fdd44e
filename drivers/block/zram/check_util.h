/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the validation share.
 */
#ifndef _ZRAM_CHECK_UTIL_H_
#define _ZRAM_CHECK_UTIL_H_

#include <linux/types.h>
#include "check.h"

#define PAGE_BYTES	((u64)ZRAM_PERSIST_PAGE_SIZE)

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

/* Bytes from the start of a span to the end of its directory. */
static inline u32
zram_check_directory_end(const struct zram_persist_span *span)
{
	return sizeof(*span) + span->nr_entries * sizeof(*span->entry);
}

enum zram_check_result
zram_check_fields(struct zram_check *check,
		  const struct zram_persist_super *super);

#endif /* _ZRAM_CHECK_UTIL_H_ */
