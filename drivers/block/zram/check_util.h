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
	return location & ZRAM_PERSIST_LOCATION_ORDER;
}

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

enum zram_check_result
zram_check_fields(struct zram_check *check,
		  const struct zram_persist_super *super);

#endif /* _ZRAM_CHECK_UTIL_H_ */
