/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private header of the zram driver: what its files share.
 *
 * Words: a *slot* is the 8-byte entry of one device page in the slot table; an
 * *object* is the compressed bytes of one page; a *raw page* is one stored
 * uncompressed; a *location* says where either is. "Page" alone is a page of
 * the device, which is as large as a page of memory.
 */
#ifndef _ZRAM_H_
#define _ZRAM_H_

#include <linux/atomic.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/percpu-refcount.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/uuid.h>
#include <linux/zram_persist.h>
#include <linux/zsmalloc_persist.h>

#include "backing.h"
#include "check.h"
#include "comp.h"
#include "damage.h"
#include "stat.h"

#define ZRAM_SECTORS_PER_PAGE_SHIFT	(PAGE_SHIFT - SECTOR_SHIFT)
#define ZRAM_SECTORS_PER_PAGE		BIT(ZRAM_SECTORS_PER_PAGE_SHIFT)
#define ZRAM_LOGICAL_BLOCK_SIZE		4096

#define ZRAM_PRIMARY_COMP		0
#define ZRAM_SECONDARY_COMP		1
#define ZRAM_MAX_COMPS			ZRAM_PERSIST_CODECS
#define ZRAM_WRITEBACK_BATCH		32	/* by default */
#define ZRAM_SLOT_LOCKS			256	/* shared, by slot number */

/**
 * enum zram_state - life of a device
 * @ZRAM_EMPTY: no disksize, no pool: what hot_add makes and reset leaves
 * @ZRAM_LIVE: has a disksize and takes I/O
 * @ZRAM_SEALED: about to be handed over: reads work, writes fail
 *
 * ::
 *
 *            disksize              seal
 *   EMPTY ------------> LIVE -------------> SEALED
 *     ^     or attach    |
 *     +------------------+
 *            reset
 */
enum zram_state {
	ZRAM_EMPTY,
	ZRAM_LIVE,
	ZRAM_SEALED,
};

/**
 * struct zram_slot_lock - lock of all slots whose numbers share its index
 * @lock: spinlock
 */
struct zram_slot_lock {
	spinlock_t lock;	/* see slot.c */
} ____cacheline_aligned_in_smp;

/**
 * struct zram_slots - slot table of a device
 * @root: location of the root page, or 0 before the first write; set once,
 *	with release semantics
 * @levels: levels of the table
 * @tag: what the descriptors of its pages have more than the level
 * @locks: array of %ZRAM_SLOT_LOCKS locks
 */
struct zram_slots {
	u64 root;
	unsigned int levels;
	unsigned int tag;
	struct zram_slot_lock *locks;
};

/**
 * struct zram_persist - persistence of one device
 * @wanted: the device is to become persistent when it gets a disksize
 * @on: the device is in the handover
 * @kept: came from the previous kernel, and cannot go on to the next one
 * @unclaimed: attached, and not opened for writing since: a write of the
 *	value that an attribute already has succeeds
 * @seal_failed: the seal failed; the next kernel will not see the contents
 * @uuid: identity, as long as the device is persistent
 * @hops: kexecs survived
 * @super: superblock, or NULL when not @on
 * @node: entry in the list of persistent devices
 * @seal_ns: time that the seal before the last kexec took
 * @regions: disjoint blocks that the segments formed when they were handed over
 * @attach_ns: time that validating and attaching took in this kernel
 *
 * @unclaimed is protected by the disk's open_mutex for clearing and by
 * dev_lock for use; all others by dev_lock and the lock in persist.c.
 */
struct zram_persist {
	bool wanted;
	bool on;
	bool kept;
	bool unclaimed;
	bool seal_failed;
	uuid_t uuid;
	u32 hops;
	struct zram_persist_super *super;
	struct list_head node;
	u64 seal_ns;
	u64 regions;
	u64 attach_ns;
};

/**
 * struct zram - a device
 * @disk: its disk; @disk->first_minor is N of zramN. I: set once.
 * @dev_lock: protects configuration: all members marked C. Taken for write by
 *	whatever configures, for read by what shows or needs it stable. The I/O
 *	path does not take it: a device is reset only while nobody has it open.
 * @state: C: see &enum zram_state
 * @claims: resets and removals of the device that are under way; it cannot be
 *	opened meanwhile. Protected by @disk->open_mutex.
 * @announced: users see the device
 * @gone: C: the device is being removed and cannot be set up any more
 * @swap: the last write was one of swap
 * @name: C: given by the user, or empty; changes under zram_index_mutex, too
 * @disksize: C: bytes, or 0
 * @pool: C: memory, or NULL
 * @slots: C: slot table
 * @times: C: access times: pages 2 i and 2 i + 1 in entry i, 32 bits each
 * @clock_offset: C: what the device's clock is ahead of the time since boot, in
 *	seconds
 * @comp_algs: C: names of the codecs, or NULL, by priority
 * @params: C: their parameters
 * @dicts: C: locations of their dictionaries in @pool, or 0
 * @comps: C: the codecs, or NULL when there is no pool
 * @writers: held by each request that changes contents; killed by the seal
 * @writers_gone: completed when the last of @writers is gone after the kill
 * @limit_pages: C: most pages that the pool may take, or 0
 * @reserve_pages: C: least pages that the pool keeps, or 0
 * @stats: counters
 * @damage: pages that are known to be damaged
 * @scrub: reading of the whole device
 * @writeback: settings and identity
 * @backing: backing device, or NULL; appears with release semantics, and goes
 *	when there is no I/O
 * @persist: persistence
 * @debugfs: its folder in debugfs
 */
struct zram {
	struct gendisk *disk;
	struct rw_semaphore dev_lock;
	enum zram_state state;
	unsigned int claims;
	bool announced;
	bool gone;
	bool swap;
	char name[ZRAM_PERSIST_NAME];
	u64 disksize;
	struct zsp_pool *pool;
	struct zram_slots slots;
	struct zram_slots times;
	s64 clock_offset;
	const char *comp_algs[ZRAM_MAX_COMPS];
	struct zcomp_params params[ZRAM_MAX_COMPS];
	u64 dicts[ZRAM_MAX_COMPS];
	struct zcomp *comps[ZRAM_MAX_COMPS];
	struct percpu_ref writers;
	struct completion writers_gone;
	u64 limit_pages, reserve_pages;
	struct zram_stats stats;
	struct zram_damage damage;
	struct zram_scrub scrub;
	struct zram_writeback writeback;
	struct zram_backing *backing;
	struct zram_persist persist;
	struct dentry *debugfs;
};

/* True once the device has a disksize. Context: dev_lock held. */
static inline bool zram_init_done(const struct zram *zram)
{
	return zram->state != ZRAM_EMPTY;
}

/* main.c */
extern struct class zram_control_class;
extern bool zram_persist_default;
extern bool zram_attach_default;
extern unsigned int zram_seal_compact_ms;

/* dev.c */
int zram_dev_init(void);
void zram_dev_exit(void);
struct zram *zram_dev_alloc(int index);
void zram_dev_free(struct zram *zram, bool keep_index);
int zram_dev_announce(struct zram *zram);
int zram_dev_renew(struct zram *zram);
int zram_dev_create(void);
int zram_dev_remove(int index);
int zram_dev_discard(struct zram *zram);
unsigned int zram_dev_count(void);
int zram_dev_start(struct zram *zram, u64 disksize, struct zsp_pool *pool);
void zram_dev_stop(struct zram *zram);
int zram_dev_create_comps(struct zram *zram);
void zram_dev_destroy_comps(struct zram *zram);
int zram_dev_setup(struct zram *zram, u64 disksize);
int zram_dev_reset(struct zram *zram);
void zram_dev_set_limit(struct zram *zram, u64 pages);
int zram_dev_set_reserve(struct zram *zram, u64 pages);

/* io.c */
extern const struct block_device_operations zram_devops;

/* sysfs.c, stat.c */
extern const struct attribute_group *zram_disk_groups[];
ssize_t zram_mm_stat_show(struct zram *zram, char *buf);
ssize_t zram_io_stat_show(struct zram *zram, char *buf);
ssize_t zram_debug_stat_show(struct zram *zram, char *buf);
ssize_t zram_persist_stat_show(struct zram *zram, char *buf);

/* kho.c */
extern const struct zsp_handover_ops zram_kho_ops;
bool zram_kho_enabled(void);
void zram_kho_learn(void);
bool zram_kho_waits(phys_addr_t phys, unsigned int order);
int zram_kho_hold(phys_addr_t phys, unsigned int order);
void zram_kho_unhold(phys_addr_t phys, unsigned int order);
void *zram_kho_alloc(size_t size);

/* persist.c, attach.c */
int zram_persist_init(void);
void zram_persist_catch_up(void);
void zram_persist_exit(void);
void zram_persist_keep(struct zram *zram);
bool zram_persist_protects(const struct zram *zram);
const char *zram_persist_is_or_was(const struct zram *zram);
int zram_persist_on(struct zram *zram);
int zram_persist_off(struct zram *zram);
int zram_persist_begin_attach(void);
void zram_persist_end_attach(void);
void zram_persist_adopt(struct zram *zram, struct zram_persist_super *super);
const char *zram_persist_state(const struct zram *zram);
bool zram_persist_cannot_seal(const struct zram *zram);
int zram_attach_all(void);

#endif /* _ZRAM_H_ */
