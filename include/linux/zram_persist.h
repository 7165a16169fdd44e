/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Handover format of persistent zram.
 *
 * This file holds the format and nothing else. It compiles in the kernel and
 * in user space, so that the driver, the checker, the fuzzer and the tools
 * read the same definitions.
 */
#ifndef _LINUX_ZRAM_PERSIST_H
#define _LINUX_ZRAM_PERSIST_H

#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/build_bug.h>
#else
#include <assert.h>
#endif

/**
 * DOC: The contract
 *
 * Everything below lies in physical memory that Kexec HandOver (KHO) carries
 * from one kernel into the next. It is a contract between kernels, and with
 * user space tools. Any change to a structure, or to what a value means,
 * needs a new feature bit or a new ZRAM_PERSIST_VERSION.
 *
 * All numbers are in the byte order of the machine; the fingerprint in the
 * superblock makes kernels of different byte order, page size or granule
 * refuse each other. All addresses are physical, in bytes. Nothing here
 * depends on the kernel configuration, on the number of CPUs or on KASLR.
 * CRC32C is computed as crc32c() does: the start is ~0, and the result is not
 * inverted.
 *
 * ::
 *
 *   KHO subtree "zram"
 *        |
 *        v
 *   handover record -- superblock[0] --> superblock of one device
 *                      superblock[1]       |            |
 *                      ...                 v            v
 *                                 segment table    slot table root
 *                                          |            |
 *                                          v            v
 *                                 segments, each a   slot table pages, which
 *                                 header and spans   lie in the segments too
 *
 * The *envelope* is what a driver must understand to keep a device intact
 * without understanding the rest: the handover record, the superblock up to
 * and including &zram_persist_super.nr_segments, and for each entry of the
 * segment table its address and order. The envelope never changes meaning.
 */

/** ZRAM_PERSIST_NODE - name of the KHO subtree with the handover record */
#define ZRAM_PERSIST_NODE		"zram"

/** ZRAM_PERSIST_VERSION - version of everything beyond the envelope */
#define ZRAM_PERSIST_VERSION		1

/** ZRAM_PERSIST_RECORD_VERSION - version of the handover record itself */
#define ZRAM_PERSIST_RECORD_VERSION	1

/* Magic numbers: eight ASCII characters, first character in the low byte. */
#define ZRAM_PERSIST_RECORD_MAGIC	0x4452434552525a50ULL	/* PZRRECRD */
#define ZRAM_PERSIST_SUPER_MAGIC	0x4b4c425352505a50ULL	/* PZPRSBLK */
#define ZRAM_PERSIST_SEGTAB_MAGIC	0x4254474553505a50ULL	/* PZPSEGTB */

/** ZRAM_PERSIST_SEGMENT_MAGIC - first word of a segment header */
#define ZRAM_PERSIST_SEGMENT_MAGIC	0x53505a53U		/* SZPS */

/** ZRAM_PERSIST_PAGE_SHIFT - the only page size that this format knows */
#define ZRAM_PERSIST_PAGE_SHIFT		12
#define ZRAM_PERSIST_PAGE_SIZE		4096U

/** ZRAM_PERSIST_GRANULE_SHIFT - objects start at and fill 16-byte granules */
#define ZRAM_PERSIST_GRANULE_SHIFT	4
#define ZRAM_PERSIST_GRANULE		16U

/** ZRAM_PERSIST_MAX_ORDER - order of a segment by preference, and at most */
#define ZRAM_PERSIST_MAX_ORDER		9

/** ZRAM_PERSIST_MAX_DEVICES - superblocks that one handover record can name */
#define ZRAM_PERSIST_MAX_DEVICES	504

/** ZRAM_PERSIST_MAX_LEVELS - levels of a slot table: 512^4 slots */
#define ZRAM_PERSIST_MAX_LEVELS		4
#define ZRAM_PERSIST_FANOUT_SHIFT	9
#define ZRAM_PERSIST_FANOUT		512U

/* ZRAM_PERSIST_MAX_SLOTS - slots of a device: what an owner field can name */
#define ZRAM_PERSIST_MAX_SLOTS		0x1000000000ULL

/** ZRAM_PERSIST_CODECS - codecs that one device can use at a time */
#define ZRAM_PERSIST_CODECS		4
#define ZRAM_PERSIST_CODEC_NAME		16
#define ZRAM_PERSIST_NAME		64

/** ZRAM_PERSIST_BYTE_ORDER - as the kernel that wrote it stores the number */
#define ZRAM_PERSIST_BYTE_ORDER		0x01020304U

/**
 * enum zram_persist_record_state - who may use the handover record
 * @ZRAM_PERSIST_OUTGOING: written by the kernel that hands over
 * @ZRAM_PERSIST_CONSUMED: the kernel that received it has taken what it names;
 *	a module that is loaded again must not take it twice
 */
enum zram_persist_record_state {
	ZRAM_PERSIST_OUTGOING	= 1,
	ZRAM_PERSIST_CONSUMED	= 2,
};

/**
 * struct zram_persist_record - handover record, one page
 * @magic: %ZRAM_PERSIST_RECORD_MAGIC
 * @version: %ZRAM_PERSIST_RECORD_VERSION
 * @size: bytes of this structure, 4096
 * @crc: CRC32C of the page with @crc and @state taken as zero
 * @state: &enum zram_persist_record_state; the only field that the receiving
 *	kernel changes
 * @nr_devices: entries in use in @superblock
 * @reserved: zero
 * @superblock: physical addresses of the superblocks, one per device
 */
struct zram_persist_record {
	__u64 magic;
	__u32 version;
	__u32 size;
	__u32 crc;
	__u32 state;
	__u32 nr_devices;
	__u32 reserved[9];
	__u64 superblock[ZRAM_PERSIST_MAX_DEVICES];
};

/**
 * enum zram_persist_seal - what the previous kernel says of a device
 * @ZRAM_PERSIST_OPEN: in use when the kernel was left: contents not to be used
 * @ZRAM_PERSIST_SEALED: writes had stopped and every checksum was written
 * @ZRAM_PERSIST_SEAL_FAILED: could not be sealed: contents not to be used
 */
enum zram_persist_seal {
	ZRAM_PERSIST_OPEN	 = 1,
	ZRAM_PERSIST_SEALED	 = 2,
	ZRAM_PERSIST_SEAL_FAILED = 3,
};

/**
 * struct zram_persist_codec - one compression algorithm of a device
 * @name: name as in comp_algorithm, NUL-terminated; empty if not in use
 * @level: compression level, or %ZRAM_PERSIST_LEVEL_DEFAULT
 * @reserved: zero
 */
struct zram_persist_codec {
	char name[ZRAM_PERSIST_CODEC_NAME];
	__s32 level;
	__u32 reserved[3];
};

/** ZRAM_PERSIST_LEVEL_DEFAULT - the codec's own default level */
#define ZRAM_PERSIST_LEVEL_DEFAULT	(-2147483647 - 1)

/**
 * struct zram_persist_super - superblock of one device, one page
 * @magic: %ZRAM_PERSIST_SUPER_MAGIC
 * @version: %ZRAM_PERSIST_VERSION
 * @size: bytes of this structure, 4096
 * @crc: CRC32C of the page with @crc taken as zero
 * @seal: &enum zram_persist_seal
 * @uuid: identity of the device, for its whole life
 * @segtab: address of the first page of the segment table, or 0
 * @nr_segments: segments listed in the segment table; the envelope ends here
 * @compat: features that a driver which does not know them may ignore
 * @ro_compat: features that forbid writing to a driver which does not know
 *	them
 * @incompat: features that forbid attaching to a driver which does not know
 *	them
 * @byte_order: %ZRAM_PERSIST_BYTE_ORDER
 * @page_shift: %ZRAM_PERSIST_PAGE_SHIFT
 * @granule_shift: %ZRAM_PERSIST_GRANULE_SHIFT
 * @max_order: %ZRAM_PERSIST_MAX_ORDER
 * @slot_levels: levels of the slot table, 1..%ZRAM_PERSIST_MAX_LEVELS
 * @index: N of /dev/zramN, a minor number: less than 2^20
 * @hops: kexecs that the device has survived, including the coming one
 * @disksize: bytes
 * @slot_root: location of the root page of the slot table, or 0 if no slot
 *	was ever written; see &struct zram_persist_segment for locations
 * @mem_limit: most memory that the pool may take, in pages, or 0
 * @pages_stored: slots that are not empty
 * @same_pages: slots whose value is in the slot itself, and objects of codec
 *	%ZRAM_PERSIST_CODEC_SAME
 * @raw_pages: slots that hold an uncompressed page
 * @compr_bytes: bytes of compressed data in all objects, and of raw pages
 * @codec: compression algorithms, by the number that objects carry
 * @name: name given by the user, NUL-terminated, or empty
 * @seal_ns: time that sealing took, in nanoseconds, of the last hop
 * @reserved0: zero
 * @reserved: zero
 */
struct zram_persist_super {
	__u64 magic;
	__u32 version;
	__u32 size;
	__u32 crc;
	__u32 seal;
	__u8 uuid[16];
	__u64 segtab;
	__u64 nr_segments;

	__u32 compat;
	__u32 ro_compat;
	__u32 incompat;
	__u32 byte_order;
	__u8 page_shift;
	__u8 granule_shift;
	__u8 max_order;
	__u8 slot_levels;
	__u32 index;
	__u32 hops;
	__u32 reserved0;
	__u64 disksize;
	__u64 slot_root;
	__u64 mem_limit;
	__u64 pages_stored;
	__u64 same_pages;
	__u64 raw_pages;
	__u64 compr_bytes;
	struct zram_persist_codec codec[ZRAM_PERSIST_CODECS];
	char name[ZRAM_PERSIST_NAME];
	__u64 seal_ns;
	__u64 reserved[469];
};

/* Feature words that this version of the format knows: none so far. */
#define ZRAM_PERSIST_COMPAT_KNOWN	0U
#define ZRAM_PERSIST_RO_COMPAT_KNOWN	0U
#define ZRAM_PERSIST_INCOMPAT_KNOWN	0U

/**
 * enum zram_persist_kind - what a page of a segment is used for
 * @ZRAM_PERSIST_FREE: nothing; the whole descriptor is zero
 * @ZRAM_PERSIST_SPAN: first page of a span
 * @ZRAM_PERSIST_SPAN_TAIL: any other page of a span
 * @ZRAM_PERSIST_RAW: an uncompressed page, named by a raw descriptor object
 * @ZRAM_PERSIST_TABLE: a page of the slot table
 * @ZRAM_PERSIST_HEADED: in the segment table only: the segment has a header
 *	with the descriptors of its pages
 */
enum zram_persist_kind {
	ZRAM_PERSIST_FREE	= 0,
	ZRAM_PERSIST_SPAN	= 1,
	ZRAM_PERSIST_SPAN_TAIL	= 2,
	ZRAM_PERSIST_RAW	= 3,
	ZRAM_PERSIST_TABLE	= 4,
	ZRAM_PERSIST_HEADED	= 5,
};

/** ZRAM_PERSIST_MAX_SPAN - pages of a span at most */
#define ZRAM_PERSIST_MAX_SPAN		16

/**
 * struct zram_persist_page - descriptor of one page of a segment
 * @kind: low four bits: &enum zram_persist_kind. High four bits: for a SPAN
 *	the pages of the span less one, else zero.
 * @arg: SPAN: object size in granules (2..253). SPAN_TAIL: pages back to the
 *	first page of the span. TABLE: level, 0 for a page of slots. Else zero.
 * @count: SPAN: objects in use, at least one. Else zero.
 * @crc: SPAN: CRC32C of the bitmap words of the span. TABLE: CRC32C of the
 *	page. HEADED: CRC32C of the header. Else zero. Written by the seal, and
 *	without meaning before it.
 */
struct zram_persist_page {
	__u8 kind;
	__u8 arg;
	__u16 count;
	__u32 crc;
};

/**
 * struct zram_persist_segment - header of a segment, at its start
 * @magic: %ZRAM_PERSIST_SEGMENT_MAGIC
 * @order: order of the segment
 * @reserved: zero
 * @page: descriptors. That of page p >= 1 is @page[p - 1]; that of page 0 is
 *	@page[2^order - 1] and exists only below %ZRAM_PERSIST_MAX_ORDER, where
 *	the header leaves room for objects in page 0.
 *
 * A segment is 2^order pages, naturally aligned, so that the address of an
 * object and the order of its segment give the header by masking. Those two
 * together are called a *location*: the address with the order in its low
 * four bits, which are zero in every granule address.
 *
 * The header of a segment of %ZRAM_PERSIST_MAX_ORDER fills exactly its first
 * page. In smaller ones a span that begins with page 0 begins behind the
 * header, at the next granule boundary.
 *
 * A segment without a header (kind RAW or TABLE in the segment table) is a
 * single page of order 0.
 */
struct zram_persist_segment {
	__u32 magic;
	__u8 order;
	__u8 reserved[3];
	struct zram_persist_page page[];
};

/**
 * struct zram_persist_segtab_entry - one segment
 * @location: address and, in the low four bits, order of the segment; 0 for
 *	an entry that is not in use
 * @page: descriptor of the segment as a whole, of kind HEADED, RAW or TABLE
 */
struct zram_persist_segtab_entry {
	__u64 location;
	struct zram_persist_page page;
};

#define ZRAM_PERSIST_SEGTAB_ENTRIES	254

/**
 * struct zram_persist_segtab - one page of the segment table
 * @magic: %ZRAM_PERSIST_SEGTAB_MAGIC
 * @next: address of the next page, or 0
 * @crc: CRC32C of the page with @crc taken as zero
 * @index: number of this page, counted from 0, which also ends every cycle
 * @reserved: zero
 * @entry: segments, in no order, with unused entries between them
 */
struct zram_persist_segtab {
	__u64 magic;
	__u64 next;
	__u32 crc;
	__u32 index;
	__u64 reserved;
	struct zram_persist_segtab_entry entry[ZRAM_PERSIST_SEGTAB_ENTRIES];
};

/**
 * struct zram_persist_span - start of a span
 * @scratch: belongs to the running kernel, which keeps the order in which it
 *	fills the spans of a size class here, in locations. Of no meaning to
 *	the next kernel and not checked by it.
 * @bitmap: one bit per object, set if in use; as many 64-bit words as the
 *	span has objects for. Bits beyond the last object are zero.
 *
 * The objects follow at the next granule boundary.
 */
struct zram_persist_span {
	__u64 scratch[2];
	__u64 bitmap[];
};

/**
 * enum zram_persist_object_codec - codec numbers beyond the device's own
 * @ZRAM_PERSIST_CODEC_RAW: payload is a &struct zram_persist_raw
 * @ZRAM_PERSIST_CODEC_SAME: payload is one 64-bit word that fills the page
 */
enum zram_persist_object_codec {
	ZRAM_PERSIST_CODEC_RAW	= 0xf0,
	ZRAM_PERSIST_CODEC_SAME	= 0xf1,
};

/**
 * struct zram_persist_object - header of an object
 * @owner_lo: low 32 bits of the number of the slot that owns the object
 * @owner_hi: bits 32..35 of it
 * @codec: index into &zram_persist_super.codec, or
 *	&enum zram_persist_object_codec
 * @len: bytes of payload that follow
 * @crc: CRC32C of the eight bytes before it, continued over the payload
 * @ac_time: reserved for access times, zero
 */
struct zram_persist_object {
	__u32 owner_lo;
	__u8 owner_hi;
	__u8 codec;
	__u16 len;
	__u32 crc;
	__u32 ac_time;
};

/**
 * struct zram_persist_raw - payload of a raw descriptor object
 * @location: of the page that holds the data
 * @crc: CRC32C of that page
 * @reserved: zero
 */
struct zram_persist_raw {
	__u64 location;
	__u32 crc;
	__u32 reserved;
};

/** ZRAM_PERSIST_MAX_OBJECT - bytes of an object, header included, at most */
#define ZRAM_PERSIST_MAX_OBJECT		4048
#define ZRAM_PERSIST_MIN_OBJECT		32

/**
 * DOC: Slots
 *
 * A slot is 64 bits, and zero if the page was never written or was discarded:
 *
 * ====== ==================================================================
 * bits   meaning
 * ====== ==================================================================
 * 0-3    &enum zram_persist_slot_kind
 * 4-11   flags, none defined
 * 12-15  OBJECT, RAW: order of the segment that holds the object
 * 16-63  OBJECT, RAW: address of the object in granules.
 *        SAME: the word that fills the page, sign-extended from 48 bits.
 *        REPEAT: 32 bits that fill the page, repeated; bits 48-63 are zero.
 * ====== ==================================================================
 *
 * Entries of the upper levels of the slot table are locations of pages.
 */

/**
 * enum zram_persist_slot_kind - what a slot holds
 * @ZRAM_PERSIST_SLOT_EMPTY: nothing; reads as zeros
 * @ZRAM_PERSIST_SLOT_SAME: a word of 48 significant bits that fills the page
 * @ZRAM_PERSIST_SLOT_REPEAT: a word of 32 bits that fills the page
 * @ZRAM_PERSIST_SLOT_OBJECT: address of a compressed object
 * @ZRAM_PERSIST_SLOT_RAW: address of a raw descriptor object
 */
enum zram_persist_slot_kind {
	ZRAM_PERSIST_SLOT_EMPTY		= 0,
	ZRAM_PERSIST_SLOT_SAME		= 1,
	ZRAM_PERSIST_SLOT_REPEAT	= 2,
	ZRAM_PERSIST_SLOT_OBJECT	= 3,
	ZRAM_PERSIST_SLOT_RAW		= 4,
};

#define ZRAM_PERSIST_SLOT_KIND_MASK	0xfULL
#define ZRAM_PERSIST_SLOT_FLAGS_MASK	0xff0ULL
#define ZRAM_PERSIST_SLOT_ORDER_SHIFT	12
#define ZRAM_PERSIST_SLOT_ADDR_SHIFT	16
#define ZRAM_PERSIST_LOCATION_ORDER	0xfULL

#define ZRAM_PERSIST_ASSERT_SIZE(type, bytes) \
	static_assert(sizeof(struct type) == (bytes), \
		      #type " must be " #bytes " bytes")

ZRAM_PERSIST_ASSERT_SIZE(zram_persist_record, 4096);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_codec, 32);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_super, 4096);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_page, 8);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_segment, 8);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_segtab_entry, 16);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_segtab, 4096);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_span, 16);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_object, 16);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_raw, 16);

/**
 * zram_persist_page_kind() - kind of a page
 * @page: descriptor
 *
 * Return: &enum zram_persist_kind, or a number that it does not have.
 */
static inline unsigned int
zram_persist_page_kind(const struct zram_persist_page *page)
{
	return page->kind & 0xf;
}

/**
 * zram_persist_span_pages() - pages of the span that a descriptor begins
 * @page: descriptor of kind SPAN
 *
 * Return: 1..%ZRAM_PERSIST_MAX_SPAN.
 */
static inline unsigned int
zram_persist_span_pages(const struct zram_persist_page *page)
{
	return (page->kind >> 4) + 1;
}

/**
 * zram_persist_page_index() - place of a page's descriptor in the header
 * @page: number of the page in its segment
 * @order: order of the segment
 *
 * Return: index into &zram_persist_segment.page.
 */
static inline unsigned int
zram_persist_page_index(unsigned int page, unsigned int order)
{
	return (page ? page : 1U << order) - 1;
}

/**
 * zram_persist_header_bytes() - size of a segment header
 * @order: order of the segment
 *
 * Return: bytes, a multiple of eight.
 */
static inline unsigned int zram_persist_header_bytes(unsigned int order)
{
	unsigned int pages = 1U << order;

	if (order < ZRAM_PERSIST_MAX_ORDER)
		pages++;
	return pages * sizeof(struct zram_persist_page);
}

/**
 * struct zram_persist_geometry - where the parts of a span lie
 * @start: bytes from the start of the segment to the span
 * @words: 64-bit words of the bitmap
 * @first: bytes from the start of the segment to the first object
 * @objects: objects in the span
 */
struct zram_persist_geometry {
	__u32 start;
	__u32 words;
	__u32 first;
	__u32 objects;
};

/**
 * zram_persist_span_geometry() - lay out a span
 * @order: order of the segment
 * @page: number of the first page of the span in its segment
 * @pages: pages of the span
 * @size: bytes of an object, a multiple of the granule
 *
 * The number of objects is the largest for which span header, bitmap and
 * objects fit. It is found by taking one object after another away from an
 * upper bound that ignores the bitmap; the bitmap is so small that one or two
 * steps do for every size.
 *
 * Return: the layout, with no objects if not even one fits.
 */
static inline struct zram_persist_geometry
zram_persist_span_geometry(unsigned int order, unsigned int page,
			   unsigned int pages, unsigned int size)
{
	struct zram_persist_geometry g = { 0, 0, 0, 0 };
	__u32 end = (page + pages) << ZRAM_PERSIST_PAGE_SHIFT;
	__u32 mask = ZRAM_PERSIST_GRANULE - 1;

	g.start = page << ZRAM_PERSIST_PAGE_SHIFT;
	if (!page)
		g.start = (zram_persist_header_bytes(order) + mask) & ~mask;
	g.objects = (end - g.start - sizeof(struct zram_persist_span)) / size;

	for (; g.objects; g.objects--) {
		g.words = (g.objects + 63) / 64;
		g.first = g.start + sizeof(struct zram_persist_span) +
			  g.words * sizeof(__u64);
		g.first = (g.first + mask) & ~mask;
		if (g.first + g.objects * size <= end)
			break;
	}
	return g;
}

#endif /* _LINUX_ZRAM_PERSIST_H */
