/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices that are used as swap.
 */
#ifndef _ZRAM_SWAP_H_
#define _ZRAM_SWAP_H_

#include <linux/blk_types.h>

#include "zram.h"

/**
 * zram_swap_note() - a page is about to be written
 * @zram: device
 * @opf: operation and flags of the request
 *
 * Each write of swap says that it is one. Whoever makes something else of the
 * device has to write to it, and that does not.
 *
 * Context: Any; @zram->writers held.
 */
static inline void zram_swap_note(struct zram *zram, blk_opf_t opf)
{
	bool swap = opf & REQ_SWAP;

	if (READ_ONCE(zram->swap) != swap)
		WRITE_ONCE(zram->swap, swap);
}

void zram_swap_attach(struct zram *zram,
		      const struct zram_persist_super *super);

#endif /* _ZRAM_SWAP_H_ */
