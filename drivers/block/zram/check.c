// SPDX-License-Identifier: GPL-2.0
/*
 * Validation of handed-over metadata: record, superblock and envelope.
 *
 * The driver reads nothing of what another kernel left in memory before this
 * file, check_fields.c and check_contents.c have passed it. They are pure: they
 * call nothing of the kernel but crc32c() and sort(), allocate nothing, and write
 * only to struct zram_check, so that tests, the fuzzer and tools compile them as
 * they are.
 *
 * The order of steps is the order of trust. Each reads only what an earlier
 * one has shown to be memory and to carry the right checksum:
 *
 *   record    -> addresses of the superblocks
 *   super     -> address of the segment table
 *   envelope  -> list of segments, sorted, disjoint, all of it memory
 *   fields    -> the rest of the superblock
 *   contents  -> segment headers, spans and slot table pages; then the slots
 */
#include <linux/crc32c.h>
#include <linux/sort.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <linux/types.h>
#include "check_util.h"

/* Addresses end where the bits of a slot that hold a location end. */
#define ADDRESS_END	(1ULL << (64 - ZRAM_PERSIST_SLOT_LOCATION_SHIFT))

static enum zram_check_result bad_envelope(struct zram_check *check,
					   const char *reason, u64 where)
{
	return zram_check_fail(check, ZRAM_CHECK_ENVELOPE, reason, where);
}

/*
 * Ask for memory: NULL if the range is not all there. It is naturally aligned,
 * and so does not reach beyond the end of addresses if it begins below.
 */
static const void *grant(struct zram_check *check, u64 phys, u64 len)
{
	const void *p;

	if (phys >= ADDRESS_END)
		return NULL;
	p = check->map(check->map_data, phys, len);
	if (p)
		check->offset = (unsigned long)p - phys;
	return p;
}

static const void *grant_page(struct zram_check *check, u64 phys)
{
	if (!phys || phys % PAGE_BYTES)
		return NULL;
	return grant(check, phys, PAGE_BYTES);
}

/* CRC32C of a page with @len bytes at @offset taken as zero. */
static u32 page_crc(const void *page, size_t offset, size_t len)
{
	static const u8 zero[8];
	size_t rest = offset + len;
	u32 crc;

	crc = crc32c(~0U, page, offset);
	crc = crc32c(crc, zero, len);
	return crc32c(crc, (const u8 *)page + rest, PAGE_BYTES - rest);
}

static enum zram_check_result
check_superblock_list(struct zram_check *check,
		      const struct zram_persist_record *record)
{
	const struct zram_persist_device *device = record->device;
	u32 i, j;

	if (record->nr_devices > ZRAM_PERSIST_MAX_DEVICES)
		return bad_envelope(check, "record has too many devices",
				    record->nr_devices);
	for (i = 0; i < record->nr_devices; i++) {
		u64 super = device[i].superblock;

		if (!super || super % PAGE_BYTES || super == check->record)
			return bad_envelope(check,
					    "superblock has a wrong address",
					    super);
		for (j = 0; j < i; j++)
			if (super == device[j].superblock)
				return bad_envelope(check,
						    "superblock is named twice",
						    super);
	}
	return ZRAM_CHECK_OK;
}

/**
 * zram_check_record() - validate the handover record
 * @check: the validation
 * @phys: address of the KHO subtree
 * @size: its size as KHO tells it
 * @record: set to the record, or to NULL if the result is not
 *	%ZRAM_CHECK_OK
 *
 * Return: %ZRAM_CHECK_OK, %ZRAM_CHECK_UNKNOWN if the version of the record is
 * not known, or %ZRAM_CHECK_ENVELOPE.
 */
enum zram_check_result
zram_check_record(struct zram_check *check, u64 phys, u64 size,
		  const struct zram_persist_record **record)
{
	const size_t crc = offsetof(struct zram_persist_record, crc);
	const struct zram_persist_record *r;
	enum zram_check_result result;

	*record = NULL;
	check->record = phys;
	if (size != sizeof(*r))
		return bad_envelope(check, "record has a wrong size", size);
	r = grant_page(check, phys);
	if (!r)
		return bad_envelope(check, "record is not in memory", phys);
	if (r->magic == __swab64(ZRAM_PERSIST_RECORD_MAGIC))
		return unknown(check, "record has the other byte order", phys);
	if (r->magic != ZRAM_PERSIST_RECORD_MAGIC)
		return bad_envelope(check, "record has a wrong magic", phys);
	if (r->size != sizeof(*r))
		return bad_envelope(check, "record has a wrong size", r->size);
	if (r->crc != page_crc(r, crc, sizeof(r->crc)))
		return bad_envelope(check, "record has a wrong checksum", phys);
	if (r->version != ZRAM_PERSIST_RECORD_VERSION)
		return unknown(check, "record has an unknown version",
			       r->version);
	if (r->state != ZRAM_PERSIST_OUTGOING &&
	    r->state != ZRAM_PERSIST_CONSUMED && r->state != ZRAM_PERSIST_KEPT)
		return bad_envelope(check, "record has an unknown state",
				    r->state);
	if (r->state != ZRAM_PERSIST_CONSUMED && r->outgoing)
		return bad_envelope(check, "record names another record",
				    r->outgoing);
	result = check_superblock_list(check, r);
	if (!result)
		*record = r;
	return result;
}

/**
 * zram_check_outgoing() - validate a record that another module left behind
 * @check: the validation
 * @phys: &zram_persist_record.outgoing of a record that has passed
 * @record: as for zram_check_record()
 *
 * Return: as zram_check_record(); and %ZRAM_CHECK_ENVELOPE for a record that
 * names nothing any more, as the one with @phys in it.
 */
enum zram_check_result
zram_check_outgoing(struct zram_check *check, u64 phys,
		    const struct zram_persist_record **record)
{
	enum zram_check_result result;

	result = zram_check_record(check, phys, sizeof(**record), record);
	if (result || (*record)->state != ZRAM_PERSIST_CONSUMED)
		return result;
	*record = NULL;
	return bad_envelope(check, "record has been taken already", phys);
}

/**
 * zram_check_super() - validate the envelope's part of a superblock
 * @check: the validation
 * @phys: address of the superblock, from the handover record
 * @super: set to the superblock, or to NULL if the result is not
 *	%ZRAM_CHECK_OK
 *
 * A device that was not sealed passes: its memory has to be known to be given
 * back. &zram_persist_super.nr_segments may be any number: who makes room for
 * that many asks zram_check_count() before.
 *
 * Return: %ZRAM_CHECK_OK or %ZRAM_CHECK_ENVELOPE.
 */
enum zram_check_result
zram_check_super(struct zram_check *check, u64 phys,
		 const struct zram_persist_super **super)
{
	const size_t crc = offsetof(struct zram_persist_super, crc);
	const struct zram_persist_super *s;

	*super = NULL;
	check->super = phys;
	s = grant_page(check, phys);
	if (!s)
		return bad_envelope(check, "superblock is not in memory", phys);
	if (s->magic != ZRAM_PERSIST_SUPER_MAGIC)
		return bad_envelope(check, "superblock has a wrong magic",
				    phys);
	if (s->size != sizeof(*s))
		return bad_envelope(check, "superblock has a wrong size",
				    s->size);
	if (s->crc != page_crc(s, crc, sizeof(s->crc)))
		return bad_envelope(check, "superblock has a wrong checksum",
				    phys);
	if (s->seal < ZRAM_PERSIST_OPEN || s->seal > ZRAM_PERSIST_SEAL_FAILED)
		return bad_envelope(check, "superblock has an unknown seal",
				    s->seal);
	if (zram_check_is_zero(s->uuid, sizeof(s->uuid)))
		return bad_envelope(check, "device has no UUID", phys);
	*super = s;
	return ZRAM_CHECK_OK;
}

static enum zram_check_result
check_segtab_page(struct zram_check *check, u64 phys, u64 index)
{
	const size_t crc = offsetof(struct zram_persist_segtab, crc);
	const struct zram_persist_segtab *tab = grant_page(check, phys);

	if (!tab)
		return bad_envelope(check, "segment table is not in memory",
				    phys);
	if (tab->magic != ZRAM_PERSIST_SEGTAB_MAGIC)
		return bad_envelope(check, "segment table has a wrong magic",
				    phys);
	/*
	 * A page has one index, so this ends every cycle. The number of pages
	 * has no other bound, because pages without entries are allowed.
	 */
	if (tab->index != index)
		return bad_envelope(check, "segment table is out of order",
				    phys);
	if (tab->crc != page_crc(tab, crc, sizeof(tab->crc)))
		return bad_envelope(check, "segment table has a wrong checksum",
				    phys);
	return ZRAM_CHECK_OK;
}

static enum zram_check_result list_segment(struct zram_check *check,
					   u64 nr_segments, u64 location)
{
	u64 bytes = zram_check_location_bytes(location);

	/*
	 * Two bits cannot hold a wrong order. Any bit between them and the
	 * alignment is an error.
	 */
	if ((location & ~ZRAM_PERSIST_LOCATION_ORDER) % bytes)
		return bad_envelope(check, "segment is not aligned", location);
	if (check->nr_segments == nr_segments)
		return bad_envelope(check, "segment table has too many entries",
				    nr_segments);
	if (location < PAGE_BYTES ||
	    !grant(check, zram_check_location_addr(location), bytes))
		return bad_envelope(check, "segment is not in memory",
				    location);
	if (check->segments)
		check->segments[check->nr_segments] = location;
	check->nr_segments++;
	return ZRAM_CHECK_OK;
}

static enum zram_check_result
list_segments(struct zram_check *check, const struct zram_persist_super *super)
{
	const struct zram_persist_segtab *tab;
	enum zram_check_result result;
	u64 phys, index = 0;
	unsigned int i;

	for (phys = super->segtab; phys; phys = tab->next) {
		result = check_segtab_page(check, phys, index++);
		if (result)
			return result;
		tab = zram_check_memory(check, phys);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
			if (!tab->entry[i].location)
				continue;
			result = list_segment(check, super->nr_segments,
					      tab->entry[i].location);
			if (result)
				return result;
		}
	}
	if (check->nr_segments != super->nr_segments)
		return bad_envelope(check, "segment table lacks entries",
				    check->nr_segments);
	check->segtab_pages = index;
	return ZRAM_CHECK_OK;
}

/**
 * zram_check_count() - validate a segment table, and count what it lists
 * @check: the validation, without room for segments
 * @super: superblock that zram_check_super() has passed
 *
 * A number in a superblock may be absurd. One that was counted is bounded by the
 * segment table, which is memory that there is.
 *
 * Return: %ZRAM_CHECK_OK, and @super is right about &zram_check.nr_segments; or
 * %ZRAM_CHECK_ENVELOPE.
 */
enum zram_check_result
zram_check_count(struct zram_check *check,
		 const struct zram_persist_super *super)
{
	check->segments = NULL;
	check->nr_segments = 0;
	return list_segments(check, super);
}

static int compare_locations(const void *a, const void *b)
{
	const u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Does any segment share memory with the one at @location? */
static bool overlaps(const struct zram_check *check, u64 location)
{
	u64 addr = zram_check_location_addr(location);
	u64 end = addr + zram_check_location_bytes(location);
	s64 i = zram_check_locate(check, end - 1);
	u64 segment;

	if (i < 0)
		return false;
	segment = check->segments[i];
	return addr < zram_check_location_addr(segment) +
		      zram_check_location_bytes(segment);
}

/* The superblock @super at @phys, and its segment table, are in no segment. */
static enum zram_check_result
check_tables_outside(struct zram_check *check, u64 phys,
		     const struct zram_persist_super *super)
{
	const struct zram_persist_segtab *tab;

	if (overlaps(check, phys))
		return bad_envelope(check, "superblock lies in a segment",
				    phys);
	for (phys = super->segtab; phys; phys = tab->next) {
		if (overlaps(check, phys))
			return bad_envelope(check,
					    "segment table lies in a segment",
					    phys);
		tab = zram_check_memory(check, phys);
	}
	return ZRAM_CHECK_OK;
}

/*
 * Record, superblock and segment table pages cannot coincide: they differ in
 * their magic.
 */
static enum zram_check_result
check_overlap(struct zram_check *check, const struct zram_persist_super *super)
{
	u64 end = 0, i;

	for (i = 0; i < check->nr_segments; i++) {
		u64 segment = check->segments[i];

		if (zram_check_location_addr(segment) < end)
			return bad_envelope(check, "segments overlap", segment);
		end = zram_check_location_addr(segment) +
		      zram_check_location_bytes(segment);
	}
	if (overlaps(check, check->record))
		return bad_envelope(check, "record lies in a segment",
				    check->record);
	return check_tables_outside(check, check->super, super);
}

/**
 * zram_check_envelope() - validate the list of a device's memory
 * @check: the validation, with room for segments
 * @super: superblock that zram_check_super() has passed
 *
 * When this succeeds, all memory of the device is known, and can be kept
 * without understanding any of it.
 *
 * Return: %ZRAM_CHECK_OK or %ZRAM_CHECK_ENVELOPE.
 */
enum zram_check_result
zram_check_envelope(struct zram_check *check,
		    const struct zram_persist_super *super)
{
	enum zram_check_result result;

	check->nr_segments = 0;
	if (super->nr_segments > check->max_segments)
		return bad_envelope(check, "device has too many segments",
				    super->nr_segments);
	result = list_segments(check, super);
	if (result)
		return result;
	sort(check->segments, check->nr_segments, sizeof(*check->segments),
	     compare_locations, NULL);
	return check_overlap(check, super);
}

/* A page of both tables has the same index in both. */
static bool segtabs_meet(const struct zram_check *check, u64 phys, u64 other)
{
	const struct zram_persist_segtab *tab;

	while (phys && other) {
		if (phys == other)
			return true;
		tab = zram_check_memory(check, phys);
		phys = tab->next;
		tab = zram_check_memory(check, other);
		other = tab->next;
	}
	return false;
}

/**
 * zram_check_disjoint() - validate that two devices share no memory and no UUID
 * @check: the validation that zram_check_envelope() has passed for one device
 * @super: superblock of this device
 * @other: the same of the other device
 * @other_super: superblock of the other device
 *
 * Return: %ZRAM_CHECK_OK, or %ZRAM_CHECK_ENVELOPE with the reason in @check.
 */
enum zram_check_result
zram_check_disjoint(struct zram_check *check,
		    const struct zram_persist_super *super,
		    struct zram_check *other,
		    const struct zram_persist_super *other_super)
{
	enum zram_check_result result;
	u64 i;

	for (i = 0; i < check->nr_segments; i++)
		if (overlaps(other, check->segments[i]))
			return bad_envelope(check, "devices share a segment",
					    check->segments[i]);
	if (segtabs_meet(check, super->segtab, other_super->segtab))
		return bad_envelope(check, "devices share a segment table",
				    super->segtab);
	result = check_tables_outside(check, other->super, other_super);
	if (result)
		return result;
	result = check_tables_outside(other, check->super, super);
	if (result) {
		check->reason = other->reason;
		check->where = other->where;
		return result;
	}
	if (!memcmp(super->uuid, other_super->uuid, sizeof(super->uuid)))
		return bad_envelope(check, "devices have the same UUID",
				    check->super);
	return ZRAM_CHECK_OK;
}
