// SPDX-License-Identifier: GPL-2.0
/*
 * Every single bit of the metadata is flipped, twice: as damage, which leaves
 * the checksums as they were and must be found without exception; and with
 * checksums made right again, which must be found unless the bit is one of
 * those that may have either value.
 *
 * Then some places at a time get any value, with right checksums: whatever the
 * result is, the checker must come to it without a read that is not allowed.
 */
#include <string.h>
#include "image.h"
#include "tap.h"

/* Bytes that may have any value, when their checksum is right. */
struct freedom {
	u64 start;
	u64 len;
};

#define FREE(base, type, first, last) { \
	(base) + offsetof(struct type, first), \
	offsetof(struct type, last) + \
	sizeof(((struct type *)NULL)->last) - offsetof(struct type, first) }
#define FREE_SUPER(first, last) \
	FREE(IMAGE_SUPER, zram_persist_super, first, last)

static const struct freedom freedoms[] = {
	FREE(IMAGE_RECORD, zram_persist_record, nr_devices, reserved0),
	FREE(IMAGE_RECORD, zram_persist_record, reserved, reserved),
	FREE(IMAGE_RECORD, zram_persist_record, device[0].held_hops,
	     device[ZRAM_PERSIST_MAX_DEVICES - 1].reserved),
	FREE(IMAGE_SEGTAB_0, zram_persist_segtab, reserved, reserved),
	FREE(IMAGE_SEGTAB_1, zram_persist_segtab, reserved, reserved),
	FREE_SUPER(uuid, uuid),
	FREE_SUPER(compat, compat),
	FREE_SUPER(index, reserved0),
	FREE_SUPER(mem_limit, mem_limit),
	FREE_SUPER(mem_reserve, mem_reserve),
	FREE_SUPER(codec[0].name, codec[0].winbits),
	FREE_SUPER(codec[0].reserved, codec[1].winbits),
	FREE_SUPER(codec[1].reserved, codec[2].winbits),
	FREE_SUPER(codec[2].reserved, codec[3].winbits),
	FREE_SUPER(codec[3].reserved, name),
	FREE(IMAGE_DICT_0 & ~0xfffULL, zram_persist_dict, data, data),
	FREE(IMAGE_DICT_1 & ~0xfffULL, zram_persist_dict, data, data),
	FREE(IMAGE_DICT_1_LAST & ~0xfffULL, zram_persist_dict, data, data),
	FREE_SUPER(seal_ns, seal_ns),
	FREE_SUPER(wall_clock, wall_clock),
	FREE_SUPER(backing_uuid, backing_uuid),
	FREE_SUPER(writeback_limit, writeback_batch),
	FREE_SUPER(reserved, reserved),
};

static bool is_raw(const struct image *image, u64 location)
{
	unsigned int i;

	for (i = 0; i < image->nr_raw; i++)
		if (image->raw[i].location == location)
			return true;
	return false;
}

/*
 * A slot that names what it should can have all flags, but for one that goes
 * with the codec of the object.
 */
static bool flags_are_good(const struct image *image, u64 slot, u64 index)
{
	u64 location = slot >> ZRAM_PERSIST_SLOT_LOCATION_SHIFT;
	bool backed = slot & ZRAM_PERSIST_SLOT_WRITTEN_BACK;
	const struct zram_persist_entry *entry;

	if (slot & ZRAM_PERSIST_SLOT_FLAGS_MASK & ~ZRAM_PERSIST_SLOT_FLAGS_KNOWN)
		return false;
	if ((slot & ZRAM_PERSIST_SLOT_KIND_MASK) == ZRAM_PERSIST_SLOT_RAW)
		return is_raw(image, location) && !backed;
	entry = image_entry(image, location);
	return zram_persist_entry_owner(entry) == index &&
	       backed == (zram_persist_entry_codec(entry) ==
			  ZRAM_PERSIST_CODEC_WRITTEN_BACK);
}

static bool is_free_slot(const struct image *image, u64 phys)
{
	static const u64 leaves[] = { IMAGE_LEAF_0, IMAGE_LEAF_1, IMAGE_LEAF_3 };
	static const u64 first[] = { 0, 512, 1536 };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		const u64 *slot = image_at(image, phys & ~7ULL);
		u64 kind = *slot & ZRAM_PERSIST_SLOT_KIND_MASK;

		if (phys - leaves[i] >= PAGE)
			continue;
		if (kind == ZRAM_PERSIST_SLOT_SAME)
			return phys % 8 >= 2;
		if (kind == ZRAM_PERSIST_SLOT_REPEAT)
			return phys % 8 >= 2 && phys % 8 < 6;
		return phys % 8 < 2 && *slot &&
		       flags_are_good(image, *slot,
				      first[i] + phys % PAGE / 8);
	}
	return false;
}

/* Descriptors of entries of the segment table that are not in use. */
static bool is_free_entry(const struct image *image, u64 phys)
{
	const size_t first = offsetof(struct zram_persist_segtab, entry);
	const struct zram_persist_segtab_entry *entry;

	if (phys < IMAGE_SEGTAB_0 + first || phys >= IMAGE_SEGTAB_1 + PAGE ||
	    phys % PAGE < first)
		return false;
	entry = image_at(image, phys & ~15ULL);
	return !entry->location && phys % 16 >= 8;
}

/* The disksize may grow within its number of levels. */
static bool is_free_size(const struct image *image, u64 phys)
{
	const struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	u64 at = IMAGE_SUPER + offsetof(struct zram_persist_super, disksize);

	return phys - at < 8 && super->disksize % PAGE == 0 &&
	       super->disksize >= IMAGE_SLOTS * PAGE &&
	       super->disksize <= 512 * 512 * PAGE;
}

/* Access times that are not in the future. */
static bool is_free_time(const struct image *image, u64 phys)
{
	const u32 *time = image_at(image, phys & ~3ULL);

	return phys - IMAGE_TIMES < PAGE && *time <= IMAGE_CLOCK;
}

/* Fields of the superblock that are bounded by something else. */
static bool is_free_bounded(const struct image *image, u64 phys)
{
	const struct zram_persist_super *super = image_at(image, IMAGE_SUPER);

	switch ((phys - IMAGE_SUPER) & ~7ULL) {
	case offsetof(struct zram_persist_super, clock):
		return super->clock >= IMAGE_CLOCK && !(super->clock >> 32);
	case offsetof(struct zram_persist_super, backing_blocks):
		return super->backing_blocks > IMAGE_BACKED;
	case offsetof(struct zram_persist_super, writeback_batch):
		return super->writeback_flags <= 7;
	}
	/* The feature of faulty pages, of which there need not be any. */
	return phys == IMAGE_SUPER + offsetof(struct zram_persist_super, incompat) &&
	       super->incompat == ZRAM_PERSIST_INCOMPAT_BAD;
}

/* A dictionary may have any length for which its pages are right. */
static bool is_free_dict_len(const struct image *image, u64 phys)
{
	const struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		u64 at = IMAGE_SUPER + offsetof(struct zram_persist_super,
						codec[i].dict_len);
		u32 len = super->codec[i].dict_len;

		if (phys - at < sizeof(len))
			return len > i * ZRAM_PERSIST_DICT_DATA &&
			       len <= (i + 1) * ZRAM_PERSIST_DICT_DATA;
	}
	return false;
}

/* Checksums of raw pages, which are not looked at. */
static bool is_free_crc(const struct image *image, u64 phys)
{
	unsigned int i;

	for (i = 0; i < image->nr_raw; i++) {
		const u8 *crc = (const u8 *)&image->raw[i].desc->crc;

		if (phys - IMAGE_BASE - (crc - image->mem) < sizeof(u32))
			return true;
	}
	return false;
}

/* Is no payload of a span in the way of another? Byte by byte, to be sure. */
static bool layout_is_good(const struct zram_persist_span *span)
{
	const size_t dir = sizeof(*span) +
			   span->nr_entries * sizeof(*span->entry);
	u8 used[ZRAM_PERSIST_MAX_SPAN * PAGE] = { 0 };
	unsigned int i, j;

	if (span->start * ZRAM_PERSIST_GRANULE < dir)
		return false;
	for (i = 0; i < span->nr_entries; i++) {
		const struct zram_persist_entry *entry = &span->entry[i];
		unsigned int start = zram_persist_entry_start(entry);

		if (!entry->place)
			continue;
		if (start < span->start * ZRAM_PERSIST_GRANULE)
			return false;
		for (j = 0; j < zram_persist_entry_len(entry); j++)
			if (start + j >= span->pages * PAGE ||
			    used[start + j]++)
				return false;
	}
	return true;
}

/*
 * The directory of the span of which @location is an object. Payloads may be
 * anywhere where there is nothing else, and of a codec that there is; their
 * checksums, and what else is in an entry that is not in use, are not looked
 * at.
 */
static bool is_free_entry_byte(const struct image *image, u64 location,
			       u64 phys)
{
	u64 addr = location & ~0xfffULL;
	const struct zram_persist_span *span = image_at(image, addr);
	const struct zram_persist_entry *entry;
	u64 at = phys - addr;
	unsigned int codec;

	if (at >= sizeof(*span) + span->nr_entries * sizeof(*entry))
		return false;
	if (at < sizeof(*span))
		return (at == 20 || at == 21) && layout_is_good(span);
	entry = &span->entry[(at - sizeof(*span)) / sizeof(*entry)];
	at = (at - sizeof(*span)) % sizeof(*entry);
	if (at >= 8 || (at < 4 && !entry->place))
		return true;
	codec = zram_persist_entry_codec(entry);
	return at >= 6 && (codec <= 1 || codec == ZRAM_PERSIST_CODEC_SAME) &&
	       layout_is_good(span);
}

static bool is_free_directory(const struct image *image, u64 phys)
{
	unsigned int i;

	for (i = 0; i < image->nr_objects; i++)
		if (phys >= (image->objects[i] & ~0xfffULL) &&
		    is_free_entry_byte(image, image->objects[i], phys))
			return true;
	return false;
}

/* May the byte at @phys, as it is after the flip, be what it is? */
static bool is_free(const struct image *image, u64 phys)
{
	unsigned int i;

	for (i = 0; i < sizeof(freedoms) / sizeof(*freedoms); i++)
		if (phys - freedoms[i].start < freedoms[i].len)
			return true;
	return is_free_slot(image, phys) || is_free_entry(image, phys) ||
	       is_free_size(image, phys) || is_free_crc(image, phys) ||
	       is_free_time(image, phys) || is_free_bounded(image, phys) ||
	       is_free_directory(image, phys) || is_free_dict_len(image, phys);
}

/**
 * struct tally - what became of flipped bits
 * @flips: bits flipped
 * @found: those that the checker found
 * @missed: those that it ought to have found
 */
struct tally {
	u64 flips;
	u64 found;
	u64 missed;
};

static void flip(struct image *image, u64 phys, unsigned int bit, bool reseal,
		 struct tally *tally)
{
	u8 *at = image_at(image, phys), before = *at;
	struct verdict verdict;

	*at ^= 1 << bit;
	if (reseal)
		image_reseal(image, phys, 1);
	/* A flip in a checksum is gone when that is made right again. */
	if (*at == before)
		return;
	image_check(image, &verdict);
	tally->flips++;
	if (verdict.result)
		tally->found++;
	else if (!reseal || !is_free(image, phys))
		if (tally->missed++ < 10)
			tap_note("missed: bit %u of %#llx", bit, phys);
	*at = before;
	if (reseal)
		image_reseal(image, phys, 1);
}

static void flip_all(struct image *image, bool reseal, const char *name)
{
	struct tally tally = { 0 };
	struct verdict verdict;
	unsigned int i;
	u64 bit;

	for (i = 0; i < image->nr_covers; i++) {
		const struct cover *c = &image->covers[i];

		for (bit = 0; bit < c->len * 8; bit++)
			flip(image, c->start + bit / 8, bit % 8, reseal,
			     &tally);
	}
	tap_note("%llu of %llu bits found", tally.found, tally.flips);
	image_check(image, &verdict);
	tap_ok(!tally.missed && !verdict.result, name);
}

#define STORM_RUNS	20000
#define STORM_CHANGES	4

static u32 rnd(u32 below)
{
	static u64 state = 20240229;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % below;
}

/* A value as a careless driver might leave it: small, large, or bits. */
static u64 any_value(u64 old)
{
	switch (rnd(6)) {
	case 0:
		return rnd(16);
	case 1:
		return ~0ULL - rnd(16);
	case 2:
		return old + rnd(9) - 4;
	case 3:
		return old ^ 1ULL << rnd(64);
	case 4:
		return (u64)rnd(1U << 31) << 33 | rnd(1U << 31);
	default:
		/* A word of metadata from elsewhere. */
		return IMAGE_BASE + rnd(1024) * PAGE + rnd(4);
	}
}

/* Write @bytes bytes at @phys, and put checksums right. */
static void put(struct image *image, u64 phys, u64 value, unsigned int bytes)
{
	memcpy(image_at(image, phys), &value, bytes);
	image_reseal(image, phys, bytes);
}

static void test_storm(struct image *image)
{
	struct { u64 phys, old; unsigned int bytes; } change[STORM_CHANGES];
	unsigned int i, j, accepted = 0;
	struct verdict verdict;

	image->poison = true;
	for (i = 0; i < STORM_RUNS; i++) {
		for (j = 0; j < STORM_CHANGES; j++) {
			/* The record and the superblock stop most of it. */
			const struct cover *c =
				&image->covers[rnd(image->nr_covers - 2)];

			change[j].bytes = 1 << rnd(4);
			change[j].phys = c->start + rnd(c->len / 8) * 8;
			change[j].old = 0;
			memcpy(&change[j].old, image_at(image, change[j].phys),
			       change[j].bytes);
			put(image, change[j].phys, any_value(change[j].old),
			    change[j].bytes);
		}
		image_check(image, &verdict);
		accepted += !verdict.result;
		while (j--)
			put(image, change[j].phys, change[j].old,
			    change[j].bytes);
	}
	image->poison = false;
	tap_note("%u of %u accepted", accepted, STORM_RUNS);
	image_reseal_all(image);
	image_check(image, &verdict);
	tap_ok(!verdict.result, "any values at once");
}

/* What no checksum of the metadata covers is not looked at. */
static void test_payload(struct image *image)
{
	struct verdict verdict;
	bool good = true;
	unsigned int i;

	memset(image_at(image, IMAGE_SPAN), 0xa5,
	       offsetof(struct zram_persist_span, nr_entries));
	memset(image_at(image, IMAGE_LONE_RAW), 0xa5, PAGE);
	for (i = 0; i < image->nr_objects; i++) {
		u8 *span = image_at(image, image->objects[i] & ~0xfffULL);
		const struct zram_persist_entry *entry;

		entry = image_entry(image, image->objects[i]);
		memset(span + zram_persist_entry_start(entry), 0xa5,
		       zram_persist_entry_len(entry));
	}
	image_check(image, &verdict);
	good = !verdict.result;
	tap_ok(good, "contents of objects are not looked at");
}

int main(void)
{
	struct image image;

	image_build(&image);
	flip_all(&image, false, "every bit, damaged");
	flip_all(&image, true, "every bit, with right checksums");
	test_storm(&image);
	test_payload(&image);
	image_destroy(&image);
	return tap_done();
}
