// SPDX-License-Identifier: GPL-2.0
/*
 * Passes over a block device, by bios.
 *
 * Sequential passes have bios of BENCH_BATCH pages, random ones of one page.
 * Each pass touches as many pages of the device as the data set has, each of
 * them once. A random write puts a page of the data set where another one was,
 * so that nearly every object changes its size.
 */

#define pr_fmt(fmt) "zram_bench: " fmt

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bench.h"
#include "clock.h"

#define HOLDS_NOTHING	U32_MAX
#define MAX_THREADS	8

/**
 * struct pass - what a kind of pass does
 * @name: as the user gives it
 * @op: operation of the bios
 * @batch: pages in a bio
 * @slot_seed: order of the slots, 0: one after the other
 * @page_seed: order of the pages written, another one each time; 0: that of the
 *	slots
 * @divisor: only this part of the slots
 */
struct pass {
	const char *name;
	blk_opf_t op;
	u32 batch;
	u32 slot_seed;
	u32 page_seed;
	u32 divisor;
};

static const struct pass passes[] = {
	{ "write",	REQ_OP_WRITE,	BENCH_BATCH, 0, 0, 1 },
	{ "read",	REQ_OP_READ,	BENCH_BATCH, 0, 0, 1 },
	{ "randwrite",	REQ_OP_WRITE,	1, 11, 12, 1 },
	{ "randread",	REQ_OP_READ,	1, 13, 0, 1 },
	{ "discard",	REQ_OP_DISCARD,	1, 14, 0, 2 },
};

/* What each slot of the device holds: a page of the data set, or nothing. */
static u32 *holds;
static u32 holds_count;

/* Passes since then that wrote pages in an order of their own. */
static u32 rewrites;

/* One thread's share of a pass. */
struct share {
	const struct pass *pass;
	struct block_device *bdev;
	const u32 *slots;
	const u32 *pages;
	u32 from;
	u32 to;
	int err;
	struct completion done;
};

static int submit(struct block_device *bdev, blk_opf_t op, u32 slot,
		  void **mem, u32 count)
{
	struct bio_vec vecs[BENCH_BATCH];
	struct bio bio;
	int i, err;

	bio_init(&bio, bdev, vecs, BENCH_BATCH, op);
	bio.bi_iter.bi_sector = (sector_t)slot << PAGE_SECTORS_SHIFT;
	for (i = 0; mem && i < count; i++)
		__bio_add_page(&bio, virt_to_page(mem[i]), PAGE_SIZE, 0);
	if (!mem)
		bio.bi_iter.bi_size = count << PAGE_SHIFT;
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	return err;
}

static int run_share(struct share *share)
{
	void *buffers = (void *)__get_free_pages(GFP_KERNEL,
						 ilog2(BENCH_BATCH));
	bool writes = share->pass->op == REQ_OP_WRITE;
	u32 at, i, count = share->pass->batch;
	void *mem[BENCH_BATCH];
	int err = 0;

	if (!buffers)
		return -ENOMEM;
	for (i = 0; i < BENCH_BATCH; i++)
		mem[i] = buffers + i * PAGE_SIZE;
	for (at = share->from; at < share->to && !err; at += count) {
		count = min(count, share->to - at);
		for (i = 0; writes && i < count; i++)
			mem[i] = bench_data_page(share->pages ?
						 share->pages[at] : at + i);
		err = submit(share->bdev, share->pass->op,
			     share->slots ? share->slots[at] : at,
			     share->pass->op == REQ_OP_DISCARD ? NULL : mem,
			     count);
	}
	free_pages((unsigned long)buffers, ilog2(BENCH_BATCH));
	return err;
}

static int share_thread(void *arg)
{
	struct share *share = arg;

	share->err = run_share(share);
	complete(&share->done);
	return 0;
}

/* All threads start when the last of them has been made. */
static int run_threads(struct share *shares, u32 threads)
{
	struct task_struct *tasks[MAX_THREADS];
	int err = 0;
	u32 i;

	for (i = 0; i < threads; i++) {
		tasks[i] = kthread_create(share_thread, &shares[i],
					  "zram_bench/%u", i);
		if (IS_ERR(tasks[i])) {
			err = PTR_ERR(tasks[i]);
			while (i--)
				kthread_stop(tasks[i]);
			return err;
		}
	}
	for (i = 0; i < threads; i++)
		wake_up_process(tasks[i]);
	for (i = 0; i < threads; i++) {
		wait_for_completion(&shares[i].done);
		err = err ?: shares[i].err;
	}
	return err;
}

static int run_shares(const struct share *whole, u32 threads,
		      struct bench_result *result)
{
	struct share shares[MAX_THREADS];
	u32 i, count = whole->to;
	u64 start;
	int err;

	for (i = 0; i < threads; i++) {
		shares[i] = *whole;
		shares[i].from = round_down((u64)count * i / threads,
					    BENCH_BATCH);
		shares[i].to = i + 1 == threads ? count :
			round_down((u64)count * (i + 1) / threads, BENCH_BATCH);
		init_completion(&shares[i].done);
	}
	start = bench_now();
	err = threads == 1 ? run_share(&shares[0]) :
			     run_threads(shares, threads);
	result->ns = bench_now() - start;
	result->pages = count;
	return err;
}

static void note_contents(const struct share *whole)
{
	u32 at, slot;

	for (at = 0; at < whole->to; at++) {
		slot = whole->slots ? whole->slots[at] : at;
		if (whole->pass->op == REQ_OP_WRITE)
			holds[slot] = whole->pages ? whole->pages[at] : at;
		else if (whole->pass->op == REQ_OP_DISCARD)
			holds[slot] = HOLDS_NOTHING;
	}
}

static int run_pass(const struct pass *pass, struct block_device *bdev,
		    u32 threads, struct bench_result *result)
{
	struct share whole = {
		.pass = pass,
		.bdev = bdev,
		.to = bench_data_pages() / pass->divisor,
	};
	u32 *slots = NULL, *pages = NULL;
	int err = -ENOMEM;

	if (pass->slot_seed) {
		slots = bench_shuffled(pass->slot_seed);
		if (!slots)
			goto out;
	}
	if (pass->page_seed) {
		pages = bench_shuffled(pass->page_seed + rewrites++);
		if (!pages)
			goto out;
	}
	whole.slots = slots;
	whole.pages = pages;
	err = run_shares(&whole, threads, result);
	note_contents(&whole);
out:
	kvfree(pages);
	kvfree(slots);
	return err;
}

static bool page_is(u32 slot, const void *mem)
{
	if (holds[slot] == HOLDS_NOTHING)
		return !memchr_inv(mem, 0, PAGE_SIZE);
	return !memcmp(mem, bench_data_page(holds[slot]), PAGE_SIZE);
}

/* Every page of the device is what the passes before have left there. */
static int verify(struct block_device *bdev, struct bench_result *result)
{
	void *mem = (void *)__get_free_page(GFP_KERNEL);
	u64 start = bench_now();
	int err = 0;
	u32 slot;

	if (!mem)
		return -ENOMEM;
	for (slot = 0; slot < holds_count && !err; slot++) {
		err = submit(bdev, REQ_OP_READ, slot, &mem, 1);
		if (!err && !page_is(slot, mem))
			err = -EILSEQ;
	}
	free_page((unsigned long)mem);
	if (err)
		pr_err("page %u of the device is not what was written: %pe\n",
		       slot - 1, ERR_PTR(err));
	result->pages = holds_count;
	result->ns = bench_now() - start;
	return err;
}

/*
 * Writes the data set again and again until the device refuses. What is written
 * from reclaim may take the last page, and is told when there is none; anybody
 * else would wait for memory for ever.
 */
static void write_until_full(struct block_device *bdev,
			     struct bench_result *result)
{
	u32 pages = bdev_nr_sectors(bdev) >> PAGE_SECTORS_SHIFT;
	unsigned int flags = memalloc_noreclaim_save();
	u64 start = bench_now();
	void *mem;
	u32 slot;

	for (slot = 0; slot < pages; slot++) {
		mem = bench_data_page(slot % bench_data_pages());
		if (submit(bdev, REQ_OP_WRITE, slot, &mem, 1))
			break;
	}
	memalloc_noreclaim_restore(flags);
	result->pages = slot;
	result->ns = bench_now() - start;
}

/* User space, which wants to know the result, gets some memory back. */
static int fill(struct block_device *bdev, struct bench_result *result)
{
	unsigned long spare[4];
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(spare); i++) {
		spare[i] = __get_free_pages(GFP_KERNEL, MAX_PAGE_ORDER);
		if (!spare[i])
			err = -ENOMEM;
	}
	if (!err)
		write_until_full(bdev, result);
	while (i--)
		free_pages(spare[i], MAX_PAGE_ORDER);
	return err;
}

/* For a new device, and a new data set. */
static int know_nothing(void)
{
	bench_io_forget();
	holds = kvmalloc_array(bench_data_pages(), sizeof(*holds), GFP_KERNEL);
	if (!holds)
		return -ENOMEM;
	holds_count = bench_data_pages();
	rewrites = 0;
	memset32(holds, HOLDS_NOTHING, holds_count);
	return 0;
}

/**
 * bench_io_forget() - forget what the device holds
 */
void bench_io_forget(void)
{
	kvfree(holds);
	holds = NULL;
	holds_count = 0;
}

static int run_op(const char *op, struct block_device *bdev, u32 threads,
		  struct bench_result *result)
{
	int i, err;

	if (!strcmp(op, "new"))
		return know_nothing();
	if (!strcmp(op, "fill"))
		return fill(bdev, result);
	if (!holds)
		return -ENODATA;
	if (!strcmp(op, "verify"))
		return verify(bdev, result);
	for (i = 0; i < ARRAY_SIZE(passes); i++) {
		if (strcmp(op, passes[i].name))
			continue;
		err = run_pass(&passes[i], bdev, threads, result);
		if (err)
			pr_err("%s: %pe\n", op, ERR_PTR(err));
		return err;
	}
	return -EINVAL;
}

/**
 * bench_io() - do a pass over a device
 * @op: name of a pass; "verify"; "new": the device is empty; or "fill": write
 *	until memory ends
 * @path: name of the device
 * @threads: threads that share the work
 * @result: pages and time
 *
 * Context: Process context, may sleep.
 * Return: 0 or an error.
 */
int bench_io(const char *op, const char *path, unsigned int threads,
	     struct bench_result *result)
{
	struct file *file;
	int err;

	if (!threads || threads > MAX_THREADS || !bench_data_pages())
		return -EINVAL;
	file = bdev_file_open_by_path(path, BLK_OPEN_READ | BLK_OPEN_WRITE,
				      NULL, NULL);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = run_op(op, file_bdev(file), threads, result);
	bdev_fput(file);
	return err;
}
