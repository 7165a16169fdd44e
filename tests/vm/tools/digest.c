// SPDX-License-Identifier: GPL-2.0
/*
 * digest [-d] [FILE [MIB]]: a 128-bit checksum of a file or of stdin.
 *
 * SHA-256 does about ten megabytes a second in an emulated machine, and tests
 * compare a lot of data that nobody attacks. This is the 64-bit mix of xxHash
 * over four lanes, folded twice with different constants. -d reads around the
 * page cache, which is what a test of a device wants.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (1 << 20)
#define LANES 4

static const uint64_t prime1 = 0x9e3779b185ebca87ull;
static const uint64_t prime2 = 0xc2b2ae3d27d4eb4full;

static uint64_t rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

/* The rest of an odd-sized chunk counts as if it went on with zeros. */
static void absorb(uint64_t *lane, unsigned char *data, size_t size)
{
	size_t padded = (size + 8 * LANES - 1) / (8 * LANES) * (8 * LANES);

	memset(data + size, 0, padded - size);
	for (size_t i = 0; i < padded; i += 8 * LANES) {
		for (int l = 0; l < LANES; l++) {
			uint64_t word;

			memcpy(&word, data + i + 8 * l, 8);
			lane[l] = rotate(lane[l] + word * prime2, 31) * prime1;
		}
	}
}

static uint64_t fold(const uint64_t *lane, uint64_t length, uint64_t prime)
{
	uint64_t h = length * prime;

	for (int l = 0; l < LANES; l++) {
		h = (h ^ lane[l]) * prime;
		h ^= h >> 29;
	}
	h = (h ^ h >> 33) * prime2;
	return h ^ h >> 32;
}

/* Fills the chunk as far as there is data: pipes give it in pieces. */
static ssize_t read_chunk(int fd, unsigned char *chunk)
{
	size_t have = 0;

	while (have < CHUNK) {
		ssize_t n = read(fd, chunk + have, CHUNK - have);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += n;
	}
	return have;
}

static int digest(int fd, uint64_t limit, unsigned char *chunk)
{
	uint64_t lane[LANES] = { prime1, prime2, prime1 ^ prime2, 1 };
	uint64_t length = 0;

	while (length < limit) {
		ssize_t n = read_chunk(fd, chunk);

		if (n < 0) {
			fprintf(stderr, "digest: read at %llu: %s\n",
				(unsigned long long)length, strerror(errno));
			return 1;
		}
		absorb(lane, chunk, n);
		length += n;
		if (n < CHUNK)
			break;
	}
	printf("%016llx%016llx\n",
	       (unsigned long long)fold(lane, length, prime1),
	       (unsigned long long)fold(lane, length, 0x165667b19e3779f9ull));
	return 0;
}

int main(int argc, char **argv)
{
	int direct = argc > 1 && !strcmp(argv[1], "-d");
	const char *path = argc > 1 + direct ? argv[1 + direct] : NULL;
	uint64_t limit = argc > 2 + direct ?
		strtoull(argv[2 + direct], NULL, 0) << 20 : UINT64_MAX;
	void *chunk = NULL;
	int fd = STDIN_FILENO;

	if (path)
		fd = open(path, O_RDONLY | (direct ? O_DIRECT : 0));
	if (fd < 0 || posix_memalign(&chunk, 4096, CHUNK + 8 * LANES)) {
		fprintf(stderr, "digest: %s: %s\n", path ? path : "stdin",
			strerror(errno));
		return 1;
	}
	return digest(fd, limit, chunk);
}
