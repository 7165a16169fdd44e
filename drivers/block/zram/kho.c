// SPDX-License-Identifier: GPL-2.0
/*
 * The handover operations of a pool, on Kexec HandOver.
 */

#include <linux/kexec_handover.h>
#include <linux/kho/abi/kexec_metadata.h>
#include <linux/memory_hotplug.h>

#include "kho_compat.h"
#include "kho_tree.h"
#include "zram.h"

/**
 * zram_kho_enabled() - can memory be handed over to the next kernel?
 *
 * Return: true if this kernel has KHO and it is switched on.
 */
bool zram_kho_enabled(void)
{
	return kho_is_enabled();
}

static int zram_kho_preserve(struct folio *folio)
{
	return zram_kho_add_block(folio_pfn(folio), folio_order(folio));
}

/**
 * zram_kho_alloc() - allocate memory that is handed over
 * @size: in bytes
 *
 * kho_unpreserve_free() frees it. kho_alloc_preserve() would not do: it does not
 * ask where the tables of KHO come to lie.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: zeroed memory, or an error pointer with an errno of
 * zram_kho_add_block().
 */
void *zram_kho_alloc(size_t size)
{
	struct folio *folio;
	int err;

	folio = folio_alloc(GFP_KERNEL | __GFP_ZERO, get_order(size));
	if (!folio)
		return ERR_PTR(-ENOMEM);
	err = zram_kho_preserve(folio);
	if (!err)
		return folio_address(folio);
	folio_put(folio);
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
 * Return: 0 or an errno of zram_kho_add_block().
 */
int zram_kho_hold(phys_addr_t phys, unsigned int order)
{
	return zram_kho_add_block(PHYS_PFN(phys), order);
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

const struct zsp_handover_ops zram_kho_ops = {
	.preserve	= zram_kho_preserve,
	.unpreserve	= kho_unpreserve_folio,
	.restore	= kho_restore_folio,
	.touch		= zram_kho_touch,
};
