// SPDX-License-Identifier: GPL-2.0
/*
 * The list of damaged pages, and the attribute damaged_pages.
 *
 * A page that is damaged stays so until it is written or discarded, and nothing
 * tells of that: to look it up here would cost every write. So whoever asks for
 * the list looks at its pages once more, and drops those that are well again.
 */

#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/rwsem.h>
#include <linux/sysfs.h>

#include "attr.h"
#include "io.h"
#include "slot.h"

/**
 * zram_damage_init() - forget all pages
 * @zram: device that takes no I/O
 *
 * Context: Any.
 */
void zram_damage_init(struct zram *zram)
{
	spin_lock_init(&zram->damage.lock);
	zram->damage.nr = 0;
}

/**
 * zram_damage_note() - note that a page could not be read
 * @zram: device
 * @index: number of the page
 *
 * Context: Any but interrupts; locks of slots may be held.
 */
void zram_damage_note(struct zram *zram, u64 index)
{
	struct zram_damage *damage = &zram->damage;
	unsigned int i;

	guard(spinlock)(&damage->lock);
	for (i = 0; i < damage->nr; i++)
		if (damage->page[i] == index)
			return;
	if (damage->nr < ZRAM_DAMAGE_PAGES)
		damage->page[damage->nr++] = index;
}

static void zram_damage_forget(struct zram *zram, u64 index)
{
	struct zram_damage *damage = &zram->damage;
	unsigned int i;

	guard(spinlock)(&damage->lock);
	for (i = 0; i < damage->nr; i++)
		if (damage->page[i] == index)
			damage->page[i] = damage->page[--damage->nr];
}

/* The page at @at of the list, if the list is that long. */
static bool zram_damage_get(struct zram *zram, unsigned int at, u64 *index)
{
	struct zram_damage *damage = &zram->damage;

	guard(spinlock)(&damage->lock);
	if (at >= damage->nr)
		return false;
	*index = damage->page[at];
	return true;
}

static bool zram_damage_is_there(struct zram *zram, u64 index, void *buffer)
{
	u64 *entry = zram_slot_find(&zram->slots, index);

	return entry && zram_scrub_page(zram, index, entry, buffer) == -EIO;
}

/**
 * zram_damage_review() - drop pages from the list that are well again
 * @zram: device
 *
 * Without memory to read them to, all stay.
 *
 * Context: Process context, dev_lock held. Sleeps.
 * Return: how many there are.
 */
unsigned int zram_damage_review(struct zram *zram)
{
	struct page *buffer;
	unsigned int i;
	u64 index;

	if (!READ_ONCE(zram->damage.nr))
		return 0;
	buffer = zram_buffer_alloc(GFP_KERNEL | __GFP_NOWARN);
	/* From the end, since the last one takes the place of a dropped one. */
	for (i = READ_ONCE(zram->damage.nr); buffer && i--;)
		if (zram_damage_get(zram, i, &index) &&
		    !zram_damage_is_there(zram, index, page_address(buffer)))
			zram_damage_forget(zram, index);
	if (buffer)
		zram_buffer_free(buffer);
	return READ_ONCE(zram->damage.nr);
}

static ssize_t damaged_pages_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	struct zram *zram = dev_to_zram(dev);
	unsigned int i;
	u64 index;
	int at = 0;

	guard(rwsem_read)(&zram->dev_lock);
	if (!zram_init_done(zram))
		return 0;
	zram_damage_review(zram);
	for (i = 0; zram_damage_get(zram, i, &index); i++)
		at += sysfs_emit_at(buf, at, "%llu\n", index);
	return at;
}

DEVICE_ATTR_RO(damaged_pages);
