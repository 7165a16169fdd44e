// SPDX-License-Identifier: GPL-2.0
/*
 * CRC32C, eight bytes at a time: the exhaustive tests compute it over a good
 * ten gigabytes.
 */
#include <string.h>
#include <linux/crc32c.h>

#define POLYNOMIAL	0x82f63b78U

static u32 table[8][256];

static void fill_table(void)
{
	unsigned int i, j;

	for (i = 0; i < 256; i++) {
		u32 crc = i;

		for (j = 0; j < 8; j++)
			crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
		table[0][i] = crc;
	}
	for (i = 0; i < 256; i++)
		for (j = 1; j < 8; j++)
			table[j][i] = table[j - 1][i] >> 8 ^
				      table[0][table[j - 1][i] & 0xff];
}

u32 crc32c(u32 crc, const void *p, size_t len)
{
	const u8 *byte = p;

	if (!table[0][1])
		fill_table();
	for (; len >= 8; len -= 8, byte += 8) {
		u64 word;

		memcpy(&word, byte, 8);
		word ^= crc;
		crc = table[7][word & 0xff] ^ table[6][word >> 8 & 0xff] ^
		      table[5][word >> 16 & 0xff] ^ table[4][word >> 24 & 0xff] ^
		      table[3][word >> 32 & 0xff] ^ table[2][word >> 40 & 0xff] ^
		      table[1][word >> 48 & 0xff] ^ table[0][word >> 56];
	}
	while (len--)
		crc = crc >> 8 ^ table[0][(crc ^ *byte++) & 0xff];
	return crc;
}
