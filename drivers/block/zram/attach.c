// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching the devices that the previous kernel handed over.
 *
 * DOC: Who owns an incoming page
 *
 * Until a device has been validated completely its memory is only read, and
 * only if KHO has it: what was not handed over belongs to somebody else. As
 * soon as its envelope is, and so all its memory is known, it is held: preserved
 * again, so that a kexec loses nothing from here on. Then, in this order: the
 * rest is validated; all memory is restored, from which moment on it consists
 * of folios of this kernel and belongs to the device; the device is put where
 * the seal finds it; and only then is it announced.
 *
 * What cannot be attached stays held, see hold.c. If not even its memory is
 * known, because its envelope is damaged, it stays reserved until the next
 * kexec.
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
#include "hold.h"
#include "record.h"
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

/*
 * The same for a device, which is asked for block by block. What was not handed
 * over is not even read: it may change at any moment.
 */
static const void *zram_attach_map_block(void *data, __u64 phys, __u64 len)
{
	const void *mem = zram_attach_map(data, phys, len);

	if (!mem || zram_kho_waits(phys, get_order(len)))
		return mem;
	pr_err("a block of order %u at %#llx was not handed over\n",
	       get_order(len), phys);
	return NULL;
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
			     struct zram_held *held)
{
	const struct zram_persist_codec *codec = &held->super->codec[nr];

	zram->comp_algs[nr] = NULL;
	if (!codec->name[0])
		return 0;
	zram->comp_algs[nr] = zcomp_lookup(codec->name);
	if (!zram->comp_algs[nr]) {
		zram_held_because(held, "this kernel lacks the codec %s",
				  codec->name);
		return -ENOPKG;
	}
	zram->params[nr].level = codec->level;
	zram->params[nr].winbits = codec->winbits;
	return zram_dict_load(zram, nr, codec);
}

/* Takes over what the superblock says; codecs by name. */
static int zram_attach_configure(struct zram *zram, struct zram_held *held)
{
	const struct zram_persist_super *super = held->super;
	unsigned int i;
	int err;

	for (i = 0; i < ZRAM_MAX_COMPS; i++) {
		err = zram_attach_codec(zram, i, held);
		if (err)
			return err;
	}
	if (zram_dev_name_taken(zram, super->name))
		pr_warn("%s: another device has its name %s: it has none now\n",
			zram->disk->disk_name, super->name);
	else
		strscpy(zram->name, super->name);
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
	atomic64_set(&zram->stats.same_pages, held->check.same_pages);
	atomic64_set(&zram->stats.huge_pages, super->raw_pages);
	atomic64_set(&zram->stats.compr_bytes, held->check.compr_bytes);
	atomic64_set(&zram->stats.backed_pages, super->backed_pages);
	return 0;
}

/* KHO did not have all of the memory: nothing can be made of the rest. */
static int zram_attach_lose(struct zram_held *held, struct zsp_pool *pool)
{
	zram_held_lose(held, U64_MAX);
	if (!IS_ERR(pool)) {
		zsp_leave(pool);
		zsp_destroy_pool(pool);
	}
	return -ENODATA;
}

/*
 * Adopts the memory. What can fail for want of memory comes before any of it is
 * restored.
 */
static int zram_attach_memory(struct zram *zram, struct zram_held *held)
{
	struct zram_persist_super *super = held->super;
	struct zsp_pool *pool;

	pool = zsp_attach_pool(zram->disk->disk_name, &zram_kho_ops,
			       super->segtab, held->preserved,
			       zram->reserve_pages);
	if (PTR_ERR_OR_ZERO(pool) == -ENODATA ||
	    (!IS_ERR(pool) && !kho_restore_folio(virt_to_phys(super))))
		return zram_attach_lose(held, pool);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	if (held->preserved)
		zram_record_claim(virt_to_phys(super));
	else
		zram_record_unhold(virt_to_phys(super));
	zram->pool = pool;
	zram->slots.root = super->slot_root;
	zram->times.root = super->time_root;
	zram_dev_set_limit(zram, zram->limit_pages);
	if (super->writeback_flags & ZRAM_PERSIST_WRITEBACK_UNDER_WAY)
		zram_slots_unpick(zram);
	zsp_set_mover(pool, zram_slot_move, zram);
	if (zram_dev_set_reserve(zram, zram->reserve_pages))
		pr_warn("%s: no memory for its mem_reserve; write to it to try again\n",
			zram->disk->disk_name);
	return 0;
}

static int zram_attach_prepare(struct zram *zram, struct zram_held *held)
{
	int err;

	err = zram_attach_configure(zram, held);
	if (err)
		return err;
	err = zram_dev_create_comps(zram);
	if (err)
		return err;
	err = zram_dev_start(zram, held->super->disksize, NULL);
	if (err)
		goto err_comps;
	err = zram_attach_memory(zram, held);
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
			      struct zram_persist_super *super, bool preserved)
{
	if (preserved) {
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

static void zram_attach_announce(struct zram *zram, u64 pages, u64 segments)
{
	int err = zram_dev_announce(zram);

	/*
	 * A device that cannot be announced is there all the same: the seal
	 * finds it, and the next kernel gets it.
	 */
	if (err) {
		pr_err("%s cannot be shown, and goes on to the next kernel: %pe\n",
		       zram->disk->disk_name, ERR_PTR(err));
		return;
	}
	pr_info("%s: attached: %llu pages in %llu segments, hop %u, in %llu us%s\n",
		zram->disk->disk_name, pages, segments, zram->persist.hops,
		zram->persist.attach_ns / NSEC_PER_USEC,
		zram->persist.on ? "" :
		"; not persistent any more, since Kexec HandOver is off");
}

static int zram_attach_device(struct zram_held *held, ktime_t start)
{
	struct zram_persist_super *super = held->super;
	u64 pages = super->pages_stored, segments = super->nr_segments;
	struct zram *zram;
	int err;

	held->numbered = false;
	zram = zram_dev_alloc(super->index);
	/* Its number may have been given to another one in the meantime. */
	if (IS_ERR(zram) && PTR_ERR(zram) == -EBUSY)
		zram = zram_dev_alloc(-1);
	if (IS_ERR(zram))
		return PTR_ERR(zram);
	err = zram_persist_begin_attach();
	if (err)
		goto err_free;
	err = zram_attach_prepare(zram, held);
	if (!err)
		zram_attach_super(zram, super, held->preserved);
	zram_persist_end_attach();
	if (err)
		goto err_free;
	zram->persist.regions = zram_attach_regions(&held->check);
	zram->persist.attach_ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	zram_attach_announce(zram, pages, segments);
	return 0;

err_free:
	zram_dev_free(zram);
	return err;
}

/* Validates what the envelope leaves open, and attaches the device. */
static int zram_attach_checked(struct zram_held *held)
{
	struct zram_check *check = &held->check;
	ktime_t start = ktime_get();
	int err;

	held->reason[0] = '\0';
	switch (zram_check_contents(check, held->super)) {
	case ZRAM_CHECK_OK:
		break;
	case ZRAM_CHECK_UNKNOWN:
		zram_held_because(held, "%s (%#llx)", check->reason,
				  check->where);
		return -EPROTONOSUPPORT;
	default:
		zram_held_because(held, "%s (%#llx)", check->reason,
				  check->where);
		return -EUCLEAN;
	}
	err = zram_attach_device(held, start);
	if (err && !held->reason[0])
		zram_held_because(held, "%pe", ERR_PTR(err));
	return err;
}

/**
 * zram_attach_held() - attach a device, or say why not
 * @held: device; when it is attached its superblock and memory are not its
 *	own any more
 *
 * Context: Process context, zram_held_lock() and zram_index_mutex. Sleeps.
 * Return: 0; -ENODATA if its memory is lost; -EUCLEAN if it is damaged;
 * -EPROTONOSUPPORT if its format is not known; -ENOPKG if a codec is missing;
 * -ENOMEM; -ESHUTDOWN after the seal. After an error it is held as before.
 */
int zram_attach_held(struct zram_held *held)
{
	int err;

	if (held->lost)
		return -ENODATA;
	err = zram_held_is_whole(held) ? zram_hold(held) : -ENODATA;
	if (!err)
		err = zram_attach_checked(held);
	else if (!held->lost)
		zram_held_because(held, "cannot be preserved again: %pe",
				  ERR_PTR(err));
	if (!err)
		return 0;
	pr_err("device %pUb (zram%u) is not attached: %s\n",
	       held->info->uuid, held->info->index, held->reason);
	if (!held->numbered && zram_check_knows(held->info))
		held->numbered = zram_dev_reserve_index(held->info->index);
	return err;
}

static void zram_attach_lost(u64 phys, const struct zram_check *check)
{
	pr_err("a device of the previous kernel is lost, superblock at %#llx: %s (%#llx)\n",
	       phys, check->reason, check->where);
}

/*
 * Learns what memory a device has. Returns -EUCLEAN if that is not to be known,
 * and -ENOMEM if this kernel has no memory for it.
 */
static int zram_attach_envelope(struct zram_held *held, u64 record, u64 phys)
{
	const struct zram_persist_super *super;
	struct zram_check *check = &held->check;

	check->map = zram_attach_map_block;
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
		goto err_lost;
	held->super = (struct zram_persist_super *)super;
	memcpy(held->info, super, sizeof(*super));
	return 0;

err_lost:
	zram_attach_lost(phys, check);
	return -EUCLEAN;
}

/*
 * True if a device shares neither memory nor UUID with any before it. Of two
 * that do, only the first can be what it says.
 */
static bool zram_attach_is_alone(struct zram_held **held, unsigned int nr)
{
	struct zram_held *last = held[nr];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (zram_check_disjoint(&last->check, last->super,
					&held[i]->check, held[i]->super) ==
		    ZRAM_CHECK_OK)
			continue;
		zram_attach_lost(virt_to_phys(last->super), &last->check);
		return false;
	}
	return true;
}

/*
 * All envelopes are validated before the first device is attached: from then on
 * the memory of that one changes. Fills @held and returns how many there are,
 * or -ENOMEM.
 */
static int zram_attach_survey(const struct zram_persist_record *record,
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
			err = zram_attach_envelope(held[nr], phys,
						   device->superblock);
		if (err == -ENOMEM)
			goto err_free;
		if (!err && zram_attach_is_alone(held, nr))
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

/* Shows a device that could not be attached, and says what becomes of it. */
static void zram_attach_show_held(struct zram_held *held)
{
	const char *next = "its memory goes on to the next kernel";

	if (!held->preserved)
		next = "the next kexec will lose it";
	pr_warn("device %pUb (zram%u) is held: %s\n", held->info->uuid,
		held->info->index, next);
	if (zram_held_add(held))
		pr_warn("held devices cannot be shown for want of memory\n");
}

/*
 * Holds all devices that were sealed, or none: a device that is not held is one
 * that nobody would know of when this module goes.
 */
static int zram_attach_hold_all(struct zram_held **held, int nr)
{
	int i, err = 0;

	for (i = 0; i < nr && !err; i++)
		if (held[i]->super->seal == ZRAM_PERSIST_SEALED)
			err = zram_hold(held[i]);
	if (!err)
		return 0;
	pr_err("the devices of the previous kernel cannot be held: %pe. Load the module again when there is memory\n",
	       ERR_PTR(err));
	while (i--)
		zram_unhold(held[i]);
	return err;
}

/* Attaches a device, drops it if there is nothing in it, or holds it. */
static void zram_attach_one(struct zram_held *held)
{
	if (held->super->seal != ZRAM_PERSIST_SEALED) {
		/* Nobody has written down what memory an open one has. */
		pr_err("device %pUb (zram%u) was not sealed by the previous kernel: its contents are lost%s\n",
		       held->info->uuid, held->info->index,
		       held->info->seal == ZRAM_PERSIST_OPEN ?
		       ", and its memory is missing until the next kexec" : "");
		zram_drop(held);
		zram_held_free(held);
		return;
	}
	if (zram_attach_held(held))
		zram_attach_show_held(held);
	else
		zram_held_free(held);
}

/*
 * In @record are the devices of the previous kernel; or, if it is @outgoing,
 * those that a module before us held in this one.
 */
static int zram_attach_devices(const struct zram_persist_record *record,
			       bool outgoing)
{
	struct zram_held **held;
	int nr, i, err;

	held = kvcalloc(record->nr_devices + 1, sizeof(*held), GFP_KERNEL);
	if (!held)
		return -ENOMEM;
	nr = zram_attach_survey(record, held);
	/* Held for the first time, or by one more kernel, unless attached. */
	for (i = 0; i < nr; i++) {
		held[i]->named = outgoing;
		held[i]->preserved = outgoing && zram_kho_enabled();
		held[i]->held_hops += !outgoing;
	}
	err = nr < 0 ? nr : zram_attach_hold_all(held, nr);
	for (i = 0; i < nr; i++) {
		if (err)
			zram_held_free(held[i]);
		else
			zram_attach_one(held[i]);
	}
	kvfree(held);
	return err;
}

/* One that was consumed is a page of this kernel. */
static enum zram_check_result
zram_attach_record(struct zram_check *check, phys_addr_t phys, size_t size,
		   const struct zram_persist_record **record)
{
	enum zram_check_result result;

	result = zram_check_record(check, phys, size, record);
	if (result || (*record)->state != ZRAM_PERSIST_OUTGOING ||
	    zram_kho_waits(phys, 0))
		return result;
	check->reason = "record was not handed over";
	check->where = phys;
	return ZRAM_CHECK_ENVELOPE;
}

/**
 * zram_attach_all() - attach what the previous kernel handed over
 *
 * Context: Process context, module init, before other devices are made.
 * Return: 1 if anything was taken from the handover, 0 if there was nothing;
 * -ENOMEM, or an errno of KHO: then nothing was changed.
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
	zram_kho_learn();
	result = zram_attach_record(&check, phys, size, &record);
	if (result != ZRAM_CHECK_OK) {
		pr_err("the handover record %s, the devices of the previous kernel are lost: %s (%#llx)\n",
		       result == ZRAM_CHECK_UNKNOWN ? "is of an unknown version" :
						      "is damaged",
		       check.reason, check.where);
		return 0;
	}
	record = zram_record_receive(&check, (void *)record);
	if (!record)
		return 0;
	zram_held_lock();
	err = zram_attach_devices(record,
				  virt_to_phys((void *)record) != phys);
	zram_held_unlock();
	if (err)
		return err;
	zram_record_consume();
	return 1;
}
