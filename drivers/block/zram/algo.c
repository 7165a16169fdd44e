// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes that choose codecs and their parameters.
 *
 * A device has up to four codecs. That of priority 0 compresses what is written;
 * the others are for recompression. Whether parameters go with a codec is found
 * out when the disksize is set: until then either may still be changed.
 */

#include <linux/string.h>
#include <linux/sysfs.h>

#include "algo.h"
#include "attr.h"
#include "dict.h"
#include "param.h"

/* Longest name that is looked at, with its terminator. */
#define ZRAM_MAX_ALGORITHM_NAME		128

/**
 * zram_algo_parse_priority() - read the priority of a codec
 * @value: value
 * @data: &struct zram_algo_choice
 *
 * Context: &zram_param.parse.
 * Return: 0, or -EINVAL or -ERANGE for what is no number.
 */
int zram_algo_parse_priority(char *value, void *data)
{
	struct zram_algo_choice *choice = data;

	choice->given = true;
	return zram_param_s32(value, &choice->priority);
}

static bool zram_algo_is(const struct zram *zram, s32 priority,
			 const char *name)
{
	const char *have = zram->comp_algs[priority];

	return have && !strcmp(have, name);
}

/**
 * zram_algo_find() - find the codec that was chosen
 * @zram: device
 * @choice: how it was chosen
 * @first: lowest priority that is allowed
 *
 * A priority alone need not have a codec.
 *
 * Context: dev_lock held.
 * Return: its priority, or -EINVAL if there is none such.
 */
int zram_algo_find(const struct zram *zram,
		   const struct zram_algo_choice *choice, s32 first)
{
	s32 priority = choice->priority;

	if (choice->given && (priority < first || priority >= ZRAM_MAX_COMPS))
		return -EINVAL;
	if (!choice->name)
		return priority;
	if (choice->given)
		return zram_algo_is(zram, priority, choice->name) ? priority :
								    -EINVAL;
	for (priority = first; priority < ZRAM_MAX_COMPS; priority++)
		if (zram_algo_is(zram, priority, choice->name))
			return priority;
	return -EINVAL;
}

/* A level means something else, or nothing, to another algorithm. */
static int zram_algo_set(struct zram *zram, s32 priority, const char *buf)
{
	const char *name;

	if (strlen(buf) >= ZRAM_MAX_ALGORITHM_NAME)
		return -E2BIG;
	name = zcomp_lookup(buf);
	if (!name)
		return -EINVAL;

	guard(rwsem_write)(&zram->dev_lock);
	if (zram_init_done(zram))
		return zram_attr_busy(zram, zram_algo_is(zram, priority, name));
	zram->comp_algs[priority] = name;
	zram_params_reset(&zram->params[priority]);
	return 0;
}

static ssize_t comp_algorithm_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	struct zram *zram = dev_to_zram(dev);

	guard(rwsem_read)(&zram->dev_lock);
	return zcomp_show(zram->comp_algs[ZRAM_PRIMARY_COMP], buf, 0);
}

static ssize_t comp_algorithm_store(struct device *dev,
				    struct device_attribute *attr,
				    const char *buf, size_t len)
{
	int err = zram_algo_set(dev_to_zram(dev), ZRAM_PRIMARY_COMP, buf);

	return err ?: len;
}

static ssize_t recomp_algorithm_show(struct device *dev,
				     struct device_attribute *attr, char *buf)
{
	struct zram *zram = dev_to_zram(dev);
	ssize_t at = 0;
	int i;

	guard(rwsem_read)(&zram->dev_lock);
	for (i = ZRAM_SECONDARY_COMP; i < ZRAM_MAX_COMPS; i++) {
		if (!zram->comp_algs[i])
			continue;
		at += sysfs_emit_at(buf, at, "#%d: ", i);
		at = zcomp_show(zram->comp_algs[i], buf, at);
	}
	return at;
}

static ssize_t recomp_algorithm_store(struct device *dev,
				      struct device_attribute *attr,
				      const char *buf, size_t len)
{
	s32 priority = ZRAM_SECONDARY_COMP;
	char *name = NULL;
	const struct zram_param params[] = {
		{ "algo", zram_param_string, &name },
		{ "priority", zram_param_s32, &priority },
	};
	int err;

	err = zram_param_parse(buf, params, ARRAY_SIZE(params));
	if (err)
		return err;
	if (!name || priority < ZRAM_SECONDARY_COMP ||
	    priority >= ZRAM_MAX_COMPS)
		return -EINVAL;
	err = zram_algo_set(dev_to_zram(dev), priority, name);
	return err ?: len;
}

static bool zram_params_equal(const struct zcomp_params *a,
			      const struct zcomp_params *b)
{
	return a->level == b->level && a->winbits == b->winbits &&
	       a->dict_len == b->dict_len &&
	       !memcmp(a->dict, b->dict, a->dict_len);
}

/* Takes over @new, which has no dictionary yet. */
static int zram_params_set(struct zram *zram,
			   const struct zram_algo_choice *choice,
			   const char *dict, struct zcomp_params *new)
{
	struct zcomp_params *params;
	int priority, err;

	guard(rwsem_write)(&zram->dev_lock);
	if (zram_init_done(zram) && !zram->persist.unclaimed)
		return zram_attr_busy(zram, false);
	priority = zram_algo_find(zram, choice, ZRAM_PRIMARY_COMP);
	if (priority < 0)
		return priority;
	if (dict) {
		err = zram_dict_read(dict, new);
		if (err)
			return err;
	}

	params = &zram->params[priority];
	if (zram_init_done(zram)) {
		err = zram_attr_busy(zram, zram_params_equal(params, new));
		zram_params_reset(new);
		return err;
	}
	zram_params_reset(params);
	*params = *new;
	return 0;
}

/* The parameters as a whole: what is not named becomes the default. */
static ssize_t algorithm_params_store(struct device *dev,
				      struct device_attribute *attr,
				      const char *buf, size_t len)
{
	struct zram_algo_choice choice = { .priority = ZRAM_PRIMARY_COMP };
	struct zcomp_params new = {
		.level = ZCOMP_LEVEL_DEFAULT,
		.winbits = ZCOMP_WINBITS_DEFAULT,
	};
	char *dict = NULL;
	const struct zram_param params[] = {
		{ "algo", zram_param_string, &choice.name },
		{ "priority", zram_algo_parse_priority, &choice },
		{ "level", zram_param_s32, &new.level },
		{ "dict", zram_param_string, &dict },
		{ "deflate.winbits", zram_param_s32, &new.winbits },
	};
	int err;

	err = zram_param_parse(buf, params, ARRAY_SIZE(params));
	if (!err)
		err = zram_params_set(dev_to_zram(dev), &choice, dict, &new);
	return err ?: len;
}

DEVICE_ATTR_RW(comp_algorithm);
DEVICE_ATTR_RW(recomp_algorithm);
DEVICE_ATTR_WO(algorithm_params);
