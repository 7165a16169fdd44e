// SPDX-License-Identifier: GPL-2.0
/*
 * fdtword FILE NAME: the eight bytes, in the byte order of this machine, of the
 * property NAME of the root node of a flattened device tree, as a hexadecimal number.
 * Its format is in chapter 5 of the Devicetree Specification.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BEGIN_NODE	1
#define PROP		3
#define NOP		4

static char file[1 << 16];

static uint32_t word_at(size_t at)
{
	uint32_t word;

	if (at > sizeof(file) - sizeof(word))
		return 0;
	memcpy(&word, file + at, sizeof(word));
	return ntohl(word);
}

/* Returns where the value of the property is, or 0. */
static size_t find(const char *name)
{
	size_t at = word_at(8), strings = word_at(12);

	/* The root node has no name: an empty string, padded to a word. */
	if (word_at(at) != BEGIN_NODE)
		return 0;
	for (at += 8; word_at(at) == PROP || word_at(at) == NOP;) {
		uint32_t len = word_at(at + 4), place = strings + word_at(at + 8);

		if (word_at(at) == NOP) {
			at += 4;
			continue;
		}
		if (len == 8 && place < sizeof(file) && !strcmp(file + place, name))
			return at + 12;
		at += 12 + (len + 3) / 4 * 4;
	}
	return 0;
}

int main(int argc, char **argv)
{
	FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL;
	uint64_t value;
	size_t at = 0;

	/* What was read ends with a zero. */
	if (in && fread(file, 1, sizeof(file) - 1, in))
		at = find(argv[2]);
	if (!at || at > sizeof(file) - sizeof(value)) {
		fprintf(stderr, "fdtword: no such property, or no such file\n");
		return 1;
	}
	memcpy(&value, file + at, sizeof(value));
	printf("%#llx\n", (unsigned long long)value);
	return 0;
}
