/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The clock that passes are measured with.
 */
#ifndef _ZRAM_BENCH_CLOCK_H_
#define _ZRAM_BENCH_CLOCK_H_

#include <linux/types.h>

#ifdef CONFIG_UML

#include <linux/time64.h>

#define HOST_CLOCK_GETTIME		228
#define HOST_CLOCK_THREAD_CPUTIME	3

/*
 * User-Mode Linux is a process of the host: it can ask the host how much time
 * it has been given, which does not grow while others are running.
 */
static inline u64 bench_now(void)
{
	long nr = HOST_CLOCK_GETTIME;
	struct timespec64 time = {};

	asm volatile("syscall" : "+a" (nr)
		     : "D" (HOST_CLOCK_THREAD_CPUTIME), "S" (&time)
		     : "rcx", "r11", "memory");
	return timespec64_to_ns(&time);
}

#else

#include <linux/ktime.h>

static inline u64 bench_now(void)
{
	return ktime_get_ns();
}

#endif

#endif /* _ZRAM_BENCH_CLOCK_H_ */
