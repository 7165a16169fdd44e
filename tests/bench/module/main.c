// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: Benchmark module
 *
 * Runs passes over a block device from inside the kernel. It is told what to do
 * through its parameters, in /sys/module/zram_bench/parameters/:
 *
 *   data        write: name of the file that becomes the data set
 *   run         write: "OP DEVICE [THREADS]" as in io.c, "codec NAME", "touch":
 *               write to all free memory once, or "poke FILE": write 1 to it
 *   result      read: of the last run: "pages ns ns2 bytes"
 *   free_pages  read: free memory
 */

#define pr_fmt(fmt) "zram_bench: " fmt

#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "bench.h"
#include "clock.h"

static struct bench_result last;

static int data_set(const char *text, const struct kernel_param *kp)
{
	char *copy = kstrdup(text, GFP_KERNEL);
	int err;

	if (!copy)
		return -ENOMEM;
	bench_io_forget();
	err = bench_data_load(strim(copy));
	kfree(copy);
	return err;
}

/* An attribute, which is to be timed like all else. */
static int poke(const char *path)
{
	struct file *file = filp_open(path, O_WRONLY, 0);
	loff_t pos = 0;
	ssize_t done;
	u64 start;

	if (IS_ERR(file))
		return PTR_ERR(file);
	start = bench_now();
	done = kernel_write(file, "1", 1, &pos);
	last.ns = bench_now() - start;
	filp_close(file, NULL);
	return done < 0 ? done : 0;
}

static int run_words(const char *op, const char *device, const char *threads)
{
	unsigned int count = 1;
	int err;

	if (!strcmp(op, "touch"))
		return bench_touch_memory();
	if (!device)
		return -EINVAL;
	if (!strcmp(op, "codec"))
		return bench_codec(device, &last);
	if (!strcmp(op, "poke"))
		return poke(device);
	if (threads) {
		err = kstrtouint(threads, 10, &count);
		if (err)
			return err;
	}
	return bench_io(op, device, count, &last);
}

static int run_set(const char *text, const struct kernel_param *kp)
{
	char *copy = kstrdup(text, GFP_KERNEL), *rest = copy;
	char *op, *device, *threads;
	int err;

	if (!copy)
		return -ENOMEM;
	rest = strim(copy);
	op = strsep(&rest, " ");
	device = strsep(&rest, " ");
	threads = strsep(&rest, " ");
	memset(&last, 0, sizeof(last));
	err = run_words(op, device, threads);
	kfree(copy);
	return err;
}

static int result_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%llu %llu %llu %llu\n", last.pages, last.ns,
			  last.ns2, last.bytes);
}

static int free_pages_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%llu\n", bench_free_pages());
}

static const struct kernel_param_ops data_ops = { .set = data_set };
static const struct kernel_param_ops run_ops = { .set = run_set };
static const struct kernel_param_ops result_ops = { .get = result_get };
static const struct kernel_param_ops free_pages_ops = { .get = free_pages_get };

module_param_cb(data, &data_ops, NULL, 0200);
module_param_cb(run, &run_ops, NULL, 0200);
module_param_cb(result, &result_ops, NULL, 0400);
module_param_cb(free_pages, &free_pages_ops, NULL, 0400);

static int __init bench_init(void)
{
	return bench_crc_check();
}

static void __exit bench_exit(void)
{
	bench_io_forget();
	bench_data_free();
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("Benchmarks of zram");
MODULE_LICENSE("GPL");
