// SPDX-License-Identifier: GPL-2.0
/*
 * deflate, as zlib does it. Memory of streams is given to them in advance: the
 * library never allocates.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/zlib.h>

#include "comp_backends.h"

/* A window of 2 KiB, and no header. Part of the handover format. */
#define DEFLATE_DEFAULT_WINBITS	(-11)

static s32 deflate_winbits(const struct zcomp_params *params)
{
	return params->winbits == ZCOMP_WINBITS_DEFAULT ?
	       DEFLATE_DEFAULT_WINBITS : params->winbits;
}

static int deflate_setup(struct zcomp_params *params)
{
	s32 winbits = deflate_winbits(params);
	int err;

	err = zcomp_check_no_dict(params, "deflate");
	if (!err)
		err = zcomp_check_level(params, "deflate",
					Z_DEFAULT_COMPRESSION,
					Z_BEST_COMPRESSION);
	if (err)
		return err;
	if ((winbits < 9 || winbits > 15) && (winbits < -15 || winbits > -9)) {
		pr_err("deflate: winbits %d is not allowed, use 9 to 15 or -15 to -9\n",
		       winbits);
		return -EINVAL;
	}
	return 0;
}

/**
 * struct deflate_context - stream with its workspace
 * @stream: zlib's part; what others know of it
 * @bytes: size of its workspace
 */
struct deflate_context {
	struct z_stream_s stream;
	size_t bytes;
};

static struct z_stream_s *deflate_alloc(size_t workspace)
{
	struct deflate_context *context = kzalloc_obj(*context);

	if (!context)
		return NULL;
	context->bytes = workspace;
	context->stream.workspace = vzalloc(workspace);
	if (context->stream.workspace)
		return &context->stream;
	kfree(context);
	return NULL;
}

/* The workspace has the window, which is the last page. */
static void deflate_free(void *ctx)
{
	struct z_stream_s *stream = ctx;
	struct deflate_context *context;

	if (!stream)
		return;
	context = container_of(stream, struct deflate_context, stream);
	kvfree_sensitive(stream->workspace, context->bytes);
	kfree(context);
}

static void *deflate_create(const struct zcomp_params *params)
{
	int level = params->level == ZCOMP_LEVEL_DEFAULT ?
		    Z_DEFAULT_COMPRESSION : params->level;
	s32 winbits = deflate_winbits(params);
	struct z_stream_s *stream;

	stream = deflate_alloc(zlib_deflate_workspacesize(winbits,
							  MAX_MEM_LEVEL));
	if (!stream)
		return NULL;
	if (zlib_deflateInit2(stream, level, Z_DEFLATED, winbits,
			      MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK)
		return stream;
	deflate_free(stream);
	return NULL;
}

static void *deflate_create_decomp(const struct zcomp_params *params)
{
	struct z_stream_s *stream = deflate_alloc(zlib_inflate_workspacesize());

	if (!stream)
		return NULL;
	if (zlib_inflateInit2(stream, deflate_winbits(params)) == Z_OK)
		return stream;
	deflate_free(stream);
	return NULL;
}

static int deflate_compress(const struct zcomp_params *params, void *ctx,
			    const void *src, void *dst)
{
	struct z_stream_s *stream = ctx;

	if (zlib_deflateReset(stream) != Z_OK)
		return -EINVAL;
	stream->next_in = src;
	stream->avail_in = PAGE_SIZE;
	stream->next_out = dst;
	stream->avail_out = ZCOMP_BUFFER_SIZE;
	if (zlib_deflate(stream, Z_FINISH) != Z_STREAM_END)
		return -EINVAL;
	return stream->total_out;
}

static int deflate_decompress(const struct zcomp_params *params, void *ctx,
			      const void *src, size_t len, void *dst)
{
	struct z_stream_s *stream = ctx;

	if (zlib_inflateReset(stream) != Z_OK)
		return -EINVAL;
	stream->next_in = src;
	stream->avail_in = len;
	stream->next_out = dst;
	stream->avail_out = PAGE_SIZE;
	if (zlib_inflate(stream, Z_SYNC_FLUSH) != Z_STREAM_END)
		return -EINVAL;
	return stream->total_out == PAGE_SIZE ? 0 : -EINVAL;
}

const struct zcomp_ops backend_deflate = {
	.name		= "deflate",
	.setup		= deflate_setup,
	.create		= deflate_create,
	.destroy	= deflate_free,
	.create_decomp	= deflate_create_decomp,
	.destroy_decomp	= deflate_free,
	.compress	= deflate_compress,
	.decompress	= deflate_decompress,
};

MODULE_INFO(zram_codec, "deflate");
