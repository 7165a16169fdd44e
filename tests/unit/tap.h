/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test Anything Protocol: "ok 1 - name", "not ok 2 - name", "1..2".
 */
#ifndef _UNIT_TAP_H
#define _UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static unsigned int tap_number, tap_failures;

/* Report one test; more can be said with tap_note() before or after. */
static inline void tap_ok(bool good, const char *name)
{
	tap_number++;
	if (!good)
		tap_failures++;
	printf("%s %u - %s\n", good ? "ok" : "not ok", tap_number, name);
	fflush(stdout);
}

static inline __attribute__((format(printf, 1, 2)))
void tap_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
}

/* End of the program: returns its exit status. */
static inline int tap_done(void)
{
	printf("1..%u\n", tap_number);
	return tap_failures ? 1 : 0;
}

#endif /* _UNIT_TAP_H */
