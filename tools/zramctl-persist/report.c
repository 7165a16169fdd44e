// SPDX-License-Identifier: GPL-2.0
/*
 * Findings: what was looked at, what came out, and what one can do.
 */

#include <err.h>
#include <libsmartcols/libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

struct finding {
	char *subject;
	const char *check;
	enum result result;
	const char *hint;
	char *detail;
};

static struct finding *findings;
static size_t nr_findings;

static const char *const words[NR_RESULTS] = {
	[RESULT_OK] = "ok",
	[RESULT_NOTE] = "note",
	[RESULT_UNKNOWN] = "unknown",
	[RESULT_BAD] = "bad",
};

/**
 * report_add() - add a finding
 * @subject: what it is about, for instance a device
 * @check: what was looked at, in a word, a literal
 * @result: what came out
 * @hint: what one can do; kept, not copied; or NULL
 * @format: of printf, for a sentence
 */
void report_add(const char *subject, const char *check, enum result result,
		const char *hint, const char *format, ...)
{
	struct finding *finding;
	va_list args;

	findings = reallocarray(findings, nr_findings + 1, sizeof(*findings));
	if (!findings)
		err(EXIT_FAILURE, "out of memory");
	finding = &findings[nr_findings++];
	finding->subject = strdup(subject);
	finding->check = check;
	finding->result = result;
	finding->hint = hint;
	va_start(args, format);
	if (!finding->subject || vasprintf(&finding->detail, format, args) < 0)
		err(EXIT_FAILURE, "out of memory");
	va_end(args);
}

/**
 * report_count() - how many findings are so
 * @result: how
 *
 * Return: number of them.
 */
unsigned int report_count(enum result result)
{
	unsigned int count = 0;
	size_t i;

	for (i = 0; i < nr_findings; i++)
		count += findings[i].result == result;
	return count;
}

/**
 * report_first() - the first finding that is so
 * @result: how
 *
 * Return: what it is about and its sentence, to be freed, or NULL.
 */
char *report_first(enum result result)
{
	char *text;
	size_t i;

	for (i = 0; i < nr_findings; i++) {
		if (findings[i].result != result)
			continue;
		if (asprintf(&text, "%s: %s", findings[i].subject,
			     findings[i].detail) < 0)
			err(EXIT_FAILURE, "out of memory");
		return text;
	}
	return NULL;
}

static void report_print_json(const char *name)
{
	static const char *const headings[] = {
		"SUBJECT", "CHECK", "RESULT", "DETAIL", "HINT",
	};
	struct libscols_table *table = scols_new_table();
	struct libscols_line *line;
	size_t i;

	if (!table)
		err(EXIT_FAILURE, "failed to allocate output table");
	scols_table_enable_json(table, 1);
	scols_table_set_name(table, name);
	for (i = 0; i < sizeof(headings) / sizeof(*headings); i++)
		if (!scols_table_new_column(table, headings[i], 1, 0))
			err(EXIT_FAILURE, "failed to initialize output column");
	for (i = 0; i < nr_findings; i++) {
		const struct finding *finding = &findings[i];

		line = scols_table_new_line(table, NULL);
		if (!line || scols_line_set_data(line, 0, finding->subject) ||
		    scols_line_set_data(line, 1, finding->check) ||
		    scols_line_set_data(line, 2, words[finding->result]) ||
		    scols_line_set_data(line, 3, finding->detail) ||
		    scols_line_set_data(line, 4, finding->hint))
			errx(EXIT_FAILURE, "failed to add output data");
	}
	if (scols_print_table(table))
		errx(EXIT_FAILURE, "failed to print the table");
	scols_unref_table(table);
}

/**
 * report_print() - print all findings
 * @name: of the list, for JSON
 * @json: as JSON
 */
void report_print(const char *name, bool json)
{
	size_t i;

	if (json) {
		report_print_json(name);
		return;
	}
	for (i = 0; i < nr_findings; i++) {
		const struct finding *finding = &findings[i];

		printf("%-7s  %s: %s\n", words[finding->result],
		       finding->subject, finding->detail);
		if (finding->hint)
			printf("%9s%s\n", "", finding->hint);
	}
}
