// SPDX-License-Identifier: GPL-2.0
/*
 * The naive way to hand memory over, to compare with: each page is preserved by
 * itself, and no two of them are neighbours, as with an allocator that takes
 * single pages. Nobody takes them back in the next kernel.
 */

#define pr_fmt(fmt) "kho_scatter: " fmt

#include <linux/gfp.h>
#include <linux/kexec_handover.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

static uint pages;
module_param(pages, uint, 0444);
MODULE_PARM_DESC(pages, "number of pages to preserve");

/* Of a pair of pages one is kept, so that none has a neighbour. */
static int preserve_one(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 1);

	if (!page)
		return -ENOMEM;
	split_page(page, 1);
	__free_page(page + 1);
	return kho_preserve_pages(page, 1);
}

static int __init kho_scatter_init(void)
{
	uint i;
	int err;

	if (!kho_is_enabled())
		return -EOPNOTSUPP;
	for (i = 0; i < pages; i++) {
		err = preserve_one();
		if (err) {
			pr_err("only %u of %u pages: %pe\n", i, pages,
			       ERR_PTR(err));
			return err;
		}
	}
	return 0;
}

/* There is no way back: the pages are for the next kernel. */
module_init(kho_scatter_init);

MODULE_DESCRIPTION("Handover of scattered pages, to measure what it costs");
MODULE_LICENSE("GPL");
