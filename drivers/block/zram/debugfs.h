/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is shown in debugfs.
 */
#ifndef _ZRAM_DEBUGFS_H_
#define _ZRAM_DEBUGFS_H_

struct zram;

#ifdef CONFIG_ZRAM_MEMORY_TRACKING
void zram_debugfs_init(void);
void zram_debugfs_exit(void);
void zram_debugfs_add(struct zram *zram);
void zram_debugfs_remove(struct zram *zram);
#else
static inline void zram_debugfs_init(void) { }
static inline void zram_debugfs_exit(void) { }
static inline void zram_debugfs_add(struct zram *zram) { }
static inline void zram_debugfs_remove(struct zram *zram) { }
#endif

#endif /* _ZRAM_DEBUGFS_H_ */
