// SPDX-License-Identifier: GPL-2.0
/*
 * The data set: a file, in memory.
 *
 * It is kept in the largest blocks that the page allocator gives, not in
 * vmalloc memory: User-Mode Linux maps each page of that by a system call of
 * its own, and the host allows only so many mappings.
 */

#define pr_fmt(fmt) "zram_bench: " fmt

#include <linux/bits.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "bench.h"

#define CHUNK_ORDER	MAX_PAGE_ORDER
#define CHUNK_PAGES	BIT(CHUNK_ORDER)
#define CHUNK_BYTES	(PAGE_SIZE << CHUNK_ORDER)

static void **chunks;
static u32 chunk_count;
static u32 data_pages;

/**
 * bench_data_pages() - size of the data set
 *
 * Return: pages.
 */
u32 bench_data_pages(void)
{
	return data_pages;
}

/**
 * bench_data_page() - one page of the data set
 * @index: which
 *
 * Return: its address.
 */
void *bench_data_page(u32 index)
{
	return chunks[index / CHUNK_PAGES] + index % CHUNK_PAGES * PAGE_SIZE;
}

/**
 * bench_data_free() - forget the data set
 */
void bench_data_free(void)
{
	u32 i;

	for (i = 0; i < chunk_count; i++)
		free_pages((unsigned long)chunks[i], CHUNK_ORDER);
	kvfree(chunks);
	chunks = NULL;
	chunk_count = 0;
	data_pages = 0;
}

static int read_chunk(struct file *file, void *chunk, loff_t *pos)
{
	ssize_t done, at = 0;

	while (at < CHUNK_BYTES) {
		done = kernel_read(file, chunk + at, CHUNK_BYTES - at, pos);
		if (done < 0)
			return done;
		if (!done)
			break;
		at += done;
	}
	data_pages += at >> PAGE_SHIFT;
	return 0;
}

static int read_file(struct file *file)
{
	loff_t size = vfs_llseek(file, 0, SEEK_END), pos = 0;
	u32 wanted;
	int err;

	if (size <= 0)
		return -EINVAL;
	wanted = DIV_ROUND_UP_ULL(size, CHUNK_BYTES);
	chunks = kvcalloc(wanted, sizeof(*chunks), GFP_KERNEL);
	if (!chunks)
		return -ENOMEM;
	while (chunk_count < wanted) {
		void *chunk = (void *)__get_free_pages(GFP_KERNEL, CHUNK_ORDER);

		if (!chunk)
			return -ENOMEM;
		chunks[chunk_count++] = chunk;
		err = read_chunk(file, chunk, &pos);
		if (err)
			return err;
	}
	return 0;
}

/**
 * bench_data_load() - take a file as data set, in place of the one before
 * @path: its name
 *
 * Context: Process context, may sleep.
 * Return: 0 or an error.
 */
int bench_data_load(const char *path)
{
	struct file *file;
	int err;

	bench_data_free();
	file = filp_open(path, O_RDONLY | O_LARGEFILE, 0);
	if (IS_ERR(file)) {
		pr_err("cannot open %s: %pe\n", path, file);
		return PTR_ERR(file);
	}
	err = read_file(file);
	filp_close(file, NULL);
	if (err)
		bench_data_free();
	return err;
}

/**
 * bench_shuffled() - the numbers of all pages in random order
 * @seed: the same seed gives the same order
 *
 * Return: an array to be freed by kvfree(), or NULL.
 */
u32 *bench_shuffled(u32 seed)
{
	u32 *order = kvmalloc_array(data_pages, sizeof(*order), GFP_KERNEL);
	struct rnd_state state;
	u32 i, other;

	if (!order)
		return NULL;
	prandom_seed_state(&state, seed);
	for (i = 0; i < data_pages; i++) {
		other = prandom_u32_state(&state) % (i + 1);
		order[i] = order[other];
		order[other] = i;
	}
	return order;
}
