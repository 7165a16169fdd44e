// SPDX-License-Identifier: GPL-2.0
/*
 * What another kernel wrote: with a wrong checksum, in the other byte order, by
 * a module that was here before, or with a codec too few.
 */
#include <string.h>
#include <linux/crc32c.h>
#include "image.h"
#include "tap.h"
#include "verdict.h"

/* One byte of each kind of metadata, of which nothing else is said. */
static void test_checksums(struct image *image)
{
	static const struct {
		u64 at;
		enum zram_check_result result;
		const char *reason;
	} damage[] = {
		{ IMAGE_RECORD + PAGE - 1, ZRAM_CHECK_ENVELOPE,
		  "record has a wrong checksum" },
		{ IMAGE_SUPER + PAGE - 1, ZRAM_CHECK_ENVELOPE,
		  "superblock has a wrong checksum" },
		{ IMAGE_SEGTAB_0 + 24, ZRAM_CHECK_ENVELOPE,
		  "segment table has a wrong checksum" },
		{ IMAGE_SEGTAB_1 + 24, ZRAM_CHECK_ENVELOPE,
		  "segment table has a wrong checksum" },
		{ IMAGE_SEGMENT_9 + PAGE - 1, ZRAM_CHECK_DAMAGED,
		  "segment has a wrong checksum" },
		{ IMAGE_SPAN + sizeof(struct zram_persist_span),
		  ZRAM_CHECK_DAMAGED, "span has a wrong checksum" },
		{ IMAGE_LEAF_0 + PAGE - 1, ZRAM_CHECK_DAMAGED,
		  "slot table page has a wrong checksum" },
		{ IMAGE_TIMES, ZRAM_CHECK_DAMAGED,
		  "slot table page has a wrong checksum" },
		{ (IMAGE_DICT_0 & ~0xfffULL) + PAGE - 1, ZRAM_CHECK_DAMAGED,
		  "slot table page has a wrong checksum" },
	};
	struct verdict verdict;
	bool good = true;
	unsigned int i;

	for (i = 0; i < sizeof(damage) / sizeof(*damage); i++) {
		u8 *at = image_at(image, damage[i].at);

		*at ^= 0x10;
		image_check(image, &verdict);
		good &= is(&verdict, damage[i].result, damage[i].reason);
		*at ^= 0x10;
	}
	image_check(image, &verdict);
	tap_ok(good && !verdict.result, "a wrong checksum of each kind");
}

static void swap(u8 *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len / 2; i++) {
		u8 byte = bytes[i];

		bytes[i] = bytes[len - 1 - i];
		bytes[len - 1 - i] = byte;
	}
}

#define SWAP(field)	swap((u8 *)&(field), sizeof(field))

/* A record as a kernel of the other byte order writes it, checksum and all. */
static void swap_record(struct zram_persist_record *record)
{
	unsigned int i;

	SWAP(record->magic);
	SWAP(record->version);
	SWAP(record->size);
	SWAP(record->nr_devices);
	for (i = 0; i < ZRAM_PERSIST_MAX_DEVICES; i++)
		SWAP(record->device[i].superblock);
	SWAP(record->state);
	record->crc = 0;
	record->crc = crc32c(~0U, record, sizeof(*record));
	SWAP(record->crc);
}

static void swap_super(struct zram_persist_super *super)
{
	SWAP(super->magic);
	SWAP(super->version);
	SWAP(super->size);
	SWAP(super->seal);
	SWAP(super->segtab);
	SWAP(super->nr_segments);
	SWAP(super->byte_order);
	SWAP(super->index);
	SWAP(super->disksize);
	SWAP(super->slot_root);
	super->crc = 0;
	super->crc = crc32c(~0U, super, sizeof(*super));
	SWAP(super->crc);
}

static void test_byte_order(void)
{
	struct verdict verdict;
	struct image image;
	bool good;

	image_build(&image);
	swap_record(image_at(&image, IMAGE_RECORD));
	image_check(&image, &verdict);
	good = is(&verdict, ZRAM_CHECK_UNKNOWN,
		  "record has the other byte order");
	image_destroy(&image);

	image_build(&image);
	swap_super(image_at(&image, IMAGE_SUPER));
	image_check(&image, &verdict);
	good &= is(&verdict, ZRAM_CHECK_ENVELOPE,
		   "superblock has a wrong magic");
	image_destroy(&image);
	tap_ok(good, "a kernel of the other byte order");
}

static bool outgoing_is(struct image *image, u64 phys,
			enum zram_check_result result, const char *reason)
{
	struct zram_check check = {
		.map = image_map, .map_data = image, .reason = "",
	};
	const struct zram_persist_record *record = (void *)image;
	struct verdict verdict;

	verdict.result = zram_check_outgoing(&check, phys, &record);
	verdict.reason = check.reason;
	verdict.where = check.where;
	return is(&verdict, result, reason) &&
	       record == (result ? NULL : image_at(image, phys));
}

/* The record that a module left is believed no more than any other. */
static void test_outgoing(struct image *image)
{
	struct zram_persist_record *record = image_at(image, IMAGE_RECORD);
	bool good;

	good = outgoing_is(image, IMAGE_RECORD, ZRAM_CHECK_OK, "");
	good &= outgoing_is(image, 0, ZRAM_CHECK_ENVELOPE,
			    "record is not in memory");
	good &= outgoing_is(image, IMAGE_RECORD + 8, ZRAM_CHECK_ENVELOPE,
			    "record is not in memory");
	good &= outgoing_is(image, IMAGE_BASE + IMAGE_SIZE, ZRAM_CHECK_ENVELOPE,
			    "record is not in memory");
	good &= outgoing_is(image, IMAGE_SUPER, ZRAM_CHECK_ENVELOPE,
			    "record has a wrong magic");
	record->version++;
	image_reseal(image, IMAGE_RECORD, PAGE);
	good &= outgoing_is(image, IMAGE_RECORD, ZRAM_CHECK_UNKNOWN,
			    "record has an unknown version");
	record->version--;
	/* One that says of itself that it is the incoming one. */
	record->state = ZRAM_PERSIST_CONSUMED;
	record->outgoing = IMAGE_RECORD;
	image_reseal(image, IMAGE_RECORD, PAGE);
	good &= outgoing_is(image, IMAGE_RECORD, ZRAM_CHECK_ENVELOPE,
			    "record has been taken already");
	/* One that was never handed over. */
	record->state = ZRAM_PERSIST_KEPT;
	image_reseal(image, IMAGE_RECORD, PAGE);
	good &= outgoing_is(image, IMAGE_RECORD, ZRAM_CHECK_ENVELOPE,
			    "record names another record");
	record->outgoing = 0;
	image_reseal(image, IMAGE_RECORD, PAGE);
	good &= outgoing_is(image, IMAGE_RECORD, ZRAM_CHECK_OK, "");
	record->state = ZRAM_PERSIST_OUTGOING;
	image_reseal(image, IMAGE_RECORD, PAGE);
	tap_ok(good, "a record that another module left");
}

static void test_codecs(struct image *image)
{
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	struct zram_persist_super kept = *super;
	struct verdict verdict;
	bool good;

	memset(&super->codec[0], 0, sizeof(super->codec[0]));
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check(image, &verdict);
	good = is(&verdict, ZRAM_CHECK_DAMAGED, "device has no codec");
	*super = kept;
	memset(&super->codec[1], 0, sizeof(super->codec[1]));
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check(image, &verdict);
	good &= is(&verdict, ZRAM_CHECK_DAMAGED, "object has a wrong codec");
	*super = kept;
	/* Its pages would be nobody's, and the next kernel would find that. */
	super->codec[2].dict = super->codec[1].dict;
	super->codec[2].dict_len = super->codec[1].dict_len;
	super->codec[1].dict = 0;
	super->codec[1].dict_len = 0;
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check(image, &verdict);
	good &= is(&verdict, ZRAM_CHECK_DAMAGED, "dictionary has no codec");
	*super = kept;
	tap_ok(good, "a codec without a name");
}

int main(void)
{
	struct image image;

	test_byte_order();
	image_build(&image);
	image.poison = true;
	test_checksums(&image);
	image.poison = false;
	test_outgoing(&image);
	test_codecs(&image);
	image_destroy(&image);
	return tap_done();
}
