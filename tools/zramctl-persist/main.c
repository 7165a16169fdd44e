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
#include "options.h"
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
	case ACTION_DUMP:
		options_dump();
		return EXIT_SUCCESS;
	default:
		return EXIT_FAILURE;
	}
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
	return run(&opts);
}
