/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slot table, and the encoding of slots as include/linux/zram_persist.h
 * describes it.
 */
#ifndef _ZRAM_SLOT_H_
#define _ZRAM_SLOT_H_

#include <linux/zsmalloc_persist.h>

struct zram;
struct zram_slots;

static inline enum zram_persist_slot_kind zram_slot_kind(u64 slot)
{
	return slot & ZRAM_PERSIST_SLOT_KIND_MASK;
}

/**
 * zram_slot_written() - what remains of a slot when its page is overwritten
 * @slot: slot, of which the object or raw page got another contents
 *
 * Return: the slot without flags: they are about the contents.
 */
static inline u64 zram_slot_written(u64 slot)
{
	return slot & ~ZRAM_PERSIST_SLOT_FLAGS_MASK;
}

/**
 * zram_slot_object() - make a slot that names something in the pool
 * @kind: %ZRAM_PERSIST_SLOT_OBJECT or %ZRAM_PERSIST_SLOT_RAW
 * @location: of the object or raw page
 *
 * Return: the slot.
 */
static inline u64 zram_slot_object(enum zram_persist_slot_kind kind,
				   u64 location)
{
	return location << ZRAM_PERSIST_SLOT_LOCATION_SHIFT | kind;
}

/**
 * zram_slot_location() - location of what a slot names
 * @slot: of kind %ZRAM_PERSIST_SLOT_OBJECT or %ZRAM_PERSIST_SLOT_RAW
 *
 * Return: the location.
 */
static inline u64 zram_slot_location(u64 slot)
{
	return slot >> ZRAM_PERSIST_SLOT_LOCATION_SHIFT;
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
	if ((s64)(word << ZRAM_PERSIST_SLOT_WORD_SHIFT) >>
	    ZRAM_PERSIST_SLOT_WORD_SHIFT == (s64)word) {
		*slot = word << ZRAM_PERSIST_SLOT_WORD_SHIFT |
			ZRAM_PERSIST_SLOT_SAME;
		return true;
	}
	if (word >> 32 == (u32)word) {
		*slot = (u64)(u32)word << ZRAM_PERSIST_SLOT_WORD_SHIFT |
			ZRAM_PERSIST_SLOT_REPEAT;
		return true;
	}
	return false;
}

/**
 * zram_slot_is_backed() - was a page written back?
 * @slot: its slot
 *
 * Return: true if it is on the backing device.
 */
static inline bool zram_slot_is_backed(u64 slot)
{
	return zram_slot_kind(slot) == ZRAM_PERSIST_SLOT_OBJECT &&
	       slot & ZRAM_PERSIST_SLOT_WRITTEN_BACK;
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
	u64 half = (u32)(slot >> ZRAM_PERSIST_SLOT_WORD_SHIFT);

	if (zram_slot_kind(slot) == ZRAM_PERSIST_SLOT_REPEAT)
		return half << 32 | half;
	return (s64)slot >> ZRAM_PERSIST_SLOT_WORD_SHIFT;
}

/* slot.c */
int zram_slots_init(struct zram_slots *slots, u64 nr_slots);
void zram_slots_init_times(struct zram_slots *times, u64 nr_slots);
void zram_slots_destroy(struct zram_slots *slots);
u64 *zram_slot_find(const struct zram_slots *slots, u64 index);
u64 *zram_slot_next(const struct zram_slots *slots, u64 *index, u64 end);
u64 *zram_table_make(struct zram *zram, struct zram_slots *slots, u64 index);
u64 *zram_slot_make(struct zram *zram, u64 index);
void zram_slot_free(struct zram *zram, u64 index, u64 *slot);
void zram_slots_unpick(struct zram *zram);
void zram_count_object(struct zram *zram, const struct zsp_object *object,
		       int change);

/* compact.c */
int zram_slot_move(void *data, u64 owner, u64 location, bool raw);
void zram_slot_lock(struct zram *zram, u64 index);
void zram_slot_unlock(struct zram *zram, u64 index);

#endif /* _ZRAM_SLOT_H_ */
