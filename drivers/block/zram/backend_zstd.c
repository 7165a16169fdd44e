// SPDX-License-Identifier: GPL-2.0
/*
 * zstd. All its memory is given to it in advance, sized for one page: the
 * library never allocates.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/zstd.h>

#include "comp_backends.h"

/* What follows from the level, for all CPUs. */
struct zstd_derived {
	zstd_parameters params;
	size_t workspace;
};

struct zstd_compressor {
	zstd_cctx *cctx;
	u8 workspace[] __aligned(8);
};

struct zstd_decompressor {
	zstd_dctx *dctx;
	u8 workspace[] __aligned(8);
};

static int zstd_setup(struct zcomp_params *params)
{
	zstd_compression_parameters cparams;
	struct zstd_derived *derived;
	s32 level = params->level;

	if (level == ZCOMP_LEVEL_DEFAULT)
		level = zstd_default_clevel();
	if (level < zstd_min_clevel() || level > zstd_max_clevel()) {
		pr_err("zstd: level %d is not allowed, use %d to %d\n", level,
		       zstd_min_clevel(), zstd_max_clevel());
		return -EINVAL;
	}

	derived = kmalloc_obj(*derived);
	if (!derived)
		return -ENOMEM;
	cparams = zstd_get_cparams(level, PAGE_SIZE, 0);
	derived->params = zstd_get_params(level, PAGE_SIZE);
	derived->workspace = zstd_cctx_workspace_bound(&cparams);
	params->data = derived;
	return 0;
}

static void zstd_release(struct zcomp_params *params)
{
	kfree(params->data);
	params->data = NULL;
}

static void *zstd_create(const struct zcomp_params *params)
{
	const struct zstd_derived *derived = params->data;
	size_t size = derived->workspace;
	struct zstd_compressor *c;

	c = vmalloc(struct_size(c, workspace, size));
	if (!c)
		return NULL;
	c->cctx = zstd_init_cctx(c->workspace, size);
	if (!c->cctx) {
		vfree(c);
		return NULL;
	}
	return c;
}

static void *zstd_create_decomp(const struct zcomp_params *params)
{
	size_t size = zstd_dctx_workspace_bound();
	struct zstd_decompressor *d;

	d = vmalloc(struct_size(d, workspace, size));
	if (!d)
		return NULL;
	d->dctx = zstd_init_dctx(d->workspace, size);
	if (!d->dctx) {
		vfree(d);
		return NULL;
	}
	return d;
}

static void zstd_destroy(void *ctx)
{
	vfree(ctx);
}

static int zstd_compress(const struct zcomp_params *params, void *ctx,
			 const void *src, void *dst)
{
	const struct zstd_derived *derived = params->data;
	struct zstd_compressor *c = ctx;
	size_t len;

	len = zstd_compress_cctx(c->cctx, dst, ZCOMP_BUFFER_SIZE, src,
				 PAGE_SIZE, &derived->params);
	return zstd_is_error(len) ? -EINVAL : (int)len;
}

static int zstd_decompress(const struct zcomp_params *params, void *ctx,
			   const void *src, size_t len, void *dst)
{
	struct zstd_decompressor *d = ctx;
	size_t done;

	/* An error is a number far beyond the size of a page. */
	done = zstd_decompress_dctx(d->dctx, dst, PAGE_SIZE, src, len);
	return done == PAGE_SIZE ? 0 : -EINVAL;
}

const struct zcomp_ops backend_zstd = {
	.name		= "zstd",
	.setup		= zstd_setup,
	.release	= zstd_release,
	.create		= zstd_create,
	.destroy	= zstd_destroy,
	.create_decomp	= zstd_create_decomp,
	.destroy_decomp	= zstd_destroy,
	.compress	= zstd_compress,
	.decompress	= zstd_decompress,
};
