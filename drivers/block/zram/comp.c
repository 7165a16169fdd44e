// SPDX-License-Identifier: GPL-2.0
/*
 * Codecs: choice by name, and the contexts that they need per CPU.
 */

/**
 * DOC: Contexts
 *
 * Compression takes long and its caller may sleep afterwards with the result,
 * so it uses a *stream*: a context and a buffer under a mutex, one per CPU so
 * that there is rarely anyone to wait for. Any CPU's stream will do; a task
 * that migrates keeps the one it has.
 *
 * Decompression runs under the spinlock of a slot, so that no object has to be
 * copied before it is read, and cannot wait for such a mutex. It has contexts
 * of its own, one per CPU, under a local lock.
 *
 * Both exist for every CPU that runs. They are made before a CPU comes up and
 * freed after it is dead, by the hotplug callbacks below, which are also what
 * makes them for all running CPUs when a codec comes into use.
 *
 * Locking: a stream's mutex is taken with cpu_hotplug_lock held; the local lock
 * nests inside slot locks. Nothing is allocated under the local lock, and under
 * the mutex only what cannot lead back into I/O.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/build_bug.h>
#include <linux/cpuhotplug.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/zram_persist.h>

#include "comp.h"
#include "comp_backends.h"

/* In the order in which comp_algorithm lists them. */
static const struct zcomp_ops * const zcomp_backends[] = {
	ZCOMP_LZORLE,
	ZCOMP_LZO,
	ZCOMP_LZ4,
	ZCOMP_LZ4HC,
	ZCOMP_ZSTD,
	ZCOMP_DEFLATE,
	ZCOMP_842,
};

static_assert(IS_ENABLED(CONFIG_ZRAM_BACKEND_LZO) ||
	      IS_ENABLED(CONFIG_ZRAM_BACKEND_LZ4) ||
	      IS_ENABLED(CONFIG_ZRAM_BACKEND_LZ4HC) ||
	      IS_ENABLED(CONFIG_ZRAM_BACKEND_ZSTD) ||
	      IS_ENABLED(CONFIG_ZRAM_BACKEND_DEFLATE) ||
	      IS_ENABLED(CONFIG_ZRAM_BACKEND_842),
	      "a device needs a codec: select one of CONFIG_ZRAM_BACKEND_*");

static const struct zcomp_ops *zcomp_find(const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(zcomp_backends); i++) {
		const struct zcomp_ops *ops = zcomp_backends[i];

		if (ops && sysfs_streq(name, ops->name))
			return ops;
	}
	return NULL;
}

/**
 * zcomp_lookup() - find a codec by its name
 * @name: name; a newline at its end is ignored
 *
 * Context: Any.
 * Return: the name in memory that stays, or NULL if there is no such codec.
 */
const char *zcomp_lookup(const char *name)
{
	const struct zcomp_ops *ops = zcomp_find(name);

	return ops ? ops->name : NULL;
}

/**
 * zcomp_default() - the codec of a device that was not told which to use
 *
 * Context: Any.
 * Return: the name of the configured codec or, if that one is not built, of
 * the first that is.
 */
const char *zcomp_default(void)
{
	const char *name = zcomp_lookup(ZCOMP_DEFAULT_NAME);
	int i;

	for (i = 0; !name && i < ARRAY_SIZE(zcomp_backends); i++)
		if (zcomp_backends[i])
			name = zcomp_backends[i]->name;
	return name;
}

/**
 * zcomp_show() - list the codecs, with brackets around one of them
 * @selected: name of that one, or NULL
 * @buf: page to write to
 * @at: where in @buf to begin
 *
 * Context: Any.
 * Return: @at plus the characters written.
 */
ssize_t zcomp_show(const char *selected, char *buf, ssize_t at)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(zcomp_backends); i++) {
		const struct zcomp_ops *ops = zcomp_backends[i];

		if (!ops)
			continue;
		if (selected && !strcmp(selected, ops->name))
			at += sysfs_emit_at(buf, at, "[%s] ", ops->name);
		else
			at += sysfs_emit_at(buf, at, "%s ", ops->name);
	}
	at += sysfs_emit_at(buf, at, "\n");
	return at;
}

/*
 * Everything is allocated before the mutex is taken. Under it, reclaim that
 * swaps out to this very device could come to wait for it.
 */
static int zcomp_cpu_prepare(unsigned int cpu, struct hlist_node *node)
{
	struct zcomp *comp = hlist_entry(node, struct zcomp, node);
	struct zcomp_stream *stream = per_cpu_ptr(comp->streams, cpu);
	const struct zcomp_ops *ops = comp->ops;
	void *buffer, *page, *ctx, *decomp = NULL;

	buffer = kvmalloc(ZCOMP_BUFFER_SIZE, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!page)
		goto err_free_buffer;
	ctx = ops->create(comp->params);
	if (!ctx)
		goto err_free_page;
	if (ops->create_decomp) {
		decomp = ops->create_decomp(comp->params);
		if (!decomp)
			goto err_destroy_ctx;
	}

	/* The CPU is not up yet: nobody can be decompressing on it. */
	stream->decomp = decomp;
	mutex_lock(&stream->lock);
	stream->ctx = ctx;
	stream->page = page;
	stream->buffer = buffer;
	mutex_unlock(&stream->lock);
	return 0;

err_destroy_ctx:
	ops->destroy(ctx);
err_free_page:
	kfree(page);
err_free_buffer:
	kvfree(buffer);
	return -ENOMEM;
}

/* Whoever gets the memory next is not to find what was in pages. */
static void zcomp_zero_buffers(struct zcomp_stream *stream)
{
	memzero_explicit(stream->buffer, ZCOMP_BUFFER_SIZE);
	memzero_explicit(stream->page, PAGE_SIZE);
}

static int zcomp_cpu_dead(unsigned int cpu, struct hlist_node *node)
{
	struct zcomp *comp = hlist_entry(node, struct zcomp, node);
	struct zcomp_stream *stream = per_cpu_ptr(comp->streams, cpu);
	const struct zcomp_ops *ops = comp->ops;

	/* A task that left this CPU may still be compressing with its stream. */
	mutex_lock(&stream->lock);
	ops->destroy(stream->ctx);
	zcomp_zero_buffers(stream);
	kvfree(stream->buffer);
	kfree(stream->page);
	stream->ctx = NULL;
	stream->page = NULL;
	stream->buffer = NULL;
	mutex_unlock(&stream->lock);

	/* No task takes a local lock with it when it leaves a CPU. */
	if (ops->destroy_decomp)
		ops->destroy_decomp(stream->decomp);
	stream->decomp = NULL;
	return 0;
}

static void zcomp_release_params(struct zcomp *comp)
{
	if (comp->ops->release)
		comp->ops->release(comp->params);
}

static int zcomp_alloc_streams(struct zcomp *comp)
{
	int cpu;

	comp->streams = alloc_percpu(struct zcomp_stream);
	if (!comp->streams)
		return -ENOMEM;

	for_each_possible_cpu(cpu) {
		struct zcomp_stream *stream = per_cpu_ptr(comp->streams, cpu);

		mutex_init(&stream->lock);
		local_lock_init(&stream->decomp_lock);
	}
	return 0;
}

/**
 * zcomp_create() - bring a codec into use
 * @name: from zcomp_lookup()
 * @params: its parameters; they belong to the codec until zcomp_destroy()
 *
 * Context: Process context, may sleep; takes cpu_hotplug_lock.
 * Return: the codec, or an ERR_PTR: EINVAL for an unknown name or a parameter
 * out of range, EOPNOTSUPP for a parameter that the codec does not have,
 * ENOMEM.
 */
struct zcomp *zcomp_create(const char *name, struct zcomp_params *params)
{
	const struct zcomp_ops *ops = zcomp_find(name);
	struct zcomp *comp;
	int err;

	if (!ops)
		return ERR_PTR(-EINVAL);
	comp = kzalloc_obj(*comp);
	if (!comp)
		return ERR_PTR(-ENOMEM);
	comp->ops = ops;
	comp->params = params;

	err = ops->setup(params);
	if (err)
		goto err_free_comp;
	err = zcomp_alloc_streams(comp);
	if (err)
		goto err_release;
	err = cpuhp_state_add_instance(CPUHP_ZCOMP_PREPARE, &comp->node);
	if (err)
		goto err_free_streams;
	return comp;

err_free_streams:
	free_percpu(comp->streams);
err_release:
	zcomp_release_params(comp);
err_free_comp:
	kfree(comp);
	return ERR_PTR(err);
}

/**
 * zcomp_destroy() - undo zcomp_create()
 * @comp: codec that nobody uses any more, or NULL
 *
 * Context: Process context, may sleep; takes cpu_hotplug_lock.
 */
void zcomp_destroy(struct zcomp *comp)
{
	if (!comp)
		return;
	cpuhp_state_remove_instance(CPUHP_ZCOMP_PREPARE, &comp->node);
	free_percpu(comp->streams);
	zcomp_release_params(comp);
	kfree(comp);
}

/**
 * zcomp_stream_get() - get a stream to compress with
 * @comp: codec
 *
 * Context: Process context, may sleep. The stream is locked: until
 * zcomp_stream_put(), do not get another, and allocate nothing that may
 * reclaim by swapping out.
 * Return: the stream; its buffer receives the result of zcomp_compress().
 */
struct zcomp_stream *zcomp_stream_get(struct zcomp *comp)
{
	struct zcomp_stream *stream;

	/*
	 * By the time that we have the lock we may run on another CPU, which
	 * does no harm, and the first may have gone offline and taken its
	 * buffers with it. Only then is there a second round. Keeping the
	 * CPU online meanwhile would need cpu_hotplug_lock on every write.
	 */
	for (;;) {
		stream = raw_cpu_ptr(comp->streams);
		mutex_lock(&stream->lock);
		if (likely(stream->buffer))
			return stream;
		mutex_unlock(&stream->lock);
	}
}

/**
 * zcomp_stream_put() - give back what zcomp_stream_get() returned
 * @stream: stream
 *
 * Context: Process context, the task that got it.
 */
void zcomp_stream_put(struct zcomp_stream *stream)
{
	mutex_unlock(&stream->lock);
}

static void zcomp_wipe(struct zcomp *comp)
{
	struct zcomp_stream *stream;
	int cpu;

	for_each_possible_cpu(cpu) {
		stream = per_cpu_ptr(comp->streams, cpu);
		if (!mutex_trylock(&stream->lock))
			continue;
		/* A stream of a CPU that is offline has nothing. */
		if (stream->buffer) {
			zcomp_zero_buffers(stream);
			if (comp->ops->wipe)
				comp->ops->wipe(stream->ctx);
		}
		mutex_unlock(&stream->lock);
	}
}

/**
 * zcomp_wipe_all() - zero what is left of pages in streams
 * @comps: codecs of a device, an array of %ZRAM_PERSIST_CODECS; NULL where there is none
 *
 * For the seal: the memory is free in the next kernel, and nobody would zero it
 * there. And for who has discarded all and compacts, to be rid of it. A stream in use
 * is left as it is, which at the seal is that of a writer who is stuck; and so is the
 * working memory of codecs that cannot be used again without it.
 *
 * Context: Process context. Does not wait.
 */
void zcomp_wipe_all(struct zcomp *const comps[])
{
	unsigned int i;

	for (i = 0; i < ZRAM_PERSIST_CODECS; i++)
		if (comps[i])
			zcomp_wipe(comps[i]);
}

/**
 * zcomp_copy() - copy a page that may change while it is compressed
 * @stream: from zcomp_stream_get()
 * @src: page
 *
 * Codecs look at a page several times, and what LZ4 or 842 make of one that has
 * changed meanwhile may be impossible to read. To decompress the result, to see
 * whether it can be read, would take longer than the copy.
 *
 * Context: Process context.
 * Return: the copy, which is there until zcomp_stream_put().
 */
const void *zcomp_copy(struct zcomp_stream *stream, const void *src)
{
	lockdep_assert_held(&stream->lock);
	return memcpy(stream->page, src, PAGE_SIZE);
}

/**
 * zcomp_compress() - compress a page into the buffer of a stream
 * @comp: codec
 * @stream: from zcomp_stream_get()
 * @src: page to compress
 *
 * @src must not change meanwhile: see zcomp_copy().
 *
 * Context: Process context.
 * Return: bytes in @stream->buffer, which may be more than a page, or an
 * errno.
 */
int zcomp_compress(struct zcomp *comp, struct zcomp_stream *stream,
		   const void *src)
{
	lockdep_assert_held(&stream->lock);
	return comp->ops->compress(comp->params, stream->ctx, src,
				   stream->buffer);
}

/**
 * zcomp_decompress() - decompress a page
 * @comp: codec
 * @src: what zcomp_compress() made
 * @len: bytes at @src
 * @dst: page for the result; of no particular contents after an error
 *
 * A local lock rather than get_cpu_ptr(): normally they are the same, no
 * preemption for the few microseconds that a page takes. With PREEMPT_RT the
 * spinlock that the caller holds is preemptible, and so is a local lock, while
 * get_cpu_ptr() would add those microseconds to everyone's latency.
 *
 * Context: Any but interrupts; spinlocks may be held. Does not sleep beyond
 * what a spinlock does with PREEMPT_RT, and allocates nothing.
 * Return: 0, or EINVAL if @src is not one page compressed by this codec.
 */
int zcomp_decompress(struct zcomp *comp, const void *src, size_t len,
		     void *dst)
{
	struct zcomp_stream *stream;
	int err;

	local_lock(&comp->streams->decomp_lock);
	stream = this_cpu_ptr(comp->streams);
	err = comp->ops->decompress(comp->params, stream->decomp, src, len,
				    dst);
	local_unlock(&comp->streams->decomp_lock);
	return err;
}

/**
 * zcomp_check_level() - refuse a level that an algorithm does not have
 * @params: parameters
 * @name: of the algorithm
 * @min: lowest level
 * @max: highest level
 *
 * Return: 0 or -EINVAL.
 */
int zcomp_check_level(const struct zcomp_params *params, const char *name,
		      s32 min, s32 max)
{
	if (params->level == ZCOMP_LEVEL_DEFAULT ||
	    (params->level >= min && params->level <= max))
		return 0;
	pr_err("%s: level %d is not allowed, use %d to %d\n", name,
	       params->level, min, max);
	return -EINVAL;
}

/**
 * zcomp_check_no_level() - refuse a level: the algorithm has none
 * @params: parameters
 * @name: of the algorithm
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int zcomp_check_no_level(const struct zcomp_params *params, const char *name)
{
	if (params->level == ZCOMP_LEVEL_DEFAULT)
		return 0;
	pr_err("%s: there are no levels, do not set one\n", name);
	return -EOPNOTSUPP;
}

/**
 * zcomp_check_no_dict() - refuse a dictionary: the algorithm takes none
 * @params: parameters
 * @name: of the algorithm
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int zcomp_check_no_dict(const struct zcomp_params *params, const char *name)
{
	if (!params->dict)
		return 0;
	pr_err("%s: there are no dictionaries, do not set one\n", name);
	return -EOPNOTSUPP;
}

/**
 * zcomp_init() - register with CPU hotplug, before the first zcomp_create()
 *
 * Context: Process context, may sleep.
 * Return: 0, or an errno: EBUSY if another zram is loaded or built in.
 */
int zcomp_init(void)
{
	int err;

	err = cpuhp_setup_state_multi(CPUHP_ZCOMP_PREPARE, "block/zram:prepare",
				      zcomp_cpu_prepare, zcomp_cpu_dead);
	if (err)
		pr_err("cannot register for CPU hotplug (%pe): is another zram in the kernel?\n",
		       ERR_PTR(err));
	return err;
}

/**
 * zcomp_exit() - undo zcomp_init(), after the last zcomp_destroy()
 *
 * Context: Process context, may sleep.
 */
void zcomp_exit(void)
{
	cpuhp_remove_multi_state(CPUHP_ZCOMP_PREPARE);
}
