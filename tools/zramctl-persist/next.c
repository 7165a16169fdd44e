// SPDX-License-Identifier: GPL-2.0
/*
 * Which kernel comes next.
 *
 * The kernel does not tell what has been loaded into it for kexec. So if nobody
 * says which it is, it is the one that this system would load: by the
 * configuration of Debian's kexec-tools, by the boot loader, or the newest.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "next.h"
#include "root.h"

/**
 * next_exists() - is there such a file
 * @path: path below the root folder
 *
 * Return: true if so.
 */
bool next_exists(const char *path)
{
	struct path full = root_path("%s", path);

	return *path && !access(full.s, F_OK);
}

/**
 * next_set() - copy a path
 * @to: array of PATH_MAX bytes
 * @from: path; one that is too long is as good as none
 */
void next_set(char *to, const char *from)
{
	if (snprintf(to, PATH_MAX, "%s", from) >= PATH_MAX)
		*to = '\0';
}

/**
 * next_locate() - find a file that a boot loader names
 * @to: array of PATH_MAX bytes; gets the path, or @name if no file is found
 * @place: where the file system is that @name may begin at
 * @name: path as the boot loader has it
 *
 * The root of its file system is not always ours: /boot may be a file system of its
 * own, or the path begin with a subvolume of btrfs (/@rootfs/boot/vmlinuz) or a
 * dataset of ZFS (/ROOT/debian@/boot/vmlinuz), which mounting takes away. The
 * longest part of the path that leads to a file is taken: its last part alone may
 * be the name of a kernel of another system in /boot.
 */
void next_locate(char *to, const char *place, const char *name)
{
	char path[2 * PATH_MAX];
	const char *rest;

	for (rest = strchr(name, '/'); rest; rest = strchr(rest + 1, '/')) {
		snprintf(path, sizeof(path), "%s%s", place, rest);
		if (next_exists(path) || next_exists(rest)) {
			next_set(to, next_exists(path) ? path : rest);
			return;
		}
	}
	next_set(to, name);
}

/* Does a backslash in front of it take the meaning from a character? */
static bool shell_escapes(char quote, char what)
{
	if (!what || what == '\n' || quote == '\'')
		return false;
	return !quote || strchr("\"\\$`", what);
}

/* A value of a shell variable: quotes are taken off, and what comes behind it. */
static void shell_word(char *text)
{
	char *to = text, quote = 0;

	for (; *text && *text != '\n'; text++) {
		if (*text == '\\' && shell_escapes(quote, text[1]))
			*to++ = *++text;
		else if (quote ? *text == quote :
				 *text == '"' || *text == '\'')
			quote = quote ? 0 : *text;
		else if (quote || !strchr(" \t;&|", *text))
			*to++ = *text;
		else
			break;
	}
	*to = '\0';
}

/* Value of KEY= in a file of shell variables. */
static bool shell_value(FILE *file, const char *key, char *value, size_t size)
{
	char *line = NULL, *text;
	size_t room = 0, len = strlen(key);
	bool found = false;

	rewind(file);
	while (getline(&line, &room, file) > 0) {
		text = line + strspn(line, " \t");
		if (strncmp(text, key, len) || text[len] != '=')
			continue;
		text += len + 1;
		shell_word(text);
		snprintf(value, size, "%s", text);
		found = true;
	}
	free(line);
	return found;
}

static bool shell_true(FILE *file, const char *key)
{
	char value[16];

	return shell_value(file, key, value, sizeof(value)) &&
	       !strcmp(value, "true");
}

/**
 * next_load_kexec() - do kexec-tools load a kernel at a reboot
 *
 * Those of Debian 12 do if they are told to; later ones do not, and have no such
 * setting any more.
 *
 * Return: true if so.
 */
bool next_load_kexec(void)
{
	struct path path = root_path("/etc/default/kexec");
	FILE *file = fopen(path.s, "re");
	bool load = file && shell_true(file, "LOAD_KEXEC");

	if (file)
		fclose(file);
	return load;
}

/* The variables of /etc/default/kexec, which say what kexec is told. */
static bool variables_find(struct next *next, FILE *file)
{
	char value[PATH_MAX];

	if (!shell_value(file, "KERNEL_IMAGE", value, sizeof(value)))
		return false;
	next_set(next->image, value);
	if (shell_value(file, "INITRD", value, sizeof(value)))
		next_set(next->initrd, value);
	next->cmdline_known = shell_value(file, "APPEND", next->cmdline,
					  sizeof(next->cmdline)) &&
			      *next->cmdline;
	return true;
}

/*
 * What somebody has loaded by hand, and has left a note of, since the kernel does
 * not say. Without a kernel that is loaded the note is an old one. One that does not
 * name it tells still that it is none that would be found elsewhere.
 */
static bool note_find(struct next *next)
{
	struct path loaded = root_path("/sys/kernel/kexec_loaded");
	struct path path = root_path(NEXT_NOTE);
	char text[16];
	FILE *file;

	if (text_of(&loaded, text, sizeof(text)) || strcmp(text, "1") ||
	    !next_exists(NEXT_NOTE))
		return false;
	file = fopen(path.s, "re");
	if (file) {
		variables_find(next, file);
		fclose(file);
	}
	next->by_note = true;
	next->source = NEXT_NOTE;
	return true;
}

static bool kexec_tools_find(struct next *next)
{
	struct path path = root_path("/etc/default/kexec");
	bool grub = false, found = false;
	char value[PATH_MAX];
	FILE *file = fopen(path.s, "re");

	if (!file)
		return false;
	if (shell_true(file, "LOAD_KEXEC")) {
		grub = shell_true(file, "USE_GRUB_CONFIG");
		found = !grub && shell_value(file, "KERNEL_IMAGE", value,
					     sizeof(value)) &&
			next_exists(value) && variables_find(next, file);
	}
	if (found)
		next->source = "/etc/default/kexec";
	fclose(file);
	next->by_kexec_tools = found || (grub && grub_find(next));
	return next->by_kexec_tools;
}

/* Links and copies of what was before, and what is only for emergencies. */
static bool is_spare(const char *name)
{
	size_t len = strlen(name);

	return (len > 4 && !strcmp(name + len - 4, ".old")) ||
	       strstr(name, "-rescue-");
}

static bool newest_find(struct next *next)
{
	struct path path = root_path("/boot");
	const struct dirent *entry;
	char best[NAME_MAX + 1] = "";
	DIR *dir = opendir(path.s);

	while (dir && (entry = readdir(dir)))
		if ((!strncmp(entry->d_name, "vmlinuz-", 8) ||
		     !strncmp(entry->d_name, "vmlinux-", 8)) &&
		    !is_spare(entry->d_name) &&
		    strverscmp(entry->d_name, best) > 0)
			snprintf(best, sizeof(best), "%s", entry->d_name);
	if (dir)
		closedir(dir);
	if (!*best)
		return false;
	snprintf(next->image, sizeof(next->image), "/boot/%s", best);
	next->source = "the newest in /boot";
	return true;
}

static bool link_find(struct next *next)
{
	static const char *const links[] = { "/boot/vmlinuz", "/vmlinuz" };
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(*links); i++) {
		if (!next_exists(links[i]))
			continue;
		next_set(next->image, links[i]);
		next->source = links[i];
		return true;
	}
	return false;
}

/**
 * next_find_initrd() - look where the initramfs of a kernel usually is
 * @next: kernel; gets it
 * @release: its release
 */
void next_find_initrd(struct next *next, const char *release)
{
	static const char *const before[] = {
		"initrd.img-", "initramfs-", "initrd-",
	};
	static const char *const behind[] = { "", ".img", "" };
	size_t i;

	for (i = 0; i < sizeof(before) / sizeof(*before); i++) {
		snprintf(next->initrd, sizeof(next->initrd), "/boot/%s%s%s",
			 before[i], release, behind[i]);
		if (next_exists(next->initrd))
			return;
	}
	*next->initrd = '\0';
}

/* Kexec is usually told to use the command line of today. */
static void next_guess_cmdline(struct next *next)
{
	struct path path = root_path("/proc/cmdline");

	if (next->cmdline_known)
		return;
	text_of(&path, next->cmdline, sizeof(next->cmdline));
	next->cmdline_source = "that of today";
}

/**
 * next_find() - find the kernel to come
 * @next: gets it
 * @opts: command line, which may say
 */
void next_find(struct next *next, const struct options *opts)
{
	memset(next, 0, sizeof(*next));
	if (opts->nr_args) {
		next_set(next->image, opts->args[0]);
		next->source = "the command line";
	} else if (!note_find(next) && !kexec_tools_find(next) &&
		   !loader_find(next) && !grub_find(next) && !link_find(next)) {
		newest_find(next);
	}
	next->cmdline_source = next->source;
	if (opts->initrd)
		next_set(next->initrd, opts->initrd);
	if (opts->cmdline) {
		snprintf(next->cmdline, sizeof(next->cmdline), "%s",
			 opts->cmdline);
		next->cmdline_known = true;
		next->cmdline_source = "as it was given";
	}
	next_guess_cmdline(next);
}
