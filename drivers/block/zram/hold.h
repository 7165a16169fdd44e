/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices that another kernel handed over and that are not attached.
 */
#ifndef _ZRAM_HOLD_H_
#define _ZRAM_HOLD_H_

#include <linux/device.h>
#include <linux/zram_persist.h>

#include "check.h"

/**
 * struct zram_held - a device that is not attached
 * @dev: in the class zram-control, from zram_held_add() on
 * @check: its validation, with its segments, from zram_check_envelope()
 * @super: its superblock, as the previous kernel left it; not once it is @gone
 *	or attached
 * @info: a copy of it
 * @held_hops: kernels that have held it, this one included
 * @named: the outgoing record names it
 * @preserved: goes on to the next kernel
 * @numbered: its number is kept from other devices
 * @lost: KHO did not have all of its memory
 * @gone: nothing that users could attach or drop: that was done, or is not
 *	decided yet
 * @zram: the device, attached but not announced for want of memory; or NULL
 * @reason: why it is not attached
 *
 * Protected by zram_held_lock; until it is added it belongs to who made it.
 */
struct zram_held {
	struct device dev;
	struct zram_check check;
	struct zram_persist_super *super;
	struct zram_persist_super *info;
	u32 held_hops;
	bool named;
	bool preserved;
	bool numbered;
	bool lost;
	bool gone;
	struct zram *zram;
	char reason[96];
};

/* hold.c */
int zram_hold(struct zram_held *held, bool preserve);
void zram_unhold(struct zram_held *held);
void zram_held_lose(struct zram_held *held, u64 max);
bool zram_held_is_whole(struct zram_held *held);
void zram_drop(struct zram_held *held);
__printf(2, 3)
void zram_held_because(struct zram_held *held, const char *fmt, ...);

/* held.c */
void zram_held_lock(void);
void zram_held_unlock(void);
u32 zram_held_kexecs(const struct zram_held *held);
struct zram_held *zram_held_alloc(u32 held_hops);
void zram_held_free(struct zram_held *held);
int zram_held_add(struct zram_held *held);
void zram_held_show(struct zram_held *held);
void zram_held_remove(struct zram_held *held);
void zram_held_remove_all(void);

/* survey.c */
const void *zram_survey_map(void *data, __u64 phys, __u64 len);
int zram_survey(const struct zram_persist_record *record,
		struct zram_held **held);

/* attach.c */
int zram_attach_held(struct zram_held *held);

#endif /* _ZRAM_HOLD_H_ */
