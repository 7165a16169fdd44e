/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock of a device, and when its pages were accessed.
 */
#ifndef _ZRAM_TIMES_H_
#define _ZRAM_TIMES_H_

#include <linux/timekeeping.h>

#include "slot.h"
#include "zram.h"

/**
 * zram_clock() - the clock of a device
 * @zram: device
 *
 * The time since boot, which goes on across kexec.
 *
 * Context: Any.
 * Return: seconds.
 */
static inline u32 zram_clock(const struct zram *zram)
{
	return ktime_get_boottime_seconds() + zram->clock_offset;
}

void zram_clock_resume(struct zram *zram,
		       const struct zram_persist_super *super);

#ifdef CONFIG_ZRAM_TRACK_ENTRY_ACTIME
int zram_times_make(struct zram *zram, u64 index);
void zram_times_set(struct zram *zram, u64 index);
u32 zram_times_get(struct zram *zram, u64 index);

/* Was a page accessed in this second? */
static inline bool zram_times_is_now(struct zram *zram, u64 index)
{
	return zram_times_get(zram, index) == zram_clock(zram);
}
#else
static inline int zram_times_make(struct zram *zram, u64 index)
{
	return 0;
}

static inline void zram_times_set(struct zram *zram, u64 index) { }

/* All pages are as young as can be. */
static inline u32 zram_times_get(struct zram *zram, u64 index)
{
	return zram_clock(zram);
}

/* Nobody looks at the clock for that: it takes as long as to find the slot. */
static inline bool zram_times_is_now(struct zram *zram, u64 index)
{
	return true;
}
#endif

/* idle.c */
void zram_slot_was_read(struct zram *zram, u64 index, u64 *entry);

#endif /* _ZRAM_TIMES_H_ */
