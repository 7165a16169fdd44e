// SPDX-License-Identifier: GPL-2.0
/*
 * Columns of the tables of devices.
 *
 * The first thirteen are those of util-linux, in its order. Nothing here has a
 * value for what the driver does not tell: the cell is empty, and null in JSON.
 */

#include <err.h>
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "columns.h"
#include "mounts.h"
#include "root.h"
#include "size.h"

#define RIGHT	SCOLS_FL_RIGHT
#define WHOLE	(-1)

/* Bytes of a page of zram and of the superblock of a persistent device. */
#define PAGE_BYTES	4096

static char *column_copy(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		err(EXIT_FAILURE, "out of memory");
	return copy;
}

static char *column_format_number(enum column_kind kind, uint64_t number,
				  bool bytes)
{
	char text[32];

	if (kind == KIND_SIZE && !bytes)
		return size_format(number);
	snprintf(text, sizeof(text), "%ju", (uintmax_t)number);
	return column_copy(text);
}

static char *column_name(struct device *dev, bool bytes)
{
	(void)bytes;
	return dev->held ? NULL : column_copy(dev->name);
}

static char *column_codec(struct device *dev, bool bytes)
{
	char codec[64];

	(void)bytes;
	if (dev->held || device_codec(dev, codec, sizeof(codec)))
		return NULL;
	return column_copy(codec);
}

static char *column_mount(struct device *dev, bool bytes)
{
	(void)bytes;
	return dev->held ? NULL : mounts_of(dev);
}

static char *column_type(struct device *dev, bool bytes)
{
	(void)bytes;
	return dev->held ? NULL : contents_type(dev);
}

static char *column_state(struct device *dev, bool bytes)
{
	(void)bytes;
	return column_copy(dev->held ? "held" :
			   device_text(dev, "persist_state"));
}

/* Nothing is stored: then there is no ratio. */
static char *column_ratio(struct device *dev, bool bytes)
{
	uint64_t data, total;
	char text[32];

	(void)bytes;
	if (dev->held || device_field(dev, "mm_stat", 0, &data) ||
	    device_field(dev, "mm_stat", 2, &total) || !total)
		return NULL;
	snprintf(text, sizeof(text), "%.4f", (double)data / total);
	return column_copy(text);
}

/*
 * All of the pool, which includes its tables, and the superblock. Other drivers
 * do not tell what their tables take.
 */
static char *column_real(struct device *dev, bool bytes)
{
	uint64_t total;
	const char *state;

	if (dev->held ? device_number(dev, "mem_total", &total) :
			device_line_number(dev, "pool_stat", "total_bytes",
					   &total))
		return NULL;
	state = dev->held ? NULL : device_text(dev, "persist_state");
	if (state && strcmp(state, "off") && strcmp(state, "wanted"))
		total += PAGE_BYTES;
	return column_format_number(KIND_SIZE, total, bytes);
}

static char *column_tables(struct device *dev, bool bytes)
{
	static const char *const parts[] = {
		"segment_table_bytes", "header_bytes", "slot_table_bytes",
		"access_time_bytes", "dictionary_bytes", "directory_bytes",
	};
	uint64_t sum = 0, part;
	size_t i;

	if (dev->held)
		return NULL;
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (device_line_number(dev, "pool_stat", parts[i], &part))
			return NULL;
		sum += part;
	}
	return column_format_number(KIND_SIZE, sum, bytes);
}

static char *column_scrub(struct device *dev, bool bytes)
{
	uint64_t done, total;
	char state[32], text[64];

	(void)bytes;
	if (dev->held || device_line(dev, "scrub", "state", state,
				     sizeof(state)))
		return NULL;
	if (!strcmp(state, "running") &&
	    !device_line_number(dev, "scrub", "pages_done", &done) &&
	    !device_line_number(dev, "scrub", "pages_total", &total) && total) {
		snprintf(text, sizeof(text), "running %u%%",
			 (unsigned int)(100.0 * done / total));
		return column_copy(text);
	}
	return column_copy(state);
}

const struct column columns[] = {
	{ .name = "NAME", .width = 0.25, .data = column_name,
	  .help = "path of the device" },
	{ .name = "DISKSIZE", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .attr = "disksize", .field = WHOLE, .held = "disksize",
	  .help = "size of the device, the most data that fits" },
	{ .name = "DATA", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .attr = "mm_stat", .field = 0, .old = "orig_data_size",
	  .help = "data stored, as it was before compression" },
	{ .name = "COMPR", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .attr = "mm_stat", .field = 1, .old = "compr_data_size",
	  .help = "data stored, as it is after compression" },
	{ .name = "ALGORITHM", .width = 3, .data = column_codec,
	  .help = "codec that new data is compressed with" },
	{ .name = "STREAMS", .width = 3, .flags = RIGHT, .kind = KIND_COUNT,
	  .attr = "max_comp_streams", .field = WHOLE,
	  .help = "compressions that can go on at the same time" },
	{ .name = "ZERO-PAGES", .width = 3, .flags = RIGHT, .kind = KIND_COUNT,
	  .attr = "mm_stat", .field = 5, .old = "zero_pages",
	  .help = "pages that repeat one word, and take no memory for data" },
	{ .name = "TOTAL", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .attr = "mm_stat", .field = 2, .old = "mem_used_total",
	  .held = "mem_total",
	  .help = "memory taken, with what the allocator loses" },
	{ .name = "MEM-LIMIT", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .attr = "mm_stat", .field = 3, .old = "mem_limit",
	  .help = "most memory that may be taken; 0 is no limit" },
	{ .name = "MEM-USED", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .attr = "mm_stat", .field = 4, .old = "mem_used_max",
	  .help = "most memory that was taken so far" },
	{ .name = "MIGRATED", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .attr = "mm_stat", .field = 6, .old = "num_migrated",
	  .help = "pages that compaction gave back (shown like a size)" },
	{ .name = "COMP-RATIO", .width = 5, .flags = RIGHT, .kind = KIND_RATIO,
	  .data = column_ratio,
	  .help = "DATA divided by TOTAL" },
	{ .name = "MOUNTPOINT", .width = 0.10, .flags = SCOLS_FL_TRUNC,
	  .data = column_mount,
	  .help = "where the device is mounted; [SWAP] if it is swap" },
	{ .name = "PERSIST", .width = 6, .data = column_state, .of_both = true,
	  .help = "state: off, wanted, on, sealed, seal-failed, held" },
	{ .name = "UUID", .width = 36, .attr = "uuid", .field = WHOLE,
	  .held = "uuid",
	  .help = "identity of a persistent device, kept across kexec" },
	{ .name = "VOLUME", .width = 0.1, .attr = "name", .field = WHOLE,
	  .held = "name",
	  .help = "name that was given with --name" },
	{ .name = "HOPS", .width = 3, .flags = RIGHT, .kind = KIND_COUNT,
	  .attr = "persist_stat", .key = "hops", .held = "hops",
	  .help = "kexecs that the device has come through" },
	{ .name = "SEGMENTS", .width = 3, .flags = RIGHT, .kind = KIND_COUNT,
	  .attr = "persist_stat", .key = "segments",
	  .help = "blocks of memory that the device has taken" },
	{ .name = "JOINED", .width = 3, .flags = RIGHT, .kind = KIND_COUNT,
	  .attr = "persist_stat", .key = "joined_segments",
	  .help = "blocks that have joined the handover already" },
	{ .name = "SAME-PAGES", .width = 3, .flags = RIGHT, .kind = KIND_COUNT,
	  .attr = "mm_stat", .field = 5,
	  .help = "pages that repeat one word, the right name of ZERO-PAGES" },
	{ .name = "HUGE-PAGES", .width = 3, .flags = RIGHT, .kind = KIND_COUNT,
	  .attr = "mm_stat", .field = 7,
	  .help = "pages that are stored uncompressed" },
	{ .name = "MEM-REAL", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .data = column_real, .of_both = true,
	  .help = "memory taken, with all tables and metadata" },
	{ .name = "MEM-TABLES", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .data = column_tables,
	  .help = "the part of MEM-REAL that is tables and metadata" },
	{ .name = "MEM-RESERVE", .width = 5, .flags = RIGHT, .kind = KIND_SIZE,
	  .attr = "mem_reserve", .field = WHOLE,
	  .help = "memory that the device keeps in any case" },
	{ .name = "DAMAGED-PAGES", .width = 3, .flags = RIGHT,
	  .kind = KIND_COUNT, .attr = "persist_stat", .key = "damaged_pages",
	  .help = "pages known to be damaged, which cannot be read" },
	{ .name = "POISONED-PAGES", .width = 3, .flags = RIGHT,
	  .kind = KIND_COUNT, .attr = "pool_stat", .key = "faulty_pages",
	  .help = "pages of memory that hardware reported as bad" },
	{ .name = "SCRUB", .width = 6, .data = column_scrub,
	  .help = "state of the check of all pages" },
	{ .name = "FSTYPE", .width = 4, .data = column_type,
	  .help = "file system or other contents; needs the right to read" },
	{ .name = "INDEX", .width = 3, .flags = RIGHT, .kind = KIND_COUNT,
	  .held = "index",
	  .help = "of a held device: the number it had as a device" },
	{ .name = "HELD-HOPS", .width = 3, .flags = RIGHT, .kind = KIND_COUNT,
	  .held = "held_hops",
	  .help = "of a held device: kexecs since it is held" },
	{ .name = "PRESERVED", .width = 3, .flags = RIGHT, .kind = KIND_BOOL,
	  .held = "preserved",
	  .help = "of a held device: 1 if it goes on to the next kernel" },
	{ .name = "HELD-REASON", .width = 0.3, .held = "reason",
	  .help = "of a held device: why it cannot be attached" },
};

const size_t nr_columns = sizeof(columns) / sizeof(*columns);

/**
 * column_find() - find a column
 * @name: its heading, in upper or lower case, not terminated
 * @len: bytes of @name
 *
 * Return: the column, or NULL.
 */
const struct column *column_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < nr_columns; i++)
		if (strlen(columns[i].name) == len &&
		    !strncasecmp(columns[i].name, name, len))
			return &columns[i];
	return NULL;
}

static char *column_attr(const struct column *column, struct device *dev,
			 const char *attr, bool bytes)
{
	const char *text = device_text(dev, attr);
	uint64_t number;

	if (!text || !*text)
		return NULL;
	if (column->kind == KIND_TEXT)
		return column_copy(text);
	/* JSON would take anything that is said here for a number. */
	if (number_of(text, &number))
		return NULL;
	return column_format_number(column->kind, number, bytes);
}

/* Linux before 4.1 had a file for each number of mm_stat. */
static char *column_field(const struct column *column, struct device *dev,
			  bool bytes)
{
	uint64_t number;
	int error = device_field(dev, column->attr, 6, &number);

	if (!error)
		error = device_field(dev, column->attr, column->field, &number);
	if (error == -EINVAL)
		errx(EXIT_FAILURE, "%s: failed to parse %s: '%s'", dev->name,
		     column->attr, device_text(dev, column->attr));
	if (!error)
		return column_format_number(column->kind, number, bytes);
	return column->old ? column_attr(column, dev, column->old, bytes) :
			     NULL;
}

/**
 * column_cell() - what a column says of a device
 * @column: column
 * @dev: device
 * @bytes: sizes as numbers of bytes
 *
 * Return: text, to be freed, or NULL if there is nothing to say.
 */
char *column_cell(const struct column *column, struct device *dev, bool bytes)
{
	uint64_t number;

	if (column->data)
		return column->data(dev, bytes);
	if (dev->held)
		return column->held ?
		       column_attr(column, dev, column->held, bytes) : NULL;
	if (!column->attr)
		return NULL;
	if (column->key)
		return device_line_number(dev, column->attr, column->key,
					  &number) ? NULL :
		       column_format_number(column->kind, number, bytes);
	if (column->field == WHOLE)
		return column_attr(column, dev, column->attr, bytes);
	return column_field(column, dev, bytes);
}
