// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's part in compaction: the allocator finds what is to be moved, and
 * the slot that owns it is changed here.
 */

#include "slot.h"
#include "zram.h"

/* Context: the slot's lock is held. Moves what @entry names, if @location. */
static int zram_move_slot(struct zram *zram, u64 *entry, u64 location)
{
	u64 to;
	int err;

	if (zram_slot_location(*entry) != location)
		return -ENOENT;
	switch (zram_slot_kind(*entry)) {
	case ZRAM_PERSIST_SLOT_OBJECT:
		err = zsp_move(zram->pool, location, &to);
		break;
	case ZRAM_PERSIST_SLOT_RAW:
		err = zsp_move_raw(zram->pool, location, &to);
		break;
	default:
		return -ENOENT;
	}
	if (!err)
		*entry = zram_slot_object(zram_slot_kind(*entry), to) |
			 (*entry & ZRAM_PERSIST_SLOT_FLAGS_MASK);
	return err;
}

static int zram_move_one(struct zram *zram, u64 owner, u64 location)
{
	u64 *entry = zram_slot_find(&zram->slots, owner);
	int err;

	if (!entry)
		return -ENOENT;
	zram_slot_lock(zram, owner);
	err = zram_move_slot(zram, entry, location);
	zram_slot_unlock(zram, owner);
	return err;
}

/**
 * zram_slot_move() - move what a slot names
 * @data: device
 * @owner: number of the slot
 * @location: what is to be moved
 * @raw: it is a raw page, of whose owner only some bits are known
 *
 * Raw pages of devices of 1 TiB and more are looked for in all slots that have
 * these bits: there are few of those, and a longer number would cost each page
 * a longer descriptor.
 *
 * Context: zsp_move_fn. Takes the slot's lock.
 * Return: as zsp_move_fn.
 */
int zram_slot_move(void *data, u64 owner, u64 location, bool raw)
{
	struct zram *zram = data;
	int err = -ENOENT;

	for (; owner < zram->disksize >> PAGE_SHIFT;
	     owner += ZRAM_PERSIST_RAW_OWNER + 1ULL) {
		err = zram_move_one(zram, owner, location);
		if (err != -ENOENT || !raw)
			break;
	}
	return err;
}
