// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the validation on what the allocator really seals.
 *
 * The rules that the validation has are tested in user space, on a handover
 * made for that purpose (tests/unit). Here the two sides of the format meet:
 * what one seals, the other must accept; and what is damaged then, it must
 * find without touching memory that it should not, which KASAN watches.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/crc32c.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../check.h"
#include "../slot.h"
#include "../zram.h"
#include "../../../../mm/zsp_util.h"

#define CHECK_TEST_FLIPS	3000
#define CHECK_TEST_STORMS	3000
#define CHECK_TEST_CHANGES	4
#define CHECK_TEST_SEGMENTS	1024
#define CHECK_TEST_COVERS	4096

/**
 * struct check_cover - memory that a checksum covers
 * @start: first byte
 * @len: bytes
 * @hole: bytes that are taken as zero, from the checksum on
 * @crc: where the checksum is
 */
struct check_cover {
	u8 *start;
	u32 len;
	u32 hole;
	u32 *crc;
};

/**
 * struct check_block - memory that is handed over
 * @phys: physical address
 * @len: bytes
 */
struct check_block {
	u64 phys;
	u64 len;
};

/**
 * struct check_change - a word that was changed
 * @at: where
 * @old: what it was
 */
struct check_change {
	u64 *at;
	u64 old;
};

/**
 * struct check_test - a device as it is handed over
 * @zram: device, of which pool and slots are used
 * @record: handover record
 * @super: superblock
 * @segments: room for the validation
 * @covers: checksums, each after those that it covers
 * @nr_covers: entries of @covers in use
 * @blocks: all that may be read; anything if there are none
 * @nr_blocks: entries of @blocks in use
 * @faulty: pages are found to be faulty before the seal
 * @payload: what is stored: the beginning of it, or all
 * @rnd: source of sizes and choices
 */
struct check_test {
	struct zram zram;
	struct zram_persist_record *record;
	struct zram_persist_super *super;
	u64 segments[CHECK_TEST_SEGMENTS];
	struct check_cover covers[CHECK_TEST_COVERS];
	unsigned int nr_covers;
	struct check_block blocks[CHECK_TEST_SEGMENTS];
	unsigned int nr_blocks;
	bool faulty;
	u8 payload[PAGE_SIZE];
	struct rnd_state rnd;
};

/* === A handover that takes everything === */

static int check_test_preserve(struct folio *folio)
{
	return 0;
}

static void check_test_unpreserve(struct folio *folio)
{
}

static int check_test_touch(void)
{
	return 0;
}

static const struct zsp_handover_ops check_test_ops = {
	.preserve = check_test_preserve,
	.unpreserve = check_test_unpreserve,
	.touch = check_test_touch,
};

/* === Filling the device === */

static bool check_test_store_raw(struct check_test *t, u64 index, u64 *slot)
{
	u64 location;

	if (zsp_store_raw(t->zram.pool, index, t->payload, GFP_KERNEL,
			  &location))
		return false;
	*slot = zram_slot_object(ZRAM_PERSIST_SLOT_RAW, location);
	atomic64_inc(&t->zram.stats.huge_pages);
	atomic64_add(PAGE_SIZE, &t->zram.stats.compr_bytes);
	return true;
}

/* An object of any length. Returns false at the limit of the pool. */
static bool check_test_store(struct check_test *t, u64 index, u64 *slot)
{
	struct zsp_object object = { .owner = index };
	u64 location;

	if (prandom_u32_state(&t->rnd) % 4) {
		object.len = prandom_u32_state(&t->rnd) %
			     ZRAM_PERSIST_MAX_PAYLOAD + 1;
	} else {
		object.codec = ZRAM_PERSIST_CODEC_SAME;
		object.len = sizeof(u64);
	}
	if (zsp_store(t->zram.pool, &object, t->payload, GFP_KERNEL, &location))
		return false;
	*slot = zram_slot_object(ZRAM_PERSIST_SLOT_OBJECT, location);
	zram_count_object(&t->zram, &object, 1);
	return true;
}

/* Any kind of slot. What does not fit any more becomes a slot of a word. */
static void check_test_fill_slot(struct check_test *t, u64 index, u64 *slot)
{
	unsigned int choice = prandom_u32_state(&t->rnd) % 32;

	atomic64_inc(&t->zram.stats.pages_stored);
	if (choice > 8 && check_test_store(t, index, slot))
		return;
	if (choice == 8 && check_test_store_raw(t, index, slot))
		return;
	zram_slot_same(choice % 2 ? ~0ULL : 0x1234567812345678ULL, slot);
	atomic64_inc(&t->zram.stats.same_pages);
}

/*
 * All kinds of slots, with runs of empty ones between them. Some are freed
 * again: spans have holes then, and entries that are not in use.
 */
static void check_test_fill(struct check_test *t, u64 nr_slots,
			    unsigned int count)
{
	u64 *slot, index, victim;
	unsigned int i;

	for (i = 0; i < count; i++) {
		index = (i + i / 100 * 5000ULL) % nr_slots;
		slot = zram_slot_make(&t->zram, index);
		/* The limit of the pool. */
		if (IS_ERR(slot))
			break;
		if (*slot)
			continue;
		check_test_fill_slot(t, index, slot);
		if (i % 5 != 4)
			continue;
		victim = index - prandom_u32_state(&t->rnd) % (i % 100 + 1);
		victim %= nr_slots;
		slot = zram_slot_find(&t->zram.slots, victim);
		if (slot)
			zram_slot_free(&t->zram, victim, slot);
	}
}

/* === Handing it over === */

/* Every 37th page, if a device can be handed over without it. */
static bool check_test_page_failed(struct page *page)
{
	struct folio *folio = page_folio(page);
	unsigned int i = folio_page_idx(folio, page);

	if (page_to_pfn(page) % 37 || !zsp_entry(folio) ||
	    (zsp_is_headed(folio) && !i))
		return false;
	return zram_persist_page_kind(zsp_page_or_entry(folio, i)) !=
	       ZRAM_PERSIST_TABLE;
}

/* As memory errors would that nobody has looked for yet. */
static void check_test_fail_pages(struct kunit *test)
{
	struct check_test *t = test->priv;

	kunit_activate_static_stub(test, zsp_page_failed,
				   check_test_page_failed);
	WRITE_ONCE(t->zram.pool->failures_seen, zsp_failures() + 1);
}

static void check_test_write_super(struct kunit *test, u64 nr_slots)
{
	struct check_test *t = test->priv;
	struct zram_persist_super *super = t->super;

	super->magic = ZRAM_PERSIST_SUPER_MAGIC;
	super->version = ZRAM_PERSIST_VERSION;
	super->size = sizeof(*super);
	super->seal = ZRAM_PERSIST_SEALED;
	super->uuid[0] = 1;
	super->byte_order = ZRAM_PERSIST_BYTE_ORDER;
	super->page_shift = ZRAM_PERSIST_PAGE_SHIFT;
	super->granule_shift = ZRAM_PERSIST_GRANULE_SHIFT;
	super->max_order = ZRAM_PERSIST_MAX_ORDER;
	super->slot_levels = t->zram.slots.levels;
	super->slot_root = t->zram.slots.root;
	super->disksize = nr_slots << PAGE_SHIFT;
	super->pages_stored = atomic64_read(&t->zram.stats.pages_stored);
	super->same_pages = atomic64_read(&t->zram.stats.same_pages);
	super->raw_pages = atomic64_read(&t->zram.stats.huge_pages);
	super->compr_bytes = atomic64_read(&t->zram.stats.compr_bytes);
	strscpy(super->codec[0].name, "lz4");
	if (t->faulty) {
		check_test_fail_pages(test);
		super->incompat = ZRAM_PERSIST_INCOMPAT_BAD;
	}
	KUNIT_ASSERT_EQ(test, 0, zsp_seal(t->zram.pool, &super->segtab,
					  &super->nr_segments));
	super->crc = 0;
	super->crc = crc32c(~0, super, sizeof(*super));
}

static void check_test_write_record(struct kunit *test)
{
	struct check_test *t = test->priv;
	struct zram_persist_record *record = t->record;

	record->magic = ZRAM_PERSIST_RECORD_MAGIC;
	record->version = ZRAM_PERSIST_RECORD_VERSION;
	record->size = sizeof(*record);
	record->nr_devices = 1;
	record->device[0].superblock = virt_to_phys(t->super);
	record->state = ZRAM_PERSIST_OUTGOING;
	record->crc = crc32c(~0, record, sizeof(*record));
}

static void check_test_build(struct kunit *test, u64 nr_slots,
			     unsigned int count, u64 limit)
{
	struct check_test *t = test->priv;

	t->zram.pool = zsp_create_pool("test", &check_test_ops);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->zram.pool);
	zsp_set_limit(t->zram.pool, limit);
	KUNIT_ASSERT_EQ(test, 0, zram_slots_init(&t->zram.slots, nr_slots));
	check_test_fill(t, nr_slots, count);
	KUNIT_ASSERT_EQ(test, 0, zsp_join(t->zram.pool));
	check_test_write_super(test, nr_slots);
	check_test_write_record(test);
}

static int check_test_init(struct kunit *test)
{
	struct check_test *t;

	t = kvzalloc_obj(*t);
	if (!t)
		return -ENOMEM;
	test->priv = t;
	prandom_seed_state(&t->rnd, 20240229);
	prandom_bytes_state(&t->rnd, t->payload, sizeof(t->payload));
	t->record = (void *)get_zeroed_page(GFP_KERNEL);
	t->super = (void *)get_zeroed_page(GFP_KERNEL);
	return t->record && t->super ? 0 : -ENOMEM;
}

static void check_test_exit(struct kunit *test)
{
	struct check_test *t = test->priv;

	if (!t)
		return;
	zram_slots_destroy(&t->zram.slots);
	if (!IS_ERR_OR_NULL(t->zram.pool))
		zsp_destroy_pool(t->zram.pool);
	free_page((unsigned long)t->record);
	free_page((unsigned long)t->super);
	kvfree(t);
}

/* === Checking it === */

static bool check_test_is_block(const struct check_test *t, u64 phys, u64 len)
{
	unsigned int i;

	for (i = 0; i < t->nr_blocks; i++)
		if (phys >= t->blocks[i].phys && len <= t->blocks[i].len &&
		    phys - t->blocks[i].phys <= t->blocks[i].len - len)
			return true;
	return !t->nr_blocks;
}

static const void *check_test_map(void *data, __u64 phys, __u64 len)
{
	u64 pfn;

	if (!check_test_is_block(data, phys, len))
		return NULL;
	for (pfn = PHYS_PFN(phys); pfn <= PHYS_PFN(phys + len - 1); pfn++)
		if (!pfn_valid(pfn))
			return NULL;
	return phys_to_virt(phys);
}

static enum zram_check_result check_test_check(struct check_test *t,
					       struct zram_check *check)
{
	const struct zram_persist_record *record;
	const struct zram_persist_super *super;
	enum zram_check_result result;

	*check = (struct zram_check){
		.map = check_test_map,
		.map_data = t,
		.segments = t->segments,
		.max_segments = CHECK_TEST_SEGMENTS,
		.reason = "",
	};
	result = zram_check_record(check, virt_to_phys(t->record), PAGE_SIZE,
				   &record);
	if (!result)
		result = zram_check_super(check, record->device[0].superblock,
					  &super);
	if (!result)
		result = zram_check_envelope(check, super);
	if (!result)
		result = zram_check_contents(check, super);
	return result;
}

static void check_test_expect_ok(struct kunit *test)
{
	struct check_test *t = test->priv;
	struct zram_check check;
	struct zsp_stats stats;

	KUNIT_EXPECT_EQ_MSG(test, ZRAM_CHECK_OK, check_test_check(t, &check),
			    "%s (%#llx)", check.reason, check.where);
	zsp_get_stats(t->zram.pool, &stats);
	KUNIT_EXPECT_EQ(test, stats.segments, check.nr_segments);
	KUNIT_EXPECT_EQ(test, stats.objects, check.objects);
	KUNIT_EXPECT_EQ(test, stats.raw_pages, check.raw_pages);
	KUNIT_EXPECT_EQ(test, stats.slot_table_pages, check.table_pages);
}

static void check_test_sealed(struct kunit *test)
{
	struct check_test *t = test->priv;

	check_test_build(test, 1ULL << 20, 5000, 0);
	check_test_expect_ok(test);
	KUNIT_EXPECT_GT(test, t->super->pages_stored, 3000);
	KUNIT_EXPECT_GT(test, t->super->raw_pages, 0);
}

static void check_test_largest(struct kunit *test)
{
	check_test_build(test, ZRAM_PERSIST_MAX_SLOTS, 5000, 0);
	check_test_expect_ok(test);
}

static void check_test_smallest(struct kunit *test)
{
	check_test_build(test, 1, 1, 0);
	check_test_expect_ok(test);
}

/* Large segments are not to be had: small ones, and lone pages. */
static void check_test_small_segments(struct kunit *test)
{
	struct check_test *t = test->priv;
	struct zsp_stats stats;

	check_test_build(test, 5000, 1500, 511);
	check_test_expect_ok(test);
	zsp_get_stats(t->zram.pool, &stats);
	KUNIT_EXPECT_EQ(test, 0, stats.large_segments);
	KUNIT_EXPECT_GT(test, stats.objects, 50);
}

/* === Faulty pages === */

static u64 check_test_blank_page(u64 location,
				 const struct zram_persist_page *page)
{
	if (!zram_persist_page_is_bad(page))
		return 0;
	memset(zsp_location_to_virt(location), 0xff, PAGE_SIZE);
	return 1;
}

/* What is on faulty pages is gone. Returns how many there are. */
static u64 check_test_blank(u64 segtab)
{
	const struct zram_persist_segtab_entry *entry;
	const struct zram_persist_segtab *tab;
	unsigned int i, page;
	u64 pages = 0;

	for (; segtab; segtab = tab->next) {
		tab = phys_to_virt(segtab);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			entry = &tab->entry[i];
			pages += check_test_blank_page(entry->location,
						       &entry->page);
			if (entry->page.kind != ZRAM_PERSIST_HEADED)
				continue;
			for (page = 1; page < 1U << zsp_location_order(entry->location);
			     page++)
				pages += check_test_blank_page(entry->location +
							       PFN_PHYS(page),
							       zsp_desc(entry->location +
									PFN_PHYS(page)));
		}
	}
	return pages;
}

static void check_test_expect_faulty(struct kunit *test)
{
	struct check_test *t = test->priv;
	u64 pages = check_test_blank(t->super->segtab);
	struct zram_check check;
	struct zsp_stats stats;

	KUNIT_EXPECT_EQ_MSG(test, ZRAM_CHECK_OK, check_test_check(t, &check),
			    "%s (%#llx)", check.reason, check.where);
	zsp_get_stats(t->zram.pool, &stats);
	KUNIT_EXPECT_GT(test, pages, 0);
	KUNIT_EXPECT_EQ(test, pages, stats.bad_pages);
	KUNIT_EXPECT_EQ(test, pages, check.bad_pages);
	KUNIT_EXPECT_LT(test, check.objects, stats.objects);
	KUNIT_EXPECT_EQ(test, stats.raw_pages, check.raw_pages);
}

static void check_test_faulty(struct kunit *test)
{
	struct check_test *t = test->priv;

	t->faulty = true;
	check_test_build(test, 1ULL << 20, 5000, 0);
	check_test_expect_faulty(test);
}

static void check_test_faulty_small(struct kunit *test)
{
	struct check_test *t = test->priv;

	t->faulty = true;
	check_test_build(test, 5000, 1500, 511);
	check_test_expect_faulty(test);
}

/* === Damage === */

/* What a checksum covers of the span at @location. */
static void *check_test_directory(u64 location, u32 *len)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);

	*len = struct_size(span, entry, span->nr_entries) -
	       offsetof(struct zram_persist_span, nr_entries);
	return &span->nr_entries;
}

/* What a checksum covers of any segment, or its entry if there is nothing. */
static void *check_test_segment(struct check_test *t, u32 *len)
{
	struct zram_persist_segtab *tab = phys_to_virt(t->super->segtab);
	struct zram_persist_segtab_entry *entry;
	unsigned int i;

	i = prandom_u32_state(&t->rnd) % ZRAM_PERSIST_SEGTAB_ENTRIES;
	while (!tab->entry[i].location)
		i = (i + 1) % ZRAM_PERSIST_SEGTAB_ENTRIES;
	entry = &tab->entry[i];
	switch (zram_persist_page_kind(&entry->page)) {
	case ZRAM_PERSIST_HEADED:
		i = zsp_location_order(entry->location);
		*len = zram_persist_header_bytes(i);
		break;
	case ZRAM_PERSIST_SPAN:
		return check_test_directory(entry->location, len);
	case ZRAM_PERSIST_TABLE:
		*len = PAGE_SIZE;
		break;
	default:
		*len = sizeof(*entry);
		return entry;
	}
	return zsp_location_to_virt(entry->location);
}

/* The directory of a span in which some slot has an object. */
static void *check_test_span(struct check_test *t, u32 *len)
{
	u64 *slot;

	do {
		slot = zram_slot_find(&t->zram.slots,
				      prandom_u32_state(&t->rnd) % 5000);
	} while (!slot || zram_slot_kind(*slot) != ZRAM_PERSIST_SLOT_OBJECT);
	return check_test_directory(zram_slot_location(*slot), len);
}

/*
 * Metadata: record, superblock, segment table, header, directory, slots. Of
 * these a checksum covers every bit; of the record all but the state, where no
 * single flip leads to another state that there is.
 */
static u8 *check_test_victim(struct check_test *t, u32 *len)
{
	*len = PAGE_SIZE;
	switch (prandom_u32_state(&t->rnd) % 8) {
	case 0:
		return (u8 *)t->record;
	case 1:
		return (u8 *)t->super;
	case 2:
		return phys_to_virt(t->super->segtab);
	case 3:
		return zsp_location_to_virt(t->super->slot_root);
	case 4:
	case 5:
		return check_test_segment(t, len);
	default:
		return check_test_span(t, len);
	}
}

static void check_test_damage(struct kunit *test)
{
	struct check_test *t = test->priv;
	unsigned int i, missed = 0;
	struct zram_check check;
	u32 bit, len;
	u8 *at;

	check_test_build(test, 5000, 5000, 0);
	for (i = 0; i < CHECK_TEST_FLIPS; i++) {
		at = check_test_victim(t, &len);
		bit = prandom_u32_state(&t->rnd) % (len * 8);
		at[bit / 8] ^= 1 << bit % 8;
		if (check_test_check(t, &check) == ZRAM_CHECK_OK)
			missed++;
		at[bit / 8] ^= 1 << bit % 8;
		cond_resched();
	}
	kunit_info(test, "%u damaged handovers, %u not found\n", i, missed);
	KUNIT_EXPECT_EQ(test, 0, missed);
	check_test_expect_ok(test);
}

/* === Damage with right checksums === */

static void check_test_block(struct kunit *test, u64 phys, u64 len)
{
	struct check_test *t = test->priv;

	KUNIT_ASSERT_LT(test, t->nr_blocks, CHECK_TEST_SEGMENTS);
	t->blocks[t->nr_blocks++] = (struct check_block){ phys, len };
}

static void check_test_cover(struct kunit *test, void *start, u32 len,
			     u32 *crc, u32 hole)
{
	struct check_test *t = test->priv;

	KUNIT_ASSERT_LT(test, t->nr_covers, CHECK_TEST_COVERS);
	t->covers[t->nr_covers++] = (struct check_cover){
		.start = start, .len = len, .hole = hole, .crc = crc,
	};
}

static void check_test_cover_page(struct kunit *test, u64 location,
				  struct zram_persist_page *desc)
{
	void *start;
	u32 len;

	switch (zram_persist_page_kind(desc)) {
	case ZRAM_PERSIST_SPAN:
		start = check_test_directory(location, &len);
		check_test_cover(test, start, len, &desc->crc, 0);
		break;
	case ZRAM_PERSIST_TABLE:
		check_test_cover(test, zsp_location_to_virt(location),
				 PAGE_SIZE, &desc->crc, 0);
		break;
	}
}

static void check_test_cover_segment(struct kunit *test,
				     struct zram_persist_segtab_entry *entry)
{
	unsigned int order = zsp_location_order(entry->location), i;
	struct zram_persist_segment *segment;

	check_test_block(test, zsp_location_addr(entry->location),
			 PAGE_SIZE << order);
	if (zram_persist_page_kind(&entry->page) != ZRAM_PERSIST_HEADED) {
		check_test_cover_page(test, entry->location, &entry->page);
		return;
	}
	segment = zsp_location_to_virt(entry->location);
	for (i = 1; i < 1U << order; i++)
		check_test_cover_page(test, entry->location + PFN_PHYS(i),
				      &segment->page[i - 1]);
	check_test_cover(test, segment, zram_persist_header_bytes(order),
			 &entry->page.crc, 0);
}

/* Also notes what may be read: the rest belongs to others, freed or not. */
static void check_test_cover_all(struct kunit *test)
{
	struct check_test *t = test->priv;
	struct zram_persist_segtab *tab;
	unsigned int i;
	u64 phys;

	for (phys = t->super->segtab; phys; phys = tab->next) {
		tab = phys_to_virt(phys);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (tab->entry[i].location)
				check_test_cover_segment(test, &tab->entry[i]);
		check_test_cover(test, tab, PAGE_SIZE, &tab->crc,
				 sizeof(tab->crc));
		check_test_block(test, phys, PAGE_SIZE);
	}
	check_test_block(test, virt_to_phys(t->super), PAGE_SIZE);
	check_test_block(test, virt_to_phys(t->record), PAGE_SIZE);
	check_test_cover(test, t->super, PAGE_SIZE, &t->super->crc,
			 sizeof(t->super->crc));
	check_test_cover(test, t->record, PAGE_SIZE, &t->record->crc,
			 sizeof(t->record->crc));
}

static void check_test_reseal_one(const struct check_cover *cover)
{
	u8 kept[8];
	u32 crc;

	memcpy(kept, cover->crc, cover->hole);
	memset(cover->crc, 0, cover->hole);
	crc = crc32c(~0, cover->start, cover->len);
	memcpy(cover->crc, kept, cover->hole);
	*cover->crc = crc;
}

/* Puts checksums right after a change of the word at @at. */
static void check_test_reseal(struct check_test *t, void *at)
{
	struct { u8 *start, *end; } dirty[8] = { { at, at + sizeof(u64) } };
	unsigned int i, j, n = 1;

	for (i = 0; i < t->nr_covers && n < ARRAY_SIZE(dirty); i++) {
		const struct check_cover *cover = &t->covers[i];

		for (j = 0; j < n; j++)
			if (cover->start < dirty[j].end &&
			    cover->start + cover->len > dirty[j].start)
				break;
		if (j == n)
			continue;
		check_test_reseal_one(cover);
		dirty[n].start = (u8 *)cover->crc;
		dirty[n++].end = (u8 *)(cover->crc + 1);
	}
}

/* A value as a faulty driver may leave it. */
static u64 check_test_value(struct check_test *t, u64 old)
{
	u32 random = prandom_u32_state(&t->rnd);
	unsigned int cover = random % t->nr_covers;

	switch (prandom_u32_state(&t->rnd) % 6) {
	case 0:
		return random % 16;
	case 1:
		return ~0ULL - random % 16;
	case 2:
		return old + random % 9 - 4;
	case 3:
		return old ^ 1ULL << random % 64;
	case 4:
		return old ^ random;
	default:
		/* The address of something else, or a location in it. */
		return (virt_to_phys(t->covers[cover].start) & PAGE_MASK) |
		       random >> 30;
	}
}

/* What is above all else, and there only once, is changed as often. */
static void check_test_change(struct check_test *t, struct check_change *change)
{
	u32 random = prandom_u32_state(&t->rnd);
	unsigned int above = min(t->nr_covers, 4U);
	const struct check_cover *cover;

	cover = random % 2 ? &t->covers[random / 2 % t->nr_covers] :
			     &t->covers[t->nr_covers - 1 - random / 2 % above];
	random = prandom_u32_state(&t->rnd);
	change->at = (u64 *)(cover->start + random % (cover->len / 8) * 8);
	change->old = *change->at;
	*change->at = check_test_value(t, change->old);
	check_test_reseal(t, change->at);
}

/*
 * Not all of it need be refused. But nothing must be read that is not there, or
 * for ever.
 */
static void check_test_storm(struct kunit *test)
{
	struct check_change change[CHECK_TEST_CHANGES];
	struct check_test *t = test->priv;
	unsigned int i, j, accepted = 0;
	struct zram_check check;

	check_test_build(test, 5000, 5000, 0);
	check_test_cover_all(test);
	for (i = 0; i < CHECK_TEST_STORMS; i++) {
		for (j = 0; j < i % CHECK_TEST_CHANGES + 1; j++)
			check_test_change(t, &change[j]);
		accepted += check_test_check(t, &check) == ZRAM_CHECK_OK;
		while (j--) {
			*change[j].at = change[j].old;
			check_test_reseal(t, change[j].at);
		}
		cond_resched();
	}
	kunit_info(test, "%u damaged handovers, %u accepted\n", i, accepted);
	KUNIT_EXPECT_LT(test, accepted, CHECK_TEST_STORMS / 2);
	check_test_expect_ok(test);
}

static struct kunit_case check_test_cases[] = {
	KUNIT_CASE(check_test_sealed),
	KUNIT_CASE(check_test_largest),
	KUNIT_CASE(check_test_smallest),
	KUNIT_CASE(check_test_small_segments),
	KUNIT_CASE(check_test_faulty),
	KUNIT_CASE(check_test_faulty_small),
	KUNIT_CASE_SLOW(check_test_damage),
	KUNIT_CASE_SLOW(check_test_storm),
	{}
};

static struct kunit_suite check_test_suite = {
	.name = "zram_check",
	.init = check_test_init,
	.exit = check_test_exit,
	.test_cases = check_test_cases,
};

kunit_test_suite(check_test_suite);

MODULE_DESCRIPTION("KUnit tests for the validation of handed-over metadata");
MODULE_LICENSE("GPL");
