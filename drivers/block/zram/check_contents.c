// SPDX-License-Identifier: GPL-2.0
/*
 * Validation of handed-over metadata: the contents. Read check.c first.
 *
 * Checksums find damage. They do not find what a faulty driver wrote and then
 * sealed, and so every reference is followed and bounded as well. Payloads are
 * not touched: the checksums of objects are verified when they are read.
 *
 * That slots and objects correspond one to one is shown by a sum: the hash of
 * the location of each object in use is added to it, and the hash of the
 * location that each slot names is taken off again. If a slot names anything
 * but an object, or two slots name the same one, the sum ends at zero only by
 * a coincidence of 64 bits. To look up each object instead would cost several
 * cache misses per slot, and could not tell that two slots name the same one
 * without a mark for each object, for which there is no memory. Only when the
 * sum is wrong are the objects looked up, to tell which slot it is.
 *
 * The same is done with slot table pages and the entries that name them.
 */
#include <linux/crc32c.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include "check_util.h"

/*
 * While contents are checked, bits 4..11 of an entry of check->segments, which
 * no location uses, tell the kind of the segment and the level of a lone page.
 */
#define MARK_KIND_SHIFT		4
#define MARK_LEVEL_SHIFT	8
#define MARKS			0xff0ULL

/**
 * struct contents - state of one zram_check_contents()
 * @check: the validation
 * @super: superblock
 * @nr_slots: slots that the device has
 * @tables: slot table pages visited
 * @thorough: look up the object of each slot
 * @object_sum: hashes of objects in use, less those of objects that slots name
 * @table_sum: the same of slot table pages and the entries that name them
 * @stored: slots that are not empty
 * @same: slots that hold the value of the page
 * @raw: slots of raw pages
 */
struct contents {
	struct zram_check *check;
	const struct zram_persist_super *super;
	u64 nr_slots;
	u64 tables;
	bool thorough;
	u64 object_sum;
	u64 table_sum;
	u64 stored;
	u64 same;
	u64 raw;
};

static enum zram_check_result damaged(struct zram_check *check,
				      const char *reason, u64 where)
{
	return zram_check_fail(check, ZRAM_CHECK_DAMAGED, reason, where);
}

/* Mix the bits of a location so well that no sum of hashes cancels. */
static u64 hash(u64 location)
{
	location *= 0x9e3779b97f4a7c15ULL;
	location ^= location >> 29;
	location *= 0xbf58476d1ce4e5b9ULL;
	return location ^ location >> 32;
}

static bool bit_is_set(const u64 *bitmap, u32 bit)
{
	return bitmap[bit / 64] >> (bit % 64) & 1;
}

/* Count objects in use, and add them to the sum. The first is at @first. */
static u32 count_objects(struct contents *c, const u64 *bitmap, u64 first,
			 u32 objects, u32 size)
{
	u32 i, count = 0;

	for (i = 0; i < objects; i++) {
		if (!bit_is_set(bitmap, i))
			continue;
		c->object_sum += hash(first + (u64)i * size);
		count++;
	}
	return count;
}

static enum zram_check_result
check_bitmap(struct contents *c, u64 location, unsigned int page,
	     const struct zram_persist_page *desc)
{
	u64 base = zram_check_location_addr(location);
	u32 size = (u32)desc->arg << ZRAM_PERSIST_GRANULE_SHIFT;
	const struct zram_persist_span *span;
	struct zram_persist_geometry g;
	u64 phys;

	g = zram_persist_span_geometry(zram_check_location_order(location),
				       page, zram_persist_span_pages(desc),
				       size);
	phys = base + g.start;
	if (!g.objects)
		return damaged(c->check, "span has no objects", phys);
	span = zram_check_memory(c->check, phys);
	if (desc->crc != crc32c(~0U, span->bitmap, g.words * sizeof(u64)))
		return damaged(c->check, "span has a wrong checksum", phys);
	if (g.objects % 64 && span->bitmap[g.words - 1] >> (g.objects % 64))
		return damaged(c->check, "span has objects beyond its end",
			       phys);
	if (!desc->count ||
	    desc->count != count_objects(c, span->bitmap, location + g.first,
					 g.objects, size))
		return damaged(c->check, "span has a wrong count", phys);
	c->check->objects += desc->count;
	return ZRAM_CHECK_OK;
}

static enum zram_check_result
check_span(struct contents *c, u64 location,
	   const struct zram_persist_segment *segment, unsigned int page)
{
	unsigned int order = segment->order, i;
	const struct zram_persist_page *desc, *tail;
	u64 where = zram_check_location_addr(location) + page * PAGE_BYTES;
	u32 size;

	desc = &segment->page[zram_persist_page_index(page, order)];
	size = (u32)desc->arg << ZRAM_PERSIST_GRANULE_SHIFT;
	if (page + zram_persist_span_pages(desc) > 1U << order)
		return damaged(c->check, "span ends beyond its segment", where);
	if (size < ZRAM_PERSIST_MIN_OBJECT || size > ZRAM_PERSIST_MAX_OBJECT)
		return damaged(c->check, "span has a wrong object size", where);
	for (i = 1; i < zram_persist_span_pages(desc); i++) {
		tail = &segment->page[zram_persist_page_index(page + i, order)];
		if (tail->kind != ZRAM_PERSIST_SPAN_TAIL || tail->arg != i ||
		    tail->count || tail->crc)
			return damaged(c->check, "span is not whole", where);
	}
	return check_bitmap(c, location, page, desc);
}

/* @addr and @desc are those of a page that a descriptor calls a table. */
static enum zram_check_result
check_table_page(struct contents *c, u64 addr,
		 const struct zram_persist_page *desc)
{
	if (desc->arg >= c->super->slot_levels || desc->count)
		return damaged(c->check, "slot table page has a wrong level",
			       addr);
	if (desc->crc != crc32c(~0U, zram_check_memory(c->check, addr),
				PAGE_BYTES))
		return damaged(c->check, "slot table page has a wrong checksum",
			       addr);
	c->check->table_pages++;
	c->table_sum += hash(addr);
	return ZRAM_CHECK_OK;
}

/* Check one use of pages, and tell in @pages how many pages it takes. */
static enum zram_check_result
check_page(struct contents *c, u64 location,
	   const struct zram_persist_segment *segment, unsigned int page,
	   unsigned int *pages)
{
	const struct zram_persist_page *desc;
	u64 addr = zram_check_location_addr(location) + page * PAGE_BYTES;
	bool bare;

	desc = &segment->page[zram_persist_page_index(page, segment->order)];
	bare = !desc->arg && !desc->count && !desc->crc;
	*pages = 1;
	if (desc->kind == ZRAM_PERSIST_FREE && bare)
		return ZRAM_CHECK_OK;
	if (zram_persist_page_kind(desc) == ZRAM_PERSIST_SPAN) {
		*pages = zram_persist_span_pages(desc);
		return check_span(c, location, segment, page);
	}
	/* The header is in the way of anything that fills page 0. */
	if (page && desc->kind == ZRAM_PERSIST_TABLE)
		return check_table_page(c, addr, desc);
	if (page && desc->kind == ZRAM_PERSIST_RAW && bare) {
		c->check->raw_pages++;
		return ZRAM_CHECK_OK;
	}
	return damaged(c->check, "page has a wrong descriptor", addr);
}

static enum zram_check_result
check_headed(struct contents *c, const struct zram_persist_segtab_entry *entry)
{
	unsigned int order = zram_check_location_order(entry->location);
	u64 addr = zram_check_location_addr(entry->location);
	const struct zram_persist_segment *segment;
	enum zram_check_result result;
	unsigned int page, pages;

	segment = zram_check_memory(c->check, addr);
	if (entry->page.arg || entry->page.count)
		return damaged(c->check, "segment has a wrong descriptor",
			       addr);
	if (entry->page.crc != crc32c(~0U, segment,
				      zram_persist_header_bytes(order)))
		return damaged(c->check, "segment has a wrong checksum", addr);
	if (segment->magic != ZRAM_PERSIST_SEGMENT_MAGIC)
		return damaged(c->check, "segment has a wrong magic", addr);
	if (segment->order != order || segment->reserved[0] ||
	    segment->reserved[1] || segment->reserved[2])
		return damaged(c->check, "segment has a wrong header", addr);

	page = order == ZRAM_PERSIST_MAX_ORDER;
	for (; page < 1U << order; page += pages) {
		result = check_page(c, entry->location, segment, page, &pages);
		if (result)
			return result;
	}
	return ZRAM_CHECK_OK;
}

static enum zram_check_result
check_segment(struct contents *c, const struct zram_persist_segtab_entry *entry)
{
	const struct zram_persist_page *desc = &entry->page;
	u64 addr = zram_check_location_addr(entry->location);
	s64 i = zram_check_locate(c->check, addr);

	c->check->segments[i] |= (u64)desc->kind << MARK_KIND_SHIFT & MARKS;
	if (desc->kind == ZRAM_PERSIST_HEADED)
		return check_headed(c, entry);
	if (zram_check_location_order(entry->location))
		return damaged(c->check, "segment has a wrong descriptor",
			       addr);
	if (desc->kind == ZRAM_PERSIST_TABLE) {
		c->check->segments[i] |= (u64)desc->arg << MARK_LEVEL_SHIFT &
					 MARKS;
		return check_table_page(c, addr, desc);
	}
	if (desc->kind == ZRAM_PERSIST_RAW && !desc->arg && !desc->count &&
	    !desc->crc) {
		c->check->raw_pages++;
		return ZRAM_CHECK_OK;
	}
	return damaged(c->check, "segment has a wrong descriptor", addr);
}

static enum zram_check_result check_segments(struct contents *c)
{
	const struct zram_persist_segtab *tab;
	enum zram_check_result result;
	unsigned int i;
	u64 phys;

	for (phys = c->super->segtab; phys; phys = tab->next) {
		tab = zram_check_memory(c->check, phys);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			if (!tab->entry[i].location)
				continue;
			result = check_segment(c, &tab->entry[i]);
			if (result)
				return result;
		}
	}
	return ZRAM_CHECK_OK;
}

/*
 * Find the segment of a location. Returns its marked location, or 0 if there
 * is no segment of this order at this place.
 */
static u64 find_segment(const struct zram_check *check, u64 location)
{
	u64 segment = location & ~(zram_check_location_bytes(location) - 1);
	s64 i;

	segment |= zram_check_location_order(location);
	i = zram_check_locate(check, segment);
	if (i < 0 || (check->segments[i] & ~MARKS) != segment)
		return 0;
	return check->segments[i];
}

/* Bits of @addr within the segment @segment. */
static u32 segment_offset(u64 segment, u64 addr)
{
	return addr & (zram_check_location_bytes(segment) - 1);
}

static bool is_headed(u64 segment)
{
	return (segment >> MARK_KIND_SHIFT & 0xf) == ZRAM_PERSIST_HEADED;
}

/* Is there an object in use at @location? */
static bool object_is_used(const struct contents *c, u64 location)
{
	u64 addr = location & ~ZRAM_PERSIST_LOCATION_ORDER;
	unsigned int order = zram_check_location_order(location);
	const struct zram_persist_segment *header;
	const struct zram_persist_page *desc;
	const struct zram_persist_span *span;
	struct zram_persist_geometry g;
	u32 offset, page, size;
	u64 segment;

	segment = find_segment(c->check, location);
	if (!segment || !is_headed(segment))
		return false;
	offset = segment_offset(segment, addr);
	page = offset >> ZRAM_PERSIST_PAGE_SHIFT;
	if (!page && order == ZRAM_PERSIST_MAX_ORDER)
		return false;
	header = zram_check_memory(c->check, addr - offset);
	desc = &header->page[zram_persist_page_index(page, order)];
	if (desc->kind == ZRAM_PERSIST_SPAN_TAIL) {
		page -= desc->arg;
		desc = &header->page[zram_persist_page_index(page, order)];
	}
	if (zram_persist_page_kind(desc) != ZRAM_PERSIST_SPAN)
		return false;
	size = (u32)desc->arg << ZRAM_PERSIST_GRANULE_SHIFT;
	g = zram_persist_span_geometry(order, page,
				       zram_persist_span_pages(desc), size);
	if (offset < g.first || (offset - g.first) % size ||
	    (offset - g.first) / size >= g.objects)
		return false;
	span = zram_check_memory(c->check, addr - offset + g.start);
	return bit_is_set(span->bitmap, (offset - g.first) / size);
}

static bool slot_is_good(struct contents *c, u64 slot)
{
	const u64 order = ZRAM_PERSIST_LOCATION_ORDER <<
			  ZRAM_PERSIST_SLOT_ORDER_SHIFT;
	u64 location;

	if (slot & ZRAM_PERSIST_SLOT_FLAGS_MASK)
		return false;
	switch (slot & ZRAM_PERSIST_SLOT_KIND_MASK) {
	case ZRAM_PERSIST_SLOT_SAME:
		c->same++;
		return !(slot & order);
	case ZRAM_PERSIST_SLOT_REPEAT:
		c->same++;
		return !(slot & order) &&
		       !(slot >> (ZRAM_PERSIST_SLOT_ADDR_SHIFT + 32));
	case ZRAM_PERSIST_SLOT_RAW:
		c->raw++;
		break;
	case ZRAM_PERSIST_SLOT_OBJECT:
		break;
	default:
		return false;
	}
	location = slot >> ZRAM_PERSIST_SLOT_ADDR_SHIFT <<
		   ZRAM_PERSIST_GRANULE_SHIFT;
	location |= (slot & order) >> ZRAM_PERSIST_SLOT_ORDER_SHIFT;
	c->object_sum -= hash(location);
	return !c->thorough || object_is_used(c, location);
}

static enum zram_check_result check_slots(struct contents *c, const u64 *slot,
					  u64 first)
{
	unsigned int i;

	for (i = 0; i < ZRAM_PERSIST_FANOUT; i++) {
		if (!slot[i])
			continue;
		if (first + i >= c->nr_slots)
			return damaged(c->check, "slot is beyond the device",
				       first + i);
		if (!slot_is_good(c, slot[i]))
			return damaged(c->check, "slot is wrong", first + i);
		c->stored++;
	}
	return ZRAM_CHECK_OK;
}

/* Find the slot table page at @location, if it is one, of level @level. */
static const u64 *find_table(const struct contents *c, u64 location,
			     unsigned int level)
{
	unsigned int order = zram_check_location_order(location);
	const struct zram_persist_segment *header;
	const struct zram_persist_page *desc;
	u64 addr = zram_check_location_addr(location);
	u64 segment;
	u32 offset, page;

	if (order > ZRAM_PERSIST_MAX_ORDER || location != (addr | order))
		return NULL;
	segment = find_segment(c->check, location);
	if (!segment)
		return NULL;
	if (!is_headed(segment)) {
		if (segment != (location |
				ZRAM_PERSIST_TABLE << MARK_KIND_SHIFT |
				level << MARK_LEVEL_SHIFT))
			return NULL;
		return zram_check_memory(c->check, addr);
	}
	offset = segment_offset(segment, addr);
	page = offset >> ZRAM_PERSIST_PAGE_SHIFT;
	if (!page)
		return NULL;
	header = zram_check_memory(c->check, addr - offset);
	desc = &header->page[zram_persist_page_index(page, order)];
	if (desc->kind != ZRAM_PERSIST_TABLE || desc->arg != level)
		return NULL;
	return zram_check_memory(c->check, addr);
}

/*
 * Check the part of the slot table that begins with @first. The recursion is
 * as deep as @level, at most ZRAM_PERSIST_MAX_LEVELS, because a page is found
 * only at the level that its own descriptor has.
 */
static enum zram_check_result check_table(struct contents *c, u64 location,
					  unsigned int level, u64 first)
{
	unsigned int shift = level * ZRAM_PERSIST_FANOUT_SHIFT, i;
	const u64 *table = find_table(c, location, level);
	enum zram_check_result result;

	if (!table)
		return damaged(c->check, "slot table page is not one",
			       location);
	/* Shared pages could keep us here for 512^4 slots. */
	if (c->tables++ == c->check->table_pages)
		return damaged(c->check, "slot table pages are shared",
			       location);
	c->table_sum -= hash(zram_check_location_addr(location));
	if (!level)
		return check_slots(c, table, first);
	for (i = 0; i < ZRAM_PERSIST_FANOUT; i++) {
		u64 index = first + ((u64)i << shift);

		if (!table[i])
			continue;
		if (index >= c->nr_slots)
			return damaged(c->check,
				       "slot table goes beyond the device",
				       index);
		result = check_table(c, table[i], level - 1, index);
		if (result)
			return result;
	}
	return ZRAM_CHECK_OK;
}

static enum zram_check_result check_slot_table(struct contents *c)
{
	c->tables = 0;
	if (!c->super->slot_root)
		return ZRAM_CHECK_OK;
	return check_table(c, c->super->slot_root, c->super->slot_levels - 1,
			   0);
}

/* Tell which slot makes the sum of objects wrong. */
static enum zram_check_result find_bad_slot(struct contents *c)
{
	enum zram_check_result result;

	c->thorough = true;
	result = check_slot_table(c);
	if (result)
		return result;
	return damaged(c->check, "objects are lost or shared",
		       c->check->objects);
}

/* What the slot table, the segments and the superblock say must agree. */
static enum zram_check_result check_counts(struct contents *c)
{
	const struct zram_persist_super *super = c->super;
	struct zram_check *check = c->check;

	if (c->table_sum)
		return damaged(check, "slot table pages are lost or shared",
			       check->table_pages);
	if (c->stored - c->same != check->objects || c->object_sum)
		return find_bad_slot(c);
	/*
	 * There may be more pages than slots: one whose descriptor was found
	 * damaged when it was to be freed stays taken.
	 */
	if (c->raw > check->raw_pages)
		return damaged(check, "raw pages are shared",
			       check->raw_pages);
	if (c->stored != super->pages_stored)
		return damaged(check, "count of pages is wrong",
			       super->pages_stored);
	if (c->raw != super->raw_pages)
		return damaged(check, "count of raw pages is wrong",
			       super->raw_pages);
	/* Slots do not tell which objects are of ZRAM_PERSIST_CODEC_SAME. */
	if (super->same_pages < c->same ||
	    super->same_pages > c->stored - c->raw)
		return damaged(check, "count of same pages is wrong",
			       super->same_pages);
	return ZRAM_CHECK_OK;
}

static enum zram_check_result check_device(struct contents *c)
{
	enum zram_check_result result = zram_check_fields(c->check, c->super);

	if (result)
		return result;
	c->nr_slots = c->super->disksize / PAGE_BYTES;
	result = check_segments(c);
	if (!result)
		result = check_slot_table(c);
	if (!result)
		result = check_counts(c);
	return result;
}

/**
 * zram_check_contents() - validate everything beyond the envelope
 * @check: the validation that zram_check_envelope() has passed
 * @super: superblock of the same device
 *
 * Takes a time that grows with segments, slot table pages and slots in use.
 *
 * Return: %ZRAM_CHECK_OK, %ZRAM_CHECK_UNKNOWN or %ZRAM_CHECK_DAMAGED.
 */
enum zram_check_result
zram_check_contents(struct zram_check *check,
		    const struct zram_persist_super *super)
{
	struct contents c = { .check = check, .super = super };
	enum zram_check_result result;
	u64 i;

	check->objects = 0;
	check->raw_pages = 0;
	check->table_pages = 0;
	result = check_device(&c);
	for (i = 0; i < check->nr_segments; i++)
		check->segments[i] &= ~MARKS;
	return result;
}
