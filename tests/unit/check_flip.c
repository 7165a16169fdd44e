// SPDX-License-Identifier: GPL-2.0
/*
 * Every single bit of the metadata is flipped, twice: as damage, which leaves
 * the checksums as they were and must be found without exception; and with
 * checksums made right again, which must be found unless the bit is one of
 * those that may have either value.
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
	FREE(IMAGE_RECORD, zram_persist_record, nr_devices, reserved),
	FREE(IMAGE_RECORD, zram_persist_record, superblock[1],
	     superblock[ZRAM_PERSIST_MAX_DEVICES - 1]),
	FREE(IMAGE_SEGTAB_0, zram_persist_segtab, reserved, reserved),
	FREE(IMAGE_SEGTAB_1, zram_persist_segtab, reserved, reserved),
	FREE_SUPER(uuid, uuid),
	FREE_SUPER(compat, compat),
	FREE_SUPER(index, reserved0),
	FREE_SUPER(mem_limit, mem_limit),
	FREE_SUPER(same_pages, same_pages),
	FREE_SUPER(compr_bytes, compr_bytes),
	FREE_SUPER(codec, name),
	FREE_SUPER(seal_ns, seal_ns),
	FREE_SUPER(reserved, reserved),
};

static bool is_free_slot(const struct image *image, u64 phys)
{
	static const u64 leaves[] = { IMAGE_LEAF_0, IMAGE_LEAF_1, IMAGE_LEAF_3 };
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

/*
 * The only object of a span may have another size as long as it stays where it
 * is, and a raw page be any page: objects, which name them, are not looked at.
 */
static bool is_free_location(u64 phys)
{
	const u64 raw = IMAGE_SEGTAB_1 +
			offsetof(struct zram_persist_segtab,
				 entry[IMAGE_ENTRY_RAW].location);

	return phys == IMAGE_SEGMENT_0 + zram_persist_header_bytes(0) - 7 ||
	       phys - raw < sizeof(u64);
}

/* May the byte at @phys, as it is after the flip, be what it is? */
static bool is_free(const struct image *image, u64 phys)
{
	unsigned int i;

	for (i = 0; i < sizeof(freedoms) / sizeof(*freedoms); i++)
		if (phys - freedoms[i].start < freedoms[i].len)
			return true;
	return is_free_slot(image, phys) || is_free_entry(image, phys) ||
	       is_free_size(image, phys) || is_free_location(phys);
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

/* What no checksum of the metadata covers is not looked at. */
static void test_payload(struct image *image)
{
	struct verdict verdict;
	bool good = true;
	unsigned int i;

	memset(image_at(image, IMAGE_SPAN), 0xa5,
	       sizeof(struct zram_persist_span));
	memset(image_at(image, IMAGE_LONE_RAW), 0xa5, PAGE);
	for (i = 0; i < image->nr_objects; i++)
		memset(image_at(image, image->objects[i] & ~15ULL), 0xa5, 32);
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
	test_payload(&image);
	image_destroy(&image);
	return tap_done();
}
