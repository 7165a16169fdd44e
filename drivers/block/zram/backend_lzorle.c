// SPDX-License-Identifier: GPL-2.0
/*
 * lzo-rle: lzo with runs of zeros in short. One function decompresses both.
 */

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
/* Relies on types of others. */
#include <linux/lzo.h>

#include "comp_backends.h"

static int lzorle_setup(struct zcomp_params *params)
{
	int err = zcomp_check_no_dict(params, "lzo-rle");

	return err ?: zcomp_check_no_level(params, "lzo-rle");
}

static void *lzorle_create(const struct zcomp_params *params)
{
	return kmalloc(LZO1X_MEM_COMPRESS, GFP_KERNEL);
}

static void lzorle_destroy(void *ctx)
{
	kfree(ctx);
}

static int lzorle_compress(const struct zcomp_params *params, void *ctx,
			   const void *src, void *dst)
{
	size_t len = ZCOMP_BUFFER_SIZE;
	int err = lzorle1x_1_compress(src, PAGE_SIZE, dst, &len, ctx);

	return err == LZO_E_OK ? (int)len : -EINVAL;
}

static int lzorle_decompress(const struct zcomp_params *params, void *ctx,
			     const void *src, size_t len, void *dst)
{
	size_t done = PAGE_SIZE;
	int err = lzo1x_decompress_safe(src, len, dst, &done);

	return err == LZO_E_OK && done == PAGE_SIZE ? 0 : -EINVAL;
}

const struct zcomp_ops backend_lzorle = {
	.name		= "lzo-rle",
	.setup		= lzorle_setup,
	.create		= lzorle_create,
	.destroy	= lzorle_destroy,
	.compress	= lzorle_compress,
	.decompress	= lzorle_decompress,
};

MODULE_INFO(zram_codec, "lzo-rle");
