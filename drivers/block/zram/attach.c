// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching the devices that the previous kernel handed over.
 *
 * DOC: Who owns an incoming page
 *
 * Until a device has been validated completely its memory is only read, and
 * only if KHO has it: what was not handed over belongs to somebody else. As
 * soon as its envelope is, and so all its memory is known, it is held: preserved
 * again, so that a kexec loses nothing from here on (unless nothing can be handed
 * over), its number is kept, and it can be found by users. Then, in this order:
 * the rest is validated; all memory is restored, from which moment on it consists
 * of folios of this kernel and belongs to the device; the device is put where the
 * seal finds it; and only then is it announced.
 *
 * What cannot be attached stays held, see hold.c. So does, for users, one that
 * could not be announced: they can try again. If not even its memory is known,
 * because its envelope is damaged, it stays reserved until the next kexec.
 *
 * The incoming record is found again by a module that is loaded a second time,
 * because KHO goes on naming it. So it is marked as consumed, and its page is
 * never freed.
 *
 * DOC: No memory
 *
 * All devices are held before the first is attached: if that fails nothing has
 * changed, and the module is not loaded. After it, what fails for want of memory
 * leaves a device that is held, as it was, and a way to try again. Nothing that
 * is undone then needs memory.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/kexec_handover.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "backing.h"
#include "dict.h"
#include "hold.h"
#include "index.h"
#include "record.h"
#include "slot.h"
#include "swap.h"
#include "times.h"
#include "zram.h"

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
	if (zram_index_name_taken(zram, super->name))
		pr_warn("%s: another device has its name %s: it has none now\n",
			zram->disk->disk_name, super->name);
	else
		strscpy(zram->name, super->name);
	zram_clock_resume(zram, super);
	zram->limit_pages = super->mem_limit;
	zram->reserve_pages = super->mem_reserve;

	zram_attach_writeback(zram, super);
	import_uuid(&zram->persist.uuid, super->uuid);
	zram->persist.hops = zram_held_kexecs(held);
	zram->persist.seal_ns = super->seal_ns;
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

/* The superblock is for the next kernel, if anything goes there. */
static void zram_attach_super(struct zram *zram,
			      struct zram_persist_super *super, bool preserved)
{
	if (preserved) {
		zram_persist_adopt(zram, super);
		return;
	}
	zram_persist_keep(zram);
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

/*
 * A device that cannot be announced is there all the same: the seal finds it, and
 * the next kernel gets it. Until then it is held for those who want to see it.
 */
static int zram_attach_announce(struct zram_held *held, struct zram *zram)
{
	int err = zram_dev_announce(zram);

	held->zram = err ? zram : NULL;
	if (err) {
		zram_held_because(held, "attached, but cannot be shown: %pe",
				  ERR_PTR(err));
		return err;
	}
	pr_info("%s: attached: %llu pages in %llu segments, hop %u, in %llu us%s\n",
		zram->disk->disk_name, held->info->pages_stored,
		held->info->nr_segments, zram->persist.hops,
		zram->persist.attach_ns / NSEC_PER_USEC,
		zram->persist.on ? "" : zram_kho_enabled() ?
		"; not persistent any more, since memory was added" :
		"; not persistent any more, since Kexec HandOver is off");
	return 0;
}

static int zram_attach_announce_again(struct zram_held *held)
{
	int err = zram_persist_begin_attach();

	if (err)
		return err;
	err = zram_dev_renew(held->zram);
	zram_persist_end_attach();
	return err ?: zram_attach_announce(held, held->zram);
}

/* If its number is that of another device it gets any that is free. */
static int zram_attach_keep_index(struct zram_held *held)
{
	int err;

	if (held->numbered || !zram_check_knows(held->info))
		return 0;
	err = zram_index_keep(held->info->index);
	held->numbered = !err;
	return err == -EBUSY ? 0 : err;
}

static int zram_attach_device(struct zram_held *held, ktime_t start)
{
	struct zram_persist_super *super = held->super;
	struct zram *zram;
	int err;

	err = zram_attach_keep_index(held);
	if (err)
		return err;
	zram = zram_dev_alloc(held->numbered ? super->index : -1);
	if (IS_ERR(zram))
		return PTR_ERR(zram);
	err = zram_persist_begin_attach();
	if (err)
		goto err_free;
	err = zram_attach_prepare(zram, held);
	if (!err) {
		zram_swap_attach(zram, super);
		zram_attach_super(zram, super, held->preserved);
		zram_backing_miss(zram);
	}
	zram_persist_end_attach();
	if (err)
		goto err_free;
	held->numbered = false;
	zram->persist.regions = zram_attach_regions(&held->check);
	zram->persist.attach_ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	return zram_attach_announce(held, zram);

err_free:
	zram_dev_free(zram, held->numbered);
	return err;
}

/* Validates what the envelope leaves open, and attaches the device. */
static int zram_attach_checked(struct zram_held *held)
{
	struct zram_check *check = &held->check;
	ktime_t start = ktime_get();

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
	return zram_attach_device(held, start);
}

/**
 * zram_attach_held() - attach a device, or say why not
 * @held: device; when it is attached its superblock and memory are not its
 *	own any more
 *
 * Context: Process context, zram_held_lock(). Takes zram_index_mutex. Sleeps.
 * Return: 0; -ENODATA if its memory is lost; -EUCLEAN if it is damaged;
 * -EPROTONOSUPPORT if its format is not known; -ENOPKG if a codec is missing;
 * -ENOMEM; -ESHUTDOWN after the seal. After an error it is held as before, or
 * is only to be announced.
 */
int zram_attach_held(struct zram_held *held)
{
	int err;

	if (held->lost)
		return -ENODATA;
	held->reason[0] = '\0';
	mutex_lock(&zram_index_mutex);
	if (held->zram)
		err = zram_attach_announce_again(held);
	else if (zram_held_is_whole(held))
		err = zram_attach_checked(held);
	else
		err = -ENODATA;
	mutex_unlock(&zram_index_mutex);
	if (!err)
		return 0;
	if (!held->reason[0])
		zram_held_because(held, "%s%pe", held->zram ?
				  "attached, but cannot be shown: " : "",
				  ERR_PTR(err));
	pr_err("device %pUb (zram%u) is not attached: %s\n",
	       held->info->uuid, held->info->index, held->reason);
	return err;
}

/* Nothing is held after an error that was not before. */
static int zram_attach_hold(struct zram_held **held, int nr, bool outgoing,
			    bool preserve)
{
	int i, err = 0;

	for (i = 0; i < nr && !err; i++)
		if (held[i]->super->seal == ZRAM_PERSIST_SEALED)
			err = zram_hold(held[i], preserve);
	if (!err)
		return 0;
	while (i-- && !outgoing)
		zram_unhold(held[i]);
	return err;
}

/*
 * What cannot be handed over can be used in this kernel all the same, and saved
 * elsewhere.
 */
static int zram_attach_hold_somehow(struct zram_held **held, int nr,
				    bool outgoing)
{
	int err = zram_attach_hold(held, nr, outgoing, zram_kho_enabled());

	if (err != -EADDRNOTAVAIL)
		return err;
	pr_warn("the devices of the previous kernel cannot go on to the next one: see above\n");
	return zram_attach_hold(held, nr, outgoing, false);
}

static int zram_attach_show_held(struct zram_held *held)
{
	int err = zram_attach_keep_index(held);

	return err ?: zram_held_add(held);
}

/*
 * Holds all devices that were sealed, or none: a device that is not held, and to
 * be found, is one that nobody would know of. What a module before us has held,
 * as the @outgoing record says, stays so.
 */
static int zram_attach_hold_all(struct zram_held **held, int nr, bool outgoing)
{
	int err = zram_attach_hold_somehow(held, nr, outgoing), i;

	if (err)
		goto err_say;
	for (i = 0; i < nr && !err; i++)
		if (held[i]->super->seal == ZRAM_PERSIST_SEALED)
			err = zram_attach_show_held(held[i]);
	if (!err)
		return 0;
	for (i = 0; i < nr && !outgoing; i++)
		zram_unhold(held[i]);
err_say:
	pr_err("the devices of the previous kernel cannot be held: %pe. Load the module again when that has changed\n",
	       ERR_PTR(err));
	return err;
}

/* Says what becomes of a device that is not attached. */
static void zram_attach_leave_held(struct zram_held *held)
{
	const char *next = "its memory goes on to the next kernel";

	if (!held->preserved)
		next = "the next kexec will lose it";
	pr_warn("device %pUb (zram%u) is held: %s\n", held->info->uuid,
		held->info->index, next);
	zram_held_show(held);
}

/* Attaches a device, drops it if there is nothing in it, or leaves it held. */
static void zram_attach_one(struct zram_held *held)
{
	if (held->super->seal != ZRAM_PERSIST_SEALED) {
		/* Nobody has written down what memory an open one has. */
		pr_err("device %pUb (zram%u) was not sealed by the previous kernel: its contents are lost%s\n",
		       held->info->uuid, held->info->index,
		       held->info->seal == ZRAM_PERSIST_OPEN ?
		       ", and its memory is missing until the next kexec" : "");
		zram_drop(held);
		return;
	}
	held->gone = false;
	if (zram_attach_default) {
		held->gone = !zram_attach_held(held);
	} else {
		zram_held_because(held,
				  "nobody has asked for it: the module was loaded with attach=0");
		pr_info("device %pUb (zram%u) is not attached: %s\n",
			held->info->uuid, held->info->index, held->reason);
	}
	if (!held->gone)
		zram_attach_leave_held(held);
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
	nr = zram_survey(record, held);
	/* Held for the first time, or by one more kernel, unless attached. */
	for (i = 0; i < nr; i++) {
		held[i]->named = outgoing;
		held[i]->preserved =
			outgoing && record->state == ZRAM_PERSIST_OUTGOING;
		held[i]->held_hops += !outgoing;
	}
	err = nr < 0 ? nr : zram_attach_hold_all(held, nr, outgoing);
	zram_held_lock();
	for (i = 0; i < nr && !err; i++) {
		zram_attach_one(held[i]);
		/* One that stays may end at any time now: users see it. */
		if (!held[i]->gone)
			held[i] = NULL;
	}
	zram_held_unlock();
	for (i = 0; i < nr; i++)
		if (held[i])
			zram_held_remove(held[i]);
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
	if (result || (*record)->state == ZRAM_PERSIST_CONSUMED ||
	    ((*record)->state == ZRAM_PERSIST_OUTGOING &&
	     zram_kho_waits(phys, 0)))
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
	struct zram_check check = { .map = zram_survey_map };
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
	err = zram_attach_devices(record,
				  virt_to_phys((void *)record) != phys);
	if (err)
		return err;
	zram_record_consume();
	return 1;
}
