// SPDX-License-Identifier: GPL-2.0
/*
 * 842.
 */

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sw842.h>

#include "comp_backends.h"

static int sw842_setup(struct zcomp_params *params)
{
	int err = zcomp_check_no_dict(params, "842");

	return err ?: zcomp_check_no_level(params, "842");
}

static void *sw842_create(const struct zcomp_params *params)
{
	return kvmalloc(SW842_MEM_COMPRESS, GFP_KERNEL);
}

static void sw842_destroy(void *ctx)
{
	kvfree_sensitive(ctx, SW842_MEM_COMPRESS);
}

static void sw842_wipe(void *ctx)
{
	memset(ctx, 0, SW842_MEM_COMPRESS);
}

static int sw842_compress_page(const struct zcomp_params *params, void *ctx,
			       const void *src, void *dst)
{
	unsigned int len = ZCOMP_BUFFER_SIZE;

	if (sw842_compress(src, PAGE_SIZE, dst, &len, ctx))
		return -EINVAL;
	return len;
}

static int sw842_decompress_page(const struct zcomp_params *params, void *ctx,
				 const void *src, size_t len, void *dst)
{
	unsigned int done = PAGE_SIZE;

	if (sw842_decompress(src, len, dst, &done))
		return -EINVAL;
	return done == PAGE_SIZE ? 0 : -EINVAL;
}

const struct zcomp_ops backend_842 = {
	.name		= "842",
	.setup		= sw842_setup,
	.create		= sw842_create,
	.destroy	= sw842_destroy,
	.wipe		= sw842_wipe,
	.compress	= sw842_compress_page,
	.decompress	= sw842_decompress_page,
};

MODULE_INFO(zram_codec, "842");
