// SPDX-License-Identifier: GPL-2.0
/*
 * Configurations and command lines of kernels.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kconfig.h"
#include "mapped.h"
#include "unpack.h"

static char *kconfig_read(const struct path *path)
{
	struct mapped file;
	char *text = NULL, *end;
	size_t size;

	if (mapped_open(&file, path))
		return NULL;
	if (!unpack_program(file.data, file.size)) {
		text = strndup(file.data, file.size);
	} else if (!unpack_all(file.data, file.size, &text, &size)) {
		end = realloc(text, size + 1);
		if (end)
			end[size] = '\0';
		else
			free(text);
		text = end;
	}
	mapped_close(&file);
	return text;
}

/* Files in /proc have no size, and so cannot be mapped. */
static char *kconfig_read_running(void)
{
	struct path path = root_path("/proc/config.gz");
	char *packed = malloc(1 << 20), *text = NULL;
	FILE *file = fopen(path.s, "re");
	size_t size = 0, out;

	if (file && packed)
		size = fread(packed, 1, 1 << 20, file);
	if (file)
		fclose(file);
	if (size && !unpack_all(packed, size, &text, &out))
		text[out - 1] = '\0';
	free(packed);
	return text;
}

/**
 * kconfig_of() - configuration of a kernel
 * @release: kernel
 * @running: it is the one that runs
 * @where: gets where it was found
 *
 * Return: text, to be freed, or NULL if it is not to be found.
 */
char *kconfig_of(const char *release, bool running, const char **where)
{
	static const char *const places[][2] = {
		{ "/boot/config-", "" },
		{ "/lib/modules/", "/config" },
		{ "/lib/modules/", "/build/.config" },
	};
	static char found[PATH_MAX];
	char *text = NULL;
	struct path path;
	size_t i;

	*where = "/proc/config.gz";
	if (running)
		text = kconfig_read_running();
	for (i = 0; !text && i < sizeof(places) / sizeof(*places); i++) {
		snprintf(found, sizeof(found), "%s%s%s", places[i][0], release,
			 places[i][1]);
		path = root_path("%s", found);
		text = kconfig_read(&path);
		*where = found;
	}
	return text;
}

/**
 * kconfig_value() - what an option is set to
 * @config: configuration
 * @option: name, with CONFIG_
 *
 * Return: 'y', 'm', or 'n'; 0 for another value.
 */
char kconfig_value(const char *config, const char *option)
{
	size_t len = strlen(option);
	const char *line = config;

	while (line) {
		if (!strncmp(line, option, len) && line[len] == '=')
			return line[len + 1] == 'y' || line[len + 1] == 'm' ?
			       line[len + 1] : '\0';
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return 'n';
}

/* What is in double quotes goes on over spaces. */
static const char *word_end(const char *at)
{
	bool quoted = false;

	for (; *at && (quoted || !isspace((unsigned char)*at)); at++)
		if (*at == '"')
			quoted = !quoted;
	return at;
}

/* Quotes are taken off if something begins with one, as the kernel does it. */
static void word_unquote(const char **word, const char **end)
{
	if (*word == *end || **word != '"')
		return;
	++*word;
	if (*word < *end && (*end)[-1] == '"')
		--*end;
}

/*
 * The next value of a parameter; @at is moved behind it. What follows "--" is for init.
 */
static bool cmdline_next(const char **at, const char *key, char *value,
			 size_t size)
{
	size_t len = strlen(key);
	const char *word, *end;

	for (;;) {
		for (word = *at; isspace((unsigned char)*word); word++)
			;
		end = word_end(word);
		*at = end;
		if (word == end)
			return false;
		word_unquote(&word, &end);
		if (end - word == 2 && !memcmp(word, "--", 2)) {
			*at += strlen(*at);
			return false;
		}
		if (strncmp(word, key, len) || word[len] != '=')
			continue;
		word += len + 1;
		word_unquote(&word, &end);
		snprintf(value, size, "%.*s", (int)(end - word), word);
		return true;
	}
}

/**
 * cmdline_value() - value of a parameter on a command line
 * @cmdline: command line
 * @key: parameter
 * @value: gets the value; the last one, as it is for the kernel
 * @size: bytes of @value
 *
 * Return: @value, or NULL if it is not there.
 */
const char *cmdline_value(const char *cmdline, const char *key, char *value,
			  size_t size)
{
	const char *found = NULL;

	while (cmdline_next(&cmdline, key, value, size))
		found = value;
	return found;
}

/* As kstrtobool() in the kernel, which looks no further either. */
static bool bool_parse(const char *text, bool *value)
{
	char first = tolower((unsigned char)*text);
	char second = first ? tolower((unsigned char)text[1]) : '\0';

	if (first == 'o' && (second == 'n' || second == 'f'))
		*value = second == 'n';
	else if (first && strchr("1yte", first))
		*value = true;
	else if (first && strchr("0nfd", first))
		*value = false;
	else
		return false;
	return true;
}

/**
 * cmdline_bool() - value of a parameter that is a boolean
 * @cmdline: command line
 * @key: parameter
 * @value: gets the value, the last one that is a boolean: another one is refused by the
 *	kernel, and changes nothing
 *
 * Return: false if there is none.
 */
bool cmdline_bool(const char *cmdline, const char *key, bool *value)
{
	bool found = false;
	char text[32];

	while (cmdline_next(&cmdline, key, text, sizeof(text)))
		found |= bool_parse(text, value);
	return found;
}
