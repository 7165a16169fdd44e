// SPDX-License-Identifier: GPL-2.0
/*
 * Modules of a kernel that is not running, and what they say of themselves.
 */

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapped.h"
#include "modinfo.h"
#include "unpack.h"

/* Is @path that of @module, compressed or not? */
static bool module_is(const char *path, size_t len, const char *module)
{
	size_t name_len = strlen(module);
	const char *slash = memrchr(path, '/', len);
	const char *name = slash ? slash + 1 : path;

	len -= name - path;
	return len >= name_len + 3 && !memcmp(name, module, name_len) &&
	       !memcmp(name + name_len, ".ko", 3) &&
	       (len == name_len + 3 || name[name_len + 3] == '.');
}

/*
 * The line of @file, a list of modules, that is about @module: up to a colon or
 * the end of the line. An empty file cannot be mapped, and lists none.
 */
static int module_search(const char *release, const char *file,
			 const char *module, char *found, size_t room)
{
	struct path path = root_path("/lib/modules/%s/%s", release, file);
	struct mapped list;
	const char *line, *end;
	size_t len;
	int error = mapped_open(&list, &path);

	if (error)
		return error == -EINVAL ? -ENOENT : error;
	end = list.data + list.size;
	error = -ENOENT;
	for (line = list.data; line < end; line += len) {
		for (len = 0; line + len < end && line[len] != '\n' &&
		     line[len] != ':'; len++)
			;
		if (module_is(line, len, module) && len < room) {
			memcpy(found, line, len);
			found[len] = '\0';
			error = 0;
			break;
		}
		while (line + len < end && line[len] != '\n')
			len++;
		len++;
	}
	mapped_close(&list);
	return error;
}

static bool range_within(uint64_t start, uint64_t len, size_t size)
{
	return start <= size && len <= size - start;
}

static int modinfo_take(struct modinfo *info, const char *data, size_t size)
{
	info->data = malloc(size + 1);
	if (!info->data)
		return -ENOMEM;
	memcpy(info->data, data, size);
	info->data[size] = '\0';
	info->size = size + 1;
	return 0;
}

static bool section_is(const char *data, const Elf64_Shdr *names,
		       const Elf64_Shdr *section, const char *name)
{
	return range_within(section->sh_name, strlen(name) + 1,
			    names->sh_size) &&
	       !strcmp(data + names->sh_offset + section->sh_name, name);
}

static int modinfo_elf(struct modinfo *info, const char *data, size_t size)
{
	Elf64_Ehdr header;
	Elf64_Shdr names, section;
	unsigned int i;

	if (size < sizeof(header))
		return -ENOEXEC;
	memcpy(&header, data, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_shentsize != sizeof(section) ||
	    !range_within(header.e_shoff,
			  (uint64_t)header.e_shnum * sizeof(section), size) ||
	    header.e_shstrndx >= header.e_shnum)
		return -ENOEXEC;
	memcpy(&names, data + header.e_shoff +
	       header.e_shstrndx * sizeof(names), sizeof(names));
	if (!names.sh_size ||
	    !range_within(names.sh_offset, names.sh_size, size) ||
	    data[names.sh_offset + names.sh_size - 1])
		return -ENOEXEC;
	for (i = 0; i < header.e_shnum; i++) {
		memcpy(&section, data + header.e_shoff + i * sizeof(section),
		       sizeof(section));
		if (section_is(data, &names, &section, ".modinfo"))
			return range_within(section.sh_offset, section.sh_size,
					    size) ?
			       modinfo_take(info, data + section.sh_offset,
					    section.sh_size) : -ENOEXEC;
	}
	return -ENODATA;
}

/**
 * modinfo_in() - what a module says of itself
 * @info: gets it
 * @data: the file of the module, compressed or not
 * @size: bytes of @data
 *
 * Return: 0 or a negative error number: -ENOEXEC if it is no module, -ENODATA if
 * it says nothing, and those of unpack_all().
 */
int modinfo_in(struct modinfo *info, const char *data, size_t size)
{
	char *module;
	size_t module_size;
	int error;

	*info->prefix = '\0';
	if (!unpack_program(data, size))
		return modinfo_elf(info, data, size);
	error = unpack_all(data, size, &module, &module_size);
	if (error)
		return error;
	error = modinfo_elf(info, module, module_size);
	free(module);
	return error;
}

static int modinfo_builtin(struct modinfo *info, const char *release,
			   const char *module)
{
	struct path path = root_path("/lib/modules/%s/modules.builtin.modinfo",
				     release);
	struct mapped all;
	char line[256];
	int error = module_search(release, "modules.builtin", module, line,
				  sizeof(line));

	if (error)
		return error;
	info->builtin = true;
	error = mapped_open(&all, &path);
	if (error)
		return error == -ENOENT ? -ENODATA : error;
	error = modinfo_take(info, all.data, all.size);
	mapped_close(&all);
	return error;
}

/**
 * modinfo_of() - what a module of an installed kernel says of itself
 * @info: gets it
 * @release: kernel
 * @module: name, as that of its file
 *
 * What is built in stays, whatever is installed besides: modprobe takes the module
 * for one that is loaded.
 *
 * Return: 0 or a negative error number: -ENOENT if there is no such module,
 * -ENODATA if it says nothing, and those of modinfo_in().
 */
int modinfo_of(struct modinfo *info, const char *release, const char *module)
{
	struct path path;
	struct mapped file;
	char line[PATH_MAX - 256];
	int error;

	memset(info, 0, sizeof(*info));
	snprintf(info->prefix, sizeof(info->prefix), "%s.", module);
	error = modinfo_builtin(info, release, module);
	if (info->builtin)
		return error;
	error = module_search(release, "modules.dep", module, line,
			      sizeof(line));
	if (error)
		return error;
	if (*line == '/')
		snprintf(info->path, sizeof(info->path), "%s", line);
	else
		snprintf(info->path, sizeof(info->path), "/lib/modules/%.200s/%s",
			 release, line);
	path = root_path("%s", info->path);
	error = mapped_open(&file, &path);
	if (error)
		return error;
	error = modinfo_in(info, file.data, file.size);
	mapped_close(&file);
	return error;
}

/**
 * modinfo_next() - next value that a module has for a key
 * @info: of modinfo_of() or modinfo_in()
 * @key: key
 * @last: value before, NULL for the first one
 *
 * Return: value, or NULL.
 */
const char *modinfo_next(const struct modinfo *info, const char *key,
			 const char *last)
{
	const char *end = info->data + info->size;
	const char *at = last ? last + strlen(last) + 1 : info->data;
	size_t prefix_len = info->data ? strlen(info->prefix) : 0;
	size_t len = strlen(key);

	for (; at && at < end; at += strlen(at) + 1)
		if (!strncmp(at, info->prefix, prefix_len) &&
		    !strncmp(at + prefix_len, key, len) &&
		    at[prefix_len + len] == '=')
			return at + prefix_len + len + 1;
	return NULL;
}

/**
 * modinfo_has() - has a module this value for a key
 * @info: of modinfo_of() or modinfo_in()
 * @key: key
 * @value: value
 *
 * Return: true if so.
 */
bool modinfo_has(const struct modinfo *info, const char *key, const char *value)
{
	const char *at = NULL;

	while ((at = modinfo_next(info, key, at)))
		if (!strcmp(at, value))
			return true;
	return false;
}

/* Files change under a module that is loaded: by an upgrade, for instance. */
static bool modinfo_changed(const struct modinfo *info)
{
	struct path path = root_path("/sys/module/zram/srcversion");
	const char *file = modinfo_next(info, "srcversion", NULL);
	char loaded[64];

	return file && !text_of(&path, loaded, sizeof(loaded)) &&
	       strcmp(file, loaded);
}

/**
 * modinfo_loaded_format() - format of what the running kernel's zram hands over
 * @info: what the zram in /lib/modules says of itself, of modinfo_of()
 * @text: gets it
 * @size: bytes of @text
 *
 * The driver tells. One that does not yet, or that is not loaded, is taken for the
 * one in /lib/modules.
 *
 * Return: 0, -ESTALE if the latter was built from other sources than the one that is
 * loaded, -ENODATA if it does not say.
 */
int modinfo_loaded_format(const struct modinfo *info, char *text, size_t size)
{
	struct path path = root_path("/sys/module/zram/parameters/format_version");
	const char *file = modinfo_next(info, FORMAT_KEY, NULL);

	if (!text_of(&path, text, size) && *text)
		return 0;
	if (modinfo_changed(info))
		return -ESTALE;
	if (!file)
		return -ENODATA;
	snprintf(text, size, "%s", file);
	return 0;
}

/**
 * modinfo_free() - be done with what a module says
 * @info: of modinfo_of() or modinfo_in()
 */
void modinfo_free(struct modinfo *info)
{
	free(info->data);
	info->data = NULL;
	info->size = 0;
}
