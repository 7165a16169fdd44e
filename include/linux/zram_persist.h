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
 *   handover record -- device[0] ------> superblock of one device
 *                      device[1]           |            |
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

/* Tests of how versions meet build modules that have another one. */
#ifndef ZRAM_PERSIST_VERSION
/** ZRAM_PERSIST_VERSION - version of everything beyond the envelope */
#define ZRAM_PERSIST_VERSION		1
#endif

/** ZRAM_PERSIST_OLDEST - oldest such version that is still understood */
#define ZRAM_PERSIST_OLDEST		1

/** ZRAM_PERSIST_RECORD_VERSION - version of the handover record itself */
#define ZRAM_PERSIST_RECORD_VERSION	1

/* Magic numbers: eight ASCII characters, first character in the low byte. */
#define ZRAM_PERSIST_RECORD_MAGIC	0x4452434552525a50ULL	/* PZRRECRD */
#define ZRAM_PERSIST_SUPER_MAGIC	0x4b4c425352505a50ULL	/* PZPRSBLK */
#define ZRAM_PERSIST_DICT_MAGIC		0x5443494453505a50ULL	/* PZPSDICT */
#define ZRAM_PERSIST_SEGTAB_MAGIC	0x4254474553505a50ULL	/* PZPSEGTB */

/** ZRAM_PERSIST_SEGMENT_MAGIC - first word of a segment header */
#define ZRAM_PERSIST_SEGMENT_MAGIC	0x53505a53U		/* SZPS */

/** ZRAM_PERSIST_PAGE_SHIFT - the only page size that this format knows */
#define ZRAM_PERSIST_PAGE_SHIFT		12
#define ZRAM_PERSIST_PAGE_SIZE		4096U

/** ZRAM_PERSIST_GRANULE_SHIFT - objects start at and fill 4-byte granules */
#define ZRAM_PERSIST_GRANULE_SHIFT	2
#define ZRAM_PERSIST_GRANULE		4U

/** ZRAM_PERSIST_MAX_ORDER - order of a segment by preference, and at most */
#define ZRAM_PERSIST_MAX_ORDER		9

/** ZRAM_PERSIST_MAX_DEVICES - superblocks that one handover record can name */
#define ZRAM_PERSIST_MAX_DEVICES	252

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
 * @ZRAM_PERSIST_KEPT: not handed over, nor is what it names: for another module in
 *	the same kernel. No single bit makes it of another state.
 */
enum zram_persist_record_state {
	ZRAM_PERSIST_OUTGOING	= 1,
	ZRAM_PERSIST_CONSUMED	= 2,
	ZRAM_PERSIST_KEPT	= 4,
};

/**
 * struct zram_persist_device - entry of the handover record
 * @superblock: physical address of the superblock of the device
 * @held_hops: kernels that have held the device, one after the other, instead
 *	of attaching it
 * @reserved: zero
 */
struct zram_persist_device {
	__u64 superblock;
	__u32 held_hops;
	__u32 reserved;
};

/**
 * struct zram_persist_record - handover record, one page
 * @magic: %ZRAM_PERSIST_RECORD_MAGIC
 * @version: %ZRAM_PERSIST_RECORD_VERSION
 * @size: bytes of this structure, 4096
 * @crc: CRC32C of the page with @crc taken as zero
 * @state: &enum zram_persist_record_state
 * @nr_devices: entries in use in @device
 * @reserved0: zero
 * @outgoing: 0 in a record that is handed over. A kernel that received it
 *	notes here the address of its own record while it has
 *	one and the module that made it is not loaded: what that record names
 *	is held.
 * @reserved: zero
 * @device: the devices
 *
 * The receiving kernel changes @state, @outgoing and @crc, and nothing else.
 */
struct zram_persist_record {
	__u64 magic;
	__u32 version;
	__u32 size;
	__u32 crc;
	__u32 state;
	__u32 nr_devices;
	__u32 reserved0;
	__u64 outgoing;
	__u64 reserved[3];
	struct zram_persist_device device[ZRAM_PERSIST_MAX_DEVICES];
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
 * @winbits: of deflate: logarithm of its window, negative for streams without
 *	header, or %ZRAM_PERSIST_WINBITS_DEFAULT
 * @dict: location of the first page of the dictionary, or 0
 * @dict_len: bytes of the dictionary, or 0
 * @reserved: zero
 *
 * A codec that is not in use has no dictionary.
 */
struct zram_persist_codec {
	char name[ZRAM_PERSIST_CODEC_NAME];
	__s32 level;
	__s32 winbits;
	__u64 dict;
	__u32 dict_len;
	__u32 reserved;
};

/** ZRAM_PERSIST_LEVEL_DEFAULT - the codec's own default level */
#define ZRAM_PERSIST_LEVEL_DEFAULT	(-2147483647 - 1)

/** ZRAM_PERSIST_WINBITS_DEFAULT - the same as -11, for ever */
#define ZRAM_PERSIST_WINBITS_DEFAULT	(-2147483647 - 1)

#define ZRAM_PERSIST_DICT_DATA		4080

/**
 * struct zram_persist_dict - page of a dictionary
 * @magic: %ZRAM_PERSIST_DICT_MAGIC
 * @next: location of the next page, or 0 if this is the last
 * @data: the next bytes of the dictionary; zeros behind its end
 *
 * A page of kind TABLE and of level %ZRAM_PERSIST_LEVEL_DICT. All but the last
 * page are full.
 */
struct zram_persist_dict {
	__u64 magic;
	__u64 next;
	__u8 data[ZRAM_PERSIST_DICT_DATA];
};

/** ZRAM_PERSIST_LEVEL_DICT - in place of a level of the slot table */
#define ZRAM_PERSIST_LEVEL_DICT		15

/**
 * struct zram_persist_super - superblock of one device, one page
 * @magic: %ZRAM_PERSIST_SUPER_MAGIC
 * @version: %ZRAM_PERSIST_VERSION of the driver that wrote it
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
 * @mem_limit: most memory that the pool may take, in pages, or 0; in bytes it
 *	fits into 64 bits
 * @mem_reserve: least memory that the pool keeps, in pages, or 0; likewise
 * @pages_stored: slots that are not empty
 * @same_pages: slots whose value is in the slot itself, and objects of codec
 *	%ZRAM_PERSIST_CODEC_SAME; see %ZRAM_PERSIST_INCOMPAT_BAD
 * @raw_pages: slots that hold an uncompressed page
 * @compr_bytes: bytes of compressed data in all objects, and of raw pages; see
 *	%ZRAM_PERSIST_INCOMPAT_BAD
 * @codec: compression algorithms, by the number that objects carry
 * @name: name given by the user, NUL-terminated, or empty: letters and digits
 *	of ASCII, ".", "_" and "-", not beginning with "." or "-"
 * @seal_ns: time that sealing took, in nanoseconds, of the last hop
 * @clock: the device's clock at the seal: seconds that its kernels were up, and
 *	that the kexecs took; it does not go backwards
 * @wall_clock: seconds since 1970 at the seal, as far as the kernel knew
 * @time_root: location of the root page of the table of access times, or 0 if
 *	there is none
 * @backing_uuid: identity of the backing device, see &struct
 *	zram_persist_backing; zero if there is none
 * @backing_blocks: its blocks, or 0
 * @backed_pages: slots with the flag %ZRAM_PERSIST_SLOT_WRITTEN_BACK
 * @writeback_limit: blocks that may still be written, if
 *	%ZRAM_PERSIST_WRITEBACK_LIMITED
 * @writeback_batch: requests in flight at most, or 0 for the default
 * @writeback_flags: &enum zram_persist_writeback_flag
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
	__u64 mem_reserve;
	__u64 pages_stored;
	__u64 same_pages;
	__u64 raw_pages;
	__u64 compr_bytes;
	struct zram_persist_codec codec[ZRAM_PERSIST_CODECS];
	char name[ZRAM_PERSIST_NAME];
	__u64 seal_ns;
	__u64 clock;
	__s64 wall_clock;
	__u64 time_root;
	__u8 backing_uuid[16];
	__u64 backing_blocks;
	__u64 backed_pages;
	__u64 writeback_limit;
	__u32 writeback_batch;
	__u32 writeback_flags;
	__u64 reserved[455];
};

/**
 * enum zram_persist_writeback_flag - how a device writes pages back
 * @ZRAM_PERSIST_WRITEBACK_LIMITED: writeback_limit_enable is set
 * @ZRAM_PERSIST_WRITEBACK_COMPRESSED: compressed_writeback is set
 * @ZRAM_PERSIST_WRITEBACK_UNDER_WAY: the seal came while pages were written
 *	back: slots may have the flag %ZRAM_PERSIST_SLOT_PICKED
 */
enum zram_persist_writeback_flag {
	ZRAM_PERSIST_WRITEBACK_LIMITED		= 1,
	ZRAM_PERSIST_WRITEBACK_COMPRESSED	= 2,
	ZRAM_PERSIST_WRITEBACK_UNDER_WAY	= 4,
};

/* Incompat features that all devices make use of: none so far, but in tests. */
#ifndef ZRAM_PERSIST_INCOMPAT_USED
#define ZRAM_PERSIST_INCOMPAT_USED	0U
#endif

/**
 * ZRAM_PERSIST_INCOMPAT_BAD - incompat feature of devices with faulty pages
 *
 * Pages may be %ZRAM_PERSIST_BAD, and spans %ZRAM_PERSIST_SPAN_LOST. What such
 * a span held is not known any more. So if there is one,
 * &zram_persist_super.same_pages and &zram_persist_super.compr_bytes are not
 * less than what can be counted, and may be more. A device that has no faulty
 * page does not have the feature, and can go to a driver that does not know it.
 */
#define ZRAM_PERSIST_INCOMPAT_BAD	1U

/**
 * ZRAM_PERSIST_COMPAT_SWAP - compat feature of devices that are swap
 *
 * The last that was written to the device was swapped out. If its first page is a
 * swap header, nobody needs the pages any more that the header calls swap.
 */
#define ZRAM_PERSIST_COMPAT_SWAP	1U

/* Feature words that this version of the format knows. */
#define ZRAM_PERSIST_COMPAT_KNOWN	ZRAM_PERSIST_COMPAT_SWAP
#define ZRAM_PERSIST_RO_COMPAT_KNOWN	0U
#define ZRAM_PERSIST_INCOMPAT_KNOWN \
	(ZRAM_PERSIST_INCOMPAT_USED | ZRAM_PERSIST_INCOMPAT_BAD)

/**
 * enum zram_persist_kind - what a page of a segment is used for
 * @ZRAM_PERSIST_FREE: nothing; the whole descriptor is zero
 * @ZRAM_PERSIST_SPAN: first page of a span
 * @ZRAM_PERSIST_SPAN_TAIL: any other page of a span
 * @ZRAM_PERSIST_RAW: an uncompressed page, named by a slot
 * @ZRAM_PERSIST_TABLE: a page of the slot table, of that of access times, or
 *	of a dictionary
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

#define ZRAM_PERSIST_KIND_MASK		0x7U

/**
 * ZRAM_PERSIST_BAD - bit of &zram_persist_page.kind: the page is faulty
 *
 * The processor, or whoever else looks after memory, has reported an error of
 * it. Nobody reads or writes the page any more, and it is given to nobody: once
 * what it is used for is gone it is FREE and still has the bit. Pages with
 * metadata never have it, but for those of a span: a device that cannot do
 * without a page that is faulty is not handed over.
 */
#define ZRAM_PERSIST_BAD		0x8U

/**
 * ZRAM_PERSIST_SPAN_LOST - &zram_persist_page.arg of a SPAN without directory
 *
 * Its header or a part of its directory is on a page that is faulty: nothing of
 * the span can be read, and its pages stay with it as long as there is the
 * device. Slots go on naming objects in it until they are written or discarded,
 * by an index that the directory of a span so long can have.
 */
#define ZRAM_PERSIST_SPAN_LOST		1U

/**
 * ZRAM_PERSIST_MAX_SPAN - pages of a span at most
 *
 * 2^3 - 1, 2^6 - 1 and 2^9 - 1 are multiples of seven: the pages of a segment
 * behind its header can be cut into such spans with nothing left over.
 */
#define ZRAM_PERSIST_MAX_SPAN		7

/**
 * struct zram_persist_page - descriptor of one page of a segment
 * @kind: low three bits: &enum zram_persist_kind. Then %ZRAM_PERSIST_BAD. High
 *	four bits: for a SPAN the pages of the span less one; for RAW bits
 *	24..27 of the owner; else zero.
 * @arg: SPAN: %ZRAM_PERSIST_SPAN_LOST or zero. SPAN_TAIL: pages back to the
 *	first page of the span. TABLE: level, 0 for a page of slots;
 *	%ZRAM_PERSIST_TABLE_TIMES more for the table of access times;
 *	%ZRAM_PERSIST_LEVEL_DICT for a page of a dictionary. RAW: bits 16..23
 *	of the owner. Else zero.
 * @count: RAW: bits 0..15 of the owner, which is the number of the slot that
 *	names the page; higher bits are not kept. Else zero.
 * @crc: SPAN: CRC32C of the span from &zram_persist_span.nr_entries to the end
 *	of its directory, or zero if it is lost. TABLE: CRC32C of the page.
 *	HEADED: CRC32C of the header. These are written by the seal and
 *	without meaning before it.
 *	RAW: CRC32C of the whole number of the owner, as 64 bits, continued
 *	over the page; always valid. Else zero.
 */
struct zram_persist_page {
	__u8 kind;
	__u8 arg;
	__u16 count;
	__u32 crc;
};

/** ZRAM_PERSIST_TABLE_TIMES - levels from here on are those of access times */
#define ZRAM_PERSIST_TABLE_TIMES	8

/** ZRAM_PERSIST_RAW_OWNER - bits of the owner in the descriptor of a RAW page */
#define ZRAM_PERSIST_RAW_OWNER		0xfffffffU

/**
 * struct zram_persist_segment - header of a segment, at its start
 * @magic: %ZRAM_PERSIST_SEGMENT_MAGIC
 * @order: order of the segment: 3, 6 or 9
 * @reserved: zero
 * @page: descriptors of pages 1, 2, ...
 *
 * A segment is 2^order pages, naturally aligned. Its address with a third of
 * its order in the low two bits is called its *location*; the location of a
 * page in it has the address of that page instead, and that of an object has
 * the address of the first page of its span, and in bits 2..11 the index of
 * its directory entry.
 *
 * The header has page 0 for itself and fills it in a segment of order 9.
 *
 * A segment without a header, of kind SPAN, RAW or TABLE in the segment table,
 * is a single page of order 0.
 */
struct zram_persist_segment {
	__u32 magic;
	__u8 order;
	__u8 reserved[3];
	struct zram_persist_page page[];
};

/**
 * struct zram_persist_segtab_entry - one segment
 * @location: location of the segment; 0 for an entry that is not in use
 * @page: descriptor of the segment as a whole: HEADED, or for an order of 0
 *	that of its only page
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
 * enum zram_persist_object_codec - codec numbers beyond the device's own
 * @ZRAM_PERSIST_CODEC_WRITTEN_BACK: payload is &struct zram_persist_backed
 * @ZRAM_PERSIST_CODEC_SAME: payload is one 64-bit word that fills the page
 */
enum zram_persist_object_codec {
	ZRAM_PERSIST_CODEC_WRITTEN_BACK	= 6,
	ZRAM_PERSIST_CODEC_SAME		= 7,
};

/**
 * struct zram_persist_entry - directory entry: one object of a span
 * @owner: low 32 bits of the number of the slot that names the object
 * @place: bits 0..3: bits 32..35 of that number. 4..15: bytes of payload, 1 to
 *	%ZRAM_PERSIST_MAX_PAYLOAD. 16..28: granules from the start of the span
 *	to the payload. 29..31: codec: index into &zram_persist_super.codec, or
 *	&enum zram_persist_object_codec. Zero if the entry is not in use.
 * @crc: CRC32C of @owner and @place, with the granules of @place taken as
 *	zero, continued over the payload; always valid
 *
 * That the start of the payload is not part of the checksum lets a payload
 * move within its span.
 */
struct zram_persist_entry {
	__u32 owner;
	__u32 place;
	__u32 crc;
};

#define ZRAM_PERSIST_PLACE_OWNER	0x0000000fU
#define ZRAM_PERSIST_PLACE_LEN		0x0000fff0U
#define ZRAM_PERSIST_PLACE_START	0x1fff0000U
#define ZRAM_PERSIST_PLACE_CODEC	0xe0000000U
#define ZRAM_PERSIST_PLACE_START_SHIFT	16
#define ZRAM_PERSIST_PLACE_CODEC_SHIFT	29

/**
 * struct zram_persist_span - start of a span
 * @scratch: belongs to the running kernel, which links spans by it. Of no
 *	meaning to the next kernel and not checked by it.
 * @nr_entries: entries of the directory, in use or not; the last one is in use
 * @nr_used: those in use, at least one
 * @start: granules from the start of the span to the first payload: none
 *	begins before it
 * @free: bytes in the span that neither this header, the directory nor a
 *	payload, rounded up to granules, takes
 * @pages: pages of the span, as its descriptor says, too
 * @reserved: zero
 * @entry: the directory. The payloads lie behind it, in any order, and do not
 *	overlap.
 *
 * This is the slotted page of databases: the directory grows towards the
 * payloads, and payloads can be moved together without anything outside of the
 * span having to know.
 */
struct zram_persist_span {
	__u64 scratch[2];
	__u16 nr_entries;
	__u16 nr_used;
	__u16 start;
	__u16 free;
	__u8 pages;
	__u8 reserved[7];
	struct zram_persist_entry entry[];
};

/** ZRAM_PERSIST_MAX_ENTRIES - entries of a directory: bits 2..11 name one */
#define ZRAM_PERSIST_MAX_ENTRIES	1024

/** ZRAM_PERSIST_MAX_PAYLOAD - bytes of a payload: what fits into one page */
#define ZRAM_PERSIST_MAX_PAYLOAD	4052

/**
 * struct zram_persist_backed - payload of a page that was written back
 * @block: number of its block on the backing device, from 1 on
 * @crc: CRC32C of the first @len bytes of the block
 * @len: 4096: they are the page itself. Less: they are what codec @codec
 *	made of it, and the rest of the block is zero.
 * @codec: index into &zram_persist_super.codec of the codec that the page was
 *	stored with in memory, or %ZRAM_PERSIST_BACKED_RAW
 * @reserved: zero
 */
struct zram_persist_backed {
	__u64 block;
	__u32 crc;
	__u16 len;
	__u8 codec;
	__u8 reserved;
};

/** ZRAM_PERSIST_BACKED_RAW - the page was a raw page */
#define ZRAM_PERSIST_BACKED_RAW		255

#define ZRAM_PERSIST_BACKING_MAGIC	0x564544474b42505aULL	/* ZPBKGDEV */
#define ZRAM_PERSIST_BACKING_VERSION	1

/**
 * struct zram_persist_backing - block 0 of a backing device
 * @magic: %ZRAM_PERSIST_BACKING_MAGIC
 * @version: %ZRAM_PERSIST_BACKING_VERSION
 * @size: bytes of this structure, 4096
 * @crc: CRC32C of the block with @crc taken as zero
 * @reserved0: zero
 * @uuid: identity, made each time that a device is set up with it
 * @nr_blocks: blocks of 4096 bytes that may be used, this one included
 * @reserved: zero
 */
struct zram_persist_backing {
	__u64 magic;
	__u32 version;
	__u32 size;
	__u32 crc;
	__u32 reserved0;
	__u8 uuid[16];
	__u64 nr_blocks;
	__u64 reserved[506];
};

/**
 * DOC: Slots
 *
 * A slot is 64 bits, and zero if the page was never written or was discarded:
 *
 * ====== ==================================================================
 * bits   meaning
 * ====== ==================================================================
 * 0-3    &enum zram_persist_slot_kind
 * 4-11   OBJECT, RAW: &enum zram_persist_slot_flag. Else zero.
 * 12-63  OBJECT: location of the object. RAW: location of the page.
 * 12-15  SAME, REPEAT: zero
 * 16-63  SAME: the word that fills the page, sign-extended from 48 bits.
 *        REPEAT: 32 bits that fill the page, repeated; bits 48-63 are zero.
 * ====== ==================================================================
 *
 * Entries of the upper levels of the slot table are locations of pages.
 *
 * The table of access times is organised like a slot table with half as many
 * slots. In place of slot i it has the seconds, by the clock of the device, at
 * which the pages 2 i and 2 i + 1 were accessed last, 32 bits each in this
 * order; 0 if that is not known.
 */

/**
 * enum zram_persist_slot_kind - what a slot holds
 * @ZRAM_PERSIST_SLOT_EMPTY: nothing; reads as zeros
 * @ZRAM_PERSIST_SLOT_SAME: a word of 48 significant bits that fills the page
 * @ZRAM_PERSIST_SLOT_REPEAT: a word of 32 bits that fills the page
 * @ZRAM_PERSIST_SLOT_OBJECT: location of an object
 * @ZRAM_PERSIST_SLOT_RAW: location of a raw page
 */
enum zram_persist_slot_kind {
	ZRAM_PERSIST_SLOT_EMPTY		= 0,
	ZRAM_PERSIST_SLOT_SAME		= 1,
	ZRAM_PERSIST_SLOT_REPEAT	= 2,
	ZRAM_PERSIST_SLOT_OBJECT	= 3,
	ZRAM_PERSIST_SLOT_RAW		= 4,
};

/**
 * enum zram_persist_slot_flag - what else is known of a page
 * @ZRAM_PERSIST_SLOT_IDLE: not accessed since it was marked
 * @ZRAM_PERSIST_SLOT_INCOMPRESSIBLE: the last of the codecs did not make it
 *	smaller, and is not to try again
 * @ZRAM_PERSIST_SLOT_WRITTEN_BACK: the object is of codec
 *	%ZRAM_PERSIST_CODEC_WRITTEN_BACK
 * @ZRAM_PERSIST_SLOT_PICKED: belongs to the running kernel, which sees by it
 *	that a page has changed; of no meaning to the next one
 */
enum zram_persist_slot_flag {
	ZRAM_PERSIST_SLOT_IDLE			= 0x010,
	ZRAM_PERSIST_SLOT_INCOMPRESSIBLE	= 0x020,
	ZRAM_PERSIST_SLOT_WRITTEN_BACK		= 0x040,
	ZRAM_PERSIST_SLOT_PICKED		= 0x800,
};

#define ZRAM_PERSIST_SLOT_KIND_MASK	0xfULL
#define ZRAM_PERSIST_SLOT_FLAGS_MASK	0xff0ULL
#define ZRAM_PERSIST_SLOT_FLAGS_KNOWN \
	((__u64)ZRAM_PERSIST_SLOT_IDLE | ZRAM_PERSIST_SLOT_INCOMPRESSIBLE | \
	 ZRAM_PERSIST_SLOT_WRITTEN_BACK | ZRAM_PERSIST_SLOT_PICKED)
#define ZRAM_PERSIST_SLOT_LOCATION_SHIFT	12
#define ZRAM_PERSIST_SLOT_WORD_SHIFT	16

/* Parts of a location below the address of a page. */
#define ZRAM_PERSIST_LOCATION_ORDER	0x3ULL	/* times three */
#define ZRAM_PERSIST_LOCATION_INDEX	0xffcULL
#define ZRAM_PERSIST_LOCATION_INDEX_SHIFT	2

#define ZRAM_PERSIST_ASSERT_SIZE(type, bytes) \
	static_assert(sizeof(struct type) == (bytes), \
		      #type " must be " #bytes " bytes")

ZRAM_PERSIST_ASSERT_SIZE(zram_persist_device, 16);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_record, 4096);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_codec, 40);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_dict, 4096);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_super, 4096);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_page, 8);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_segment, 8);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_segtab_entry, 16);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_segtab, 4096);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_entry, 12);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_span, 32);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_backed, 16);
ZRAM_PERSIST_ASSERT_SIZE(zram_persist_backing, 4096);

/**
 * zram_persist_page_kind() - kind of a page
 * @page: descriptor
 *
 * Return: &enum zram_persist_kind, or a number that it does not have.
 */
static inline unsigned int
zram_persist_page_kind(const struct zram_persist_page *page)
{
	return page->kind & ZRAM_PERSIST_KIND_MASK;
}

/**
 * zram_persist_page_is_bad() - is a page faulty?
 * @page: descriptor
 *
 * Return: whether it has %ZRAM_PERSIST_BAD.
 */
static inline int zram_persist_page_is_bad(const struct zram_persist_page *page)
{
	return !!(page->kind & ZRAM_PERSIST_BAD);
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
 * zram_persist_raw_owner() - owner of a raw page
 * @page: descriptor of kind RAW
 *
 * Return: the bits %ZRAM_PERSIST_RAW_OWNER of the number of a slot.
 */
static inline __u32 zram_persist_raw_owner(const struct zram_persist_page *page)
{
	return (__u32)(page->kind >> 4) << 24 | (__u32)page->arg << 16 |
	       page->count;
}

/**
 * zram_persist_header_bytes() - size of a segment header
 * @order: order of the segment, not 0
 *
 * Return: bytes, one page for an order of 9 and less for others.
 */
static inline unsigned int zram_persist_header_bytes(unsigned int order)
{
	return sizeof(struct zram_persist_page) << order;
}

/**
 * zram_persist_entry_owner() - owner of an object
 * @entry: directory entry in use
 *
 * Return: the number of a slot.
 */
static inline __u64
zram_persist_entry_owner(const struct zram_persist_entry *entry)
{
	return (__u64)(entry->place & ZRAM_PERSIST_PLACE_OWNER) << 32 |
	       entry->owner;
}

/**
 * zram_persist_entry_len() - size of a payload
 * @entry: directory entry
 *
 * Return: bytes; 0 if the entry is not in use.
 */
static inline unsigned int
zram_persist_entry_len(const struct zram_persist_entry *entry)
{
	return (entry->place & ZRAM_PERSIST_PLACE_LEN) >> 4;
}

/**
 * zram_persist_entry_start() - where a payload is
 * @entry: directory entry in use
 *
 * Return: bytes from the start of the span.
 */
static inline unsigned int
zram_persist_entry_start(const struct zram_persist_entry *entry)
{
	return ((entry->place & ZRAM_PERSIST_PLACE_START) >>
		ZRAM_PERSIST_PLACE_START_SHIFT) <<
	       ZRAM_PERSIST_GRANULE_SHIFT;
}

/**
 * zram_persist_entry_codec() - how a payload is to be understood
 * @entry: directory entry in use
 *
 * Return: index into &zram_persist_super.codec, or
 * &enum zram_persist_object_codec.
 */
static inline unsigned int
zram_persist_entry_codec(const struct zram_persist_entry *entry)
{
	return entry->place >> ZRAM_PERSIST_PLACE_CODEC_SHIFT;
}

/**
 * zram_persist_room() - what a payload takes of its span
 * @len: bytes of payload
 *
 * Return: bytes, a multiple of the granule.
 */
static inline unsigned int zram_persist_room(unsigned int len)
{
	return (len + ZRAM_PERSIST_GRANULE - 1) & ~(ZRAM_PERSIST_GRANULE - 1);
}

#endif /* _LINUX_ZRAM_PERSIST_H */
