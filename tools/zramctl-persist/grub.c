// SPDX-License-Identifier: GPL-2.0
/*
 * The default entry of GRUB.
 *
 * grub.cfg is a script. What is understood of it here is what grub-mkconfig
 * writes: entries, submenus, and the choice of a default.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "next.h"
#include "root.h"

#define MAX_DEPTH	4
#define MAX_WORDS	512
#define MAX_TEXT	256

/**
 * struct grub - where we are in grub.cfg
 * @next: gets the default entry
 * @folder: where grub.cfg and grubenv are
 * @choice: the default: a number, title or id, and behind a '>' one of the menu that
 *	this is
 * @menus: the menus that it has led into so far, as numbers
 * @depth: how many menus we are in
 * @count: entries so far, by level
 * @rest: what of @choice is left to be found, by level; NULL if it is not in that menu,
 *	or was found
 * @in_entry: we are in an entry
 * @wanted: it is the one
 * @found: it was found
 */
struct grub {
	struct next *next;
	const char *folder;
	char choice[MAX_TEXT];
	char menus[MAX_TEXT - 1];
	unsigned int depth;
	unsigned int count[MAX_DEPTH];
	const char *rest[MAX_DEPTH];
	bool in_entry;
	bool wanted;
	bool found;
};

/* Cuts a line into words as a shell would; returns their number. */
static unsigned int grub_words(char *line, char *words[MAX_WORDS])
{
	unsigned int nr = 0;
	char *to, quote;

	while (nr < MAX_WORDS - 1) {
		line += strspn(line, " \t\r\n");
		if (!*line)
			break;
		to = line;
		words[nr++] = to;
		for (quote = 0; *line && (quote || !strchr(" \t\r\n", *line));
		     line++) {
			if (quote ? *line == quote :
				    *line == '"' || *line == '\'')
				quote = quote ? 0 : *line;
			else
				*to++ = *line;
		}
		if (*line)
			line++;
		*to = '\0';
	}
	words[nr] = NULL;
	return nr;
}

/* Does the first part of @choice name an entry so? A '>' in a name is doubled there. */
static bool grub_is_name(const char *choice, const char *name)
{
	if (!*name)
		return false;
	for (; *name; choice++, name++)
		if (*choice != *name || (*name == '>' && *++choice != '>'))
			return false;
	return !*choice || (*choice == '>' && choice[1] != '>');
}

/* What @choice says of the menu that its first part names. */
static const char *grub_rest(const char *choice)
{
	for (; *choice; choice++) {
		if (*choice != '>')
			continue;
		if (choice[1] != '>')
			return choice + 1;
		choice++;
	}
	return choice;
}

static const char *grub_id(char *words[MAX_WORDS])
{
	for (; *words; words++)
		if (words[1] && (!strcmp(*words, "--id") ||
				 !strcmp(*words, "$menuentry_id_option")))
			return words[1];
	return "";
}

static bool grub_is_choice(const char *choice, unsigned int number,
			   const char *title, const char *id)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return choice && (grub_is_name(choice, text) ||
			  grub_is_name(choice, title) ||
			  grub_is_name(choice, id));
}

static void grub_enter(struct grub *grub, char *words[MAX_WORDS])
{
	unsigned int level = grub->depth, number;
	const char *choice = grub->rest[level];
	size_t len = strlen(grub->menus);
	bool chosen;

	if (level >= MAX_DEPTH - 1 || !words[1])
		return;
	number = grub->count[level]++;
	chosen = grub_is_choice(choice, number, words[1], grub_id(words));
	/* Of two with the same name it is the first. */
	if (chosen)
		grub->rest[level] = NULL;
	if (!strcmp(words[0], "submenu")) {
		grub->depth++;
		grub->count[grub->depth] = 0;
		grub->rest[grub->depth] = chosen ? grub_rest(choice) : NULL;
		if (chosen)
			snprintf(grub->menus + len, sizeof(grub->menus) - len,
				 "%u>", number);
	} else {
		grub->in_entry = true;
		grub->wanted = chosen;
	}
}

static void grub_leave(struct grub *grub)
{
	if (grub->in_entry) {
		grub->found |= grub->wanted;
		grub->in_entry = false;
		grub->wanted = false;
	} else if (grub->depth) {
		grub->depth--;
	}
}

/* Microcode may come before it: the one with modules is the last. */
static void grub_take_initrd(struct grub *grub, char *words[MAX_WORDS])
{
	unsigned int last = 0;

	while (words[last + 1])
		last++;
	if (last)
		next_locate(grub->next->initrd, "/boot", words[last]);
}

static void grub_take(struct grub *grub, char *words[MAX_WORDS])
{
	struct next *next = grub->next;
	size_t used = 0;
	unsigned int i;

	if (!strncmp(words[0], "initrd", 6))
		grub_take_initrd(grub, words);
	if ((strcmp(words[0], "linux") && strcmp(words[0], "linuxefi")) ||
	    !words[1])
		return;
	next_locate(next->image, "/boot", words[1]);
	for (i = 2; words[i] && used < sizeof(next->cmdline); i++)
		used += snprintf(next->cmdline + used,
				 sizeof(next->cmdline) - used, "%s ", words[i]);
	next->cmdline_known = true;
}

static void grub_line(struct grub *grub, char *line)
{
	char *words[MAX_WORDS];
	unsigned int nr = grub_words(line, words);

	if (!nr)
		return;
	if (!strcmp(words[0], "menuentry") || !strcmp(words[0], "submenu"))
		grub_enter(grub, words);
	else if (!strcmp(words[0], "}"))
		grub_leave(grub);
	else if (grub->wanted)
		grub_take(grub, words);
}

/**
 * grub_saved_entry() - the entry that was chosen as the default
 * @folder: where grubenv is
 * @to: gets it
 * @size: bytes of @to
 *
 * It is what grub-set-default or grubby has written, which may be once and not
 * again.
 *
 * Return: false if there is none.
 */
bool grub_saved_entry(const char *folder, char *to, size_t size)
{
	struct path path = root_path("%s/grubenv", folder);
	FILE *file = fopen(path.s, "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (!file)
		return false;
	while (getline(&line, &room, file) > 0) {
		if (strncmp(line, "saved_entry=", 12))
			continue;
		snprintf(to, size, "%.*s", (int)strcspn(line + 12, "\n"),
			 line + 12);
		found = *to;
	}
	free(line);
	fclose(file);
	return found;
}

static void grub_saved(struct grub *grub)
{
	if (!grub_saved_entry(grub->folder, grub->choice, sizeof(grub->choice)))
		snprintf(grub->choice, sizeof(grub->choice), "0");
}

static void grub_choose(struct grub *grub, FILE *file)
{
	char *line = NULL, *words[MAX_WORDS];
	size_t room = 0;

	snprintf(grub->choice, sizeof(grub->choice), "0");
	while (getline(&line, &room, file) > 0) {
		if (grub_words(line, words) < 2 || strcmp(words[0], "set") ||
		    strncmp(words[1], "default=", 8))
			continue;
		if (strstr(words[1], "saved_entry"))
			grub_saved(grub);
		else if (!strchr(words[1], '$'))
			snprintf(grub->choice, sizeof(grub->choice), "%s",
				 words[1] + 8);
	}
	free(line);
}

static void grub_look(struct grub *grub, FILE *file)
{
	char *line = NULL;
	size_t room = 0;

	*grub->menus = '\0';
	grub->depth = 0;
	grub->count[0] = 0;
	grub->rest[0] = grub->choice;
	rewind(file);
	while (getline(&line, &room, file) > 0)
		grub_line(grub, line);
	free(line);
}

/*
 * A choice that is not there, as of a kernel that was removed, is as good as none: the
 * first entry of the menu comes. A menu that is chosen has no choice in it.
 */
static bool grub_read(struct grub *grub, const char *source, FILE *file)
{
	grub_choose(grub, file);
	grub_look(grub, file);
	if (!grub->found) {
		snprintf(grub->choice, sizeof(grub->choice), "%s0", grub->menus);
		grub_look(grub, file);
	}
	grub->next->source = source;
	return grub->found && *grub->next->image;
}

/**
 * grub_find() - find the kernel that GRUB would start
 * @next: gets it
 *
 * Return: false if there is no GRUB, or its default is not understood.
 */
bool grub_find(struct next *next)
{
	static const struct {
		const char *folder;
		const char *file;
	} places[] = {
		{ "/boot/grub", "/boot/grub/grub.cfg" },
		{ "/boot/grub2", "/boot/grub2/grub.cfg" },
	};
	struct grub *grub = calloc(1, sizeof(*grub));
	size_t i = next_exists(places[0].file) ? 0 : 1;
	struct path path = root_path("%s", places[i].file);
	FILE *file = fopen(path.s, "re");
	bool found = false;

	if (file && grub) {
		grub->next = next;
		grub->folder = places[i].folder;
		found = grub_read(grub, places[i].file, file);
	}
	if (file)
		fclose(file);
	free(grub);
	return found;
}
