/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_ROOT_H
#define ZRAMCTL_ROOT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that a sysfs attribute can have, and one for the end of the string. */
#define ATTR_SIZE	4097

/**
 * struct path - a path below the root folder
 * @s: the path, absolute
 */
struct path {
	char s[PATH_MAX];
};

void root_set(const char *dir);
void root_check(void);
bool root_is_default(void);
struct path root_path(const char *format, ...)
	__attribute__((format(printf, 1, 2)));
int text_at(int dir, const char *name, char *buf, size_t size);
int text_of(const struct path *path, char *buf, size_t size);
int write_at(int dir, const char *name, const char *value);
int write_to(const struct path *path, const char *value);
int number_of(const char *text, uint64_t *number);

#endif /* ZRAMCTL_ROOT_H */
