/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which codecs a device has.
 */
#ifndef _ZRAM_ALGO_H_
#define _ZRAM_ALGO_H_

#include <linux/types.h>

struct zram;

/**
 * struct zram_algo_choice - how "algo=NAME priority=N" names a codec
 * @name: of the codec, or NULL if none was given
 * @priority: of the codec; what it is before parsing is what is meant if
 *	neither was given
 * @given: a priority was given
 */
struct zram_algo_choice {
	char *name;
	s32 priority;
	bool given;
};

int zram_algo_parse_priority(char *value, void *data);
int zram_algo_find(const struct zram *zram,
		   const struct zram_algo_choice *choice, s32 first);

#endif /* _ZRAM_ALGO_H_ */
