// SPDX-License-Identifier: GPL-2.0
/*
 * Scrub: all pages of a device are read in the background, to find those that
 * are damaged before somebody needs them. The attribute scrub.
 *
 * What was stored is read as it is for everybody, decompression included, but
 * is not an access: idle marks and access times stay. Pages on the backing
 * device are read, too, if it is there.
 */

#include <linux/cleanup.h>
#include <linux/gfp.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "attr.h"
#include "io.h"
#include "slot.h"

static const char * const scrub_states[] = {
	[ZRAM_SCRUB_IDLE]	= "idle",
	[ZRAM_SCRUB_RUNNING]	= "running",
	[ZRAM_SCRUB_STOPPED]	= "stopped",
	[ZRAM_SCRUB_DONE]	= "done",
};

/**
 * zram_scrub_page() - see whether a page can be read
 * @zram: device
 * @index: number of the page
 * @entry: its slot
 * @buffer: two pages to read to
 *
 * Context: Process context. Sleeps.
 * Return: 0; -EIO if it is damaged; -ENODEV if it is on a backing device that
 * is not there.
 */
int zram_scrub_page(struct zram *zram, u64 index, u64 *entry, void *buffer)
{
	int err = 0;

	zram_slot_lock(zram, index);
	if (zram_slot_kind(*entry) >= ZRAM_PERSIST_SLOT_OBJECT)
		err = zram_verify_stored(zram, *entry, index, buffer);
	zram_slot_unlock(zram, index);
	if (err == -EREMOTE)
		return zram_readback_verify(zram, index, buffer);
	/* Nobody else writes to @buffer: to try it elsewhere would change nothing. */
	return err == -ENOMEM ? -EIO : err;
}

static void scrub_slot(struct zram *zram, u64 index, u64 *entry, void *buffer)
{
	struct zram_scrub *scrub = &zram->scrub;

	switch (zram_scrub_page(zram, index, entry, buffer)) {
	case 0:
		break;
	case -ENODEV:
		WRITE_ONCE(scrub->missing, scrub->missing + 1);
		break;
	default:
		zram_damage_note(zram, index);
		WRITE_ONCE(scrub->damaged, scrub->damaged + 1);
	}
}

/* From the seal on it ends by itself: the next kernel gets its buffer as free memory. */
static bool scrub_shall_stop(struct zram *zram)
{
	return READ_ONCE(zram->scrub.stop) ||
	       percpu_ref_is_dying(&zram->writers);
}

/* Returns whether it has seen all. */
static bool scrub_walk(struct zram *zram, void *buffer)
{
	u64 end = zram->disksize >> PAGE_SHIFT, index = 0, *entry;
	struct zram_scrub *scrub = &zram->scrub;

	while ((entry = zram_slot_next(&zram->slots, &index, end))) {
		if (scrub_shall_stop(zram))
			return false;
		scrub_slot(zram, index, entry, buffer);
		WRITE_ONCE(scrub->pages_done, ++index);
		cond_resched();
	}
	WRITE_ONCE(scrub->pages_done, end);
	return true;
}

static void scrub_work(struct work_struct *work)
{
	struct zram *zram = container_of(work, struct zram, scrub.work);
	struct page *buffer = zram_buffer_alloc(GFP_KERNEL);
	bool all = false;

	if (buffer) {
		all = scrub_walk(zram, page_address(buffer));
		zram_buffer_free(buffer);
	}
	/* Who sees the state sees the counts. */
	smp_store_release(&zram->scrub.state,
			  all ? ZRAM_SCRUB_DONE : ZRAM_SCRUB_STOPPED);
	if (zram->scrub.damaged)
		pr_err("zram: %s: scrub: %llu pages are damaged, see damaged_pages\n",
		       zram->disk->disk_name, zram->scrub.damaged);
}

static int scrub_start(struct zram *zram)
{
	struct zram_scrub *scrub = &zram->scrub;

	guard(mutex)(&scrub->lock);
	if (READ_ONCE(scrub->state) == ZRAM_SCRUB_RUNNING)
		return -EBUSY;
	scrub->pages_done = 0;
	scrub->damaged = 0;
	scrub->missing = 0;
	WRITE_ONCE(scrub->stop, false);
	WRITE_ONCE(scrub->state, ZRAM_SCRUB_RUNNING);
	queue_work(system_dfl_wq, &scrub->work);
	return 0;
}

static int scrub_stop(struct zram *zram)
{
	struct zram_scrub *scrub = &zram->scrub;

	guard(mutex)(&scrub->lock);
	WRITE_ONCE(scrub->stop, true);
	flush_work(&scrub->work);
	return 0;
}

/**
 * zram_scrub_init() - prepare for scrubs
 * @zram: device that nobody knows yet
 *
 * Context: Any.
 */
void zram_scrub_init(struct zram *zram)
{
	INIT_WORK(&zram->scrub.work, scrub_work);
	mutex_init(&zram->scrub.lock);
}

/**
 * zram_scrub_end() - end a scrub, and forget its result
 * @zram: device that is about to lose its memory
 *
 * Context: Process context, dev_lock held for write. Sleeps.
 */
void zram_scrub_end(struct zram *zram)
{
	scrub_stop(zram);
	zram->scrub.state = ZRAM_SCRUB_IDLE;
	zram->scrub.pages_done = 0;
	zram->scrub.damaged = 0;
	zram->scrub.missing = 0;
}

static ssize_t scrub_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct zram *zram = dev_to_zram(dev);
	struct zram_scrub *scrub = &zram->scrub;
	enum zram_scrub_state state;

	guard(rwsem_read)(&zram->dev_lock);
	/* Pairs with smp_store_release() in scrub_work(). */
	state = smp_load_acquire(&scrub->state);
	return sysfs_emit(buf,
			  "state %s\npages_done %llu\npages_total %llu\ndamaged_pages %llu\nmissing_pages %llu\n",
			  scrub_states[state], READ_ONCE(scrub->pages_done),
			  zram->disksize >> PAGE_SHIFT,
			  READ_ONCE(scrub->damaged), READ_ONCE(scrub->missing));
}

static ssize_t scrub_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	int err = -EINVAL;

	guard(rwsem_read)(&zram->dev_lock);
	if (!zram_init_done(zram))
		return -EINVAL;
	if (sysfs_streq(buf, "start"))
		err = scrub_start(zram);
	else if (sysfs_streq(buf, "stop"))
		err = scrub_stop(zram);
	return err ?: len;
}

DEVICE_ATTR_RW(scrub);
