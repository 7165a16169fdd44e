// SPDX-License-Identifier: GPL-2.0
/*
 * Writeback: pages go from memory to the backing device.
 *
 * DOC: How it works
 *
 * What is asked for is looked for first: every page of it is marked as picked,
 * and counted by the memory that it takes, in steps of %WB_STEP bytes. Then one
 * pass over the slots for each step, from the largest on, writes those that are
 * still picked. So no list is needed, just when memory is short.
 *
 * A page is copied under the lock of its slot and written without it, several at
 * a time. Whoever accesses, overwrites or frees it takes the mark away. When the
 * block is on the disk and the page is still picked, its object is replaced by
 * one that says where it is. That alone is a change to be handed over, and a
 * writer to the seal: a page is either here or there. Marks that a seal leaves
 * behind are taken away by the next kernel.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/bio.h>
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/crc32c.h>
#include <linux/kstrtox.h>
#include <linux/llist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "attr.h"
#include "backing.h"
#include "io.h"
#include "param.h"
#include "slot.h"

#define WB_STEP		64U
#define WB_STEPS	(PAGE_SIZE / WB_STEP + 1)

/**
 * struct wb - one write to the attribute writeback
 * @zram: device
 * @backing: its backing device
 * @idle: only pages that are marked as idle
 * @huge: only raw pages
 * @incompressible: only pages that are marked so
 * @lo: first page of the range that is looked at
 * @hi: first page behind it
 * @first: no page before it is picked
 * @end: nor is any from this one on
 * @counts: picked pages by the memory that they take
 * @made: requests that there are
 * @in_flight: those of them that the disk has
 * @unused: those that are not
 * @done: those that have come back, and are still counted as in flight
 * @event: one for each of them
 * @err: the last error that does not end it all
 */
struct wb {
	struct zram *zram;
	struct zram_backing *backing;
	bool idle;
	bool huge;
	bool incompressible;
	u64 lo;
	u64 hi;
	u64 first;
	u64 end;
	u64 counts[WB_STEPS];
	u32 made;
	u32 in_flight;
	struct llist_head unused;
	struct llist_head done;
	struct completion event;
	int err;
};

/**
 * struct wb_request - one page on its way
 * @node: in &wb.unused or &wb.done
 * @wb: what it is part of
 * @index: number of the page
 * @backed: what to store when it has arrived
 * @page: the block
 * @bio: for the disk
 * @bvec: for @bio
 */
struct wb_request {
	struct llist_node node;
	struct wb *wb;
	u64 index;
	struct zram_persist_backed backed;
	struct page *page;
	struct bio bio;
	struct bio_vec bvec;
};

/* === Picking === */

/*
 * Bytes that a page takes, or 0 if it cannot be written back: it is one word,
 * was written back before, or is lost. Context: the slot's lock.
 */
static unsigned int wb_len(const struct wb *wb, u64 slot)
{
	struct zsp_object object;

	if (zram_slot_kind(slot) == ZRAM_PERSIST_SLOT_RAW)
		return PAGE_SIZE;
	if (zram_slot_kind(slot) != ZRAM_PERSIST_SLOT_OBJECT)
		return 0;
	if (!zsp_peek(wb->zram->pool, zram_slot_location(slot), &object) ||
	    object.codec >= ZRAM_PERSIST_CODECS)
		return 0;
	return object.len;
}

static bool wb_wants(const struct wb *wb, u64 slot)
{
	if (wb->idle && !(slot & ZRAM_PERSIST_SLOT_IDLE))
		return false;
	if (wb->incompressible && !(slot & ZRAM_PERSIST_SLOT_INCOMPRESSIBLE))
		return false;
	return !wb->huge || zram_slot_kind(slot) == ZRAM_PERSIST_SLOT_RAW;
}

static void wb_pick(struct wb *wb, u64 index, u64 *entry)
{
	unsigned int len;

	zram_slot_lock(wb->zram, index);
	len = wb_len(wb, *entry);
	if (len && wb_wants(wb, *entry) &&
	    !(*entry & ZRAM_PERSIST_SLOT_PICKED)) {
		*entry |= ZRAM_PERSIST_SLOT_PICKED;
		wb->counts[len / WB_STEP]++;
	}
	zram_slot_unlock(wb->zram, index);
}

static void wb_unpick(struct wb *wb, u64 index, u64 *entry)
{
	zram_slot_lock(wb->zram, index);
	if (zram_slot_kind(*entry) >= ZRAM_PERSIST_SLOT_OBJECT)
		*entry &= ~(u64)ZRAM_PERSIST_SLOT_PICKED;
	zram_slot_unlock(wb->zram, index);
}

/* Calls @fn for all slots from @index to @end, each as a writer to the seal. */
static int wb_for_each(struct wb *wb, u64 index, u64 end,
		       void (*fn)(struct wb *wb, u64 index, u64 *entry))
{
	struct zram *zram = wb->zram;
	u64 *entry;

	while ((entry = zram_slot_next(&zram->slots, &index, end))) {
		if (!percpu_ref_tryget_live(&zram->writers))
			return -EBUSY;
		fn(wb, index, entry);
		percpu_ref_put(&zram->writers);
		if (!(++index % ZRAM_PERSIST_FANOUT))
			cond_resched();
	}
	return 0;
}

static int wb_scan(struct wb *wb)
{
	wb->first = min(wb->first, wb->lo);
	wb->end = max(wb->end, wb->hi);
	return wb_for_each(wb, wb->lo, wb->hi, wb_pick);
}

/* === Completion === */

/* Replaces the object of a slot in its place. Context: the slot's lock. */
static int wb_overwrite(struct zram *zram, u64 *entry,
			const struct zsp_object *object, const void *payload)
{
	struct zsp_object old;
	int err;

	if (zram_slot_kind(*entry) != ZRAM_PERSIST_SLOT_OBJECT)
		return -ENOSPC;
	err = zsp_overwrite(zram->pool, zram_slot_location(*entry), object,
			    payload, &old);
	if (err)
		return err;
	zram_count_object(zram, &old, -1);
	zram_count_object(zram, object, 1);
	*entry = zram_slot_written(*entry) | ZRAM_PERSIST_SLOT_WRITTEN_BACK;
	return 0;
}

/* Lets a slot name a new object. Context: the slot's lock. */
static void wb_replace(struct zram *zram, u64 *entry,
		       const struct zsp_object *object, u64 location)
{
	zram_slot_free(zram, object->owner, entry);
	*entry = zram_slot_object(ZRAM_PERSIST_SLOT_OBJECT, location) |
		 ZRAM_PERSIST_SLOT_WRITTEN_BACK;
	atomic64_inc(&zram->stats.pages_stored);
	zram_count_object(zram, object, 1);
}

/* Returns 0, -ENOENT if the page has changed, or -ENOMEM. */
static int wb_install(struct wb *wb, struct wb_request *req, u64 *entry)
{
	struct zsp_object object = {
		.owner = req->index, .codec = ZRAM_PERSIST_CODEC_WRITTEN_BACK,
		.len = sizeof(req->backed),
	}, unused;
	struct zram *zram = wb->zram;
	int err = -ENOENT;
	u64 location;

	object.crc = zsp_object_crc(&object, &req->backed);
	zram_slot_lock(zram, req->index);
	if (*entry & ZRAM_PERSIST_SLOT_PICKED)
		err = wb_overwrite(zram, entry, &object, &req->backed);
	zram_slot_unlock(zram, req->index);
	if (err != -ENOSPC)
		return err;

	err = zsp_store(zram->pool, &object, &req->backed,
			GFP_NOIO | __GFP_NOWARN, &location);
	if (err)
		return err;
	zram_slot_lock(zram, req->index);
	if (*entry & ZRAM_PERSIST_SLOT_PICKED) {
		wb_replace(zram, entry, &object, location);
	} else {
		zsp_free(zram->pool, location, req->index, &unused);
		err = -ENOENT;
	}
	zram_slot_unlock(zram, req->index);
	return err;
}

static int wb_complete(struct wb *wb, struct wb_request *req)
{
	u64 *entry = zram_slot_find(&wb->zram->slots, req->index);
	struct zram *zram = wb->zram;
	int err;

	err = blk_status_to_errno(req->bio.bi_status);
	if (err) {
		/* What was not written does not count. */
		if (zram->writeback.limited)
			zram->writeback.limit++;
	} else {
		atomic64_inc(&zram->stats.bd_writes);
		err = -EBUSY;
		if (percpu_ref_tryget_live(&zram->writers)) {
			WRITE_ONCE(wb->backing->unflushed, true);
			err = wb_install(wb, req, entry);
			percpu_ref_put(&zram->writers);
		}
	}
	if (err)
		clear_bit(req->backed.block, wb->backing->used);
	return err == -ENOENT ? 0 : err;
}

/* Waits for one request to come back. */
static void wb_reap(struct wb *wb, struct llist_node **done)
{
	struct wb_request *req;
	int err;

	wait_for_completion_io(&wb->event);
	if (!*done)
		*done = llist_del_all(&wb->done);
	req = llist_entry(*done, struct wb_request, node);
	*done = (*done)->next;
	err = wb_complete(wb, req);
	wb->err = err ?: wb->err;
	bio_uninit(&req->bio);
	wb->in_flight--;
	__llist_add(&req->node, &wb->unused);
}

/* === Sending === */

static void wb_endio(struct bio *bio)
{
	struct wb_request *req = container_of(bio, struct wb_request, bio);
	struct wb *wb = req->wb;

	llist_add(&req->node, &wb->done);
	complete(&wb->event);
}

static struct wb_request *wb_new_request(struct wb *wb)
{
	struct wb_request *req;

	req = kzalloc_obj(*req, GFP_KERNEL | __GFP_NOWARN);
	if (!req)
		return NULL;
	req->page = alloc_page(GFP_KERNEL | __GFP_NOWARN);
	if (!req->page) {
		kfree(req);
		return NULL;
	}
	req->wb = wb;
	wb->made++;
	return req;
}

/* As many as there may be, or as memory allows: one is enough. */
static struct wb_request *wb_get_request(struct wb *wb,
					 struct llist_node **done)
{
	struct wb_request *req;
	struct llist_node *node;

	if (llist_empty(&wb->unused) &&
	    wb->made < wb->zram->writeback.batch) {
		req = wb_new_request(wb);
		if (req)
			return req;
	}
	if (llist_empty(&wb->unused) && wb->in_flight)
		wb_reap(wb, done);
	node = llist_del_first(&wb->unused);
	return node ? llist_entry(node, struct wb_request, node) : NULL;
}

static void wb_free_requests(struct wb *wb)
{
	struct wb_request *req, *next;

	llist_for_each_entry_safe(req, next, llist_del_all(&wb->unused),
				  node) {
		clear_highpage(req->page);
		__free_page(req->page);
		kfree(req);
	}
}

/* Copies an object as it is. Context: the slot's lock. */
static int wb_copy_compressed(struct wb *wb, struct wb_request *req, u64 slot)
{
	u64 location = zram_slot_location(slot);
	struct zsp_object object;
	const void *payload;

	payload = zsp_open(wb->zram->pool, location, req->index, &object);
	if (IS_ERR(payload))
		return PTR_ERR(payload);
	memcpy(page_address(req->page), payload, object.len);
	zsp_close(wb->zram->pool, location);
	memset(page_address(req->page) + object.len, 0,
	       PAGE_SIZE - object.len);
	req->backed.len = object.len;
	return 0;
}

/* Context: the slot's lock. */
static int wb_copy(struct wb *wb, struct wb_request *req, u64 slot)
{
	struct zsp_object object;

	req->backed.codec = ZRAM_PERSIST_BACKED_RAW;
	req->backed.len = PAGE_SIZE;
	if (zram_slot_kind(slot) == ZRAM_PERSIST_SLOT_OBJECT) {
		if (!zsp_peek(wb->zram->pool, zram_slot_location(slot),
			      &object))
			return -EIO;
		req->backed.codec = object.codec;
		if (wb->zram->writeback.compressed)
			return wb_copy_compressed(wb, req, slot);
	}
	return zram_read_stored(wb->zram, slot, req->index,
				page_address(req->page));
}

static void wb_submit(struct wb *wb, struct wb_request *req)
{
	struct zram *zram = wb->zram;

	req->backed.crc = crc32c(~0, page_address(req->page), req->backed.len);
	bio_init(&req->bio, wb->backing->bdev, &req->bvec, 1, REQ_OP_WRITE);
	req->bio.bi_iter.bi_sector =
		req->backed.block << ZRAM_SECTORS_PER_PAGE_SHIFT;
	req->bio.bi_end_io = wb_endio;
	__bio_add_page(&req->bio, req->page, PAGE_SIZE, 0);
	/* Before it is written, so that not too much is. */
	if (zram->writeback.limited)
		zram->writeback.limit--;
	wb->in_flight++;
	submit_bio(&req->bio);
}

/* Sends a page, if it is still picked and of @step. Returns 0 or an errno. */
static int wb_send(struct wb *wb, struct wb_request *req, u64 *entry,
		   unsigned int step)
{
	unsigned int len;
	int err = 0;

	zram_slot_lock(wb->zram, req->index);
	len = *entry & ZRAM_PERSIST_SLOT_PICKED ? wb_len(wb, *entry) : 0;
	if (!len || len / WB_STEP != step)
		len = 0;
	else
		err = wb_copy(wb, req, *entry);
	zram_slot_unlock(wb->zram, req->index);
	if (len && !err)
		wb_submit(wb, req);
	else
		__llist_add(&req->node, &wb->unused);
	return len ? err : -ENOENT;
}

/* One slot of a pass. Returns an error that ends it all. */
static int wb_slot(struct wb *wb, u64 index, u64 *entry, unsigned int step,
		   struct llist_node **done)
{
	struct zram *zram = wb->zram;
	struct wb_request *req;
	u64 block;
	int err;

	if (!(READ_ONCE(*entry) & ZRAM_PERSIST_SLOT_PICKED))
		return 0;
	/* From the seal on nothing would come of it. */
	if (percpu_ref_is_dying(&zram->writers))
		return -EBUSY;
	if (zram->writeback.limited && !zram->writeback.limit)
		return -EIO;
	req = wb_get_request(wb, done);
	if (!req)
		return -ENOMEM;
	block = zram_backing_take(wb->backing, wb->in_flight +
				  atomic64_read(&zram->stats.backed_pages));
	if (!block) {
		__llist_add(&req->node, &wb->unused);
		return -ENOSPC;
	}
	req->index = index;
	req->backed.block = block;
	err = wb_send(wb, req, entry, step);
	if (err)
		clear_bit(block, wb->backing->used);
	/* A page that is damaged does not keep others from being written. */
	if (err && err != -ENOENT)
		wb->err = err;
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static int wb_pass(struct wb *wb, unsigned int step, struct llist_node **done)
{
	u64 index = wb->first, *entry;
	int err;

	while ((entry = zram_slot_next(&wb->zram->slots, &index, wb->end))) {
		err = wb_slot(wb, index, entry, step, done);
		if (err)
			return err;
		if (!(++index % ZRAM_PERSIST_FANOUT))
			cond_resched();
	}
	return 0;
}

/* A page in flight is still picked: so none is when the next pass looks for more. */
static int wb_run(struct wb *wb)
{
	struct llist_node *done = NULL;
	int step, err = 0;

	for (step = WB_STEPS - 1; step >= 0 && !err; step--) {
		if (wb->counts[step])
			err = wb_pass(wb, step, &done);
		while (wb->in_flight)
			wb_reap(wb, &done);
	}
	wb_free_requests(wb);
	wb->err = zram_backing_flush(wb->backing) ?: wb->err;
	return err ?: wb->err;
}

/* === Parameters === */

static int wb_parse_mode(char *value, void *data)
{
	struct wb *wb = data;
	int err;

	wb->idle = !strcmp(value, "idle") || !strcmp(value, "huge_idle");
	wb->huge = !strcmp(value, "huge") || !strcmp(value, "huge_idle");
	wb->incompressible = !strcmp(value, "incompressible");
	if (!wb->idle && !wb->huge && !wb->incompressible)
		return -EINVAL;
	err = wb_scan(wb);
	return err ?: ZRAM_PARAM_STOP;
}

static int wb_parse_page(const char *text, u64 end, u64 *page)
{
	int err = kstrtou64(text, 10, page);

	if (err)
		return err;
	return *page < end ? 0 : -ERANGE;
}

static int wb_parse_index(char *value, void *data)
{
	struct wb *wb = data;
	int err;

	err = wb_parse_page(value, wb->zram->disksize >> PAGE_SHIFT, &wb->lo);
	if (err)
		return err;
	wb->hi = wb->lo + 1;
	return wb_scan(wb);
}

static int wb_parse_indexes(char *value, void *data)
{
	struct wb *wb = data;
	u64 end = wb->zram->disksize >> PAGE_SHIFT, last;
	char *dash = strchr(value, '-');
	int err;

	if (!dash)
		return -EINVAL;
	*dash = '\0';
	err = wb_parse_page(value, end, &wb->lo);
	if (!err)
		err = wb_parse_page(dash + 1, end, &last);
	if (err)
		return err;
	if (wb->lo > last)
		return -ERANGE;
	wb->hi = last + 1;
	return wb_scan(wb);
}

/* Words without a value are what was written before there were keys. */
static int wb_parse(struct wb *wb, const char *buf)
{
	const struct zram_param params[] = {
		{ "type", wb_parse_mode, wb },
		{ "page_index", wb_parse_index, wb },
		{ "page_indexes", wb_parse_indexes, wb },
		{ NULL, wb_parse_mode, wb },
	};

	return zram_param_parse(buf, params, ARRAY_SIZE(params));
}

static int wb_device(struct zram *zram, const char *buf)
{
	struct wb *wb __free(kfree) = NULL;
	int err;

	if (!zram->backing)
		return -ENODEV;
	if (zram->backing->faulty)
		return -EUCLEAN;
	wb = kzalloc_obj(*wb);
	if (!wb)
		return -ENOMEM;
	wb->zram = zram;
	wb->backing = zram->backing;
	wb->hi = zram->disksize >> PAGE_SHIFT;
	wb->first = wb->hi;
	init_completion(&wb->event);

	WRITE_ONCE(zram->writeback.under_way, true);
	err = wb_parse(wb, buf);
	if (!err)
		err = wb_run(wb);
	/* After the seal the next kernel does it. */
	if (!wb_for_each(wb, wb->first, wb->end, wb_unpick))
		WRITE_ONCE(zram->writeback.under_way, false);
	return err;
}

static ssize_t writeback_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	int err = -EINVAL;

	guard(rwsem_write)(&zram->dev_lock);
	if (zram_init_done(zram))
		err = wb_device(zram, buf);
	return err ?: len;
}

DEVICE_ATTR_WO(writeback);
