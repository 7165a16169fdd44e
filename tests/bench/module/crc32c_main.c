// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the kernel's own assembly code for crc32c() available where the kernel
 * leaves it out, for crc32c_uml.h. Which of it is used is decided as the kernel
 * does it elsewhere, but for the few Intel processors where it shuns AVX-512.
 */

#define pr_fmt(fmt) "crc32c_x86: " fmt

#include <linux/bits.h>
#include <linux/cache.h>
#include <linux/export.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/types.h>

/* Of the kernel's lib/crc/x86/, like the code. */
#include "crc-pclmul-consts.h"

/* Of leaf 7: AVX512BW and AVX512VL in EBX, VPCLMULQDQ in ECX. */
#define CPUID_7_EBX	(BIT(30) | BIT(31))
#define CPUID_7_ECX	BIT(10)
/* What the operating system keeps: SSE, AVX, and the three parts of AVX-512. */
#define XCR0_AVX512	(BIT(1) | BIT(2) | BIT(5) | BIT(6) | BIT(7))
#define CPUID_1_OSXSAVE	BIT(27)

asmlinkage u32 crc32c_x86_3way(u32 crc, const u8 *buffer, size_t len);
asmlinkage u32 crc32_lsb_vpclmul_avx512(u32 crc, const u8 *p, size_t len,
					const void *consts);

static bool has_avx512 __ro_after_init;

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static struct cpuid cpuid_of(u32 leaf)
{
	struct cpuid regs;

	asm("cpuid" : "=a" (regs.eax), "=b" (regs.ebx), "=c" (regs.ecx),
	    "=d" (regs.edx) : "0" (leaf), "2" (0));
	return regs;
}

static bool cpu_has_avx512(void)
{
	struct cpuid seven;
	u32 low, high;

	if (!(cpuid_of(1).ecx & CPUID_1_OSXSAVE) || cpuid_of(0).eax < 7)
		return false;
	asm("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	seven = cpuid_of(7);
	return (low & XCR0_AVX512) == XCR0_AVX512 &&
	       (seven.ebx & CPUID_7_EBX) == CPUID_7_EBX &&
	       seven.ecx & CPUID_7_ECX;
}

/**
 * crc32c_x86_long() - crc32c() of data for which vector registers are worth it
 * @crc: of what comes before it
 * @mem: data
 * @len: bytes, 512 at least
 *
 * Return: as crc32c().
 */
u32 crc32c_x86_long(u32 crc, const u8 *mem, size_t len)
{
	if (has_avx512)
		return crc32_lsb_vpclmul_avx512(crc, mem, len,
			crc32_lsb_0x82f63b78_consts.fold_across_128_bits_consts);
	return crc32c_x86_3way(crc, mem, len);
}
EXPORT_SYMBOL_GPL(crc32c_x86_long);

static int __init crc32c_x86_init(void)
{
	has_avx512 = cpu_has_avx512();
	pr_info("uses %s\n", has_avx512 ? "AVX-512" : "crc32q");
	return 0;
}
module_init(crc32c_x86_init);

MODULE_DESCRIPTION("crc32c() of x86, for measurements");
MODULE_LICENSE("GPL");
