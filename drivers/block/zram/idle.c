// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that nobody needs: the attribute idle, and what ends idleness.
 *
 * DOC: Reads change metadata
 *
 * Reading a page ends its idleness and sets its time. Reads go on after the
 * seal, when the checksums of what they would change are written. So a read
 * that has something to change is a writer for that moment, and changes nothing
 * when there may be no writers any more.
 */

#include <linux/cleanup.h>
#include <linux/kstrtox.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "attr.h"
#include "times.h"

/* What an access ends, besides the age of a page. */
#define ZRAM_SLOT_UNTOUCHED \
	((u64)ZRAM_PERSIST_SLOT_IDLE | ZRAM_PERSIST_SLOT_PICKED)

/**
 * zram_slot_was_read() - a page is read: it is not idle
 * @zram: device
 * @index: number of the page
 * @entry: its slot
 *
 * Context: The slot's lock is held.
 */
void zram_slot_was_read(struct zram *zram, u64 index, u64 *entry)
{
	u64 untouched = 0;

	switch (zram_slot_kind(*entry)) {
	case ZRAM_PERSIST_SLOT_EMPTY:
		return;
	case ZRAM_PERSIST_SLOT_OBJECT:
	case ZRAM_PERSIST_SLOT_RAW:
		untouched = *entry & ZRAM_SLOT_UNTOUCHED;
		break;
	default:
		break;
	}
	if (!untouched && zram_times_is_now(zram, index))
		return;
	if (!percpu_ref_tryget_live(&zram->writers))
		return;
	*entry &= ~untouched;
	zram_times_set(zram, index);
	percpu_ref_put(&zram->writers);
}

/*
 * Pages that are a word have nothing to gain by recompression or writeback, and
 * those that were written back have had it. What is lost is not there any more.
 */
static bool zram_slot_can_idle(struct zram *zram, u64 slot)
{
	struct zsp_object object;

	if (zram_slot_kind(slot) == ZRAM_PERSIST_SLOT_RAW)
		return true;
	if (zram_slot_kind(slot) != ZRAM_PERSIST_SLOT_OBJECT)
		return false;
	return zsp_peek(zram->pool, zram_slot_location(slot), &object) &&
	       object.codec < ZRAM_PERSIST_CODECS;
}

static void zram_idle_slot(struct zram *zram, u64 index, u64 *entry, u32 cutoff)
{
	zram_slot_lock(zram, index);
	if (zram_slot_can_idle(zram, *entry)) {
		if (!cutoff || zram_times_get(zram, index) < cutoff)
			*entry |= ZRAM_PERSIST_SLOT_IDLE;
		else
			*entry &= ~(u64)ZRAM_PERSIST_SLOT_IDLE;
	}
	zram_slot_unlock(zram, index);
}

/* Marks the pages accessed before @cutoff, or all if that is 0. */
static int zram_idle_mark(struct zram *zram, u32 cutoff)
{
	u64 end = zram->disksize >> PAGE_SHIFT, index = 0, *entry;

	while ((entry = zram_slot_next(&zram->slots, &index, end))) {
		/* For each page anew: the seal does not wait for long. */
		if (!percpu_ref_tryget_live(&zram->writers))
			return -EBUSY;
		zram_idle_slot(zram, index, entry, cutoff);
		percpu_ref_put(&zram->writers);
		if (!(++index % ZRAM_PERSIST_FANOUT))
			cond_resched();
	}
	return 0;
}

/* An age that no page can have is no error, not even without a disksize. */
static ssize_t idle_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	u32 age, cutoff = 0;
	int err;

	guard(rwsem_read)(&zram->dev_lock);
	if (!sysfs_streq(buf, "all")) {
		if (!IS_ENABLED(CONFIG_ZRAM_TRACK_ENTRY_ACTIME) ||
		    kstrtouint(buf, 0, &age))
			return -EINVAL;
		if (age >= zram_clock(zram))
			return len;
		cutoff = zram_clock(zram) - age;
	}
	if (!zram_init_done(zram))
		return -EINVAL;
	err = zram_idle_mark(zram, cutoff);
	return err ?: len;
}

DEVICE_ATTR_WO(idle);
