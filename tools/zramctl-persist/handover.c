// SPDX-License-Identifier: GPL-2.0
/*
 * What the previous kernel handed over.
 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "handover.h"
#include "root.h"

/* The handover record, which debugfs shows to root: see zram_persist.h. */
#define RECORD		"/sys/kernel/debug/kho/in/sub_fdts/zram"
#define RECORD_MAGIC	"PZRRECRD"
#define RECORD_STATE	20
#define RECORD_CONSUMED	2

/**
 * handover_waits() - is there something that no driver has taken yet
 *
 * The record is there as long as the kernel runs. The driver that takes what it
 * names notes that in it, and may have been unloaded since.
 *
 * Return: true if so; false if not, or if that cannot be told.
 */
bool handover_waits(void)
{
	struct path path = root_path(RECORD);
	FILE *file = fopen(path.s, "re");
	char record[RECORD_STATE + 4] = "";
	uint32_t state;

	if (!file)
		return false;
	if (fread(record, 1, sizeof(record), file) < sizeof(record))
		record[0] = '\0';
	fclose(file);
	memcpy(&state, record + RECORD_STATE, sizeof(state));
	return memcmp(record, RECORD_MAGIC, strlen(RECORD_MAGIC)) ||
	       state != RECORD_CONSUMED;
}
