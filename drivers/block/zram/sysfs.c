// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes of a device, /sys/block/zramN/.
 */

/**
 * DOC: Attributes
 *
 * Names, modes, formats and errnos are those of the zram that tools know;
 * persist, persist_state, persist_stat, pool_stat, mem_reserve, name, uuid,
 * scrub and damaged_pages are added.
 *
 * One rule for the lock: what shows takes dev_lock for read, what configures
 * takes it for write. What is called from here relies on that.
 *
 * Tools set a device up without looking first. For a device that came from the
 * previous kernel with data in it, and that nobody has opened for writing yet,
 * they are to find nothing in their way: writing the value that it already has
 * succeeds and changes nothing (the *same-value rule*). What would destroy its
 * contents is refused.
 *
 * A setting that fails changes nothing, and leaves the other settings alone.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uuid.h>

#include "attr.h"
#include "index.h"

/**
 * zram_attr_busy() - refuse a change that a device in use does not allow
 * @zram: device with a disksize
 * @same_value: what was written is what the device has already
 *
 * Context: dev_lock held for write.
 * Return: -EBUSY, or 0 if the device came from the previous kernel, nobody has
 * opened it since, and nothing would change.
 */
int zram_attr_busy(const struct zram *zram, bool same_value)
{
	if (zram->persist.unclaimed && same_value)
		return 0;
	pr_info("%s: cannot change this while the device is in use, reset it first\n",
		zram->disk->disk_name);
	return -EBUSY;
}

static ssize_t disksize_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%llu\n", zram->disksize);
}

/*
 * Context: dev_lock held for write. A size that was not 0 and has become 0 is one
 * that page alignment took past the end of the number. The order of the checks is
 * that of the errnos that tools know: EINVAL for no size, EBUSY, EINVAL for one that
 * is no number, and ENOMEM for one that no table of slots can have memory for.
 */
static int disksize_set(struct zram *zram, u64 size)
{
	if (zram->gone)
		return -ENODEV;
	if (zram_init_done(zram))
		return zram_attr_busy(zram, size == zram->disksize);
	if (!size)
		return -EINVAL;
	if (size >> PAGE_SHIFT > ZRAM_PERSIST_MAX_SLOTS)
		return -ENOMEM;
	return zram_dev_setup(zram, size);
}

/*
 * There is a UUID now, by which udev names the device. When it is gone udev is not
 * told: it would look at the device, and be in the way of a reset.
 */
static void persist_tell_udev(struct device *dev)
{
	kobject_uevent(&dev->kobj, KOBJ_CHANGE);
}

static ssize_t disksize_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	u64 size = memparse(buf, NULL);
	bool named = false;
	int err;

	if (!size)
		return -EINVAL;
	size = PAGE_ALIGN(size);

	scoped_guard(rwsem_write, &zram->dev_lock) {
		err = disksize_set(zram, size);
		if (!err)
			named = zram->persist.on;
	}
	if (named)
		persist_tell_udev(dev);
	return err ?: len;
}

static ssize_t initstate_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%d\n", zram_init_done(zram));
}

static int reset_refuse_persistent(struct zram *zram)
{
	guard(rwsem_read)(&zram->dev_lock);
	if (!zram_persist_protects(zram))
		return 0;
	pr_warn("%s: %s persistent, not reset: write 0 to its persist attribute first\n",
		zram->disk->disk_name, zram_persist_is_or_was(zram));
	return -EBUSY;
}

static int reset_claim(struct zram *zram)
{
	struct gendisk *disk = zram->disk;

	guard(mutex)(&disk->open_mutex);
	if (disk_openers(disk) || zram->claims)
		return -EBUSY;
	zram->claims++;
	return 0;
}

static void reset_unclaim(struct zram *zram)
{
	guard(mutex)(&zram->disk->open_mutex);
	zram->claims--;
}

static ssize_t reset_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	u16 do_reset;
	int err;

	err = kstrtou16(buf, 10, &do_reset);
	if (err)
		return err;
	if (!do_reset)
		return -EINVAL;

	err = reset_refuse_persistent(zram);
	if (err)
		return err;
	err = reset_claim(zram);
	if (err)
		return err;

	/* Nobody can open it now; what earlier openers left must be written. */
	sync_blockdev(zram->disk->part0);
	err = zram_dev_reset(zram);
	reset_unclaim(zram);
	return err ?: len;
}

static ssize_t mem_limit_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	char *end;
	u64 limit = memparse(buf, &end);

	if (end == buf)
		return -EINVAL;

	guard(rwsem_write)(&zram->dev_lock);
	zram_dev_set_limit(zram, PAGE_ALIGN(limit) >> PAGE_SHIFT);
	return len;
}

static ssize_t mem_reserve_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%llu\n", zram->reserve_pages << PAGE_SHIFT);
}

static ssize_t mem_reserve_store(struct device *dev,
				 struct device_attribute *attr,
				 const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	char *end;
	u64 reserve = memparse(buf, &end);
	int err;

	if (end == buf || (*end && *end != '\n') || reserve > U64_MAX - PAGE_SIZE)
		return -EINVAL;

	guard(rwsem_write)(&zram->dev_lock);
	err = zram_dev_set_reserve(zram, PAGE_ALIGN(reserve) >> PAGE_SHIFT);
	return err ?: len;
}

static ssize_t mem_used_max_store(struct device *dev,
				  struct device_attribute *attr,
				  const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	unsigned long value;

	if (kstrtoul(buf, 10, &value) || value)
		return -EINVAL;

	guard(rwsem_write)(&zram->dev_lock);
	if (zram_init_done(zram))
		zsp_reset_max_pages(zram->pool);
	return len;
}

/* Any value will do, as in-tree. */
static ssize_t compact_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	int err;

	guard(rwsem_read)(&zram->dev_lock);
	if (!zram_init_done(zram))
		return -EINVAL;
	err = zsp_compact(zram->pool, 0);
	zcomp_wipe_all(zram->comps);
	return err ?: len;
}

static ssize_t mm_stat_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return zram_mm_stat_show(zram, buf);
}

static ssize_t io_stat_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return zram_io_stat_show(zram, buf);
}

static ssize_t debug_stat_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return zram_debug_stat_show(zram, buf);
}

/* On an empty device, whether it will be persistent once it has a disksize. */
static ssize_t persist_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%d\n", zram_init_done(zram) ?
			  zram->persist.on : zram->persist.wanted);
}

static ssize_t persist_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	bool on, named;
	int err;

	err = kstrtobool(buf, &on);
	if (err)
		return err;

	scoped_guard(rwsem_write, &zram->dev_lock) {
		named = zram->persist.on;
		err = on ? zram_persist_on(zram) : zram_persist_off(zram);
		named = zram->persist.on && !named;
	}
	if (err)
		return err;
	if (named)
		persist_tell_udev(dev);
	return len;
}

static ssize_t persist_state_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%s\n", zram_persist_state(zram));
}

static ssize_t persist_stat_show(struct device *dev,
				 struct device_attribute *attr, char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return zram_persist_stat_show(zram, buf);
}

static ssize_t name_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%s\n", zram->name);
}

/* A name becomes part of a path, and is typed at a shell. */
static bool name_is_good(const char *name)
{
	if (*name == '.' || *name == '-' ||
	    strlen(name) >= ZRAM_PERSIST_NAME)
		return false;
	while (isascii(*name) && (isalnum(*name) || strchr("._-", *name)) &&
	       *name)
		name++;
	return !*name;
}

static ssize_t name_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t len)
{
	char *name = kstrndup(buf, len, GFP_KERNEL);
	int err = -EINVAL;

	if (!name)
		return -ENOMEM;
	strim(name);
	if (name_is_good(name))
		err = zram_index_set_name(dev_to_zram(dev), name);
	kfree(name);
	if (err)
		return err;
	kobject_uevent(&dev->kobj, KOBJ_CHANGE);
	return len;
}

/*
 * An empty line without an identity, and no error: udev and scripts read it
 * from every device.
 */
static ssize_t uuid_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	if (!zram->persist.on)
		return sysfs_emit(buf, "\n");
	return sysfs_emit(buf, "%pUb\n", &zram->persist.uuid);
}

static DEVICE_ATTR_RW(disksize);
static DEVICE_ATTR_RO(initstate);
static DEVICE_ATTR_WO(reset);
static DEVICE_ATTR_WO(compact);
static DEVICE_ATTR_WO(mem_limit);
static DEVICE_ATTR_RW(mem_reserve);
static DEVICE_ATTR_WO(mem_used_max);
static DEVICE_ATTR_RO(mm_stat);
static DEVICE_ATTR_RO(io_stat);
static DEVICE_ATTR_RO(debug_stat);
static DEVICE_ATTR_RW(persist);
static DEVICE_ATTR_RO(persist_state);
static DEVICE_ATTR_RO(persist_stat);
static DEVICE_ATTR_RW(name);
static DEVICE_ATTR_RO(uuid);

static struct attribute *zram_disk_attrs[] = {
	&dev_attr_disksize.attr,
	&dev_attr_initstate.attr,
	&dev_attr_reset.attr,
	&dev_attr_comp_algorithm.attr,
	&dev_attr_recomp_algorithm.attr,
	&dev_attr_algorithm_params.attr,
	&dev_attr_recompress.attr,
	&dev_attr_compact.attr,
	&dev_attr_idle.attr,
	&dev_attr_mem_limit.attr,
	&dev_attr_mem_reserve.attr,
	&dev_attr_mem_used_max.attr,
	&dev_attr_mm_stat.attr,
	&dev_attr_io_stat.attr,
	&dev_attr_debug_stat.attr,
	&dev_attr_persist.attr,
	&dev_attr_persist_state.attr,
	&dev_attr_persist_stat.attr,
	&dev_attr_pool_stat.attr,
	&dev_attr_scrub.attr,
	&dev_attr_damaged_pages.attr,
	&dev_attr_name.attr,
	&dev_attr_uuid.attr,
	NULL,
};

static const struct attribute_group zram_disk_group = {
	.attrs = zram_disk_attrs,
};

const struct attribute_group *zram_disk_groups[] = {
	&zram_disk_group,
	ZRAM_WRITEBACK_GROUP,
	NULL,
};
