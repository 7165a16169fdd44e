/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files with attributes of a device share. The list of all attributes
 * is in sysfs.c.
 */
#ifndef _ZRAM_ATTR_H_
#define _ZRAM_ATTR_H_

#include <linux/device.h>

#include "zram.h"

static inline struct zram *dev_to_zram(struct device *dev)
{
	return dev_to_disk(dev)->private_data;
}

/* algo.c */
extern struct device_attribute dev_attr_comp_algorithm;
extern struct device_attribute dev_attr_recomp_algorithm;
extern struct device_attribute dev_attr_algorithm_params;

/* recomp.c */
extern struct device_attribute dev_attr_recompress;

/* pool_stat.c */
extern struct device_attribute dev_attr_pool_stat;

/* damage.c, scrub.c */
extern struct device_attribute dev_attr_damaged_pages;
extern struct device_attribute dev_attr_scrub;

/* idle.c */
extern struct device_attribute dev_attr_idle;

/* backing.c, writeback.c, wb_attr.c */
extern struct device_attribute dev_attr_backing_dev;
extern struct device_attribute dev_attr_writeback;
extern const struct attribute_group zram_writeback_group;

#ifdef CONFIG_ZRAM_WRITEBACK
#define ZRAM_WRITEBACK_GROUP	(&zram_writeback_group)
#else
#define ZRAM_WRITEBACK_GROUP	NULL
#endif

/* sysfs.c */
int zram_attr_busy(const struct zram *zram, bool same_value);

#endif /* _ZRAM_ATTR_H_ */
