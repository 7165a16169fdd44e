/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_COLUMNS_H
#define ZRAMCTL_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "device.h"

/**
 * enum column_kind - what a column shows, and so how
 * @KIND_TEXT: text
 * @KIND_SIZE: size in bytes
 * @KIND_COUNT: whole number
 * @KIND_RATIO: number with four digits behind the point
 * @KIND_BOOL: 0 or 1
 */
enum column_kind {
	KIND_TEXT,
	KIND_SIZE,
	KIND_COUNT,
	KIND_RATIO,
	KIND_BOOL,
};

/**
 * struct column - a column of the tables of devices
 * @name: heading
 * @width: hint for libsmartcols
 * @flags: of libsmartcols
 * @kind: what it shows
 * @attr: attribute of a device that it comes from, or NULL
 * @key: line of @attr, or NULL for a field or for all of it
 * @field: field of @attr if there is no @key; -1 for all of it
 * @old: attribute that had the same before there was @attr, or NULL
 * @held: attribute of a held device that it comes from, or NULL
 * @data: takes the place of all these, or NULL; returns text to be freed, or
 *	NULL for an empty cell
 * @of_both: @data knows held devices, too
 * @help: explanation
 */
struct column {
	const char *name;
	double width;
	int flags;
	enum column_kind kind;
	const char *attr;
	const char *key;
	int field;
	const char *old;
	const char *held;
	char *(*data)(struct device *dev, bool bytes);
	bool of_both;
	const char *help;
};

extern const struct column columns[];
extern const size_t nr_columns;

const struct column *column_find(const char *name, size_t len);
char *column_cell(const struct column *column, struct device *dev, bool bytes);

#endif /* ZRAMCTL_COLUMNS_H */
