// SPDX-License-Identifier: GPL-2.0
/*
 * Decompression, by the programs that are there for it.
 *
 * They are used rather than libraries since which ones a machine has follows
 * from what its kernels and initramfs are compressed with.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#include "unpack.h"

/* Nothing that we look at takes so long, or gives so much. */
#define LIMIT_MS	60000
#define LIMIT_BYTES	(512UL << 20)

static const struct {
	const char *magic;
	size_t len;
	const char *program;
} formats[] = {
	{ "\x1f\x8b", 2, "gzip" },
	{ "\xfd\x37zXZ", 5, "xz" },
	{ "\x28\xb5\x2f\xfd", 4, "zstd" },
	{ "\x02\x21\x4c\x18", 4, "lz4" },
	{ "\x04\x22\x4d\x18", 4, "lz4" },
	{ "BZh", 3, "bzip2" },
	{ "\x5d\x00\x00", 3, "xz" },
	{ "\x89LZO", 4, "lzop" },
};

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/**
 * unpack_program() - what decompresses something
 * @data: its beginning
 * @size: bytes of @data
 *
 * Return: name of a program, or NULL if it is not compressed.
 */
const char *unpack_program(const void *data, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (size >= formats[i].len &&
		    !memcmp(data, formats[i].magic, formats[i].len))
			return formats[i].program;
	return NULL;
}

/**
 * unpack_begin() - start a program that decompresses, or prints something else
 * @unpack: gets what is needed to go on
 * @program: name or path, see unpack_program()
 * @option: its option, usually -dc
 * @input: file, read from where it is
 *
 * Return: 0 or a negative error number; -ENOPKG if there is no such program, since
 * -ENOENT is what callers have for a file that is missing.
 */
int unpack_begin(struct unpack *unpack, const char *program,
		 const char *option, int input)
{
	char *const argv[] = { (char *)program, (char *)option, NULL };
	posix_spawn_file_actions_t actions;
	int pipe_fds[2], error;

	if (pipe2(pipe_fds, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
					 O_WRONLY, 0);
	error = posix_spawnp(&unpack->pid, program, &actions, NULL, argv,
			     environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipe_fds[1]);
	if (error) {
		close(pipe_fds[0]);
		return error == ENOENT ? -ENOPKG : -error;
	}
	unpack->fd = pipe_fds[0];
	unpack->end = now_ms() + LIMIT_MS;
	return 0;
}

/**
 * unpack_read() - get some of what is decompressed
 * @unpack: see unpack_begin()
 * @buf: gets it
 * @size: bytes of @buf
 *
 * Return: number of bytes, 0 at the end, or a negative error number; -ETIMEDOUT
 * if it takes too long.
 */
ssize_t unpack_read(struct unpack *unpack, void *buf, size_t size)
{
	struct pollfd pollfd = { .fd = unpack->fd, .events = POLLIN };
	long long left;
	ssize_t got;

	for (;;) {
		left = unpack->end - now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&pollfd, 1, left) <= 0)
			continue;
		got = read(unpack->fd, buf, size);
		if (got >= 0)
			return got;
		if (errno != EINTR)
			return -errno;
	}
}

/**
 * unpack_end() - be done, whether all has been read or not
 * @unpack: see unpack_begin()
 *
 * Return: 0, or -EINVAL if the program did not end well, which it does if not
 * all was read.
 */
int unpack_end(struct unpack *unpack)
{
	int status;

	close(unpack->fd);
	while (waitpid(unpack->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EINVAL;
}

/* A file with @data in it, at its start. */
static int unpack_input(const void *data, size_t size)
{
	int fd = memfd_create("packed", MFD_CLOEXEC);
	const char *at = data;
	ssize_t done;

	while (fd >= 0 && size) {
		done = write(fd, at, size);
		if (done <= 0) {
			close(fd);
			return -EIO;
		}
		at += done;
		size -= done;
	}
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd < 0 ? -errno : fd;
}

static int unpack_collect(struct unpack *unpack, char **out, size_t *out_size)
{
	size_t room = 0, used = 0;
	char *buf = NULL, *larger;
	ssize_t got = 1;

	while (got > 0) {
		if (used == room) {
			room = room ? 2 * room : 1 << 20;
			larger = room > LIMIT_BYTES ? NULL :
						      realloc(buf, room);
			if (!larger) {
				got = -EFBIG;
				break;
			}
			buf = larger;
		}
		got = unpack_read(unpack, buf + used, room - used);
		if (got > 0)
			used += got;
	}
	if (got < 0) {
		free(buf);
		return got;
	}
	*out = buf;
	*out_size = used;
	return 0;
}

/**
 * unpack_all() - decompress what is in memory
 * @data: compressed
 * @size: bytes of @data
 * @out: gets what it was before, to be freed
 * @out_size: gets bytes of @out
 *
 * Return: 0 or a negative error number: -ENOPKG if there is no program for it,
 * -EINVAL if it is not compressed or damaged, -EFBIG and -ETIMEDOUT if it is too
 * much.
 */
int unpack_all(const void *data, size_t size, char **out, size_t *out_size)
{
	const char *program = unpack_program(data, size);
	struct unpack unpack;
	int input, error, end;

	if (!program)
		return -EINVAL;
	input = unpack_input(data, size);
	if (input < 0)
		return input;
	error = unpack_begin(&unpack, program, "-dc", input);
	close(input);
	if (error)
		return error;
	error = unpack_collect(&unpack, out, out_size);
	if (error)
		kill(unpack.pid, SIGKILL);
	end = unpack_end(&unpack);
	if (!error && end) {
		free(*out);
		error = end;
	}
	return error;
}

/**
 * unpack_error() - why something could not be looked into
 * @error: negative error number
 *
 * Return: text.
 */
const char *unpack_error(int error)
{
	return error == -ENOPKG ? "nothing here decompresses it" :
				  strerror(-error);
}

/**
 * unpack_hint() - what one can do about it
 * @error: negative error number
 *
 * Return: text, or NULL.
 */
const char *unpack_hint(int error)
{
	return error == -ENOPKG ?
		"install the program: xz-utils, zstd, lz4, bzip2, lzop" : NULL;
}
