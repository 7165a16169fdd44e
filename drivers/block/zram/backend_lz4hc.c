// SPDX-License-Identifier: GPL-2.0
/*
 * lz4hc: what lz4 decompresses, made with more effort.
 *
 * With a dictionary, a stream that has read it is made once, and each page is
 * compressed with a copy of that: to read 64 KiB anew takes far longer.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/errno.h>
#include <linux/lz4.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "comp_backends.h"

static int lz4hc_level(const struct zcomp_params *params)
{
	if (params->level == ZCOMP_LEVEL_DEFAULT)
		return LZ4HC_DEFAULT_CLEVEL;
	return params->level;
}

static int lz4hc_setup_dict(struct zcomp_params *params)
{
	void *stream = kvzalloc(LZ4HC_MEM_COMPRESS, GFP_KERNEL);

	if (!stream)
		return -ENOMEM;
	LZ4_resetStreamHC(stream, lz4hc_level(params));
	if (LZ4_loadDictHC(stream, params->dict, params->dict_len) !=
	    params->dict_len) {
		pr_err("lz4hc: the dictionary has %u bytes, use 65536 or less\n",
		       params->dict_len);
		kvfree(stream);
		return -EINVAL;
	}
	params->data = stream;
	return 0;
}

static int lz4hc_setup(struct zcomp_params *params)
{
	int err = zcomp_check_level(params, "lz4hc", 1, LZ4HC_MAX_CLEVEL);

	if (err || !params->dict)
		return err;
	return lz4hc_setup_dict(params);
}

static void lz4hc_release(struct zcomp_params *params)
{
	kvfree(params->data);
	params->data = NULL;
}

static void *lz4hc_create(const struct zcomp_params *params)
{
	return vmalloc(LZ4HC_MEM_COMPRESS);
}

static void lz4hc_destroy(void *ctx)
{
	vfree(ctx);
}

static int lz4hc_compress(const struct zcomp_params *params, void *ctx,
			  const void *src, void *dst)
{
	int len;

	if (params->data) {
		memcpy(ctx, params->data, LZ4HC_MEM_COMPRESS);
		len = LZ4_compress_HC_continue(ctx, src, dst, PAGE_SIZE,
					       ZCOMP_BUFFER_SIZE);
	} else {
		len = LZ4_compress_HC(src, dst, PAGE_SIZE, ZCOMP_BUFFER_SIZE,
				      lz4hc_level(params), ctx);
	}
	return len > 0 ? len : -EINVAL;
}

static int lz4hc_decompress(const struct zcomp_params *params, void *ctx,
			    const void *src, size_t len, void *dst)
{
	int done = LZ4_decompress_safe_usingDict(src, dst, len, PAGE_SIZE,
						 params->dict,
						 params->dict_len);

	return done == PAGE_SIZE ? 0 : -EINVAL;
}

const struct zcomp_ops backend_lz4hc = {
	.name		= "lz4hc",
	.setup		= lz4hc_setup,
	.release	= lz4hc_release,
	.create		= lz4hc_create,
	.destroy	= lz4hc_destroy,
	.compress	= lz4hc_compress,
	.decompress	= lz4hc_decompress,
};

MODULE_INFO(zram_codec, "lz4hc");
