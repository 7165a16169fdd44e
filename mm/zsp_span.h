/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spans of the persistent allocator: see zsp_span.c.
 */
#ifndef _ZSP_SPAN_H_
#define _ZSP_SPAN_H_

#include <linux/log2.h>

#include "zsp.h"

#define ZSP_SPAN_GRANULES \
	(ZRAM_PERSIST_MAX_SPAN * PAGE_SIZE / ZRAM_PERSIST_GRANULE)

/**
 * struct zsp_slide - where the payloads of a span begin
 * @begins: a bit for each granule, set where one begins
 * @index: its directory entry, for each bit that is set
 */
struct zsp_slide {
	DECLARE_BITMAP(begins, ZSP_SPAN_GRANULES);
	u16 index[ZSP_SPAN_GRANULES];
};

/*
 * Scratch words of a span: the next and the previous one of its list, as
 * physical addresses; in the low bits its state, and those of its location.
 */

/**
 * enum zsp_state - who has a span
 * @ZSP_LISTED: in the list of its bin
 * @ZSP_ACTIVE_SPAN: in a set of spans that are being filled
 * @ZSP_ISOLATED: its segment is being emptied, or it is tainted or damaged and
 *	not filled any more
 */
enum zsp_state {
	ZSP_LISTED,
	ZSP_ACTIVE_SPAN,
	ZSP_ISOLATED,
};

#define ZSP_STATE_MASK	3

static inline unsigned int zsp_span_bytes(const struct zram_persist_span *span)
{
	return span->pages * PAGE_SIZE;
}

static inline u64 zsp_span_phys(const struct zram_persist_span *span)
{
	return virt_to_phys((void *)span);
}

/* Location of a span, index 0. */
static inline u64 zsp_span_location(const struct zram_persist_span *span)
{
	return zsp_span_phys(span) |
	       (span->scratch[1] & ZRAM_PERSIST_LOCATION_ORDER);
}

/* Two steps for each power of two: below 128, 192, 256, 384, ... 24576. */
static inline unsigned int zsp_bin_of(unsigned int bytes)
{
	unsigned int log;

	if (bytes < 128)
		return 0;
	log = ilog2(bytes);
	return 1 + (log - 7) * 2 + (bytes >> (log - 1) & 1);
}

static inline unsigned int zsp_bin(const struct zram_persist_span *span)
{
	return zsp_bin_of(span->free);
}

/* More than half of a span is free. */
static inline bool zsp_is_sparse(const struct zram_persist_span *span)
{
	return span->free > zsp_span_bytes(span) / 2;
}

static inline enum zsp_state zsp_state(const struct zram_persist_span *span)
{
	return span->scratch[0] & ZSP_STATE_MASK;
}

/* zsp_place.c */
void zsp_set_state(struct zram_persist_span *span, enum zsp_state state);

/* zsp_span.c */
void zsp_span_init(struct zram_persist_span *span, u64 location,
		   unsigned int pages);
unsigned int zsp_span_gap(const struct zram_persist_span *span);
unsigned int zsp_span_need(const struct zram_persist_span *span,
			   unsigned int len);
int zsp_span_insert(struct zram_persist_span *span,
		    const struct zsp_object *object,
		    const void *payload);
int zsp_span_overwrite(struct zram_persist_span *span, unsigned int index,
		       const struct zsp_object *object,
		       const void *payload);
void zsp_span_remove(struct zram_persist_span *span, unsigned int index);
bool zsp_span_slide(struct zram_persist_span *span, struct zsp_slide *slide);
u32 zsp_span_crc(const struct zram_persist_span *span);
void zsp_entry_object(const struct zram_persist_entry *entry,
		      struct zsp_object *object);

#endif /* _ZSP_SPAN_H_ */
