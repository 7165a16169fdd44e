/* SPDX-License-Identifier: GPL-2.0 */
/*
 * crc32c() for measurements in User-Mode Linux, included ahead of every file
 * of our modules (-include) when they are built for that and only then.
 *
 * On x86 crc32c() uses the processor's crc32 instruction, like every machine
 * that our modules are for. User-Mode Linux gets no implementation but the
 * plain table, one byte at a time (lib/crc/Kconfig: CRC_OPTIMIZATIONS depends
 * on !UML), which takes a multiple of the time. In-tree zram has no checksums,
 * so the comparison would charge us with what no real machine pays.
 *
 * This is one stream of crc32q, what lib/crc/x86/crc32.h does up to 512 bytes.
 * Above, the kernel has three streams at once, which is faster than this.
 *
 * The benchmark module compares it with the real crc32c() before anything is
 * measured (module/crc.c).
 */
#ifndef _CRC32C_UML_H_
#define _CRC32C_UML_H_

#include <linux/crc32.h>
#include <linux/unaligned.h>

static inline u32 crc32c_uml(u32 crc, const void *mem, size_t len)
{
	const u8 *at = mem;
	u64 sum = crc;

	for (; len >= sizeof(u64); len -= sizeof(u64), at += sizeof(u64))
		asm("crc32q %1, %0" : "+r" (sum)
		    : "rm" (get_unaligned((const u64 *)at)));
	crc = sum;
	for (; len; len--, at++)
		asm("crc32b %1, %0" : "+r" (crc) : "rm" (*at));
	return crc;
}

#define crc32c(crc, mem, len)	crc32c_uml(crc, mem, len)

#endif /* _CRC32C_UML_H_ */
