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
 * As in lib/crc/x86/crc32.h, there is one stream of crc32q for short data, and
 * for 512 bytes and more the kernel's own assembly code: with AVX-512 where the
 * processor has it, else with three streams of crc32q (module/crc32c_main.c).
 * Its kernel_fpu_begin() and kernel_fpu_end() are left out: User-Mode Linux
 * needs none, and has none that would tell what they cost elsewhere.
 *
 * The benchmark module compares it with the real crc32c() before anything is
 * measured (module/crc.c).
 */
#ifndef _CRC32C_UML_H_
#define _CRC32C_UML_H_

#include <linux/crc32.h>
#include <linux/unaligned.h>

/* Of module crc32c_x86. */
#define CRC32C_UML_LONG_BYTES	512
u32 crc32c_x86_long(u32 crc, const u8 *mem, size_t len);

static inline u32 crc32c_uml(u32 crc, const void *mem, size_t len)
{
	const u8 *at = mem;
	u64 sum = crc;

	if (len >= CRC32C_UML_LONG_BYTES)
		return crc32c_x86_long(crc, mem, len);
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
