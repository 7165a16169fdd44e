// SPDX-License-Identifier: GPL-2.0
/*
 * The radix tree of Kexec HandOver, in which preserved memory is noted.
 *
 * KHO allocates its nodes when they are needed, and never frees one. That is a
 * danger in two ways: there may be no memory for one, and it may come to lie in
 * memory that was added to the running machine. The next kernel does not know of
 * such memory, has no mapping for it, and reads the tree long before anything
 * could catch that: it ends with a page fault, and with it all that was handed
 * over. So nodes for all memory are made early, while there is memory and, as a
 * rule, before any is added; those that are missing then are not made while the
 * kernel could take added memory for them.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/kexec_handover.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/xarray.h>

#include "kho_compat.h"
#include "kho_tree.h"
#include "zram.h"

/* A leaf is a page of bits, one for each block of its order. */
#define ZRAM_KHO_LEAF_BLOCKS	(BITS_PER_BYTE * PAGE_SIZE)

/*
 * Protects what follows, and keeps our own memory from being preserved while
 * zram_kho_touch_block() looks at a block that is free, and preserves it for a
 * moment. Innermost but for the locks of KHO.
 */
static DEFINE_MUTEX(zram_kho_lock);

/*
 * Leaves of which we know that they exist: index of the leaf among those of its
 * order, next to the order. KHO has no function that tells.
 */
static DEFINE_XARRAY(zram_kho_leaves);

/* Memory for the kernel is going online at this moment. */
static bool zram_kho_growing;

/*
 * Whether the kernel has memory of which the next one will not know; and how much
 * there was, in pages, when that was found.
 */
static bool zram_kho_has_grown;
static unsigned long zram_kho_pages;

/*
 * Is it too late to let KHO make a node? No page of added memory can be had before
 * it counts among all pages: so the answer is right also where the notifier came too
 * late to know. Context: zram_kho_lock.
 */
static bool zram_kho_is_late(void)
{
	unsigned long pages = totalram_pages();

	if (pages != zram_kho_pages) {
		zram_kho_pages = pages;
		zram_kho_has_grown = zram_has_added_memory();
	}
	return zram_kho_growing || zram_kho_has_grown;
}

static unsigned long zram_kho_leaf(unsigned long pfn, unsigned int order)
{
	unsigned long nr = (pfn >> order) / ZRAM_KHO_LEAF_BLOCKS;

	return nr * (ZRAM_PERSIST_MAX_ORDER + 1) + order;
}

/* === One block === */

/* May KHO be told of a block? Context: zram_kho_lock. */
static int zram_kho_check(unsigned long pfn, unsigned int order)
{
	if (!zram_is_boot_memory(PFN_PHYS(pfn), PAGE_SIZE << order)) {
		pr_warn_once("memory that was added to the running machine cannot be handed over; put it online as movable, and devices will not get any\n");
		return -EADDRNOTAVAIL;
	}
	if (xa_load(&zram_kho_leaves, zram_kho_leaf(pfn, order)))
		return 0;
	if (zram_kho_is_late()) {
		pr_warn_ratelimited("no more memory can be handed over: the tables of Kexec HandOver could come to lie in memory that was added to the running machine, where the next kernel cannot read them; take it offline, or put it online as movable\n");
		return -EADDRNOTAVAIL;
	}
	return 0;
}

/* One that cannot be noted is looked for again. Context: zram_kho_lock. */
static void zram_kho_note(unsigned long pfn, unsigned int order)
{
	unsigned long leaf = zram_kho_leaf(pfn, order);

	if (!xa_load(&zram_kho_leaves, leaf))
		xa_store(&zram_kho_leaves, leaf, xa_mk_value(1),
			 GFP_KERNEL | __GFP_NOWARN);
}

/* Context: zram_kho_lock. */
static int zram_kho_add_locked(unsigned long pfn, unsigned int order)
{
	int err = zram_kho_check(pfn, order);

	if (err)
		return err;
	err = kho_preserve_pages(pfn_to_page(pfn), 1UL << order);
	if (!err)
		zram_kho_note(pfn, order);
	return err;
}

/**
 * zram_kho_add_block() - preserve a block
 * @pfn: its first page frame number
 * @order: its order; at most ZRAM_PERSIST_MAX_ORDER
 *
 * KHO knows a block by its address and order alone, whether it is a folio or not.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: 0; an errno of KHO; or -EADDRNOTAVAIL if the next kernel would not know
 * of the memory, or could not read that it is preserved.
 */
int zram_kho_add_block(unsigned long pfn, unsigned int order)
{
	guard(mutex)(&zram_kho_lock);
	return zram_kho_add_locked(pfn, order);
}

/**
 * zram_kho_note_block() - note that a block is preserved already
 * @pfn: its first page frame number
 * @order: its order
 *
 * By a module that was there before this one.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 */
void zram_kho_note_block(unsigned long pfn, unsigned int order)
{
	guard(mutex)(&zram_kho_lock);
	zram_kho_note(pfn, order);
}

/* === Making nodes early === */

/*
 * True if a block is free, not scratch, and the next kernel knows of it. What is
 * free is preserved by nobody. The answer may be out of date at once.
 */
static bool zram_kho_is_free(unsigned long pfn, unsigned int order)
{
	struct page *page = pfn_to_online_page(pfn);

	return page && !zram_pageblock_is_cma(pfn) && PageBuddy(page) &&
	       READ_ONCE(page->private) >= order &&
	       zram_is_boot_memory(PFN_PHYS(pfn), PAGE_SIZE << order);
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
	int err;

	guard(mutex)(&zram_kho_lock);
	if (!zram_kho_is_free(pfn, order))
		return -EAGAIN;
	err = zram_kho_add_locked(pfn, order);
	if (!err)
		kho_unpreserve_pages(pfn_to_page(pfn), 1UL << order);
	return err;
}

/*
 * A leaf under which nothing is free is left alone. Should memory under it come
 * to us later, joining has to allocate, as it may: in the worker; or it fails, if
 * it is too late by then.
 */
static int zram_kho_touch_leaf(unsigned long pfn, unsigned long end,
			       unsigned int order)
{
	unsigned long step = 1UL << order;
	int err;

	if (xa_load(&zram_kho_leaves, zram_kho_leaf(pfn, order)) ||
	    !zram_has_boot_memory(pfn, end))
		return 0;
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

static int zram_kho_touch_all(void)
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

/**
 * zram_kho_touch() - make the nodes that preserving any memory needs
 *
 * If it is too late for that no more are made. That is no error: those that there
 * are may do, as zram_kho_add_block() finds.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: 0, or an errno of KHO.
 */
int zram_kho_touch(void)
{
	int err;

	scoped_guard(mutex, &zram_kho_lock)
		if (zram_kho_is_late())
			return 0;
	err = zram_kho_touch_all();
	return err == -EADDRNOTAVAIL ? 0 : err;
}

/* === Memory that is added === */

/* What is known of the memory that there is may be out of date. */
static void zram_kho_set_growing(bool growing)
{
	guard(mutex)(&zram_kho_lock);
	zram_kho_growing = growing;
	zram_kho_pages = 0;
}

/*
 * Nodes may be needed later: this is the last moment at which no added memory can be
 * taken for them. Those that were made before are not all: what is free has changed.
 */
static void zram_kho_grow(unsigned long pfn)
{
	int err = 0;

	if (!zram_is_for_kernel(pfn))
		return;
	if (zram_kho_enabled())
		err = zram_kho_touch();
	if (err)
		pr_warn("memory is added, and Kexec HandOver has no memory for its tables (%pe): later it may be too late to hand over more\n",
			ERR_PTR(err));
	zram_kho_set_growing(true);
}

static int zram_kho_memory_event(struct notifier_block *nb,
				 unsigned long action, void *data)
{
	const struct memory_notify *memory = data;

	switch (action) {
	case MEM_GOING_ONLINE:
		zram_kho_grow(memory->start_pfn);
		break;
	case MEM_ONLINE:
	case MEM_CANCEL_ONLINE:
	case MEM_OFFLINE:
		zram_kho_set_growing(false);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block zram_kho_memory_nb = {
	.notifier_call	= zram_kho_memory_event,
};

/**
 * zram_kho_tree_init() - begin to watch what becomes of memory
 *
 * Context: Process context, module init. Sleeps.
 * Return: 0 or a negative errno.
 */
int zram_kho_tree_init(void)
{
	return register_memory_notifier(&zram_kho_memory_nb);
}

/**
 * zram_kho_tree_exit() - undo zram_kho_tree_init()
 *
 * Context: Process context, when there is no device any more. Sleeps.
 */
void zram_kho_tree_exit(void)
{
	unregister_memory_notifier(&zram_kho_memory_nb);
	xa_destroy(&zram_kho_leaves);
}
