// SPDX-License-Identifier: GPL-2.0
/*
 * tryattr STATE FILE VALUE...: write values to an attribute of a zram device, or
 * of its control class, each with a newline and in one write, and print a line
 * on each.
 *
 * Of a device, after a success: size, data and limit. What memory its pool takes
 * is its own affair. After an error, whether anything changed that can be seen.
 * Of the control class: how many devices there are.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MM_STAT = 3 };

static const char * const watched[] = {
	"disksize", "initstate", "comp_algorithm", [MM_STAT] = "mm_stat", "io_stat",
};

#define WATCHED (sizeof(watched) / sizeof(watched[0]))

struct shown {
	char text[WATCHED][512];
};

/* What the files of a folder say; nothing where there are none. */
static void look(const char *dir, struct shown *shown)
{
	char path[256];
	ssize_t len;
	int fd;

	memset(shown, 0, sizeof(*shown));
	for (size_t i = 0; i < WATCHED; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, watched[i]);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		len = read(fd, shown->text[i], sizeof(shown->text[i]) - 1);
		if (len > 0 && shown->text[i][len - 1] == '\n')
			shown->text[i][len - 1] = '\0';
		close(fd);
	}
}

/*
 * Leaves out of mm_stat what the pool does in the background, where it gives back
 * what it has too much: its memory, the most of it, and pages compacted. The most
 * is what writes to mem_used_max are about, long after the pool was last changed.
 */
static void forget_pool(char *mm_stat, bool most)
{
	char word[9][32];

	if (sscanf(mm_stat, "%31s %31s %31s %31s %31s %31s %31s %31s %31s", word[0],
		   word[1], word[2], word[3], word[4], word[5], word[6], word[7],
		   word[8]) != 9)
		return;
	memset(mm_stat, 0, sizeof(((struct shown *)0)->text[0]));
	for (size_t i = 0; i < 9; i++)
		if (i != 2 && i != 6 && (i != 4 || most))
			strcat(strcat(mm_stat, word[i]), " ");
}

/* Ends the line with what has changed. */
static void compare(struct shown *before, struct shown *after, bool most)
{
	forget_pool(before->text[MM_STAT], most);
	forget_pool(after->text[MM_STAT], most);
	for (size_t i = 0; i < WATCHED; i++)
		if (strcmp(before->text[i], after->text[i]))
			printf(", but CHANGED %s from %s to %s", watched[i],
			       before->text[i], after->text[i]);
	puts("");
}

static int put(const char *path, const char *value)
{
	char line[8192];
	int fd, err = 0;
	int len = snprintf(line, sizeof(line), "%s\n", value);

	if (len >= (int)sizeof(line))
		return EOVERFLOW;
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return errno;
	if (write(fd, line, len) < 0)
		err = errno;
	close(fd);
	return err;
}

static size_t devices(void)
{
	glob_t found;
	size_t n = 0;

	if (!glob("/sys/block/zram*", 0, NULL, &found)) {
		n = found.gl_pathc;
		globfree(&found);
	}
	return n;
}

static void try(const char *dir, const char *path, const char *value)
{
	struct shown before, after;
	char data[32] = "", limit[32] = "";
	int err;

	look(dir, &before);
	err = put(path, value);
	look(dir, &after);
	printf("%s", err ? strerror(err) : "ok");
	if (!before.text[0][0]) {
		printf(", devices: %zu\n", devices());
	} else if (err) {
		compare(&before, &after, strstr(path, "mem_used_max"));
	} else {
		sscanf(after.text[MM_STAT], "%31s %*s %*s %31s", data, limit);
		printf(", shows %s %s %s\n", after.text[0], data, limit);
	}
}

int main(int argc, char **argv)
{
	char dir_buf[256], name_buf[256];
	char *dir, *name;

	if (argc < 4 || strlen(argv[2]) >= sizeof(dir_buf))
		return 2;
	dir = dirname(strcpy(dir_buf, argv[2]));
	name = basename(strcpy(name_buf, argv[2]));
	for (int i = 3; i < argc; i++) {
		printf("%s %s=%s: ", argv[1], name, argv[i]);
		try(dir, argv[2], argv[i]);
	}
	return 0;
}
