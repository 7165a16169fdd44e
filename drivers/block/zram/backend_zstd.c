// SPDX-License-Identifier: GPL-2.0
/*
 * zstd. All memory of contexts is given to them in advance, sized for one page:
 * the library allocates for dictionaries only.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>
#include <linux/zstd.h>

#include "comp_backends.h"

/**
 * struct zstd_derived - what follows from the parameters, for all CPUs
 * @params: of compression without a dictionary
 * @workspace: bytes that a compression context needs
 * @cdict: the dictionary, prepared for compression, or NULL
 * @ddict: the same for decompression
 */
struct zstd_derived {
	zstd_parameters params;
	size_t workspace;
	zstd_cdict *cdict;
	zstd_ddict *ddict;
};

struct zstd_compressor {
	size_t bytes;
	zstd_cctx *cctx;
	u8 workspace[] __aligned(8);
};

struct zstd_decompressor {
	size_t bytes;
	zstd_dctx *dctx;
	u8 workspace[] __aligned(8);
};

/* Only for dictionaries, when they are prepared. */
static void *zstd_alloc(void *opaque, size_t size)
{
	return kvmalloc(size, GFP_KERNEL);
}

static void zstd_free(void *opaque, void *mem)
{
	kvfree(mem);
}

static const zstd_custom_mem zstd_memory = { zstd_alloc, zstd_free, NULL };

static void zstd_free_derived(struct zstd_derived *derived)
{
	zstd_free_cdict(derived->cdict);
	zstd_free_ddict(derived->ddict);
	kfree(derived);
}

/*
 * Does a dictionary say that it is more than plain bytes? The library tells them
 * apart in the same way.
 */
static bool zstd_dict_has_format(const struct zcomp_params *params)
{
	return params->dict_len >= 8 &&
	       get_unaligned_le32(params->dict) == ZSTD_MAGIC_DICTIONARY;
}

/*
 * The library does not say why it fails. Plain bytes are of any size and contents:
 * with them it can only be for want of memory.
 */
static int zstd_setup_dict(const struct zcomp_params *params,
			   zstd_compression_parameters cparams,
			   struct zstd_derived *derived)
{
	derived->cdict = zstd_create_cdict_byreference(params->dict,
						       params->dict_len,
						       cparams, zstd_memory);
	derived->ddict = zstd_create_ddict_byreference(params->dict,
						       params->dict_len,
						       zstd_memory);
	if (derived->cdict && derived->ddict)
		return 0;
	if (!zstd_dict_has_format(params))
		return -ENOMEM;
	pr_err("zstd: cannot use the dictionary: it is damaged, or there is no memory\n");
	return -EINVAL;
}

static int zstd_setup(struct zcomp_params *params)
{
	zstd_compression_parameters cparams;
	struct zstd_derived *derived;
	s32 level = params->level;
	int err;

	err = zcomp_check_level(params, "zstd", zstd_min_clevel(),
				zstd_max_clevel());
	if (err)
		return err;
	if (level == ZCOMP_LEVEL_DEFAULT)
		level = zstd_default_clevel();

	derived = kzalloc_obj(*derived);
	if (!derived)
		return -ENOMEM;
	cparams = zstd_get_cparams(level, PAGE_SIZE, params->dict_len);
	derived->params = zstd_get_params(level, PAGE_SIZE);
	derived->workspace = zstd_cctx_workspace_bound(&cparams);
	if (params->dict)
		err = zstd_setup_dict(params, cparams, derived);
	if (err) {
		zstd_free_derived(derived);
		return err;
	}
	params->data = derived;
	return 0;
}

static void zstd_release(struct zcomp_params *params)
{
	zstd_free_derived(params->data);
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
	c->bytes = struct_size(c, workspace, size);
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
	d->bytes = struct_size(d, workspace, size);
	d->dctx = zstd_init_dctx(d->workspace, size);
	if (!d->dctx) {
		vfree(d);
		return NULL;
	}
	return d;
}

/* A workspace has parts of the last page. Its size comes first, in both. */
static void zstd_destroy(void *ctx)
{
	if (ctx)
		kvfree_sensitive(ctx, *(size_t *)ctx);
}

static int zstd_compress(const struct zcomp_params *params, void *ctx,
			 const void *src, void *dst)
{
	const struct zstd_derived *derived = params->data;
	struct zstd_compressor *c = ctx;
	size_t len;

	if (derived->cdict)
		len = zstd_compress_using_cdict(c->cctx, dst, ZCOMP_BUFFER_SIZE,
						src, PAGE_SIZE, derived->cdict);
	else
		len = zstd_compress_cctx(c->cctx, dst, ZCOMP_BUFFER_SIZE, src,
					 PAGE_SIZE, &derived->params);
	return zstd_is_error(len) ? -EINVAL : (int)len;
}

static int zstd_decompress(const struct zcomp_params *params, void *ctx,
			   const void *src, size_t len, void *dst)
{
	const struct zstd_derived *derived = params->data;
	struct zstd_decompressor *d = ctx;
	size_t done;

	if (derived->ddict)
		done = zstd_decompress_using_ddict(d->dctx, dst, PAGE_SIZE, src,
						   len, derived->ddict);
	else
		done = zstd_decompress_dctx(d->dctx, dst, PAGE_SIZE, src, len);
	/* An error is a number far beyond the size of a page. */
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

MODULE_INFO(zram_codec, "zstd");
