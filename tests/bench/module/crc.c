// SPDX-License-Identifier: GPL-2.0
/*
 * crc32c_uml.h stands in for crc32c() where the kernel has no fast one. It must
 * give the same values.
 */

#define pr_fmt(fmt) "zram_bench: " fmt

#include <linux/random.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "../crc32c_uml.h"
#include "bench.h"

static bool same(const u8 *mem, u32 offset, u32 len)
{
	u32 seed = offset * 0x9e3779b9 + len;

	/* In parentheses it is the kernel's function and not the macro. */
	return (crc32c)(seed, mem + offset, len) ==
	       crc32c(seed, mem + offset, len);
}

/**
 * bench_crc_check() - compare the substitute for crc32c() with crc32c()
 *
 * Return: 0 if they agree.
 */
int bench_crc_check(void)
{
	u8 *mem = kmalloc(PAGE_SIZE, GFP_KERNEL);
	u32 offset, len;
	int err = 0;

	if (!mem)
		return -ENOMEM;
	get_random_bytes(mem, PAGE_SIZE);
	for (offset = 0; offset < 16; offset++) {
		for (len = 0; len < 1024; len++)
			err |= !same(mem, offset, len);
		err |= !same(mem, offset, PAGE_SIZE - offset);
	}
	if (err)
		pr_err("crc32c_uml.h gives wrong values\n");
	kfree(mem);
	return err ? -EINVAL : 0;
}
