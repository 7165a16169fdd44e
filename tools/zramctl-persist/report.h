/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_REPORT_H
#define ZRAMCTL_REPORT_H

#include <stdbool.h>

/**
 * enum result - what was found out
 * @RESULT_OK: as it should be
 * @RESULT_NOTE: worth knowing
 * @RESULT_UNKNOWN: cannot be told
 * @RESULT_BAD: not as it should be
 * @NR_RESULTS: how many there are
 */
enum result {
	RESULT_OK,
	RESULT_NOTE,
	RESULT_UNKNOWN,
	RESULT_BAD,
	NR_RESULTS,
};

void report_add(const char *subject, const char *check, enum result result,
		const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
unsigned int report_count(enum result result);
char *report_first(enum result result);
void report_print(const char *name, bool json);

#endif /* ZRAMCTL_REPORT_H */
