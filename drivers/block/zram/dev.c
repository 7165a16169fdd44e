// SPDX-License-Identifier: GPL-2.0
/*
 * Life cycle of a device: created, set up, reset, removed.
 *
 * DOC: Locks
 *
 * 1. the lock of held.c: held devices
 * 2. zram_index_mutex: which devices there are, and their names. Taken by
 *    hot_add, hot_remove, by who attaches a held device or names one, module
 *    init and exit.
 * 3. disk->open_mutex: &zram.claims
 * 4. zram->dev_lock: configuration
 * 5. &zram_scrub.lock, the locks of persist.c and record.c, and that of backing.c
 *
 * Order as numbered; those of slots and of the pool come last.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/part_stat.h>
#include <linux/slab.h>

#include "backing.h"
#include "debugfs.h"
#include "dict.h"
#include "index.h"
#include "slot.h"
#include "zram.h"

static unsigned int zram_devices;
static int zram_major;

static void zram_writers_release(struct percpu_ref *ref)
{
	struct zram *zram = container_of(ref, struct zram, writers);

	complete(&zram->writers_gone);
}

/**
 * zram_dev_destroy_comps() - end the use of the codecs
 * @zram: device
 *
 * Names and parameters stay.
 *
 * Context: Process context. Sleeps.
 */
void zram_dev_destroy_comps(struct zram *zram)
{
	unsigned int i;

	for (i = 0; i < ZRAM_MAX_COMPS; i++) {
		if (zram->comps[i])
			zcomp_destroy(zram->comps[i]);
		zram->comps[i] = NULL;
	}
}

/**
 * zram_dev_create_comps() - make ready the codecs that the device names
 * @zram: device
 *
 * Context: Process context. Sleeps.
 * Return: 0, or what zcomp_create() returns; then there are none.
 */
int zram_dev_create_comps(struct zram *zram)
{
	struct zcomp *comp;
	unsigned int i;

	for (i = 0; i < ZRAM_MAX_COMPS; i++) {
		if (!zram->comp_algs[i])
			continue;
		comp = zcomp_create(zram->comp_algs[i], &zram->params[i]);
		if (IS_ERR(comp)) {
			pr_err("%s: cannot use codec %s: %pe\n",
			       zram->disk->disk_name, zram->comp_algs[i], comp);
			zram_dev_destroy_comps(zram);
			return PTR_ERR(comp);
		}
		zram->comps[i] = comp;
	}
	return 0;
}

/**
 * zram_dev_start() - give a device its memory and let it take I/O
 * @zram: device in state %ZRAM_EMPTY with codecs
 * @disksize: bytes
 * @pool: its memory, or NULL if it comes later; owned by the device from now
 *	on, but not after an error
 *
 * Context: Process context, dev_lock held for write or nobody knows the device
 * yet. Sleeps.
 * Return: 0, -EINVAL for an impossible size, -ENOMEM.
 */
int zram_dev_start(struct zram *zram, u64 disksize, struct zsp_pool *pool)
{
	int err;

	err = zram_slots_init(&zram->slots, disksize >> PAGE_SHIFT);
	if (err)
		return err;
	init_completion(&zram->writers_gone);
	err = percpu_ref_init(&zram->writers, zram_writers_release, 0,
			      GFP_KERNEL);
	if (err) {
		zram_slots_destroy(&zram->slots);
		return err;
	}
	zram_slots_init_times(&zram->times, disksize >> PAGE_SHIFT);
	zram->pool = pool;
	zram->disksize = disksize;
	zram->state = ZRAM_LIVE;
	zram_dev_set_limit(zram, zram->limit_pages);
	if (pool)
		zsp_set_mover(pool, zram_slot_move, zram);
	return 0;
}

/**
 * zram_dev_stop() - undo zram_dev_start() and free the memory
 * @zram: device that is not persistent and takes no I/O any more
 *
 * Context: As for zram_dev_start(). Sleeps.
 */
void zram_dev_stop(struct zram *zram)
{
	zram_scrub_end(zram);
	percpu_ref_kill(&zram->writers);
	wait_for_completion(&zram->writers_gone);
	percpu_ref_exit(&zram->writers);
	/* Compaction in the background uses the slots. */
	if (zram->pool)
		zsp_destroy_pool(zram->pool);
	zram->pool = NULL;
	memset(zram->dicts, 0, sizeof(zram->dicts));
	zram_slots_destroy(&zram->slots);
	zram->disksize = 0;
	zram->state = ZRAM_EMPTY;
	zram->swap = false;
	zram_damage_init(zram);
}

/*
 * On a machine that cannot hand anything over, persist=1 is no reason to have no
 * device; the same is true without KHO.
 */
static int zram_dev_persist(struct zram *zram)
{
	int err;

	if (!zram->persist.wanted)
		return 0;
	err = zram_persist_on(zram);
	if (err != -EADDRNOTAVAIL || !zram_persist_default)
		return err;
	pr_warn("zram: %s: persist=1 has no effect on it: see above\n",
		zram->disk->disk_name);
	zram->persist.wanted = false;
	return 0;
}

/**
 * zram_dev_setup() - set up an empty device
 * @zram: device in state %ZRAM_EMPTY
 * @disksize: bytes, a multiple of the page size
 *
 * Makes it persistent, too, if that is wanted; if that fails all is undone.
 *
 * Context: Process context, dev_lock held for write. Sleeps.
 * Return: 0, or an errno of the codecs, the pool or persistence.
 */
int zram_dev_setup(struct zram *zram, u64 disksize)
{
	struct zsp_pool *pool;
	int err;

	pool = zsp_create_pool(zram->disk->disk_name, &zram_kho_ops);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = zram_dev_create_comps(zram);
	if (err)
		goto err_pool;
	err = zram_dev_start(zram, disksize, pool);
	if (err)
		goto err_comps;
	err = zram_dict_store(zram);
	if (err)
		goto err_stop;
	err = zram_dev_set_reserve(zram, zram->reserve_pages);
	if (err)
		goto err_stop;
	err = zram_backing_sign(zram);
	if (err)
		goto err_stop;
	err = zram_dev_persist(zram);
	if (err)
		goto err_stop;
	set_capacity_and_notify(zram->disk, disksize >> SECTOR_SHIFT);
	return 0;

err_stop:
	zram_dev_stop(zram);
	zram_dev_destroy_comps(zram);
	return err;
err_comps:
	zram_dev_destroy_comps(zram);
err_pool:
	zsp_destroy_pool(pool);
	return err;
}

static void zram_dev_set_defaults(struct zram *zram)
{
	unsigned int i;

	for (i = 0; i < ZRAM_MAX_COMPS; i++) {
		zram->comp_algs[i] = NULL;
		zram_params_reset(&zram->params[i]);
	}
	zram->comp_algs[ZRAM_PRIMARY_COMP] = zcomp_default();
	zram->name[0] = '\0';
	zram->limit_pages = 0;
	zram->reserve_pages = 0;
	zram->clock_offset = 0;
	zram->writeback.uuid = uuid_null;
	zram->writeback.nr_blocks = 0;
	memset(&zram->stats, 0, sizeof(zram->stats));
}

/* Context: dev_lock held for write. */
static int zram_dev_clear(struct zram *zram)
{
	if (zram_persist_protects(zram))
		return -EBUSY;
	set_capacity_and_notify(zram->disk, 0);
	part_stat_set_all(zram->disk->part0, 0);
	if (zram_init_done(zram)) {
		zram_dev_stop(zram);
		zram_dev_destroy_comps(zram);
	}
	zram_backing_close(zram);
	zram_dev_set_defaults(zram);
	zram->persist = (struct zram_persist) {
		.wanted = zram->persist.wanted,
	};
	return 0;
}

/**
 * zram_dev_reset() - make a device as if it had just been created
 * @zram: device that is claimed, so that nobody has it open
 *
 * That it is wanted persistent stays: tools reset a device before they set it
 * up, and would undo that without knowing it.
 *
 * Context: Process context. Takes dev_lock. Sleeps.
 * Return: 0, or -EBUSY if it is persistent, or was in the previous kernel.
 */
int zram_dev_reset(struct zram *zram)
{
	guard(rwsem_write)(&zram->dev_lock);
	return zram_dev_clear(zram);
}

/* The same, for the last time: it cannot be set up again after it. */
static int zram_dev_retire(struct zram *zram)
{
	int err;

	guard(rwsem_write)(&zram->dev_lock);
	err = zram_dev_clear(zram);
	zram->gone = !err;
	return err;
}

/**
 * zram_dev_set_limit() - limit the memory of a device
 * @zram: device
 * @pages: pages at most, or 0
 *
 * Context: dev_lock held for write.
 */
void zram_dev_set_limit(struct zram *zram, u64 pages)
{
	zram->limit_pages = pages;
	if (zram->pool)
		zsp_set_limit(zram->pool, pages);
}

/**
 * zram_dev_set_reserve() - let a device keep memory
 * @zram: device
 * @pages: pages at least, or 0. Before the device has a disksize they are
 *	remembered and taken later.
 *
 * Context: Process context, dev_lock held for write. Sleeps.
 * Return: 0, or as zsp_set_reserve(), and nothing has changed.
 */
int zram_dev_set_reserve(struct zram *zram, u64 pages)
{
	int err = 0;

	if (zram->pool)
		err = zsp_set_reserve(zram->pool, pages);
	if (!err)
		zram->reserve_pages = pages;
	return err;
}

static struct gendisk *zram_dev_alloc_disk(void)
{
	struct queue_limits lim = {
		.logical_block_size	= ZRAM_LOGICAL_BLOCK_SIZE,
		.physical_block_size	= PAGE_SIZE,
		.io_min			= PAGE_SIZE,
		.io_opt			= PAGE_SIZE,
		.max_hw_discard_sectors	= UINT_MAX,
		.max_write_zeroes_sectors = UINT_MAX,
		/* A page must not change while its checksum is taken. */
		.features		= BLK_FEAT_STABLE_WRITES |
					  BLK_FEAT_SYNCHRONOUS,
	};

	return blk_alloc_disk(&lim, NUMA_NO_NODE);
}

static void zram_dev_name_disk(struct zram *zram, u32 id)
{
	zram->disk->major = zram_major;
	zram->disk->first_minor = id;
	zram->disk->minors = 1;
	zram->disk->flags |= GENHD_FL_NO_PART;
	zram->disk->fops = &zram_devops;
	zram->disk->private_data = zram;
	snprintf(zram->disk->disk_name, DISK_NAME_LEN, "zram%u", id);
}

/**
 * zram_dev_alloc() - make a device that nobody knows yet
 * @index: N of zramN, which is kept for it; or -1 for the first that is free
 *
 * Context: Process context, zram_index_mutex or module init. Sleeps.
 * Return: the device, or ERR_PTR() of -ENOMEM, or of -EBUSY if no number is
 * free; then @index is still kept.
 */
struct zram *zram_dev_alloc(int index)
{
	struct zram *zram = kzalloc(sizeof(*zram), GFP_KERNEL);
	int err;
	u32 id;

	if (!zram)
		return ERR_PTR(-ENOMEM);
	init_rwsem(&zram->dev_lock);
	zram_scrub_init(zram);
	zram_damage_init(zram);

	err = zram_index_take(zram, index, &id);
	if (err)
		goto err_free;
	zram->disk = zram_dev_alloc_disk();
	if (IS_ERR(zram->disk)) {
		err = PTR_ERR(zram->disk);
		goto err_index;
	}
	zram_dev_name_disk(zram, id);
	zram_dev_set_defaults(zram);
	zram->writeback.batch = ZRAM_WRITEBACK_BATCH;
	zram->persist.wanted = zram_persist_default && zram_kho_enabled();
	return zram;

err_index:
	zram_index_leave(id, index >= 0);
err_free:
	kfree(zram);
	return ERR_PTR(err);
}

/**
 * zram_dev_free() - undo zram_dev_alloc()
 * @zram: device in state %ZRAM_EMPTY, not announced or removed again
 * @keep_index: keep its number
 *
 * Context: Process context. Sleeps.
 */
void zram_dev_free(struct zram *zram, bool keep_index)
{
	unsigned int i;

	zram_index_leave(zram->disk->first_minor, keep_index);
	put_disk(zram->disk);
	for (i = 0; i < ZRAM_MAX_COMPS; i++)
		zram_params_reset(&zram->params[i]);
	kfree(zram);
}

/**
 * zram_dev_announce() - let user space see a device
 * @zram: device; if it has a disksize it is seen with it from the first moment
 *
 * Context: Process context. Sleeps.
 * Return: 0 or an errno. Then zram_dev_renew() comes before another try.
 */
int zram_dev_announce(struct zram *zram)
{
	int err;

	set_capacity(zram->disk, zram->disksize >> SECTOR_SHIFT);
	err = device_add_disk(NULL, zram->disk, zram_disk_groups);
	if (err)
		return err;
	zram->announced = true;
	zram_debugfs_add(zram);
	zram_devices++;
	pr_info("Added device: %s\n", zram->disk->disk_name);
	return 0;
}

/**
 * zram_dev_renew() - make ready for another try to announce a device
 * @zram: device that could not be announced
 *
 * A disk that was added in vain is not to be added again: so it gets a new one.
 *
 * Context: Process context, after zram_persist_begin_attach(): the seal must
 * not look at the device meanwhile. Sleeps.
 * Return: 0 or -ENOMEM, and nothing has changed.
 */
int zram_dev_renew(struct zram *zram)
{
	struct gendisk *old = zram->disk, *disk = zram_dev_alloc_disk();

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	zram->disk = disk;
	zram_dev_name_disk(zram, old->first_minor);
	put_disk(old);
	return 0;
}

/* A reset that is under way ends before del_gendisk() does. */
static int zram_dev_claim(struct zram *zram)
{
	guard(mutex)(&zram->disk->open_mutex);
	if (disk_openers(zram->disk))
		return -EBUSY;
	zram->claims++;
	return 0;
}

static void zram_dev_unclaim(struct zram *zram)
{
	guard(mutex)(&zram->disk->open_mutex);
	zram->claims--;
}

static void zram_dev_withdraw(struct zram *zram)
{
	pr_info("Removed device: %s\n", zram->disk->disk_name);
	zram_debugfs_remove(zram);
	del_gendisk(zram->disk);
	zram_devices--;
}

static int zram_dev_delete(struct zram *zram)
{
	int err;

	err = zram_dev_claim(zram);
	if (err)
		return err;
	sync_blockdev(zram->disk->part0);
	err = zram_dev_retire(zram);
	if (err) {
		zram_dev_unclaim(zram);
		pr_warn("%s: %s persistent, not removed: write 0 to its persist attribute first\n",
			zram->disk->disk_name, zram_persist_is_or_was(zram));
		return err;
	}
	if (zram->announced)
		zram_dev_withdraw(zram);
	zram_dev_free(zram, false);
	return 0;
}

/**
 * zram_dev_remove() - remove a device
 * @index: N of zramN
 *
 * Context: Process context. Sleeps.
 * Return: 0, -ENODEV if there is none, -EBUSY if it is open or persistent.
 */
int zram_dev_remove(int index)
{
	struct zram *zram;

	guard(mutex)(&zram_index_mutex);
	zram = zram_index_find(index);
	return zram && zram->announced ? zram_dev_delete(zram) : -ENODEV;
}

/**
 * zram_dev_discard() - remove a device that could not be announced
 * @zram: device; may be persistent
 *
 * Context: Process context, zram_index_mutex. Sleeps.
 * Return: 0, or -EBUSY after the seal.
 */
int zram_dev_discard(struct zram *zram)
{
	int err;

	scoped_guard(rwsem_write, &zram->dev_lock)
		err = zram_persist_off(zram);
	return err ?: zram_dev_delete(zram);
}

/**
 * zram_dev_create() - make an empty device
 *
 * Context: Process context. Sleeps.
 * Return: its index, or an errno.
 */
int zram_dev_create(void)
{
	struct zram *zram;
	int err;

	guard(mutex)(&zram_index_mutex);
	zram = zram_dev_alloc(-1);
	if (IS_ERR(zram))
		return PTR_ERR(zram);
	err = zram_dev_announce(zram);
	if (err) {
		/* Its attributes were there for a moment, and may have been used. */
		zram_dev_discard(zram);
		return err;
	}
	return zram->disk->first_minor;
}

/**
 * zram_dev_count() - number of devices
 *
 * Return: devices that have been announced and not been removed.
 */
unsigned int zram_dev_count(void)
{
	return zram_devices;
}

/**
 * zram_dev_init() - register the driver with the block layer
 *
 * Context: Process context. Sleeps.
 * Return: 0, or -EBUSY if there is no major number.
 */
int zram_dev_init(void)
{
	zram_major = register_blkdev(0, "zram");
	if (zram_major <= 0)
		return -EBUSY;
	zram_debugfs_init();
	return 0;
}

/**
 * zram_dev_exit() - remove all devices and undo zram_dev_init()
 *
 * Context: Process context, when the module cannot be in use: no device is
 * open or persistent. Sleeps.
 */
void zram_dev_exit(void)
{
	struct zram *zram;

	while ((zram = zram_index_first()))
		if (WARN_ON_ONCE(zram_dev_delete(zram)))
			break;
	zram_index_exit();
	zram_debugfs_exit();
	unregister_blkdev(zram_major, "zram");
}
