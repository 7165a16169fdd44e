// SPDX-License-Identifier: GPL-2.0
/*
 * What the memory of a device is used for: the attribute pool_stat.
 */

/**
 * DOC: Where the memory is
 *
 * ::
 *
 *   total_bytes = segment_table_bytes + header_bytes
 *               + slot_table_bytes + access_time_bytes + dictionary_bytes
 *               + span_bytes + raw_bytes + free_bytes + empty_bytes
 *               + faulty_bytes
 *   span_bytes  = object_bytes + directory_bytes + lost_bytes
 *
 * The first holds at any time. The pool counts objects and pages under
 * different locks, so the second holds as long as nobody writes.
 *
 * To the pool, pages of all tables and of dictionaries are of one kind. Those
 * that are not of the slot table are counted when somebody asks, by looking at
 * one word for each four megabytes of the device. So nobody has to keep count of
 * them, or to count them when a device attaches.
 */

#include <linux/cleanup.h>
#include <linux/math.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sysfs.h>

#include "attr.h"

/* Pages of the part of a table that @location, a page of it, leads to. */
static u64 pool_table_pages(u64 location, unsigned int levels)
{
	u64 *entry, pages = 1;
	unsigned int i;

	if (!location)
		return 0;
	if (levels == 1)
		return 1;
	entry = zsp_location_to_virt(location);
	for (i = 0; i < ZRAM_PERSIST_FANOUT; i++)
		/* Pairs with cmpxchg_release() in zram_slots_grow(). */
		pages += pool_table_pages(smp_load_acquire(&entry[i]),
					  levels - 1);
	cond_resched();
	return pages;
}

static u64 pool_dict_pages(const struct zram *zram)
{
	unsigned int i;
	u64 pages = 0;

	for (i = 0; i < ZRAM_MAX_COMPS; i++)
		if (zram->dicts[i])
			pages += DIV_ROUND_UP(zram->params[i].dict_len,
					      ZRAM_PERSIST_DICT_DATA);
	return pages;
}

/* What @parts leave of @whole, if they are not of a later moment. */
static u64 pool_rest(u64 whole, u64 parts)
{
	return whole > parts ? whole - parts : 0;
}

static ssize_t pool_stat_emit(const struct zram *zram, char *buf)
{
	u64 time_pages = 0, dict_pages = 0, span_bytes, directory_bytes;
	struct zsp_stats s = { };
	int i, at = 0;

	/* Tables only grow: what is counted first is part of the sum. */
	if (zram_init_done(zram)) {
		/* Pairs with cmpxchg_release() in zram_slots_grow(). */
		time_pages = pool_table_pages(smp_load_acquire(&zram->times.root),
					      zram->times.levels);
		dict_pages = pool_dict_pages(zram);
		zsp_get_stats(zram->pool, &s);
	}
	span_bytes = s.span_pages << PAGE_SHIFT;
	directory_bytes = s.objects * sizeof(struct zram_persist_entry);

	const struct {
		const char *name;
		u64 value;
	} lines[] = {
		{ "total_bytes", s.pages << PAGE_SHIFT },
		{ "segment_table_bytes", s.table_pages << PAGE_SHIFT },
		{ "header_bytes", s.header_pages << PAGE_SHIFT },
		{ "slot_table_bytes", (s.slot_table_pages - time_pages -
				       dict_pages) << PAGE_SHIFT },
		{ "access_time_bytes", time_pages << PAGE_SHIFT },
		{ "dictionary_bytes", dict_pages << PAGE_SHIFT },
		{ "span_bytes", span_bytes },
		{ "raw_bytes", s.raw_pages << PAGE_SHIFT },
		{ "free_bytes", (s.free_pages - s.empty_pages) << PAGE_SHIFT },
		{ "empty_bytes", s.empty_pages << PAGE_SHIFT },
		{ "faulty_bytes", s.idle_bad_pages << PAGE_SHIFT },
		{ "object_bytes", s.object_bytes },
		{ "directory_bytes", directory_bytes },
		{ "lost_bytes", pool_rest(span_bytes,
					  s.object_bytes + directory_bytes) },
		{ "compressed_bytes", atomic64_read(&zram->stats.compr_bytes) },
		{ "max_bytes", s.max_pages << PAGE_SHIFT },
		{ "limit_bytes", zram->limit_pages << PAGE_SHIFT },
		{ "reserve_bytes", zram->reserve_pages << PAGE_SHIFT },
		{ "segments", s.segments },
		{ "large_segments", s.large_segments },
		{ "empty_segments", s.empty_segments },
		{ "objects", s.objects },
		{ "faulty_pages", s.bad_pages },
	};

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		at += sysfs_emit_at(buf, at, "%s %llu\n", lines[i].name,
				    lines[i].value);
	return at;
}

/* Like persist_stat: one "name value" per line, zeros without a disksize. */
static ssize_t pool_stat_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return pool_stat_emit(zram, buf);
}

DEVICE_ATTR_RO(pool_stat);
