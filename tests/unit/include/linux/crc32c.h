/* SPDX-License-Identifier: GPL-2.0 */
/*
 * crc32c() as the kernel has it: neither start nor result is inverted.
 */
#ifndef _UNIT_LINUX_CRC32C_H
#define _UNIT_LINUX_CRC32C_H

#include <linux/types.h>

u32 crc32c(u32 crc, const void *p, size_t len);

#endif /* _UNIT_LINUX_CRC32C_H */
