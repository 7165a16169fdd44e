/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Validation of handed-over metadata. Compiles in user space too.
 */
#ifndef _ZRAM_CHECK_H_
#define _ZRAM_CHECK_H_

#include <linux/zram_persist.h>

/**
 * enum zram_check_result - what is wrong with a device
 * @ZRAM_CHECK_OK: nothing
 * @ZRAM_CHECK_ENVELOPE: the envelope is damaged: not even the memory of the
 *	device is known
 * @ZRAM_CHECK_UNKNOWN: the envelope is sound, and the rest is of a version,
 *	or has features, that this driver does not know
 * @ZRAM_CHECK_DAMAGED: the envelope is sound, and the rest is damaged
 */
enum zram_check_result {
	ZRAM_CHECK_OK,
	ZRAM_CHECK_ENVELOPE,
	ZRAM_CHECK_UNKNOWN,
	ZRAM_CHECK_DAMAGED,
};

/**
 * struct zram_check - one validation
 * @map: give access to @len bytes of memory from physical address @phys on, or
 *	NULL if not all of it is memory that this kernel has. Called for a
 *	range before the first read of it; maybe again for a range that was
 *	granted, but not for parts of one. The memory is mapped as the direct map maps it:
 *	two pointers are as far apart as the addresses that they are for.
 * @map_data: passed to @map
 * @segments: room for the locations of all segments, or NULL to count them only;
 *	sorted by address when zram_check_envelope() returns %ZRAM_CHECK_OK
 * @max_segments: entries of @segments
 * @nr_segments: entries of @segments in use
 * @reason: why the result is not %ZRAM_CHECK_OK: a sentence part such as
 *	"slot table page has a wrong checksum"
 * @where: physical address, or number of the slot or field, that @reason is
 *	about
 * @record: address of the record that zram_check_record() saw, or 0. Carry it
 *	over to the validation of each device.
 * @super: address of the superblock that zram_check_super() saw
 * @offset: from a physical address to the pointer that @map returned for it
 * @segtab_pages: pages of the segment table; counted
 * @objects: objects in use in all spans; counted
 * @raw_pages: raw pages in all segments; counted
 * @table_pages: slot table pages in all segments; counted
 * @bad_pages: pages that are faulty; counted
 * @same_pages: as in the superblock; counted
 * @compr_bytes: as in the superblock; counted
 */
struct zram_check {
	const void *(*map)(void *map_data, __u64 phys, __u64 len);
	void *map_data;
	__u64 *segments;
	__u64 max_segments;
	__u64 nr_segments;
	const char *reason;
	__u64 where;
	__u64 record;
	__u64 super;
	unsigned long offset;
	__u64 segtab_pages;
	__u64 objects;
	__u64 raw_pages;
	__u64 table_pages;
	__u64 bad_pages;
	__u64 same_pages;
	__u64 compr_bytes;
};

/**
 * zram_check_knows() - is what is beyond the envelope of a known version?
 * @super: superblock that zram_check_super() has passed
 *
 * Return: whether its fields mean what this driver thinks.
 */
static inline bool zram_check_knows(const struct zram_persist_super *super)
{
	return super->version >= ZRAM_PERSIST_OLDEST &&
	       super->version <= ZRAM_PERSIST_VERSION;
}

enum zram_check_result
zram_check_record(struct zram_check *check, __u64 phys, __u64 size,
		  const struct zram_persist_record **record);
enum zram_check_result
zram_check_outgoing(struct zram_check *check, __u64 phys,
		    const struct zram_persist_record **record);
enum zram_check_result
zram_check_super(struct zram_check *check, __u64 phys,
		 const struct zram_persist_super **super);
enum zram_check_result
zram_check_count(struct zram_check *check,
		 const struct zram_persist_super *super);
enum zram_check_result
zram_check_envelope(struct zram_check *check,
		    const struct zram_persist_super *super);
enum zram_check_result
zram_check_fields(struct zram_check *check,
		  const struct zram_persist_super *super);
enum zram_check_result
zram_check_contents(struct zram_check *check,
		    const struct zram_persist_super *super);
enum zram_check_result
zram_check_disjoint(struct zram_check *check,
		    const struct zram_persist_super *super,
		    struct zram_check *other,
		    const struct zram_persist_super *other_super);

#endif /* _ZRAM_CHECK_H_ */
