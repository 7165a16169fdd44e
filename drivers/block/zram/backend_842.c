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

/**
 * struct sw842_ctx - what it takes to compress
 * @page: copy of the page
 * @work: memory of the compressor
 *
 * A page that is written directly may change meanwhile. The compressor looks at
 * it several times, and at last for a checksum: what it makes of such a page
 * could never be read again. The others make some page of it, if not the one
 * that was meant. The copy takes a hundredth of the time that 842 does.
 */
struct sw842_ctx {
	u8 page[PAGE_SIZE];
	u8 work[SW842_MEM_COMPRESS] __aligned(ARCH_KMALLOC_MINALIGN);
};

static void *sw842_create(const struct zcomp_params *params)
{
	return kvmalloc_obj(struct sw842_ctx, GFP_KERNEL);
}

static void sw842_destroy(void *ctx)
{
	kvfree_sensitive(ctx, sizeof(struct sw842_ctx));
}

static void sw842_wipe(void *ctx)
{
	memset(ctx, 0, sizeof(struct sw842_ctx));
}

static int sw842_compress_page(const struct zcomp_params *params, void *ctx,
			       const void *src, void *dst)
{
	unsigned int len = ZCOMP_BUFFER_SIZE;
	struct sw842_ctx *sw842 = ctx;

	memcpy(sw842->page, src, PAGE_SIZE);
	if (sw842_compress(sw842->page, PAGE_SIZE, dst, &len, sw842->work))
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
