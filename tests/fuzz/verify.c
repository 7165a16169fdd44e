// SPDX-License-Identifier: GPL-2.0
/*
 * What a driver relies on when a handover has passed, looked at once more and
 * in another way: each slot is followed as the driver follows it, and each
 * page and each object must be found exactly once. Only memory that the checker
 * asked for is not poisoned.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "memory.h"

#define EXPECT(condition) expect(condition, #condition, __LINE__)

static void expect(bool good, const char *what, int line)
{
	if (good)
		return;
	fprintf(stderr, "accepted, although not: %s (line %d)\n", what, line);
	abort();
}

static u64 addr_of(u64 location)
{
	return location & ~(PAGE - 1);
}

static u64 bytes_of(u64 location)
{
	return PAGE << (location & 3) * 3;
}

void verify_envelope(const struct zram_check *check,
		     const struct zram_persist_super *super)
{
	u64 end = PAGE, i;

	EXPECT(check->nr_segments == super->nr_segments);
	for (i = 0; i < check->nr_segments; i++) {
		u64 location = check->segments[i], addr = addr_of(location);

		EXPECT(location - addr <= 3);
		EXPECT(addr % bytes_of(location) == 0);
		EXPECT(addr >= end);
		end = addr + bytes_of(location);
		EXPECT(memory_exists(addr, end - addr));
		EXPECT(check->record < addr || check->record >= end);
		EXPECT(check->super < addr || check->super >= end);
	}
}

/**
 * struct walk - what was found
 * @check: validation that has passed
 * @super: superblock
 * @seen: for each page of each segment, by address: it was named
 * @objects: slots of objects
 * @raw: slots of raw pages
 * @tables: pages of tables and dictionaries
 * @stored: slots that are not empty
 */
struct walk {
	const struct zram_check *check;
	const struct zram_persist_super *super;
	u64 objects;
	u64 raw;
	u64 tables;
	u64 stored;
};

static u8 seen[MEMORY_END / PAGE];

/* The segment of a location, by masking as the driver does. */
static u64 segment_of(const struct walk *w, u64 location)
{
	u64 want = (location & ~(bytes_of(location) - 1)) | (location & 3), i;

	for (i = 0; i < w->check->nr_segments; i++)
		if (w->check->segments[i] == want)
			return want;
	EXPECT(!"location in a segment");
	return 0;
}

/* The descriptor of the page at @location. */
static struct zram_persist_page desc_of(const struct walk *w, u64 location)
{
	u64 segment = segment_of(w, location), phys;
	const struct zram_persist_segment *header;
	const struct zram_persist_segtab *tab;
	unsigned int i, page;

	if (segment & 3) {
		header = memory_at(addr_of(segment));
		page = (addr_of(location) - addr_of(segment)) / PAGE;
		EXPECT(page > 0);
		return header->page[page - 1];
	}
	for (phys = w->super->segtab; phys; phys = tab->next) {
		tab = memory_at(phys);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (tab->entry[i].location == segment)
				return tab->entry[i].page;
	}
	EXPECT(!"a lone page in the segment table");
	return (struct zram_persist_page){ 0 };
}

static void see_page(u64 location)
{
	EXPECT(!seen[location / PAGE]);
	seen[location / PAGE] = 1;
}

static void verify_object(struct walk *w, u64 location, u64 index)
{
	struct zram_persist_page desc = desc_of(w, location);
	const struct zram_persist_span *span = memory_at(addr_of(location));
	const struct zram_persist_entry *entry;
	unsigned int i = location >> 2 & 0x3ff;

	EXPECT(zram_persist_page_kind(&desc) == ZRAM_PERSIST_SPAN);
	if (desc.arg == ZRAM_PERSIST_SPAN_LOST) {
		EXPECT(w->super->incompat & ZRAM_PERSIST_INCOMPAT_BAD);
		return;
	}
	EXPECT(!zram_persist_page_is_bad(&desc));
	EXPECT(i < span->nr_entries);
	EXPECT(zram_persist_span_pages(&desc) == span->pages);
	EXPECT(span->pages <= ZRAM_PERSIST_MAX_SPAN);
	EXPECT(addr_of(location) % bytes_of(location) + span->pages * PAGE <=
	       bytes_of(location));
	entry = &span->entry[i];
	EXPECT(zram_persist_entry_owner(entry) == index);
	EXPECT(zram_persist_entry_len(entry) > 0);
	EXPECT(zram_persist_entry_start(entry) >=
	       sizeof(*span) + span->nr_entries * sizeof(*entry));
	EXPECT(zram_persist_entry_start(entry) + zram_persist_entry_len(entry) <=
	       span->pages * PAGE);
	w->objects++;
}

static void verify_slot(struct walk *w, u64 slot, u64 index)
{
	u64 location = slot >> ZRAM_PERSIST_SLOT_LOCATION_SHIFT;
	struct zram_persist_page desc;

	if (!slot)
		return;
	EXPECT(index < w->super->disksize / PAGE);
	w->stored++;
	switch (slot & ZRAM_PERSIST_SLOT_KIND_MASK) {
	case ZRAM_PERSIST_SLOT_OBJECT:
		verify_object(w, location, index);
		break;
	case ZRAM_PERSIST_SLOT_RAW:
		desc = desc_of(w, location);
		EXPECT(zram_persist_page_kind(&desc) == ZRAM_PERSIST_RAW);
		see_page(location);
		w->raw++;
		break;
	}
}

/* @arg: that of the descriptor; @level: 0 for a page without locations. */
static void verify_table(struct walk *w, u64 location, unsigned int arg,
			 unsigned int level, u64 first)
{
	struct zram_persist_page desc = desc_of(w, location);
	const u64 *entry = memory_at(addr_of(location));
	unsigned int i;

	EXPECT(desc.kind == ZRAM_PERSIST_TABLE && desc.arg == arg);
	see_page(location);
	w->tables++;
	for (i = 0; i < ZRAM_PERSIST_FANOUT; i++) {
		u64 index = first + ((u64)i << 9 * level);

		if (level && entry[i])
			verify_table(w, entry[i], arg - 1, level - 1, index);
		else if (!level && arg < ZRAM_PERSIST_TABLE_TIMES)
			verify_slot(w, entry[i], index);
	}
}

static void verify_dict(struct walk *w, const struct zram_persist_codec *codec)
{
	const struct zram_persist_dict *page;
	u64 location = codec->dict, len = 0;

	for (; location; location = page->next) {
		struct zram_persist_page desc = desc_of(w, location);

		EXPECT(desc.kind == ZRAM_PERSIST_TABLE &&
		       desc.arg == ZRAM_PERSIST_LEVEL_DICT);
		see_page(location);
		w->tables++;
		page = memory_at(addr_of(location));
		len += sizeof(page->data);
	}
	EXPECT(codec->dict_len <= len &&
	       len < (u64)codec->dict_len + sizeof(page->data));
}

static unsigned int levels_of(u64 slots)
{
	unsigned int levels = 1;

	for (; slots > 512; slots = (slots + 511) / 512)
		levels++;
	return levels;
}

void verify_contents(const struct zram_check *check,
		     const struct zram_persist_super *super)
{
	struct walk w = { .check = check, .super = super };
	u64 slots = super->disksize / PAGE, i;
	unsigned int levels;

	for (i = 0; i < check->nr_segments; i++)
		EXPECT((check->segments[i] & 0xffc) == 0);
	if (super->slot_root)
		verify_table(&w, super->slot_root, levels_of(slots) - 1,
			     levels_of(slots) - 1, 0);
	levels = levels_of((slots + 1) / 2);
	if (super->time_root)
		verify_table(&w, super->time_root,
			     ZRAM_PERSIST_TABLE_TIMES + levels - 1, levels - 1,
			     0);
	for (i = 0; i < ZRAM_PERSIST_CODECS; i++)
		verify_dict(&w, &super->codec[i]);
	EXPECT(w.objects == check->objects);
	EXPECT(w.raw == check->raw_pages && w.raw == super->raw_pages);
	EXPECT(w.tables == check->table_pages);
	EXPECT(w.stored == super->pages_stored);
	for (i = 0; i < check->nr_segments; i++)
		memset(seen + check->segments[i] / PAGE, 0,
		       bytes_of(check->segments[i]) / PAGE);
}
