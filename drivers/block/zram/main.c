// SPDX-License-Identifier: GPL-2.0
/*
 * The module: parameters, the control class, and the order of things at load.
 *
 * What the previous kernel handed over is attached before any other device can
 * be made, so that a handed-over device keeps its number and nobody can take it
 * for a free one.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/device/class.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#include "hold.h"
#include "kho_tree.h"
#include "record.h"
#include "zram.h"

static unsigned int num_devices = 1;
module_param(num_devices, uint, 0);
MODULE_PARM_DESC(num_devices, "Number of pre-created zram devices");

/* Whether devices become persistent as they are created. */
bool zram_persist_default;
module_param_named(persist, zram_persist_default, bool, 0444);
MODULE_PARM_DESC(persist, "Devices survive kexec unless told otherwise");

/*
 * Off: for who wants some of them only, or cannot start because attaching one is
 * what fails.
 */
bool zram_attach_default = true;
module_param_named(attach, zram_attach_default, bool, 0444);
MODULE_PARM_DESC(attach, "Attach the devices of the previous kernel (default 1); 0: hold them, each until its attribute attach is written to");

/* Fewer and larger blocks make the next kernel's boot shorter. */
unsigned int zram_seal_compact_ms;
module_param_named(seal_compact_ms, zram_seal_compact_ms, uint, 0644);
MODULE_PARM_DESC(seal_compact_ms, "Compact each persistent device before a kexec, for so long at most (default 0: do not)");

/*
 * The file of a module says it, too, but may be another one by now than the one that
 * is loaded.
 */
static int format_version_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%u\n", ZRAM_PERSIST_VERSION);
}

static int format_version_set(const char *val, const struct kernel_param *kp)
{
	pr_warn("format_version cannot be set, and is ignored\n");
	return 0;
}

static const struct kernel_param_ops format_version_ops = {
	.set	= format_version_set,
	.get	= format_version_get,
};
module_param_cb(format_version, &format_version_ops, NULL, 0444);
MODULE_PARM_DESC(format_version, "Format of what this driver hands over; cannot be set");

/*
 * Set when handed-over devices have their numbers. The class must exist before:
 * once they are attached the module may not fail to load any more.
 */
static bool zram_ready;

/* Reading makes a device: that is how the interface has always been. */
static ssize_t hot_add_show(const struct class *class,
			    const struct class_attribute *attr, char *buf)
{
	int index = -EBUSY;

	if (READ_ONCE(zram_ready))
		index = zram_dev_create();
	return index < 0 ? index : sysfs_emit(buf, "%d\n", index);
}

static ssize_t hot_remove_store(const struct class *class,
				const struct class_attribute *attr,
				const char *buf, size_t count)
{
	int index, err;

	err = kstrtoint(buf, 10, &index);
	if (err)
		return err;
	if (index < 0)
		return -EINVAL;
	if (!READ_ONCE(zram_ready))
		return -EBUSY;
	err = zram_dev_remove(index);
	return err ?: count;
}

static struct class_attribute class_attr_hot_add =
	__ATTR(hot_add, 0400, hot_add_show, NULL);
static CLASS_ATTR_WO(hot_remove);

static struct attribute *zram_control_class_attrs[] = {
	&class_attr_hot_add.attr,
	&class_attr_hot_remove.attr,
	NULL,
};
ATTRIBUTE_GROUPS(zram_control_class);

/* Held devices are in it, too, see held.c. */
struct class zram_control_class = {
	.name		= "zram-control",
	.class_groups	= zram_control_class_groups,
};

static int __init zram_create_default(void)
{
	int index;

	while (zram_dev_count() < num_devices) {
		index = zram_dev_create();
		if (index < 0)
			return index;
	}
	return 0;
}

static int __init zram_init_devices(void)
{
	int attached, err;

	if (zram_persist_default && !zram_kho_enabled())
		pr_warn("persist=1 has no effect: Kexec HandOver is off; boot a kernel that has CONFIG_KEXEC_HANDOVER with kho=on, or see dmesg | grep KHO if this is one\n");
	attached = zram_attach_all();
	if (attached < 0)
		return attached;
	err = zram_create_default();
	/* Those that are there may be in use already, even persistent. */
	if (err && (attached || zram_dev_count())) {
		pr_warn("cannot create %u devices: %pe\n", num_devices,
			ERR_PTR(err));
		err = 0;
	}
	if (!err)
		WRITE_ONCE(zram_ready, true);
	return err;
}

static int __init zram_init(void)
{
	int err;

	err = zcomp_init();
	if (err)
		return err;
	err = zram_kho_tree_init();
	if (err)
		goto err_comp;
	err = zram_dev_init();
	if (err)
		goto err_tree;
	err = zram_persist_init();
	if (err)
		goto err_dev;
	err = class_register(&zram_control_class);
	if (err)
		goto err_persist;
	err = zram_init_devices();
	if (err)
		goto err_class;
	zram_persist_catch_up();
	return 0;

err_class:
	class_unregister(&zram_control_class);
err_persist:
	zram_persist_exit();
err_dev:
	zram_dev_exit();
err_tree:
	zram_kho_tree_exit();
err_comp:
	zcomp_exit();
	return err;
}

static void __exit zram_exit(void)
{
	zram_held_remove_all();
	zram_record_leave();
	class_unregister(&zram_control_class);
	zram_persist_exit();
	zram_dev_exit();
	zram_kho_tree_exit();
	zcomp_exit();
}

module_init(zram_init);
module_exit(zram_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Compressed RAM block device that survives kexec");
MODULE_VERSION("0.9.0");
MODULE_INFO(zram_persist_version, __stringify(ZRAM_PERSIST_VERSION));
MODULE_INFO(zram_persist_oldest, __stringify(ZRAM_PERSIST_OLDEST));
