// SPDX-License-Identifier: GPL-2.0
/*
 * The backing device: the attribute backing_dev, and the identity in block 0.
 *
 * DOC: Identity
 *
 * Paths change from kernel to kernel, and so a backing device is recognised by
 * what is in its block 0, which is written when the device gets its disksize,
 * with a new UUID each time. A device of the previous kernel has the UUID in its
 * superblock. Its backing device is not there until user space gives it: until
 * then pages that were written back cannot be read, all others can, and nothing
 * is written back. Any other device is refused, and not written to.
 *
 * A reset leaves the identity where it is: no device has it any more.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/crc32c.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "attr.h"
#include "backing.h"
#include "slot.h"

/**
 * zram_backing_io() - read or write a block, and wait for it
 * @backing: backing device
 * @op: operation and flags
 * @block: number of the block
 * @page: memory, as large as a page and aligned to one
 *
 * Context: Process context, not from submit_bio. Sleeps.
 * Return: 0 or an errno.
 */
int zram_backing_io(struct zram_backing *backing, blk_opf_t op, u64 block,
		    void *page)
{
	struct bio_vec bvec;
	struct bio bio;
	int err;

	bio_init(&bio, backing->bdev, &bvec, 1, op);
	bio.bi_iter.bi_sector = block << ZRAM_SECTORS_PER_PAGE_SHIFT;
	__bio_add_page(&bio, virt_to_page(page), PAGE_SIZE, 0);
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	return err;
}

/**
 * zram_backing_flush() - make lasting what was written back
 * @backing: backing device
 *
 * A write is complete as soon as the device has it, which may be no more than the page
 * cache of this kernel (a loop device), or a cache of the disk. The next kernel has
 * neither, and the page is not in memory any more. Once after each writeback, and not
 * for each page with REQ_FUA: for a loop device that is an fsync(2).
 *
 * Context: Process context, dev_lock held for write, no page is on its way. Sleeps.
 * Return: 0 or an errno; then the next call tries again.
 */
int zram_backing_flush(struct zram_backing *backing)
{
	int err;

	if (!backing->unflushed)
		return 0;
	err = blkdev_issue_flush(backing->bdev);
	if (!err)
		WRITE_ONCE(backing->unflushed, false);
	return err;
}

static void zram_backing_seal_work(struct work_struct *work)
{
	struct zram_backing *backing =
		container_of(work, struct zram_backing, seal_flush);

	backing->seal_err = blkdev_issue_flush(backing->bdev);
	complete(&backing->seal_done);
}

/**
 * zram_backing_seal() - the same at the seal, if that comes in the middle of writeback
 * @zram: device; there are no writers any more
 * @timeout: how long to wait, in jiffies
 *
 * If it fails the device is handed over all the same: pages that were lost give an
 * error. A worker does it, since to submit a bio may already take forever, where the
 * queue of a disk is frozen or full.
 *
 * Context: Process context, once for each device: the kernel ends. Sleeps, and
 * allocates nothing.
 */
void zram_backing_seal(struct zram *zram, unsigned long timeout)
{
	struct zram_backing *backing = READ_ONCE(zram->backing);

	if (!backing || !READ_ONCE(backing->unflushed))
		return;
	INIT_WORK(&backing->seal_flush, zram_backing_seal_work);
	init_completion(&backing->seal_done);
	queue_work(backing->workers, &backing->seal_flush);
	if (!wait_for_completion_io_timeout(&backing->seal_done, timeout) ||
	    backing->seal_err)
		pr_err("%s: its backing device may lose what was written back last\n",
		       zram->disk->disk_name);
}

/**
 * zram_backing_take() - take a free block
 * @backing: backing device
 * @pages: pages that are there, or on the way
 *
 * Where a page is, if what says so is damaged, nobody knows, and its block looks
 * free. There must not be more pages than blocks all the same: the next kernel would
 * take the device for damaged.
 *
 * Context: Process context, dev_lock held for write.
 * Return: its number, or 0 if there is none.
 */
u64 zram_backing_take(struct zram_backing *backing, u64 pages)
{
	u64 block = find_next_zero_bit(backing->used, backing->nr_blocks,
				       backing->next);

	/* One has the identity. */
	if (pages >= backing->nr_blocks - 1)
		return 0;
	if (block >= backing->nr_blocks)
		block = find_next_zero_bit(backing->used, backing->nr_blocks,
					   0);
	if (block >= backing->nr_blocks)
		return 0;
	set_bit(block, backing->used);
	backing->next = block + 1;
	return block;
}

/* === Opening and closing === */

static void zram_backing_free(struct zram_backing *backing)
{
	zram_readback_exit(backing);
	filp_close(backing->file, NULL);
	kvfree(backing->used);
	kfree(backing);
}

static int zram_backing_measure(struct zram_backing *backing)
{
	struct inode *inode = backing->file->f_mapping->host;

	if (!S_ISBLK(inode->i_mode))
		return -ENOTBLK;
	backing->bdev = I_BDEV(inode);
	backing->nr_blocks = i_size_read(inode) >> PAGE_SHIFT;
	/* A device without a size could be the one that it is to back. */
	return backing->nr_blocks ? 0 : -EINVAL;
}

static struct zram_backing *zram_backing_open(struct zram *zram,
					      const char *path)
{
	struct zram_backing *backing = kzalloc_obj(*backing);
	int err;

	if (!backing)
		return ERR_PTR(-ENOMEM);
	backing->file = filp_open(path, O_RDWR | O_LARGEFILE | O_EXCL, 0);
	if (IS_ERR(backing->file)) {
		err = PTR_ERR(backing->file);
		goto err_free;
	}
	err = zram_backing_measure(backing);
	if (err)
		goto err_close;
	err = -ENOMEM;
	backing->used = kvcalloc(BITS_TO_LONGS(backing->nr_blocks),
				 sizeof(long), GFP_KERNEL);
	if (!backing->used)
		goto err_close;
	/* The identity. */
	set_bit(0, backing->used);
	backing->next = 1;
	err = zram_readback_init(backing, zram->disk->disk_name);
	if (err)
		goto err_used;
	return backing;

err_used:
	kvfree(backing->used);
err_close:
	filp_close(backing->file, NULL);
err_free:
	kfree(backing);
	return ERR_PTR(err);
}

/* Those whose backing device is missing. The mutex is the last that is taken. */
static LIST_HEAD(zram_missing);
static DEFINE_MUTEX(zram_missing_mutex);

/**
 * zram_backing_miss() - keep others from the backing device of a device
 * @zram: device that is attached
 *
 * Until it is given to @zram again nobody has it open, and a disk may have another
 * name in each kernel.
 *
 * Context: Process context. Sleeps.
 */
void zram_backing_miss(struct zram *zram)
{
	if (!zram->writeback.nr_blocks)
		return;
	guard(mutex)(&zram_missing_mutex);
	zram->writeback.index = zram->disk->first_minor;
	list_add_tail(&zram->writeback.node, &zram_missing);
	zram->writeback.missing = true;
}

static void zram_backing_miss_no_more(struct zram *zram)
{
	guard(mutex)(&zram_missing_mutex);
	if (zram->writeback.missing)
		list_del(&zram->writeback.node);
	zram->writeback.missing = false;
}

/**
 * zram_backing_close() - let go of the backing device
 * @zram: device without a disksize
 *
 * Context: Process context, dev_lock held for write. Sleeps.
 */
void zram_backing_close(struct zram *zram)
{
	zram_backing_miss_no_more(zram);
	if (zram->backing)
		zram_backing_free(zram->backing);
	zram->backing = NULL;
}

/* === Identity === */

static u32 zram_backing_crc(const struct zram_persist_backing *id)
{
	const size_t at = offsetof(struct zram_persist_backing, crc);
	const u32 zero = 0;
	u32 crc = crc32c(~0, id, at);

	crc = crc32c(crc, &zero, sizeof(zero));
	return crc32c(crc, (void *)id + at + sizeof(zero),
		      sizeof(*id) - at - sizeof(zero));
}

/* True if @id is that of the device that @zram was set up with. */
static bool zram_backing_matches(const struct zram *zram,
				 const struct zram_persist_backing *id)
{
	uuid_t uuid;

	if (id->magic != ZRAM_PERSIST_BACKING_MAGIC ||
	    id->version != ZRAM_PERSIST_BACKING_VERSION ||
	    id->size != sizeof(*id) || id->crc != zram_backing_crc(id))
		return false;
	import_uuid(&uuid, id->uuid);
	return uuid_equal(&uuid, &zram->writeback.uuid) &&
	       id->nr_blocks == zram->writeback.nr_blocks;
}

static int zram_backing_verify(struct zram *zram, struct zram_backing *backing)
{
	struct zram_persist_backing *id = (void *)__get_free_page(GFP_KERNEL);
	int err;

	if (!id)
		return -ENOMEM;
	err = zram_backing_io(backing, REQ_OP_READ, 0, id);
	if (!err && (!zram_backing_matches(zram, id) ||
		     backing->nr_blocks < zram->writeback.nr_blocks))
		err = -EINVAL;
	if (err == -EINVAL)
		pr_err("%s: this is not its backing device, which has the UUID %pUb\n",
		       zram->disk->disk_name, &zram->writeback.uuid);
	free_page((unsigned long)id);
	return err;
}

/* Does another device miss the one with this identity? */
static bool zram_backing_is_missed(const struct zram *zram,
				   const struct zram_persist_backing *id)
{
	const struct zram *other;

	guard(mutex)(&zram_missing_mutex);
	list_for_each_entry(other, &zram_missing, writeback.node) {
		if (!zram_backing_matches(other, id))
			continue;
		pr_err("%s: this is the backing device of zram%u, which misses it: write its path to backing_dev there, or 0 to persist and then reset that device\n",
		       zram->disk->disk_name, other->writeback.index);
		return true;
	}
	return false;
}

/* What another device has written back must not be overwritten. */
static int zram_backing_check_free(const struct zram *zram,
				   struct zram_backing *backing)
{
	struct zram_persist_backing *id = (void *)__get_free_page(GFP_KERNEL);
	int err;

	if (!id)
		return -ENOMEM;
	err = zram_backing_io(backing, REQ_OP_READ, 0, id);
	if (!err && zram_backing_is_missed(zram, id))
		err = -EBUSY;
	free_page((unsigned long)id);
	return err;
}

/**
 * zram_backing_sign() - write a new identity to the backing device
 * @zram: device that is about to get a disksize; without a backing device there
 *	is nothing to do
 *
 * Context: Process context, dev_lock held for write. Sleeps.
 * Return: 0; -EBUSY if another device misses it; or another errno.
 */
int zram_backing_sign(struct zram *zram)
{
	struct zram_persist_backing *id;
	uuid_t uuid;
	int err;

	if (!zram->backing)
		return 0;
	/* The other one may have been held when this one got the backing device. */
	err = zram_backing_check_free(zram, zram->backing);
	if (err)
		return err;
	id = (void *)get_zeroed_page(GFP_KERNEL);
	if (!id)
		return -ENOMEM;
	uuid_gen(&uuid);
	id->magic = ZRAM_PERSIST_BACKING_MAGIC;
	id->version = ZRAM_PERSIST_BACKING_VERSION;
	id->size = sizeof(*id);
	export_uuid(id->uuid, &uuid);
	id->nr_blocks = zram->backing->nr_blocks;
	id->crc = zram_backing_crc(id);
	err = zram_backing_io(zram->backing, REQ_OP_WRITE | REQ_SYNC | REQ_FUA,
			      0, id);
	if (!err) {
		zram->writeback.uuid = uuid;
		zram->writeback.nr_blocks = id->nr_blocks;
	}
	free_page((unsigned long)id);
	if (err)
		pr_err("%s: cannot write to the backing device: %pe\n",
		       zram->disk->disk_name, ERR_PTR(err));
	return err;
}

/* === Attribute === */

/* Gives a device of the previous kernel the backing device that it had. */
static int zram_backing_return(struct zram *zram, const char *path)
{
	struct zram_backing *backing = zram_backing_open(zram, path);
	int err;

	if (IS_ERR(backing))
		return PTR_ERR(backing);
	err = zram_backing_verify(zram, backing);
	if (err) {
		zram_backing_free(backing);
		return err;
	}
	backing->nr_blocks = zram->writeback.nr_blocks;
	zram_backing_miss_no_more(zram);
	/* Who frees or reads a page sees all of it. */
	smp_store_release(&zram->backing, backing);
	zram_backed_find(zram);
	pr_info("%s: has its backing device again: %lld pages\n",
		zram->disk->disk_name,
		atomic64_read(&zram->stats.backed_pages));
	return 0;
}

static bool zram_backing_is(const struct zram *zram, const char *path)
{
	dev_t dev;

	return zram->backing && !lookup_bdev(path, &dev) &&
	       dev == zram->backing->bdev->bd_dev;
}

static int zram_backing_set(struct zram *zram, const char *path)
{
	struct zram_backing *backing;
	int err;

	guard(rwsem_write)(&zram->dev_lock);
	if (zram->gone)
		return -ENODEV;
	if (zram_init_done(zram)) {
		if (zram->writeback.nr_blocks && !zram->backing)
			return zram_backing_return(zram, path);
		return zram_attr_busy(zram, zram_backing_is(zram, path));
	}
	backing = zram_backing_open(zram, path);
	if (IS_ERR(backing))
		return PTR_ERR(backing);
	err = zram_backing_check_free(zram, backing);
	if (err) {
		zram_backing_free(backing);
		return err;
	}
	zram_backing_close(zram);
	zram->backing = backing;
	pr_info("%s: backing device %s\n", zram->disk->disk_name, path);
	return 0;
}

static ssize_t backing_dev_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct zram *zram = dev_to_zram(dev);
	size_t len;
	char *path;

	guard(rwsem_read)(&zram->dev_lock);
	if (!zram->backing)
		return sysfs_emit(buf, "none\n");
	/* It is put at the end of the buffer. */
	path = file_path(zram->backing->file, buf, PAGE_SIZE - 1);
	if (IS_ERR(path))
		return PTR_ERR(path);
	len = strlen(path);
	memmove(buf, path, len);
	buf[len++] = '\n';
	return len;
}

static ssize_t backing_dev_store(struct device *dev,
				 struct device_attribute *attr, const char *buf,
				 size_t len)
{
	char *path = kstrndup(buf, PATH_MAX - 1, GFP_KERNEL);
	size_t chars;
	int err;

	if (!path)
		return -ENOMEM;
	chars = strlen(path);
	if (chars && path[chars - 1] == '\n')
		path[chars - 1] = '\0';
	err = zram_backing_set(dev_to_zram(dev), path);
	kfree(path);
	return err ?: len;
}

DEVICE_ATTR_RW(backing_dev);
