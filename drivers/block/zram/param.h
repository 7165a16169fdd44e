/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attributes to which "key=value key=value ..." is written.
 */
#ifndef _ZRAM_PARAM_H_
#define _ZRAM_PARAM_H_

/* What &zram_param.parse returns to have the rest of the line ignored. */
#define ZRAM_PARAM_STOP		1

/**
 * struct zram_param - a key that an attribute knows
 * @key: the key; NULL for words without a value, which are errors otherwise
 * @parse: takes a value, or a word without one. Values keep their place in
 *	memory, and may be changed. Returns 0, %ZRAM_PARAM_STOP or an errno.
 * @data: passed to @parse
 */
struct zram_param {
	const char *key;
	int (*parse)(char *value, void *data);
	void *data;
};

int zram_param_parse(const char *buf, const struct zram_param *params,
		     unsigned int nr);
int zram_param_string(char *value, void *data);
int zram_param_s32(char *value, void *data);
int zram_param_u32(char *value, void *data);
int zram_param_u64(char *value, void *data);

#endif /* _ZRAM_PARAM_H_ */
