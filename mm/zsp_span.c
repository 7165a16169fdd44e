// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: one span, which is a directory of objects and their
 * payloads. mm/zsmalloc_persist.c begins with the overview.
 *
 * DOC: Spans
 *
 * ::
 *
 *   +--------+-------------------+----------+---------+-------+---------+
 *   | header | directory         | gap      | payload | hole  | payload |
 *   +--------+-------------------+----------+---------+-------+---------+
 *                                           ^ start
 *
 * A new payload goes to the end of the gap. What is removed leaves a hole; the
 * holes are joined with the gap by moving the payloads to the end of the span,
 * which changes nothing but the directory. So no byte of a span is lost to the
 * sizes of its objects, whatever they are, and the only question is how many
 * bytes of it remain that no object fits into.
 *
 * Size classes, each with spans of its own, were what this allocator had first.
 * They lost 1 % of memory behind the last object of a span, 1 to 2 % in the
 * spans that each of 200 classes has half full, and half a granule of 16 bytes
 * per object (scripts/span-waste).
 */

#include <linux/bitmap.h>
#include <linux/crc32c.h>
#include <linux/export.h>
#include <linux/string.h>

#include "zsp_util.h"

static unsigned int zsp_dir_end(unsigned int entries)
{
	return sizeof(struct zram_persist_span) +
	       entries * sizeof(struct zram_persist_entry);
}

/* What holds for every span, as DOC: What holds says. Context: shard->lock. */
static void zsp_span_assert(const struct zram_persist_span *span)
{
	VM_WARN_ON_ONCE(span->nr_used > span->nr_entries);
	VM_WARN_ON_ONCE(span->start << ZRAM_PERSIST_GRANULE_SHIFT >
			zsp_span_bytes(span));
	VM_WARN_ON_ONCE(zsp_span_gap(span) > span->free);
	VM_WARN_ON_ONCE(span->free + zsp_dir_end(span->nr_entries) >
			zsp_span_bytes(span));
}

/* Bytes that the directory grows by when an object is added. */
static unsigned int zsp_dir_growth(const struct zram_persist_span *span)
{
	return span->nr_used == span->nr_entries ?
	       sizeof(struct zram_persist_entry) : 0;
}

/* False for an entry in use that is damaged so that its payload is not there. */
static bool zsp_is_inside(const struct zram_persist_span *span,
			  const struct zram_persist_entry *entry)
{
	unsigned int start = zram_persist_entry_start(entry);
	unsigned int len = zram_persist_entry_len(entry);

	return len && start >= span->start << ZRAM_PERSIST_GRANULE_SHIFT &&
	       start + zram_persist_room(len) <= zsp_span_bytes(span);
}

static void zsp_span_clear(struct zram_persist_span *span)
{
	span->nr_entries = 0;
	span->nr_used = 0;
	span->start = zsp_span_bytes(span) >> ZRAM_PERSIST_GRANULE_SHIFT;
	span->free = zsp_span_bytes(span) - zsp_dir_end(0);
}

/**
 * zsp_span_init() - make an empty span
 * @span: its memory
 * @location: its location
 * @pages: its pages
 *
 * Context: nobody else knows of the span.
 */
void zsp_span_init(struct zram_persist_span *span, u64 location,
		   unsigned int pages)
{
	memset(span, 0, sizeof(*span));
	span->scratch[0] = ZSP_ACTIVE_SPAN;
	span->scratch[1] = location & ZRAM_PERSIST_LOCATION_ORDER;
	span->pages = pages;
	zsp_span_clear(span);
}

/**
 * zsp_span_gap() - free bytes in a row
 * @span: span
 *
 * Context: shard->lock, or as a hint.
 * Return: bytes between directory and payloads.
 */
unsigned int zsp_span_gap(const struct zram_persist_span *span)
{
	return (span->start << ZRAM_PERSIST_GRANULE_SHIFT) -
	       zsp_dir_end(span->nr_entries);
}

/**
 * zsp_span_need() - what an object would take of a span
 * @span: span
 * @len: bytes of payload
 *
 * Context: shard->lock, or as a hint.
 * Return: bytes; more than a span has if its directory is full.
 */
unsigned int zsp_span_need(const struct zram_persist_span *span,
			   unsigned int len)
{
	unsigned int growth = zsp_dir_growth(span);

	if (growth && span->nr_entries == ZRAM_PERSIST_MAX_ENTRIES)
		return UINT_MAX;
	return growth + zram_persist_room(len);
}

/**
 * zsp_object_crc() - checksum of an object
 * @object: object; its crc does not matter
 * @payload: its payload
 *
 * Return: as &zram_persist_entry.crc.
 */
u32 zsp_object_crc(const struct zsp_object *object, const void *payload)
{
	u32 words[2] = {
		object->owner,
		object->owner >> 32 | object->len << 4 |
		object->codec << ZRAM_PERSIST_PLACE_CODEC_SHIFT,
	};

	return crc32c(crc32c(~0, words, sizeof(words)), payload, object->len);
}
EXPORT_SYMBOL_GPL(zsp_object_crc);

/**
 * zsp_entry_object() - what a directory entry says
 * @entry: entry in use
 * @object: filled in
 */
void zsp_entry_object(const struct zram_persist_entry *entry,
		      struct zsp_object *object)
{
	object->owner = zram_persist_entry_owner(entry);
	object->codec = zram_persist_entry_codec(entry);
	object->len = zram_persist_entry_len(entry);
	object->crc = entry->crc;
}

/* Where a payload is, in bytes, as the directory says it. */
static u32 zsp_place_start(unsigned int start)
{
	return start >> ZRAM_PERSIST_GRANULE_SHIFT <<
	       ZRAM_PERSIST_PLACE_START_SHIFT;
}

static void zsp_entry_set(struct zram_persist_entry *entry,
			  const struct zsp_object *object,
			  unsigned int start)
{
	entry->owner = object->owner;
	entry->place = object->owner >> 32 | object->len << 4 |
		       zsp_place_start(start) |
		       object->codec << ZRAM_PERSIST_PLACE_CODEC_SHIFT;
	entry->crc = object->crc;
}

/* An unused entry, which may be one more at the end. */
static unsigned int zsp_unused_entry(struct zram_persist_span *span)
{
	unsigned int i;

	if (span->nr_used == span->nr_entries) {
		span->free -= sizeof(struct zram_persist_entry);
		return span->nr_entries++;
	}
	/* The bound is for a directory that was damaged in memory. */
	for (i = 0; i + 1 < span->nr_entries && span->entry[i].place; i++)
		;
	return i;
}

/**
 * zsp_span_insert() - add an object
 * @span: span
 * @object: object
 * @payload: its payload
 *
 * Context: shard->lock.
 * Return: index of its entry, or -ENOSPC if it does not fit into the gap.
 */
int zsp_span_insert(struct zram_persist_span *span,
		    const struct zsp_object *object,
		    const void *payload)
{
	unsigned int room = zram_persist_room(object->len), start, index;

	if (zsp_span_need(span, object->len) > zsp_span_gap(span))
		return -ENOSPC;
	index = zsp_unused_entry(span);
	span->nr_used++;
	span->free -= room;
	span->start -= room >> ZRAM_PERSIST_GRANULE_SHIFT;

	start = span->start << ZRAM_PERSIST_GRANULE_SHIFT;
	zsp_entry_set(&span->entry[index], object, start);
	memcpy((void *)span + start, payload, object->len);
	zsp_span_assert(span);
	return index;
}

/**
 * zsp_span_overwrite() - put an object in the place of another
 * @span: span
 * @index: entry of the other
 * @object: object
 * @payload: its payload
 *
 * Context: shard->lock.
 * Return: 0, or -ENOSPC if it is larger and cannot grow into the gap.
 */
int zsp_span_overwrite(struct zram_persist_span *span, unsigned int index,
		       const struct zsp_object *object,
		       const void *payload)
{
	struct zram_persist_entry *entry = &span->entry[index];
	unsigned int old = zram_persist_room(zram_persist_entry_len(entry));
	unsigned int room = zram_persist_room(object->len);
	unsigned int start = zram_persist_entry_start(entry);

	if (!zsp_is_inside(span, entry))
		return -ENOSPC;
	if (room > old) {
		if (start != span->start << ZRAM_PERSIST_GRANULE_SHIFT ||
		    room - old > zsp_span_gap(span))
			return -ENOSPC;
		start -= room - old;
		span->start = start >> ZRAM_PERSIST_GRANULE_SHIFT;
	}
	span->free += old - room;
	zsp_entry_set(entry, object, start);
	memcpy((void *)span + start, payload, object->len);
	zsp_span_assert(span);
	return 0;
}

/**
 * zsp_span_remove() - remove an object
 * @span: span
 * @index: its entry
 *
 * Context: shard->lock.
 */
void zsp_span_remove(struct zram_persist_span *span, unsigned int index)
{
	struct zram_persist_entry *entry = &span->entry[index];
	unsigned int room = zram_persist_room(zram_persist_entry_len(entry));

	/* What a damaged entry takes is lost until the span is empty. */
	if (!zsp_is_inside(span, entry))
		room = 0;
	if (zram_persist_entry_start(entry) ==
	    span->start << ZRAM_PERSIST_GRANULE_SHIFT)
		span->start += room >> ZRAM_PERSIST_GRANULE_SHIFT;
	span->free += room;
	span->nr_used--;
	memset(entry, 0, sizeof(*entry));

	if (!span->nr_used) {
		zsp_span_clear(span);
		return;
	}
	while (span->nr_entries > 1 &&
	       !span->entry[span->nr_entries - 1].place) {
		span->nr_entries--;
		span->free += sizeof(*entry);
	}
	zsp_span_assert(span);
}

/*
 * Notes in @slide where each payload begins. False if an entry cannot be right:
 * two payloads that begin at the same place, or one outside of the span.
 */
static bool zsp_slide_survey(const struct zram_persist_span *span,
			     struct zsp_slide *slide)
{
	unsigned int i, granule;

	memset(slide->begins, 0, sizeof(slide->begins));
	for (i = 0; i < span->nr_entries; i++) {
		if (!span->entry[i].place)
			continue;
		if (!zsp_is_inside(span, &span->entry[i]))
			return false;
		granule = zram_persist_entry_start(&span->entry[i]) >>
			  ZRAM_PERSIST_GRANULE_SHIFT;
		if (__test_and_set_bit(granule, slide->begins))
			return false;
		slide->index[granule] = i;
	}
	return true;
}

/* False if payloads overlap, or if there is more or less free than counted. */
static bool zsp_slide_check(const struct zram_persist_span *span,
			    const struct zsp_slide *slide)
{
	unsigned int end = zsp_span_bytes(span), granule, room;
	unsigned int rest = end - zsp_dir_end(span->nr_entries);
	const struct zram_persist_entry *entry;

	for (granule = ZSP_SPAN_GRANULES;;) {
		unsigned int last = find_last_bit(slide->begins, granule);

		if (last >= granule)
			return rest == span->free;
		granule = last;
		entry = &span->entry[slide->index[granule]];
		room = zram_persist_room(zram_persist_entry_len(entry));
		if (zram_persist_entry_start(entry) + room > end)
			return false;
		end = zram_persist_entry_start(entry);
		rest -= room;
	}
}

/**
 * zsp_span_slide() - join all holes with the gap
 * @span: span
 * @slide: memory to work with
 *
 * Moves one payload after the other, from the last one on, to the end of the
 * span. A map tells their order. To sort the directory would take longer; so
 * would to copy all of them to other memory and back, which needs no order.
 *
 * Memory can be damaged, and a directory that is must not lead to damage
 * elsewhere, so all of it is checked before anything moves.
 *
 * Context: shard->lock, and the lock that protects @slide.
 * Return: false, and nothing has changed, if the directory is damaged.
 */
bool zsp_span_slide(struct zram_persist_span *span, struct zsp_slide *slide)
{
	unsigned int granule = ZSP_SPAN_GRANULES, pos, start, len;
	struct zram_persist_entry *entry;

	if (!zsp_slide_survey(span, slide) || !zsp_slide_check(span, slide))
		return false;
	pos = zsp_span_bytes(span);
	for (;;) {
		unsigned int last = find_last_bit(slide->begins, granule);

		if (last >= granule)
			break;
		granule = last;
		entry = &span->entry[slide->index[granule]];
		start = zram_persist_entry_start(entry);
		len = zram_persist_entry_len(entry);
		pos -= zram_persist_room(len);
		if (pos == start)
			continue;
		memmove((void *)span + pos, (void *)span + start, len);
		entry->place &= ~ZRAM_PERSIST_PLACE_START;
		entry->place |= zsp_place_start(pos);
	}
	span->start = pos >> ZRAM_PERSIST_GRANULE_SHIFT;
	VM_WARN_ON_ONCE(zsp_span_gap(span) != span->free);
	return true;
}

/**
 * zsp_span_crc() - checksum of a directory
 * @span: span
 *
 * Return: as &zram_persist_page.crc.
 */
u32 zsp_span_crc(const struct zram_persist_span *span)
{
	return crc32c(~0, &span->nr_entries,
		      zsp_dir_end(span->nr_entries) -
		      offsetof(struct zram_persist_span, nr_entries));
}
