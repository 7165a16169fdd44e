/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Persistent allocator for compressed pages.
 */
#ifndef _LINUX_ZSMALLOC_PERSIST_H
#define _LINUX_ZSMALLOC_PERSIST_H

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/types.h>
#include <linux/zram_persist.h>

struct zsp_pool;

/**
 * struct zsp_handover_ops - how a pool's memory reaches the next kernel
 * @preserve: let @folio join the handover. May sleep. Returns 0 or an errno.
 * @unpreserve: take @folio out again. May sleep.
 * @restore: turn memory that the previous kernel preserved at a physical
 *	address back into the folio it was. Returns NULL if it was not
 *	preserved, or was restored before. May sleep.
 * @touch: provide for all later calls of @preserve on memory of this machine,
 *	so that these allocate nothing. May sleep. Returns 0 or an errno.
 */
struct zsp_handover_ops {
	int (*preserve)(struct folio *folio);
	void (*unpreserve)(struct folio *folio);
	struct folio *(*restore)(phys_addr_t phys);
	int (*touch)(void);
};

/**
 * struct zsp_stats - what a pool takes and holds
 * @pages: pages taken from the page allocator: segments, including the
 *	reserve, and the segment table
 * @max_pages: most of @pages since the pool was made, or since
 *	zsp_reset_max_pages()
 * @limit_pages: most that @pages may become, or 0
 * @segments: segments
 * @large_segments: those of %ZRAM_PERSIST_MAX_ORDER
 * @empty_segments: those that hold nothing: the reserve, and what is leaving
 * @empty_pages: pages of these, without headers
 * @joined_segments: those that are in the handover
 * @free_pages: pages of segments in which nothing is stored
 * @header_pages: pages of large segments taken by their headers
 * @table_pages: pages of the segment table
 * @slot_table_pages: pages given out as %ZRAM_PERSIST_TABLE
 * @raw_pages: pages given out as %ZRAM_PERSIST_RAW
 * @span_pages: pages of spans
 * @bad_pages: pages that are faulty
 * @idle_bad_pages: those of them on which there is nothing
 * @stuck_pages: others of their segments on which there is nothing
 * @compacted_pages: pages that compaction has made free, ever
 * @objects: objects in use
 * @object_bytes: bytes of their payloads, each rounded up to granules
 */
struct zsp_stats {
	u64 pages;
	u64 max_pages;
	u64 limit_pages;
	u64 segments;
	u64 large_segments;
	u64 empty_segments;
	u64 empty_pages;
	u64 joined_segments;
	u64 free_pages;
	u64 header_pages;
	u64 table_pages;
	u64 slot_table_pages;
	u64 raw_pages;
	u64 span_pages;
	u64 bad_pages;
	u64 idle_bad_pages;
	u64 stuck_pages;
	u64 compacted_pages;
	u64 objects;
	u64 object_bytes;
};

/**
 * struct zsp_object - what an object is
 * @owner: number of the slot that names it
 * @codec: &zram_persist_super.codec that it belongs to, or
 *	%ZRAM_PERSIST_CODEC_SAME
 * @len: bytes of its payload, 1..%ZRAM_PERSIST_MAX_PAYLOAD
 * @crc: its checksum: from zsp_object_crc() for whoever stores it
 */
struct zsp_object {
	u64 owner;
	unsigned int codec;
	unsigned int len;
	u32 crc;
};

/**
 * typedef zsp_move_fn - move what a slot names
 * @data: from zsp_set_mover()
 * @owner: number of the slot, of which only the bits %ZRAM_PERSIST_RAW_OWNER
 *	are known if @raw
 * @location: what is to be moved
 * @raw: a raw page
 *
 * Finds the slot, and if it names @location, calls zsp_move() or
 * zsp_move_raw() and lets the slot name the new location, all under a lock
 * that excludes changes of the slot. Must not sleep.
 *
 * Return: 0, -ENOENT if the slot does not name @location, or what zsp_move()
 * returns.
 */
typedef int (*zsp_move_fn)(void *data, u64 owner, u64 location, bool raw);

struct zsp_pool *zsp_create_pool(const char *name,
				 const struct zsp_handover_ops *ops);
struct zsp_pool *zsp_attach_pool(const char *name,
				 const struct zsp_handover_ops *ops,
				 u64 segtab, bool join, u64 reserve);
void zsp_destroy_pool(struct zsp_pool *pool);
void zsp_abandon_pool(struct zsp_pool *pool);

u32 zsp_object_crc(const struct zsp_object *object, const void *payload);
int zsp_store(struct zsp_pool *pool, const struct zsp_object *object,
	      const void *payload, gfp_t gfp, u64 *location);
int zsp_overwrite(struct zsp_pool *pool, u64 location,
		  const struct zsp_object *object, const void *payload,
		  struct zsp_object *old);
const void *zsp_open(struct zsp_pool *pool, u64 location, u64 owner,
		     struct zsp_object *object);
void zsp_close(struct zsp_pool *pool, u64 location);
bool zsp_peek(struct zsp_pool *pool, u64 location, struct zsp_object *object);
void zsp_free(struct zsp_pool *pool, u64 location, u64 owner,
	      struct zsp_object *old);

int zsp_store_raw(struct zsp_pool *pool, u64 owner, const void *src, gfp_t gfp,
		  u64 *location);
int zsp_overwrite_raw(struct zsp_pool *pool, u64 location, u64 owner,
		      const void *src);
int zsp_read_raw(struct zsp_pool *pool, u64 location, u64 owner, void *dst);
void zsp_free_raw(struct zsp_pool *pool, u64 location, u64 owner);

int zsp_alloc_table(struct zsp_pool *pool, unsigned int level, gfp_t gfp,
		    u64 *location);
void zsp_free_table(struct zsp_pool *pool, u64 location);

void zsp_set_mover(struct zsp_pool *pool, zsp_move_fn move, void *data);
int zsp_move(struct zsp_pool *pool, u64 location, u64 *to);
int zsp_move_raw(struct zsp_pool *pool, u64 location, u64 *to);
int zsp_compact(struct zsp_pool *pool, unsigned int ms);

int zsp_join(struct zsp_pool *pool);
void zsp_leave(struct zsp_pool *pool);
void zsp_report_bad(u64 segtab);
void zsp_wipe_segment(struct folio *folio);
int zsp_seal(struct zsp_pool *pool, u64 *segtab, u64 *nr_segments);

void zsp_set_limit(struct zsp_pool *pool, u64 pages);
int zsp_set_reserve(struct zsp_pool *pool, u64 pages);
u64 zsp_pages(struct zsp_pool *pool);
u64 zsp_max_pages(struct zsp_pool *pool);
u64 zsp_compacted_pages(struct zsp_pool *pool);
void zsp_reset_max_pages(struct zsp_pool *pool);
void zsp_get_stats(struct zsp_pool *pool, struct zsp_stats *stats);
bool zsp_cannot_seal(struct zsp_pool *pool);
int zsp_verify(struct zsp_pool *pool);

/**
 * zsp_location() - make a location
 * @addr: physical address of a page
 * @order: order of the segment it lies in
 *
 * Return: the location, see &struct zram_persist_segment.
 */
static inline u64 zsp_location(u64 addr, unsigned int order)
{
	return addr | order / 3;
}

/**
 * zsp_location_addr() - address of the page that a location names
 * @location: location
 *
 * Return: physical address in bytes.
 */
static inline u64 zsp_location_addr(u64 location)
{
	return location & PAGE_MASK;
}

/**
 * zsp_location_order() - order of the segment that a location lies in
 * @location: location
 *
 * Return: the order.
 */
static inline unsigned int zsp_location_order(u64 location)
{
	return (location & ZRAM_PERSIST_LOCATION_ORDER) * 3;
}

/**
 * zsp_location_index() - directory entry that a location names
 * @location: of an object
 *
 * Return: index into &zram_persist_span.entry.
 */
static inline unsigned int zsp_location_index(u64 location)
{
	return (location & ZRAM_PERSIST_LOCATION_INDEX) >>
	       ZRAM_PERSIST_LOCATION_INDEX_SHIFT;
}

/**
 * zsp_location_to_virt() - memory of the page that a location names
 * @location: location
 *
 * Pool memory is never highmem.
 *
 * Return: pointer into the direct map.
 */
static inline void *zsp_location_to_virt(u64 location)
{
	return phys_to_virt(zsp_location_addr(location));
}

/**
 * zsp_prefetch_object() - have at hand what it takes to change or free an object
 * @location: of an object, also of one that is not there any more
 *
 * Worth it for who has something else to do meanwhile: the directory of a span
 * that was not used lately is in no cache.
 *
 * Context: Any. Reads nothing.
 */
static inline void zsp_prefetch_object(u64 location)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);

	prefetchw(span);
	prefetchw(&span->entry[zsp_location_index(location)]);
}

#endif /* _LINUX_ZSMALLOC_PERSIST_H */
