/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernel versions, or is not exported to modules.
 */
#ifndef _ZRAM_KHO_COMPAT_H_
#define _ZRAM_KHO_COMPAT_H_

#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/pageblock-flags.h>
#include <linux/types.h>
#include <linux/version.h>

/**
 * zram_pageblock_is_cma() - may the memory around a page lie in KHO scratch?
 * @pfn: page frame number that pfn_to_online_page() knows
 *
 * Scratch is CMA memory. Kernel code asks get_pageblock_migratetype(), which
 * modules cannot call; this reads the same bits.
 *
 * Without CMA there is no scratch, and so no KHO. All architectures that have
 * KHO have SPARSEMEM.
 *
 * Return: true if the page block is CMA.
 */
#if defined(CONFIG_CMA) && defined(CONFIG_SPARSEMEM)
static inline bool zram_pageblock_is_cma(unsigned long pfn)
{
	unsigned long *map = section_to_usemap(__pfn_to_section(pfn));
	unsigned long bit;

	bit = ((pfn & (PAGES_PER_SECTION - 1)) >> pageblock_order) *
	      NR_PAGEBLOCK_BITS;
	return (READ_ONCE(map[bit / BITS_PER_LONG]) >> bit % BITS_PER_LONG &
		PAGEBLOCK_MIGRATETYPE_MASK) == MIGRATE_CMA;
}
#else
static inline bool zram_pageblock_is_cma(unsigned long pfn)
{
	return false;
}
#endif

/**
 * zram_is_for_kernel() - may the kernel itself get memory?
 * @pfn: its first page frame number, which has a zone
 *
 * Return: true if so; false if it is only for what can be moved away.
 */
static inline bool zram_is_for_kernel(unsigned long pfn)
{
	return page_zonenum(pfn_to_page(pfn)) != ZONE_MOVABLE;
}

/**
 * zram_is_boot_memory() - will the next kernel know of this memory?
 * @phys: physical address of a block
 * @size: its size in bytes
 *
 * A kernel that is loaded by kexec gets the memory map of the firmware as it
 * was at boot. Memory that was plugged in later is not in it, but KHO would mark
 * it as in use there, and not find its struct pages, long before anybody could
 * catch that. Memory is plugged in by large blocks, so that both ends of ours
 * are enough to look at.
 *
 * Return: true if it was there at boot, or if that is not known.
 */
#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
#include <asm/e820/api.h>
#include <linux/memory_hotplug.h>
#include <linux/nodemask.h>

static inline bool zram_is_boot_memory(phys_addr_t phys, u64 size)
{
	return e820__mapped_any(phys, phys + 1, E820_TYPE_RAM) &&
	       e820__mapped_any(phys + size - 1, phys + size, E820_TYPE_RAM);
}

/**
 * zram_has_boot_memory() - is there any that the next kernel will know of?
 * @pfn: first page frame number
 * @end: page frame number behind the last one
 *
 * Return: true if so, or if that is not known.
 */
static inline bool zram_has_boot_memory(unsigned long pfn, unsigned long end)
{
	return e820__mapped_any(PFN_PHYS(pfn), PFN_PHYS(end), E820_TYPE_RAM);
}

static inline bool zram_is_added_section(unsigned long pfn)
{
	return pfn_to_online_page(pfn) && zram_is_for_kernel(pfn) &&
	       !zram_has_boot_memory(pfn, pfn + PAGES_PER_SECTION);
}

/**
 * zram_has_added_memory() - may an allocation be memory that was added?
 *
 * What is online as movable does not count: the kernel itself gets none of it.
 *
 * Return: true if there is memory for the kernel that was not there at boot;
 * false if not, or if that is not known.
 */
static inline bool zram_has_added_memory(void)
{
	unsigned long pfn;
	int nid;

	for_each_online_node(nid)
		for (pfn = ALIGN_DOWN(node_start_pfn(nid), PAGES_PER_SECTION);
		     pfn < node_end_pfn(nid); pfn += PAGES_PER_SECTION)
			if (zram_is_added_section(pfn))
				return true;
	return false;
}
#else
static inline bool zram_is_boot_memory(phys_addr_t phys, u64 size)
{
	return true;
}

static inline bool zram_has_boot_memory(unsigned long pfn, unsigned long end)
{
	return true;
}

static inline bool zram_has_added_memory(void)
{
	return false;
}
#endif

/**
 * ZRAM_KHO_MARKS_KNOWN - does zram_kho_is_marked() know this kernel?
 *
 * Linux 7.2 and 7.3 were read. A later one may mark blocks in another way, and
 * then all of them would look as if they were missing: so it is not asked
 * before somebody has read it, too.
 */
#define ZRAM_KHO_MARKS_KNOWN	(KERNEL_VERSION(7, 4, 0) > LINUX_VERSION_CODE)

/**
 * zram_kho_is_marked() - does a block wait for somebody to restore it?
 * @page: first page of the block
 * @order: order of the block
 *
 * Of each block that it received, KHO notes the order in the struct page, next
 * to a magic number, and forgets both when the block is restored. It has no
 * function that tells: one can only try to restore a block, which takes it if
 * it is there, and is a WARN() if it is not.
 *
 * Return: true if KHO has this block, at this order.
 */
static inline bool zram_kho_is_marked(const struct page *page,
				      unsigned int order)
{
	const union {
		unsigned long private;
		struct {
			u32 order;
			u32 magic;
		};
	} mark = { .private = READ_ONCE(page->private) };

	return mark.magic == 0x4b484f50 && mark.order == order;
}

#endif /* _ZRAM_KHO_COMPAT_H_ */
