// SPDX-License-Identifier: GPL-2.0
/*
 * reserved put|get ADDRESS MIB: copy stdin to physical memory that was reserved
 * with memmap=, or that memory to stdout, as a program does that has mapped it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK (1 << 20)

static char chunk[CHUNK];

/* Pipes take and give less at a time. */
static int copy_chunk(int get)
{
	for (size_t done = 0; done < CHUNK;) {
		ssize_t n = get ? write(STDOUT_FILENO, chunk + done, CHUNK - done) :
				  read(STDIN_FILENO, chunk + done, CHUNK - done);

		if (n <= 0) {
			fprintf(stderr, "reserved: a MiB ends after %zu bytes\n", done);
			return -1;
		}
		done += n;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int mem = open("/dev/mem", O_RDWR), get;
	size_t size;
	char *map;

	if (argc != 4) {
		fprintf(stderr, "usage: reserved put|get ADDRESS MIB\n");
		return 2;
	}
	get = !strcmp(argv[1], "get");
	size = strtoull(argv[3], NULL, 0) * CHUNK;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, mem,
		   strtoull(argv[2], NULL, 0));
	if (map == MAP_FAILED) {
		perror("reserved: /dev/mem");
		return 1;
	}
	for (char *at = map; at < map + size; at += CHUNK) {
		if (get)
			memcpy(chunk, at, CHUNK);
		if (copy_chunk(get))
			return 1;
		if (!get)
			memcpy(at, chunk, CHUNK);
	}
	return 0;
}
