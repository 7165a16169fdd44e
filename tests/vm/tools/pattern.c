// SPDX-License-Identifier: GPL-2.0
/*
 * pattern KIND SEED MIB [SKIP_MIB]: write test data to stdout.
 *
 * The same arguments give the same bytes in every kernel of a chain, so a test
 * needs no file to compare with, only a second run (or its hash). SKIP_MIB
 * starts that far into the same stream.
 *
 * Each page depends on (seed, page number) only:
 *   zero     zeros
 *   word     one machine word repeated (what zram stores as "same")
 *   text     numbered lines, compresses well
 *   binary   records of small integers, compresses somewhat
 *   random   does not compress
 *   mixed    all of these, chosen page by page
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES_PER_MIB 256

typedef void (*fill_fn)(unsigned char *page, uint64_t seed, uint64_t index);

/* splitmix64: every state gives a good next value, also 0 and neighbours. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static uint64_t page_state(uint64_t seed, uint64_t index)
{
	uint64_t state = seed * 0x2545f4914f6cdd1dull + index;

	next_random(&state);
	return state;
}

static void fill_zero(unsigned char *page, uint64_t seed, uint64_t index)
{
	(void)seed;
	(void)index;
	memset(page, 0, PAGE);
}

static void fill_words(unsigned char *page, uint64_t first, uint64_t step,
		       uint64_t *state)
{
	for (int i = 0; i < PAGE / 8; i++) {
		uint64_t word = state ? next_random(state) : first + step * i;

		memcpy(page + i * 8, &word, 8);
	}
}

static void fill_word(unsigned char *page, uint64_t seed, uint64_t index)
{
	uint64_t state = page_state(seed, index);

	fill_words(page, next_random(&state), 0, NULL);
}

static void fill_random(unsigned char *page, uint64_t seed, uint64_t index)
{
	uint64_t state = page_state(seed, index);

	fill_words(page, 0, 0, &state);
}

/* Digits by hand: printf takes most of the time in an emulated machine. */
static int put_number(unsigned char *to, uint64_t number)
{
	unsigned char digits[20];
	int n = 0;

	do {
		digits[n++] = '0' + number % 10;
		number /= 10;
	} while (number);
	for (int i = 0; i < n; i++)
		to[i] = digits[n - 1 - i];
	return n;
}

static void fill_text(unsigned char *page, uint64_t seed, uint64_t index)
{
	static const char words[] = " is what this line of the page says\n";
	uint64_t state = page_state(seed, index);
	unsigned char line[80];
	int used = 0;

	while (used < PAGE) {
		int n = put_number(line, next_random(&state) % 100000);

		memcpy(line + n, words, sizeof(words) - 1);
		n += sizeof(words) - 1;
		if (n > PAGE - used)
			n = PAGE - used;
		memcpy(page + used, line, n);
		used += n;
	}
}

static void fill_binary(unsigned char *page, uint64_t seed, uint64_t index)
{
	uint64_t state = page_state(seed, index);

	for (int i = 0; i < PAGE / 8; i++) {
		uint64_t record = next_random(&state) & 0xff00fff;

		memcpy(page + i * 8, &record, 8);
	}
}

static void fill_mixed(unsigned char *page, uint64_t seed, uint64_t index)
{
	static const fill_fn kinds[] = {
		fill_zero, fill_word, fill_text, fill_text,
		fill_text, fill_binary, fill_binary, fill_random,
	};
	uint64_t state = page_state(seed ^ 0x6d69786564ull, index);

	kinds[next_random(&state) % 8](page, seed, index);
}

static const struct {
	const char *name;
	fill_fn fill;
} kinds[] = {
	{ "zero", fill_zero },	   { "word", fill_word },
	{ "text", fill_text },	   { "binary", fill_binary },
	{ "random", fill_random }, { "mixed", fill_mixed },
};

static fill_fn find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return kinds[i].fill;
	return NULL;
}

static int write_all(const unsigned char *data, size_t left)
{
	while (left) {
		ssize_t n = write(STDOUT_FILENO, data, left);

		if (n < 0) {
			perror("pattern: write");
			return -1;
		}
		data += n;
		left -= n;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static unsigned char mib[PAGES_PER_MIB * PAGE];
	uint64_t seed, first, last;
	fill_fn fill = argc >= 4 ? find_kind(argv[1]) : NULL;

	if (!fill) {
		fprintf(stderr, "usage: pattern zero|word|text|binary|random|mixed SEED MIB [SKIP_MIB]\n");
		return 2;
	}
	seed = strtoull(argv[2], NULL, 0);
	first = argc > 4 ? strtoull(argv[4], NULL, 0) : 0;
	last = first + strtoull(argv[3], NULL, 0);

	for (uint64_t i = first; i < last; i++) {
		for (int p = 0; p < PAGES_PER_MIB; p++)
			fill(mib + p * PAGE, seed, i * PAGES_PER_MIB + p);
		if (write_all(mib, sizeof(mib)))
			return 1;
	}
	return 0;
}
