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
#include <linux/unaligned.h>

static ulong inverted;
module_param(inverted, ulong, 0444);
MODULE_PARM_DESC(inverted, "the eight bytes to look for, inverted");

static ulong faulty;
module_param(faulty, ulong, 0444);
MODULE_PARM_DESC(faulty, "how often it was seen on faulty pages, the last time");

static ulong where;
module_param(where, ulong, 0444);
MODULE_PARM_DESC(where, "physical address of the page on which it was seen most");

/* Inverts what is there: the canary itself must not come to lie on the stack. */
static bool is_canary(const u8 *page, unsigned int at)
{
	u64 seen;

	if (at + sizeof(seen) > PAGE_SIZE)
		return false;
	seen = ~get_unaligned((const u64 *)(page + at));
	OPTIMIZER_HIDE_VAR(seen);
	return seen == inverted;
}

/*
 * Codecs put it anywhere. The word at a multiple of four bytes that is in it whole
 * begins at its byte 0, 1, 2, or 3: looking at all bytes takes four times as long.
 */
static unsigned int search_page(const u8 *page)
{
	const u32 word[] = { ~inverted, ~(inverted >> 8), ~(inverted >> 16),
			     ~(inverted >> 24) };
	unsigned int i, shift, found = 0;

	for (i = 0; i < PAGE_SIZE; i += sizeof(u32))
		for (shift = 0; shift < ARRAY_SIZE(word); shift++)
			if (*(const u32 *)(page + i) == word[shift])
				found += i >= shift && is_canary(page, i - shift);
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

/* Inverted, since what is printed stays in the log of the kernel. */
static void tell_bytes(const u8 *page, unsigned int at)
{
	u8 line[160];
	unsigned int i;

	for (i = 0; i < sizeof(line); i++)
		line[i] = at + i < PAGE_SIZE ? ~page[at + i] : 0;
	print_hex_dump(KERN_INFO, "find_canary: ", DUMP_PREFIX_OFFSET, 16, 1,
		       line, sizeof(line), true);
}

/* For few that are left where there should be none: whose is the page? */
static void tell(unsigned long pfn)
{
	const u8 *page = page_address(pfn_to_page(pfn));
	unsigned int i, at;

	dump_page(pfn_to_page(pfn), "it has a canary");
	for (i = 0; i < PAGE_SIZE; i++) {
		if (!is_canary(page, i))
			continue;
		at = i & ~15U;
		pr_info("at %u of page %lx, inverted:\n", i, pfn);
		tell_bytes(page, at >= 64 ? at - 64 : 0);
	}
}

static int found_get(char *buf, const struct kernel_param *kp)
{
	unsigned long pfn, found = 0, pages = 0;
	unsigned int here, most = 0, nr = 0, i;
	unsigned long seen[4];
	struct page *page;
	int nid;

	faulty = 0;
	where = 0;
	for_each_online_node(nid) {
		for (pfn = node_start_pfn(nid); pfn < node_end_pfn(nid);
		     pfn++) {
			page = pfn_to_online_page(pfn);
			if (!page || (PageReserved(page) &&
				      !page_count(page)) ||
			    !is_mapped(page_address(page)))
				continue;
			here = search_page(page_address(page));
			if (here && nr++ < ARRAY_SIZE(seen))
				seen[nr - 1] = pfn;
			if (here > most) {
				most = here;
				where = PFN_PHYS(pfn);
			}
			if (PageHWPoison(page))
				faulty += here;
			else
				found += here;
			if (!(++pages % 1024))
				cond_resched();
		}
	}
	for (i = 0; nr <= ARRAY_SIZE(seen) && i < nr; i++)
		tell(seen[i]);
	pr_info("%lu in %lu pages\n", found, pages);
	return sprintf(buf, "%lu\n", found);
}

static const struct kernel_param_ops found_ops = { .get = found_get };
module_param_cb(found, &found_ops, NULL, 0400);
MODULE_PARM_DESC(found, "reading it searches, and tells how often it was seen on pages that are not faulty");

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
