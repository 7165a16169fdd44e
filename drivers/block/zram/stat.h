/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is counted.
 */
#ifndef _ZRAM_STAT_H_
#define _ZRAM_STAT_H_

#include <linux/atomic.h>

/**
 * struct zram_stats - counters of a device
 * @compr_bytes: payload bytes in objects, and raw pages
 * @pages_stored: slots that are not empty
 * @same_pages: those that are filled by one repeated word
 * @huge_pages: those that are raw pages
 * @huge_pages_since: raw pages written since the device was made
 * @failed_reads: reads that ended in an error
 * @failed_writes: writes that ended in an error
 * @notify_free: pages freed by discard, write-zeroes, or swap
 * @miss_free: swap notifications that could not be served
 * @damaged_reads: reads that met an object with a wrong checksum or owner
 * @missing_reads: reads of pages whose backing device is not there
 * @backed_pages: pages on the backing device
 * @bd_reads: blocks read from it
 * @bd_writes: blocks written to it
 */
struct zram_stats {
	atomic64_t compr_bytes;
	atomic64_t pages_stored;
	atomic64_t same_pages;
	atomic64_t huge_pages;
	atomic64_t huge_pages_since;
	atomic64_t failed_reads;
	atomic64_t failed_writes;
	atomic64_t notify_free;
	atomic64_t miss_free;
	atomic64_t damaged_reads;
	atomic64_t missing_reads;
	atomic64_t backed_pages;
	atomic64_t bd_reads;
	atomic64_t bd_writes;
};

#endif /* _ZRAM_STAT_H_ */
