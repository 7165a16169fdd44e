// SPDX-License-Identifier: GPL-2.0
/*
 * accept FILE...: a driver must attach all devices of these images, with the
 * checksums that they came with: what is fuzzed begins behind all checks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "image_format.h"
#include "take.h"

#define MAX_FILE	(4U << 20)

static bool accept(const char *path, unsigned int *devices)
{
	static u8 data[MAX_FILE];
	const u32 keep = IMAGE_KEEP_CHECKSUMS;
	FILE *file = fopen(path, "r");
	struct taken taken;
	size_t size;

	if (!file) {
		perror(path);
		return false;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	if (size >= sizeof(struct image_header))
		memcpy(data + offsetof(struct image_header, flags), &keep,
		       sizeof(keep));
	take_image(data, size, &taken);
	*devices += taken.accepted;
	if (taken.accepted && taken.accepted == taken.devices)
		return true;
	fprintf(stderr, "%s: %u of %u devices accepted: %s\n", path,
		taken.accepted, taken.devices, taken.reason);
	return false;
}

int main(int argc, char **argv)
{
	unsigned int devices = 0;
	bool good = argc > 1;
	int i;

	for (i = 1; i < argc; i++)
		good &= accept(argv[i], &devices);
	if (good)
		printf("%d seeds with %u devices are accepted\n", argc - 1,
		       devices);
	return !good;
}
