/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Encoding of slots, as include/linux/zram_persist.h describes it.
 */
#ifndef _ZRAM_SLOT_H_
#define _ZRAM_SLOT_H_

#include <linux/crc32c.h>
#include <linux/stddef.h>
#include <linux/zsmalloc_persist.h>

/**
 * zram_object_crc() - checksum of an object
 * @object: object, whose length has been found to be within its segment
 *
 * Return: what its crc field must be.
 */
static inline u32 zram_object_crc(const struct zram_persist_object *object)
{
	u32 crc = crc32c(~0, object,
			 offsetof(struct zram_persist_object, crc));

	return crc32c(crc, object + 1, object->len);
}

static inline enum zram_persist_slot_kind zram_slot_kind(u64 slot)
{
	return slot & ZRAM_PERSIST_SLOT_KIND_MASK;
}

/**
 * zram_slot_object() - make a slot that holds an object
 * @kind: %ZRAM_PERSIST_SLOT_OBJECT or %ZRAM_PERSIST_SLOT_RAW
 * @location: of the object, or of the raw descriptor object
 *
 * Return: the slot.
 */
static inline u64 zram_slot_object(enum zram_persist_slot_kind kind,
				   u64 location)
{
	u64 granule = zsp_location_addr(location) >> ZRAM_PERSIST_GRANULE_SHIFT;
	u64 order = zsp_location_order(location);

	return granule << ZRAM_PERSIST_SLOT_ADDR_SHIFT |
	       order << ZRAM_PERSIST_SLOT_ORDER_SHIFT | kind;
}

/**
 * zram_slot_location() - location of the object that a slot holds
 * @slot: of kind %ZRAM_PERSIST_SLOT_OBJECT or %ZRAM_PERSIST_SLOT_RAW
 *
 * Return: the location.
 */
static inline u64 zram_slot_location(u64 slot)
{
	u64 addr = slot >> ZRAM_PERSIST_SLOT_ADDR_SHIFT <<
		   ZRAM_PERSIST_GRANULE_SHIFT;

	return zsp_location(addr, slot >> ZRAM_PERSIST_SLOT_ORDER_SHIFT &
				  ZRAM_PERSIST_LOCATION_ORDER);
}

/**
 * zram_slot_same() - make a slot for a page that repeats one word
 * @word: the word that fills the page
 * @slot: where to put the slot
 *
 * Return: false if @word does not fit into a slot: it has neither 48
 * significant bits nor two equal halves.
 */
static inline bool zram_slot_same(u64 word, u64 *slot)
{
	if ((s64)(word << ZRAM_PERSIST_SLOT_ADDR_SHIFT) >>
	    ZRAM_PERSIST_SLOT_ADDR_SHIFT == (s64)word) {
		*slot = word << ZRAM_PERSIST_SLOT_ADDR_SHIFT |
			ZRAM_PERSIST_SLOT_SAME;
		return true;
	}
	if (word >> 32 == (u32)word) {
		*slot = (u64)(u32)word << ZRAM_PERSIST_SLOT_ADDR_SHIFT |
			ZRAM_PERSIST_SLOT_REPEAT;
		return true;
	}
	return false;
}

/**
 * zram_slot_word() - the word that fills a page
 * @slot: of kind %ZRAM_PERSIST_SLOT_EMPTY, %ZRAM_PERSIST_SLOT_SAME or
 *	%ZRAM_PERSIST_SLOT_REPEAT
 *
 * Return: the word.
 */
static inline u64 zram_slot_word(u64 slot)
{
	u64 half = (u32)(slot >> ZRAM_PERSIST_SLOT_ADDR_SHIFT);

	if (zram_slot_kind(slot) == ZRAM_PERSIST_SLOT_REPEAT)
		return half << 32 | half;
	return (s64)slot >> ZRAM_PERSIST_SLOT_ADDR_SHIFT;
}

#endif /* _ZRAM_SLOT_H_ */
