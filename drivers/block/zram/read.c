// SPDX-License-Identifier: GPL-2.0
/*
 * Reading pages that are in memory.
 */

#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "io.h"
#include "slot.h"
#include "times.h"
#include "zram.h"

/* Context: the slot's lock is held. */
static int zram_decompress(struct zram *zram, const struct zsp_object *object,
			   const void *payload, void *dst)
{
	u64 word;

	if (object->codec == ZRAM_PERSIST_CODEC_SAME) {
		if (object->len != sizeof(u64))
			return -EIO;
		memcpy(&word, payload, sizeof(word));
		memset64(dst, word, PAGE_SIZE / sizeof(u64));
		return 0;
	}
	if (object->codec >= ZRAM_MAX_COMPS || !zram->comps[object->codec])
		return -EIO;
	return zcomp_decompress(zram->comps[object->codec], payload,
				object->len, dst);
}

/*
 * Some codecs have a checksum of the page, and compare it with what they have written
 * to @dst. With direct I/O that is memory of a program, which may write to it meanwhile,
 * or let another page be read to it: the page is not damaged by that.
 *
 * Context: the slot's lock is held.
 * Return: as zram_decompress(), or -ENOMEM.
 */
static int zram_decompress_apart(struct zram *zram,
				 const struct zsp_object *object,
				 const void *payload, void *dst)
{
	struct page *page = alloc_page(GFP_NOWAIT | __GFP_NOWARN);
	int err;

	if (!page)
		return -ENOMEM;
	err = zram_decompress(zram, object, payload, page_address(page));
	if (!err)
		copy_page(dst, page_address(page));
	clear_highpage(page);
	__free_page(page);
	return err;
}

/* Context: the slot's lock is held. */
static int zram_read_object(struct zram *zram, u64 location, u64 index,
			    void *dst)
{
	struct zsp_object object;
	const void *payload;
	int err;

	payload = zsp_open(zram->pool, location, index, &object);
	if (IS_ERR(payload))
		return PTR_ERR(payload);
	err = zram_decompress(zram, &object, payload, dst);
	if (err == -EINVAL)
		err = zram_decompress_apart(zram, &object, payload, dst);
	zsp_close(zram->pool, location);
	return err && err != -ENOMEM ? -EIO : err;
}

/**
 * zram_verify_stored() - read what a slot names, to see whether that works
 * @zram: device
 * @slot: slot of an object or a raw page
 * @index: its number
 * @dst: page to read to
 *
 * Context: the slot's lock is held.
 * Return: 0; -EIO for a page that is damaged; -EREMOTE for one that was
 * written back; -ENOMEM if there is no telling.
 */
int zram_verify_stored(struct zram *zram, u64 slot, u64 index, void *dst)
{
	u64 location = zram_slot_location(slot);

	if (zram_slot_is_backed(slot))
		return -EREMOTE;
	if (zram_slot_kind(slot) == ZRAM_PERSIST_SLOT_RAW)
		return zsp_read_raw(zram->pool, location, index, dst);
	return zram_read_object(zram, location, index, dst);
}

/**
 * zram_read_stored() - read what a slot names
 * @zram: device
 * @slot: slot of an object or a raw page
 * @index: its number
 * @dst: page to read to
 *
 * Context: the slot's lock is held.
 * Return: as zram_verify_stored(); a damaged page is counted, listed and
 * logged.
 */
int zram_read_stored(struct zram *zram, u64 slot, u64 index, void *dst)
{
	int err = zram_verify_stored(zram, slot, index, dst);

	if (err != -EIO)
		return err;
	atomic64_inc(&zram->stats.damaged_reads);
	zram_damage_note(zram, index);
	pr_err_ratelimited("zram: %s: page %llu is damaged and cannot be read; write or discard it to be rid of it\n",
			   zram->disk->disk_name, index);
	return -EIO;
}

/*
 * May a page be read without the lock of its slot? That is about what a slot names;
 * one word is in the slot itself. A slot that is empty may be about to name something
 * else: it is emptied first. Nor if the page has to be noted as accessed.
 */
static bool zram_is_plain_word(struct zram *zram, u64 index, u64 slot)
{
	switch (zram_slot_kind(slot)) {
	case ZRAM_PERSIST_SLOT_SAME:
	case ZRAM_PERSIST_SLOT_REPEAT:
		return zram_times_is_now(zram, index);
	default:
		return false;
	}
}

/**
 * zram_read_page() - read a page
 * @zram: device
 * @index: number of the page
 * @dst: memory to read to
 *
 * Context: Process context.
 * Return: as zram_read_stored().
 */
int zram_read_page(struct zram *zram, u64 index, void *dst)
{
	u64 *entry = zram_slot_find(&zram->slots, index);
	u64 slot = entry ? READ_ONCE(*entry) : 0;
	int err = 0;

	if (entry && !zram_is_plain_word(zram, index, slot)) {
		zram_slot_lock(zram, index);
		slot = *entry;
		if (zram_slot_kind(slot) >= ZRAM_PERSIST_SLOT_OBJECT)
			err = zram_read_stored(zram, slot, index, dst);
		zram_slot_was_read(zram, index, entry);
		zram_slot_unlock(zram, index);
	}
	if (zram_slot_kind(slot) < ZRAM_PERSIST_SLOT_OBJECT)
		memset64(dst, zram_slot_word(slot), PAGE_SIZE / sizeof(u64));
	return err;
}
