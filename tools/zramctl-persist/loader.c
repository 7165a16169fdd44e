// SPDX-License-Identifier: GPL-2.0
/*
 * The default entry of boot loaders with an entry a file, as systemd-boot and
 * the GRUB of Fedora have them.
 */

#include <dirent.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "next.h"
#include "root.h"

static const char *const places[] = { "/efi", "/boot/efi", "/boot" };

/* The rest of a line that begins with @key. */
static char *entry_value(char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, " \t");
	if (strncmp(line, key, len) || !strchr(" \t", line[len]))
		return NULL;
	line += len + strspn(line + len, " \t");
	line[strcspn(line, "\r\n")] = '\0';
	return *line ? line : NULL;
}

/*
 * Microcode may come before it: the one with modules is the last. Variables of
 * GRUB may be there instead of it, or behind it, as tuned puts them there
 * ($tuned_initrd). They are empty, or name one more, in which nothing is ours.
 */
static void entry_initrd(char *to, const char *place, char *names)
{
	const char *last = NULL;
	char *name, *rest;

	for (name = strtok_r(names, " \t", &rest); name;
	     name = strtok_r(NULL, " \t", &rest))
		if (*name != '$')
			last = name;
	if (last)
		next_locate(to, place, last);
}

/* Return false, and leave @next alone, if it has no kernel, but an EFI program. */
static bool entry_read(struct next *next, const char *place, const char *name)
{
	struct path path = root_path("%s/loader/entries/%s", place, name);
	FILE *file = fopen(path.s, "re");
	char *line = NULL, *value;
	struct next entry = {};
	size_t room = 0, used = 0;

	if (!file)
		return false;
	while (getline(&line, &room, file) > 0) {
		value = entry_value(line, "linux");
		if (value)
			next_locate(entry.image, place, value);
		value = entry_value(line, "initrd");
		if (value)
			entry_initrd(entry.initrd, place, value);
		value = entry_value(line, "options");
		if (value && used < sizeof(entry.cmdline))
			used += snprintf(entry.cmdline + used,
					 sizeof(entry.cmdline) - used, "%s ",
					 value);
	}
	free(line);
	fclose(file);
	if (!*entry.image)
		return false;
	entry.cmdline_known = true;
	entry.source = "the entries of the boot loader";
	*next = entry;
	return true;
}

static bool loader_conf(const char *place, char *pattern, size_t size)
{
	struct path path = root_path("%s/loader/loader.conf", place);
	FILE *file = fopen(path.s, "re");
	char *line = NULL, *value;
	size_t room = 0;
	bool found = false;

	if (!file)
		return false;
	while (getline(&line, &room, file) > 0) {
		value = entry_value(line, "default");
		if (!value)
			continue;
		snprintf(pattern, size, "%s", value);
		found = true;
	}
	free(line);
	fclose(file);
	return found;
}

/*
 * GRUB names an entry. One that is not in @place is of grub.cfg, or gone. What
 * has a meaning in a pattern is not for us to match.
 */
static bool loader_saved(const char *place, char *pattern, size_t size)
{
	static const char *const folders[] = { "/boot/grub2", "/boot/grub" };
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		if (!grub_saved_entry(folders[i], pattern, size) ||
		    strpbrk(pattern, "/*?[\\"))
			continue;
		snprintf(path, sizeof(path), "%s/loader/entries/%s.conf", place,
			 pattern);
		if (next_exists(path))
			return true;
	}
	return false;
}

static void loader_default(const char *place, char *pattern, size_t size)
{
	if (!loader_conf(place, pattern, size) &&
	    !loader_saved(place, pattern, size))
		snprintf(pattern, size, "*");
}

static bool entry_matches(const char *name, const char *pattern)
{
	size_t len = strlen(name);
	char bare[NAME_MAX + 1];

	if (len < 5 || strcmp(name + len - 5, ".conf"))
		return false;
	snprintf(bare, sizeof(bare), "%.*s", (int)len - 5, name);
	return !fnmatch(pattern, name, 0) || !fnmatch(pattern, bare, 0);
}

/* The last one of @place that fits and has a kernel; it goes into @next. */
static bool place_find(struct next *next, const char *place)
{
	struct path path = root_path("%s/loader/entries", place);
	char pattern[NAME_MAX + 1], best[NAME_MAX + 1] = "";
	const struct dirent *entry;
	DIR *dir = opendir(path.s);

	if (!dir)
		return false;
	loader_default(place, pattern, sizeof(pattern));
	while ((entry = readdir(dir)))
		if (entry_matches(entry->d_name, pattern) &&
		    strverscmp(entry->d_name, best) > 0 &&
		    entry_read(next, place, entry->d_name))
			snprintf(best, sizeof(best), "%s", entry->d_name);
	closedir(dir);
	return *best;
}

/**
 * loader_find() - find the kernel that an entry in loader/entries names
 * @next: gets it
 *
 * Return: false if there is none.
 */
bool loader_find(struct next *next)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (place_find(next, places[i]))
			return true;
	return false;
}
