// SPDX-License-Identifier: GPL-2.0
/*
 * The handover operations of a pool, on Kexec HandOver.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/kexec_handover.h>
#include <linux/kho/abi/kexec_metadata.h>
#include <linux/memory_hotplug.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "kho_compat.h"
#include "zram.h"

/*
 * A leaf of KHO's radix tree is a page of bits, one for each block of its
 * order.
 */
#define ZRAM_KHO_LEAF_BLOCKS	(BITS_PER_BYTE * PAGE_SIZE)

/**
 * zram_kho_enabled() - can memory be handed over to the next kernel?
 *
 * Return: true if this kernel has KHO and it is switched on.
 */
bool zram_kho_enabled(void)
{
	return kho_is_enabled();
}

/*
 * Keeps our own memory from being preserved while zram_kho_touch_block() looks
 * at a block that is free, and preserves it for a moment. Innermost but for the
 * locks of KHO.
 */
static DEFINE_MUTEX(zram_kho_lock);

static int zram_kho_refuse(phys_addr_t phys, u64 size)
{
	if (zram_is_boot_memory(phys, size))
		return 0;
	pr_warn_once("memory that was added to the running machine cannot be handed over; put it online as movable, and devices will not get any\n");
	return -EADDRNOTAVAIL;
}

static int zram_kho_preserve(struct folio *folio)
{
	int err = zram_kho_refuse(PFN_PHYS(folio_pfn(folio)),
				  folio_size(folio));

	if (err)
		return err;
	guard(mutex)(&zram_kho_lock);
	return kho_preserve_folio(folio);
}

/**
 * zram_kho_alloc() - allocate memory that is handed over
 * @size: in bytes
 *
 * kho_unpreserve_free() frees it.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: zeroed memory, or an error pointer with an errno of KHO; or with
 * -EADDRNOTAVAIL if the next kernel would not know of the memory.
 */
void *zram_kho_alloc(size_t size)
{
	void *mem = kho_alloc_preserve(size);
	int err;

	if (IS_ERR(mem))
		return mem;
	err = zram_kho_refuse(virt_to_phys(mem), size);
	if (!err)
		return mem;
	kho_unpreserve_free(mem);
	return ERR_PTR(err);
}

/**
 * zram_kho_hold() - preserve memory that the previous kernel preserved
 * @phys: physical address of a block
 * @order: its order
 *
 * KHO knows a block by its address and order alone, whichever call preserved
 * it. That allows to hold a block that is not a folio in this kernel yet, and
 * to go on with it as a folio after it was restored.
 *
 * Context: Process context. Sleeps.
 * Return: 0 or an errno of KHO.
 */
int zram_kho_hold(phys_addr_t phys, unsigned int order)
{
	guard(mutex)(&zram_kho_lock);
	return kho_preserve_pages(pfn_to_page(PHYS_PFN(phys)), 1UL << order);
}

/**
 * zram_kho_unhold() - undo zram_kho_hold()
 * @phys: physical address of the block
 * @order: its order
 *
 * Context: Process context. Sleeps.
 */
void zram_kho_unhold(phys_addr_t phys, unsigned int order)
{
	kho_unpreserve_pages(pfn_to_page(PHYS_PFN(phys)), 1UL << order);
}

/* Whether zram_kho_is_marked() is to be believed. Set while devices attach. */
static bool zram_kho_has_marks;

static bool zram_kho_looks_marked(phys_addr_t phys, unsigned int order)
{
	struct page *page = pfn_to_online_page(PHYS_PFN(phys));

	return page && zram_kho_is_marked(page, order);
}

/**
 * zram_kho_learn() - find out whether it can be told what was handed over
 *
 * Somebody may have changed what kho_compat.h says of a version. So this looks
 * at a page that is certain to have been handed over, and to wait still: the
 * metadata of KHO itself, of which it makes a copy.
 *
 * Context: Process context, module init.
 */
void zram_kho_learn(void)
{
	phys_addr_t phys;
	size_t size;

	zram_kho_has_marks =
		ZRAM_KHO_MARKS_KNOWN &&
		!kho_retrieve_subtree(KHO_METADATA_NODE_NAME, &phys, &size) &&
		zram_kho_looks_marked(phys, 0);
}

/**
 * zram_kho_waits() - was a block handed over, and has nobody restored it yet?
 * @phys: physical address of the block
 * @order: its order
 *
 * That is true of blocks of other users of KHO, too. Where it cannot be told
 * the answer is yes: not to find what is there would lose it, and what is not
 * there is noticed later, when KHO fails to restore it, and warns.
 *
 * Context: Any.
 * Return: false if it is certain that KHO will not restore it.
 */
bool zram_kho_waits(phys_addr_t phys, unsigned int order)
{
	return !READ_ONCE(zram_kho_has_marks) ||
	       zram_kho_looks_marked(phys, order);
}

/*
 * True if a block is free, and not scratch. What is free is preserved by
 * nobody. The answer may be out of date at once.
 */
static bool zram_kho_is_free(unsigned long pfn, unsigned int order)
{
	struct page *page = pfn_to_online_page(pfn);

	return page && !zram_pageblock_is_cma(pfn) && PageBuddy(page) &&
	       READ_ONCE(page->private) >= order;
}

/*
 * Preserving a block makes the path to its leaf, and unpreserving it leaves
 * the path there. Any block serves for its whole leaf, but it must not be one
 * that somebody has preserved: KHO does not count, and our unpreserving it
 * would lose it. So a free block is taken, and none of ours becomes preserved
 * meanwhile. Another user of KHO would have to allocate just this block and to
 * preserve it, at this order, in the microsecond between the two calls; there
 * is no lock that would keep it from that.
 */
static int zram_kho_touch_block(unsigned long pfn, unsigned int order)
{
	struct page *page = pfn_to_page(pfn);
	int err;

	guard(mutex)(&zram_kho_lock);
	if (!zram_kho_is_free(pfn, order))
		return -EAGAIN;
	err = kho_preserve_pages(page, 1UL << order);
	if (!err)
		kho_unpreserve_pages(page, 1UL << order);
	return err;
}

/*
 * A leaf under which nothing is free is left alone. Should memory under it come
 * to us later, joining has to allocate, as it may: in the worker.
 */
static int zram_kho_touch_leaf(unsigned long pfn, unsigned long end,
			       unsigned int order)
{
	unsigned long step = 1UL << order;
	int err;

	for (pfn = ALIGN(pfn, step); pfn + step <= end; pfn += step) {
		if (!zram_kho_is_free(pfn, order))
			continue;
		err = zram_kho_touch_block(pfn, order);
		if (err != -EAGAIN)
			return err;
	}
	return 0;
}

static int zram_kho_touch_range(unsigned long start, unsigned long end,
				unsigned int order)
{
	unsigned long leaf = ZRAM_KHO_LEAF_BLOCKS << order;
	unsigned long pfn, next;
	int err;

	for (pfn = start; pfn < end; pfn = next) {
		next = min(round_down(pfn, leaf) + leaf, end);
		err = zram_kho_touch_leaf(pfn, next, order);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int zram_kho_touch(void)
{
	unsigned int order;
	int nid, err;

	for_each_online_node(nid) {
		for (order = 0; order <= ZRAM_PERSIST_MAX_ORDER; order++) {
			err = zram_kho_touch_range(node_start_pfn(nid),
						   node_end_pfn(nid), order);
			if (err)
				return err;
		}
	}
	return 0;
}

const struct zsp_handover_ops zram_kho_ops = {
	.preserve	= zram_kho_preserve,
	.unpreserve	= kho_unpreserve_folio,
	.restore	= kho_restore_folio,
	.touch		= zram_kho_touch,
};
