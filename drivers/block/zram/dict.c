// SPDX-License-Identifier: GPL-2.0
/*
 * Dictionaries of codecs: read from a file, kept in the pool.
 *
 * A codec uses a copy that is contiguous, which is not what the next kernel
 * gets: that finds pages of the pool, and makes its own copy. They are written
 * when the device gets its disksize, so that switching persistence on later
 * needs no memory and no file.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/err.h>
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "dict.h"
#include "zram.h"

/**
 * zram_dict_read() - read a dictionary from a file
 * @path: of the file
 * @params: where to put it; has none
 *
 * Context: Process context. Sleeps.
 * Return: 0, -EINVAL for an empty file, or an errno of the file system.
 */
int zram_dict_read(const char *path, struct zcomp_params *params)
{
	void *dict = NULL;
	ssize_t len;

	len = kernel_read_file_from_path(path, 0, &dict, INT_MAX, NULL,
					 READING_POLICY);
	if (len < 0) {
		pr_err("cannot read the dictionary %s: %pe\n", path,
		       ERR_PTR(len));
		return len;
	}
	if (!len) {
		pr_err("the dictionary %s is an empty file\n", path);
		vfree(dict);
		return -EINVAL;
	}
	params->dict = dict;
	params->dict_len = len;
	return 0;
}

/**
 * zram_params_reset() - forget the parameters of a codec
 * @params: of a codec that is not in use
 *
 * Context: Process context. Sleeps.
 */
void zram_params_reset(struct zcomp_params *params)
{
	vfree(params->dict);
	*params = (struct zcomp_params){
		.level = ZCOMP_LEVEL_DEFAULT,
		.winbits = ZCOMP_WINBITS_DEFAULT,
	};
}

/* Puts the dictionary of one codec into the pool. */
static int zram_dict_store_one(struct zram *zram, unsigned int codec)
{
	const struct zcomp_params *params = &zram->params[codec];
	u64 *link = &zram->dicts[codec];
	struct zram_persist_dict *page;
	u32 at, len;
	int err;

	for (at = 0; at < params->dict_len; at += len) {
		err = zsp_alloc_table(zram->pool, ZRAM_PERSIST_LEVEL_DICT,
				      GFP_KERNEL | __GFP_NOWARN, link);
		if (err) {
			*link = 0;
			return err;
		}
		page = zsp_location_to_virt(*link);
		page->magic = ZRAM_PERSIST_DICT_MAGIC;
		len = min(params->dict_len - at, sizeof(page->data));
		memcpy(page->data, params->dict + at, len);
		link = &page->next;
	}
	return 0;
}

/**
 * zram_dict_store() - put the dictionaries of all codecs into the pool
 * @zram: device with a new pool
 *
 * Context: Process context, dev_lock held for write. Sleeps.
 * Return: 0 or -ENOMEM; the pool frees what there is in it.
 */
int zram_dict_store(struct zram *zram)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ZRAM_MAX_COMPS && !err; i++)
		if (zram->comps[i])
			err = zram_dict_store_one(zram, i);
	return err;
}

/**
 * zram_dict_load() - take over the dictionary of a codec
 * @zram: device that is being attached
 * @codec: number of the codec
 * @from: what the superblock says of it; has been validated
 *
 * Context: Process context. Sleeps.
 * Return: 0 or -ENOMEM.
 */
int zram_dict_load(struct zram *zram, unsigned int codec,
		   const struct zram_persist_codec *from)
{
	struct zcomp_params *params = &zram->params[codec];
	const struct zram_persist_dict *page;
	u64 location = from->dict;
	u32 at, len;

	zram->dicts[codec] = location;
	if (!location)
		return 0;
	params->dict = vmalloc(from->dict_len);
	if (!params->dict)
		return -ENOMEM;
	params->dict_len = from->dict_len;
	for (at = 0; at < params->dict_len; at += len) {
		page = zsp_location_to_virt(location);
		len = min(params->dict_len - at, sizeof(page->data));
		memcpy(params->dict + at, page->data, len);
		location = page->next;
	}
	return 0;
}
