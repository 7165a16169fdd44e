// SPDX-License-Identifier: GPL-2.0
/*
 * zramctl-persist: set up and control zram devices, persistent ones too.
 *
 * All that zramctl(8) of util-linux does it does in the same way; so it can
 * take its place.
 */

#include <err.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "create.h"
#include "held.h"
#include "options.h"
#include "preflight.h"
#include "scrub.h"
#include "status.h"

static int run(const struct options *opts)
{
	switch (opts->action) {
	case ACTION_STATUS:
		return status_print(opts);
	case ACTION_FIND:
		return find_print(opts);
	case ACTION_CREATE:
		return create(opts);
	case ACTION_CHANGE:
		return change(opts);
	case ACTION_RESET:
		return reset(opts);
	case ACTION_HELD:
		return held_print(opts);
	case ACTION_ATTACH:
		return held_attach(opts);
	case ACTION_DROP:
		return held_drop(opts);
	case ACTION_SCRUB:
		return scrub_run(opts);
	case ACTION_PREFLIGHT:
		return preflight(opts);
	case ACTION_DOCTOR:
		return doctor(opts);
	case ACTION_DUMP:
		options_dump();
		break;
	}
	return EXIT_SUCCESS;
}

/* What could not be written has not been said. */
static void close_stdout(void)
{
	if (fclose(stdout) && errno != EBADF) {
		warn("write error");
		_exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv)
{
	struct options opts = {};

	setlocale(LC_ALL, "");
	atexit(close_stdout);
	options_parse(&opts, argc, argv);
	/* A number in JSON has a point, whatever people here write. */
	if (opts.json)
		setlocale(LC_NUMERIC, "C");
	return run(&opts);
}
