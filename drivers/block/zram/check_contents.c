// SPDX-License-Identifier: GPL-2.0
/*
 * Validation of handed-over metadata: the contents. Read check.c first.
 *
 * Checksums find damage. They do not find what a faulty driver wrote and then
 * sealed, and so every reference is followed and bounded as well. Payloads and
 * raw pages are not touched: their checksums are verified when they are read.
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
#include <linux/crc32c.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include "check_util.h"

/*
 * While contents are checked, bits 4..11 of an entry of check->segments, which
 * the location of a segment does not use, tell the kind of a lone page, and
 * the level if that is TABLE. No level that does not fit is accepted.
 */
#define MARK_KIND_SHIFT		4
#define MARK_LEVEL_SHIFT	8
#define MARKS			0xff0ULL

/* Granules of the largest span, one bit each: 448 bytes on the stack. */
#define SPAN_WORDS \
	(ZRAM_PERSIST_MAX_SPAN * ZRAM_PERSIST_PAGE_SIZE / \
	 ZRAM_PERSIST_GRANULE / 64)

/**
 * struct contents - state of one zram_check_contents()
 * @check: the validation
 * @super: superblock
 * @nr_slots: slots that the device has
 * @segment: entry of @check->segments that was found last, or 0
 * @tables: slot table pages visited
 * @table_sum: hashes of slot table pages, less those of entries naming them
 * @raw_sum: hashes of raw pages, less those of slots naming them
 * @stored: slots that are not empty
 * @objects: slots of objects
 * @raw: slots of raw pages
 * @same: slots that hold the value of the page, and objects that do
 * @bytes: compressed data in objects, and raw pages
 */
struct contents {
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
	u64 bytes;
};

static u64 raw_hash(u64 addr, u64 owner)
{
	owner &= ZRAM_PERSIST_RAW_OWNER;
	return zram_check_hash(zram_check_hash(addr) + owner);
}

/*
 * The span at @addr lies in its segment, which is memory, and so its header can
 * be read. When this succeeds all of its directory can be.
 */
static enum zram_check_result
check_span_header(struct contents *c, u64 addr,
		  const struct zram_persist_page *desc)
{
	const size_t covered = offsetof(struct zram_persist_span, nr_entries);
	const struct zram_persist_span *span;
	u32 end, pages = zram_persist_span_pages(desc);

	span = zram_check_memory(c->check, addr);
	/* Bounds what the checksum reads. Sixteen bits cannot overflow it. */
	end = zram_check_directory_end(span);
	if (!span->nr_entries || span->nr_entries > ZRAM_PERSIST_MAX_ENTRIES ||
	    end > pages * ZRAM_PERSIST_PAGE_SIZE)
		return damaged(c->check, "span has a wrong directory", addr);
	if (desc->crc != crc32c(~0U, (const u8 *)span + covered, end - covered))
		return damaged(c->check, "span has a wrong checksum", addr);
	if (span->pages != pages ||
	    !zram_check_is_zero(span->reserved, sizeof(span->reserved)))
		return damaged(c->check, "span has a wrong header", addr);
	/* What is before the first payload is never less than nothing. */
	if ((u32)span->start << ZRAM_PERSIST_GRANULE_SHIFT < end)
		return damaged(c->check, "span has a wrong start", addr);
	if (!span->entry[span->nr_entries - 1].place)
		return damaged(c->check, "span ends with no object", addr);
	return ZRAM_CHECK_OK;
}

/*
 * What is wrong with an entry in use, or NULL. If nothing is, the payload lies
 * between the directory and the end of the span: no field can overflow the 32
 * bits in which that is computed.
 */
static const char *entry_fault(const struct contents *c,
			       const struct zram_persist_span *span,
			       const struct zram_persist_entry *entry)
{
	unsigned int codec = zram_persist_entry_codec(entry);
	unsigned int start = zram_persist_entry_start(entry);
	unsigned int len = zram_persist_entry_len(entry);

	if (!len || len > ZRAM_PERSIST_MAX_PAYLOAD ||
	    (codec == ZRAM_PERSIST_CODEC_SAME && len != sizeof(u64)))
		return "object has a wrong length";
	if (codec != ZRAM_PERSIST_CODEC_SAME &&
	    (codec >= ZRAM_PERSIST_CODECS || !c->super->codec[codec].name[0]))
		return "object has a wrong codec";
	if (start < (u32)span->start << ZRAM_PERSIST_GRANULE_SHIFT ||
	    start + len > span->pages * ZRAM_PERSIST_PAGE_SIZE)
		return "object has a wrong place";
	if (zram_persist_entry_owner(entry) >= c->nr_slots)
		return "object has a wrong owner";
	return NULL;
}

/*
 * Mark the granules of a payload, which entry_fault() has shown to lie in the
 * span and thereby in @taken. Returns false if some are marked already.
 */
static bool take_granules(u64 *taken, const struct zram_persist_entry *entry)
{
	u32 first = zram_persist_entry_start(entry) / ZRAM_PERSIST_GRANULE;
	u32 left = zram_persist_room(zram_persist_entry_len(entry)) /
		   ZRAM_PERSIST_GRANULE;
	u32 shift, run;
	u64 clash = 0;

	for (; left; left -= run, first += run) {
		u64 *word = &taken[first / 64], mask;

		shift = first % 64;
		run = left < 64 - shift ? left : 64 - shift;
		mask = ~0ULL >> (64 - run) << shift;
		clash |= *word & mask;
		*word |= mask;
	}
	return !clash;
}

/* The directory of the span at @addr, of which the header is right. */
static enum zram_check_result check_directory(struct contents *c, u64 addr)
{
	const struct zram_persist_span *span;
	u64 taken[SPAN_WORDS] = { 0 };
	u32 i, used = 0, rest;

	span = zram_check_memory(c->check, addr);
	rest = span->pages * ZRAM_PERSIST_PAGE_SIZE -
	       zram_check_directory_end(span);
	for (i = 0; i < span->nr_entries; i++) {
		const struct zram_persist_entry *entry = &span->entry[i];
		const char *fault;

		if (!entry->place)
			continue;
		fault = entry_fault(c, span, entry);
		if (!fault && !take_granules(taken, entry))
			fault = "objects overlap";
		if (fault)
			return damaged(c->check, fault, addr + sizeof(*span) +
				       i * sizeof(*entry));
		/* Payloads that do not overlap leave no less than nothing. */
		rest -= zram_persist_room(zram_persist_entry_len(entry));
		used++;
		if (zram_persist_entry_codec(entry) == ZRAM_PERSIST_CODEC_SAME)
			c->same++;
		else
			c->bytes += zram_persist_entry_len(entry);
	}
	if (span->nr_used != used)
		return damaged(c->check, "span has a wrong count", addr);
	if (span->free != rest)
		return damaged(c->check, "span has wrong free space", addr);
	c->check->objects += used;
	return ZRAM_CHECK_OK;
}

/*
 * Descriptors of successive pages follow each other, and @left of them, that of
 * the span included, are there.
 */
static enum zram_check_result check_span(struct contents *c, u64 addr,
					 const struct zram_persist_page *desc,
					 unsigned int left)
{
	unsigned int pages = zram_persist_span_pages(desc), i;
	enum zram_check_result result;

	if (pages > ZRAM_PERSIST_MAX_SPAN)
		return damaged(c->check, "span is too long", addr);
	if (pages > left)
		return damaged(c->check, "span ends beyond its segment", addr);
	if (desc->arg || desc->count)
		return damaged(c->check, "span has a wrong descriptor", addr);
	for (i = 1; i < pages; i++)
		if (desc[i].kind != ZRAM_PERSIST_SPAN_TAIL ||
		    desc[i].arg != i || desc[i].count || desc[i].crc)
			return damaged(c->check, "span is not whole", addr);
	result = check_span_header(c, addr, desc);
	if (!result)
		result = check_directory(c, addr);
	return result;
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
	c->table_sum += zram_check_hash(addr);
	return ZRAM_CHECK_OK;
}

/*
 * Check one use of pages: what begins at @addr, with @left pages of the segment
 * to go. Tells in @pages how many of these it takes.
 */
static enum zram_check_result check_page(struct contents *c, u64 addr,
					 const struct zram_persist_page *desc,
					 unsigned int left, unsigned int *pages)
{
	*pages = 1;
	switch (zram_persist_page_kind(desc)) {
	case ZRAM_PERSIST_SPAN:
		*pages = zram_persist_span_pages(desc);
		return check_span(c, addr, desc, left);
	case ZRAM_PERSIST_RAW:
		c->check->raw_pages++;
		c->raw_sum += raw_hash(addr, zram_persist_raw_owner(desc));
		c->bytes += PAGE_BYTES;
		return ZRAM_CHECK_OK;
	case ZRAM_PERSIST_TABLE:
		if (desc->kind == ZRAM_PERSIST_TABLE)
			return check_table_page(c, addr, desc);
		break;
	case ZRAM_PERSIST_FREE:
		if (!desc->kind && !desc->arg && !desc->count && !desc->crc)
			return ZRAM_CHECK_OK;
		break;
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
	/* A header takes a page: nothing would be left of an order of 0. */
	if (!order || entry->page.arg || entry->page.count)
		return damaged(c->check, "segment has a wrong descriptor",
			       addr);
	/* Eight bytes for each page are never more than the first page. */
	if (entry->page.crc != crc32c(~0U, segment,
				      zram_persist_header_bytes(order)))
		return damaged(c->check, "segment has a wrong checksum", addr);
	if (segment->magic != ZRAM_PERSIST_SEGMENT_MAGIC)
		return damaged(c->check, "segment has a wrong magic", addr);
	if (segment->order != order ||
	    !zram_check_is_zero(segment->reserved, sizeof(segment->reserved)))
		return damaged(c->check, "segment has a wrong header", addr);

	for (page = 1; page < 1U << order; page += pages) {
		result = check_page(c, addr + page * PAGE_BYTES,
				    &segment->page[page - 1],
				    (1U << order) - page, &pages);
		if (result)
			return result;
	}
	return ZRAM_CHECK_OK;
}

static enum zram_check_result
check_segment(struct contents *c, const struct zram_persist_segtab_entry *entry)
{
	u64 addr = zram_check_location_addr(entry->location);
	const struct zram_persist_page *desc = &entry->page;
	u64 kind = zram_persist_page_kind(desc), level = desc->arg;
	/* The envelope has listed each entry that is in use. */
	s64 i = zram_check_locate(c->check, addr);
	unsigned int pages;

	if (desc->kind == ZRAM_PERSIST_HEADED)
		return check_headed(c, entry);
	if (zram_check_location_order(entry->location) ||
	    kind == ZRAM_PERSIST_FREE)
		return damaged(c->check, "segment has a wrong descriptor",
			       addr);
	c->check->segments[i] |= (kind << MARK_KIND_SHIFT |
				  level << MARK_LEVEL_SHIFT) & MARKS;
	return check_page(c, addr, desc, 1, &pages);
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
 * Find the segment of a location. Returns its marked location, or 0, where no
 * segment can be, if there is none of this order at this place. Neighbours are
 * mostly in the same one.
 */
static u64 find_segment(struct contents *c, u64 location)
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
static bool find_page(struct contents *c, u64 location,
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

/* Is there an object at @location that slot @index owns? */
static bool object_is_good(struct contents *c, u64 location, u64 index)
{
	unsigned int i = zram_check_location_index(location);
	const struct zram_persist_entry *entry;
	const struct zram_persist_span *span;
	struct zram_persist_page desc;

	if (!find_page(c, location, &desc) ||
	    zram_persist_page_kind(&desc) != ZRAM_PERSIST_SPAN)
		return false;
	/* All spans have passed check_span(): any of nr_entries is readable. */
	span = zram_check_memory(c->check, zram_check_location_addr(location));
	if (i >= span->nr_entries)
		return false;
	entry = &span->entry[i];
	return entry->place && zram_persist_entry_owner(entry) == index;
}

/* Is there a raw page at @location that slot @index owns, as far as we see? */
static bool raw_is_good(struct contents *c, u64 location, u64 index)
{
	struct zram_persist_page desc;

	if (zram_check_location_index(location) ||
	    !find_page(c, location, &desc) ||
	    zram_persist_page_kind(&desc) != ZRAM_PERSIST_RAW)
		return false;
	c->raw_sum -= raw_hash(zram_check_location_addr(location), index);
	/* The sum tells of a lone page. */
	return !zram_check_location_order(location) ||
	       zram_persist_raw_owner(&desc) ==
	       (index & ZRAM_PERSIST_RAW_OWNER);
}

static bool slot_is_good(struct contents *c, u64 slot, u64 index)
{
	const u64 unused = (1ULL << ZRAM_PERSIST_SLOT_WORD_SHIFT) -
			   (1ULL << ZRAM_PERSIST_SLOT_LOCATION_SHIFT);
	u64 location = slot >> ZRAM_PERSIST_SLOT_LOCATION_SHIFT;

	if (slot & ZRAM_PERSIST_SLOT_FLAGS_MASK)
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
		return object_is_good(c, location, index);
	case ZRAM_PERSIST_SLOT_RAW:
		c->raw++;
		return raw_is_good(c, location, index);
	}
	return false;
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
		if (!slot_is_good(c, slot[i], first + i))
			return damaged(c->check, "slot is wrong", first + i);
		c->stored++;
	}
	return ZRAM_CHECK_OK;
}

/* Find the slot table page at @location, if it is one, of level @level. */
static const u64 *find_table(struct contents *c, u64 location,
			     unsigned int level)
{
	struct zram_persist_page desc;

	if (zram_check_location_index(location) ||
	    !find_page(c, location, &desc) ||
	    desc.kind != ZRAM_PERSIST_TABLE || desc.arg != level)
		return NULL;
	return zram_check_memory(c->check, zram_check_location_addr(location));
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
	c->table_sum -= zram_check_hash(zram_check_location_addr(location));
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

/* What the slot table, the segments and the superblock say must agree. */
static enum zram_check_result check_counts(struct contents *c)
{
	const struct zram_persist_super *super = c->super;
	struct zram_check *check = c->check;

	if (c->table_sum)
		return damaged(check, "slot table pages are lost or shared",
			       check->table_pages);
	if (c->objects != check->objects)
		return damaged(check, "objects are lost", check->objects);
	if (c->raw != check->raw_pages || c->raw_sum)
		return damaged(check, "raw pages are lost or shared",
			       check->raw_pages);
	if (c->stored != super->pages_stored)
		return damaged(check, "count of pages is wrong",
			       super->pages_stored);
	if (c->same != super->same_pages)
		return damaged(check, "count of same pages is wrong",
			       super->same_pages);
	if (c->raw != super->raw_pages)
		return damaged(check, "count of raw pages is wrong",
			       super->raw_pages);
	if (c->bytes != super->compr_bytes)
		return damaged(check, "count of compressed bytes is wrong",
			       super->compr_bytes);
	return ZRAM_CHECK_OK;
}

static enum zram_check_result check_device(struct contents *c)
{
	const struct zram_persist_super *super = c->super;
	enum zram_check_result result;

	result = zram_check_fields(c->check, super);
	if (result)
		return result;
	c->nr_slots = super->disksize / PAGE_BYTES;
	result = check_segments(c);
	if (!result && super->slot_root)
		result = check_table(c, super->slot_root,
				     super->slot_levels - 1, 0);
	if (!result)
		result = check_counts(c);
	return result;
}

/**
 * zram_check_contents() - validate everything beyond the envelope
 * @check: the validation that zram_check_envelope() has passed
 * @super: superblock of the same device
 *
 * Takes a time that grows with segments, objects, slot table pages and slots
 * in use.
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
