// SPDX-License-Identifier: GPL-2.0
/*
 * Takes any handover as the driver takes it (attach.c): the record, then the
 * envelopes of all devices, then the contents of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "memory.h"
#include "take.h"

#define MAX_DEVICES	16

struct device {
	struct zram_check check;
	const struct zram_persist_super *super;
};

static bool take_envelope(struct device *d, u64 record, u64 phys)
{
	d->check = (struct zram_check){
		.map = memory_map, .record = record, .reason = "",
	};
	if (zram_check_super(&d->check, phys, &d->super))
		return false;
	if (zram_check_count(&d->check, d->super))
		return false;
	d->check.max_segments = d->check.nr_segments;
	d->check.segments = malloc(d->check.nr_segments * sizeof(u64));
	if (zram_check_envelope(&d->check, d->super)) {
		free(d->check.segments);
		return false;
	}
	verify_envelope(&d->check, d->super);
	return true;
}

static bool is_alone(struct device *devices, unsigned int nr)
{
	struct device *last = &devices[nr];
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (zram_check_disjoint(&last->check, last->super,
					&devices[i].check, devices[i].super))
			return false;
	return true;
}

/* Twice, as for a device that is held until somebody asks for it again. */
static enum zram_check_result take_contents(struct device *d)
{
	enum zram_check_result first, second;

	first = zram_check_contents(&d->check, d->super);
	second = zram_check_contents(&d->check, d->super);
	if (first != second) {
		fprintf(stderr, "%d, and then %d\n", first, second);
		abort();
	}
	if (!first)
		verify_contents(&d->check, d->super);
	return first;
}

static const struct zram_persist_record *
take_record(const struct image_header *header, struct zram_check *check)
{
	const struct zram_persist_record *record;

	if (zram_check_record(check, header->record, header->record_size,
			      &record))
		return NULL;
	if (record->outgoing &&
	    zram_check_outgoing(check, record->outgoing, &record))
		return NULL;
	return record;
}

static void take(const struct image_header *header, struct taken *taken)
{
	static struct device devices[MAX_DEVICES];
	struct zram_check check = { .map = memory_map, .reason = "" };
	const struct zram_persist_record *record = take_record(header, &check);
	unsigned int nr = 0, i;

	taken->reason = check.reason;
	for (i = 0; record && i < record->nr_devices && nr < MAX_DEVICES; i++) {
		struct device *d = &devices[nr];

		taken->devices++;
		if (!take_envelope(d, check.record,
				   record->device[i].superblock)) {
			taken->reason = d->check.reason;
			continue;
		}
		if (is_alone(devices, nr))
			nr++;
		else
			free(d->check.segments);
	}
	for (i = 0; i < nr; i++) {
		if (take_contents(&devices[i]))
			taken->reason = devices[i].check.reason;
		else
			taken->accepted++;
	}
	while (nr)
		free(devices[--nr].check.segments);
}

/* Takes the handover in an image, and tells how many devices were accepted. */
void take_image(const u8 *data, size_t size, struct taken *taken)
{
	struct image_header header;

	*taken = (struct taken){ .reason = "no image" };
	if (!memory_load(data, size, &header))
		return;
	if (!(header.flags & IMAGE_KEEP_CHECKSUMS))
		memory_seal(header.record);
	memory_poison();
	take(&header, taken);
	memory_unload();
}
