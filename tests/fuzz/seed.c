// SPDX-License-Identifier: GPL-2.0
/*
 * seed FILE: the reference handover of tests/unit as an image.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../unit/image.h"
#include "image_write.h"

static void read_image(void *data, __u64 phys, void *to, unsigned int len)
{
	memcpy(to, image_at(data, phys), len);
}

int main(int argc, char **argv)
{
	struct image image;
	struct image_writer writer = { .read = read_image, .data = &image };

	if (argc != 2) {
		fprintf(stderr, "usage: seed FILE\n");
		return 1;
	}
	writer.out = fopen(argv[1], "w");
	if (!writer.out) {
		perror(argv[1]);
		return 1;
	}
	image_build(&image);
	image_write(&writer, IMAGE_RECORD, image_at(&image, IMAGE_RECORD));
	image_destroy(&image);
	if (fclose(writer.out)) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
