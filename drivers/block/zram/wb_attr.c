// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes that say how pages are written back, and what was.
 *
 * But for compressed_writeback they can be changed at any time, and a reset
 * leaves them all as they are. They come through a kexec.
 */

#include <linux/cleanup.h>
#include <linux/kstrtox.h>
#include <linux/sysfs.h>

#include "attr.h"

static ssize_t compressed_writeback_show(struct device *dev,
					 struct device_attribute *attr,
					 char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%d\n", zram->writeback.compressed);
}

static ssize_t compressed_writeback_store(struct device *dev,
					  struct device_attribute *attr,
					  const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	bool on;
	int err;

	if (kstrtobool(buf, &on))
		return -EINVAL;

	guard(rwsem_write)(&zram->dev_lock);
	if (zram_init_done(zram)) {
		err = zram_attr_busy(zram, on == zram->writeback.compressed);
		return err ?: len;
	}
	zram->writeback.compressed = on;
	return len;
}

static ssize_t writeback_limit_enable_show(struct device *dev,
					   struct device_attribute *attr,
					   char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%d\n", zram->writeback.limited);
}

static ssize_t writeback_limit_enable_store(struct device *dev,
					    struct device_attribute *attr,
					    const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	u64 value;

	if (kstrtou64(buf, 10, &value))
		return -EINVAL;

	guard(rwsem_write)(&zram->dev_lock);
	zram->writeback.limited = value;
	return len;
}

static ssize_t writeback_limit_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%llu\n", zram->writeback.limit);
}

/* In blocks of 4096 bytes, which pages are, too. */
static ssize_t writeback_limit_store(struct device *dev,
				     struct device_attribute *attr,
				     const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	u64 value;

	if (kstrtou64(buf, 10, &value))
		return -EINVAL;

	guard(rwsem_write)(&zram->dev_lock);
	zram->writeback.limit = value;
	return len;
}

static ssize_t writeback_batch_size_show(struct device *dev,
					 struct device_attribute *attr,
					 char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%u\n", zram->writeback.batch);
}

static ssize_t writeback_batch_size_store(struct device *dev,
					  struct device_attribute *attr,
					  const char *buf, size_t len)
{
	struct zram *zram = dev_to_zram(dev);
	u32 value;

	if (kstrtou32(buf, 10, &value) || !value)
		return -EINVAL;

	guard(rwsem_write)(&zram->dev_lock);
	zram->writeback.batch = value;
	return len;
}

static ssize_t bd_stat_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return sysfs_emit(buf, "%8llu %8llu %8llu\n",
			  (u64)atomic64_read(&zram->stats.backed_pages),
			  (u64)atomic64_read(&zram->stats.bd_reads),
			  (u64)atomic64_read(&zram->stats.bd_writes));
}

static DEVICE_ATTR_RW(compressed_writeback);
static DEVICE_ATTR_RW(writeback_limit_enable);
static DEVICE_ATTR_RW(writeback_limit);
static DEVICE_ATTR_RW(writeback_batch_size);
static DEVICE_ATTR_RO(bd_stat);

static struct attribute *zram_writeback_attrs[] = {
	&dev_attr_backing_dev.attr,
	&dev_attr_writeback.attr,
	&dev_attr_writeback_limit.attr,
	&dev_attr_writeback_limit_enable.attr,
	&dev_attr_writeback_batch_size.attr,
	&dev_attr_compressed_writeback.attr,
	&dev_attr_bd_stat.attr,
	NULL,
};

const struct attribute_group zram_writeback_group = {
	.attrs = zram_writeback_attrs,
};
