// SPDX-License-Identifier: GPL-2.0
/*
 * Validation of handed-over metadata: the dictionaries. Read check_slots.c
 * first.
 *
 * A dictionary is a chain of pages, as long as the codec says. What the bytes
 * are is for the codec to judge.
 */
#include <linux/types.h>
#include "check_util.h"

static enum zram_check_result check_dict(struct zram_check_state *c,
					 const struct zram_persist_codec *codec)
{
	const struct zram_persist_dict *page;
	u64 location = codec->dict;
	u32 left = codec->dict_len;

	while (left) {
		page = zram_check_table(c, location, ZRAM_PERSIST_LEVEL_DICT);
		if (!page)
			return ZRAM_CHECK_DAMAGED;
		if (page->magic != ZRAM_PERSIST_DICT_MAGIC)
			return damaged(c->check,
				       "dictionary page has a wrong magic",
				       location);
		left -= left < sizeof(page->data) ? left : sizeof(page->data);
		location = page->next;
	}
	if (location)
		return damaged(c->check, "dictionary is longer than it says",
			       location);
	return ZRAM_CHECK_OK;
}

/**
 * zram_check_dicts() - validate the dictionaries of all codecs
 * @c: the validation, which has seen all segments
 *
 * Return: %ZRAM_CHECK_OK or %ZRAM_CHECK_DAMAGED.
 */
enum zram_check_result zram_check_dicts(struct zram_check_state *c)
{
	enum zram_check_result result = ZRAM_CHECK_OK;
	unsigned int i;

	for (i = 0; i < ZRAM_PERSIST_CODECS && !result; i++)
		result = check_dict(c, &c->super->codec[i]);
	return result;
}
