// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that are used as swap: what becomes of swap in the next kernel.
 *
 * DOC: When swap is dropped
 *
 * The processes are gone, and with them whoever could ask for a page that was
 * swapped out. What is of use is the first page, with the swap header: with it
 * swapon works at once.
 *
 * The rest is dropped when the device attaches, and not by the seal. After the
 * seal tasks go on running until the machine jumps, and may need pages from
 * swap: to them zeros would be wrong data. To leave the rest out of the handover
 * and still have it in memory would take a second slot table, made of memory
 * that may not be there at that moment.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/swap.h>

#include "io.h"
#include "slot.h"
#include "swap.h"

enum zram_swap_policy {
	ZRAM_SWAP_HEADER,
	ZRAM_SWAP_FULL,
};

static const char * const zram_swap_policies[] = {
	[ZRAM_SWAP_HEADER]	= "header",
	[ZRAM_SWAP_FULL]	= "full",
};

static int zram_swap_policy = ZRAM_SWAP_HEADER;

static int zram_swap_policy_set(const char *val, const struct kernel_param *kp)
{
	int policy = sysfs_match_string(zram_swap_policies, val);

	if (policy < 0)
		return policy;
	WRITE_ONCE(zram_swap_policy, policy);
	return 0;
}

static int zram_swap_policy_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n",
			  zram_swap_policies[READ_ONCE(zram_swap_policy)]);
}

static const struct kernel_param_ops zram_swap_policy_ops = {
	.set	= zram_swap_policy_set,
	.get	= zram_swap_policy_get,
};
module_param_cb(persist_swap, &zram_swap_policy_ops, NULL, 0644);
MODULE_PARM_DESC(persist_swap, "What attaches of a device that was swap: header (default), and its old contents are dropped; or full");

/*
 * A file system that was made where there was swap may have left the magic alone,
 * and may have swap in a file. But it has something else where the version and the
 * size are.
 */
static u64 zram_swap_end(const struct zram *zram,
			 const union swap_header *header)
{
	u64 end = (u64)header->info.last_page + 1;

	if (memcmp(header->magic.magic, "SWAPSPACE2", 10) ||
	    header->info.version != 1 || end > zram->disksize >> PAGE_SHIFT ||
	    header->info.nr_badpages > MAX_SWAP_BADPAGES)
		return 0;
	return end;
}

/*
 * Returns the number of pages that are swap, header included, or 0. What cannot be
 * read is not known to be any.
 */
static u64 zram_swap_pages(struct zram *zram)
{
	struct page *buffer = zram_buffer_alloc(GFP_KERNEL);
	u64 end = 0;
	void *mem;

	if (!buffer)
		return 0;
	mem = page_address(buffer);
	if (!zram_read_page(zram, 0, mem))
		end = zram_swap_end(zram, mem);
	zram_buffer_free(buffer);
	return end;
}

static void zram_swap_drop(struct zram *zram, u64 end)
{
	u64 index = 1;
	u64 *entry;

	while ((entry = zram_slot_next(&zram->slots, &index, end))) {
		zram_slot_lock(zram, index);
		zram_slot_free(zram, index, entry);
		zram_slot_unlock(zram, index);
		if (!(++index % ZRAM_PERSIST_FANOUT))
			cond_resched();
	}
}

/**
 * zram_swap_attach() - drop what the previous kernel has swapped out
 * @zram: device that is attached, and that nobody can open yet
 * @super: its superblock, as it was handed over
 *
 * Of what is no swap, what lies behind it on the device, and if the module parameter
 * persist_swap says so, nothing is dropped.
 *
 * Context: Process context, and the seal cannot come. Sleeps.
 */
void zram_swap_attach(struct zram *zram,
		      const struct zram_persist_super *super)
{
	u64 before = atomic64_read(&zram->stats.pages_stored), end;

	zram->swap = super->compat & ZRAM_PERSIST_COMPAT_SWAP;
	if (!zram->swap || READ_ONCE(zram_swap_policy) == ZRAM_SWAP_FULL)
		return;
	end = zram_swap_pages(zram);
	if (!end) {
		pr_info("%s: was written to as swap, but no swap header can be read: nothing of it is dropped\n",
			zram->disk->disk_name);
		return;
	}
	zram_swap_drop(zram, end);
	before -= atomic64_read(&zram->stats.pages_stored);
	if (before)
		pr_info("%s: was swap: %llu pages that the previous kernel swapped out are dropped\n",
			zram->disk->disk_name, before);
}
