// SPDX-License-Identifier: GPL-2.0
/*
 * What the previous kernel handed over.
 */

#include <errno.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handover.h"
#include "root.h"

/* The handover record, which debugfs shows to root: see zram_persist.h. */
#define DEBUG		"/sys/kernel/debug/kho"
#define RECORD		DEBUG "/in/sub_fdts/zram"
#define RECORD_MAGIC	"PZRRECRD"
#define RECORD_STATE	20
#define RECORD_CONSUMED	2

/* What x86 was told when it was started, which everybody may read. */
#define BOOT_PARAMS	"/sys/kernel/boot_params"
#define SETUP_KEXEC_KHO	10

static enum handover record_read(FILE *file)
{
	char record[RECORD_STATE + 4] = "";
	uint32_t state;

	if (fread(record, 1, sizeof(record), file) < sizeof(record))
		record[0] = '\0';
	memcpy(&state, record + RECORD_STATE, sizeof(state));
	return memcmp(record, RECORD_MAGIC, strlen(RECORD_MAGIC)) ||
	       state != RECORD_CONSUMED ? HANDOVER_WAITS : HANDOVER_NONE;
}

/* There is no folder setup_data if nothing was told in that way. */
static bool boot_params_kho(bool *started_with)
{
	struct path path = root_path(BOOT_PARAMS);
	bool readable = !access(path.s, F_OK);
	glob_t files;
	char type[16];
	size_t i;

	*started_with = false;
	path = root_path(BOOT_PARAMS "/setup_data/*/type");
	if (!readable || glob(path.s, 0, NULL, &files))
		return readable;
	for (i = 0; i < files.gl_pathc; i++) {
		snprintf(path.s, sizeof(path.s), "%s", files.gl_pathv[i]);
		if (text_of(&path, type, sizeof(type)))
			readable = false;
		else if (strtoul(type, NULL, 16) == SETUP_KEXEC_KHO)
			*started_with = true;
	}
	globfree(&files);
	return readable || *started_with;
}

/* A kernel that has Kexec HandOver off may have been handed something even so. */
static bool maybe_handed_over(const struct kernel *kernel)
{
	bool started_with;

	if (!boot_params_kho(&started_with))
		return kernel->kho_on;
	return started_with &&
	       (!kernel->kho_known || kernel->kho_on || *kernel->kho);
}

/**
 * handover_look() - is there something that no driver has taken yet
 * @kernel: the kernel that runs
 *
 * The record is there as long as the kernel runs. The driver that takes what it
 * names notes that in it, and may have been unloaded since.
 *
 * Return: what is known of it.
 */
enum handover handover_look(const struct kernel *kernel)
{
	struct path path = root_path(RECORD), debug = root_path(DEBUG);
	FILE *file = fopen(path.s, "re");
	enum handover handover;

	if (file) {
		handover = record_read(file);
		fclose(file);
		return handover;
	}
	if (errno == ENOENT && !access(debug.s, F_OK))
		return HANDOVER_NONE;
	return maybe_handed_over(kernel) ? HANDOVER_UNSEEN : HANDOVER_NONE;
}
