/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dictionaries of codecs.
 */
#ifndef _ZRAM_DICT_H_
#define _ZRAM_DICT_H_

struct zcomp_params;
struct zram;
struct zram_persist_codec;

int zram_dict_read(const char *path, struct zcomp_params *params);
void zram_params_reset(struct zcomp_params *params);
int zram_dict_store(struct zram *zram);
int zram_dict_load(struct zram *zram, unsigned int codec,
		   const struct zram_persist_codec *from);

#endif /* _ZRAM_DICT_H_ */
