// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the codecs: what is compressed comes back, with every level and with
 * dictionaries, and what no codec made is refused.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "../comp.h"

#define CODEC_TEST_DICT_MAX	(128 << 10)

/**
 * struct codec_test - what the tests work with
 * @rnd: source of random data
 * @page: a page to be compressed
 * @copy: what came back
 * @packed: it compressed
 * @dict: dictionary
 */
struct codec_test {
	struct rnd_state rnd;
	u8 page[PAGE_SIZE];
	u8 copy[PAGE_SIZE];
	u8 packed[ZCOMP_BUFFER_SIZE];
	u8 dict[CODEC_TEST_DICT_MAX];
};

static const char * const codec_test_names[] = {
	"lzo-rle", "lzo", "lz4", "lz4hc", "zstd", "deflate", "842",
};

static int codec_test_init(struct kunit *test)
{
	struct codec_test *t = vzalloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	prandom_seed_state(&t->rnd, 20240229);
	test->priv = t;
	return 0;
}

static void codec_test_exit(struct kunit *test)
{
	vfree(test->priv);
}

static struct zcomp_params codec_test_params(s32 level)
{
	return (struct zcomp_params){
		.level = level,
		.winbits = ZCOMP_WINBITS_DEFAULT,
	};
}

/* Words of few letters, as text has them. */
static void codec_test_text(struct codec_test *t, u8 *to, unsigned int len)
{
	static const char words[] = "the of page kernel memory device slot ";
	unsigned int i = 0, from;

	while (i < len) {
		from = prandom_u32_state(&t->rnd) % (sizeof(words) - 9);
		memcpy(to + i, words + from, min(8u, len - i));
		i += 3 + prandom_u32_state(&t->rnd) % 6;
	}
}

#define CODEC_TEST_KINDS	6

/* @size random bytes, and as many kinds of others as there are. */
static void codec_test_fill(struct codec_test *t, unsigned int kind,
			    unsigned int size)
{
	unsigned int i;

	memset(t->page, kind, PAGE_SIZE);
	switch (kind) {
	case 1:
		codec_test_text(t, t->page, PAGE_SIZE);
		break;
	case 2:
		for (i = 0; i < PAGE_SIZE; i++)
			t->page[i] = i;
		break;
	case 3:
		for (i = 0; i < PAGE_SIZE; i += 16)
			*(u64 *)(t->page + i) = 0xffff888000000000ULL + i * i;
		break;
	case 4:
		for (i = 0; i < PAGE_SIZE; i++)
			t->page[i] = prandom_u32_state(&t->rnd) % 3;
		break;
	}
	prandom_bytes_state(&t->rnd, t->page + (kind % 2 ? PAGE_SIZE - size : 0),
			    size);
}

/* Compresses the page into ->packed. Returns its length. */
static int codec_test_compress(struct kunit *test, struct zcomp *comp)
{
	struct codec_test *t = test->priv;
	struct zcomp_stream *stream = zcomp_stream_get(comp);
	int len = zcomp_compress(comp, stream, t->page);

	if (len > 0 && len <= ZCOMP_BUFFER_SIZE)
		memcpy(t->packed, stream->buffer, len);
	zcomp_stream_put(stream);
	KUNIT_EXPECT_GT(test, len, 0);
	KUNIT_EXPECT_LE(test, len, (int)ZCOMP_BUFFER_SIZE);
	return len;
}

/* Returns the length of the page when compressed. */
static int codec_test_round_trip(struct kunit *test, struct zcomp *comp)
{
	struct codec_test *t = test->priv;
	int len = codec_test_compress(test, comp), err;
	/* A place of its own, so that KASAN sees what is read beyond it. */
	u8 *packed = kmemdup(t->packed, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, packed);
	memset(t->copy, 0xa5, PAGE_SIZE);
	err = zcomp_decompress(comp, packed, len, t->copy);
	kfree(packed);
	KUNIT_EXPECT_EQ(test, 0, err);
	KUNIT_EXPECT_EQ(test, 0, memcmp(t->page, t->copy, PAGE_SIZE));
	return len;
}

static struct zcomp *codec_test_create(struct kunit *test, const char *name,
				       struct zcomp_params *params)
{
	struct zcomp *comp = zcomp_create(name, params);

	KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(comp), "%s %d: %pe", name,
			       params->level, comp);
	return comp;
}

static void codec_test_listed(struct kunit *test)
{
	/* sysfs_emit_at() insists on a page. */
	char *buf = (char *)get_zeroed_page(GFP_KERNEL);
	ssize_t len;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	len = zcomp_show("lz4hc", buf, 0);
	KUNIT_EXPECT_EQ(test, strlen(buf), len);
	KUNIT_EXPECT_STREQ(test, strim(buf),
			   "lzo-rle lzo lz4 [lz4hc] zstd deflate 842");
	free_page((unsigned long)buf);
	KUNIT_EXPECT_NOT_NULL(test, zcomp_lookup("842\n"));
	KUNIT_EXPECT_NULL(test, zcomp_lookup("lz"));
}

/* Pages that compress to anything between some bytes and more than a page. */
static void codec_test_sizes(struct kunit *test)
{
	struct codec_test *t = test->priv;
	struct zcomp_params params;
	unsigned int i, kind, size;
	struct zcomp *comp;

	for (i = 0; i < ARRAY_SIZE(codec_test_names); i++) {
		params = codec_test_params(ZCOMP_LEVEL_DEFAULT);
		comp = codec_test_create(test, codec_test_names[i], &params);
		if (IS_ERR(comp))
			continue;
		for (kind = 0; kind < CODEC_TEST_KINDS; kind++) {
			for (size = 0; size < PAGE_SIZE; size += 61) {
				codec_test_fill(t, kind, size);
				codec_test_round_trip(test, comp);
			}
			codec_test_fill(t, kind, PAGE_SIZE);
			codec_test_round_trip(test, comp);
		}
		zcomp_destroy(comp);
	}
}

static void codec_test_levels(struct kunit *test)
{
	static const struct {
		const char *name;
		s32 first, last, step;
	} ranges[] = {
		{ "lz4", 1, 100, 9 },
		{ "lz4", S32_MAX, S32_MAX, 0 },
		{ "lz4hc", 1, 16, 1 },
		{ "zstd", -7, 22, 1 },
		{ "deflate", -1, 9, 1 },
	};
	struct codec_test *t = test->priv;
	struct zcomp_params params;
	struct zcomp *comp;
	unsigned int i, kind;
	s64 level;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		for (level = ranges[i].first; level <= ranges[i].last;
		     level += ranges[i].step ?: 1) {
			params = codec_test_params(level);
			comp = codec_test_create(test, ranges[i].name, &params);
			if (IS_ERR(comp))
				continue;
			for (kind = 0; kind < CODEC_TEST_KINDS; kind++) {
				codec_test_fill(t, kind, 500);
				codec_test_round_trip(test, comp);
			}
			zcomp_destroy(comp);
		}
	}
}

static void codec_test_winbits(struct kunit *test)
{
	struct codec_test *t = test->priv;
	struct zcomp_params params;
	struct zcomp *comp;
	s32 winbits;

	for (winbits = -17; winbits <= 17; winbits++) {
		params = codec_test_params(ZCOMP_LEVEL_DEFAULT);
		params.winbits = winbits;
		comp = zcomp_create("deflate", &params);
		if (abs(winbits) < 9 || abs(winbits) > 15) {
			KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR_OR_ZERO(comp));
			continue;
		}
		KUNIT_ASSERT_FALSE(test, IS_ERR(comp));
		codec_test_fill(t, 1, 300);
		codec_test_round_trip(test, comp);
		zcomp_destroy(comp);
	}
}

/* What one kernel compressed without a number is read by any other. */
static void codec_test_default_winbits(struct kunit *test)
{
	struct zcomp_params given = codec_test_params(ZCOMP_LEVEL_DEFAULT);
	struct zcomp_params none = given;
	struct codec_test *t = test->priv;
	struct zcomp *a, *b;
	int len;

	given.winbits = -11;
	a = codec_test_create(test, "deflate", &none);
	b = codec_test_create(test, "deflate", &given);
	KUNIT_ASSERT_FALSE(test, IS_ERR(a) || IS_ERR(b));
	codec_test_fill(t, 1, 300);
	len = codec_test_compress(test, a);
	KUNIT_EXPECT_EQ(test, 0, zcomp_decompress(b, t->packed, len, t->copy));
	KUNIT_EXPECT_EQ(test, 0, memcmp(t->page, t->copy, PAGE_SIZE));
	zcomp_destroy(a);
	zcomp_destroy(b);
}

/* What an algorithm does not have, with the errnos that tools know. */
static void codec_test_wrong_params(struct kunit *test)
{
	static const struct {
		const char *name;
		s32 level;
		u32 dict_len;
		int err;
	} wrong[] = {
		{ "lzo", 1, 0, -EOPNOTSUPP },
		{ "lzo-rle", 1, 0, -EOPNOTSUPP },
		{ "842", 1, 0, -EOPNOTSUPP },
		{ "lzo", ZCOMP_LEVEL_DEFAULT, 100, -EOPNOTSUPP },
		{ "lzo-rle", ZCOMP_LEVEL_DEFAULT, 100, -EOPNOTSUPP },
		{ "842", ZCOMP_LEVEL_DEFAULT, 100, -EOPNOTSUPP },
		{ "deflate", ZCOMP_LEVEL_DEFAULT, 100, -EOPNOTSUPP },
		{ "lz4", 0, 0, -EINVAL },
		{ "lz4", -1, 0, -EINVAL },
		{ "lz4hc", 0, 0, -EINVAL },
		{ "lz4hc", 17, 0, -EINVAL },
		{ "zstd", 23, 0, -EINVAL },
		{ "zstd", S32_MIN + 1, 0, -EINVAL },
		{ "deflate", -2, 0, -EINVAL },
		{ "deflate", 10, 0, -EINVAL },
		{ "lz4", ZCOMP_LEVEL_DEFAULT, 4, -EINVAL },
		{ "lz4", ZCOMP_LEVEL_DEFAULT, 65537, -EINVAL },
		{ "lz4hc", ZCOMP_LEVEL_DEFAULT, 65537, -EINVAL },
		{ "garbage", ZCOMP_LEVEL_DEFAULT, 0, -EINVAL },
	};
	struct codec_test *t = test->priv;
	struct zcomp_params params;
	struct zcomp *comp;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		params = codec_test_params(wrong[i].level);
		params.dict_len = wrong[i].dict_len;
		params.dict = wrong[i].dict_len ? t->dict : NULL;
		comp = zcomp_create(wrong[i].name, &params);
		KUNIT_EXPECT_EQ_MSG(test, wrong[i].err, PTR_ERR_OR_ZERO(comp),
				    "%s level %d dict %u", wrong[i].name,
				    wrong[i].level, wrong[i].dict_len);
		if (!IS_ERR(comp))
			zcomp_destroy(comp);
	}

	/* A dictionary of zstd that says so, and is none. */
	memcpy(t->dict, "\x37\xa4\x30\xec", 4);
	params = codec_test_params(ZCOMP_LEVEL_DEFAULT);
	params.dict = t->dict;
	params.dict_len = 1000;
	comp = zcomp_create("zstd", &params);
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR_OR_ZERO(comp));
}

/*
 * Compresses what the dictionary has, and what it does not have. What needs it
 * is not read without: the result is an error or other contents.
 */
static void codec_test_with_dict(struct kunit *test, const char *name,
				 s32 level, u32 dict_len)
{
	struct zcomp_params params = codec_test_params(level);
	struct zcomp_params plain = codec_test_params(level);
	struct codec_test *t = test->priv;
	struct zcomp *comp, *other;
	unsigned int kind;
	int len, err;

	params.dict = t->dict;
	params.dict_len = dict_len;
	comp = codec_test_create(test, name, &params);
	other = codec_test_create(test, name, &plain);
	KUNIT_ASSERT_FALSE(test, IS_ERR(comp) || IS_ERR(other));
	for (kind = 0; kind < CODEC_TEST_KINDS; kind++) {
		codec_test_fill(t, kind, 700);
		codec_test_round_trip(test, comp);
	}
	memcpy(t->page, t->dict + dict_len - min(dict_len, PAGE_SIZE),
	       min(dict_len, PAGE_SIZE));
	len = codec_test_round_trip(test, comp);
	KUNIT_EXPECT_LE_MSG(test, len, 100 + (int)PAGE_SIZE -
			    (int)min(dict_len, PAGE_SIZE), "%s %d %u", name,
			    level, dict_len);
	err = zcomp_decompress(other, t->packed, len, t->copy);
	KUNIT_EXPECT_TRUE(test, err || memcmp(t->page, t->copy, PAGE_SIZE));
	zcomp_destroy(other);
	zcomp_destroy(comp);
}

static void codec_test_dicts(struct kunit *test)
{
	static const u32 lens[] = { 100, 4095, 4096, 10000, 65536, 112640 };
	struct codec_test *t = test->priv;
	unsigned int i;
	s32 level;

	prandom_bytes_state(&t->rnd, t->dict, sizeof(t->dict));
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		for (level = -5; level <= 22; level += 3)
			codec_test_with_dict(test, "zstd", level, lens[i]);
		if (lens[i] > 65536)
			continue;
		codec_test_with_dict(test, "lz4", ZCOMP_LEVEL_DEFAULT, lens[i]);
		codec_test_with_dict(test, "lz4hc", 1, lens[i]);
		codec_test_with_dict(test, "lz4hc", 16, lens[i]);
	}
}

/* Every byte of the input in its turn, and its end. */
static void codec_test_damage(struct kunit *test, struct zcomp *comp, int len)
{
	struct codec_test *t = test->priv;
	u8 *packed = kunit_kmalloc(test, len, GFP_KERNEL);
	int i, err;

	KUNIT_ASSERT_NOT_NULL(test, packed);
	for (i = 0; i < len; i++) {
		memcpy(packed, t->packed, len);
		packed[i] ^= 1 << prandom_u32_state(&t->rnd) % 8;
		/* May find nothing wrong: that is what checksums are for. */
		zcomp_decompress(comp, packed, len, t->copy);
	}
	kunit_kfree(test, packed);
	/* Some pad to eight bytes. */
	for (i = 0; i < len - 8; i += 7) {
		packed = kmemdup(t->packed, i, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, packed);
		err = zcomp_decompress(comp, packed, i, t->copy);
		kfree(packed);
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, err, "%s: %d of %d",
				    comp->ops->name, i, len);
	}
}

/* Random bytes of many lengths: no codec takes them for a page of its own. */
static void codec_test_noise(struct kunit *test, struct zcomp *comp)
{
	struct codec_test *t = test->priv;
	unsigned int i, len;
	u8 *noise;
	int err;

	for (i = 0; i < 300; i++) {
		len = 1 + prandom_u32_state(&t->rnd) % PAGE_SIZE;
		noise = kmalloc(len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, noise);
		prandom_bytes_state(&t->rnd, noise, len);
		err = zcomp_decompress(comp, noise, len, t->copy);
		kfree(noise);
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, err, "%s: %u bytes",
				    comp->ops->name, len);
	}
}

static void codec_test_garbage(struct kunit *test)
{
	struct codec_test *t = test->priv;
	struct zcomp_params params;
	struct zcomp *comp;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codec_test_names); i++) {
		params = codec_test_params(ZCOMP_LEVEL_DEFAULT);
		comp = codec_test_create(test, codec_test_names[i], &params);
		if (IS_ERR(comp))
			continue;
		codec_test_fill(t, 1, 300);
		codec_test_damage(test, comp, codec_test_compress(test, comp));
		codec_test_noise(test, comp);
		/* It goes on to work. */
		codec_test_round_trip(test, comp);
		zcomp_destroy(comp);
	}
}

static void codec_test_garbage_dict(struct kunit *test)
{
	static const char * const names[] = { "lz4", "lz4hc", "zstd" };
	struct codec_test *t = test->priv;
	struct zcomp_params params;
	struct zcomp *comp;
	unsigned int i;

	codec_test_text(t, t->dict, 5000);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		params = codec_test_params(ZCOMP_LEVEL_DEFAULT);
		params.dict = t->dict;
		params.dict_len = 5000;
		comp = codec_test_create(test, names[i], &params);
		if (IS_ERR(comp))
			continue;
		codec_test_fill(t, 1, 300);
		codec_test_damage(test, comp, codec_test_compress(test, comp));
		codec_test_noise(test, comp);
		codec_test_round_trip(test, comp);
		zcomp_destroy(comp);
	}
}

static struct kunit_case codec_test_cases[] = {
	KUNIT_CASE(codec_test_listed),
	KUNIT_CASE(codec_test_sizes),
	KUNIT_CASE(codec_test_levels),
	KUNIT_CASE(codec_test_winbits),
	KUNIT_CASE(codec_test_default_winbits),
	KUNIT_CASE(codec_test_wrong_params),
	KUNIT_CASE(codec_test_dicts),
	KUNIT_CASE(codec_test_garbage),
	KUNIT_CASE(codec_test_garbage_dict),
	{}
};

static struct kunit_suite codec_test_suite = {
	.name = "zram_codec",
	.init = codec_test_init,
	.exit = codec_test_exit,
	.test_cases = codec_test_cases,
};

kunit_test_suite(codec_test_suite);

MODULE_DESCRIPTION("KUnit tests for the codecs of zram");
MODULE_LICENSE("GPL");
