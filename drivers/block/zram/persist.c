// SPDX-License-Identifier: GPL-2.0
/*
 * Switching persistence on and off, and the seal.
 *
 * DOC: The seal
 *
 * The last thing that the driver does before a kexec, in a reboot notifier,
 * whose result the kernel ignores; all that can fail has been done when
 * persistence was switched on. For each persistent device:
 *
 * 1. Writes stop: those that come fail at once, those in flight are waited
 *    for. Reads go on until the CPUs stop. Tasks are not frozen at this point,
 *    and blocking them could block whoever stops the machine: hence failure.
 * 2. The worker of the pool is waited for, and checksums are written.
 * 3. The superblock is written, and marked as sealed.
 *
 * A device that cannot be sealed leaves the handover, but for its superblock,
 * which tells the next kernel so.
 *
 * A restart of the machine looks the same to a notifier and seals too, with no
 * harm: what is in memory is lost then anyway.
 */

#define pr_fmt(fmt) "zram: " fmt

#include <linux/crc32c.h>
#include <linux/kernel.h>
#include <linux/kexec_handover.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/reboot.h>
#include <linux/string.h>

#include "record.h"
#include "times.h"
#include "zram.h"

/* How long the seal waits for writes in flight. */
#define ZRAM_SEAL_TIMEOUT	(10 * HZ)

/*
 * Protects the list and zram_sealed, and keeps the seal away while persistence
 * is being switched. Taken inside dev_lock; the seal takes it alone.
 */
static DEFINE_MUTEX(zram_persist_lock);
static LIST_HEAD(zram_persistent);
static bool zram_sealed;

/*
 * Nothing will be sealed any more: it has been done, or this module has come so late that
 * nobody will call it. Who registers while the notifiers are called waits for their end,
 * and the kernel goes on then: devices are shut down, which can take seconds, while
 * programs still run.
 */
static bool zram_is_too_late(void)
{
	return zram_sealed || system_state == SYSTEM_RESTART;
}

/* === Superblock === */

static void zram_super_sign(struct zram_persist_super *super)
{
	super->crc = 0;
	super->crc = crc32c(~0, super, sizeof(*super));
}

static void zram_super_fill_codecs(struct zram_persist_super *super,
				   const struct zram *zram)
{
	unsigned int i;

	for (i = 0; i < ZRAM_MAX_COMPS; i++) {
		if (!zram->comp_algs[i])
			continue;
		strscpy(super->codec[i].name, zram->comp_algs[i]);
		super->codec[i].level = zram->params[i].level;
		super->codec[i].winbits = zram->params[i].winbits;
		super->codec[i].dict = zram->dicts[i];
		super->codec[i].dict_len = zram->params[i].dict_len;
	}
}

static void zram_super_fill_writeback(struct zram_persist_super *super,
				      const struct zram *zram)
{
	const struct zram_writeback *writeback = &zram->writeback;

	export_uuid(super->backing_uuid, &writeback->uuid);
	super->backing_blocks = writeback->nr_blocks;
	super->backed_pages = atomic64_read(&zram->stats.backed_pages);
	super->writeback_limit = writeback->limit;
	super->writeback_batch = writeback->batch;
	if (writeback->limited)
		super->writeback_flags |= ZRAM_PERSIST_WRITEBACK_LIMITED;
	if (writeback->compressed)
		super->writeback_flags |= ZRAM_PERSIST_WRITEBACK_COMPRESSED;
	if (READ_ONCE(writeback->under_way))
		super->writeback_flags |= ZRAM_PERSIST_WRITEBACK_UNDER_WAY;
}

/* Drivers that do not know of faulty pages can have devices without. */
static u32 zram_super_incompat(const struct zram *zram)
{
	struct zsp_stats stats;

	zsp_get_stats(zram->pool, &stats);
	return ZRAM_PERSIST_INCOMPAT_USED |
	       (stats.bad_pages ? ZRAM_PERSIST_INCOMPAT_BAD : 0);
}

static void zram_super_fill(struct zram_persist_super *super,
			    const struct zram *zram)
{
	memset(super, 0, sizeof(*super));
	super->magic = ZRAM_PERSIST_SUPER_MAGIC;
	super->version = ZRAM_PERSIST_VERSION;
	super->size = sizeof(*super);
	super->seal = ZRAM_PERSIST_OPEN;
	export_uuid(super->uuid, &zram->persist.uuid);

	super->compat = READ_ONCE(zram->swap) ? ZRAM_PERSIST_COMPAT_SWAP : 0;
	super->incompat = zram_super_incompat(zram);
	super->byte_order = ZRAM_PERSIST_BYTE_ORDER;
	super->page_shift = ZRAM_PERSIST_PAGE_SHIFT;
	super->granule_shift = ZRAM_PERSIST_GRANULE_SHIFT;
	super->max_order = ZRAM_PERSIST_MAX_ORDER;

	super->slot_levels = zram->slots.levels;
	super->index = zram->disk->first_minor;
	super->hops = zram->persist.hops + 1;
	super->disksize = zram->disksize;
	super->slot_root = zram->slots.root;
	super->time_root = zram->times.root;
	super->clock = zram_clock(zram);
	super->wall_clock = ktime_get_real_seconds();
	strscpy(super->name, zram->name);
	super->mem_limit = zram->limit_pages;
	super->mem_reserve = zram->reserve_pages;
	super->pages_stored = atomic64_read(&zram->stats.pages_stored);
	super->same_pages = atomic64_read(&zram->stats.same_pages);
	super->raw_pages = atomic64_read(&zram->stats.huge_pages);
	super->compr_bytes = atomic64_read(&zram->stats.compr_bytes);
	zram_super_fill_codecs(super, zram);
	zram_super_fill_writeback(super, zram);
}

static struct zram_persist_super *zram_super_create(struct zram *zram)
{
	struct zram_persist_super *super;

	super = zram_kho_alloc(sizeof(*super));
	if (IS_ERR(super))
		return super;
	zram_super_fill(super, zram);
	zram_super_sign(super);
	return super;
}

/* === Switching === */

/* Context: zram_persist_lock. */
static void zram_persist_link(struct zram *zram,
			      struct zram_persist_super *super)
{
	zram->persist.super = super;
	zram->persist.on = true;
	zram->persist.wanted = true;
	list_add_tail(&zram->persist.node, &zram_persistent);
}

/* Context: zram_persist_lock. */
static void zram_persist_unlink(struct zram *zram)
{
	struct zram_persist *persist = &zram->persist;

	list_del_init(&persist->node);
	zram_record_remove(virt_to_phys(persist->super));
	zsp_leave(zram->pool);
	kho_unpreserve_free(persist->super);
	persist->super = NULL;
	persist->on = false;
}

/**
 * zram_persist_keep() - protect a device that came over and cannot go on
 * @zram: device that is being attached and will not be persistent
 *
 * What it has is nowhere else, and tools reset a device before they ask what it is.
 * So it is treated like a persistent one until persistence is switched off: it is
 * neither reset nor removed, and the module stays.
 *
 * Context: A call into the module that keeps it loaded.
 */
void zram_persist_keep(struct zram *zram)
{
	zram->persist.wanted = false;
	zram->persist.kept = true;
	__module_get(THIS_MODULE);
}

static void zram_persist_give_up(struct zram *zram)
{
	if (zram->persist.kept)
		module_put(THIS_MODULE);
	zram->persist.kept = false;
}

/**
 * zram_persist_protects() - are contents of a device not to be destroyed unasked?
 * @zram: device
 *
 * Context: dev_lock held.
 * Return: true if it is persistent, or was when it came over.
 */
bool zram_persist_protects(const struct zram *zram)
{
	return zram->persist.on || zram->persist.kept;
}

/**
 * zram_persist_is_or_was() - for messages about a device that is protected
 * @zram: device
 *
 * Return: a word to be put in front of "persistent".
 */
const char *zram_persist_is_or_was(const struct zram *zram)
{
	return zram->persist.on ? "is" : "was";
}

/**
 * zram_persist_on() - make a device persistent
 * @zram: device; may be in use and full
 *
 * A device without a disksize will be persistent once it has one. Without KHO
 * that is refused already now, when there is a user to see it.
 *
 * Context: Process context, dev_lock held for write. Sleeps, and allocates with
 * GFP_KERNEL: for memory that is short at this moment reclaim is started.
 * Return: 0; -EOPNOTSUPP without KHO; -EBUSY after the seal; or an errno of
 * KHO, and nothing is changed.
 */
int zram_persist_on(struct zram *zram)
{
	struct zram_persist_super *super;
	int err;

	if (zram->persist.on)
		return 0;
	if (!zram_kho_enabled()) {
		pr_warn("%s: cannot be persistent: Kexec HandOver is off; boot a kernel that has CONFIG_KEXEC_HANDOVER with kho=on, or see dmesg | grep KHO if this is one\n",
			zram->disk->disk_name);
		return -EOPNOTSUPP;
	}
	if (!zram_init_done(zram)) {
		zram->persist.wanted = true;
		return 0;
	}

	guard(mutex)(&zram_persist_lock);
	if (zram_is_too_late())
		return -EBUSY;
	uuid_gen(&zram->persist.uuid);
	super = zram_super_create(zram);
	if (IS_ERR(super))
		return PTR_ERR(super);
	err = zsp_join(zram->pool);
	if (!err)
		err = zram_record_add(virt_to_phys(super));
	if (err) {
		zsp_leave(zram->pool);
		kho_unpreserve_free(super);
		pr_warn("%s: cannot be persistent: %pe\n",
			zram->disk->disk_name, ERR_PTR(err));
		return err;
	}
	/* One that attached, and could not be persistent then, begins anew. */
	zram_persist_give_up(zram);
	zram->persist.hops = 0;
	zram_persist_link(zram, super);
	return 0;
}

/**
 * zram_persist_off() - make a device an ordinary one
 * @zram: device; may be in use and full
 *
 * Its contents stay, and are lost with this kernel. Switched on again it is
 * another device to the next kernel: it gets a new UUID. One that came over and
 * could not be persistent any more is given up by that, too: nobody need ask
 * again whether it may be lost.
 *
 * Context: Process context, dev_lock held for write. Sleeps.
 * Return: 0, or -EBUSY after the seal.
 */
int zram_persist_off(struct zram *zram)
{
	struct zram_persist *persist = &zram->persist;

	guard(mutex)(&zram_persist_lock);
	if (zram_sealed && persist->on)
		return -EBUSY;
	if (persist->on)
		zram_persist_unlink(zram);
	persist->wanted = false;
	zram_persist_give_up(zram);
	persist->hops = 0;
	uuid_copy(&persist->uuid, &uuid_null);
	return 0;
}

/**
 * zram_persist_begin_attach() - keep the seal away while a device is attached
 *
 * From the moment that its pool is attached until zram_persist_adopt(), a
 * device is neither what the previous kernel sealed nor known to the seal.
 *
 * Context: Process context. Sleeps. Takes zram_persist_lock.
 * Return: 0, or -ESHUTDOWN after the seal, and the lock is not taken.
 */
int zram_persist_begin_attach(void)
{
	mutex_lock(&zram_persist_lock);
	if (!zram_is_too_late())
		return 0;
	mutex_unlock(&zram_persist_lock);
	return -ESHUTDOWN;
}

/**
 * zram_persist_end_attach() - undo zram_persist_begin_attach()
 */
void zram_persist_end_attach(void)
{
	mutex_unlock(&zram_persist_lock);
}

/**
 * zram_persist_adopt() - make an attached device persistent again
 * @zram: device, with its pool
 * @super: its superblock, preserved and in the outgoing record
 *
 * Context: Process context, after zram_persist_begin_attach().
 */
void zram_persist_adopt(struct zram *zram, struct zram_persist_super *super)
{
	lockdep_assert_held(&zram_persist_lock);
	/* From now on the segment table changes, and its checksums do not. */
	super->seal = ZRAM_PERSIST_OPEN;
	super->segtab = 0;
	super->nr_segments = 0;
	zram_super_sign(super);
	zram_persist_link(zram, super);
}

/**
 * zram_persist_state() - persistence of a device in a word
 * @zram: device
 *
 * Context: dev_lock held.
 * Return: "off", "wanted" before there is a disksize, "on", "sealed" or
 * "seal-failed".
 */
const char *zram_persist_state(const struct zram *zram)
{
	if (zram->persist.seal_failed)
		return "seal-failed";
	if (zram->state == ZRAM_SEALED)
		return "sealed";
	if (zram->persist.on)
		return "on";
	return zram->persist.wanted && !zram_init_done(zram) ? "wanted" : "off";
}

/**
 * zram_persist_cannot_seal() - is it known that a device cannot be handed over?
 * @zram: device
 *
 * Context: Process context, dev_lock held. Sleeps.
 * Return: true for a persistent device of which something that it needs is on
 * a faulty page, or of which memory was damaged so that the next kernel would hold it.
 */
bool zram_persist_cannot_seal(const struct zram *zram)
{
	return zram->persist.on &&
	       (PageHWPoison(virt_to_page(zram->persist.super)) ||
		zram_record_is_faulty() || zsp_cannot_seal(zram->pool));
}

/* === Seal === */

static bool zram_seal_writers(struct zram *zram)
{
	return wait_for_completion_timeout(&zram->writers_gone,
					   ZRAM_SEAL_TIMEOUT);
}

/* Leaves only the superblock in the handover. There may still be writers. */
static void zram_seal_give_up(struct zram *zram, int err)
{
	struct zram_persist_super *super = zram->persist.super;

	zram->persist.seal_failed = true;
	super->seal = ZRAM_PERSIST_SEAL_FAILED;
	super->segtab = 0;
	super->nr_segments = 0;
	zram_super_sign(super);
	zsp_leave(zram->pool);
	pr_err("%s: cannot be handed over, its contents will be lost: %pe\n",
	       zram->disk->disk_name, ERR_PTR(err));
}

/*
 * Leaves nothing in the record: the next kernel must not read @super. The page
 * itself stays preserved, so that nobody there gets it.
 */
static void zram_seal_forget(struct zram *zram,
			     struct zram_persist_super *super)
{
	zram->persist.seal_failed = true;
	/* Not zram_record_remove(): the module stays, for the device does. */
	zram_record_unhold(virt_to_phys(super));
	zsp_leave(zram->pool);
	pr_err("%s: its superblock is on a faulty page: it cannot be handed over, its contents will be lost\n",
	       zram->disk->disk_name);
}

/* Context: zram_persist_lock, and the writers are killed. */
static void zram_seal_device(struct zram *zram)
{
	struct zram_persist_super *super = zram->persist.super;
	ktime_t start = ktime_get();
	u64 segtab, nr_segments;
	int err = -ETIMEDOUT;

	if (PageHWPoison(virt_to_page(super))) {
		zram_seal_forget(zram, super);
		return;
	}
	if (zram_seal_writers(zram)) {
		zram_backing_seal(zram, ZRAM_SEAL_TIMEOUT);
		err = zsp_seal(zram->pool, &segtab, &nr_segments);
	}
	zram_super_fill(super, zram);
	if (err) {
		zram_seal_give_up(zram, err);
		return;
	}
	super->segtab = segtab;
	super->nr_segments = nr_segments;
	super->seal = ZRAM_PERSIST_SEALED;
	super->seal_ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	zram_super_sign(super);
	WRITE_ONCE(zram->state, ZRAM_SEALED);
	pr_info("%s: sealed: %llu pages in %llu segments, in %llu us\n",
		zram->disk->disk_name, super->pages_stored, nr_segments,
		super->seal_ns / NSEC_PER_USEC);
}

/* While there is still I/O: nobody waits for this. */
static void zram_seal_compact(void)
{
	unsigned int ms = READ_ONCE(zram_seal_compact_ms);
	struct zram *zram;

	if (!ms)
		return;
	list_for_each_entry(zram, &zram_persistent, persist.node)
		zsp_compact(zram->pool, ms);
}

static int zram_reboot_notify(struct notifier_block *nb, unsigned long action,
			      void *data)
{
	struct zram *zram;

	if (action != SYS_RESTART)
		return NOTIFY_DONE;

	guard(mutex)(&zram_persist_lock);
	if (zram_sealed)
		return NOTIFY_DONE;
	zram_sealed = true;
	zram_seal_compact();
	list_for_each_entry(zram, &zram_persistent, persist.node)
		percpu_ref_kill(&zram->writers);
	list_for_each_entry(zram, &zram_persistent, persist.node)
		zram_seal_device(zram);
	list_for_each_entry(zram, &zram_persistent, persist.node)
		zcomp_wipe_all(zram->comps);
	zram_record_seal();
	return NOTIFY_DONE;
}

/* The last of all: what other notifiers write is still handed over. */
static struct notifier_block zram_reboot_nb = {
	.notifier_call	= zram_reboot_notify,
	.priority	= INT_MIN,
};

/**
 * zram_persist_init() - be called before a kexec
 *
 * Context: Process context. Sleeps.
 * Return: 0 or an errno.
 */
int zram_persist_init(void)
{
	return register_reboot_notifier(&zram_reboot_nb);
}

/**
 * zram_persist_catch_up() - seal, if the kernel has forgotten us
 *
 * Between the end of the chain of notifiers and zram_is_too_late() there are a few
 * instructions, in which a module that has just come can attach its devices.
 *
 * Context: Process context, at the end of loading. Sleeps.
 */
void zram_persist_catch_up(void)
{
	if (system_state == SYSTEM_RESTART)
		zram_reboot_notify(&zram_reboot_nb, SYS_RESTART, NULL);
}

/**
 * zram_persist_exit() - undo zram_persist_init()
 *
 * Context: Process context, no device is persistent. Sleeps.
 */
void zram_persist_exit(void)
{
	unregister_reboot_notifier(&zram_reboot_nb);
}
