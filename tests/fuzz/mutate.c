// SPDX-License-Identifier: GPL-2.0
/*
 * Changes an image without breaking its chunks: a word gets a value that could
 * stand there, an address of something else above all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>
#include "image_format.h"

#define MAX_CHUNKS	4096
#define PAGE		4096ULL

size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max,
			       unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const u8 *data, size_t size, const u8 *other,
				 size_t other_size, u8 *out, size_t max,
				 unsigned int seed);

/**
 * struct image - a file, and where its chunks begin
 * @data: file
 * @size: bytes
 * @max: bytes that there is room for
 * @at: offsets of chunks
 * @nr: chunks
 */
struct image {
	u8 *data;
	size_t size;
	size_t max;
	size_t at[MAX_CHUNKS];
	unsigned int nr;
};

static u64 state;

static u64 rnd(u64 below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 20) % below;
}

static void parse(struct image *image)
{
	size_t at = sizeof(struct image_header);
	struct image_chunk chunk;

	image->nr = 0;
	while (at + sizeof(chunk) <= image->size && image->nr < MAX_CHUNKS) {
		memcpy(&chunk, image->data + at, sizeof(chunk));
		if (chunk.len > image->size - at - sizeof(chunk))
			break;
		image->at[image->nr++] = at;
		at += sizeof(chunk) + ((chunk.len + 7ULL) & ~7ULL);
	}
}

static struct image_chunk get(const struct image *image, unsigned int i)
{
	struct image_chunk chunk;

	memcpy(&chunk, image->data + image->at[i], sizeof(chunk));
	return chunk;
}

static u8 *bytes_of(const struct image *image, unsigned int i)
{
	return image->data + image->at[i] + sizeof(struct image_chunk);
}

/* Where some aligned word of @width bytes is, or NULL if there is none. */
static u8 *any_place(const struct image *image, unsigned int width)
{
	unsigned int tries, i;
	u64 words;

	for (tries = 0; tries < 16; tries++) {
		/* What comes first is what all depends on, and rare. */
		i = rnd(4) ? rnd(image->nr) : rnd(image->nr < 8 ? image->nr : 8);
		words = get(image, i).len / width;
		/* So it is in each chunk: there is a header. */
		if (words > 64 / width && rnd(2))
			words = 64 / width;
		if (words)
			return bytes_of(image, i) + rnd(words) * width;
	}
	return NULL;
}

/* An address of the image, as it is or as a location. */
static u64 any_address(const struct image *image)
{
	u64 phys = get(image, rnd(image->nr)).phys;

	if (rnd(2))
		phys &= ~(PAGE - 1);
	if (!rnd(3))
		phys += rnd(16) * PAGE - 8 * PAGE;
	if (rnd(2))
		phys = (phys & ~(PAGE - 1)) | rnd(4);
	if (!rnd(4))
		phys |= rnd(64) << 2;
	return rnd(3) ? phys : phys << 12 | rnd(5) | (rnd(256) << 4 & 0xff0);
}

static u64 any_value(const struct image *image, u64 old)
{
	u8 *from;
	u64 value;

	switch (rnd(8)) {
	case 0:
		return rnd(16);
	case 1:
		return ~0ULL - rnd(16);
	case 2:
		return old + rnd(9) - 4;
	case 3:
		return old ^ 1ULL << rnd(64);
	case 4:
		return 1ULL << rnd(64);
	case 5:
		from = any_place(image, 8);
		if (!from)
			return 0;
		memcpy(&value, from, 8);
		return value;
	default:
		return any_address(image);
	}
}

static void change_word(struct image *image)
{
	unsigned int width = 1U << rnd(4);
	u8 *at = any_place(image, width);
	u64 value = 0;

	if (!at)
		return;
	memcpy(&value, at, width);
	value = any_value(image, value);
	memcpy(at, &value, width);
}

static void copy_bytes(struct image *image)
{
	u8 *from = any_place(image, 8), *to = any_place(image, 8);
	u8 *end = image->data + image->size;
	size_t len = 8ULL << rnd(6);

	if (!from || !to)
		return;
	if (len > (size_t)(end - from))
		len = end - from;
	if (len > (size_t)(end - to))
		len = end - to;
	memmove(to, from, len);
}

/* Memory that is shorter, longer, or elsewhere. */
static void change_chunk(struct image *image)
{
	unsigned int i = rnd(image->nr);
	struct image_chunk chunk = get(image, i);

	switch (rnd(4)) {
	case 0:
		chunk.pages = rnd(1025);
		break;
	case 1:
		chunk.pages = rnd(chunk.pages + 1);
		break;
	case 2:
		chunk.phys += rnd(9) * PAGE - 4 * PAGE;
		break;
	default:
		chunk.phys = get(image, rnd(image->nr)).phys;
	}
	memcpy(image->data + image->at[i], &chunk, sizeof(chunk));
}

/* Something where there were zeros. */
static void add_chunk(struct image *image)
{
	struct image_chunk chunk = get(image, rnd(image->nr));
	u64 value = any_value(image, 0);

	if (image->size % 8 || image->max - image->size < sizeof(chunk) + 8)
		return;
	chunk.phys = (chunk.phys & ~(PAGE - 1)) + rnd(512) * 8;
	chunk.pages = !rnd(16);
	chunk.len = 1U << rnd(4);
	memcpy(image->data + image->size, &chunk, sizeof(chunk));
	memcpy(image->data + image->size + sizeof(chunk), &value, 8);
	image->size += sizeof(chunk) + 8;
}

static void remove_chunk(struct image *image)
{
	unsigned int i = rnd(image->nr);
	size_t at = image->at[i];
	size_t end = i + 1 < image->nr ? image->at[i + 1] : image->size;

	memmove(image->data + at, image->data + end, image->size - end);
	image->size -= end - at;
}

static void change_header(struct image *image)
{
	struct image_header header;

	memcpy(&header, image->data, sizeof(header));
	switch (rnd(8)) {
	case 0:
		header.record = any_value(image, header.record);
		break;
	case 1:
		header.record_size = any_value(image, header.record_size);
		break;
	default:
		header.flags ^= IMAGE_KEEP_CHECKSUMS;
	}
	memcpy(image->data, &header, sizeof(header));
}

/* What libFuzzer thinks of, within a chunk. */
static void change_any(struct image *image)
{
	unsigned int i = rnd(image->nr);

	if (get(image, i).len)
		LLVMFuzzerMutate(bytes_of(image, i), get(image, i).len,
				 get(image, i).len);
}

static void change(struct image *image)
{
	unsigned int what = rnd(100);

	parse(image);
	if (!image->nr)
		return;
	if (what < 60)
		change_word(image);
	else if (what < 70)
		copy_bytes(image);
	else if (what < 82)
		add_chunk(image);
	else if (what < 90)
		change_any(image);
	else if (what < 95)
		change_chunk(image);
	else if (what < 97)
		remove_chunk(image);
	else
		change_header(image);
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max,
			       unsigned int seed)
{
	static struct image image;
	unsigned int n;

	if (size < sizeof(struct image_header))
		return LLVMFuzzerMutate(data, size, max);
	image.data = data;
	image.size = size;
	image.max = max;
	state = seed;
	for (n = 1 + rnd(4); n; n--)
		change(&image);
	return image.size;
}

/* The image, with the bytes of one chunk from another image. */
size_t LLVMFuzzerCustomCrossOver(const u8 *data, size_t size, const u8 *other,
				 size_t other_size, u8 *out, size_t max,
				 unsigned int seed)
{
	static struct image from, to;
	unsigned int i, j;
	size_t len;

	if (size > max)
		size = max;
	memcpy(out, data, size);
	from.data = (u8 *)other;
	from.size = other_size;
	to.data = out;
	to.size = size;
	state = seed;
	if (size < sizeof(struct image_header) ||
	    other_size < sizeof(struct image_header))
		return size;
	parse(&from);
	parse(&to);
	if (!from.nr || !to.nr)
		return size;
	i = rnd(from.nr);
	j = rnd(to.nr);
	len = get(&from, i).len < get(&to, j).len ? get(&from, i).len :
						    get(&to, j).len;
	memcpy(bytes_of(&to, j), bytes_of(&from, i), len);
	return size;
}
