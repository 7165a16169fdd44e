/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The handover record.
 */
#ifndef _ZRAM_RECORD_H_
#define _ZRAM_RECORD_H_

#include <linux/types.h>
#include <linux/zram_persist.h>

struct zram_check;

int zram_record_add(u64 super);
void zram_record_remove(u64 super);
int zram_record_hold(u64 super, u32 held_hops, bool preserved);
void zram_record_unhold(u64 super);
void zram_record_claim(u64 super);
bool zram_record_is_faulty(void);
void zram_record_seal(void);
const struct zram_persist_record *
zram_record_receive(struct zram_check *check,
		    struct zram_persist_record *incoming);
void zram_record_consume(void);
void zram_record_leave(void);

#endif /* _ZRAM_RECORD_H_ */
