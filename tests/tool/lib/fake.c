// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that is not there, for the tests of zramctl-persist: loaded into it
 * with LD_PRELOAD, this makes files of a recorded tree behave as attributes of
 * sysfs.
 *
 * What is written takes the place of what was there, and is noted in the file
 * that $FAKE_LOG names, without a newline at its end. An empty write does nothing,
 * since sysfs does not tell a driver of it. $FAKE_RULES names a file of rules, of
 * which the first that fits is followed:
 *
 *	write FILE VALUE error NAME [N]	the write fails; N times, then it does not
 *	write FILE VALUE run COMMAND	the shell runs this, and then it is written
 *	open FILE * run COMMAND		the shell runs this when it is opened
 *
 * FILE is the end of a path, VALUE what is written, or "*" for anything.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct rule {
	char event[8];
	char file[256];
	char value[128];
	char action[8];
	char argument[512];
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EBUSY", EBUSY }, { "EINVAL", EINVAL }, { "EEXIST", EEXIST },
	{ "ENOMEM", ENOMEM }, { "EOPNOTSUPP", EOPNOTSUPP },
	{ "EUCLEAN", EUCLEAN }, { "EPROTONOSUPPORT", EPROTONOSUPPORT },
	{ "ENOPKG", ENOPKG }, { "ENODATA", ENODATA }, { "ENODEV", ENODEV },
	{ "EACCES", EACCES }, { "ENOSPC", ENOSPC }, { "EIO", EIO },
	{ "EADDRNOTAVAIL", EADDRNOTAVAIL },
};

/* Nothing that we do ourselves is looked at. */
static bool inside;

/* How often each line of the rules with a number has been followed. */
static unsigned int followed[32];

static bool ends_with(const char *path, const char *end)
{
	size_t path_len = strlen(path), len = strlen(end);

	return path_len >= len && !strcmp(path + path_len - len, end);
}

static bool rule_fits(struct rule *rule, const char *line, const char *event,
		      const char *path, const char *value)
{
	return sscanf(line, "%7s %255s %127s %7s %511[^\n]", rule->event,
		      rule->file, rule->value, rule->action,
		      rule->argument) == 5 &&
	       !strcmp(rule->event, event) && ends_with(path, rule->file) &&
	       (!strcmp(rule->value, "*") || !strcmp(rule->value, value));
}

/* Takes the number off an error; returns false if that is used up. */
static bool rule_left(struct rule *rule, unsigned int line)
{
	char *number = strchr(rule->argument, ' ');

	if (strcmp(rule->action, "error") || !number)
		return true;
	*number++ = '\0';
	if (line >= sizeof(followed) / sizeof(*followed))
		abort();
	return followed[line]++ < strtoul(number, NULL, 10);
}

static bool rule_find(struct rule *rule, const char *event, const char *path,
		      const char *value)
{
	const char *name = getenv("FAKE_RULES");
	FILE *file = name ? fopen(name, "re") : NULL;
	unsigned int nr = 0;
	char line[1024];
	bool found = false;

	for (; file && !found && fgets(line, sizeof(line), file); nr++)
		found = rule_fits(rule, line, event, path, value) &&
			rule_left(rule, nr);
	if (file)
		fclose(file);
	return found;
}

static int rule_follow(const struct rule *rule)
{
	size_t i;

	if (!strcmp(rule->action, "run")) {
		unsetenv("LD_PRELOAD");
		if (system(rule->argument))
			abort();
		return 0;
	}
	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (!strcmp(errors[i].name, rule->argument))
			return errors[i].number;
	abort();
}

static void note(const char *path, const char *value)
{
	const char *name = getenv("FAKE_LOG");
	FILE *file = name ? fopen(name, "ae") : NULL;
	const char *folder = strstr(path, "/zram");

	if (!file)
		return;
	fprintf(file, "%s=%s\n", folder ? folder + 1 : path, value);
	fclose(file);
}

static int attribute_write(int fd, const char *path, const char *value)
{
	struct rule rule;
	int error = 0;

	note(path, value);
	if (rule_find(&rule, "write", path, value))
		error = rule_follow(&rule);
	if (!error && (ftruncate(fd, 0) || dprintf(fd, "%s\n", value) < 0))
		error = errno;
	return error;
}

ssize_t write(int fd, const void *data, size_t size)
{
	ssize_t (*real)(int fd, const void *data, size_t size) =
		dlsym(RTLD_NEXT, "write");
	char link[64], path[PATH_MAX], value[4096];
	ssize_t len;
	int error;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (inside || len < 0 || size >= sizeof(value))
		return real(fd, data, size);
	path[len] = '\0';
	if (!strstr(path, "/sys/") || !size)
		return real(fd, data, size);
	memcpy(value, data, size);
	value[size] = '\0';
	value[strcspn(value, "\n")] = '\0';
	inside = true;
	error = attribute_write(fd, path, value);
	inside = false;
	errno = error;
	return error ? -1 : (ssize_t)size;
}

static void opened(int dir, const char *name)
{
	char link[64], path[2 * PATH_MAX] = "";
	struct rule rule;
	ssize_t len;

	if (inside)
		return;
	inside = true;
	if (*name != '/') {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
		len = readlink(link, path, PATH_MAX - 1);
		snprintf(path + (len > 0 ? len : 0), PATH_MAX, "/%s", name);
	} else {
		snprintf(path, sizeof(path), "%s", name);
	}
	if (rule_find(&rule, "open", path, ""))
		rule_follow(&rule);
	inside = false;
}

int openat(int dir, const char *name, int flags, ...)
{
	int (*real)(int dir, const char *name, int flags, ...) =
		dlsym(RTLD_NEXT, "openat");
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	opened(dir, name);
	return real(dir, name, flags, mode);
}
