// SPDX-License-Identifier: GPL-2.0
/*
 * Validation of handed-over metadata: what segments hold. Read check.c first;
 * check_slots.c follows the references.
 *
 * Checksums find damage. They do not find what a faulty driver wrote and then
 * sealed, and so every reference is followed and bounded as well. Payloads and
 * raw pages are not touched: their checksums are verified when they are read.
 * Nor is any page that is faulty.
 */
#include <linux/crc32c.h>
#include <linux/stddef.h>
#include <linux/types.h>
#include "check_util.h"

/* Granules of the largest span, one bit each: 896 bytes on the stack. */
#define SPAN_WORDS \
	(ZRAM_PERSIST_MAX_SPAN * ZRAM_PERSIST_PAGE_SIZE / \
	 ZRAM_PERSIST_GRANULE / 64)

/*
 * The span at @addr lies in its segment, which is memory, and so its header can
 * be read, if there are @good pages before the first one that is faulty. When
 * this succeeds all of its directory can be.
 */
static enum zram_check_result
check_span_header(struct zram_check_state *c, u64 addr,
		  const struct zram_persist_page *desc, unsigned int good)
{
	const size_t covered = offsetof(struct zram_persist_span, nr_entries);
	const struct zram_persist_span *span;
	u32 end, pages = zram_persist_span_pages(desc);

	if (!good)
		return damaged(c->check, "span is faulty", addr);
	span = zram_check_memory(c->check, addr);
	/* Bounds what the checksum reads. Sixteen bits cannot overflow it. */
	end = zram_check_directory_end(span);
	if (!span->nr_entries || span->nr_entries > ZRAM_PERSIST_MAX_ENTRIES ||
	    end > pages * ZRAM_PERSIST_PAGE_SIZE)
		return damaged(c->check, "span has a wrong directory", addr);
	if (end > good * ZRAM_PERSIST_PAGE_SIZE)
		return damaged(c->check, "span is faulty", addr);
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

/* Bytes that an object of this codec has, or 0 if it has its own length. */
static unsigned int codec_len(unsigned int codec)
{
	switch (codec) {
	case ZRAM_PERSIST_CODEC_SAME:
		return sizeof(u64);
	case ZRAM_PERSIST_CODEC_WRITTEN_BACK:
		return sizeof(struct zram_persist_backed);
	}
	return 0;
}

/*
 * What is wrong with an entry in use, or NULL. If nothing is, the payload lies
 * between the directory and the end of the span: no field can overflow the 32
 * bits in which that is computed.
 */
static const char *entry_fault(const struct zram_check_state *c,
			       const struct zram_persist_span *span,
			       const struct zram_persist_entry *entry)
{
	unsigned int codec = zram_persist_entry_codec(entry);
	unsigned int start = zram_persist_entry_start(entry);
	unsigned int len = zram_persist_entry_len(entry);
	unsigned int fixed = codec_len(codec);

	if (!len || len > ZRAM_PERSIST_MAX_PAYLOAD ||
	    (fixed && len != fixed))
		return "object has a wrong length";
	if (!fixed &&
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

static void count_object(struct zram_check_state *c,
			 const struct zram_persist_entry *entry)
{
	switch (zram_persist_entry_codec(entry)) {
	case ZRAM_PERSIST_CODEC_SAME:
		c->same++;
		break;
	case ZRAM_PERSIST_CODEC_WRITTEN_BACK:
		c->backed++;
		break;
	default:
		c->bytes += zram_persist_entry_len(entry);
	}
}

/* The directory of the span at @addr, of which the header is right. */
static enum zram_check_result check_directory(struct zram_check_state *c, u64 addr)
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
		count_object(c, entry);
	}
	if (span->nr_used != used)
		return damaged(c->check, "span has a wrong count", addr);
	if (span->free != rest)
		return damaged(c->check, "span has wrong free space", addr);
	c->check->objects += used;
	return ZRAM_CHECK_OK;
}

/*
 * Pages of a span before the first one that is faulty. Counts the latter, and
 * returns -1 if they do not belong together.
 */
static int good_pages(struct zram_check_state *c,
		      const struct zram_persist_page *desc, unsigned int pages)
{
	unsigned int i;
	int good = pages;

	for (i = 0; i < pages; i++) {
		if (i && (zram_persist_page_kind(&desc[i]) !=
			  ZRAM_PERSIST_SPAN_TAIL || desc[i].kind >> 4 ||
			  desc[i].arg != i || desc[i].count || desc[i].crc))
			return -1;
		if (!zram_persist_page_is_bad(&desc[i]))
			continue;
		c->check->bad_pages++;
		if (good == (int)pages)
			good = i;
	}
	return good;
}

/* Nothing can be said of a lost span but that it has a reason to be one. */
static enum zram_check_result
check_lost(struct zram_check_state *c, u64 addr,
	   const struct zram_persist_page *desc, bool whole)
{
	if (whole || desc->crc)
		return damaged(c->check, "span has a wrong descriptor", addr);
	c->lost_spans = true;
	return ZRAM_CHECK_OK;
}

/*
 * Descriptors of successive pages follow each other, and @left of them, that of
 * the span included, are there.
 */
static enum zram_check_result check_span(struct zram_check_state *c, u64 addr,
					 const struct zram_persist_page *desc,
					 unsigned int left)
{
	unsigned int pages = zram_persist_span_pages(desc);
	enum zram_check_result result;
	int good;

	if (pages > ZRAM_PERSIST_MAX_SPAN)
		return damaged(c->check, "span is too long", addr);
	if (pages > left)
		return damaged(c->check, "span ends beyond its segment", addr);
	if (desc->arg > ZRAM_PERSIST_SPAN_LOST || desc->count)
		return damaged(c->check, "span has a wrong descriptor", addr);
	good = good_pages(c, desc, pages);
	if (good < 0)
		return damaged(c->check, "span is not whole", addr);
	if (desc->arg)
		return check_lost(c, addr, desc, good == (int)pages);
	result = check_span_header(c, addr, desc, good);
	if (!result)
		result = check_directory(c, addr);
	return result;
}

static bool level_is_good(const struct zram_check_state *c, unsigned int level)
{
	if (level == ZRAM_PERSIST_LEVEL_DICT)
		return true;
	if (level < ZRAM_PERSIST_TABLE_TIMES)
		return level < c->super->slot_levels;
	return level - ZRAM_PERSIST_TABLE_TIMES <
	       zram_check_levels(zram_check_time_slots(c->nr_slots));
}

/* @addr and @desc are those of a page that a descriptor calls a table. */
static enum zram_check_result
check_table_page(struct zram_check_state *c, u64 addr,
		 const struct zram_persist_page *desc)
{
	if (!level_is_good(c, desc->arg) || desc->count)
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
static enum zram_check_result check_page(struct zram_check_state *c, u64 addr,
					 const struct zram_persist_page *desc,
					 unsigned int left, unsigned int *pages)
{
	*pages = 1;
	switch (zram_persist_page_kind(desc)) {
	case ZRAM_PERSIST_SPAN:
		*pages = zram_persist_span_pages(desc);
		return check_span(c, addr, desc, left);
	case ZRAM_PERSIST_RAW:
		c->check->bad_pages += zram_persist_page_is_bad(desc);
		c->check->raw_pages++;
		c->raw_sum += zram_check_raw_hash(addr, zram_persist_raw_owner(desc));
		c->bytes += PAGE_BYTES;
		return ZRAM_CHECK_OK;
	case ZRAM_PERSIST_TABLE:
		if (desc->kind == ZRAM_PERSIST_TABLE)
			return check_table_page(c, addr, desc);
		break;
	case ZRAM_PERSIST_FREE:
		if (desc->kind >> 4 || desc->arg || desc->count || desc->crc)
			break;
		c->check->bad_pages += zram_persist_page_is_bad(desc);
		return ZRAM_CHECK_OK;
	}
	return damaged(c->check, "page has a wrong descriptor", addr);
}

static enum zram_check_result
check_headed(struct zram_check_state *c, const struct zram_persist_segtab_entry *entry)
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
check_segment(struct zram_check_state *c, const struct zram_persist_segtab_entry *entry)
{
	u64 addr = zram_check_location_addr(entry->location);
	const struct zram_persist_page *desc = &entry->page;
	u64 kind = zram_persist_page_kind(desc), arg = desc->arg;
	/* The envelope has listed each entry that is in use. */
	s64 i = zram_check_locate(c->check, addr);
	unsigned int pages;

	if (desc->kind == ZRAM_PERSIST_HEADED)
		return check_headed(c, entry);
	/* A lone page that is free is one that is faulty. */
	if (zram_check_location_order(entry->location) || !desc->kind)
		return damaged(c->check, "segment has a wrong descriptor",
			       addr);
	c->check->segments[i] |= (kind << MARK_KIND_SHIFT |
				  arg << MARK_LEVEL_SHIFT) & MARKS;
	return check_page(c, addr, desc, 1, &pages);
}

static enum zram_check_result check_segments(struct zram_check_state *c)
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
	if (c->check->bad_pages &&
	    !(c->super->incompat & ZRAM_PERSIST_INCOMPAT_BAD))
		return damaged(c->check, "faulty pages without the feature",
			       c->check->bad_pages);
	return ZRAM_CHECK_OK;
}

/* Nobody can tell what was in spans that are lost: then less may be there. */
static bool is_miscounted(const struct zram_check_state *c, u64 found, u64 said)
{
	return found != said && !(c->lost_spans && found < said);
}

/* What the slot table, the segments and the superblock say must agree. */
static enum zram_check_result check_counts(struct zram_check_state *c)
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
	check->same_pages = c->same;
	check->compr_bytes = c->bytes;
	if (is_miscounted(c, c->same, super->same_pages))
		return damaged(check, "count of same pages is wrong",
			       super->same_pages);
	if (c->raw != super->raw_pages)
		return damaged(check, "count of raw pages is wrong",
			       super->raw_pages);
	if (c->backed != super->backed_pages)
		return damaged(check, "count of written-back pages is wrong",
			       super->backed_pages);
	if (is_miscounted(c, c->bytes, super->compr_bytes))
		return damaged(check, "count of compressed bytes is wrong",
			       super->compr_bytes);
	return ZRAM_CHECK_OK;
}

static enum zram_check_result check_device(struct zram_check_state *c)
{
	const struct zram_persist_super *super = c->super;
	enum zram_check_result result;

	result = zram_check_fields(c->check, super);
	if (result)
		return result;
	c->nr_slots = super->disksize / PAGE_BYTES;
	result = check_segments(c);
	if (!result)
		result = zram_check_slots(c);
	if (!result)
		result = zram_check_dicts(c);
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
	struct zram_check_state c = { .check = check, .super = super };
	enum zram_check_result result;
	u64 i;

	check->objects = 0;
	check->raw_pages = 0;
	check->table_pages = 0;
	check->bad_pages = 0;
	result = check_device(&c);
	for (i = 0; i < check->nr_segments; i++)
		check->segments[i] &= ~MARKS;
	return result;
}
