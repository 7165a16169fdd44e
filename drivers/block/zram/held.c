// SPDX-License-Identifier: GPL-2.0
/*
 * What users see of held devices, and do with them.
 *
 * DOC: Held devices
 *
 * A device of the previous kernel that is not attached is a device held-UUID of
 * the class zram-control, with its reason, until somebody writes to its attribute
 * attach, when the reason is gone, or to drop, when it is not wanted any more.
 * Nothing else frees its memory. It is one before it is attached for the first
 * time, so that showing it cannot fail any more when that has failed.
 *
 * Unloading the module leaves what is held in the handover, for another module
 * that may understand it.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "hold.h"
#include "index.h"
#include "zram.h"

/* Protects all held devices. Taken before zram_index_mutex. */
static DEFINE_MUTEX(zram_held_mutex);

/**
 * zram_held_lock() - keep held devices as they are
 *
 * Context: Process context. Sleeps.
 */
void zram_held_lock(void)
{
	mutex_lock(&zram_held_mutex);
}

/**
 * zram_held_unlock() - undo zram_held_lock()
 */
void zram_held_unlock(void)
{
	mutex_unlock(&zram_held_mutex);
}

static struct zram_held *dev_to_held(struct device *dev)
{
	return container_of(dev, struct zram_held, dev);
}

/*
 * The part of a superblock behind the envelope, or NULL if its version is not
 * known, and so it may mean anything.
 */
static const struct zram_persist_super *zram_held_super(struct device *dev)
{
	const struct zram_persist_super *super = dev_to_held(dev)->info;

	return zram_check_knows(super) ? super : NULL;
}

static ssize_t uuid_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%pUb\n", dev_to_held(dev)->info->uuid);
}

static ssize_t name_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	const struct zram_persist_super *super = zram_held_super(dev);

	if (!super)
		return sysfs_emit(buf, "\n");
	/* A device that is held may be so because of its name. */
	return sysfs_emit(buf, "%*pE\n",
			  (int)strnlen(super->name, ZRAM_PERSIST_NAME),
			  super->name);
}

static ssize_t index_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	const struct zram_persist_super *super = zram_held_super(dev);

	if (!super)
		return sysfs_emit(buf, "\n");
	return sysfs_emit(buf, "%u\n", super->index);
}

static ssize_t disksize_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	const struct zram_persist_super *super = zram_held_super(dev);

	if (!super)
		return sysfs_emit(buf, "\n");
	return sysfs_emit(buf, "%llu\n", super->disksize);
}

static ssize_t hops_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	const struct zram_persist_super *super = zram_held_super(dev);

	if (!super)
		return sysfs_emit(buf, "\n");
	return sysfs_emit(buf, "%u\n", zram_held_kexecs(dev_to_held(dev)));
}

static ssize_t held_hops_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", dev_to_held(dev)->held_hops);
}

static ssize_t mem_total_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	const struct zram_check *check = &dev_to_held(dev)->check;
	u64 bytes, i;

	/* One more for the superblock. */
	bytes = (check->segtab_pages + 1) * PAGE_SIZE;
	for (i = 0; i < check->nr_segments; i++)
		bytes += PAGE_SIZE << zsp_location_order(check->segments[i]);
	return sysfs_emit(buf, "%llu\n", bytes);
}

static ssize_t preserved_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	guard(mutex)(&zram_held_mutex);
	return sysfs_emit(buf, "%d\n", dev_to_held(dev)->preserved);
}

static ssize_t reason_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	guard(mutex)(&zram_held_mutex);
	return sysfs_emit(buf, "%s\n", dev_to_held(dev)->reason);
}

/*
 * Ends a device that is gone, in a write to its attribute @attr. That write is
 * something that its end waits for: so that attribute goes first. So are reads
 * of other attributes, and so zram_held_mutex must not be held.
 */
static void zram_held_retire(struct zram_held *held,
			     struct device_attribute *attr)
{
	if (device_remove_file_self(&held->dev, attr))
		device_unregister(&held->dev);
}

static int zram_held_parse(const char *buf)
{
	bool yes;
	int err = kstrtobool(buf, &yes);

	if (!err && !yes)
		err = -EINVAL;
	return err;
}

static int zram_held_attach(struct zram_held *held)
{
	int err;

	guard(mutex)(&zram_held_mutex);
	if (held->gone)
		return -ENODEV;
	err = zram_attach_held(held);
	held->gone = !err;
	return err;
}

/* Of one that is attached, and only could not be announced. */
static int zram_held_discard(struct zram_held *held)
{
	guard(mutex)(&zram_index_mutex);
	return zram_dev_discard(held->zram);
}

static int zram_held_drop_memory(struct zram_held *held)
{
	int err;

	err = zram_persist_begin_attach();
	if (err)
		return err;
	zram_drop(held);
	zram_persist_end_attach();
	return 0;
}

static int zram_held_drop(struct zram_held *held)
{
	int err;

	guard(mutex)(&zram_held_mutex);
	if (held->gone)
		return -ENODEV;
	err = held->zram ? zram_held_discard(held) : zram_held_drop_memory(held);
	if (err)
		return err;
	held->gone = true;
	pr_info("device %s was dropped, as somebody asked for\n",
		dev_name(&held->dev));
	return 0;
}

/*
 * What users write to @attr, @act carries out. A held device does not keep the
 * module loaded, and neither does sysfs: if the module could go meanwhile, its exit
 * would end the same device a second time, or leave one that has just attached.
 */
static ssize_t zram_held_obey(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t len,
			      int (*act)(struct zram_held *held))
{
	struct zram_held *held = dev_to_held(dev);
	int err = zram_held_parse(buf);

	if (err)
		return err;
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	err = act(held);
	if (!err)
		zram_held_retire(held, attr);
	module_put(THIS_MODULE);
	return err ?: len;
}

static ssize_t attach_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t len)
{
	return zram_held_obey(dev, attr, buf, len, zram_held_attach);
}

static ssize_t drop_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t len)
{
	return zram_held_obey(dev, attr, buf, len, zram_held_drop);
}

static DEVICE_ATTR_RO(uuid);
static DEVICE_ATTR_RO(name);
static DEVICE_ATTR_RO(index);
static DEVICE_ATTR_RO(disksize);
static DEVICE_ATTR_RO(hops);
static DEVICE_ATTR_RO(held_hops);
static DEVICE_ATTR_RO(mem_total);
static DEVICE_ATTR_RO(preserved);
static DEVICE_ATTR_RO(reason);
static DEVICE_ATTR_WO(attach);
static DEVICE_ATTR_WO(drop);

static struct attribute *zram_held_attrs[] = {
	&dev_attr_uuid.attr,
	&dev_attr_name.attr,
	&dev_attr_index.attr,
	&dev_attr_disksize.attr,
	&dev_attr_hops.attr,
	&dev_attr_held_hops.attr,
	&dev_attr_mem_total.attr,
	&dev_attr_preserved.attr,
	&dev_attr_reason.attr,
	&dev_attr_attach.attr,
	&dev_attr_drop.attr,
	NULL,
};
ATTRIBUTE_GROUPS(zram_held);

static void zram_held_release(struct device *dev)
{
	struct zram_held *held = dev_to_held(dev);

	if (held->numbered)
		zram_index_release(held->info->index);
	kvfree(held->check.segments);
	kfree(held->info);
	kfree(held);
}

/**
 * zram_held_kexecs() - how many kexecs has a held device come through?
 * @held: device, with a superblock of a format that is known
 *
 * Who holds a device does not write to its superblock, which counts up to the first
 * kernel after the seal.
 *
 * Context: Any.
 * Return: the number, this kernel's included.
 */
u32 zram_held_kexecs(const struct zram_held *held)
{
	return held->info->hops + held->held_hops - 1;
}

/**
 * zram_held_alloc() - make a held device that has nothing yet
 * @held_hops: kernels that have held it, this one included
 *
 * Context: Process context. Sleeps.
 * Return: it, or NULL.
 */
struct zram_held *zram_held_alloc(u32 held_hops)
{
	struct zram_held *held = kzalloc_obj(*held);

	if (!held)
		return NULL;
	held->info = kzalloc_obj(*held->info);
	if (!held->info) {
		kfree(held);
		return NULL;
	}
	held->held_hops = held_hops;
	held->gone = true;
	device_initialize(&held->dev);
	held->dev.class = &zram_control_class;
	held->dev.groups = zram_held_groups;
	held->dev.release = zram_held_release;
	return held;
}

/**
 * zram_held_free() - free what zram_held_alloc() made
 * @held: device that was not added; its memory is somebody else's
 *
 * Context: Process context. Sleeps.
 */
void zram_held_free(struct zram_held *held)
{
	put_device(&held->dev);
}

/**
 * zram_held_add() - let users find a held device
 * @held: device
 *
 * Programs that wait for devices are not told of it before zram_held_show():
 * most are attached in the next moment.
 *
 * Context: Process context, and zram_held_lock() is not held, as for
 * zram_held_remove(). Sleeps.
 * Return: 0 or an errno.
 */
int zram_held_add(struct zram_held *held)
{
	int err;

	err = dev_set_name(&held->dev, "held-%pUb", held->info->uuid);
	if (err)
		return err;
	dev_set_uevent_suppress(&held->dev, true);
	return device_add(&held->dev);
}

/**
 * zram_held_show() - tell users of a held device
 * @held: device that was added, and stays
 *
 * Context: Process context, zram_held_lock(). Sleeps.
 */
void zram_held_show(struct zram_held *held)
{
	dev_set_uevent_suppress(&held->dev, false);
	kobject_uevent(&held->dev.kobj, KOBJ_ADD);
}

/**
 * zram_held_remove() - end a held device that is gone
 * @held: device, added or not
 *
 * Context: Process context, and zram_held_lock() is not held: those who read its
 * attributes wait for that, and are waited for. Sleeps.
 */
void zram_held_remove(struct zram_held *held)
{
	if (device_is_registered(&held->dev))
		device_del(&held->dev);
	put_device(&held->dev);
}

/**
 * zram_held_remove_all() - take all held devices out of sight
 *
 * They stay held, for another module.
 *
 * Context: Process context, module exit. Sleeps.
 */
void zram_held_remove_all(void)
{
	struct device *dev;

	while ((dev = class_find_device(&zram_control_class, NULL, NULL,
					device_match_any))) {
		device_unregister(dev);
		put_device(dev);
	}
}
