// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the parser of "key=value ..." lines.
 */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "../param.h"

/**
 * struct param_test - what was parsed
 * @line: the line; values point into it
 * @text: value of "text"
 * @other: value of "other.key"
 * @number: value of "number"
 * @size: value of "size"
 * @large: value of "large"
 * @ranges: values of "range", in their order
 * @nr_ranges: how many these are
 */
struct param_test {
	char line[256];
	char *text;
	char *other;
	s32 number;
	u32 size;
	u64 large;
	char *ranges[4];
	unsigned int nr_ranges;
};

/* A key that can be there several times, and refuses one value. */
static int param_test_range(char *value, void *data)
{
	struct param_test *t = data;

	if (!strcmp(value, "bad"))
		return -ERANGE;
	t->ranges[t->nr_ranges++ % ARRAY_SIZE(t->ranges)] = value;
	return 0;
}

static int param_test_stop(char *value, void *data)
{
	*(char **)data = value;
	return ZRAM_PARAM_STOP;
}

static int param_test_parse(struct param_test *t, const char *line, bool words)
{
	const struct zram_param params[] = {
		{ "text", zram_param_string, &t->text },
		{ "other.key", zram_param_string, &t->other },
		{ "number", zram_param_s32, &t->number },
		{ "size", zram_param_u32, &t->size },
		{ "large", zram_param_u64, &t->large },
		{ "range", param_test_range, t },
		{ "stop", param_test_stop, &t->text },
		{ NULL, param_test_stop, &t->other },
	};

	memset(t, 0, sizeof(*t));
	strscpy(t->line, line);
	return zram_param_parse(t->line, params,
				ARRAY_SIZE(params) - !words);
}

static void param_test_empty(struct kunit *test)
{
	static const char * const lines[] = { "", "\n", " ", "\n \t" };
	struct param_test t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		KUNIT_EXPECT_EQ(test, 0, param_test_parse(&t, lines[i], false));
	KUNIT_EXPECT_NULL(test, t.text);
}

static void param_test_values(struct kunit *test)
{
	struct param_test t;

	KUNIT_EXPECT_EQ(test, 0,
			param_test_parse(&t, "text=lz4 number=-15 other.key=/a/b=c\n",
					 false));
	KUNIT_EXPECT_STREQ(test, "lz4", t.text);
	KUNIT_EXPECT_STREQ(test, "/a/b=c", t.other);
	KUNIT_EXPECT_EQ(test, -15, t.number);

	KUNIT_EXPECT_EQ(test, 0,
			param_test_parse(&t, "size=4294967295 large=18446744073709551615",
					 false));
	KUNIT_EXPECT_EQ(test, U32_MAX, t.size);
	KUNIT_EXPECT_EQ(test, U64_MAX, t.large);
}

static void param_test_space(struct kunit *test)
{
	struct param_test t;

	KUNIT_EXPECT_EQ(test, 0, param_test_parse(&t, "  number=1\t\ttext=a\n ",
						  false));
	KUNIT_EXPECT_EQ(test, 1, t.number);
	KUNIT_EXPECT_STREQ(test, "a", t.text);
	KUNIT_EXPECT_EQ(test, 0, param_test_parse(&t, "text=\"a b\" number=2",
						  false));
	KUNIT_EXPECT_STREQ(test, "a b", t.text);
	KUNIT_EXPECT_EQ(test, 2, t.number);
}

/* The last one counts, or all do. */
static void param_test_repeated(struct kunit *test)
{
	struct param_test t;

	KUNIT_EXPECT_EQ(test, 0,
			param_test_parse(&t, "number=1 range=1-2 number=3 range=4",
					 false));
	KUNIT_EXPECT_EQ(test, 3, t.number);
	KUNIT_EXPECT_EQ(test, 2, t.nr_ranges);
	KUNIT_EXPECT_STREQ(test, "1-2", t.ranges[0]);
	KUNIT_EXPECT_STREQ(test, "4", t.ranges[1]);
}

static void param_test_wrong(struct kunit *test)
{
	static const struct {
		const char *line;
		int err;
	} wrong[] = {
		{ "text", -EINVAL },
		{ "text=", -EINVAL },
		{ "text= number=1", -EINVAL },
		{ "unknown=1", -EINVAL },
		{ "unknown", -EINVAL },
		{ "unknown=", -EINVAL },
		{ "Text=a", -EINVAL },
		{ "tex=a", -EINVAL },
		{ "texts=a", -EINVAL },
		{ "=a", -EINVAL },
		{ "=", -EINVAL },
		{ "text=a,number=1 garbage", -EINVAL },
		{ "number=garbage", -EINVAL },
		{ "number=0x10", -EINVAL },
		{ "number=1K", -EINVAL },
		{ "number=2147483648", -ERANGE },
		{ "number=-2147483649", -ERANGE },
		{ "size=-1", -EINVAL },
		{ "size=4294967296", -ERANGE },
		{ "large=-1", -EINVAL },
		{ "large=18446744073709551616", -ERANGE },
		{ "range=1 range=bad range=2", -ERANGE },
	};
	struct param_test t;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		KUNIT_EXPECT_EQ_MSG(test, wrong[i].err,
				    param_test_parse(&t, wrong[i].line, false),
				    "%s", wrong[i].line);
	KUNIT_EXPECT_EQ(test, 1, t.nr_ranges);
}

/* What comes after the end is not even looked at. */
static void param_test_stops(struct kunit *test)
{
	struct param_test t;

	KUNIT_EXPECT_EQ(test, 0,
			param_test_parse(&t, "number=1 stop=x number=garbage nonsense",
					 false));
	KUNIT_EXPECT_EQ(test, 1, t.number);
	KUNIT_EXPECT_STREQ(test, "x", t.text);
}

static void param_test_words(struct kunit *test)
{
	struct param_test t;

	KUNIT_EXPECT_EQ(test, 0, param_test_parse(&t, "number=1 idle 7", true));
	KUNIT_EXPECT_STREQ(test, "idle", t.other);
	KUNIT_EXPECT_EQ(test, -EINVAL, param_test_parse(&t, "idle", false));
}

static struct kunit_case param_test_cases[] = {
	KUNIT_CASE(param_test_empty),
	KUNIT_CASE(param_test_values),
	KUNIT_CASE(param_test_space),
	KUNIT_CASE(param_test_repeated),
	KUNIT_CASE(param_test_wrong),
	KUNIT_CASE(param_test_stops),
	KUNIT_CASE(param_test_words),
	{}
};

static struct kunit_suite param_test_suite = {
	.name = "zram_param",
	.test_cases = param_test_cases,
};

kunit_test_suite(param_test_suite);

MODULE_DESCRIPTION("KUnit tests for the parameters of zram attributes");
MODULE_LICENSE("GPL");
