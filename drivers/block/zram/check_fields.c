// SPDX-License-Identifier: GPL-2.0
/*
 * Validation of handed-over metadata: what a superblock says beyond the envelope.
 * check.c begins with what these files have in common.
 */
#include <linux/types.h>
#include "check_util.h"

/* Numbers of devices are minor numbers. */
#define MAX_INDEX		((1U << 20) - 1)

static enum zram_check_result
check_features(struct zram_check *check, const struct zram_persist_super *super)
{
	u32 bits;

	if (!zram_check_knows(super))
		return unknown(check, "format has an unknown version",
			       super->version);
	bits = super->incompat & ~ZRAM_PERSIST_INCOMPAT_KNOWN;
	if (bits)
		return unknown(check, "unknown incompat features", bits);
	/* This driver has no devices that can only be read. */
	bits = super->ro_compat & ~ZRAM_PERSIST_RO_COMPAT_KNOWN;
	if (bits)
		return unknown(check, "unknown ro_compat features", bits);
	if (super->byte_order != ZRAM_PERSIST_BYTE_ORDER)
		return unknown(check, "byte order differs", super->byte_order);
	if (super->page_shift != ZRAM_PERSIST_PAGE_SHIFT)
		return unknown(check, "page size differs", super->page_shift);
	if (super->granule_shift != ZRAM_PERSIST_GRANULE_SHIFT)
		return unknown(check, "granule differs", super->granule_shift);
	if (super->max_order != ZRAM_PERSIST_MAX_ORDER)
		return unknown(check, "segment order differs",
			       super->max_order);
	return ZRAM_CHECK_OK;
}

/* A name ends inside its field, and holds nothing that upsets a terminal. */
static bool name_is_good(const char *name, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		u8 c = name[i];

		if (!c)
			return true;
		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return false;
}

/* The name of a device becomes that of a file: this is what can be written. */
static bool device_name_is_good(const char *name)
{
	size_t i;

	for (i = 0; i < ZRAM_PERSIST_NAME && name[i]; i++) {
		u8 c = name[i], lower = c | 0x20;

		if (!(lower >= 'a' && lower <= 'z') &&
		    !(c >= '0' && c <= '9') && c != '_' &&
		    !(i && (c == '.' || c == '-')))
			return false;
	}
	return i < ZRAM_PERSIST_NAME;
}

/* A dictionary without codec is nobody's: its pages would be lost. */
static enum zram_check_result
check_codecs(struct zram_check *check, const struct zram_persist_super *super)
{
	const struct zram_persist_codec *codec = super->codec;
	unsigned int i;

	for (i = 0; i < ZRAM_PERSIST_CODECS; i++) {
		if (!name_is_good(codec[i].name, ZRAM_PERSIST_CODEC_NAME))
			return damaged(check, "codec has a wrong name", i);
		if (!codec[i].name[0] && (codec[i].dict || codec[i].dict_len))
			return damaged(check, "dictionary has no codec", i);
	}
	if (!codec[0].name[0])
		return damaged(check, "device has no codec", 0);
	return ZRAM_CHECK_OK;
}

static enum zram_check_result
check_settings(struct zram_check *check, const struct zram_persist_super *super)
{
	u64 nr_slots = super->disksize / PAGE_BYTES;

	if (super->seal != ZRAM_PERSIST_SEALED)
		return damaged(check, "device was not sealed", super->seal);
	if (super->index > MAX_INDEX)
		return damaged(check, "device has a wrong number",
			       super->index);
	if (!super->disksize || super->disksize % PAGE_BYTES ||
	    nr_slots > ZRAM_PERSIST_MAX_SLOTS)
		return damaged(check, "device has a wrong size",
			       super->disksize);
	if (super->slot_levels != zram_check_levels(nr_slots))
		return damaged(check, "slot table has a wrong height",
			       super->slot_levels);
	if (!device_name_is_good(super->name))
		return damaged(check, "device has a wrong name", 0);
	/* Users see them in bytes. */
	if (super->mem_limit > ~0ULL / PAGE_BYTES ||
	    super->mem_reserve > ~0ULL / PAGE_BYTES)
		return damaged(check, "device has a wrong limit",
			       super->mem_limit);
	/* Access times have 32 bits. */
	if (super->clock >> 32)
		return damaged(check, "device has a wrong clock", super->clock);
	return ZRAM_CHECK_OK;
}

/* Block 0 holds no page, and no two pages are in one block. */
static enum zram_check_result
check_backing(struct zram_check *check, const struct zram_persist_super *super)
{
	const u32 known = ZRAM_PERSIST_WRITEBACK_LIMITED |
			  ZRAM_PERSIST_WRITEBACK_COMPRESSED |
			  ZRAM_PERSIST_WRITEBACK_UNDER_WAY;

	if (zram_check_is_zero(super->backing_uuid,
			       sizeof(super->backing_uuid)) !=
	    !super->backing_blocks)
		return damaged(check, "backing device has a wrong identity",
			       super->backing_blocks);
	if (super->backed_pages && super->backed_pages >= super->backing_blocks)
		return damaged(check, "more pages are written back than fit",
			       super->backed_pages);
	if (super->writeback_flags & ~known)
		return damaged(check, "unknown flags of writeback",
			       super->writeback_flags);
	return ZRAM_CHECK_OK;
}

/**
 * zram_check_fields() - validate the rest of a superblock
 * @check: the validation
 * @super: superblock that zram_check_super() has passed
 *
 * The first step of zram_check_contents().
 *
 * Return: %ZRAM_CHECK_OK, %ZRAM_CHECK_UNKNOWN or %ZRAM_CHECK_DAMAGED.
 */
enum zram_check_result
zram_check_fields(struct zram_check *check,
		  const struct zram_persist_super *super)
{
	enum zram_check_result result = check_features(check, super);

	if (!result)
		result = check_settings(check, super);
	if (!result)
		result = check_codecs(check, super);
	if (!result)
		result = check_backing(check, super);
	return result;
}
