// SPDX-License-Identifier: GPL-2.0
/*
 * The clock of a device across kexec.
 */

#include "times.h"

/* Longer than a kexec, and shorter than what a wrong clock is mostly off by. */
#define ZRAM_CLOCK_MAX_KEXEC	3600

/**
 * zram_clock_resume() - let the clock of a device go on
 * @zram: device
 * @super: its superblock, of the previous kernel
 *
 * The time since boot has gone on for as long as this kernel runs. How long
 * the kexec took before is known only from the wall clock, which may have been
 * set meanwhile, or be wrong so early: if what it says cannot be, the kexec
 * took no time.
 *
 * Context: Process context, nobody else knows the device yet.
 */
void zram_clock_resume(struct zram *zram,
		       const struct zram_persist_super *super)
{
	s64 gone = ktime_get_real_seconds() - super->wall_clock;
	s64 boot = ktime_get_boottime_seconds();

	if (gone < boot || gone > boot + ZRAM_CLOCK_MAX_KEXEC)
		gone = boot;
	zram->clock_offset = (s64)super->clock + gone - boot;
}
