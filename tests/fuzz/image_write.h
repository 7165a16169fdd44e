/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes the file of image_format.h: follows a sealed handover, which must be
 * a good one, and writes down its metadata.
 */
#ifndef _FUZZ_IMAGE_WRITE_H
#define _FUZZ_IMAGE_WRITE_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../include/linux/zram_persist.h"
#include "image_format.h"

#define IMAGE_PAGE	4096U

/**
 * struct image_writer - what it takes
 * @read: read @len bytes, that do not cross the end of a page, or exit
 * @data: passed to @read
 * @out: file
 */
struct image_writer {
	void (*read)(void *data, __u64 phys, void *to, unsigned int len);
	void *data;
	FILE *out;
};

static inline void image_put(struct image_writer *w, const void *from,
			     size_t len)
{
	if (len && fwrite(from, 1, len, w->out) != len) {
		perror("write");
		exit(1);
	}
}

static inline void image_put_chunk(struct image_writer *w, __u64 phys,
				   unsigned int pages, const __u8 *bytes,
				   unsigned int len)
{
	static const __u8 zero[8];
	struct image_chunk chunk = { .phys = phys, .pages = pages, .len = len };

	image_put(w, &chunk, sizeof(chunk));
	image_put(w, bytes, len);
	image_put(w, zero, -len % 8);
}

/* Words from @from on that are all zero, or not all zero. */
static inline unsigned int image_run(const __u8 *page, unsigned int from,
				     unsigned int end, int zero)
{
	__u64 word;

	for (; from < end; from += 8) {
		memcpy(&word, page + from, 8);
		if ((word == 0) != zero)
			break;
	}
	return from;
}

/*
 * The first @len bytes of the page at @phys, without longer runs of zeros.
 * @pages: what memory there is from here on, if that has not been said yet.
 */
static inline void image_put_page(struct image_writer *w, __u64 phys,
				  unsigned int pages, unsigned int len)
{
	unsigned int start, end, next;
	__u8 page[IMAGE_PAGE] = { 0 };

	w->read(w->data, phys, page, len);
	len = (len + 7) & ~7U;
	start = image_run(page, 0, len, 1);
	if (start == len || start >= 64) {
		if (pages)
			image_put_chunk(w, phys, pages, page, 0);
		pages = 0;
	} else {
		start = 0;
	}
	while (start < len) {
		end = start;
		do {
			end = image_run(page, end, len, 0);
			next = image_run(page, end, len, 1);
			if (next - end < 64 && next < len)
				end = next;
		} while (end == next && end < len);
		image_put_chunk(w, phys + start, pages, page + start,
				end - start);
		pages = 0;
		start = next;
	}
}

static inline void image_put_use(struct image_writer *w, __u64 phys,
				 const struct zram_persist_page *desc,
				 unsigned int pages)
{
	struct zram_persist_span span;
	unsigned int kind = zram_persist_page_kind(desc), len, part;

	if (kind == ZRAM_PERSIST_SPAN && desc->arg == ZRAM_PERSIST_SPAN_LOST)
		kind = ZRAM_PERSIST_FREE;
	switch (kind) {
	case ZRAM_PERSIST_SPAN:
		w->read(w->data, phys, &span, sizeof(span));
		len = sizeof(span) + span.nr_entries * sizeof(*span.entry);
		for (; len; len -= part, phys += part, pages = 0) {
			part = len < IMAGE_PAGE ? len : IMAGE_PAGE;
			image_put_page(w, phys, pages, part);
		}
		break;
	case ZRAM_PERSIST_TABLE:
		image_put_page(w, phys, pages, IMAGE_PAGE);
		break;
	default:
		if (pages)
			image_put_chunk(w, phys, pages, (const __u8 *)desc, 0);
	}
}

static inline void image_put_segment(struct image_writer *w,
				     const struct zram_persist_segtab_entry *e)
{
	unsigned int order = (e->location & ZRAM_PERSIST_LOCATION_ORDER) * 3;
	__u64 addr = e->location & ~(__u64)(IMAGE_PAGE - 1);
	union {
		struct zram_persist_segment header;
		__u8 bytes[IMAGE_PAGE];
	} u;
	unsigned int i;

	if (!order) {
		image_put_use(w, addr, &e->page, 1);
		return;
	}
	image_put_page(w, addr, 1U << order, zram_persist_header_bytes(order));
	w->read(w->data, addr, &u, zram_persist_header_bytes(order));
	for (i = 1; i < 1U << order; i++)
		image_put_use(w, addr + i * IMAGE_PAGE, &u.header.page[i - 1],
			      0);
}

static inline void image_put_device(struct image_writer *w, __u64 phys)
{
	struct zram_persist_super super;
	struct zram_persist_segtab tab;
	unsigned int i;

	image_put_page(w, phys, 1, IMAGE_PAGE);
	w->read(w->data, phys, &super, sizeof(super));
	for (phys = super.segtab; phys; phys = tab.next) {
		image_put_page(w, phys, 1, IMAGE_PAGE);
		w->read(w->data, phys, &tab, sizeof(tab));
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (tab.entry[i].location)
				image_put_segment(w, &tab.entry[i]);
	}
}

/**
 * image_write() - write down a handover
 * @w: how to read it, and where to write to
 * @phys: address that the record is to have
 * @record: record
 */
static inline void image_write(struct image_writer *w, __u64 phys,
			       const struct zram_persist_record *record)
{
	struct image_header header = {
		.magic = IMAGE_MAGIC,
		.record = phys,
		.record_size = sizeof(*record),
	};
	unsigned int i;

	image_put(w, &header, sizeof(header));
	/* The rest is zeros. */
	image_put_chunk(w, phys, 1, (const __u8 *)record,
			offsetof(struct zram_persist_record, device) +
			record->nr_devices * sizeof(*record->device));
	for (i = 0; i < record->nr_devices; i++)
		image_put_device(w, record->device[i].superblock);
}

#endif /* _FUZZ_IMAGE_WRITE_H */
