// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching the devices that the previous kernel handed over.
 *
 * DOC: Who owns an incoming page
 *
 * Until a device has been validated completely its memory is only read. Then,
 * in this order: its superblock and all segments are preserved again, so that a
 * kexec loses nothing from here on; they are restored, from which moment on
 * they are folios of this kernel and belong to the device; the device is put
 * where the seal finds it; and only then is it announced.
 *
 * What cannot be attached is held, see hold.c. If not even its memory is known,
 * because its envelope is damaged, it stays reserved until the next kexec.
 *
 * The incoming record is found again by a module that is loaded a second time,
 * because KHO goes on naming it. So it is marked as consumed, and its page is
 * never freed.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/kexec_handover.h>
#include <linux/ktime.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "backing.h"
#include "dict.h"
#include "slot.h"
#include "times.h"
#include "zram.h"

/* Access for the checks: all of a range must be memory that is online. */
static const void *zram_attach_map(void *data, __u64 phys, __u64 len)
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

static void zram_attach_writeback(struct zram *zram,
				  const struct zram_persist_super *super)
{
	struct zram_writeback *writeback = &zram->writeback;

	import_uuid(&writeback->uuid, super->backing_uuid);
	writeback->nr_blocks = super->backing_blocks;
	writeback->limit = super->writeback_limit;
	writeback->limited =
		super->writeback_flags & ZRAM_PERSIST_WRITEBACK_LIMITED;
	writeback->compressed =
		super->writeback_flags & ZRAM_PERSIST_WRITEBACK_COMPRESSED;
	writeback->batch = super->writeback_batch ?: ZRAM_WRITEBACK_BATCH;
	if (writeback->nr_blocks)
		pr_info("zram%u: its backing device is missing, with %llu of its pages: write the path to backing_dev\n",
			super->index, super->backed_pages);
}

static int zram_attach_codec(struct zram *zram, unsigned int nr,
			     const struct zram_persist_codec *codec)
{
	zram->comp_algs[nr] = NULL;
	if (!codec->name[0])
		return 0;
	zram->comp_algs[nr] = zcomp_lookup(codec->name);
	if (!zram->comp_algs[nr]) {
		pr_warn("%s needs the codec %s, which this kernel does not have\n",
			zram->disk->disk_name, codec->name);
		return -ENOPKG;
	}
	zram->params[nr].level = codec->level;
	zram->params[nr].winbits = codec->winbits;
	return zram_dict_load(zram, nr, codec);
}

/* Takes over what the superblock says; codecs by name. */
static int zram_attach_configure(struct zram *zram,
				 const struct zram_persist_super *super)
{
	unsigned int i;
	int err;

	for (i = 0; i < ZRAM_MAX_COMPS; i++) {
		err = zram_attach_codec(zram, i, &super->codec[i]);
		if (err)
			return err;
	}
	zram_clock_resume(zram, super);
	zram->limit_pages = super->mem_limit;
	zram->reserve_pages = super->mem_reserve;

	zram_attach_writeback(zram, super);
	import_uuid(&zram->persist.uuid, super->uuid);
	zram->persist.hops = super->hops;
	zram->persist.seal_ns = super->seal_ns;
	zram->persist.attached = true;
	zram->persist.unclaimed = true;

	atomic64_set(&zram->stats.pages_stored, super->pages_stored);
	atomic64_set(&zram->stats.same_pages, super->same_pages);
	atomic64_set(&zram->stats.huge_pages, super->raw_pages);
	atomic64_set(&zram->stats.compr_bytes, super->compr_bytes);
	atomic64_set(&zram->stats.backed_pages, super->backed_pages);
	return 0;
}

/*
 * Adopts the memory. What can fail for want of memory comes before
 * zsp_attach_pool(). A superblock that was restored remains one that can be
 * held.
 */
static int zram_attach_memory(struct zram *zram,
			      struct zram_persist_super *super, bool join)
{
	u64 phys = virt_to_phys(super);
	struct zsp_pool *pool;
	int err;

	if (join) {
		err = zram_kho_ops.hold(phys, 0);
		if (err)
			return err;
		err = zram_record_add(phys);
		if (err)
			goto err_unhold;
	}
	err = -ENODATA;
	if (!kho_restore_folio(phys))
		goto err_record;
	pool = zsp_attach_pool(zram->disk->disk_name, &zram_kho_ops,
			       super->segtab, join);
	if (IS_ERR(pool)) {
		err = PTR_ERR(pool);
		goto err_record;
	}
	zram->pool = pool;
	zram->slots.root = super->slot_root;
	zram->times.root = super->time_root;
	zram_dev_set_limit(zram, zram->limit_pages);
	if (super->writeback_flags & ZRAM_PERSIST_WRITEBACK_UNDER_WAY)
		zram_backed_unpick(zram);
	zsp_set_mover(pool, zram_slot_move, zram);
	if (zram_dev_set_reserve(zram, zram->reserve_pages))
		pr_warn("zram: %s: no memory for its mem_reserve; write to it to try again\n",
			zram->disk->disk_name);
	return 0;

err_record:
	if (join)
		zram_record_remove(phys);
err_unhold:
	if (join)
		zram_kho_ops.unhold(phys, 0);
	return err;
}

static int zram_attach_prepare(struct zram *zram,
			       struct zram_persist_super *super, bool join)
{
	int err;

	err = zram_attach_configure(zram, super);
	if (err)
		return err;
	err = zram_dev_create_comps(zram);
	if (err)
		return err;
	err = zram_dev_start(zram, super->disksize, NULL);
	if (err)
		goto err_comps;
	err = zram_attach_memory(zram, super, join);
	if (err)
		goto err_stop;
	return 0;

err_stop:
	zram_dev_stop(zram);
err_comps:
	zram_dev_destroy_comps(zram);
	return err;
}

/* The superblock is for the next kernel; without KHO it has no use. */
static void zram_attach_super(struct zram *zram,
			      struct zram_persist_super *super, bool join)
{
	if (join) {
		zram_persist_adopt(zram, super);
		return;
	}
	zram->persist.wanted = false;
	folio_put(virt_to_folio(super));
}

/*
 * Early boot reserves handed-over memory in a list that it searches from the
 * start: what counts there are not segments but gaps between them.
 */
static u64 zram_attach_regions(const struct zram_check *check)
{
	u64 regions = 0, end = 0, addr, i;

	for (i = 0; i < check->nr_segments; i++) {
		addr = zsp_location_addr(check->segments[i]);
		regions += addr != end;
		end = addr + (PAGE_SIZE <<
			      zsp_location_order(check->segments[i]));
	}
	return regions;
}

static int zram_attach_device(const struct zram_check *check,
			      struct zram_persist_super *super, ktime_t start)
{
	bool join = zram_kho_enabled();
	u64 pages = super->pages_stored, segments = super->nr_segments;
	struct zram *zram;
	int err;

	zram = zram_dev_alloc(super->index);
	if (IS_ERR(zram))
		return PTR_ERR(zram);
	err = zram_persist_begin_attach();
	if (err)
		goto err_free;
	err = zram_attach_prepare(zram, super, join);
	if (!err)
		zram_attach_super(zram, super, join);
	zram_persist_end_attach();
	if (err)
		goto err_free;
	zram->persist.regions = zram_attach_regions(check);
	zram->persist.attach_ns = ktime_to_ns(ktime_sub(ktime_get(), start));

	/*
	 * A device that cannot be announced is there all the same: the seal
	 * finds it, and the next kernel gets it.
	 */
	err = zram_dev_announce(zram);
	if (err) {
		pr_err("%s cannot be shown, and goes on to the next kernel: %pe\n",
		       zram->disk->disk_name, ERR_PTR(err));
		return 0;
	}
	pr_info("%s: attached: %llu pages in %llu segments, hop %u, in %llu us%s\n",
		zram->disk->disk_name, pages, segments, zram->persist.hops,
		zram->persist.attach_ns / NSEC_PER_USEC,
		join ? "" : "; not persistent any more, since Kexec HandOver is off");
	return 0;

err_free:
	zram_dev_free(zram);
	return err;
}

/**
 * struct zram_incoming - a device of the previous kernel
 * @check: its validation; with the segments once its envelope was found sound
 * @super: its superblock
 */
struct zram_incoming {
	struct zram_check check;
	struct zram_persist_super *super;
};

static void zram_attach_lost(u64 phys, const struct zram_check *check)
{
	pr_err("a device of the previous kernel is lost, superblock at %#llx: %s (%#llx)\n",
	       phys, check->reason, check->where);
}

/*
 * Learns what memory a device has. Returns -EUCLEAN if that is not to be known,
 * and -ENOMEM if this kernel has no memory for it.
 */
static int zram_attach_envelope(struct zram_incoming *in, u64 record, u64 phys)
{
	const struct zram_persist_super *super;
	struct zram_check *check = &in->check;

	check->map = zram_attach_map;
	check->record = record;
	if (zram_check_super(check, phys, &super) != ZRAM_CHECK_OK)
		goto err_lost;
	check->max_segments = super->nr_segments;
	check->reason = "absurd number of segments";
	check->where = super->nr_segments;
	if (super->nr_segments > get_num_physpages())
		goto err_lost;
	check->segments = kvmalloc_array(super->nr_segments + 1, sizeof(u64),
					 GFP_KERNEL);
	if (!check->segments)
		return -ENOMEM;
	if (zram_check_envelope(check, super) != ZRAM_CHECK_OK)
		goto err_free;
	in->super = (struct zram_persist_super *)super;
	return 0;

err_free:
	kvfree(check->segments);
err_lost:
	zram_attach_lost(phys, check);
	return -EUCLEAN;
}

/* Validates a device whose envelope is sound, and attaches or holds it. */
static void zram_attach_or_hold(struct zram_incoming *in)
{
	struct zram_persist_super *super = in->super;
	struct zram_check *check = &in->check;
	ktime_t start = ktime_get();
	u64 phys = virt_to_phys(super);
	int err;

	if (super->seal != ZRAM_PERSIST_SEALED) {
		pr_err("device %pUb (zram%u) was not sealed by the previous kernel: its contents are lost\n",
		       super->uuid, super->index);
		zram_drop(check, phys);
		return;
	}
	if (zram_check_contents(check, super) != ZRAM_CHECK_OK) {
		pr_err("device %pUb (zram%u) is not attached: %s (%#llx)\n",
		       super->uuid, super->index, check->reason, check->where);
		zram_hold(check, phys);
		return;
	}
	err = zram_attach_device(check, super, start);
	if (err) {
		pr_err("device %pUb (zram%u) is not attached: %pe\n",
		       super->uuid, super->index, ERR_PTR(err));
		zram_hold(check, phys);
	}
}

/*
 * True if a device shares no memory with any before it. Of two that do, only
 * the first can be what it says.
 */
static bool zram_attach_is_alone(struct zram_incoming *in, unsigned int nr)
{
	struct zram_incoming *last = &in[nr];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (zram_check_disjoint(&last->check, last->super, &in[i].check,
					in[i].super) == ZRAM_CHECK_OK)
			continue;
		zram_attach_lost(virt_to_phys(last->super), &last->check);
		return false;
	}
	return true;
}

/*
 * All envelopes are validated before the first device is attached: from then on
 * the memory of that one changes. Fills @in and returns how many there are, or
 * -ENOMEM.
 */
static int zram_attach_survey(const struct zram_persist_record *record,
			      struct zram_incoming *in)
{
	u64 phys = virt_to_phys((void *)record);
	int nr = 0, err;
	u32 i;

	for (i = 0; i < record->nr_devices; i++) {
		memset(&in[nr], 0, sizeof(in[nr]));
		err = zram_attach_envelope(&in[nr], phys,
					   record->superblock[i]);
		if (err == -ENOMEM)
			goto err_free;
		if (err)
			continue;
		if (zram_attach_is_alone(in, nr))
			nr++;
		else
			kvfree(in[nr].check.segments);
	}
	return nr;

err_free:
	while (nr--)
		kvfree(in[nr].check.segments);
	return err;
}

static int zram_attach_devices(const struct zram_persist_record *record)
{
	struct zram_incoming *in;
	int nr, i;

	in = kvcalloc(record->nr_devices + 1, sizeof(*in), GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	nr = zram_attach_survey(record, in);
	for (i = 0; i < nr; i++) {
		zram_attach_or_hold(&in[i]);
		kvfree(in[i].check.segments);
	}
	kvfree(in);
	return min(nr, 0);
}

static void zram_attach_consume(struct zram_persist_record *record)
{
	record->state = ZRAM_PERSIST_CONSUMED;
	kho_restore_folio(virt_to_phys(record));
}

/**
 * zram_attach_all() - attach what the previous kernel handed over
 *
 * Context: Process context, module init, before other devices are made.
 * Return: 1 if anything was taken from the handover, 0 if there was nothing,
 * -ENOMEM: then nothing was changed.
 */
int zram_attach_all(void)
{
	struct zram_check check = { .map = zram_attach_map };
	const struct zram_persist_record *record;
	enum zram_check_result result;
	phys_addr_t phys;
	size_t size;
	int err;

	if (kho_retrieve_subtree(ZRAM_PERSIST_NODE, &phys, &size))
		return 0;
	result = zram_check_record(&check, phys, size, &record);
	if (result != ZRAM_CHECK_OK) {
		pr_err("the handover record %s, the devices of the previous kernel are lost: %s (%#llx)\n",
		       result == ZRAM_CHECK_UNKNOWN ? "is of an unknown version" :
						      "is damaged",
		       check.reason, check.where);
		return 0;
	}
	if (record->state == ZRAM_PERSIST_CONSUMED)
		return 0;
	err = zram_attach_devices(record);
	if (err)
		return err;
	zram_attach_consume((struct zram_persist_record *)record);
	return 1;
}
