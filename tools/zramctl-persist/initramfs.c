// SPDX-License-Identifier: GPL-2.0
/*
 * Looking into an initramfs.
 *
 * An image is archives in the format of cpio, one behind the other, of which the
 * last, or the only one, is compressed.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initramfs.h"
#include "mapped.h"
#include "unpack.h"

#define CPIO_HEADER	110
#define CPIO_ALIGN	4
#define CPIO_TRAILER	"TRAILER!!!"
/* Fields of a header: eight hexadecimal digits each, behind the magic. */
#define CPIO_FILE_SIZE	6
#define CPIO_NAME_SIZE	11

/* Nothing with a longer name, and no larger module, is what we look for. */
#define MAX_NAME	4096
#define MAX_MODULE	(64UL << 20)

/**
 * struct stream - bytes of an archive
 * @unpack: where they come from, or NULL for @data
 * @data: where they come from
 * @left: bytes of @data
 * @taken: bytes taken so far
 */
struct stream {
	struct unpack *unpack;
	const char *data;
	size_t left;
	uint64_t taken;
};

/* Take @size bytes; to nowhere if @buf is NULL. */
static int stream_take(struct stream *stream, char *buf, size_t size)
{
	char rest[65536];
	ssize_t got;

	stream->taken += size;
	if (!stream->unpack) {
		if (size > stream->left)
			return -ENODATA;
		if (buf)
			memcpy(buf, stream->data, size);
		stream->data += size;
		stream->left -= size;
		return 0;
	}
	while (size) {
		got = buf ? unpack_read(stream->unpack, buf, size) :
			    unpack_read(stream->unpack, rest,
					size < sizeof(rest) ? size :
							      sizeof(rest));
		if (got <= 0)
			return got ? got : -ENODATA;
		buf = buf ? buf + got : NULL;
		size -= got;
	}
	return 0;
}

static int stream_align(struct stream *stream)
{
	size_t over = stream->taken % CPIO_ALIGN;

	return over ? stream_take(stream, NULL, CPIO_ALIGN - over) : 0;
}

static int cpio_field(const char *header, unsigned int field, uint32_t *value)
{
	char digits[9], *end;

	memcpy(digits, header + 6 + 8 * field, 8);
	digits[8] = '\0';
	*value = strtoul(digits, &end, 16);
	return *end ? -EINVAL : 0;
}

/* Is this the path of a module, compressed or not? */
static bool is_module(const char *path, const char *module)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t len = strlen(module);

	return !strncmp(name, module, len) && !strncmp(name + len, ".ko", 3) &&
	       (!name[len + 3] || name[len + 3] == '.');
}

static int take_module(struct initramfs *initramfs, struct stream *stream,
		       uint32_t size)
{
	char *module;
	int error;

	if (size > MAX_MODULE)
		return -EFBIG;
	module = malloc(size);
	if (!module)
		return -ENOMEM;
	error = stream_take(stream, module, size);
	if (!error) {
		modinfo_free(&initramfs->zram);
		initramfs->has_zram = true;
		/* The rest of the archive is no worse for it. */
		initramfs->zram_error = modinfo_in(&initramfs->zram, module,
						   size);
	}
	free(module);
	return error;
}

/*
 * Take one file. @header has been taken already. Return 1 if it is the last of
 * its archive.
 */
static int take_file(struct initramfs *initramfs, struct stream *stream,
		     const char *header)
{
	uint32_t size, name_size;
	char name[MAX_NAME];
	int error;

	if (cpio_field(header, CPIO_FILE_SIZE, &size) ||
	    cpio_field(header, CPIO_NAME_SIZE, &name_size) ||
	    !name_size || name_size > sizeof(name))
		return -EINVAL;
	error = stream_take(stream, name, name_size);
	if (!error && name[name_size - 1])
		error = -EINVAL;
	if (!error)
		error = stream_align(stream);
	if (error)
		return error;
	if (!strcmp(name, CPIO_TRAILER))
		return 1;
	initramfs->files++;
	if (size && is_module(name, "zsmalloc_persist"))
		initramfs->has_zsmalloc = true;
	if (size && is_module(name, "zram"))
		error = take_module(initramfs, stream, size);
	else
		error = stream_take(stream, NULL, size);
	return error ? error : stream_align(stream);
}

static bool is_cpio(const char *data)
{
	return !memcmp(data, "070701", 6) || !memcmp(data, "070702", 6);
}

/* Zeros may follow an archive: then the next one, or nothing. */
static int take_archive(struct initramfs *initramfs, struct stream *stream)
{
	char header[CPIO_HEADER];
	int done;

	do {
		done = stream_take(stream, header, sizeof(header));
		if (!done && !is_cpio(header))
			done = -EINVAL;
		if (!done)
			done = take_file(initramfs, stream, header);
	} while (!done);
	return done < 0 ? done : 0;
}

static int take_packed(struct initramfs *initramfs, struct mapped *file,
		       size_t start, const char *program)
{
	struct unpack unpack;
	struct stream stream = { .unpack = &unpack };
	int error;

	if (lseek(file->fd, start, SEEK_SET) < 0)
		return -errno;
	error = unpack_begin(&unpack, program, "-dc", file->fd);
	if (error)
		return error;
	error = take_archive(initramfs, &stream);
	/* It may go on behind the archive, which is of no interest. */
	kill(unpack.pid, SIGKILL);
	unpack_end(&unpack);
	return error;
}

/**
 * initramfs_read() - look into an initramfs
 * @initramfs: gets what was found
 * @path: the image
 *
 * Return: 0 or a negative error number: -EINVAL and -ENODATA if it is no
 * initramfs or damaged, -ENOENT if there is no file, -ENOPKG if there is no program
 * to decompress it with.
 */
int initramfs_read(struct initramfs *initramfs, const struct path *path)
{
	struct mapped file;
	struct stream stream;
	const char *program;
	size_t at = 0;
	int error = mapped_open(&file, path);

	memset(initramfs, 0, sizeof(*initramfs));
	if (error)
		return error;
	initramfs->size = file.size;
	for (;;) {
		while (at < file.size && !file.data[at])
			at++;
		program = unpack_program(file.data + at, file.size - at);
		if (at == file.size || program)
			break;
		error = -EINVAL;
		if (file.size - at < CPIO_HEADER || !is_cpio(file.data + at))
			break;
		stream = (struct stream){
			.data = file.data + at, .left = file.size - at,
		};
		error = take_archive(initramfs, &stream);
		if (error)
			break;
		at = file.size - stream.left;
	}
	if (program)
		error = take_packed(initramfs, &file, at, program);
	mapped_close(&file);
	return error;
}

/**
 * initramfs_free() - be done with what was found
 * @initramfs: of initramfs_read()
 */
void initramfs_free(struct initramfs *initramfs)
{
	modinfo_free(&initramfs->zram);
}
