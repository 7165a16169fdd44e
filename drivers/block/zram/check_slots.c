// SPDX-License-Identifier: GPL-2.0
/*
 * Validation of handed-over metadata: the slot table, and what slots name. Read
 * check.c and check_contents.c first.
 *
 * An object names its owner, and a slot is accepted only if it is the owner of
 * the object that it names. So two slots cannot have the same object, and if
 * there are as many such slots as objects, no object is without a slot.
 *
 * For raw pages this is not enough. Their descriptors have room for 28 bits of
 * the owner only, and that of a lone page is in the segment table, where it
 * cannot be found by address. For each raw page the hash of its address and
 * owner is therefore added to a sum, and for each slot the hash of what it
 * names and its own number is taken off again. If a page is not named by its
 * owner, or by two slots, the sum ends at zero only by a coincidence of 64
 * bits. The same is done with slot table pages and the entries that name them.
 */
#include <linux/types.h>
#include "check_util.h"

/*
 * Find the segment of a location. Returns its marked location, or 0, where no
 * segment can be, if there is none of this order at this place. Neighbours are
 * mostly in the same one.
 */
static u64 find_segment(struct zram_check_state *c, u64 location)
{
	const struct zram_check *check = c->check;
	u64 segment;
	s64 i;

	segment = location & ~(zram_check_location_bytes(location) - 1);
	segment |= location & ZRAM_PERSIST_LOCATION_ORDER;
	if ((c->segment & ~MARKS) == segment)
		return c->segment;
	i = zram_check_locate(check, segment);
	if (i < 0 || (check->segments[i] & ~MARKS) != segment)
		return 0;
	c->segment = check->segments[i];
	return c->segment;
}

/*
 * Find what the page at @location is used for. The owner in the descriptor of a
 * lone raw page is lost on the way. Returns false if the device has no such
 * page, or it is a header.
 */
static bool find_page(struct zram_check_state *c, u64 location,
		      struct zram_persist_page *desc)
{
	u64 segment = find_segment(c, location), base, page;
	const struct zram_persist_segment *header;

	if (!segment)
		return false;
	if (!zram_check_location_order(segment)) {
		*desc = (struct zram_persist_page){
			.kind = segment >> MARK_KIND_SHIFT & 0xf,
			.arg = segment >> MARK_LEVEL_SHIFT & 0xf,
		};
		return true;
	}
	/* Any other segment has passed check_headed(). */
	base = zram_check_location_addr(segment);
	page = (zram_check_location_addr(location) - base) / PAGE_BYTES;
	if (!page)
		return false;
	/* Less than 2^order, so its descriptor is within the header. */
	header = zram_check_memory(c->check, base);
	*desc = header->page[page - 1];
	return true;
}

/*
 * A slot of an object in a lost span. It may not be the only one that names it:
 * nothing is there to be shared. But whatever the directory was, it was within
 * the span. The length of a lone span is lost with its descriptor, and is 1.
 */
static bool count_lost(struct zram_check_state *c, unsigned int i,
		       const struct zram_persist_page *desc, u64 flags)
{
	c->objects--;
	if (flags & ZRAM_PERSIST_SLOT_WRITTEN_BACK)
		c->backed++;
	return sizeof(struct zram_persist_span) +
	       (i + 1) * sizeof(struct zram_persist_entry) <=
	       zram_persist_span_pages(desc) * PAGE_BYTES;
}

/* Is there an object at @location that slot @index, with @flags, owns? */
static bool object_is_good(struct zram_check_state *c, u64 location, u64 index,
			   u64 flags)
{
	unsigned int i = zram_check_location_index(location);
	const struct zram_persist_entry *entry;
	const struct zram_persist_span *span;
	struct zram_persist_page desc;

	if (!find_page(c, location, &desc) ||
	    zram_persist_page_kind(&desc) != ZRAM_PERSIST_SPAN)
		return false;
	if (desc.arg == ZRAM_PERSIST_SPAN_LOST)
		return count_lost(c, i, &desc, flags);
	/* Others have passed check_span(): any of nr_entries is readable. */
	span = zram_check_memory(c->check, zram_check_location_addr(location));
	if (i >= span->nr_entries)
		return false;
	entry = &span->entry[i];
	return entry->place && zram_persist_entry_owner(entry) == index &&
	       !(flags & ZRAM_PERSIST_SLOT_WRITTEN_BACK) ==
	       (zram_persist_entry_codec(entry) !=
		ZRAM_PERSIST_CODEC_WRITTEN_BACK);
}

/* Is there a raw page at @location that slot @index owns, as far as we see? */
static bool raw_is_good(struct zram_check_state *c, u64 location, u64 index)
{
	struct zram_persist_page desc;

	if (zram_check_location_index(location) ||
	    !find_page(c, location, &desc) ||
	    zram_persist_page_kind(&desc) != ZRAM_PERSIST_RAW)
		return false;
	c->raw_sum -= zram_check_raw_hash(zram_check_location_addr(location), index);
	/* The sum tells of a lone page. */
	return !zram_check_location_order(location) ||
	       zram_persist_raw_owner(&desc) ==
	       (index & ZRAM_PERSIST_RAW_OWNER);
}

static bool slot_is_good(struct zram_check_state *c, u64 slot, u64 index)
{
	const u64 unused = (1ULL << ZRAM_PERSIST_SLOT_WORD_SHIFT) -
			   ZRAM_PERSIST_SLOT_KIND_MASK - 1;
	u64 location = slot >> ZRAM_PERSIST_SLOT_LOCATION_SHIFT;
	u64 flags = slot & ZRAM_PERSIST_SLOT_FLAGS_MASK;

	if (flags & ~ZRAM_PERSIST_SLOT_FLAGS_KNOWN)
		return false;
	switch (slot & ZRAM_PERSIST_SLOT_KIND_MASK) {
	case ZRAM_PERSIST_SLOT_SAME:
		c->same++;
		return !(slot & unused);
	case ZRAM_PERSIST_SLOT_REPEAT:
		c->same++;
		return !(slot & unused) &&
		       !(slot >> (ZRAM_PERSIST_SLOT_WORD_SHIFT + 32));
	case ZRAM_PERSIST_SLOT_OBJECT:
		c->objects++;
		return object_is_good(c, location, index, flags);
	case ZRAM_PERSIST_SLOT_RAW:
		c->raw++;
		return !(flags & ZRAM_PERSIST_SLOT_WRITTEN_BACK) &&
		       raw_is_good(c, location, index);
	}
	return false;
}

/**
 * struct table - the slot table, or the table of access times
 * @tag: what the descriptors of its pages have more than the level
 * @entries: entries of level 0
 * @check_leaf: check a page of level 0, of which the first is entry @first
 */
struct table {
	unsigned int tag;
	u64 entries;
	enum zram_check_result (*check_leaf)(struct zram_check_state *c,
					     const u64 *entry, u64 first);
};

static enum zram_check_result check_slot_leaf(struct zram_check_state *c,
					      const u64 *slot, u64 first)
{
	unsigned int i;

	for (i = 0; i < ZRAM_PERSIST_FANOUT; i++) {
		if (!slot[i])
			continue;
		if (first + i >= c->nr_slots)
			return damaged(c->check, "slot is beyond the device",
				       first + i);
		if (!slot_is_good(c, slot[i], first + i))
			return damaged(c->check, "slot is wrong", first + i);
		c->stored++;
	}
	return ZRAM_CHECK_OK;
}

/* Two access times are in each entry. What is behind the last is not used. */
static enum zram_check_result check_time_leaf(struct zram_check_state *c,
					      const u64 *entry, u64 first)
{
	const u32 *time = (const u32 *)entry;
	unsigned int i;

	for (i = 0; i < 2 * ZRAM_PERSIST_FANOUT; i++)
		if (time[i] > c->super->clock)
			return damaged(c->check, "access time is in the future",
				       2 * first + i);
	return ZRAM_CHECK_OK;
}

/**
 * zram_check_table() - visit a page of kind TABLE
 * @c: the validation; all segments have passed
 * @location: where it is said to be
 * @level: the level that it must have, see &zram_persist_page.arg
 *
 * Return: the page; or NULL, with the reason in @c, if it is not one of this
 * level, or as many pages as there are have been visited.
 */
const void *zram_check_table(struct zram_check_state *c, u64 location,
			     unsigned int level)
{
	u64 addr = zram_check_location_addr(location);
	struct zram_persist_page desc;

	if (zram_check_location_index(location) ||
	    !find_page(c, location, &desc) ||
	    desc.kind != ZRAM_PERSIST_TABLE || desc.arg != level) {
		damaged(c->check, level == ZRAM_PERSIST_LEVEL_DICT ?
			"dictionary page is not one" :
			"slot table page is not one", location);
		return NULL;
	}
	/* Shared pages could keep us here for 512^4 slots. */
	if (c->tables++ == c->check->table_pages) {
		damaged(c->check, "slot table pages are shared", location);
		return NULL;
	}
	c->table_sum -= zram_check_hash(addr);
	return zram_check_memory(c->check, addr);
}

/*
 * Check the part of a table that begins with @first. The recursion is as deep
 * as @level, at most ZRAM_PERSIST_MAX_LEVELS, because a page is found only at
 * the level that its own descriptor has.
 */
static enum zram_check_result check_table(struct zram_check_state *c,
					  const struct table *table,
					  u64 location, unsigned int level,
					  u64 first)
{
	unsigned int shift = level * ZRAM_PERSIST_FANOUT_SHIFT, i;
	const u64 *page = zram_check_table(c, location, table->tag + level);
	enum zram_check_result result;

	if (!page)
		return ZRAM_CHECK_DAMAGED;
	if (!level)
		return table->check_leaf(c, page, first);
	for (i = 0; i < ZRAM_PERSIST_FANOUT; i++) {
		u64 index = first + ((u64)i << shift);

		if (!page[i])
			continue;
		if (index >= table->entries)
			return damaged(c->check,
				       "slot table goes beyond the device",
				       index);
		result = check_table(c, table, page[i], level - 1, index);
		if (result)
			return result;
	}
	return ZRAM_CHECK_OK;
}

/**
 * zram_check_slots() - validate the slot table and that of access times
 * @c: the validation; all segments have passed
 *
 * Return: %ZRAM_CHECK_OK or %ZRAM_CHECK_DAMAGED.
 */
enum zram_check_result zram_check_slots(struct zram_check_state *c)
{
	const struct table slots = {
		.entries = c->nr_slots,
		.check_leaf = check_slot_leaf,
	};
	const struct table times = {
		.tag = ZRAM_PERSIST_TABLE_TIMES,
		.entries = zram_check_time_slots(c->nr_slots),
		.check_leaf = check_time_leaf,
	};
	const struct zram_persist_super *super = c->super;
	enum zram_check_result result = ZRAM_CHECK_OK;

	if (super->slot_root)
		result = check_table(c, &slots, super->slot_root,
				     super->slot_levels - 1, 0);
	if (!result && super->time_root)
		result = check_table(c, &times, super->time_root,
				     zram_check_levels(times.entries) - 1, 0);
	return result;
}
