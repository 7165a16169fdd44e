/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages that are known to be damaged, and looking for them.
 */
#ifndef _ZRAM_DAMAGE_H_
#define _ZRAM_DAMAGE_H_

#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct zram;

#define ZRAM_DAMAGE_PAGES	256

/**
 * struct zram_damage - pages that could not be read
 * @lock: protects the rest; innermost
 * @nr: entries of @page in use
 * @page: numbers of pages, each once. Those that find no room are counted in
 *	&zram_stats.damaged_reads alone.
 */
struct zram_damage {
	spinlock_t lock;	/* innermost */
	unsigned int nr;
	u64 page[ZRAM_DAMAGE_PAGES];
};

/**
 * enum zram_scrub_state - what a scrub is doing
 * @ZRAM_SCRUB_IDLE: none was started since the device was set up
 * @ZRAM_SCRUB_RUNNING: it is looking at pages
 * @ZRAM_SCRUB_STOPPED: it was ended early
 * @ZRAM_SCRUB_DONE: it has looked at all pages
 */
enum zram_scrub_state {
	ZRAM_SCRUB_IDLE,
	ZRAM_SCRUB_RUNNING,
	ZRAM_SCRUB_STOPPED,
	ZRAM_SCRUB_DONE,
};

/**
 * struct zram_scrub - reading of a whole device, to see what is damaged
 * @work: the reader
 * @lock: protects starting and stopping; inside dev_lock
 * @state: see &enum zram_scrub_state; written by the reader while it runs
 * @stop: the reader shall end
 * @pages_done: pages that it has looked at, or passed over as never written
 * @damaged: those of them that are damaged
 * @missing: those on a backing device that is not there
 */
struct zram_scrub {
	struct work_struct work;
	struct mutex lock;	/* inside dev_lock */
	enum zram_scrub_state state;
	bool stop;
	u64 pages_done;
	u64 damaged;
	u64 missing;
};

/* damage.c */
void zram_damage_init(struct zram *zram);
void zram_damage_note(struct zram *zram, u64 index);
unsigned int zram_damage_review(struct zram *zram);

/* scrub.c */
void zram_scrub_init(struct zram *zram);
void zram_scrub_end(struct zram *zram);
int zram_scrub_page(struct zram *zram, u64 index, u64 *entry, void *buffer);

#endif /* _ZRAM_DAMAGE_H_ */
