// SPDX-License-Identifier: GPL-2.0
/*
 * Slot table: from the number of a page to the slot that says where it is.
 *
 * The table is a radix tree of pages with 512 entries each, allocated from the
 * pool of the device as slots are first written, so that a device costs nothing
 * for pages that were never used. It has as many levels as the disksize needs:
 * two up to 1 GiB. Pages of the table are freed with the pool, not before: that
 * needs a count of users per page that every write would have to change.
 *
 * DOC: Locks
 *
 * The entries of upper levels are set once, with release semantics, and read
 * without a lock. A slot is changed, and the object that it names is read, under
 * the lock that zram_slot_lock() takes. Those locks are hashed by slot number:
 * a lock in the slot would have to survive kexec, and one beside each slot
 * would cost memory for pages that were never used. They are spinlocks, since
 * swap frees slots under a spinlock of its own; nothing under them takes longer
 * than to decompress one page.
 *
 * Order: slot lock -> the locks of the pool.
 */

#include <linux/align.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "backing.h"
#include "slot.h"
#include "times.h"
#include "zram.h"

static unsigned int zram_slots_levels(u64 nr_slots)
{
	unsigned int levels = 1;

	while (nr_slots > 1ULL << levels * ZRAM_PERSIST_FANOUT_SHIFT)
		levels++;
	return levels;
}

/**
 * zram_slots_init() - make an empty slot table
 * @slots: table
 * @nr_slots: slots it must have room for
 *
 * Context: Process context. Sleeps.
 * Return: 0, -EINVAL for more than %ZRAM_PERSIST_MAX_SLOTS, -ENOMEM.
 */
int zram_slots_init(struct zram_slots *slots, u64 nr_slots)
{
	unsigned int i;

	if (!nr_slots || nr_slots > ZRAM_PERSIST_MAX_SLOTS)
		return -EINVAL;
	slots->locks = kvcalloc(ZRAM_SLOT_LOCKS, sizeof(*slots->locks),
				GFP_KERNEL);
	if (!slots->locks)
		return -ENOMEM;
	for (i = 0; i < ZRAM_SLOT_LOCKS; i++)
		spin_lock_init(&slots->locks[i].lock);
	slots->root = 0;
	slots->tag = 0;
	slots->levels = zram_slots_levels(nr_slots);
	return 0;
}

/**
 * zram_slots_init_times() - make an empty table of access times
 * @times: table
 * @nr_slots: pages of the device
 *
 * It has two times in each entry, and no locks of its own.
 *
 * Context: Process context.
 */
void zram_slots_init_times(struct zram_slots *times, u64 nr_slots)
{
	*times = (struct zram_slots) {
		.levels = zram_slots_levels(DIV_ROUND_UP(nr_slots, 2)),
		.tag = ZRAM_PERSIST_TABLE_TIMES,
	};
}

/**
 * zram_slots_destroy() - forget a slot table
 * @slots: table; its pages are freed with the pool
 *
 * Context: Process context.
 */
void zram_slots_destroy(struct zram_slots *slots)
{
	kvfree(slots->locks);
	memset(slots, 0, sizeof(*slots));
}

static unsigned int zram_slot_index(u64 index, unsigned int level)
{
	return index >> level * ZRAM_PERSIST_FANOUT_SHIFT &
	       (ZRAM_PERSIST_FANOUT - 1);
}

/**
 * zram_slot_find() - find a slot
 * @slots: table
 * @index: number of the slot, within the disksize
 *
 * Context: Any.
 * Return: the slot, or NULL if nothing was ever written near it.
 */
u64 *zram_slot_find(const struct zram_slots *slots, u64 index)
{
	unsigned int level = slots->levels - 1;
	u64 location, *table;

	/* Pairs with cmpxchg_release() in zram_slots_grow(), as below. */
	location = smp_load_acquire(&slots->root);
	for (;;) {
		if (!location)
			return NULL;
		table = zsp_location_to_virt(location);
		table += zram_slot_index(index, level);
		if (!level--)
			return table;
		/* As above. */
		location = smp_load_acquire(table);
	}
}

/* Leads from @table to an entry of level 0, or tells where there is none. */
static u64 *zram_slot_descend(const struct zram_slots *slots, u64 index,
			      unsigned int *level)
{
	u64 location, *table;

	*level = slots->levels;
	/* As in zram_slot_find(). */
	location = smp_load_acquire(&slots->root);
	while (location) {
		table = zsp_location_to_virt(location);
		table += zram_slot_index(index, --*level);
		if (!*level)
			return table;
		/* As above. */
		location = smp_load_acquire(table);
	}
	return NULL;
}

/**
 * zram_slot_next() - find the next slot that there is
 * @slots: table
 * @index: number of the first slot to look at; then of the one that was found
 * @end: number of the first slot not to look at
 *
 * Skips what was never written as fast as the table allows.
 *
 * Context: Any.
 * Return: the slot, or NULL if there is none before @end.
 */
u64 *zram_slot_next(const struct zram_slots *slots, u64 *index, u64 end)
{
	unsigned int level;
	u64 *entry;

	while (*index < end) {
		entry = zram_slot_descend(slots, *index, &level);
		if (entry)
			return entry;
		/* One entry of that level stands for so many slots. */
		*index = (*index | ((1ULL << level * ZRAM_PERSIST_FANOUT_SHIFT) -
				    1)) + 1;
	}
	return NULL;
}

/*
 * Makes the page that @entry leads to, if it leads nowhere. Of two that do so
 * at the same time one wins, and the other frees what it allocated.
 */
static int zram_slots_grow(struct zram *zram, u64 *entry, unsigned int level)
{
	u64 location;
	int err;

	if (READ_ONCE(*entry))
		return 0;
	err = zsp_alloc_table(zram->pool, level, GFP_NOIO, &location);
	if (err)
		return err;
	if (cmpxchg_release(entry, 0, location))
		zsp_free_table(zram->pool, location);
	return 0;
}

/**
 * zram_table_make() - find an entry of level 0, and make it if it is not there
 * @zram: device
 * @slots: one of its tables
 * @index: number of the entry
 *
 * Context: Process context. Sleeps, and allocates with GFP_NOIO.
 * Return: the entry, or ERR_PTR(-ENOMEM).
 */
u64 *zram_table_make(struct zram *zram, struct zram_slots *slots, u64 index)
{
	unsigned int level = slots->levels;
	u64 *entry = &slots->root;
	int err;

	while (level--) {
		err = zram_slots_grow(zram, entry, slots->tag + level);
		if (err)
			return ERR_PTR(err);
		/* Pairs with cmpxchg_release() in zram_slots_grow(). */
		entry = zsp_location_to_virt(smp_load_acquire(entry));
		entry += zram_slot_index(index, level);
	}
	return entry;
}

/**
 * zram_slot_make() - find a slot, and make it if it is not there
 * @zram: device
 * @index: number of the slot, within the disksize
 *
 * There is room for its access time then, too.
 *
 * Context: Process context. Sleeps, and allocates with GFP_NOIO.
 * Return: the slot, or ERR_PTR(-ENOMEM).
 */
u64 *zram_slot_make(struct zram *zram, u64 index)
{
	u64 *entry = zram_table_make(zram, &zram->slots, index);
	int err;

	if (IS_ERR(entry))
		return entry;
	err = zram_times_make(zram, index);
	return err ? ERR_PTR(err) : entry;
}

/**
 * zram_count_object() - count an object in the figures of a device
 * @zram: device
 * @object: object
 * @change: 1 or -1
 *
 * Context: Any. &zram_stats.pages_stored counts slots, and not here.
 */
void zram_count_object(struct zram *zram, const struct zsp_object *object,
		       int change)
{
	struct zram_stats *stats = &zram->stats;

	if (object->codec == ZRAM_PERSIST_CODEC_SAME)
		atomic64_add(change, &stats->same_pages);
	else if (object->codec == ZRAM_PERSIST_CODEC_WRITTEN_BACK)
		atomic64_add(change, &stats->backed_pages);
	else
		atomic64_add(change * (int)object->len, &stats->compr_bytes);
}

/**
 * zram_slot_free() - free what a slot holds, and leave it empty
 * @zram: device
 * @index: its number
 * @slot: slot
 *
 * Context: The slot's lock is held. Does not sleep.
 */
void zram_slot_free(struct zram *zram, u64 index, u64 *slot)
{
	struct zram_stats *stats = &zram->stats;
	u64 location = zram_slot_location(*slot);
	struct zsp_object object;

	switch (zram_slot_kind(*slot)) {
	case ZRAM_PERSIST_SLOT_EMPTY:
		return;
	case ZRAM_PERSIST_SLOT_SAME:
	case ZRAM_PERSIST_SLOT_REPEAT:
		atomic64_dec(&stats->same_pages);
		break;
	case ZRAM_PERSIST_SLOT_OBJECT:
		if (zram_slot_is_backed(*slot))
			zram_backed_free(zram, index, *slot);
		zsp_free(zram->pool, location, index, &object);
		/* Where that is lost nobody knows more, and no more is counted. */
		if (!object.len && zram_slot_is_backed(*slot))
			object.codec = ZRAM_PERSIST_CODEC_WRITTEN_BACK;
		zram_count_object(zram, &object, -1);
		break;
	case ZRAM_PERSIST_SLOT_RAW:
		zsp_free_raw(zram->pool, location, index);
		atomic64_sub(PAGE_SIZE, &stats->compr_bytes);
		atomic64_dec(&stats->huge_pages);
		break;
	}
	atomic64_dec(&stats->pages_stored);
	*slot = 0;
}

/**
 * zram_slots_unpick() - end what the previous kernel has not ended
 * @zram: device that is being attached
 *
 * Takes away the marks that writeback left behind, also where this kernel has no
 * writeback: the one after it may have.
 *
 * Context: Process context, nobody else knows the device yet. Sleeps.
 */
void zram_slots_unpick(struct zram *zram)
{
	u64 end = zram->disksize >> PAGE_SHIFT, index = 0, *entry;

	while ((entry = zram_slot_next(&zram->slots, &index, end))) {
		if (zram_slot_kind(*entry) >= ZRAM_PERSIST_SLOT_OBJECT)
			*entry &= ~(u64)ZRAM_PERSIST_SLOT_PICKED;
		if (!(++index % ZRAM_PERSIST_FANOUT))
			cond_resched();
	}
}

static spinlock_t *zram_slot_spinlock(struct zram *zram, u64 index)
{
	return &zram->slots.locks[index % ZRAM_SLOT_LOCKS].lock;
}

/**
 * zram_slot_lock() - lock a slot, and those that share its lock
 * @zram: device
 * @index: number of the slot
 *
 * Context: Any but interrupt.
 */
void zram_slot_lock(struct zram *zram, u64 index)
{
	spin_lock(zram_slot_spinlock(zram, index));
}

/**
 * zram_slot_unlock() - undo zram_slot_lock()
 * @zram: device
 * @index: number of the slot
 */
void zram_slot_unlock(struct zram *zram, u64 index)
{
	spin_unlock(zram_slot_spinlock(zram, index));
}
