/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernel versions, or is not exported to modules.
 */
#ifndef _ZRAM_KHO_COMPAT_H_
#define _ZRAM_KHO_COMPAT_H_

#include <linux/mmzone.h>
#include <linux/pageblock-flags.h>

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

#endif /* _ZRAM_KHO_COMPAT_H_ */
