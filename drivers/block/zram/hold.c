// SPDX-License-Identifier: GPL-2.0
/*
 * Devices of the previous kernel that are not attached: held or dropped.
 *
 * To *hold* a device is to preserve its memory again, as the blocks that it
 * was, and to name its superblock to the next kernel, without understanding or
 * changing any of it. To *drop* it is to free its memory.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/kexec_handover.h>
#include <linux/mm.h>

#include "zram.h"

/*
 * Calls @fn for every block of a device until it fails, and returns that.
 * *@done counts the blocks for which it did not; the walk ends after @max.
 */
static int zram_walk_device(const struct zram_check *check, u64 super,
			    int (*fn)(phys_addr_t phys, unsigned int order),
			    u64 max, u64 *done)
{
	const struct zram_persist_super *sb = phys_to_virt(super);
	const struct zram_persist_segtab *table;
	u64 segtab = sb->segtab, next, i;
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
		err = fn(super, 0);
		*done += !err;
	}
	return err;
}

static int zram_unhold_block(phys_addr_t phys, unsigned int order)
{
	zram_kho_ops.unhold(phys, order);
	return 0;
}

static int zram_drop_block(phys_addr_t phys, unsigned int order)
{
	struct folio *folio = kho_restore_folio(phys);

	if (folio)
		folio_put(folio);
	return 0;
}

/**
 * zram_hold() - keep a device for the next kernel, as it is
 * @check: its segments, from zram_check_envelope()
 * @super: physical address of its superblock
 *
 * Context: Process context, during module init. Sleeps.
 */
void zram_hold(const struct zram_check *check, u64 super)
{
	const struct zram_persist_super *sb = phys_to_virt(super);
	u64 done;
	int err = -EOPNOTSUPP;

	if (!zram_kho_enabled())
		goto err_lost;
	err = zram_walk_device(check, super, zram_kho_ops.hold, U64_MAX,
			       &done);
	if (!err)
		err = zram_record_add(super);
	if (err) {
		zram_walk_device(check, super, zram_unhold_block, done, &done);
		goto err_lost;
	}
	pr_warn("device %pUb (zram%u) is held: its memory goes on to the next kernel\n",
		sb->uuid, sb->index);
	return;

err_lost:
	pr_err("device %pUb (zram%u) cannot be held, the next kexec will lose it: %pe\n",
	       sb->uuid, sb->index, ERR_PTR(err));
}

/**
 * zram_drop() - free a device of the previous kernel
 * @check: its segments, from zram_check_envelope()
 * @super: physical address of its superblock
 *
 * Context: Process context, during module init. Sleeps.
 */
void zram_drop(const struct zram_check *check, u64 super)
{
	u64 done;

	zram_walk_device(check, super, zram_drop_block, U64_MAX, &done);
}
