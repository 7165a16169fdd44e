/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading of pages by those who are not bios.
 */
#ifndef _ZRAM_IO_H_
#define _ZRAM_IO_H_

#include <linux/types.h>

struct bio;
struct bvec_iter;
struct zram;

int zram_verify_stored(struct zram *zram, u64 slot, u64 index, void *dst);
int zram_read_stored(struct zram *zram, u64 slot, u64 index, void *dst);
int zram_read_page(struct zram *zram, u64 index, void *dst);
void zram_copy_to_bio(struct bio *bio, struct bvec_iter *iter, void *page);

#endif /* _ZRAM_IO_H_ */
