// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes as people write and read them, in the notation of util-linux.
 */

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <langinfo.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "size.h"

static const char size_letters[] = "KMGTPEZY";

/* The unit that a suffix stands for, or 0 if it is none. */
static unsigned __int128 size_unit(const char *suffix)
{
	const char *letter;
	unsigned int power;
	unsigned __int128 unit = 1, base = 1024;

	if (!*suffix)
		return 1;
	letter = strchr(size_letters, toupper((unsigned char)*suffix));
	if (!letter)
		return 0;
	if (!strcasecmp(suffix + 1, "B"))
		base = 1000;
	else if (suffix[1] && strcasecmp(suffix + 1, "iB"))
		return 0;
	for (power = letter - size_letters + 1; power; power--)
		unit *= base;
	return unit;
}

/* Digits behind the decimal point: what is finer than 10^-18 is left out. */
static const char *size_fraction(const char *text, uint64_t *value,
				 uint64_t *scale)
{
	*value = 0;
	*scale = 1;
	for (; isdigit((unsigned char)*text); text++) {
		if (*scale == 1000000000000000000ULL)
			continue;
		*value = *value * 10 + (*text - '0');
		*scale *= 10;
	}
	return text;
}

/**
 * size_parse() - read a size
 * @text: a number, with a fraction if there is a unit, and a unit if wanted: K
 *	or KiB is 1024 bytes, KB is 1000, and so on up to Y
 * @bytes: gets the size
 *
 * Return: 0, -EINVAL, or -ERANGE.
 */
int size_parse(const char *text, uint64_t *bytes)
{
	const char *point = nl_langinfo(RADIXCHAR);
	unsigned __int128 whole, unit;
	uint64_t fraction = 0, scale = 1;
	bool has_fraction;
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	if (!isdigit((unsigned char)text[*text == '+']))
		return -EINVAL;
	errno = 0;
	whole = strtoull(text, &end, 0);
	if (errno)
		return -errno;
	text = end;
	has_fraction = !strncmp(text, point, strlen(point));
	if (has_fraction)
		text = size_fraction(text + strlen(point), &fraction, &scale);
	unit = size_unit(text);
	if (!unit || (has_fraction && unit == 1))
		return -EINVAL;
	/* More than 2^64 of any unit would not fit, and could overflow here. */
	if (whole && unit > UINT64_MAX / whole)
		return -ERANGE;
	if (unit > UINT64_MAX && fraction)
		return -ERANGE;
	whole *= unit;
	if (fraction)
		whole += unit * fraction / scale;
	if (whole > UINT64_MAX)
		return -ERANGE;
	*bytes = whole;
	return 0;
}

/**
 * size_format() - write a size for people
 * @bytes: size
 *
 * One digit behind the decimal point, rounded, and none if it is 0. Like
 * util-linux a size just below a unit is written as 1024 of the smaller one.
 *
 * Return: text, to be freed.
 */
char *size_format(uint64_t bytes)
{
	unsigned int power = 0;
	uint64_t whole = bytes, tenths = 0;
	char *text;
	int len;

	while (whole >= 1024) {
		whole >>= 10;
		power++;
	}
	if (power) {
		unsigned __int128 rest = bytes - (whole << (10 * power));

		/* To thousandths first, and only then to tenths. */
		tenths = (uint64_t)(rest * 1000 >> (10 * power));
		tenths = (tenths + 50) / 100;
	}
	if (tenths == 10) {
		whole++;
		tenths = 0;
	}
	if (tenths)
		len = asprintf(&text, "%llu%s%llu%c",
			       (unsigned long long)whole,
			       nl_langinfo(RADIXCHAR),
			       (unsigned long long)tenths,
			       size_letters[power - 1]);
	else
		len = asprintf(&text, "%llu%c", (unsigned long long)whole,
			       power ? size_letters[power - 1] : 'B');
	if (len < 0)
		err(EXIT_FAILURE, "out of memory");
	return text;
}
