// SPDX-License-Identifier: GPL-2.0
/*
 * What a device is used for.
 */

#include <blkid/blkid.h>
#include <libmount/libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "mounts.h"
#include "root.h"

/* The tables are read once, so that all rows are of the same moment. */
static struct libmnt_table *mounts_mounts(void)
{
	static struct libmnt_table *table;
	struct path path = root_path("/proc/self/mountinfo");

	if (!table) {
		table = mnt_new_table();
		if (table)
			mnt_table_parse_file(table, path.s);
	}
	return table;
}

static struct libmnt_table *mounts_swaps(void)
{
	static struct libmnt_table *table;
	struct path path = root_path("/proc/swaps");

	if (!table) {
		table = mnt_new_table();
		if (table)
			mnt_table_parse_swaps(table, path.s);
	}
	return table;
}

/*
 * The source may be any link to the node, and btrfs shows a number of its own:
 * one of the two is right.
 */
static bool mounts_match(struct libmnt_fs *fs, struct device *dev)
{
	const char *source = mnt_fs_get_source(fs);
	const char *text = device_text(dev, "dev");
	unsigned int major, minor;

	if (source && !strcmp(source, dev->name))
		return true;
	return text && sscanf(text, "%u:%u", &major, &minor) == 2 &&
	       mnt_fs_get_devno(fs) == makedev(major, minor);
}

static struct libmnt_fs *mounts_find(struct libmnt_table *table,
				     struct device *dev)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs, *found = NULL;

	while (!found && mnt_table_next_fs(table, iter, &fs) == 0)
		if (mounts_match(fs, dev))
			found = fs;
	mnt_free_iter(iter);
	return found;
}

/**
 * mounts_is_swap() - is a device used as swap
 * @dev: device
 *
 * Return: true if so.
 */
bool mounts_is_swap(struct device *dev)
{
	return mounts_find(mounts_swaps(), dev);
}

/**
 * mounts_of() - where a device is mounted
 * @dev: device
 *
 * Return: path of the first place, or "[SWAP]"; to be freed. NULL if it is not
 * mounted.
 */
char *mounts_of(struct device *dev)
{
	struct libmnt_fs *fs = mounts_find(mounts_mounts(), dev);

	if (fs && mnt_fs_get_target(fs))
		return strdup(mnt_fs_get_target(fs));
	return mounts_is_swap(dev) ? strdup("[SWAP]") : NULL;
}

/**
 * contents_type() - what kind of file system, or other contents, a device has
 * @dev: device
 *
 * Return: its name as blkid(8) says it, to be freed. NULL if there is none, or
 * the device cannot be read.
 */
char *contents_type(struct device *dev)
{
	struct path path = root_path("%s", dev->name);
	blkid_probe probe = blkid_new_probe_from_filename(path.s);
	const char *value;
	char *type = NULL;

	if (!probe)
		return NULL;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE);
	if (blkid_do_safeprobe(probe) == 0 &&
	    blkid_probe_lookup_value(probe, "TYPE", &value, NULL) == 0)
		type = strdup(value);
	blkid_free_probe(probe);
	return type;
}
