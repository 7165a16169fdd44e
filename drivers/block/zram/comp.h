/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Codecs: one table of operations per algorithm, and per-CPU streams.
 */
#ifndef _ZRAM_COMP_H_
#define _ZRAM_COMP_H_

#include <linux/local_lock.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/types.h>

/* Not a level of any codec; the same number as in the handover format. */
#define ZCOMP_LEVEL_DEFAULT	S32_MIN
#define ZCOMP_WINBITS_DEFAULT	S32_MIN

/* Twice a page, so that no codec runs out of room on incompressible data. */
#define ZCOMP_BUFFER_SIZE	(2 * PAGE_SIZE)

/**
 * struct zcomp_params - what the user set for one codec of one device
 * @level: compression level, or %ZCOMP_LEVEL_DEFAULT
 * @winbits: of deflate: logarithm of the window, negative for a stream without
 *	header; or %ZCOMP_WINBITS_DEFAULT
 * @dict: dictionary, or NULL; stays where it is while the codec is in use
 * @dict_len: bytes of @dict
 * @data: of the codec: whatever its @setup derived from the above; immutable
 *	and shared by all CPUs while the codec is in use
 */
struct zcomp_params {
	s32 level;
	s32 winbits;
	void *dict;
	u32 dict_len;
	void *data;
};

/**
 * struct zcomp_ops - one algorithm
 * @name: as in comp_algorithm
 * @setup: check @params and derive @params->data. May sleep. Returns 0,
 *	EINVAL for a level out of range, EOPNOTSUPP for a parameter that the
 *	algorithm does not have, ENOMEM.
 * @release: undo @setup; NULL if there is nothing to undo
 * @create: make one compression context. May sleep. NULL for ENOMEM.
 * @destroy: undo @create; accepts NULL
 * @wipe: zero what a context has of pages; NULL operation if it has nothing, or
 *	cannot be used without
 * @create_decomp: make one decompression context, as @create; NULL operation
 *	if the algorithm decompresses without
 * @destroy_decomp: undo @create_decomp; accepts NULL. NULL operation if
 *	@create_decomp is.
 * @compress: compress the page at @src (PAGE_SIZE bytes) into @dst, which has
 *	room for %ZCOMP_BUFFER_SIZE bytes. May be preempted, does not sleep.
 *	Returns the bytes written, or an errno.
 * @decompress: decompress @len bytes at @src into the page at @dst. Called
 *	with a spinlock held: does not sleep and allocates nothing. Returns 0,
 *	or EINVAL if the input is not one page of this algorithm.
 */
struct zcomp_ops {
	const char *name;
	int (*setup)(struct zcomp_params *params);
	void (*release)(struct zcomp_params *params);
	void *(*create)(const struct zcomp_params *params);
	void (*destroy)(void *ctx);
	void (*wipe)(void *ctx);
	void *(*create_decomp)(const struct zcomp_params *params);
	void (*destroy_decomp)(void *ctx);
	int (*compress)(const struct zcomp_params *params, void *ctx,
			const void *src, void *dst);
	int (*decompress)(const struct zcomp_params *params, void *ctx,
			  const void *src, size_t len, void *dst);
};

/**
 * struct zcomp_stream - what one CPU needs to compress and to decompress
 * @lock: held while the stream is in use for compression. Protects @ctx, @page
 *	and @buffer, also against the CPU going offline.
 * @ctx: compression context, or NULL while the CPU is offline
 * @page: copy of the page that is being compressed, if there has to be one
 * @buffer: %ZCOMP_BUFFER_SIZE bytes for the result, or NULL while the CPU is
 *	offline
 * @decomp_lock: held while this CPU decompresses; protects what @decomp
 *	points to. @decomp itself changes only while the CPU is offline.
 * @decomp: decompression context, or NULL if the codec needs none
 */
struct zcomp_stream {
	struct mutex lock;	/* of ctx, page and buffer */
	void *ctx;
	void *page;
	void *buffer;
	local_lock_t decomp_lock;
	void *decomp;
};

/**
 * struct zcomp - a codec in use by a device
 * @ops: algorithm
 * @params: parameters, owned by the device
 * @streams: one per CPU
 * @node: registration for CPU hotplug
 */
struct zcomp {
	const struct zcomp_ops *ops;
	struct zcomp_params *params;
	struct zcomp_stream __percpu *streams;
	struct hlist_node node;
};

int zcomp_init(void);
void zcomp_exit(void);
const char *zcomp_lookup(const char *name);
const char *zcomp_default(void);
ssize_t zcomp_show(const char *selected, char *buf, ssize_t at);

struct zcomp *zcomp_create(const char *name, struct zcomp_params *params);
void zcomp_destroy(struct zcomp *comp);
struct zcomp_stream *zcomp_stream_get(struct zcomp *comp);
void zcomp_stream_put(struct zcomp_stream *stream);
void zcomp_wipe_all(struct zcomp *const comps[]);
const void *zcomp_copy(struct zcomp_stream *stream, const void *src);
int zcomp_compress(struct zcomp *comp, struct zcomp_stream *stream,
		   const void *src);
int zcomp_decompress(struct zcomp *comp, const void *src, size_t len,
		     void *dst);

/* For the algorithms. */
int zcomp_check_level(const struct zcomp_params *params, const char *name,
		      s32 min, s32 max);
int zcomp_check_no_level(const struct zcomp_params *params, const char *name);
int zcomp_check_no_dict(const struct zcomp_params *params, const char *name);

#endif /* _ZRAM_COMP_H_ */
