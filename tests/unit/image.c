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
	u64 same;
	u64 raw;
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

	return &header->page[zram_persist_page_index(page, header->order)];
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

/* A span in which every fifth object is free. */
static void add_span(struct image *image, u64 segment, unsigned int page,
		     unsigned int pages, unsigned int size)
{
	struct zram_persist_segment *header = image_at(image, segment);
	struct zram_persist_page *desc = image_desc(image, segment, page);
	struct zram_persist_geometry g;
	struct zram_persist_span *span;
	unsigned int i;

	g = zram_persist_span_geometry(header->order, page, pages, size);
	assert(g.objects);
	desc->kind = ZRAM_PERSIST_SPAN | (pages - 1) << 4;
	desc->arg = size / ZRAM_PERSIST_GRANULE;
	for (i = 1; i < pages; i++)
		*image_desc(image, segment, page + i) =
			(struct zram_persist_page){
				.kind = ZRAM_PERSIST_SPAN_TAIL, .arg = i,
			};

	span = image_at(image, segment + g.start);
	span->scratch[0] = 0x123456789abcdef0;
	for (i = 0; i < g.objects; i++) {
		if (i % 5 == 3)
			continue;
		span->bitmap[i / 64] |= 1ULL << i % 64;
		desc->count++;
		assert(image->nr_objects < IMAGE_OBJECTS);
		image->objects[image->nr_objects++] =
			(segment + g.first + i * size) | header->order;
	}
	cover(image, segment + g.start + sizeof(*span),
	      g.words * sizeof(u64), &desc->crc, 0);
}

static void add_table(struct image *image, u64 segment, unsigned int page,
		      unsigned int level)
{
	struct zram_persist_page *desc = image_desc(image, segment, page);

	desc->kind = ZRAM_PERSIST_TABLE;
	desc->arg = level;
	cover(image, segment + page * PAGE, PAGE, &desc->crc, 0);
}

static void add_pages(struct image *image)
{
	add_header(image, IMAGE_SEGMENT_9, 9);
	add_table(image, IMAGE_SEGMENT_9, 1, 1);
	add_table(image, IMAGE_SEGMENT_9, 2, 0);
	image_desc(image, IMAGE_SEGMENT_9, 3)->kind = ZRAM_PERSIST_RAW;
	add_span(image, IMAGE_SEGMENT_9, IMAGE_SPAN_PAGE, 1, 32);
	add_span(image, IMAGE_SEGMENT_9, 5, 3, 48);
	add_span(image, IMAGE_SEGMENT_9, 10, 16, 4048);
	/* The one layout whose bitmap has no bits beyond the last object. */
	add_span(image, IMAGE_SEGMENT_9, 30, 16, 1008);
	add_span(image, IMAGE_SEGMENT_9, 510, 2, 512);

	add_header(image, IMAGE_SEGMENT_3, 3);
	add_span(image, IMAGE_SEGMENT_3, 0, 1, 80);
	add_span(image, IMAGE_SEGMENT_3, 2, 2, 1360);
	add_table(image, IMAGE_SEGMENT_3, 7, 0);

	add_header(image, IMAGE_SEGMENT_0, 0);
	add_span(image, IMAGE_SEGMENT_0, 0, 1, 4048);
}

static u64 slot_of(u64 location, enum zram_persist_slot_kind kind)
{
	u64 order = location & ZRAM_PERSIST_LOCATION_ORDER;
	u64 granule = location >> ZRAM_PERSIST_GRANULE_SHIFT;

	return granule << ZRAM_PERSIST_SLOT_ADDR_SHIFT |
	       order << ZRAM_PERSIST_SLOT_ORDER_SHIFT | kind;
}

/* Fill a page of the slot table with all kinds and at most @limit objects. */
static void add_slots(struct image *image, u64 leaf, unsigned int slots,
		      unsigned int limit, struct counts *counts)
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
		} else if (i % 9 == 3 || !limit || !image->nr_objects) {
			continue;
		} else {
			limit--;
			slot[i] = slot_of(image->objects[--image->nr_objects],
					  counts->raw < 2 ?
					  ZRAM_PERSIST_SLOT_RAW :
					  ZRAM_PERSIST_SLOT_OBJECT);
			counts->raw += counts->raw < 2;
		}
		counts->stored++;
	}
}

static void add_slot_table(struct image *image, struct counts *counts)
{
	unsigned int nr_objects = image->nr_objects;
	u64 *root = image_at(image, IMAGE_ROOT);

	root[0] = IMAGE_LEAF_0 | 9;
	root[1] = IMAGE_LEAF_1;
	root[3] = IMAGE_LEAF_3 | 3;
	add_slots(image, IMAGE_LEAF_3, IMAGE_SLOTS % 512, 512, counts);
	add_slots(image, IMAGE_LEAF_1, 512, 60, counts);
	add_slots(image, IMAGE_LEAF_0, 512, 512, counts);
	assert(!image->nr_objects);
	image->nr_objects = nr_objects;
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
	unsigned int order = location & ZRAM_PERSIST_LOCATION_ORDER;
	struct zram_persist_page *desc;

	desc = add_segment(image, IMAGE_SEGTAB_0, index, location,
			   ZRAM_PERSIST_HEADED);
	cover(image, location - order, zram_persist_header_bytes(order),
	      &desc->crc, 0);
}

static void add_segtab(struct image *image)
{
	struct zram_persist_segtab *first = image_at(image, IMAGE_SEGTAB_0);
	struct zram_persist_segtab *second = image_at(image, IMAGE_SEGTAB_1);
	struct zram_persist_page *desc;

	first->magic = ZRAM_PERSIST_SEGTAB_MAGIC;
	first->next = IMAGE_SEGTAB_1;
	second->magic = ZRAM_PERSIST_SEGTAB_MAGIC;
	second->index = 1;
	add_headed(image, IMAGE_ENTRY_9, IMAGE_SEGMENT_9 | 9);
	add_headed(image, IMAGE_ENTRY_3, IMAGE_SEGMENT_3 | 3);
	add_headed(image, IMAGE_ENTRY_0, IMAGE_SEGMENT_0);
	add_segment(image, IMAGE_SEGTAB_1, IMAGE_ENTRY_RAW, IMAGE_LONE_RAW,
		    ZRAM_PERSIST_RAW);
	desc = add_segment(image, IMAGE_SEGTAB_1, IMAGE_ENTRY_TABLE,
			   IMAGE_LONE_TABLE, ZRAM_PERSIST_TABLE);
	cover(image, IMAGE_LONE_TABLE, PAGE, &desc->crc, 0);
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
	super->slot_root = IMAGE_ROOT | 9;
	super->pages_stored = counts->stored;
	/* One object of a word that no slot can hold. */
	super->same_pages = counts->same + 1;
	super->raw_pages = counts->raw;
	super->compr_bytes = 123456;
	memcpy(super->codec[0].name, "zstd", sizeof("zstd"));
	memcpy(super->codec[1].name, "lzo-rle", sizeof("lzo-rle"));
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
	record->superblock[0] = IMAGE_SUPER;
	cover(image, IMAGE_RECORD, PAGE, &record->crc, 8);
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
		check_device(&check, record->superblock[i], verdict);
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
