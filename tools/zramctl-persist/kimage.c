// SPDX-License-Identifier: GPL-2.0
/*
 * Looking into the image of a kernel.
 *
 * What a kernel is able to do it does not say in its header; but the version of
 * KHO is a string that it compares with, and so is somewhere in it.
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kimage.h"
#include "mapped.h"
#include "unpack.h"

/* The x86 boot protocol: offsets into the header of an image. */
#define X86_SETUP_SECTORS	0x1f1
#define X86_MAGIC		0x202
#define X86_VERSION		0x206
#define X86_RELEASE		0x20e
#define X86_PAYLOAD		0x248
#define X86_PAYLOAD_SIZE	0x24c
#define X86_INIT_SIZE		0x260
#define X86_HEADER_END		0x264
#define X86_SECTOR		512
/* The first version with a payload and a size to start in. */
#define X86_MIN_VERSION		0x20a

static uint32_t get_le(const char *data, size_t bytes)
{
	uint32_t value = 0;

	while (bytes--)
		value = value << 8 | (unsigned char)data[bytes];
	return value;
}

static bool kimage_is_x86(const struct mapped *file)
{
	return file->size >= X86_HEADER_END &&
	       !memcmp(file->data + X86_MAGIC, "HdrS", 4) &&
	       get_le(file->data + X86_VERSION, 2) >= X86_MIN_VERSION;
}

/* The word at @text, which ends before @end. */
static void kimage_word(char *word, size_t room, const char *text,
			const char *end)
{
	size_t len = 0;

	while (text + len < end && len < room - 1 &&
	       isgraph((unsigned char)text[len]))
		len++;
	memcpy(word, text, len);
	word[len] = '\0';
}

/**
 * kho_version_in() - find the version of KHO
 * @data: a kernel, or a device tree of KHO
 * @size: bytes of @data
 * @version: gets it, empty if there is none
 * @room: bytes of @version
 */
void kho_version_in(const char *data, size_t size, char *version, size_t room)
{
	static const char start[] = "kho-v";
	const char *end = data + size, *at = data, *digit;

	*version = '\0';
	while ((at = memmem(at, end - at, start, strlen(start)))) {
		digit = at + strlen(start);
		while (digit < end && isdigit((unsigned char)*digit))
			digit++;
		if (digit > at + strlen(start) && digit < end && !*digit &&
		    (at == data || !isgraph((unsigned char)at[-1]))) {
			kimage_word(version, room, at, end);
			return;
		}
		at += strlen(start);
	}
}

static void kimage_find_release(struct kimage *image, const char *data,
				size_t size)
{
	static const char start[] = "Linux version ";
	const char *end = data + size, *at = data;

	while (!*image->release &&
	       (at = memmem(at, end - at, start, strlen(start)))) {
		at += strlen(start);
		if (at < end && isdigit((unsigned char)*at))
			kimage_word(image->release, sizeof(image->release), at,
				    end);
	}
}

static void kimage_find_config(struct kimage *image, const char *data,
			       size_t size)
{
	static const char start[] = "IKCFG_ST", stop[] = "IKCFG_ED";
	const char *from = memmem(data, size, start, strlen(start));
	const char *to;
	char *text, *end;
	size_t len;

	if (!from)
		return;
	from += strlen(start);
	to = memmem(from, data + size - from, stop, strlen(stop));
	if (!to || unpack_all(from, to - from, &text, &len))
		return;
	end = realloc(text, len + 1);
	if (!end) {
		free(text);
		return;
	}
	end[len] = '\0';
	image->config = end;
}

static void kimage_search(struct kimage *image, const char *data, size_t size)
{
	kho_version_in(data, size, image->kho, sizeof(image->kho));
	kimage_find_release(image, data, size);
	kimage_find_config(image, data, size);
}

/* @tail bytes at the end are not part of what is compressed. */
static int kimage_unpack(struct kimage *image, const char *data, size_t size,
			 size_t tail)
{
	char *kernel;
	size_t kernel_size;
	int error;

	if (size <= tail || !unpack_program(data, size))
		return -ENOEXEC;
	error = unpack_all(data, size - tail, &kernel, &kernel_size);
	if (error)
		return error;
	kimage_search(image, kernel, kernel_size);
	free(kernel);
	return 0;
}

static int kimage_x86(struct kimage *image, const struct mapped *file)
{
	size_t sectors = (unsigned char)file->data[X86_SETUP_SECTORS];
	size_t start, size, release;

	/* 0 is 4, for historic reasons. */
	start = ((sectors ? sectors : 4) + 1) * X86_SECTOR +
		get_le(file->data + X86_PAYLOAD, 4);
	size = get_le(file->data + X86_PAYLOAD_SIZE, 4);
	release = get_le(file->data + X86_RELEASE, 2) + X86_SECTOR;
	image->room = get_le(file->data + X86_INIT_SIZE, 4);
	if (start > file->size || size > file->size - start)
		return -ENOEXEC;
	if (release > X86_SECTOR && release < file->size)
		kimage_word(image->release, sizeof(image->release),
			    file->data + release, file->data + file->size);
	/* Its size when unpacked follows, which is part of gzip only. */
	return kimage_unpack(image, file->data + start, size,
			     strcmp(unpack_program(file->data + start, size) ?:
				    "", "gzip") ? 4 : 0);
}

/**
 * kimage_read() - look into the image of a kernel
 * @image: gets what it says
 * @path: bzImage, vmlinux, or the Image of other architectures, compressed or
 *	not
 *
 * Return: 0 or a negative error number: -ENOEXEC if it is no image that we know
 * of, and those of unpack_all().
 */
int kimage_read(struct kimage *image, const struct path *path)
{
	struct mapped file;
	int error = mapped_open(&file, path);

	memset(image, 0, sizeof(*image));
	if (error)
		return error;
	if (kimage_is_x86(&file)) {
		error = kimage_x86(image, &file);
	} else if (unpack_program(file.data, file.size)) {
		error = kimage_unpack(image, file.data, file.size, 0);
	} else {
		kimage_search(image, file.data, file.size);
		if (!*image->release)
			error = -ENOEXEC;
	}
	mapped_close(&file);
	return error;
}

/**
 * kimage_free() - be done with what an image says
 * @image: of kimage_read()
 */
void kimage_free(struct kimage *image)
{
	free(image->config);
	image->config = NULL;
}
