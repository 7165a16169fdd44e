// SPDX-License-Identifier: GPL-2.0
/*
 * Reading pages that were written back.
 *
 * DOC: Who waits for the disk
 *
 * A request that comes to us may not wait for another one that we make: the
 * block layer keeps that one until we return. So each page is read by a worker,
 * and the request ends with the last of its pages. Swap reads in this way when
 * memory is short, and so all that is needed can be had from reserves.
 *
 * No lock is held during the read. The page may be overwritten or freed
 * meanwhile, and its block used for another one: its checksum tells, and then
 * it is looked up anew.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/bio.h>
#include <linux/crc32c.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "backing.h"
#include "io.h"
#include "slot.h"
#include "zram.h"

/* Reads that make progress, one after the other, without free memory. */
#define ZRAM_READBACK_RESERVE	4

/**
 * struct zram_readback - one page to be read
 * @work: for the worker
 * @zram: device
 * @bio: request that wants it
 * @iter: where in its memory
 */
struct zram_readback {
	struct work_struct work;
	struct zram *zram;
	struct bio *bio;
	struct bvec_iter iter;
};

/* Makes a page of what was read to @disk, and lets *@page point to it. */
static int zram_readback_decode(struct zram *zram, void *disk,
				const struct zram_persist_backed *backed,
				void **page)
{
	if (crc32c(~0, disk, backed->len) != backed->crc)
		return -EIO;
	*page = disk;
	if (backed->len == PAGE_SIZE)
		return 0;
	*page = disk + PAGE_SIZE;
	return zcomp_decompress(zram->comps[backed->codec], disk, backed->len,
				*page);
}

/* Where is page @index, if it is on the backing device? */
static int zram_readback_find(struct zram *zram, u64 index,
			      struct zram_persist_backed *backed)
{
	u64 *entry = zram_slot_find(&zram->slots, index);
	int err = -ENOENT;

	zram_slot_lock(zram, index);
	if (zram_slot_is_backed(*entry))
		err = zram_backed_get(zram, index, *entry, backed);
	zram_slot_unlock(zram, index);
	return err;
}

static bool zram_readback_same(struct zram *zram, u64 index,
			       const struct zram_persist_backed *backed)
{
	struct zram_persist_backed now;

	return !zram_readback_find(zram, index, &now) &&
	       !memcmp(&now, backed, sizeof(now));
}

/*
 * Reads a page to @buffer, of two pages, and lets *@page point to it. What
 * ends the loop is that the page is right, or that it has not changed.
 */
static int zram_readback_page(struct zram *zram, u64 index, void *buffer,
			      void **page)
{
	struct zram_persist_backed backed;
	int err;

	for (;;) {
		err = zram_readback_find(zram, index, &backed);
		if (err == -ENOENT) {
			*page = buffer;
			err = zram_read_page(zram, index, buffer);
			if (err == -EREMOTE)
				continue;
			return err;
		}
		if (err)
			return err;
		atomic64_inc(&zram->stats.bd_reads);
		err = zram_backing_io(zram->backing, REQ_OP_READ, backed.block,
				      buffer);
		if (!err)
			err = zram_readback_decode(zram, buffer, &backed, page);
		if (!err || zram_readback_same(zram, index, &backed))
			return err;
	}
}

/**
 * zram_readback_verify() - see whether a page can be read from the disk
 * @zram: device
 * @index: number of a page that was written back a moment ago
 * @buffer: two pages to read to
 *
 * Context: Process context, not from submit_bio. Sleeps.
 * Return: 0; -EIO if it is damaged; -ENODEV if the backing device is not there.
 */
int zram_readback_verify(struct zram *zram, u64 index, void *buffer)
{
	void *page;

	/* Pairs with smp_store_release() in backing.c. */
	if (!smp_load_acquire(&zram->backing))
		return -ENODEV;
	return zram_readback_page(zram, index, buffer, &page) ? -EIO : 0;
}

static void zram_readback_fail(struct zram *zram, u64 index, struct bio *bio)
{
	atomic64_inc(&zram->stats.failed_reads);
	atomic64_inc(&zram->stats.damaged_reads);
	zram_damage_note(zram, index);
	pr_err_ratelimited("%s: page %llu cannot be read from the backing device; write or discard it to be rid of it\n",
			   zram->disk->disk_name, index);
	bio->bi_status = BLK_STS_IOERR;
}

static void zram_readback_work(struct work_struct *work)
{
	struct zram_readback *r =
		container_of(work, struct zram_readback, work);
	u64 index = r->iter.bi_sector >> ZRAM_SECTORS_PER_PAGE_SHIFT;
	struct zram_backing *backing = r->zram->backing;
	struct bio *bio = r->bio;
	struct page *buffer;
	void *page;

	buffer = mempool_alloc(&backing->buffers, GFP_NOIO);
	if (zram_readback_page(r->zram, index, page_address(buffer), &page))
		zram_readback_fail(r->zram, index, bio);
	else
		zram_copy_to_bio(bio, &r->iter, page);
	/* The reserve may keep it, and does not know of the seal. */
	zram_buffer_wipe(buffer);
	mempool_free(buffer, &backing->buffers);
	mempool_free(r, &backing->requests);
	/* The device can be reset from here on. */
	bio_endio(bio);
}

/**
 * zram_readback() - read a page that was written back, later
 * @zram: device
 * @bio: request
 * @iter: place of the page in it; is advanced past it
 *
 * Context: Process context, from submit_bio. Sleeps, but for no I/O of ours.
 * Return: 0: the request ends with that page, or later; -ENODEV without a
 * backing device, which is counted and logged.
 */
int zram_readback(struct zram *zram, struct bio *bio, struct bvec_iter *iter)
{
	/* Pairs with smp_store_release() in backing.c. */
	struct zram_backing *backing = smp_load_acquire(&zram->backing);
	struct zram_readback *r;

	if (!backing) {
		atomic64_inc(&zram->stats.missing_reads);
		pr_err_ratelimited("%s: page %llu is on the backing device: write the path of that to backing_dev\n",
				   zram->disk->disk_name,
				   iter->bi_sector >> ZRAM_SECTORS_PER_PAGE_SHIFT);
		return -ENODEV;
	}
	r = mempool_alloc(&backing->requests, GFP_NOIO);
	r->zram = zram;
	r->bio = bio;
	r->iter = *iter;
	INIT_WORK(&r->work, zram_readback_work);
	bio_inc_remaining(bio);
	bio_advance_iter(bio, iter, PAGE_SIZE);
	queue_work(backing->workers, &r->work);
	return 0;
}

static void *zram_reserve_buffer(gfp_t gfp, void *unused)
{
	return zram_buffer_alloc(gfp);
}

static void zram_release_buffer(void *element, void *unused)
{
	/* Wiped after use, see zram_readback_work(). */
	__free_pages(element, ZRAM_BUFFER_ORDER);
}

/**
 * zram_readback_init() - prepare for reading from a backing device
 * @backing: backing device
 * @name: of the device
 *
 * Context: Process context. Sleeps.
 * Return: 0 or -ENOMEM.
 */
int zram_readback_init(struct zram_backing *backing, const char *name)
{
	int err;

	err = mempool_init_kmalloc_pool(&backing->requests,
					ZRAM_READBACK_RESERVE,
					sizeof(struct zram_readback));
	if (err)
		return err;
	err = mempool_init(&backing->buffers, ZRAM_READBACK_RESERVE,
			   zram_reserve_buffer, zram_release_buffer, NULL);
	if (err)
		goto err_requests;
	err = -ENOMEM;
	backing->workers = alloc_workqueue("%s_readback",
					   WQ_UNBOUND | WQ_MEM_RECLAIM |
					   WQ_HIGHPRI, 0, name);
	if (!backing->workers)
		goto err_buffers;
	return 0;

err_buffers:
	mempool_exit(&backing->buffers);
err_requests:
	mempool_exit(&backing->requests);
	return err;
}

/**
 * zram_readback_exit() - undo zram_readback_init()
 * @backing: backing device from which nothing is being read
 *
 * Context: Process context. Sleeps.
 */
void zram_readback_exit(struct zram_backing *backing)
{
	destroy_workqueue(backing->workers);
	mempool_exit(&backing->buffers);
	mempool_exit(&backing->requests);
}
