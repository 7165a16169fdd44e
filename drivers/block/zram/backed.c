// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that were written back: objects whose payload says where they are.
 *
 * Like every payload it is believed only if its checksum is right. Where it is
 * not, the page is lost, and so is its block until it is found out again which
 * blocks are in use: that is not to be learnt from something damaged.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/bitmap.h>
#include <linux/sched.h>

#include "backing.h"
#include "slot.h"
#include "zram.h"

static bool zram_backed_is_good(const struct zram *zram,
				const struct zram_persist_backed *backed)
{
	if (!backed->block || backed->block >= zram->writeback.nr_blocks)
		return false;
	if (backed->len == PAGE_SIZE)
		return true;
	return backed->len && backed->len <= ZRAM_PERSIST_MAX_PAYLOAD &&
	       backed->codec < ZRAM_MAX_COMPS && zram->comps[backed->codec];
}

/**
 * zram_backed_get() - where is a page that was written back?
 * @zram: device
 * @index: its number
 * @slot: its slot, with the flag %ZRAM_PERSIST_SLOT_WRITTEN_BACK
 * @backed: filled in
 *
 * Context: The slot's lock is held.
 * Return: 0, or -EIO if that is damaged or lost.
 */
int zram_backed_get(struct zram *zram, u64 index, u64 slot,
		    struct zram_persist_backed *backed)
{
	u64 location = zram_slot_location(slot);
	struct zsp_object object;
	const void *payload;
	bool good;

	payload = zsp_open(zram->pool, location, index, &object);
	if (IS_ERR(payload))
		return PTR_ERR(payload);
	good = object.codec == ZRAM_PERSIST_CODEC_WRITTEN_BACK &&
	       object.len == sizeof(*backed);
	if (good)
		memcpy(backed, payload, sizeof(*backed));
	zsp_close(zram->pool, location);
	return good && zram_backed_is_good(zram, backed) ? 0 : -EIO;
}

/**
 * zram_backed_free() - free the block of a page
 * @zram: device
 * @index: its number
 * @slot: its slot, with the flag %ZRAM_PERSIST_SLOT_WRITTEN_BACK
 *
 * Without a backing device there is nothing to do: which blocks are in use is
 * found out when it is given.
 *
 * Context: The slot's lock is held.
 */
void zram_backed_free(struct zram *zram, u64 index, u64 slot)
{
	/* Pairs with smp_store_release() in backing.c. */
	struct zram_backing *backing = smp_load_acquire(&zram->backing);
	struct zram_persist_backed backed;

	if (backing && !zram_backed_get(zram, index, slot, &backed))
		clear_bit(backed.block, backing->used);
}

/**
 * zram_backed_was_huge() - was a page that was written back a raw page?
 * @zram: device
 * @index: its number
 * @slot: its slot, with the flag %ZRAM_PERSIST_SLOT_WRITTEN_BACK
 * @codec: set to the codec that it was stored with, 0 for a raw page
 *
 * Context: The slot's lock is held.
 * Return: whether it was.
 */
bool zram_backed_was_huge(struct zram *zram, u64 index, u64 slot,
			  unsigned int *codec)
{
	struct zram_persist_backed backed;

	*codec = 0;
	if (zram_backed_get(zram, index, slot, &backed))
		return false;
	if (backed.codec == ZRAM_PERSIST_BACKED_RAW)
		return true;
	*codec = backed.codec;
	return false;
}

/* Marks the block of a slot as used. False if it is that of another, too. */
static bool zram_backed_find_slot(struct zram *zram, u64 index, u64 *entry)
{
	struct zram_persist_backed backed;
	bool good = true;

	zram_slot_lock(zram, index);
	if (zram_slot_is_backed(*entry) &&
	    !zram_backed_get(zram, index, *entry, &backed))
		good = !test_and_set_bit(backed.block, zram->backing->used);
	zram_slot_unlock(zram, index);
	return good;
}

/**
 * zram_backed_find() - find out which blocks of the backing device are used
 * @zram: device, with its backing device; may be in use
 *
 * What is freed meanwhile was either found before, or will not be.
 *
 * Context: Process context, dev_lock held for write. Sleeps.
 */
void zram_backed_find(struct zram *zram)
{
	u64 end = zram->disksize >> PAGE_SHIFT, index = 0, *entry;

	while ((entry = zram_slot_next(&zram->slots, &index, end))) {
		if (!zram_backed_find_slot(zram, index, entry)) {
			pr_err("%s: page %llu is in the same block as another one: nothing will be written back any more\n",
			       zram->disk->disk_name, index);
			zram->backing->faulty = true;
		}
		if (!(++index % ZRAM_PERSIST_FANOUT))
			cond_resched();
	}
}
