// SPDX-License-Identifier: GPL-2.0
/*
 * The program that loads the next kernel.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "kexec.h"
#include "next.h"
#include "root.h"
#include "unpack.h"

/**
 * kexec_disabled() - will no kernel be loaded any more until the next boot
 *
 * What is loaded already stays so, and can be started.
 *
 * Return: true if so, and none is loaded.
 */
bool kexec_disabled(void)
{
	struct path disabled = root_path("/proc/sys/kernel/kexec_load_disabled");
	struct path loaded = root_path("/sys/kernel/kexec_loaded");
	char text[16];

	return !text_of(&disabled, text, sizeof(text)) && !strcmp(text, "1") &&
	       !text_of(&loaded, text, sizeof(text)) && !strcmp(text, "0");
}

/* Its help says which way is the default. */
static bool kexec_carries(const char *program, bool *carries)
{
	struct path path = root_path("%s", program);
	struct unpack unpack;
	char text[16384], *start, *end;
	size_t used = 0;
	ssize_t got = 0;

	if (unpack_begin(&unpack, path.s, "--help", STDIN_FILENO))
		return false;
	do {
		used += got;
		got = unpack_read(&unpack, text + used,
				  sizeof(text) - 1 - used);
	} while (got > 0 && used + got < sizeof(text) - 1);
	unpack_end(&unpack);
	text[used] = '\0';
	start = strstr(text, "--kexec-syscall ");
	if (got < 0 || !start)
		return false;
	/* What is said of this option ends where that of the next begins. */
	end = strstr(start, "\n -");
	*carries = !memmem(start, end ? (size_t)(end - start) : strlen(start),
			   "(default)", strlen("(default)"));
	return true;
}

/**
 * kexec_look() - find out how kexec -l, without -s, loads a kernel
 * @program: gets its path, unless there is none
 *
 * Return: how.
 */
enum kexec_default kexec_look(const char **program)
{
	static const char *const programs[] = {
		"/sbin/kexec", "/usr/sbin/kexec",
	};
	bool carries;
	size_t i;

	for (i = 0; i < 2 && !next_exists(programs[i]); i++)
		;
	if (i == 2)
		return KEXEC_NONE;
	*program = programs[i];
	if (!kexec_carries(programs[i], &carries))
		return KEXEC_SILENT;
	return carries ? KEXEC_CARRIES : KEXEC_OLD;
}
