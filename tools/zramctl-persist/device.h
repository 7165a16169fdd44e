/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_DEVICE_H
#define ZRAMCTL_DEVICE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Attributes that may be looked at for one device. */
#define DEVICE_ATTRS	24

/**
 * struct device_attr - what was read from an attribute
 * @name: its name
 * @text: what it said, NULL if it could not be read
 * @error: 0 or a negative error number
 */
struct device_attr {
	const char *name;
	char *text;
	int error;
};

/**
 * struct device - a zram device, or one that is held
 * @name: path of its node as users know it, "/dev/zram0"; of a held device the
 *	name of its folder in sysfs
 * @index: its number; of a held device 0
 * @held: it is held, and so has no node and other attributes
 * @dir: its folder in sysfs. A device that comes later and gets the same number
 *	has another one.
 * @lock: what find_lock() has locked, or -1
 * @nr_attrs: entries in @attrs
 * @attrs: attributes that have been read. Each is read once, so that all that
 *	is said of a device comes from the same moment.
 */
struct device {
	char name[NAME_MAX + 1];
	unsigned int index;
	bool held;
	int dir;
	int lock;
	unsigned int nr_attrs;
	struct device_attr attrs[DEVICE_ATTRS];
};

/**
 * struct device_list - what devices there were at some moment
 * @held: they are held
 * @nr: how many
 * @names: names of their folders, zramN by number
 */
struct device_list {
	bool held;
	size_t nr;
	char (*names)[NAME_MAX + 1];
};

int device_open(struct device *dev, const char *spec);
int device_open_index(struct device *dev, unsigned int index);
void device_close(struct device *dev);
bool device_gone(const struct device *dev);
const char *device_text(struct device *dev, const char *attr);
int device_error(struct device *dev, const char *attr);
int device_number(struct device *dev, const char *attr, uint64_t *number);
int device_field(struct device *dev, const char *attr, unsigned int field,
		 uint64_t *number);
int device_line(struct device *dev, const char *attr, const char *key,
		char *value, size_t size);
int device_line_number(struct device *dev, const char *attr, const char *key,
		       uint64_t *number);
int device_codec(struct device *dev, char *codec, size_t size);
void device_refresh(struct device *dev);
int device_set(struct device *dev, const char *attr, const char *value);
bool device_can_persist(struct device *dev);
int devices_list(struct device_list *list, bool held);
int devices_open(struct device *dev, const struct device_list *list, size_t i);
void devices_free(struct device_list *list);

#endif /* ZRAMCTL_DEVICE_H */
