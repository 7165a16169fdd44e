/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The backing device, and pages that were written back to it.
 */
#ifndef _ZRAM_BACKING_H_
#define _ZRAM_BACKING_H_

#include <linux/blk_types.h>
#include <linux/completion.h>
#include <linux/mempool.h>
#include <linux/types.h>
#include <linux/uuid.h>
#include <linux/workqueue.h>
#include <linux/zram_persist.h>

struct file;
struct workqueue_struct;
struct zram;

/**
 * struct zram_writeback - what a device knows of writeback besides the device
 * @uuid: identity of the backing device that the pages of this device are on
 * @nr_blocks: its blocks, or 0 if there is none
 * @limit: blocks that may still be written if @limited
 * @limited: there is a limit
 * @compressed: pages are written as they are stored
 * @under_way: slots may be marked as picked
 * @batch: requests in flight at most
 * @missing: it has not been given to this device yet
 * @node: of all those devices; see zram_backing_miss()
 * @index: N of zramN, for those who find it there
 *
 * Protected by dev_lock. A reset forgets the first two and @missing.
 */
struct zram_writeback {
	uuid_t uuid;
	u64 nr_blocks;
	u64 limit;
	bool limited;
	bool compressed;
	bool under_way;
	bool missing;
	u32 batch;
	struct list_head node;
	u32 index;
};

/**
 * struct zram_backing - a backing device in use
 * @file: it, opened exclusively
 * @bdev: it
 * @nr_blocks: blocks that may be used, block 0 included
 * @used: a bit for each of them. A bit is set by writeback, and cleared under
 *	the lock of the slot whose page was there.
 * @next: where writeback looks for a free block first
 * @faulty: two pages say that they are in the same block: nothing may be
 *	written any more
 * @unflushed: the pool has given up pages since the device was last told to make
 *	lasting what it has. Written under dev_lock; the seal reads it.
 * @seal_flush: the same at the seal, see zram_backing_seal()
 * @seal_done: @seal_flush has ended, and @seal_err is its errno, or 0
 * @seal_err: see @seal_done
 * @workers: those who wait for reads, or for @seal_flush
 * @requests: of &struct zram_readback, so that reads need no free memory
 * @buffers: of two pages each, for the same reason
 */
struct zram_backing {
	struct file *file;
	struct block_device *bdev;
	u64 nr_blocks;
	unsigned long *used;
	u64 next;
	bool faulty;
	bool unflushed;
	struct work_struct seal_flush;
	struct completion seal_done;
	int seal_err;
	struct workqueue_struct *workers;
	mempool_t requests;
	mempool_t buffers;
};

#ifdef CONFIG_ZRAM_WRITEBACK
/* backing.c */
int zram_backing_sign(struct zram *zram);
void zram_backing_miss(struct zram *zram);
void zram_backing_close(struct zram *zram);
int zram_backing_flush(struct zram_backing *backing);
void zram_backing_seal(struct zram *zram, unsigned long timeout);
u64 zram_backing_take(struct zram_backing *backing, u64 pages);
int zram_backing_io(struct zram_backing *backing, blk_opf_t op, u64 block,
		    void *page);

/* readback.c */
int zram_readback_init(struct zram_backing *backing, const char *name);
void zram_readback_exit(struct zram_backing *backing);
int zram_readback(struct zram *zram, struct bio *bio, struct bvec_iter *iter);
int zram_readback_verify(struct zram *zram, u64 index, void *buffer);

/* backed.c */
int zram_backed_get(struct zram *zram, u64 index, u64 slot,
		    struct zram_persist_backed *backed);
void zram_backed_free(struct zram *zram, u64 index, u64 slot);
void zram_backed_find(struct zram *zram);
bool zram_backed_was_huge(struct zram *zram, u64 index, u64 slot,
			  unsigned int *codec);
#else
static inline int zram_backing_sign(struct zram *zram)
{
	return 0;
}

static inline void zram_backing_miss(struct zram *zram) { }

static inline void zram_backing_close(struct zram *zram) { }

static inline void zram_backing_seal(struct zram *zram, unsigned long timeout)
{
}

/* Pages that another kernel wrote back cannot be read by this one. */
static inline int zram_readback(struct zram *zram, struct bio *bio,
				struct bvec_iter *iter)
{
	return -ENODEV;
}

static inline int zram_readback_verify(struct zram *zram, u64 index,
				       void *buffer)
{
	return -ENODEV;
}

static inline void zram_backed_free(struct zram *zram, u64 index, u64 slot)
{
}

static inline bool zram_backed_was_huge(struct zram *zram, u64 index, u64 slot,
					unsigned int *codec)
{
	return false;
}
#endif

#endif /* _ZRAM_BACKING_H_ */
