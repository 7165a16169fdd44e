// SPDX-License-Identifier: GPL-2.0
/*
 * lz4. The level is what lz4 calls acceleration: higher is faster and larger.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/errno.h>
#include <linux/lz4.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/vmalloc.h>

#include "comp_backends.h"

/*
 * Where the reference implementation stops, too. The kernel's does not, and
 * multiplies by 64: a level of 2^26 makes it step by 0 and emit garbage.
 */
#define LZ4_LEVEL_EFFECTIVE_MAX	65537

static int lz4_setup(struct zcomp_params *params)
{
	if (params->level == ZCOMP_LEVEL_DEFAULT || params->level >= 1)
		return 0;
	pr_err("lz4: level %d is not allowed, use 1 or more\n", params->level);
	return -EINVAL;
}

static void lz4_release(struct zcomp_params *params)
{
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
	int len = LZ4_compress_fast(src, dst, PAGE_SIZE, ZCOMP_BUFFER_SIZE,
				    lz4_level(params), ctx);

	return len > 0 ? len : -EINVAL;
}

static int lz4_decompress(const struct zcomp_params *params, void *ctx,
			  const void *src, size_t len, void *dst)
{
	int done = LZ4_decompress_safe(src, dst, len, PAGE_SIZE);

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
