// SPDX-License-Identifier: GPL-2.0
/*
 * What the previous kernel handed over: nothing is changed by finding out.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "hold.h"
#include "zram.h"

/**
 * zram_survey_map() - access to memory, for the checks
 * @data: not used
 * @phys: physical address
 * @len: bytes
 *
 * Return: the memory; or NULL if not all of it is memory that is online.
 */
const void *zram_survey_map(void *data, __u64 phys, __u64 len)
{
	u64 pfn = PHYS_PFN(phys), last;

	if (!len || phys + len < phys)
		return NULL;
	last = PHYS_PFN(phys + len - 1);
	for (; pfn < last; pfn = ALIGN(pfn + 1, pageblock_nr_pages))
		if (!pfn_to_online_page(pfn))
			return NULL;
	return pfn_to_online_page(last) ? phys_to_virt(phys) : NULL;
}

/*
 * The same for a device, which is asked for block by block. What was not handed
 * over is not even read: it may change at any moment.
 */
static const void *zram_survey_map_block(void *data, __u64 phys, __u64 len)
{
	const void *mem = zram_survey_map(data, phys, len);

	if (!mem || zram_kho_waits(phys, get_order(len)))
		return mem;
	pr_err("a block of order %u at %#llx was not handed over\n",
	       get_order(len), phys);
	return NULL;
}

static void zram_survey_lost(u64 phys, const struct zram_check *check)
{
	pr_err("a device of the previous kernel is lost, superblock at %#llx: %s (%#llx)\n",
	       phys, check->reason, check->where);
}

/*
 * Learns what memory a device has. Returns -EUCLEAN if that is not to be known,
 * and -ENOMEM if this kernel has no memory for it.
 */
static int zram_survey_envelope(struct zram_held *held, u64 record, u64 phys)
{
	const struct zram_persist_super *super;
	struct zram_check *check = &held->check;

	check->map = zram_survey_map_block;
	check->record = record;
	if (zram_check_super(check, phys, &super) != ZRAM_CHECK_OK ||
	    zram_check_count(check, super) != ZRAM_CHECK_OK)
		goto err_lost;
	check->max_segments = check->nr_segments;
	check->segments = kvmalloc_array(check->nr_segments + 1, sizeof(u64),
					 GFP_KERNEL);
	if (!check->segments)
		return -ENOMEM;
	if (zram_check_envelope(check, super) != ZRAM_CHECK_OK)
		goto err_lost;
	held->super = (struct zram_persist_super *)super;
	memcpy(held->info, super, sizeof(*super));
	return 0;

err_lost:
	zram_survey_lost(phys, check);
	return -EUCLEAN;
}

/*
 * True if a device shares neither memory nor UUID with any before it. Of two
 * that do, only the first can be what it says.
 */
static bool zram_survey_is_alone(struct zram_held **held, unsigned int nr)
{
	struct zram_held *last = held[nr];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (zram_check_disjoint(&last->check, last->super,
					&held[i]->check, held[i]->super) ==
		    ZRAM_CHECK_OK)
			continue;
		zram_survey_lost(virt_to_phys(last->super), &last->check);
		return false;
	}
	return true;
}

/**
 * zram_survey() - learn which devices there are, and what memory they have
 * @record: record that names them
 * @held: where to put those of which that is known
 *
 * All envelopes are validated before the first device is attached: from then on
 * the memory of that one changes.
 *
 * Context: Process context. Sleeps.
 * Return: how many are in @held; or -ENOMEM, and there is none.
 */
int zram_survey(const struct zram_persist_record *record,
		struct zram_held **held)
{
	u64 phys = virt_to_phys((void *)record);
	int nr = 0, err;
	u32 i;

	for (i = 0; i < record->nr_devices; i++) {
		const struct zram_persist_device *device = &record->device[i];

		err = -ENOMEM;
		held[nr] = zram_held_alloc(device->held_hops);
		if (held[nr])
			err = zram_survey_envelope(held[nr], phys,
						   device->superblock);
		if (err == -ENOMEM)
			goto err_free;
		if (!err && zram_survey_is_alone(held, nr))
			nr++;
		else
			zram_held_free(held[nr]);
	}
	return nr;

err_free:
	if (held[nr])
		zram_held_free(held[nr]);
	while (nr--)
		zram_held_free(held[nr]);
	return err;
}
