// SPDX-License-Identifier: GPL-2.0
/*
 * Devices as sysfs shows them.
 *
 * A device can go away, and another of the same number can come, at any moment.
 * So a device is its folder, opened once: when it goes away its attributes
 * cannot be read any more, and those of another are never taken for its own.
 */

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "root.h"

#define HELD_PREFIX	"held-"

static int device_open_dir(struct device *dev, const struct path *path)
{
	dev->nr_attrs = 0;
	dev->lock = -1;
	dev->dir = open(path->s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dev->dir >= 0)
		return 0;
	return errno == ENOENT || errno == ENOTDIR ? -ENODEV : -errno;
}

/**
 * device_open_index() - look at a device
 * @dev: gets it
 * @index: its number
 *
 * Return: 0, or -ENODEV if there is none such.
 */
int device_open_index(struct device *dev, unsigned int index)
{
	struct path path = root_path("/sys/block/zram%u", index);

	dev->index = index;
	dev->held = false;
	snprintf(dev->name, sizeof(dev->name), "/dev/zram%u", index);
	return device_open_dir(dev, &path);
}

/* The number in "zram0", or an error for anything else: zram00 is no device. */
static int device_index_of(const char *name, unsigned int *index)
{
	unsigned long number;
	char *end;

	if (strncmp(name, "zram", 4) || !isdigit((unsigned char)name[4]) ||
	    (name[4] == '0' && name[5]))
		return -ENODEV;
	errno = 0;
	number = strtoul(name + 4, &end, 10);
	if (*end || errno || number > INT_MAX)
		return -ENODEV;
	*index = number;
	return 0;
}

/* One that is not there has the name that it was given, as in util-linux. */
static int device_open_named(struct device *dev, const char *spec,
			     unsigned int index)
{
	int error = device_open_index(dev, index);

	if (error)
		snprintf(dev->name, sizeof(dev->name), "%s", spec);
	return error;
}

/**
 * device_open() - look at a device that a user has named
 * @dev: gets it; its name is set in any case
 * @spec: /dev/zramN, zramN, or a link to such a node like those of udev
 *
 * Return: 0, or -ENODEV if there is none such.
 */
int device_open(struct device *dev, const char *spec)
{
	const char *name = spec, *slash;
	char node[PATH_MAX];
	struct path path;
	unsigned int index;

	snprintf(dev->name, sizeof(dev->name), "%s", spec);
	dev->dir = -1;
	dev->lock = -1;
	dev->nr_attrs = 0;
	if (!strncmp(spec, "/dev/", 5))
		name += 5;
	if (!device_index_of(name, &index))
		return device_open_named(dev, spec, index);
	if (*spec != '/')
		return -ENODEV;
	path = root_path("%s", spec);
	if (!realpath(path.s, node))
		return -ENODEV;
	slash = strrchr(node, '/');
	if (slash - node < 4 || strncmp(slash - 4, "/dev", 4) ||
	    device_index_of(slash + 1, &index))
		return -ENODEV;
	return device_open_named(dev, spec, index);
}

static int device_open_held(struct device *dev, const char *name)
{
	struct path path = root_path("/sys/class/zram-control/%s", name);

	dev->index = 0;
	dev->held = true;
	snprintf(dev->name, sizeof(dev->name), "%s", name);
	return device_open_dir(dev, &path);
}

/**
 * device_refresh() - read attributes anew when they are asked for
 * @dev: device
 */
void device_refresh(struct device *dev)
{
	while (dev->nr_attrs)
		free(dev->attrs[--dev->nr_attrs].text);
}

/**
 * device_close() - be done with a device
 * @dev: device
 */
void device_close(struct device *dev)
{
	device_refresh(dev);
	if (dev->lock >= 0)
		close(dev->lock);
	if (dev->dir >= 0)
		close(dev->dir);
	dev->lock = -1;
	dev->dir = -1;
}

/**
 * device_gone() - has it been removed since it was opened
 * @dev: device
 *
 * Return: true if so.
 */
bool device_gone(const struct device *dev)
{
	return faccessat(dev->dir, dev->held ? "uuid" : "disksize", F_OK, 0) &&
	       faccessat(dev->dir, "initstate", F_OK, 0);
}

static struct device_attr *device_attr(struct device *dev, const char *name)
{
	struct device_attr *attr;
	char text[ATTR_SIZE];
	unsigned int i;

	for (i = 0; i < dev->nr_attrs; i++)
		if (!strcmp(dev->attrs[i].name, name))
			return &dev->attrs[i];
	if (dev->nr_attrs == DEVICE_ATTRS)
		errx(EXIT_FAILURE, "%s: too many attributes", dev->name);
	attr = &dev->attrs[dev->nr_attrs++];
	attr->name = name;
	attr->text = NULL;
	attr->error = text_at(dev->dir, name, text, sizeof(text));
	if (!attr->error) {
		attr->text = strdup(text);
		if (!attr->text)
			err(EXIT_FAILURE, "out of memory");
	}
	return attr;
}

/**
 * device_text() - what an attribute says
 * @dev: device
 * @attr: name of the attribute, a literal
 *
 * Return: text without the newline at its end, valid as long as @dev is open
 * and nothing is written to it; NULL if it cannot be read.
 */
const char *device_text(struct device *dev, const char *attr)
{
	return device_attr(dev, attr)->text;
}

/**
 * device_error() - why an attribute cannot be read
 * @dev: device
 * @attr: name of the attribute, a literal
 *
 * Return: 0 if it can, or a negative error number.
 */
int device_error(struct device *dev, const char *attr)
{
	return device_attr(dev, attr)->error;
}

/**
 * device_number() - number that an attribute says
 * @dev: device
 * @attr: name of the attribute, a literal
 * @number: gets it
 *
 * Return: 0 or a negative error number; -EINVAL if it is no number.
 */
int device_number(struct device *dev, const char *attr, uint64_t *number)
{
	const char *text = device_text(dev, attr);

	return text ? number_of(text, number) : device_error(dev, attr);
}

/**
 * device_field() - one of the numbers that an attribute says
 * @dev: device
 * @attr: name of the attribute, a literal
 * @field: which, from 0 on
 * @number: gets it
 *
 * Return: 0 or a negative error number; -ENODATA if there are not so many, and
 * -EINVAL if one up to there is no number.
 */
int device_field(struct device *dev, const char *attr, unsigned int field,
		 uint64_t *number)
{
	const char *text = device_text(dev, attr);
	char *end;

	if (!text)
		return device_error(dev, attr);
	do {
		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			return -ENODATA;
		if (!isdigit((unsigned char)*text))
			return -EINVAL;
		errno = 0;
		*number = strtoull(text, &end, 10);
		if (errno || (*end && !isspace((unsigned char)*end)))
			return -EINVAL;
		text = end;
	} while (field--);
	return 0;
}

/**
 * device_line() - find a line "key value" in an attribute
 * @dev: device
 * @attr: name of the attribute, a literal
 * @key: first word of the line
 * @value: gets the rest of it
 * @size: bytes of @value
 *
 * Return: 0 or a negative error number; -ENODATA if there is no such line.
 */
int device_line(struct device *dev, const char *attr, const char *key,
		char *value, size_t size)
{
	const char *text = device_text(dev, attr);
	size_t len = strlen(key);

	if (!text)
		return device_error(dev, attr);
	while (text) {
		if (!strncmp(text, key, len) && text[len] == ' ') {
			text += len + 1;
			snprintf(value, size, "%.*s",
				 (int)strcspn(text, "\n"), text);
			return 0;
		}
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return -ENODATA;
}

/**
 * device_line_number() - find a line "key number" in an attribute
 * @dev: device
 * @attr: name of the attribute, a literal
 * @key: first word of the line
 * @number: gets the number
 *
 * Return: 0 or a negative error number; -ENODATA if there is no such line.
 */
int device_line_number(struct device *dev, const char *attr, const char *key,
		       uint64_t *number)
{
	char value[32];
	int error = device_line(dev, attr, key, value, sizeof(value));

	return error ? error : number_of(value, number);
}

/**
 * device_codec() - the codec that a device writes with
 * @dev: device
 * @codec: gets its name
 * @size: bytes of @codec
 *
 * Return: 0 or a negative error number; -ENODATA if none is marked.
 */
int device_codec(struct device *dev, char *codec, size_t size)
{
	const char *text = device_text(dev, "comp_algorithm");
	const char *end;

	if (!text)
		return device_error(dev, "comp_algorithm");
	text = strchr(text, '[');
	end = text ? strchr(text, ']') : NULL;
	if (!end)
		return -ENODATA;
	snprintf(codec, size, "%.*s", (int)(end - text - 1), text + 1);
	return 0;
}

/**
 * device_set() - write an attribute
 * @dev: device
 * @attr: name of the attribute
 * @value: text
 *
 * What was read before is read anew when it is asked for.
 *
 * Return: 0 or a negative error number; -ENODEV if the device is gone.
 */
int device_set(struct device *dev, const char *attr, const char *value)
{
	int error = write_at(dev->dir, attr, value);

	device_refresh(dev);
	return error == -ENOENT && device_gone(dev) ? -ENODEV : error;
}

/**
 * device_can_persist() - is it one of a driver that knows of persistence
 * @dev: device
 *
 * Return: true if so.
 */
bool device_can_persist(struct device *dev)
{
	return device_error(dev, "persist_state") != -ENOENT;
}

static int device_compare(const void *a, const void *b)
{
	unsigned int x, y;

	if (device_index_of(a, &x) || device_index_of(b, &y))
		return strcmp(a, b);
	return x < y ? -1 : x > y;
}

static void devices_add(struct device_list *list, const char *name)
{
	list->names = reallocarray(list->names, list->nr + 1,
				   sizeof(*list->names));
	if (!list->names)
		err(EXIT_FAILURE, "out of memory");
	snprintf(list->names[list->nr++], sizeof(*list->names), "%s", name);
}

/**
 * devices_list() - find all devices
 * @list: gets them, ordered by number
 * @held: those that are held, instead of those that have a node
 *
 * Return: 0, or a negative error number if sysfs cannot be read. No driver is
 * no device, and no error.
 */
int devices_list(struct device_list *list, bool held)
{
	struct path path = root_path(held ? "/sys/class/zram-control" :
					    "/sys/block");
	const struct dirent *entry;
	unsigned int index;
	DIR *dir = opendir(path.s);

	list->held = held;
	list->nr = 0;
	list->names = NULL;
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(dir)))
		if (held ? !strncmp(entry->d_name, HELD_PREFIX,
				    strlen(HELD_PREFIX)) :
			   !device_index_of(entry->d_name, &index))
			devices_add(list, entry->d_name);
	closedir(dir);
	if (list->nr)
		qsort(list->names, list->nr, sizeof(*list->names),
		      device_compare);
	return 0;
}

/**
 * devices_open() - look at a device of a list
 * @dev: gets it
 * @list: list
 * @i: which, below &device_list.nr
 *
 * Return: 0, or -ENODEV if it has vanished meanwhile, or another negative error
 * number.
 */
int devices_open(struct device *dev, const struct device_list *list, size_t i)
{
	unsigned int index;

	if (list->held)
		return device_open_held(dev, list->names[i]);
	if (device_index_of(list->names[i], &index))
		return -ENODEV;
	return device_open_index(dev, index);
}

/**
 * devices_free() - be done with a list
 * @list: devices
 */
void devices_free(struct device_list *list)
{
	free(list->names);
	list->names = NULL;
	list->nr = 0;
}
