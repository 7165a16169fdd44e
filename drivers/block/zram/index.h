/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers and names of devices.
 */
#ifndef _ZRAM_INDEX_H_
#define _ZRAM_INDEX_H_

#include <linux/mutex.h>
#include <linux/types.h>

struct zram;

extern struct mutex zram_index_mutex;
int zram_index_keep(u32 index);
void zram_index_release(u32 index);
int zram_index_take(struct zram *zram, int index, u32 *id);
void zram_index_leave(u32 id, bool keep);
struct zram *zram_index_find(int index);
struct zram *zram_index_first(void);
bool zram_index_name_taken(const struct zram *zram, const char *name);
int zram_index_set_name(struct zram *zram, const char *name);
void zram_index_exit(void);

#endif /* _ZRAM_INDEX_H_ */
