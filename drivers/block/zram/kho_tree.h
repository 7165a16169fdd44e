/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The radix tree of Kexec HandOver, in which preserved memory is noted.
 */
#ifndef _ZRAM_KHO_TREE_H_
#define _ZRAM_KHO_TREE_H_

int zram_kho_tree_init(void);
void zram_kho_tree_exit(void);
int zram_kho_add_block(unsigned long pfn, unsigned int order);
void zram_kho_note_block(unsigned long pfn, unsigned int order);
int zram_kho_touch(void);

#endif /* _ZRAM_KHO_TREE_H_ */
