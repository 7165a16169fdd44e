// SPDX-License-Identifier: GPL-2.0
/*
 * A codec alone: the limit of what any driver can reach with it. Called as the
 * backends of the kernel's zram call it, with the same parameters.
 */

#include <linux/lz4.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/zstd.h>

#include "bench.h"
#include "clock.h"

/* What does not compress may become longer. */
#define OUT_BYTES	(2 * PAGE_SIZE)

struct codec {
	const char *name;
	int (*setup)(void);
	size_t (*compress)(const void *src, void *dst);
	size_t (*decompress)(const void *src, size_t len, void *dst);
};

/* Memory of the codec in use. */
static void *compress_mem, *decompress_mem;
static zstd_parameters zstd_params;
static zstd_cctx *cctx;
static zstd_dctx *dctx;

static int setup_lz4(void)
{
	compress_mem = vmalloc(LZ4_MEM_COMPRESS);
	return compress_mem ? 0 : -ENOMEM;
}

static size_t compress_lz4(const void *src, void *dst)
{
	return LZ4_compress_fast(src, dst, PAGE_SIZE, OUT_BYTES,
				 LZ4_ACCELERATION_DEFAULT, compress_mem);
}

static size_t decompress_lz4(const void *src, size_t len, void *dst)
{
	return LZ4_decompress_safe(src, dst, len, PAGE_SIZE);
}

static int setup_zstd(void)
{
	int level = zstd_default_clevel();
	zstd_compression_parameters cparams;
	size_t size;

	cparams = zstd_get_cparams(level, PAGE_SIZE, 0);
	zstd_params = zstd_get_params(level, PAGE_SIZE);
	size = zstd_cctx_workspace_bound(&cparams);
	compress_mem = vmalloc(size);
	decompress_mem = vmalloc(zstd_dctx_workspace_bound());
	if (!compress_mem || !decompress_mem)
		return -ENOMEM;
	cctx = zstd_init_cctx(compress_mem, size);
	dctx = zstd_init_dctx(decompress_mem, zstd_dctx_workspace_bound());
	return cctx && dctx ? 0 : -EINVAL;
}

static size_t compress_zstd(const void *src, void *dst)
{
	return zstd_compress_cctx(cctx, dst, OUT_BYTES, src, PAGE_SIZE,
				  &zstd_params);
}

static size_t decompress_zstd(const void *src, size_t len, void *dst)
{
	return zstd_decompress_dctx(dctx, dst, PAGE_SIZE, src, len);
}

static const struct codec codecs[] = {
	{ "lz4", setup_lz4, compress_lz4, decompress_lz4 },
	{ "zstd", setup_zstd, compress_zstd, decompress_zstd },
};

static int compress_batch(const struct codec *codec, u32 at, u32 count,
			  void *out, size_t *lens)
{
	u32 i;

	for (i = 0; i < count; i++) {
		lens[i] = codec->compress(bench_data_page(at + i),
					  out + i * OUT_BYTES);
		if (!lens[i] || lens[i] > OUT_BYTES)
			return -EINVAL;
	}
	return 0;
}

static int decompress_batch(const struct codec *codec, u32 count,
			    const void *out, const size_t *lens, void *in)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (codec->decompress(out + i * OUT_BYTES, lens[i],
				      in + i * PAGE_SIZE) != PAGE_SIZE)
			return -EILSEQ;
	}
	return 0;
}

/* Turn by turn, so that no memory is needed for all that is compressed. */
static int run_codec(const struct codec *codec, void *out, void *in,
		     struct bench_result *result)
{
	u32 at, i, count, pages = bench_data_pages();
	size_t lens[BENCH_BATCH];
	u64 start, middle;
	int err = 0;

	for (at = 0; at < pages && !err; at += count) {
		count = min(pages - at, BENCH_BATCH);
		start = bench_now();
		err = compress_batch(codec, at, count, out, lens);
		if (err)
			break;
		middle = bench_now();
		err = decompress_batch(codec, count, out, lens, in);
		result->ns2 += bench_now() - middle;
		result->ns += middle - start;
		for (i = 0; i < count; i++)
			result->bytes += lens[i];
	}
	result->pages = pages;
	return err;
}

/**
 * bench_codec() - compress and decompress the data set
 * @name: of the codec
 * @result: pages, time to compress (ns) and decompress (ns2), compressed bytes
 *
 * Context: Process context, may sleep.
 * Return: 0 or an error.
 */
int bench_codec(const char *name, struct bench_result *result)
{
	const struct codec *codec = NULL;
	void *out, *in;
	int i, err;

	for (i = 0; i < ARRAY_SIZE(codecs); i++) {
		if (!strcmp(codecs[i].name, name))
			codec = &codecs[i];
	}
	if (!codec)
		return -EINVAL;
	out = vmalloc(BENCH_BATCH * OUT_BYTES);
	in = vmalloc(BENCH_BATCH * PAGE_SIZE);
	err = codec->setup();
	if (!out || !in)
		err = -ENOMEM;
	if (!err)
		err = run_codec(codec, out, in, result);
	vfree(decompress_mem);
	vfree(compress_mem);
	decompress_mem = NULL;
	compress_mem = NULL;
	vfree(in);
	vfree(out);
	return err;
}
