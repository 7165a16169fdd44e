// SPDX-License-Identifier: GPL-2.0
/*
 * now_us: microseconds on a clock that runs on through kexec.
 *
 * The kernel's clocks start again at zero and the CMOS clock has whole seconds
 * only. The time stamp counter keeps counting; its rate is measured here
 * against the monotonic clock, which is good to about a part in a thousand.
 * now_us RATE takes the rate (in kHz) from an earlier run instead, so that
 * two values taken in different kernels are in the same unit. now_us -r prints
 * the rate.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#define MEASURE_NS 200000000ull

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static uint64_t measure_khz(void)
{
	uint64_t ns = monotonic_ns(), tsc = __rdtsc();

	while (monotonic_ns() - ns < MEASURE_NS)
		;
	tsc = __rdtsc() - tsc;
	ns = monotonic_ns() - ns;
	return tsc * 1000000ull / ns;
}

int main(int argc, char **argv)
{
	uint64_t tsc = __rdtsc();

	if (argc > 1 && !strcmp(argv[1], "-r"))
		printf("%llu\n", (unsigned long long)measure_khz());
	else
		printf("%llu\n", (unsigned long long)
		       (tsc * 1.0e3 / (argc > 1 ? strtoull(argv[1], NULL, 10) : measure_khz())));
	return 0;
}
