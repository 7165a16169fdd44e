// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the kernel's own assembly code for crc32c() available where the kernel
 * leaves it out, for crc32c_uml.h.
 */

#include <linux/export.h>
#include <linux/linkage.h>
#include <linux/module.h>

asmlinkage u32 crc32c_x86_3way(u32 crc, const u8 *buffer, size_t len);
EXPORT_SYMBOL_GPL(crc32c_x86_3way);

MODULE_DESCRIPTION("crc32c() of x86, for measurements");
MODULE_LICENSE("GPL");
