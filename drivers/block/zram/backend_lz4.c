// SPDX-License-Identifier: GPL-2.0
/*
 * lz4. The level is what lz4 calls acceleration: higher is faster and larger.
 *
 * With a dictionary, a stream that has read it is made once, and each page is
 * compressed with a copy of that.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/errno.h>
#include <linux/lz4.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "comp_backends.h"

/*
 * Where the reference implementation stops, too. The kernel's does not, and
 * multiplies by 64: a level of 2^26 makes it step by 0 and emit garbage.
 */
#define LZ4_LEVEL_EFFECTIVE_MAX	65537

static int lz4_setup_dict(struct zcomp_params *params)
{
	LZ4_stream_t *stream = kvzalloc_obj(*stream);

	if (!stream)
		return -ENOMEM;
	if (LZ4_loadDict(stream, params->dict, params->dict_len) !=
	    params->dict_len) {
		pr_err("lz4: the dictionary has %u bytes, use 8 to 65536\n",
		       params->dict_len);
		kvfree(stream);
		return -EINVAL;
	}
	params->data = stream;
	return 0;
}

static int lz4_setup(struct zcomp_params *params)
{
	int err = zcomp_check_level(params, "lz4", 1, S32_MAX);

	if (err || !params->dict)
		return err;
	return lz4_setup_dict(params);
}

static void lz4_release(struct zcomp_params *params)
{
	kvfree(params->data);
	params->data = NULL;
}

static void *lz4_create(const struct zcomp_params *params)
{
	return vmalloc(LZ4_MEM_COMPRESS);
}

static void lz4_destroy(void *ctx)
{
	vfree(ctx);
}

static int lz4_level(const struct zcomp_params *params)
{
	if (params->level == ZCOMP_LEVEL_DEFAULT)
		return LZ4_ACCELERATION_DEFAULT;
	return min(params->level, LZ4_LEVEL_EFFECTIVE_MAX);
}

static int lz4_compress(const struct zcomp_params *params, void *ctx,
			const void *src, void *dst)
{
	int level = lz4_level(params), len;

	if (params->data) {
		memcpy(ctx, params->data, sizeof(LZ4_stream_t));
		len = LZ4_compress_fast_continue(ctx, src, dst, PAGE_SIZE,
						 ZCOMP_BUFFER_SIZE, level);
	} else {
		len = LZ4_compress_fast(src, dst, PAGE_SIZE, ZCOMP_BUFFER_SIZE,
					level, ctx);
	}
	return len > 0 ? len : -EINVAL;
}

static int lz4_decompress(const struct zcomp_params *params, void *ctx,
			  const void *src, size_t len, void *dst)
{
	int done = LZ4_decompress_safe_usingDict(src, dst, len, PAGE_SIZE,
						 params->dict,
						 params->dict_len);

	return done == PAGE_SIZE ? 0 : -EINVAL;
}

const struct zcomp_ops backend_lz4 = {
	.name		= "lz4",
	.setup		= lz4_setup,
	.release	= lz4_release,
	.create		= lz4_create,
	.destroy	= lz4_destroy,
	.compress	= lz4_compress,
	.decompress	= lz4_decompress,
};

MODULE_INFO(zram_codec, "lz4");
