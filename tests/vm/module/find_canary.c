// SPDX-License-Identifier: GPL-2.0
/*
 * Looks for a canary in all of memory, used or free. For tests: reading the
 * parameter found searches, and tells how often it was seen.
 *
 * The canary is given, and kept, inverted: else this module would find itself.
 */

#define pr_fmt(fmt) "find_canary: " fmt

#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

static ulong inverted;
module_param(inverted, ulong, 0444);
MODULE_PARM_DESC(inverted, "the eight bytes to look for, inverted");

/* Canaries are at multiples of four bytes, as everything that zram stores. */
static unsigned int search_page(const u32 *page)
{
	const u32 low = ~(u32)inverted, high = ~(u32)(inverted >> 32);
	unsigned int i, found = 0;

	for (i = 0; i < PAGE_SIZE / sizeof(*page) - 1; i++)
		found += page[i] == low && page[i + 1] == high;
	return found;
}

/*
 * Memory that modules had their code in is taken out of the kernel's map of all
 * memory for a while. Nothing of a device can be there.
 */
static bool is_mapped(const void *mem)
{
	u32 word;

	return !copy_from_kernel_nofault(&word, mem, sizeof(word));
}

static int found_get(char *buf, const struct kernel_param *kp)
{
	unsigned long pfn, found = 0, pages = 0;
	struct page *page;
	int nid;

	for_each_online_node(nid) {
		for (pfn = node_start_pfn(nid); pfn < node_end_pfn(nid);
		     pfn++) {
			page = pfn_to_online_page(pfn);
			if (!page || (PageReserved(page) &&
				      !page_count(page)) ||
			    !is_mapped(page_address(page)))
				continue;
			found += search_page(page_address(page));
			if (!(++pages % 1024))
				cond_resched();
		}
	}
	pr_info("%lu in %lu pages\n", found, pages);
	return sprintf(buf, "%lu\n", found);
}

static const struct kernel_param_ops found_ops = { .get = found_get };
module_param_cb(found, &found_ops, NULL, 0400);
MODULE_PARM_DESC(found, "reading it searches, and tells how often it was seen");

static int __init canary_init(void)
{
	return 0;
}

static void __exit canary_exit(void)
{
}

module_init(canary_init);
module_exit(canary_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Looks for a canary in memory, for tests");
