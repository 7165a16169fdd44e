// SPDX-License-Identifier: GPL-2.0
/*
 * Recompression: pages that the codec of priority 0 stored are compressed again
 * with another one, which takes longer and may need less memory.
 *
 * DOC: How it works
 *
 * Pages are taken by the memory that they need, those that need most first, in
 * steps of %RECOMP_STEP bytes: one pass over all slots counts them, and one for
 * each step that has any compresses. Nothing is allocated for that, because it
 * is when memory is short that it matters.
 *
 * To compress takes long and may sleep, so a page is copied under the lock of
 * its slot and compressed without it. The slot is marked as picked meanwhile:
 * whoever overwrites or frees the page takes the mark away, and then the result
 * is not used. Compaction may move the page and leaves the mark. Only one at a
 * time marks slots, writeback included, which dev_lock sees to: a second one
 * could set the mark again after a change, and the first would not see that.
 *
 * Each page is a writer of its own to the seal, which waits for writers.
 *
 * A result is used if it takes fewer granules of memory than what is there. In
 * the kernel's own zram it must get into a smaller size class; here there are
 * none, and every granule counts.
 */

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "algo.h"
#include "attr.h"
#include "io.h"
#include "param.h"
#include "slot.h"

#define RECOMP_STEP		64U
#define RECOMP_STEPS		(PAGE_SIZE / RECOMP_STEP + 1)

/**
 * struct recomp - one write to recompress
 * @zram: device
 * @comp: codec to compress with
 * @priority: its number
 * @last: no codec has a higher number
 * @idle: only pages that are marked as idle
 * @huge: only raw pages
 * @threshold: bytes that a page has at least, and a result has not; or 0
 * @max_pages: pages that may still be compressed
 * @page: a page
 * @counts: pages by the memory that they need, in steps of %RECOMP_STEP bytes
 */
struct recomp {
	struct zram *zram;
	struct zcomp *comp;
	int priority;
	bool last;
	bool idle;
	bool huge;
	u32 threshold;
	u64 max_pages;
	void *page;
	u64 counts[RECOMP_STEPS];
};

/*
 * Bytes that a page takes as it is stored, or 0 if it is not one to be
 * compressed. Context: the slot's lock.
 */
static unsigned int recomp_len(const struct recomp *r, u64 slot)
{
	const u64 skip = ZRAM_PERSIST_SLOT_INCOMPRESSIBLE |
			 ZRAM_PERSIST_SLOT_PICKED;
	unsigned int len = PAGE_SIZE;
	struct zsp_object object;

	if (slot & skip || (r->idle && !(slot & ZRAM_PERSIST_SLOT_IDLE)))
		return 0;
	switch (zram_slot_kind(slot)) {
	case ZRAM_PERSIST_SLOT_RAW:
		break;
	case ZRAM_PERSIST_SLOT_OBJECT:
		/* The last of these covers words that fill a page. */
		if (r->huge ||
		    !zsp_peek(r->zram->pool, zram_slot_location(slot),
			      &object) ||
		    object.codec >= r->priority)
			return 0;
		len = object.len;
		break;
	default:
		return 0;
	}
	return len < r->threshold ? 0 : len;
}

/*
 * Copies the page of a slot and marks it as picked, if it is one of @step.
 * Returns its length, 0 if it is none, or -EIO.
 */
static int recomp_pick(struct recomp *r, u64 index, u64 *entry,
		       unsigned int step)
{
	unsigned int len;
	int err = 0;

	zram_slot_lock(r->zram, index);
	len = recomp_len(r, *entry);
	if (!len || len / RECOMP_STEP != step)
		len = 0;
	else
		err = zram_read_stored(r->zram, *entry, index, r->page);
	/* Nobody else writes to the page: to try it elsewhere would change nothing. */
	if (err == -ENOMEM)
		err = -EIO;
	/* Whatever becomes of it, it was accessed. */
	if (len && !err)
		*entry = (*entry & ~(u64)ZRAM_PERSIST_SLOT_IDLE) |
			 ZRAM_PERSIST_SLOT_PICKED;
	zram_slot_unlock(r->zram, index);
	return err ?: len;
}

/* Ends recomp_pick(), with another mark if the page is still the same. */
static void recomp_unpick(struct recomp *r, u64 index, u64 *entry, u64 mark)
{
	zram_slot_lock(r->zram, index);
	if (*entry & ZRAM_PERSIST_SLOT_PICKED)
		*entry = (*entry & ~(u64)ZRAM_PERSIST_SLOT_PICKED) | mark;
	zram_slot_unlock(r->zram, index);
}

/* Puts a smaller object in the place of one. False if there is none any more. */
static bool recomp_overwrite(struct recomp *r, u64 index, u64 *entry,
			     const struct zsp_object *object,
			     const void *payload)
{
	struct zram *zram = r->zram;
	struct zsp_object old;
	int err = -ENOENT;

	zram_slot_lock(zram, index);
	if (*entry & ZRAM_PERSIST_SLOT_PICKED &&
	    zram_slot_kind(*entry) == ZRAM_PERSIST_SLOT_OBJECT)
		err = zsp_overwrite(zram->pool, zram_slot_location(*entry),
				    object, payload, &old);
	if (!err) {
		*entry = zram_slot_written(*entry);
		zram_count_object(zram, &old, -1);
		zram_count_object(zram, object, 1);
	}
	zram_slot_unlock(zram, index);
	return !err;
}

/* Lets a slot name a new object, unless it has changed. */
static void recomp_install(struct recomp *r, u64 index, u64 *entry,
			   const struct zsp_object *object, u64 location)
{
	struct zram *zram = r->zram;
	struct zsp_object unused;
	bool picked;

	zram_slot_lock(zram, index);
	picked = *entry & ZRAM_PERSIST_SLOT_PICKED;
	if (picked) {
		zram_slot_free(zram, index, entry);
		*entry = zram_slot_object(ZRAM_PERSIST_SLOT_OBJECT, location);
		atomic64_inc(&zram->stats.pages_stored);
		zram_count_object(zram, object, 1);
	} else {
		zsp_free(zram->pool, location, index, &unused);
	}
	zram_slot_unlock(zram, index);
}

static int recomp_store(struct recomp *r, u64 index, u64 *entry,
			const void *payload, unsigned int len)
{
	struct zsp_object object = {
		.owner = index, .codec = r->priority, .len = len,
	};
	u64 location;
	int err;

	object.crc = zsp_object_crc(&object, payload);
	if (recomp_overwrite(r, index, entry, &object, payload))
		return 0;
	err = zsp_store(r->zram->pool, &object, payload,
			GFP_NOIO | __GFP_NOWARN, &location);
	if (!err)
		recomp_install(r, index, entry, &object, location);
	return err;
}

static bool recomp_saves(const struct recomp *r, unsigned int len,
			 unsigned int old_len)
{
	if (len > ZRAM_PERSIST_MAX_PAYLOAD ||
	    (r->threshold && len >= r->threshold))
		return false;
	return zram_persist_room(len) < zram_persist_room(old_len);
}

/* Compresses what recomp_pick() copied. */
static int recomp_compress(struct recomp *r, u64 index, u64 *entry,
			   unsigned int old_len)
{
	struct zcomp_stream *stream = zcomp_stream_get(r->comp);
	int len = zcomp_compress(r->comp, stream, r->page), err = 0;
	u64 mark = 0;

	/* It took its time, whatever it led to. */
	r->max_pages--;
	if (len < 0)
		err = len;
	else if (recomp_saves(r, len, old_len))
		err = recomp_store(r, index, entry, stream->buffer, len);
	else if (r->last)
		mark = ZRAM_PERSIST_SLOT_INCOMPRESSIBLE;
	zcomp_stream_put(stream);
	recomp_unpick(r, index, entry, mark);
	return err;
}

static int recomp_slot(struct recomp *r, u64 index, u64 *entry,
		       unsigned int step)
{
	int err;

	if (!percpu_ref_tryget_live(&r->zram->writers))
		return -EBUSY;
	err = recomp_pick(r, index, entry, step);
	if (err > 0)
		err = recomp_compress(r, index, entry, err);
	percpu_ref_put(&r->zram->writers);
	return err;
}

static void recomp_count(struct recomp *r, u64 index, u64 *entry)
{
	unsigned int len;

	zram_slot_lock(r->zram, index);
	len = recomp_len(r, *entry);
	zram_slot_unlock(r->zram, index);
	if (len)
		r->counts[len / RECOMP_STEP]++;
}

/*
 * Goes through all slots that were ever written: counts them, or compresses
 * those of @step. A damaged page does not keep the others from being
 * compressed. Returns 0, -EINTR for a killed task, or the last error.
 */
static int recomp_walk(struct recomp *r, int step)
{
	u64 end = r->zram->disksize >> PAGE_SHIFT, index = 0;
	int err = 0, one;
	u64 *entry;

	while (index < end && r->max_pages) {
		if (!(index % ZRAM_PERSIST_FANOUT))
			cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		entry = zram_slot_find(&r->zram->slots, index);
		if (!entry) {
			index = round_down(index, ZRAM_PERSIST_FANOUT) +
				ZRAM_PERSIST_FANOUT;
			continue;
		}
		if (step < 0) {
			recomp_count(r, index++, entry);
			continue;
		}
		one = recomp_slot(r, index++, entry, step);
		err = one ?: err;
		if (one && one != -EIO)
			break;
	}
	return err;
}

static int recomp_run(struct recomp *r)
{
	int step, err = 0, one;

	recomp_walk(r, -1);
	for (step = RECOMP_STEPS - 1; step >= 0; step--) {
		if (!r->counts[step])
			continue;
		one = recomp_walk(r, step);
		err = one ?: err;
		if (one && one != -EIO)
			break;
	}
	return err;
}

static int recomp_parse_type(char *value, void *data)
{
	struct recomp *r = data;

	r->idle = !strcmp(value, "idle") || !strcmp(value, "huge_idle");
	r->huge = !strcmp(value, "huge") || !strcmp(value, "huge_idle");
	return r->idle || r->huge ? 0 : -EINVAL;
}

static int recomp_choose(struct recomp *r,
			 const struct zram_algo_choice *choice)
{
	struct zram *zram = r->zram;
	int i;

	if (r->threshold > ZRAM_PERSIST_MAX_PAYLOAD || !zram_init_done(zram))
		return -EINVAL;
	r->priority = zram_algo_find(zram, choice, ZRAM_SECONDARY_COMP);
	if (r->priority < 0 || !zram->comps[r->priority])
		return -EINVAL;
	r->comp = zram->comps[r->priority];
	r->last = true;
	for (i = r->priority + 1; i < ZRAM_MAX_COMPS; i++)
		if (zram->comps[i])
			r->last = false;
	return 0;
}

static int recomp_device(struct recomp *r,
			 const struct zram_algo_choice *choice)
{
	int err;

	guard(rwsem_write)(&r->zram->dev_lock);
	err = recomp_choose(r, choice);
	if (err)
		return err;
	r->page = (void *)__get_free_page(GFP_KERNEL);
	if (!r->page)
		return -ENOMEM;
	err = recomp_run(r);
	clear_page(r->page);
	free_page((unsigned long)r->page);
	return err;
}

static ssize_t recompress_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t len)
{
	struct recomp *r __free(kfree) = kzalloc_obj(*r);
	struct zram_algo_choice choice = { .priority = ZRAM_SECONDARY_COMP };
	int err;

	if (!r)
		return -ENOMEM;
	r->zram = dev_to_zram(dev);
	r->max_pages = U64_MAX;

	const struct zram_param params[] = {
		{ "type", recomp_parse_type, r },
		{ "max_pages", zram_param_u64, &r->max_pages },
		{ "threshold", zram_param_u32, &r->threshold },
		{ "algo", zram_param_string, &choice.name },
		{ "priority", zram_algo_parse_priority, &choice },
	};

	err = zram_param_parse(buf, params, ARRAY_SIZE(params));
	if (!err)
		err = recomp_device(r, &choice);
	return err ?: len;
}

DEVICE_ATTR_WO(recompress);
