// SPDX-License-Identifier: GPL-2.0
/*
 * A writer that does not end: it writes one page to a device, and is held up in
 * the end of its request, in which the device still counts it as a writer.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>

static char *device = "/dev/zram0";
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "device that is written to");

static struct file *stuck_file;
static struct page *stuck_page;
static DECLARE_COMPLETION(stuck);

/* In the context of who submits, as a driver without a queue calls it. */
static void stuck_end_io(struct bio *bio)
{
	pr_notice("a write to %s does not end: status %d\n", device,
		  blk_status_to_errno(bio->bi_status));
	complete(&stuck);
	for (;;)
		msleep(1000);
}

static int stuck_thread(void *data)
{
	struct bio *bio = bio_alloc(file_bdev(stuck_file), 1, REQ_OP_WRITE,
				    GFP_KERNEL);

	bio->bi_end_io = stuck_end_io;
	__bio_add_page(bio, stuck_page, PAGE_SIZE, 0);
	submit_bio(bio);
	return 0;
}

/* It can never be unloaded: so it has no exit. */
static int __init stuck_init(void)
{
	struct task_struct *task;

	stuck_page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!stuck_page)
		return -ENOMEM;
	stuck_file = bdev_file_open_by_path(device, BLK_OPEN_WRITE, NULL, NULL);
	if (IS_ERR(stuck_file))
		return PTR_ERR(stuck_file);
	task = kthread_run(stuck_thread, NULL, "stuck_writer");
	if (IS_ERR(task))
		return PTR_ERR(task);
	wait_for_completion(&stuck);
	return 0;
}

module_init(stuck_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A writer that does not end");
