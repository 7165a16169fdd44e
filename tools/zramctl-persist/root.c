// SPDX-License-Identifier: GPL-2.0
/*
 * Files of the system, all below one folder.
 *
 * That folder is / in use. In tests it holds a recorded tree, so that they need
 * neither a device nor root: therefore nothing in this program opens a path of
 * the system in any other way.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root.h"

static const char *root_dir = "";

/**
 * root_set() - choose the folder that stands for /
 * @dir: its path; kept, not copied
 */
void root_set(const char *dir)
{
	root_dir = strcmp(dir, "/") ? dir : "";
}

/**
 * root_check() - end the program if the folder that stands for / is none
 *
 * Files that are not there say that nothing is wrong, or that there is no device.
 */
void root_check(void)
{
	struct path path = root_path("/");
	struct stat st;
	int error = 0;

	if (stat(path.s, &st))
		error = errno;
	else if (!S_ISDIR(st.st_mode))
		error = ENOTDIR;
	if (error)
		errx(EXIT_FAILURE, "cannot look below %s: %s", root_dir,
		     strerror(error));
}

/**
 * root_is_default() - is it the system itself that we look at
 *
 * Return: false if another folder stands for /.
 */
bool root_is_default(void)
{
	return !*root_dir;
}

/**
 * root_path() - path of a file of the system
 * @format: of printf, gives a path; one without a slash at its beginning is
 *	below the current folder, or below the root folder if that is not /
 *
 * Return: the path below the root folder. One that is too long ends the
 * program.
 */
struct path root_path(const char *format, ...)
{
	struct path path;
	size_t used = strlen(root_dir);
	va_list args;
	int len = -1;

	if (used + 1 < sizeof(path.s)) {
		memcpy(path.s, root_dir, used);
		if (used && *format != '/')
			path.s[used++] = '/';
		va_start(args, format);
		len = vsnprintf(path.s + used, sizeof(path.s) - used, format,
				args);
		va_end(args);
	}
	if (len < 0 || (size_t)len >= sizeof(path.s) - used)
		errx(EXIT_FAILURE, "a path is too long");
	return path;
}

static int text_from(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t got;
	int error = 0;

	do {
		got = read(fd, buf + len, size - 1 - len);
		if (got > 0)
			len += got;
	} while (len < size - 1 && (got > 0 || (got < 0 && errno == EINTR)));
	if (got < 0)
		error = -errno;
	close(fd);
	if (error)
		return error;
	if (len && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return 0;
}

/**
 * text_at() - read a short file
 * @dir: folder, or AT_FDCWD
 * @name: name in it
 * @buf: gets the text, without the newline at its end
 * @size: bytes of @buf; what is longer is cut
 *
 * Return: 0 or a negative error number.
 */
int text_at(int dir, const char *name, char *buf, size_t size)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return text_from(fd, buf, size);
}

/**
 * text_of() - read a short file
 * @path: the file
 * @buf: gets the text, without the newline at its end
 * @size: bytes of @buf; what is longer is cut
 *
 * Return: 0 or a negative error number.
 */
int text_of(const struct path *path, char *buf, size_t size)
{
	return text_at(AT_FDCWD, path->s, buf, size);
}

/**
 * write_at() - write a sysfs attribute
 * @dir: folder, or AT_FDCWD
 * @name: name in it
 * @value: text, written in a single write(2)
 *
 * Return: 0 or a negative error number.
 */
int write_at(int dir, const char *name, const char *value)
{
	int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(value);
	ssize_t done;
	int error = 0;

	if (fd < 0)
		return -errno;
	do {
		done = write(fd, value, len);
	} while (done < 0 && errno == EINTR);
	if (done < 0)
		error = -errno;
	else if ((size_t)done != len)
		error = -EIO;
	close(fd);
	return error;
}

/**
 * write_to() - write a sysfs attribute
 * @path: the attribute
 * @value: text
 *
 * Return: 0 or a negative error number.
 */
int write_to(const struct path *path, const char *value)
{
	return write_at(AT_FDCWD, path->s, value);
}

/**
 * number_of() - read a number
 * @text: digits and nothing else
 * @number: gets their value
 *
 * Return: 0, -EINVAL, or -ERANGE.
 */
int number_of(const char *text, uint64_t *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*end)
		return -EINVAL;
	return -errno;
}
