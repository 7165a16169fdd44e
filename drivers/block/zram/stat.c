// SPDX-License-Identifier: GPL-2.0
/*
 * Text of the statistics files in sysfs.
 *
 * The columns of mm_stat, io_stat and debug_stat are those of the zram that
 * tools know, including those that are always 0 here. A device without a
 * disksize shows zeros, not an error: monitoring reads these files at any time.
 */

#include <linux/lockdep.h>
#include <linux/sysfs.h>

#include "times.h"

#define ZRAM_DEBUG_STAT_VERSION		1

static u64 stat_read(const atomic64_t *counter)
{
	return atomic64_read(counter);
}

/**
 * zram_mm_stat_show() - write mm_stat
 * @zram: device
 * @buf: page to write to
 *
 * Context: Process context, dev_lock held.
 * Return: characters written.
 */
ssize_t zram_mm_stat_show(struct zram *zram, char *buf)
{
	const struct zram_stats *stats = &zram->stats;
	u64 pages = 0, max_pages = 0, compacted = 0;

	lockdep_assert_held(&zram->dev_lock);
	if (zram_init_done(zram)) {
		pages = zsp_pages(zram->pool);
		max_pages = zsp_max_pages(zram->pool);
		compacted = zsp_compacted_pages(zram->pool);
	}

	return sysfs_emit(buf,
			  "%8llu %8llu %8llu %8llu %8llu %8llu %8llu %8llu %8llu\n",
			  stat_read(&stats->pages_stored) << PAGE_SHIFT,
			  stat_read(&stats->compr_bytes),
			  pages << PAGE_SHIFT,
			  zram->limit_pages << PAGE_SHIFT,
			  max_pages << PAGE_SHIFT,
			  stat_read(&stats->same_pages),
			  compacted,
			  stat_read(&stats->huge_pages),
			  stat_read(&stats->huge_pages_since));
}

/**
 * zram_io_stat_show() - write io_stat
 * @zram: device
 * @buf: page to write to
 *
 * Context: Process context, dev_lock held.
 * Return: characters written.
 */
ssize_t zram_io_stat_show(struct zram *zram, char *buf)
{
	const struct zram_stats *stats = &zram->stats;

	lockdep_assert_held(&zram->dev_lock);
	return sysfs_emit(buf, "%8llu %8llu 0 %8llu\n",
			  stat_read(&stats->failed_reads),
			  stat_read(&stats->failed_writes),
			  stat_read(&stats->notify_free));
}

/**
 * zram_debug_stat_show() - write debug_stat
 * @zram: device
 * @buf: page to write to
 *
 * Context: Process context, dev_lock held.
 * Return: characters written.
 */
ssize_t zram_debug_stat_show(struct zram *zram, char *buf)
{
	lockdep_assert_held(&zram->dev_lock);
	return sysfs_emit(buf, "version: %d\n0 %8llu\n",
			  ZRAM_DEBUG_STAT_VERSION,
			  stat_read(&zram->stats.miss_free));
}

/**
 * zram_persist_stat_show() - write persist_stat
 * @zram: device
 * @buf: page to write to
 *
 * One "name value" per line, so that lines can be added without breaking the
 * tools that read it. A device that is not persistent has the lines, too: its
 * pool is of the same kind.
 *
 * Context: Process context, dev_lock held.
 * Return: characters written.
 */
ssize_t zram_persist_stat_show(struct zram *zram, char *buf)
{
	struct zsp_stats s = { };
	int i, at = 0;

	lockdep_assert_held(&zram->dev_lock);
	if (zram_init_done(zram))
		zsp_get_stats(zram->pool, &s);

	const struct {
		const char *name;
		u64 value;
	} lines[] = {
		{ "hops",		 zram->persist.hops },
		{ "segments",		 s.segments },
		{ "large_segments",	 s.large_segments },
		{ "joined_segments",	 s.joined_segments },
		{ "empty_segments",	 s.empty_segments },
		{ "free_pages",		 s.free_pages },
		{ "header_pages",	 s.header_pages },
		{ "segment_table_pages", s.table_pages },
		{ "slot_table_pages",	 s.slot_table_pages },
		{ "span_pages",		 s.span_pages },
		{ "raw_pages",		 s.raw_pages },
		{ "objects",		 s.objects },
		{ "object_bytes",	 s.object_bytes },
		{ "seal_ns",		 zram->persist.seal_ns },
		{ "regions",		 zram->persist.regions },
		{ "attach_ns",		 zram->persist.attach_ns },
		{ "clock",		 zram_clock(zram) },
		{ "damaged_reads",	 stat_read(&zram->stats.damaged_reads) },
		{ "damaged_pages",	 zram_damage_review(zram) },
		{ "missing_reads",	 stat_read(&zram->stats.missing_reads) },
		{ "cannot_seal",	 zram_persist_cannot_seal(zram) },
	};

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		at += sysfs_emit_at(buf, at, "%s %llu\n", lines[i].name,
				    lines[i].value);
	return at;
}
