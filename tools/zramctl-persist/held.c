// SPDX-License-Identifier: GPL-2.0
/*
 * Held devices: attaching them after all, and giving them up.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "device.h"
#include "held.h"
#include "size.h"

static bool held_is(struct device *dev, const char *target)
{
	const char *uuid = device_text(dev, "uuid");
	const char *name = device_text(dev, "name");

	return (uuid && *uuid && !strcasecmp(uuid, target)) ||
	       (name && *name && !strcmp(name, target));
}

/* How many devices of a list it could be; @dev gets the last of them. */
static size_t held_search(struct device *dev, const char *target, bool held)
{
	struct device_list list;
	struct device one;
	size_t found = 0, i;
	int error = devices_list(&list, held);

	if (error) {
		errno = -error;
		err(EXIT_FAILURE, "cannot read the list of devices");
	}
	for (i = 0; i < list.nr; i++) {
		if (devices_open(&one, &list, i))
			continue;
		if (!held_is(&one, target)) {
			device_close(&one);
			continue;
		}
		if (found++)
			device_close(dev);
		*dev = one;
	}
	devices_free(&list);
	return found;
}

static void held_find(struct device *dev, const char *target)
{
	size_t found = held_search(dev, target, true);

	if (found > 1)
		errx(EXIT_FAILURE, "%s: several held devices have this name, use the UUID",
		     target);
	if (found)
		return;
	if (held_search(dev, target, false))
		errx(EXIT_FAILURE, "%s: is not held, but attached as %s",
		     target, dev->name);
	errx(EXIT_FAILURE, "%s: no such held device", target);
}

static const char *held_hint(int error)
{
	switch (error) {
	case -EUCLEAN:
		return "its metadata is damaged, see dmesg; nothing of it is used";
	case -EPROTONOSUPPORT:
		return "its format is of a newer driver: attach it in a kernel that has that";
	case -ENOPKG:
		return "this kernel lacks its codec: attach it in a kernel that has it";
	case -ENODATA:
		return "its contents are lost; --drop frees its memory";
	}
	return NULL;
}

static void held_complain(struct device *dev, const char *target,
			  const char *what, int error)
{
	const char *hint = held_hint(error);
	const char *reason;

	device_refresh(dev);
	reason = device_text(dev, "reason");
	errno = -error;
	warn("%s: failed to %s", target, what);
	if (reason && *reason)
		warnx("it is held because: %s", reason);
	if (hint)
		warnx("%s", hint);
	exit(EXIT_FAILURE);
}

/**
 * held_attach() - attach a held device, and print the name of its node
 * @opts: command line
 *
 * Return: exit status.
 */
int held_attach(const struct options *opts)
{
	struct device dev, attached;
	char uuid[64];
	int error;

	held_find(&dev, opts->target);
	snprintf(uuid, sizeof(uuid), "%s", device_text(&dev, "uuid") ?: "");
	error = device_set(&dev, "attach", "1");
	if (error)
		held_complain(&dev, opts->target, "attach", error);
	device_close(&dev);
	if (!held_search(&attached, uuid, false))
		errx(EXIT_FAILURE, "%s: was attached, but there is no such device now",
		     opts->target);
	puts(attached.name);
	device_close(&attached);
	return EXIT_SUCCESS;
}

static void held_describe(struct device *dev)
{
	const char *name = device_text(dev, "name");
	const char *reason = device_text(dev, "reason");
	uint64_t bytes;
	char *size;

	fprintf(stderr, "Held device %s", device_text(dev, "uuid") ?: "");
	if (name && *name)
		fprintf(stderr, " (%s)", name);
	if (!device_number(dev, "mem_total", &bytes)) {
		size = size_format(bytes);
		fprintf(stderr, ", %s of memory", size);
		free(size);
	}
	if (reason && *reason)
		fprintf(stderr, ", held because: %s", reason);
	fputs(".\nIts contents will be lost. Drop it? [y/N] ", stderr);
}

static bool held_confirm(struct device *dev, const char *target)
{
	char *line = NULL;
	size_t size = 0;
	bool yes;

	if (!isatty(STDIN_FILENO))
		errx(EXIT_FAILURE, "%s: not dropped: there is nobody to ask; use --yes",
		     target);
	held_describe(dev);
	yes = getline(&line, &size, stdin) > 0 &&
	      (!strcasecmp(line, "y\n") || !strcasecmp(line, "yes\n"));
	free(line);
	return yes;
}

/**
 * held_drop() - give a held device up, and free its memory
 * @opts: command line
 *
 * Return: exit status.
 */
int held_drop(const struct options *opts)
{
	struct device dev;
	int error;

	held_find(&dev, opts->target);
	if (!opts->yes && !held_confirm(&dev, opts->target))
		errx(EXIT_FAILURE, "%s: not dropped", opts->target);
	error = device_set(&dev, "drop", "1");
	if (error)
		held_complain(&dev, opts->target, "drop", error);
	device_close(&dev);
	return EXIT_SUCCESS;
}
