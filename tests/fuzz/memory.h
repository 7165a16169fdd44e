/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of a machine that has just booted, as an image says.
 */
#ifndef _FUZZ_MEMORY_H
#define _FUZZ_MEMORY_H

#include <linux/types.h>
#include "../../drivers/block/zram/check.h"
#include "image_format.h"

#define PAGE		4096ULL

/* Physical addresses end here. */
#define MEMORY_END	(8ULL << 30)
/* Memory that an image can have. */
#define MEMORY_PAGES	32768

bool memory_load(const u8 *data, size_t size, struct image_header *header);
void memory_unload(void);
bool memory_exists(u64 phys, u64 len);
void *memory_at(u64 phys);
void memory_dirty(u64 phys, u64 len);
void memory_poison(void);
const void *memory_map(void *data, __u64 phys, __u64 len);

/* seal.c */
void memory_seal(u64 record);

/* verify.c */
void verify_envelope(const struct zram_check *check,
		     const struct zram_persist_super *super);
void verify_contents(const struct zram_check *check,
		     const struct zram_persist_super *super);

#endif /* _FUZZ_MEMORY_H */
