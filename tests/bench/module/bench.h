/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The benchmark module: bios from inside the kernel, so that system calls do
 * not count, and what is needed around them.
 */
#ifndef _ZRAM_BENCH_H_
#define _ZRAM_BENCH_H_

#include <linux/types.h>

/* Pages in a bio of a sequential pass: what a readahead window has. */
#define BENCH_BATCH		32

/* What a pass tells: pages handled, nanoseconds, and one number more. */
struct bench_result {
	u64 pages;
	u64 ns;
	u64 ns2;
	u64 bytes;
};

/* data.c: the data set, in memory. */
int bench_data_load(const char *path);
void bench_data_free(void);
u32 bench_data_pages(void);
void *bench_data_page(u32 index);
u32 *bench_shuffled(u32 seed);

/* io.c: passes over a block device. */
int bench_io(const char *op, const char *path, unsigned int threads,
	     struct bench_result *result);
void bench_io_forget(void);

/* codec.c: a codec alone, on the same pages. */
int bench_codec(const char *name, struct bench_result *result);

#ifdef CONFIG_UML
/* crc.c: what stands in for crc32c() gives what crc32c() gives. */
int bench_crc_check(void);
#else
static inline int bench_crc_check(void)
{
	return 0;
}
#endif

/* memory.c */
u64 bench_free_pages(void);
int bench_touch_memory(void);

#endif /* _ZRAM_BENCH_H_ */
