// SPDX-License-Identifier: GPL-2.0
/*
 * The outgoing handover record: the one thing that KHO knows by name, and
 * through which the next kernel finds the superblocks.
 *
 * The record exists as long as it names anything, and is valid at every moment,
 * so that the next kernel learns of a device even if it was never sealed.
 *
 * DOC: When the module goes
 *
 * A device in use keeps the module loaded, since it alone can seal. One that is
 * held needs no seal, and another module may be the one that understands it: so
 * the record, and all that it names, stays in the handover without a module,
 * and the incoming record says where it is. The next module takes it back.
 *
 * Where nothing can be handed over, as without KHO, the record is kept, and serves
 * that purpose alone.
 */

#include <linux/crc32c.h>
#include <linux/gfp.h>
#include <linux/kexec_handover.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "kho_tree.h"
#include "record.h"
#include "zram.h"

/* Protects the record. Taken before zram_kho_lock. */
static DEFINE_MUTEX(zram_record_lock);
static struct zram_persist_record *zram_record;

/* What the previous kernel handed over, or NULL; it is never freed. */
static struct zram_persist_record *zram_incoming;

static void zram_record_sign(struct zram_persist_record *record,
			     enum zram_persist_record_state state)
{
	record->state = state;
	record->crc = 0;
	record->crc = crc32c(~0, record, sizeof(*record));
}

/* === The outgoing record === */

static bool zram_record_is_handed_over(void)
{
	return zram_record->state == ZRAM_PERSIST_OUTGOING;
}

static int zram_record_create(void)
{
	struct zram_persist_record *record;
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	if (!page)
		return -ENOMEM;
	record = page_address(page);
	record->magic = ZRAM_PERSIST_RECORD_MAGIC;
	record->version = ZRAM_PERSIST_RECORD_VERSION;
	record->size = sizeof(*record);
	zram_record_sign(record, ZRAM_PERSIST_KEPT);
	zram_record = record;
	return 0;
}

static void zram_record_destroy(void)
{
	struct page *page = virt_to_page(zram_record);

	if (zram_record_is_handed_over()) {
		kho_remove_subtree(zram_record);
		kho_unpreserve_pages(page, 1);
	}
	zram_record = NULL;
	__free_page(page);
}

/* What the record names already, if it is not handed over, must not be, either. */
static int zram_record_hand_over(void)
{
	struct page *page = virt_to_page(zram_record);
	int err;

	if (zram_record_is_handed_over())
		return 0;
	if (zram_record->nr_devices) {
		pr_warn("zram: devices are held that cannot go on to the next kernel: attach or drop them first\n");
		return -EADDRNOTAVAIL;
	}
	err = zram_kho_add_block(page_to_pfn(page), 0);
	if (err)
		return err;
	zram_record_sign(zram_record, ZRAM_PERSIST_OUTGOING);
	err = kho_add_subtree(ZRAM_PERSIST_NODE, zram_record,
			      sizeof(*zram_record));
	if (!err)
		return 0;
	zram_record_sign(zram_record, ZRAM_PERSIST_KEPT);
	kho_unpreserve_pages(page, 1);
	return err;
}

/* Context: zram_record_lock. Makes one that is of the kind that is wanted. */
static int zram_record_prepare(bool hand_over)
{
	int err = 0;

	if (!zram_record)
		err = zram_record_create();
	if (err)
		return err;
	if (hand_over)
		err = zram_record_hand_over();
	else if (zram_record_is_handed_over())
		err = -EADDRNOTAVAIL;
	if (err && !zram_record->nr_devices)
		zram_record_destroy();
	return err;
}

static struct zram_persist_device *zram_record_find(u64 super)
{
	u32 i;

	for (i = 0; zram_record && i < zram_record->nr_devices; i++)
		if (zram_record->device[i].superblock == super)
			return &zram_record->device[i];
	return NULL;
}

/* Context: zram_record_lock. */
static int zram_record_append(u64 super, u32 held_hops, bool hand_over)
{
	int err = zram_record_prepare(hand_over);

	if (err)
		return err;
	if (zram_record->nr_devices == ZRAM_PERSIST_MAX_DEVICES)
		return -ENOSPC;
	zram_record->device[zram_record->nr_devices++] =
		(struct zram_persist_device) {
			.superblock = super, .held_hops = held_hops,
		};
	zram_record_sign(zram_record, zram_record->state);
	return 0;
}

/* Context: zram_record_lock. */
static void zram_record_delete(u64 super)
{
	struct zram_persist_device *device = zram_record_find(super), *last;

	if (WARN_ON_ONCE(!device))
		return;
	last = &zram_record->device[--zram_record->nr_devices];
	*device = *last;
	memset(last, 0, sizeof(*last));
	zram_record_sign(zram_record, zram_record->state);
	if (!zram_record->nr_devices)
		zram_record_destroy();
}

/**
 * zram_record_add() - name the superblock of a device in use
 * @super: physical address of the superblock, which is preserved
 *
 * As long as it is named the module stays loaded.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: 0, -ENOSPC if the record is full, -ENODEV if the module is being
 * unloaded, or an errno of KHO.
 */
int zram_record_add(u64 super)
{
	int err;

	/* Fails while the module is being unloaded, devices included. */
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	guard(mutex)(&zram_record_lock);
	err = zram_record_append(super, 0, true);
	if (err)
		module_put(THIS_MODULE);
	return err;
}

/**
 * zram_record_remove() - undo zram_record_add() or zram_record_claim()
 * @super: physical address of the superblock
 *
 * Context: Process context. Sleeps.
 */
void zram_record_remove(u64 super)
{
	guard(mutex)(&zram_record_lock);
	zram_record_delete(super);
	module_put(THIS_MODULE);
}

/**
 * zram_record_hold() - name the superblock of a device that is held
 * @super: physical address of the superblock
 * @held_hops: kernels that have held it, this one included
 * @preserved: it is preserved; else the record is not handed over, and all that
 *	it names is kept for another module in this kernel
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: 0, also if it is named already, or as zram_record_add(); and
 * -EADDRNOTAVAIL if the record names devices of the other kind.
 */
int zram_record_hold(u64 super, u32 held_hops, bool preserved)
{
	guard(mutex)(&zram_record_lock);
	return zram_record_find(super) ? 0 :
	       zram_record_append(super, held_hops, preserved);
}

/**
 * zram_record_unhold() - undo zram_record_hold()
 * @super: physical address of the superblock
 *
 * Or of zram_record_add() the name alone: the module stays loaded.
 *
 * Context: Process context. Sleeps.
 */
void zram_record_unhold(u64 super)
{
	guard(mutex)(&zram_record_lock);
	/* The seal may have left it out. */
	if (zram_record_find(super))
		zram_record_delete(super);
}

/**
 * zram_record_claim() - let a held device become one in use
 * @super: physical address of its superblock
 *
 * Context: Process context, in a call that keeps the module loaded. Sleeps.
 */
void zram_record_claim(u64 super)
{
	struct zram_persist_device *device;

	guard(mutex)(&zram_record_lock);
	device = zram_record_find(super);
	if (WARN_ON_ONCE(!device))
		return;
	__module_get(THIS_MODULE);
	device->held_hops = 0;
	zram_record_sign(zram_record, zram_record->state);
}

/* A page that another user of KHO has taken is that user's: it must not be read. */
static const char *zram_record_page_fault(u64 phys)
{
	if (!zram_kho_waits(phys, 0))
		return "was taken by another user of KHO";
	if (PageHWPoison(pfn_to_page(PHYS_PFN(phys))))
		return "is on a faulty page";
	return NULL;
}

/* Why the next kernel cannot read what it needs to hold a device, or NULL. */
static const char *zram_record_fault(u64 phys)
{
	const struct zram_persist_super *super = phys_to_virt(phys);
	const struct zram_persist_segtab *table;
	const char *fault = zram_record_page_fault(phys);
	u64 segtab;

	if (fault)
		return fault;
	for (segtab = super->segtab; segtab; segtab = table->next) {
		fault = zram_record_page_fault(segtab);
		if (fault)
			return fault;
		table = phys_to_virt(segtab);
	}
	return NULL;
}

/* Those in use see to it themselves, in zsp_seal(). Context: zram_record_lock. */
static void zram_record_drop_faulty(void)
{
	const struct zram_persist_device *device;
	u32 i = zram_record ? zram_record->nr_devices : 0;
	const char *fault;

	while (i--) {
		device = &zram_record->device[i];
		fault = device->held_hops ?
			zram_record_fault(device->superblock) : NULL;
		if (!fault)
			continue;
		pr_err("zram: a held device, superblock at %#llx, %s: it cannot be handed over, its contents will be lost\n",
		       device->superblock, fault);
		zram_record_delete(device->superblock);
	}
}

/**
 * zram_record_is_faulty() - is the record on a faulty page?
 *
 * Context: Process context. Sleeps.
 * Return: true if so; then no device can be handed over.
 */
bool zram_record_is_faulty(void)
{
	guard(mutex)(&zram_record_lock);
	return zram_record && PageHWPoison(virt_to_page(zram_record));
}

/**
 * zram_record_seal() - hand the record over, or not
 *
 * One that is on a faulty page must not be read by the next kernel, nor what
 * tells which memory a held device has.
 *
 * Context: Process context, after all devices were sealed. Sleeps.
 */
void zram_record_seal(void)
{
	guard(mutex)(&zram_record_lock);
	zram_record_drop_faulty();
	if (!zram_record || !PageHWPoison(virt_to_page(zram_record)))
		return;
	pr_err("zram: the handover record is on a faulty page: no device can be handed over, their contents will be lost\n");
	if (zram_record_is_handed_over())
		kho_remove_subtree(zram_record);
}

/* === Coming and going of the module === */

/* Without KHO all are kept. Earlier modules did not say that in the record. */
static struct zram_persist_record *
zram_record_take(const struct zram_persist_record *left)
{
	struct zram_persist_record *record = (void *)left;

	if (!zram_kho_enabled())
		zram_record_sign(record, ZRAM_PERSIST_KEPT);
	return record;
}

/* The record that another module left in this kernel, or NULL. */
static struct zram_persist_record *
zram_record_left_behind(struct zram_check *check,
			const struct zram_persist_record *incoming)
{
	const struct zram_persist_record *left;

	if (!incoming->outgoing)
		return NULL;
	if (zram_check_outgoing(check, incoming->outgoing, &left) ==
	    ZRAM_CHECK_OK)
		return zram_record_take(left);
	pr_err("zram: what another zram module held is lost: %s (%#llx)\n",
	       check->reason, check->where);
	return NULL;
}

/**
 * zram_record_receive() - take over a record
 * @check: for the validation
 * @incoming: record that the previous kernel handed over, validated
 *
 * Context: Process context, module init.
 * Return: the record that lists what is to be attached or held: @incoming; or
 * that of a module that was here before, which is the outgoing one again; or
 * NULL if there is nothing.
 */
const struct zram_persist_record *
zram_record_receive(struct zram_check *check,
		    struct zram_persist_record *incoming)
{
	zram_incoming = incoming;
	if (incoming->state == ZRAM_PERSIST_OUTGOING)
		return incoming;
	zram_record = zram_record_left_behind(check, incoming);
	return zram_record;
}

/**
 * zram_record_consume() - note that what was received is taken
 *
 * Another module that is loaded in this kernel must not take it again.
 *
 * Context: Process context, module init.
 */
void zram_record_consume(void)
{
	/* The first time its page becomes one of this kernel. */
	if (zram_incoming->state == ZRAM_PERSIST_OUTGOING)
		kho_restore_folio(virt_to_phys(zram_incoming));
	zram_incoming->outgoing = 0;
	zram_record_sign(zram_incoming, ZRAM_PERSIST_CONSUMED);
}

/**
 * zram_record_leave() - leave the record to the next module
 *
 * Context: Process context, module exit: everything that it names is held.
 */
void zram_record_leave(void)
{
	if (!zram_record)
		return;
	zram_incoming->outgoing = virt_to_phys(zram_record);
	zram_record_sign(zram_incoming, ZRAM_PERSIST_CONSUMED);
}
