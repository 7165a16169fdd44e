/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_OPTIONS_H
#define ZRAMCTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * enum persist_wish - what was said about persistence
 * @PERSIST_UNSAID: nothing
 * @PERSIST_PLAIN: --persistent, without a value
 * @PERSIST_ON: --persistent=on
 * @PERSIST_OFF: --persistent=off
 */
enum persist_wish {
	PERSIST_UNSAID,
	PERSIST_PLAIN,
	PERSIST_ON,
	PERSIST_OFF,
};

/**
 * enum action - what is to be done
 * @ACTION_STATUS: print a table of devices
 * @ACTION_FIND: print the name of an unused device
 * @ACTION_CREATE: set a device up
 * @ACTION_CHANGE: change a device that is in use
 * @ACTION_RESET: reset devices
 * @ACTION_HELD: print a table of held devices
 * @ACTION_ATTACH: attach a held device
 * @ACTION_DROP: free a held device
 * @ACTION_SCRUB: check all pages of a device
 * @ACTION_PREFLIGHT: would the devices survive a kexec
 * @ACTION_DOCTOR: what this machine lacks
 * @ACTION_DUMP: print the table of options
 */
enum action {
	ACTION_STATUS,
	ACTION_FIND,
	ACTION_CREATE,
	ACTION_CHANGE,
	ACTION_RESET,
	ACTION_HELD,
	ACTION_ATTACH,
	ACTION_DROP,
	ACTION_SCRUB,
	ACTION_PREFLIGHT,
	ACTION_DOCTOR,
	ACTION_DUMP,
};

/**
 * struct options - the command line
 * @action: what is to be done
 * @find: a device has to be found first
 * @bytes: print sizes as numbers of bytes
 * @noheadings: print no headings
 * @raw: print columns with a single space between them
 * @json: print JSON
 * @all_columns: print all columns
 * @yes: do not ask
 * @columns: columns to print, or NULL
 * @size: bytes of the device to create
 * @streams: number of streams; 0 if it was not given, or is not to be set
 * @algorithm: codec, or NULL
 * @params: parameters of it, or NULL
 * @persist: what was said about persistence
 * @name: name of the device, or NULL; empty for none
 * @mem_limit: limit of memory, as sysfs takes it, or NULL
 * @mem_reserve: reserve of memory, as sysfs takes it, or NULL
 * @target: UUID or name of a held device
 * @initrd: initramfs of the next kernel, or NULL
 * @cmdline: command line of the next kernel, or NULL
 * @nr_args: arguments that are no options
 * @args: those
 */
struct options {
	enum action action;
	bool find;
	bool bytes;
	bool noheadings;
	bool raw;
	bool json;
	bool all_columns;
	bool yes;
	const char *columns;
	uint64_t size;
	uint64_t streams;
	const char *algorithm;
	const char *params;
	enum persist_wish persist;
	const char *name;
	const char *mem_limit;
	const char *mem_reserve;
	const char *target;
	const char *initrd;
	const char *cmdline;
	int nr_args;
	char **args;
};

void options_parse(struct options *opts, int argc, char **argv);
void options_dump(void);

#endif /* ZRAMCTL_OPTIONS_H */
