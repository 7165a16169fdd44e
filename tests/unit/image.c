// SPDX-License-Identifier: GPL-2.0
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sanitizer/asan_interface.h>
#include <linux/crc32c.h>
#include "image.h"

/* What a device of this image holds, counted while it is built. */
struct counts {
	u64 stored;
	u64 objects;
	u64 same;
	u64 backed;
	u64 raw;
	u64 bytes;
};

void *image_at(const struct image *image, u64 phys)
{
	assert(phys >= IMAGE_BASE && phys < IMAGE_BASE + IMAGE_SIZE);
	return image->mem + (phys - IMAGE_BASE);
}

struct zram_persist_page *image_desc(const struct image *image, u64 segment,
				     unsigned int page)
{
	struct zram_persist_segment *header = image_at(image, segment);

	return &header->page[page - 1];
}

struct zram_persist_entry *image_entry(const struct image *image, u64 location)
{
	struct zram_persist_span *span = image_at(image, location & ~0xfffULL);

	return &span->entry[(location & 0xfff) >> 2];
}

static u64 address_of(const struct image *image, const void *p)
{
	return (const u8 *)p - image->mem + IMAGE_BASE;
}

static void cover(struct image *image, u64 start, u64 len, const void *crc,
		  u64 hole)
{
	assert(image->nr_covers < IMAGE_COVERS);
	image->covers[image->nr_covers++] = (struct cover){
		.start = start,
		.len = len,
		.crc = address_of(image, crc),
		.hole = hole,
	};
}

static void reseal_one(const struct image *image, const struct cover *cover)
{
	u8 *start = image_at(image, cover->start);
	u8 *at = image_at(image, cover->crc);
	u8 kept[8];
	u32 crc;

	memcpy(kept, at, cover->hole);
	memset(at, 0, cover->hole);
	crc = crc32c(~0U, start, cover->len);
	memcpy(at, kept, cover->hole);
	memcpy(at, &crc, sizeof(crc));
}

/* Put checksums right after a change of @len bytes at @phys. */
void image_reseal(const struct image *image, u64 phys, u64 len)
{
	struct { u64 start, end; } dirty[8] = { { phys, phys + len } };
	unsigned int i, j, n = 1;

	for (i = 0; i < image->nr_covers; i++) {
		const struct cover *c = &image->covers[i];

		for (j = 0; j < n; j++)
			if (c->start < dirty[j].end &&
			    c->start + c->len > dirty[j].start)
				break;
		if (j == n)
			continue;
		reseal_one(image, c);
		assert(n < 8);
		dirty[n].start = c->crc;
		dirty[n++].end = c->crc + sizeof(u32);
	}
}

void image_reseal_all(const struct image *image)
{
	unsigned int i;

	for (i = 0; i < image->nr_covers; i++)
		reseal_one(image, &image->covers[i]);
}

static void add_header(struct image *image, u64 segment, unsigned int order)
{
	struct zram_persist_segment *header = image_at(image, segment);

	header->magic = ZRAM_PERSIST_SEGMENT_MAGIC;
	header->order = order;
}

/* Put an object that has no owner yet into a span. */
static void add_object(struct image *image, u64 location, u32 place)
{
	struct zram_persist_span *span = image_at(image, location & ~0xfffULL);
	struct zram_persist_entry *entry = image_entry(image, location);
	unsigned int index = entry - span->entry;

	entry->place = place;
	memset((u8 *)span + zram_persist_entry_start(entry), index + 1,
	       zram_persist_entry_len(entry));
	if (span->nr_entries <= index) {
		span->free -= (index + 1 - span->nr_entries) * sizeof(*entry);
		span->nr_entries = index + 1;
	}
	span->nr_used++;
	span->free -= zram_persist_room(zram_persist_entry_len(entry));
	assert(image->nr_objects < IMAGE_OBJECTS);
	image->objects[image->nr_objects++] = location;
}

static struct zram_persist_span *start_span(struct image *image, u64 location,
					    struct zram_persist_page *desc,
					    unsigned int pages)
{
	struct zram_persist_span *span = image_at(image, location & ~0xfffULL);
	unsigned int i;

	desc->kind = ZRAM_PERSIST_SPAN | (pages - 1) << 4;
	for (i = 1; i < pages; i++)
		desc[i] = (struct zram_persist_page){
			.kind = ZRAM_PERSIST_SPAN_TAIL, .arg = i,
		};
	span->scratch[0] = 0x123456789abcdef0;
	span->pages = pages;
	span->free = pages * PAGE - sizeof(*span);
	return span;
}

static void end_span(struct image *image, const struct zram_persist_span *span,
		     const struct zram_persist_page *desc)
{
	cover(image, address_of(image, &span->nr_entries),
	      sizeof(*span) - offsetof(struct zram_persist_span, nr_entries) +
	      span->nr_entries * sizeof(*span->entry), &desc->crc, 0);
}

/*
 * A span in which every fifth entry is not in use, and every seventh is a word.
 * There are holes between the payloads, which take @len bytes or a bit less.
 */
static void add_span(struct image *image, u64 location,
		     struct zram_persist_page *desc, unsigned int pages,
		     unsigned int entries, unsigned int len)
{
	struct zram_persist_span *span;
	unsigned int top = pages * PAGE, i;

	span = start_span(image, location, desc, pages);
	for (i = 0; i < entries; i++) {
		unsigned int codec = i % 7 == 2 ? ZRAM_PERSIST_CODEC_SAME :
						  i % 2;
		unsigned int bytes = i % 7 == 2 ? 8 : len - i % 11;

		if (i % 5 == 3 && i != entries - 1)
			continue;
		top -= zram_persist_room(bytes) + (i % 4 == 1 ? 8 : 0);
		add_object(image, location | i << 2,
			   PLACE(bytes, top / ZRAM_PERSIST_GRANULE, codec));
	}
	assert(top >= sizeof(*span) + entries * sizeof(*span->entry));
	span->start = top / ZRAM_PERSIST_GRANULE;
	end_span(image, span, desc);
}

static void add_known_span(struct image *image)
{
	struct zram_persist_page *desc;
	struct zram_persist_span *span;

	desc = image_desc(image, IMAGE_SEGMENT_9, IMAGE_SPAN_PAGE);
	span = start_span(image, IMAGE_SPAN, desc, 1);
	add_object(image, LOCATION_9(IMAGE_SPAN_PAGE, 0), IMAGE_PLACE_0);
	add_object(image, LOCATION_9(IMAGE_SPAN_PAGE, 2), IMAGE_PLACE_2);
	add_object(image, LOCATION_9(IMAGE_SPAN_PAGE, 3), IMAGE_PLACE_3);
	add_object(image, LOCATION_9(IMAGE_SPAN_PAGE, 5), IMAGE_PLACE_5);
	span->start = IMAGE_SPAN_START;
	assert(span->nr_entries == IMAGE_SPAN_ENTRIES &&
	       span->nr_used == IMAGE_SPAN_USED &&
	       span->free == IMAGE_SPAN_FREE);
	end_span(image, span, desc);
}

static void add_backed_span(struct image *image)
{
	struct zram_persist_page *desc;
	struct zram_persist_span *span;
	unsigned int top = PAGE, i;

	desc = image_desc(image, IMAGE_SEGMENT_9, IMAGE_BACKED_PAGE);
	span = start_span(image, LOCATION_9(IMAGE_BACKED_PAGE, 0), desc, 1);
	for (i = 0; i < IMAGE_BACKED; i++) {
		top -= sizeof(struct zram_persist_backed);
		add_object(image, LOCATION_9(IMAGE_BACKED_PAGE, i),
			   PLACE(sizeof(struct zram_persist_backed),
				 top / ZRAM_PERSIST_GRANULE,
				 ZRAM_PERSIST_CODEC_WRITTEN_BACK));
	}
	span->start = top / ZRAM_PERSIST_GRANULE;
	end_span(image, span, desc);
}

static void add_span_9(struct image *image, unsigned int page,
		       unsigned int pages, unsigned int entries,
		       unsigned int len)
{
	add_span(image, LOCATION_9(page, 0),
		 image_desc(image, IMAGE_SEGMENT_9, page), pages, entries, len);
}

static void add_raw(struct image *image, u64 location,
		    struct zram_persist_page *desc)
{
	assert(image->nr_raw < IMAGE_RAW_PAGES);
	desc->kind = ZRAM_PERSIST_RAW;
	memset(image_at(image, location & ~0xfffULL), image->nr_raw + 1, PAGE);
	image->raw[image->nr_raw++] = (struct raw){ location, desc };
}

static void add_table(struct image *image, u64 segment, unsigned int page,
		      unsigned int level)
{
	struct zram_persist_page *desc = image_desc(image, segment, page);

	desc->kind = ZRAM_PERSIST_TABLE;
	desc->arg = level;
	cover(image, segment + page * PAGE, PAGE, &desc->crc, 0);
}

static void add_times(struct image *image)
{
	u64 *root = image_at(image, IMAGE_TIME_ROOT);
	u32 *time = image_at(image, IMAGE_TIMES);
	unsigned int i;

	add_table(image, IMAGE_SEGMENT_9, IMAGE_TIME_PAGE,
		  ZRAM_PERSIST_TABLE_TIMES);
	add_table(image, IMAGE_SEGMENT_9, IMAGE_TIME_ROOT_PAGE,
		  ZRAM_PERSIST_TABLE_TIMES + 1);
	root[0] = IMAGE_TIMES | 3;
	for (i = 0; i < 1024; i += 3)
		time[i] = i;
	time[1023] = IMAGE_CLOCK;
}

static void add_dict_page(struct image *image, u64 location, u64 next,
			  unsigned int len)
{
	struct zram_persist_dict *page = image_at(image, location & ~0xfffULL);
	unsigned int order = (location & ZRAM_PERSIST_LOCATION_ORDER) * 3;
	u64 segment = location & ~((PAGE << order) - 1);

	page->magic = ZRAM_PERSIST_DICT_MAGIC;
	page->next = next;
	memset(page->data, 0x5a, len);
	add_table(image, segment, ((location & ~0xfffULL) - segment) / PAGE,
		  ZRAM_PERSIST_LEVEL_DICT);
}

static void add_dicts(struct image *image)
{
	add_dict_page(image, IMAGE_DICT_0, 0, IMAGE_DICT_0_LEN);
	add_dict_page(image, IMAGE_DICT_1, IMAGE_DICT_1_LAST,
		      ZRAM_PERSIST_DICT_DATA);
	add_dict_page(image, IMAGE_DICT_1_LAST, 0,
		      IMAGE_DICT_1_LEN - ZRAM_PERSIST_DICT_DATA);
}

static void add_pages(struct image *image)
{
	add_header(image, IMAGE_SEGMENT_9, 9);
	add_table(image, IMAGE_SEGMENT_9, IMAGE_ROOT_PAGE, 1);
	add_table(image, IMAGE_SEGMENT_9, 2, 0);
	add_raw(image, LOCATION_9(IMAGE_RAW_PAGE_9, 0),
		image_desc(image, IMAGE_SEGMENT_9, IMAGE_RAW_PAGE_9));
	add_known_span(image);
	add_span_9(image, 5, 3, 60, 180);
	add_span_9(image, 10, 7, 9, ZRAM_PERSIST_MAX_PAYLOAD);
	add_span_9(image, 510, 2, 20, 400);
	add_times(image);

	add_header(image, IMAGE_SEGMENT_6, 6);
	add_span(image, LOCATION_6(1, 0), image_desc(image, IMAGE_SEGMENT_6, 1),
		 4, 1, 11);
	add_raw(image, LOCATION_6(IMAGE_RAW_PAGE_6, 0),
		image_desc(image, IMAGE_SEGMENT_6, IMAGE_RAW_PAGE_6));

	add_header(image, IMAGE_SEGMENT_3, 3);
	add_span(image, LOCATION_3(1, 0), image_desc(image, IMAGE_SEGMENT_3, 1),
		 1, 50, 50);
	add_span(image, LOCATION_3(2, 0), image_desc(image, IMAGE_SEGMENT_3, 2),
		 2, 3, 2000);
	add_raw(image, LOCATION_3(5, 0), image_desc(image, IMAGE_SEGMENT_3, 5));
	add_table(image, IMAGE_SEGMENT_3, 7, 0);
	add_dicts(image);
}

u64 image_slot(u64 location, enum zram_persist_slot_kind kind)
{
	return location << ZRAM_PERSIST_SLOT_LOCATION_SHIFT | kind;
}

/* Make slot @owner the owner of an object. */
void image_name(struct image *image, u64 location, u64 owner)
{
	u8 *span = image_at(image, location & ~0xfffULL);
	struct zram_persist_entry *entry = image_entry(image, location);
	unsigned int start = zram_persist_entry_start(entry);

	entry->owner = owner;
	entry->place &= ~(ZRAM_PERSIST_PLACE_OWNER | ZRAM_PERSIST_PLACE_START);
	entry->place |= owner >> 32;
	entry->crc = crc32c(crc32c(~0U, entry, 8), span + start,
			    zram_persist_entry_len(entry));
	entry->place |= start / ZRAM_PERSIST_GRANULE << 16;
}

void image_name_raw(const struct image *image, const struct raw *raw, u64 owner)
{
	const u8 *page = image_at(image, raw->location & ~0xfffULL);

	raw->desc->kind = ZRAM_PERSIST_RAW | (owner >> 24 & 0xf) << 4;
	raw->desc->arg = owner >> 16;
	raw->desc->count = owner;
	raw->desc->crc = crc32c(crc32c(~0U, &owner, 8), page, PAGE);
}

/* Flags of a slot: all of those that need nothing else. */
static u64 flags_of(u64 owner)
{
	u64 flags = ZRAM_PERSIST_SLOT_IDLE | ZRAM_PERSIST_SLOT_INCOMPRESSIBLE |
		    ZRAM_PERSIST_SLOT_PICKED;

	return owner % 2 ? 0 : owner << 4 & flags;
}

/* Give slot @owner an object, or a raw page, that has no owner yet. */
static u64 next_raw(struct image *image, u64 owner, struct counts *counts)
{
	const struct raw *raw = &image->raw[counts->raw++];

	counts->bytes += PAGE;
	image_name_raw(image, raw, owner);
	return image_slot(raw->location, ZRAM_PERSIST_SLOT_RAW) |
	       flags_of(owner);
}

static u64 next_object(struct image *image, u64 owner, struct counts *counts)
{
	u64 location = image->objects[counts->objects++];
	const struct zram_persist_entry *entry = image_entry(image, location);

	image_name(image, location, owner);
	switch (zram_persist_entry_codec(entry)) {
	case ZRAM_PERSIST_CODEC_SAME:
		counts->same++;
		break;
	case ZRAM_PERSIST_CODEC_WRITTEN_BACK:
		counts->backed++;
		return image_slot(location, ZRAM_PERSIST_SLOT_OBJECT) |
		       ZRAM_PERSIST_SLOT_WRITTEN_BACK | flags_of(owner);
	default:
		counts->bytes += zram_persist_entry_len(entry);
	}
	return image_slot(location, ZRAM_PERSIST_SLOT_OBJECT) | flags_of(owner);
}

/*
 * Fill @slots entries of a page of the slot table, the first of them slot
 * @first, with all kinds and at most @limit objects.
 */
static void add_slots(struct image *image, u64 leaf, u64 first,
		      unsigned int slots, unsigned int limit,
		      struct counts *counts)
{
	u64 *slot = image_at(image, leaf);
	unsigned int i;

	for (i = 0; i < slots; i++) {
		if (i % 9 == 1) {
			slot[i] = 0xfedcba9876540000 | ZRAM_PERSIST_SLOT_SAME;
			counts->same++;
		} else if (i % 9 == 2) {
			slot[i] = 0xdeadbeef0000 | ZRAM_PERSIST_SLOT_REPEAT;
			counts->same++;
		} else if (i % 9 == 8 && counts->raw < image->nr_raw) {
			slot[i] = next_raw(image, first + i, counts);
		} else if (i % 9 != 3 && limit &&
			   counts->objects < image->nr_objects) {
			limit--;
			slot[i] = next_object(image, first + i, counts);
		} else {
			continue;
		}
		counts->stored++;
	}
}

static void add_slot_table(struct image *image, struct counts *counts)
{
	u64 *root = image_at(image, IMAGE_ROOT);

	root[0] = IMAGE_LEAF_0 | 3;
	root[1] = IMAGE_LEAF_1;
	root[3] = IMAGE_LEAF_3 | 1;
	add_slots(image, IMAGE_LEAF_0, 0, 512, 80, counts);
	add_slots(image, IMAGE_LEAF_3, 1536, IMAGE_SLOTS % 512, 20, counts);
	add_slots(image, IMAGE_LEAF_1, 512, 512, 512, counts);
	assert(counts->objects == image->nr_objects &&
	       counts->raw == image->nr_raw);
}

static struct zram_persist_page *add_segment(struct image *image, u64 segtab,
					     unsigned int index, u64 location,
					     enum zram_persist_kind kind)
{
	struct zram_persist_segtab *tab = image_at(image, segtab);

	tab->entry[index].location = location;
	tab->entry[index].page.kind = kind;
	return &tab->entry[index].page;
}

static void add_headed(struct image *image, unsigned int index, u64 location)
{
	unsigned int order = (location & ZRAM_PERSIST_LOCATION_ORDER) * 3;
	struct zram_persist_page *desc;

	desc = add_segment(image, IMAGE_SEGTAB_0, index, location,
			   ZRAM_PERSIST_HEADED);
	cover(image, location & ~0xfffULL, zram_persist_header_bytes(order),
	      &desc->crc, 0);
}

/* Segments of one page, which have their descriptor in the segment table. */
static void add_lone_pages(struct image *image)
{
	struct zram_persist_page *desc;

	desc = add_segment(image, IMAGE_SEGTAB_1, IMAGE_ENTRY_RAW,
			   IMAGE_LONE_RAW, ZRAM_PERSIST_RAW);
	add_raw(image, IMAGE_LONE_RAW, desc);
	desc = add_segment(image, IMAGE_SEGTAB_1, IMAGE_ENTRY_SPAN,
			   IMAGE_LONE_SPAN, ZRAM_PERSIST_SPAN);
	add_span(image, IMAGE_LONE_SPAN, desc, 1, 10, 300);
	add_backed_span(image);
	desc = add_segment(image, IMAGE_SEGTAB_1, IMAGE_ENTRY_TABLE,
			   IMAGE_LONE_TABLE, ZRAM_PERSIST_TABLE);
	cover(image, IMAGE_LONE_TABLE, PAGE, &desc->crc, 0);
}

static void add_segtab(struct image *image)
{
	struct zram_persist_segtab *first = image_at(image, IMAGE_SEGTAB_0);
	struct zram_persist_segtab *second = image_at(image, IMAGE_SEGTAB_1);

	first->magic = ZRAM_PERSIST_SEGTAB_MAGIC;
	first->next = IMAGE_SEGTAB_1;
	second->magic = ZRAM_PERSIST_SEGTAB_MAGIC;
	second->index = 1;
	add_headed(image, IMAGE_ENTRY_9, IMAGE_SEGMENT_9 | 3);
	add_headed(image, IMAGE_ENTRY_6, IMAGE_SEGMENT_6 | 2);
	add_headed(image, IMAGE_ENTRY_3, IMAGE_SEGMENT_3 | 1);
	cover(image, IMAGE_SEGTAB_0, PAGE, &first->crc, 4);
	cover(image, IMAGE_SEGTAB_1, PAGE, &second->crc, 4);
}

static void add_super(struct image *image, const struct counts *counts)
{
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);

	super->magic = ZRAM_PERSIST_SUPER_MAGIC;
	super->version = ZRAM_PERSIST_VERSION;
	super->size = sizeof(*super);
	super->seal = ZRAM_PERSIST_SEALED;
	memset(super->uuid, 0x5a, sizeof(super->uuid));
	super->segtab = IMAGE_SEGTAB_0;
	super->nr_segments = IMAGE_SEGMENTS;
	super->byte_order = ZRAM_PERSIST_BYTE_ORDER;
	super->page_shift = ZRAM_PERSIST_PAGE_SHIFT;
	super->granule_shift = ZRAM_PERSIST_GRANULE_SHIFT;
	super->max_order = ZRAM_PERSIST_MAX_ORDER;
	super->slot_levels = 2;
	super->index = 3;
	super->hops = 1;
	super->disksize = IMAGE_SLOTS * PAGE;
	super->slot_root = LOCATION_9(IMAGE_ROOT_PAGE, 0);
	super->pages_stored = counts->stored;
	super->same_pages = counts->same;
	super->raw_pages = counts->raw;
	super->compr_bytes = counts->bytes;
	super->clock = IMAGE_CLOCK;
	super->time_root = LOCATION_9(IMAGE_TIME_ROOT_PAGE, 0);
	memset(super->backing_uuid, 0xa5, sizeof(super->backing_uuid));
	super->backing_blocks = IMAGE_BACKING_BLOCKS;
	super->backed_pages = counts->backed;
	super->writeback_flags = ZRAM_PERSIST_WRITEBACK_LIMITED;
	memcpy(super->codec[0].name, "zstd", sizeof("zstd"));
	memcpy(super->codec[1].name, "lzo-rle", sizeof("lzo-rle"));
	super->codec[0].dict = IMAGE_DICT_0;
	super->codec[0].dict_len = IMAGE_DICT_0_LEN;
	super->codec[1].dict = IMAGE_DICT_1;
	super->codec[1].dict_len = IMAGE_DICT_1_LEN;
	memcpy(super->name, "reference", sizeof("reference"));
	cover(image, IMAGE_SUPER, PAGE, &super->crc, 4);
}

static void add_record(struct image *image)
{
	struct zram_persist_record *record = image_at(image, IMAGE_RECORD);

	record->magic = ZRAM_PERSIST_RECORD_MAGIC;
	record->version = ZRAM_PERSIST_RECORD_VERSION;
	record->size = sizeof(*record);
	record->state = ZRAM_PERSIST_OUTGOING;
	record->nr_devices = 1;
	record->device[0].superblock = IMAGE_SUPER;
	cover(image, IMAGE_RECORD, PAGE, &record->crc, 4);
}

void image_build(struct image *image)
{
	struct counts counts = { 0 };

	memset(image, 0, sizeof(*image));
	image->first = IMAGE_BASE;
	image->end = IMAGE_BASE + IMAGE_SIZE;
	image->mem = calloc(1, IMAGE_SIZE);
	assert(image->mem);
	add_pages(image);
	add_lone_pages(image);
	add_slot_table(image, &counts);
	add_segtab(image);
	add_super(image, &counts);
	add_record(image);
	image_reseal_all(image);
}

void image_destroy(struct image *image)
{
	free(image->mem);
}

const void *image_map(void *data, u64 phys, u64 len)
{
	const struct image *image = data;

	if (phys < image->first || phys >= image->end ||
	    len > image->end - phys)
		return NULL;
	if (image->hole - phys < len)
		return NULL;
	ASAN_UNPOISON_MEMORY_REGION(image_at(image, phys), len);
	return image_at(image, phys);
}

static void check_device(struct zram_check *check, u64 phys,
			 struct verdict *verdict)
{
	const struct zram_persist_super *super;

	verdict->result = zram_check_super(check, phys, &super);
	if (!verdict->result)
		verdict->result = zram_check_envelope(check, super);
	if (!verdict->result)
		verdict->result = zram_check_contents(check, super);
}

void image_check_at(struct image *image, u64 phys, u64 size, u64 max_segments,
		    struct verdict *verdict)
{
	const struct zram_persist_record *record;
	/* Exactly as large as promised, for the address sanitizer's sake. */
	u64 *segments = malloc(max_segments * sizeof(u64));
	struct zram_check check = {
		.map = image_map, .map_data = image, .reason = "",
		.segments = segments, .max_segments = max_segments,
	};
	u32 i;

	assert(max_segments <= 16);
	if (image->poison)
		ASAN_POISON_MEMORY_REGION(image->mem, IMAGE_SIZE);
	verdict->result = zram_check_record(&check, phys, size, &record);
	for (i = 0; !verdict->result && i < record->nr_devices; i++)
		check_device(&check, record->device[i].superblock, verdict);
	if (image->poison)
		ASAN_UNPOISON_MEMORY_REGION(image->mem, IMAGE_SIZE);
	verdict->reason = check.reason;
	verdict->where = check.where;
	verdict->check = check;
	memcpy(verdict->segments, segments, check.nr_segments * sizeof(u64));
	free(segments);
}

void image_check(struct image *image, struct verdict *verdict)
{
	image_check_at(image, IMAGE_RECORD, PAGE, IMAGE_SEGMENTS, verdict);
}
