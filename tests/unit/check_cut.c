// SPDX-License-Identifier: GPL-2.0
/*
 * Every truncation of the reference handover: each size that KHO can give the
 * record, memory that ends at or is missing from each page, lists that end too
 * early, and each page of metadata of which only the first bytes have arrived.
 */
#include <string.h>
#include "image.h"
#include "tap.h"

/* No size but the right one will do. */
static void test_record_size(struct image *image)
{
	struct verdict verdict;
	u64 size, refused = 0;
	bool good;

	for (size = 0; size <= 2 * PAGE; size++) {
		image_check_at(image, IMAGE_RECORD, size, IMAGE_SEGMENTS,
			       &verdict);
		refused += verdict.result == ZRAM_CHECK_ENVELOPE;
	}
	image_check(image, &verdict);
	good = !verdict.result && refused == 2 * PAGE;
	tap_note("%llu of %llu sizes refused", refused, 2 * PAGE + 1);
	tap_ok(good, "a record of each size up to two pages");
}

/* Is the page at @phys part of what is handed over? */
static bool is_handed_over(u64 phys)
{
	static const struct {
		u64 start;
		u64 pages;
	} blocks[] = {
		{ IMAGE_RECORD, 1 }, { IMAGE_SUPER, 1 }, { IMAGE_SEGTAB_0, 1 },
		{ IMAGE_SEGTAB_1, 1 }, { IMAGE_SEGMENT_3, 8 },
		{ IMAGE_LONE_SPAN, 1 }, { IMAGE_LONE_RAW, 1 },
		{ IMAGE_LONE_TABLE, 1 }, { IMAGE_SEGMENT_6, 64 },
		{ IMAGE_SEGMENT_9, 512 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
		if (phys - blocks[i].start < blocks[i].pages * PAGE)
			return true;
	return false;
}

/* Memory that ends anywhere: at the byte before, on, and after each page. */
static void test_end(struct image *image)
{
	const u64 end = IMAGE_BASE + IMAGE_SIZE;
	unsigned int cuts = 0, wrong = 0;
	struct verdict verdict;
	int off;
	u64 at;

	for (at = IMAGE_BASE + PAGE; at <= end; at += PAGE)
		for (off = -1; off <= 1; off++) {
			image->end = at + off;
			if (image->end >= end)
				continue;
			image_check(image, &verdict);
			cuts++;
			wrong += verdict.result != ZRAM_CHECK_ENVELOPE;
		}
	image->end = end;
	tap_note("%u ends", cuts);
	tap_ok(!wrong, "memory that ends too early");
}

/* Memory of which one page is missing, wherever it is. */
static void test_hole(struct image *image)
{
	unsigned int wrong = 0, needed = 0;
	struct verdict verdict;
	u64 at;

	for (at = IMAGE_BASE; at < IMAGE_BASE + IMAGE_SIZE; at += PAGE) {
		image->hole = at;
		image_check(image, &verdict);
		needed += is_handed_over(at);
		wrong += verdict.result != (is_handed_over(at) ?
					    ZRAM_CHECK_ENVELOPE : ZRAM_CHECK_OK);
	}
	image->hole = 0;
	tap_note("%u pages are needed", needed);
	tap_ok(!wrong, "a page that is missing");
}

/*
 * The segment table has its first @n entries only, as its pages and the
 * superblock's number are right for: what was in the others is lost.
 */
static bool cut_segtab(struct image *image, unsigned int n)
{
	struct zram_persist_segtab *tab = image_at(image, IMAGE_SEGTAB_0);
	struct zram_persist_segtab kept[2] = { tab[0], tab[1] };
	struct zram_persist_super *super = image_at(image, IMAGE_SUPER);
	struct verdict verdict;
	unsigned int i, left = 0;
	bool good;

	for (i = 0; i < 2 * ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
		struct zram_persist_segtab_entry *entry;

		entry = &tab[i / ZRAM_PERSIST_SEGTAB_ENTRIES]
			.entry[i % ZRAM_PERSIST_SEGTAB_ENTRIES];
		if (i >= n)
			memset(entry, 0, sizeof(*entry));
		left += entry->location != 0;
	}
	image_reseal(image, IMAGE_SEGTAB_0, PAGE);
	image_reseal(image, IMAGE_SEGTAB_1, PAGE);
	image_check(image, &verdict);
	good = verdict.result == (left == IMAGE_SEGMENTS ? ZRAM_CHECK_OK :
							   ZRAM_CHECK_ENVELOPE);
	super->nr_segments = left;
	image_reseal(image, IMAGE_SUPER, PAGE);
	image_check(image, &verdict);
	good &= verdict.result == (left == IMAGE_SEGMENTS ? ZRAM_CHECK_OK :
							    ZRAM_CHECK_DAMAGED);
	super->nr_segments = IMAGE_SEGMENTS;
	tab[0] = kept[0];
	tab[1] = kept[1];
	image_reseal(image, IMAGE_SUPER, PAGE);
	return good;
}

static void test_segtab(struct image *image)
{
	struct verdict verdict;
	unsigned int n, wrong = 0;

	for (n = 0; n <= 2 * ZRAM_PERSIST_SEGTAB_ENTRIES; n++)
		wrong += !cut_segtab(image, n);
	image_check(image, &verdict);
	tap_note("%u lengths", n);
	tap_ok(!wrong && !verdict.result, "a segment table of each length");
}

/**
 * struct tally - what became of cut pages
 * @cuts: that changed anything
 * @found: those that the checker found
 * @missed: those that it ought to have found
 */
struct tally {
	u64 cuts;
	u64 found;
	u64 missed;
};

/*
 * Of what a checksum covers only the first @len bytes have arrived. Where the
 * checksum is outside, or in what has arrived, the loss must be found.
 */
static void cut(struct image *image, const struct cover *c, u64 len,
		bool reseal, struct tally *tally)
{
	u8 *start = image_at(image, c->start), kept[4 * PAGE];
	struct verdict verdict;

	memcpy(kept, start, c->len);
	memset(start + len, 0, c->len - len);
	if (memcmp(kept, start, c->len)) {
		if (reseal)
			image_reseal(image, c->start, c->len);
		image_check(image, &verdict);
		tally->cuts++;
		tally->found += verdict.result != ZRAM_CHECK_OK;
		tally->missed += !verdict.result && !reseal;
	}
	memcpy(start, kept, c->len);
	if (reseal)
		image_reseal(image, c->start, c->len);
}

static void cut_all(struct image *image, bool reseal, const char *name)
{
	struct tally tally = { 0 };
	struct verdict verdict;
	unsigned int i;
	u64 len;

	for (i = 0; i < image->nr_covers; i++)
		for (len = 0; len < image->covers[i].len; len++)
			cut(image, &image->covers[i], len, reseal, &tally);
	image_check(image, &verdict);
	tap_note("%llu of %llu found", tally.found, tally.cuts);
	tap_ok(!tally.missed && !verdict.result, name);
}

int main(void)
{
	struct image image;

	image_build(&image);
	test_record_size(&image);
	image.poison = true;
	test_end(&image);
	test_hole(&image);
	image.poison = false;
	test_segtab(&image);
	cut_all(&image, false, "metadata cut at each byte");
	cut_all(&image, true, "metadata cut at each byte, with right checksums");
	image_destroy(&image);
	return tap_done();
}
