// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of all attributes to which "key=value key=value ..." is written.
 *
 * A key that is not known is an error. In-tree zram ignores it, and so takes a
 * misspelt threshold for none; no tool that we know of relies on that.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "param.h"

static const struct zram_param *zram_param_find(const struct zram_param *params,
						unsigned int nr,
						const char *key)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (key ? params[i].key && !strcmp(params[i].key, key) :
			  !params[i].key)
			return &params[i];
	return NULL;
}

static int zram_param_one(const struct zram_param *params, unsigned int nr,
			  char *key, char *value)
{
	const struct zram_param *param;

	if (!value || !*value) {
		param = zram_param_find(params, nr, NULL);
		if (param)
			return param->parse(key, param->data);
		pr_info("%s has no value: write %s=VALUE\n", key, key);
		return -EINVAL;
	}
	param = zram_param_find(params, nr, key);
	if (!param) {
		pr_info("%s is not a parameter of this attribute\n", key);
		return -EINVAL;
	}
	return param->parse(value, param->data);
}

/**
 * zram_param_parse() - read the parameters that were written to an attribute
 * @buf: what was written, terminated; is changed, as kernfs allows
 * @params: keys that the attribute knows
 * @nr: their number
 *
 * Parameters are separated by white space and may be quoted. They are handled
 * in their order, up to the first that is wrong. A key that is there twice is
 * handled twice.
 *
 * Context: Any.
 * Return: 0, -EINVAL for a key that is not known or has no value, or what the
 * first @parse that failed returned.
 */
int zram_param_parse(const char *buf, const struct zram_param *params,
		     unsigned int nr)
{
	char *args = skip_spaces(buf), *key, *value;
	int ret = 0;

	while (*args && !ret) {
		args = next_arg(args, &key, &value);
		ret = zram_param_one(params, nr, key, value);
	}
	return min(ret, 0);
}

/**
 * zram_param_string() - a value that is text
 * @value: value
 * @data: where to put the pointer to it (char **); good as long as the buffer
 *	that was parsed
 *
 * Return: 0.
 */
int zram_param_string(char *value, void *data)
{
	*(char **)data = value;
	return 0;
}

/**
 * zram_param_s32() - a value that is a number
 * @value: value
 * @data: where to put it (s32 \*)
 *
 * Return: 0, -EINVAL if it is none, -ERANGE if it is too large.
 */
int zram_param_s32(char *value, void *data)
{
	return kstrtos32(value, 10, data);
}

/**
 * zram_param_u32() - a value that is a number and not negative
 * @value: value
 * @data: where to put it (u32 \*)
 *
 * Return: 0, -EINVAL if it is none, -ERANGE if it is too large.
 */
int zram_param_u32(char *value, void *data)
{
	return kstrtou32(value, 10, data);
}

/**
 * zram_param_u64() - a value that is a large number and not negative
 * @value: value
 * @data: where to put it (u64 \*)
 *
 * Return: 0, -EINVAL if it is none, -ERANGE if it is too large.
 */
int zram_param_u64(char *value, void *data)
{
	return kstrtou64(value, 10, data);
}
