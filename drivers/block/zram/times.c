// SPDX-License-Identifier: GPL-2.0
/*
 * When pages were accessed.
 *
 * A table beside the slot table: a slot has no room for a time, and who does
 * not track access times is not to pay for it. It is organised like the slot
 * table, with the times of two pages in place of each slot. Both tables grow
 * together, when a page is written.
 *
 * Times are in seconds of the device's clock, and protected by the lock of the
 * slot.
 */

#include <linux/err.h>

#include "times.h"

static u32 *zram_times_entry(u64 *pair, u64 index)
{
	return (u32 *)pair + index % 2;
}

/**
 * zram_times_make() - provide for the access time of a page
 * @zram: device
 * @index: number of the page
 *
 * Context: Process context. Sleeps, and allocates with GFP_NOIO.
 * Return: 0 or -ENOMEM.
 */
int zram_times_make(struct zram *zram, u64 index)
{
	return PTR_ERR_OR_ZERO(zram_table_make(zram, &zram->times, index / 2));
}

/**
 * zram_times_set() - a page is accessed now
 * @zram: device
 * @index: number of the page
 *
 * Context: The slot's lock is held, and so is &zram.writers.
 */
void zram_times_set(struct zram *zram, u64 index)
{
	u64 *pair = zram_slot_find(&zram->times, index / 2);

	if (pair)
		*zram_times_entry(pair, index) = zram_clock(zram);
}

/**
 * zram_times_get() - when was a page accessed?
 * @zram: device
 * @index: number of the page
 *
 * Context: The slot's lock is held.
 * Return: seconds of the device's clock, or 0 if that is not known, as of a
 * page that another kernel wrote.
 */
u32 zram_times_get(struct zram *zram, u64 index)
{
	u64 *pair = zram_slot_find(&zram->times, index / 2);

	return pair ? *zram_times_entry(pair, index) : 0;
}
