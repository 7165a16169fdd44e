// SPDX-License-Identifier: GPL-2.0
/*
 * What can be done with a device of the previous kernel without understanding
 * it: to hold it or to drop it. What users see of such devices is in held.c.
 *
 * To *hold* a device is to preserve its memory again, as the blocks that it
 * was, and to name its superblock to the next kernel, without changing any of
 * it. Each device is held before it is attached, so that there is no moment at
 * which a kexec would lose it. To *drop* it is to zero and free its memory.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/kexec_handover.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "hold.h"
#include "kho_tree.h"
#include "record.h"
#include "zram.h"

/**
 * zram_held_because() - note why a device is not attached
 * @held: device
 * @fmt: as for printf(): a sentence part
 *
 * Context: Process context.
 */
void zram_held_because(struct zram_held *held, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(held->reason, sizeof(held->reason), fmt, args);
	va_end(args);
}

/*
 * Calls @fn for every block of a device until it fails, and returns that.
 * *@done counts the blocks for which it did not; the walk ends after @max. The
 * next page of the table is read before @fn sees the present one, which it may
 * free.
 */
static int zram_walk_device(const struct zram_held *held,
			    int (*fn)(phys_addr_t phys, unsigned int order),
			    u64 max, u64 *done)
{
	const struct zram_check *check = &held->check;
	const struct zram_persist_segtab *table;
	u64 segtab = held->super->segtab, next, i;
	int err = 0;

	*done = 0;
	for (i = 0; i < check->nr_segments && !err && *done < max; i++) {
		err = fn(zsp_location_addr(check->segments[i]),
			 zsp_location_order(check->segments[i]));
		*done += !err;
	}
	for (; segtab && !err && *done < max; segtab = next) {
		table = phys_to_virt(segtab);
		next = table->next;
		err = fn(segtab, 0);
		*done += !err;
	}
	if (!err && *done < max) {
		err = fn(virt_to_phys(held->super), 0);
		*done += !err;
	}
	return err;
}

static int zram_unhold_block(phys_addr_t phys, unsigned int order)
{
	zram_kho_unhold(phys, order);
	return 0;
}

static int zram_note_block(phys_addr_t phys, unsigned int order)
{
	zram_kho_note_block(PHYS_PFN(phys), order);
	return 0;
}

/**
 * zram_hold() - keep a device for the next kernel, as it is
 * @held: device
 * @preserve: for the next kernel; else for another module in this one. All
 *	devices are held in the same way.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: 0, also if it is kept already; or an errno of KHO or of the record,
 * and nothing has changed.
 */
int zram_hold(struct zram_held *held, bool preserve)
{
	u64 done = 0;
	int err = 0;

	if (held->named) {
		if (held->preserved)
			zram_walk_device(held, zram_note_block, U64_MAX, &done);
		return 0;
	}
	if (preserve)
		err = zram_walk_device(held, zram_kho_hold, U64_MAX, &done);
	if (!err)
		err = zram_record_hold(virt_to_phys(held->super),
				       held->held_hops, preserve);
	if (err) {
		zram_walk_device(held, zram_unhold_block, done, &done);
		return err;
	}
	held->named = true;
	held->preserved = preserve;
	return 0;
}

/* The same for the first @max blocks of the walk. */
static void zram_unhold_some(struct zram_held *held, u64 max)
{
	u64 done;

	if (held->named)
		zram_record_unhold(virt_to_phys(held->super));
	if (held->preserved)
		zram_walk_device(held, zram_unhold_block, max, &done);
	held->named = false;
	held->preserved = false;
}

/**
 * zram_unhold() - undo zram_hold()
 * @held: device
 *
 * Context: Process context. Sleeps.
 */
void zram_unhold(struct zram_held *held)
{
	zram_unhold_some(held, U64_MAX);
}

/**
 * zram_held_lose() - give up a device of which KHO does not have all memory
 * @held: device
 * @max: blocks, in the order of the walk, that leave the handover
 *
 * What is left of its memory stays reserved in this kernel, and what has not left
 * the handover in the next one.
 *
 * Context: Process context. Sleeps.
 */
void zram_held_lose(struct zram_held *held, u64 max)
{
	held->lost = true;
	zram_held_because(held, "memory is missing in the handover");
	zram_unhold_some(held, max);
}

static int zram_find_block(phys_addr_t phys, unsigned int order)
{
	if (zram_kho_waits(phys, order))
		return 0;
	pr_err("a block of order %u at %#llx is not in the handover any more\n",
	       order, (u64)phys);
	return -ENODATA;
}

/**
 * zram_held_is_whole() - is all memory of a device still there to be restored?
 * @held: device that is not lost
 *
 * It was when the device was found. What another user of KHO has restored since
 * is that user's: the walk ends before it. Nothing of it is read, and it does
 * not leave the handover, since KHO does not count, and that user may have
 * preserved it again.
 *
 * Context: Process context. Sleeps.
 * Return: true; or false, and the device is lost.
 */
bool zram_held_is_whole(struct zram_held *held)
{
	u64 done = 0;

	/* The walk ends with the superblock, but reads it first. */
	if (!zram_find_block(virt_to_phys(held->super), 0) &&
	    !zram_walk_device(held, zram_find_block, U64_MAX, &done))
		return true;
	zram_held_lose(held, done);
	return false;
}

/* What was handed over may be secret; the next owner of the page need not. */
static int zram_drop_block(phys_addr_t phys, unsigned int order)
{
	struct folio *folio = kho_restore_folio(phys);

	if (!folio)
		return 0;
	zsp_wipe_segment(folio);
	return 0;
}

static int zram_restore_block(phys_addr_t phys, unsigned int order)
{
	return kho_restore_folio(phys) ? 0 : -ENODATA;
}

static int zram_wipe_block(phys_addr_t phys, unsigned int order)
{
	zsp_wipe_segment(page_folio(phys_to_page(phys)));
	return 0;
}

static bool zram_has_bad(struct zram_held *held)
{
	return zram_check_fields(&held->check, held->super) == ZRAM_CHECK_OK &&
	       held->super->incompat & ZRAM_PERSIST_INCOMPAT_BAD;
}

/*
 * Pages that are faulty get no next owner. Which they are is to be read while
 * there is still something to read, but only once all of it is certain to be
 * memory that was handed over. If some is not, the rest stays reserved.
 */
static void zram_drop_bad(struct zram_held *held)
{
	u64 done;

	if (!zram_walk_device(held, zram_restore_block, U64_MAX, &done))
		zsp_report_bad(held->super->segtab);
	zram_walk_device(held, zram_wipe_block, done, &done);
}

/**
 * zram_drop() - zero and free the memory of a device, which is lost by it
 * @held: device; if some of its memory is missing nothing is freed
 *
 * Context: Process context. Sleeps.
 */
void zram_drop(struct zram_held *held)
{
	u64 done;

	if (held->lost || !zram_held_is_whole(held))
		return;
	zram_unhold(held);
	if (zram_has_bad(held))
		zram_drop_bad(held);
	else
		zram_walk_device(held, zram_drop_block, U64_MAX, &done);
}
