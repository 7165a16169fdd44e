/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices that are used as swap.
 */
#ifndef _ZRAM_SWAP_H_
#define _ZRAM_SWAP_H_

#include <linux/bio.h>

#include "zram.h"

/**
 * zram_swap_note() - a page is about to be written
 * @zram: device
 * @bio: the request
 *
 * Each write of swap says that it is one. Whoever makes something else of the
 * device has to write to it, and that does not. What a device between swap and
 * this one passes on is no swap of ours, since there may be more on it: that is a
 * clone, or has pages of its own.
 *
 * Context: Any; @zram->writers held.
 */
static inline void zram_swap_note(struct zram *zram, struct bio *bio)
{
	bool swap = bio->bi_opf & REQ_SWAP && !bio_flagged(bio, BIO_CLONED) &&
		    folio_test_swapcache(bio_first_folio_all(bio));

	if (READ_ONCE(zram->swap) != swap)
		WRITE_ONCE(zram->swap, swap);
}

void zram_swap_attach(struct zram *zram,
		      const struct zram_persist_super *super);

#endif /* _ZRAM_SWAP_H_ */
