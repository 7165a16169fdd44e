/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sort() with the arguments that the kernel's has, for user space.
 */
#ifndef _UNIT_LINUX_SORT_H
#define _UNIT_LINUX_SORT_H

#include <stddef.h>
#include <stdlib.h>

static inline void sort(void *base, size_t num, size_t size,
			int (*compare)(const void *a, const void *b),
			void (*swap)(void *a, void *b, int size))
{
	/* qsort() declares its argument nonnull, and an empty array may be. */
	if (num)
		qsort(base, num, size, compare);
	(void)swap;
}

#endif /* _UNIT_LINUX_SORT_H */
