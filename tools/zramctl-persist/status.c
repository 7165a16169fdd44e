// SPDX-License-Identifier: GPL-2.0
/*
 * Tables of devices.
 */

#include <err.h>
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "device.h"
#include "status.h"

/* Each column may be named as often as one likes, up to here. */
#define MAX_CHOSEN	128

static const char default_columns[] =
	"NAME,ALGORITHM,DISKSIZE,DATA,COMPR,TOTAL,STREAMS,MOUNTPOINT";
static const char persist_columns[] =
	"NAME,VOLUME,UUID,PERSIST,DISKSIZE,DATA,MEM-REAL,HOPS,SEGMENTS,DAMAGED-PAGES,MOUNTPOINT";
static const char held_columns[] =
	"UUID,VOLUME,DISKSIZE,TOTAL,HOPS,HELD-HOPS,PRESERVED,HELD-REASON";

struct table {
	const struct options *opts;
	struct libscols_table *scols;
	const struct column *chosen[MAX_CHOSEN];
	size_t nr_chosen;
};

static void table_choose_one(struct table *table, const struct column *column)
{
	if (table->nr_chosen == MAX_CHOSEN)
		errx(EXIT_FAILURE, "too many columns specified, the limit is %d columns",
		     MAX_CHOSEN);
	table->chosen[table->nr_chosen++] = column;
}

static void table_choose(struct table *table, const char *list)
{
	const struct column *column;
	size_t len;

	if (!*list)
		exit(EXIT_FAILURE);
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		column = column_find(list, len);
		if (!column)
			errx(EXIT_FAILURE, "unknown column: %.*s", (int)len,
			     list);
		table_choose_one(table, column);
		if (!list[len])
			break;
	}
}

/* All that can have something in it: in some tables there are devices of both kinds. */
static void table_choose_all(struct table *table)
{
	bool held = table->opts->action == ACTION_HELD || table->opts->persist;
	bool attached = table->opts->action != ACTION_HELD;
	const struct column *column;
	size_t i;

	for (i = 0; i < nr_columns; i++) {
		column = &columns[i];
		if ((held && (column->held || column->of_both)) ||
		    (attached && (column->attr || column->data)))
			table_choose_one(table, column);
	}
}

static void table_choose_columns(struct table *table, const char *standard)
{
	const char *list = table->opts->columns;

	if (table->opts->all_columns) {
		table_choose_all(table);
	} else if (!list) {
		table_choose(table, standard);
	} else if (*list == '+') {
		table_choose(table, standard);
		table_choose(table, list + 1);
	} else {
		table_choose(table, list);
	}
}

static bool table_shows(const struct table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->nr_chosen; i++)
		if (!strcmp(table->chosen[i]->name, name))
			return true;
	return false;
}

static int table_json_type(const struct table *table,
			   const struct column *column)
{
	switch (column->kind) {
	case KIND_COUNT:
	case KIND_RATIO:
		return SCOLS_JSON_NUMBER;
	case KIND_SIZE:
		return table->opts->bytes ? SCOLS_JSON_NUMBER :
					    SCOLS_JSON_STRING;
	case KIND_BOOL:
		return SCOLS_JSON_BOOLEAN;
	case KIND_TEXT:
		break;
	}
	return SCOLS_JSON_STRING;
}

static void table_begin(struct table *table, const struct options *opts,
			const char *name, const char *standard)
{
	struct libscols_column *column;
	size_t i;

	table->opts = opts;
	table->nr_chosen = 0;
	table_choose_columns(table, standard);
	scols_init_debug(0);
	table->scols = scols_new_table();
	if (!table->scols)
		err(EXIT_FAILURE, "failed to allocate output table");
	scols_table_enable_raw(table->scols, opts->raw);
	scols_table_enable_json(table->scols, opts->json);
	scols_table_enable_noheadings(table->scols, opts->noheadings);
	scols_table_set_name(table->scols, name);
	for (i = 0; i < table->nr_chosen; i++) {
		const struct column *chosen = table->chosen[i];

		column = scols_table_new_column(table->scols, chosen->name,
						chosen->width, chosen->flags);
		if (!column)
			err(EXIT_FAILURE, "failed to initialize output column");
		scols_column_set_json_type(column,
					   table_json_type(table, chosen));
	}
}

/*
 * A row is there as a whole or not at all: a device that vanishes while it is
 * read has half of its cells.
 */
static int table_add(struct table *table, struct device *dev)
{
	struct libscols_line *line = scols_table_new_line(table->scols, NULL);
	char *cell;
	size_t i;

	if (!line)
		err(EXIT_FAILURE, "failed to allocate output line");
	for (i = 0; i < table->nr_chosen; i++) {
		cell = column_cell(table->chosen[i], dev, table->opts->bytes);
		if (cell && scols_line_refer_data(line, i, cell))
			errx(EXIT_FAILURE, "failed to add output data");
	}
	if (!device_gone(dev))
		return 0;
	scols_table_remove_line(table->scols, line);
	return -ENODEV;
}

static bool table_wants(const struct table *table, struct device *dev)
{
	uint64_t disksize;

	if (dev->held)
		return true;
	if (table->opts->persist) {
		const char *state = device_text(dev, "persist_state");

		return state && strcmp(state, "off");
	}
	return !device_number(dev, "disksize", &disksize) && disksize;
}

static void table_add_all(struct table *table, bool held)
{
	struct device_list list;
	struct device dev;
	int error = devices_list(&list, held);
	size_t i;

	for (i = 0; !error && i < list.nr; i++) {
		error = devices_open(&dev, &list, i);
		if (!error && table_wants(table, &dev))
			table_add(table, &dev);
		if (!error)
			device_close(&dev);
		if (error == -ENODEV)
			error = 0;
	}
	if (error) {
		errno = -error;
		err(EXIT_FAILURE, "cannot read the list of devices");
	}
	devices_free(&list);
}

static void table_end(struct table *table)
{
	if (scols_print_table(table->scols))
		errx(EXIT_FAILURE, "failed to print the table");
	scols_unref_table(table->scols);
}

/**
 * status_print() - print a table of devices
 * @opts: command line; at most one argument, a device
 *
 * Held devices are rows of it if what is asked for is persistence.
 *
 * Return: exit status.
 */
int status_print(const struct options *opts)
{
	struct table table;
	struct device dev;
	int error;

	table_begin(&table, opts, "zramdevices",
		    opts->persist ? persist_columns : default_columns);
	if (!opts->nr_args) {
		table_add_all(&table, false);
		if (opts->persist || (opts->columns &&
				      table_shows(&table, "HELD-REASON")))
			table_add_all(&table, true);
	} else {
		error = device_open(&dev, opts->args[0]);
		if (!error)
			error = table_add(&table, &dev);
		if (error) {
			errno = -error;
			err(EXIT_FAILURE, "%s", dev.name);
		}
		device_close(&dev);
	}
	table_end(&table);
	return EXIT_SUCCESS;
}

/**
 * held_print() - print a table of held devices
 * @opts: command line
 *
 * Return: exit status.
 */
int held_print(const struct options *opts)
{
	struct table table;

	table_begin(&table, opts, "helddevices", held_columns);
	table_add_all(&table, true);
	table_end(&table);
	return EXIT_SUCCESS;
}
