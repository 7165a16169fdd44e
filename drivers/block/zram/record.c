// SPDX-License-Identifier: GPL-2.0
/*
 * The outgoing handover record: the one thing that KHO knows by name, and
 * through which the next kernel finds the superblocks.
 *
 * The record exists as long as it names anything, and is valid at every moment,
 * so that the next kernel learns of a device even if it was never sealed.
 */

#include <linux/crc32c.h>
#include <linux/kexec_handover.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "zram.h"

/* Protects the record. Innermost but for the locks of KHO. */
static DEFINE_MUTEX(zram_record_lock);
static struct zram_persist_record *zram_record;

static void zram_record_sign(struct zram_persist_record *record)
{
	record->crc = 0;
	record->state = 0;
	record->crc = crc32c(~0, record, sizeof(*record));
	record->state = ZRAM_PERSIST_OUTGOING;
}

static int zram_record_create(void)
{
	struct zram_persist_record *record;
	int err;

	record = kho_alloc_preserve(sizeof(*record));
	if (IS_ERR(record))
		return PTR_ERR(record);
	record->magic = ZRAM_PERSIST_RECORD_MAGIC;
	record->version = ZRAM_PERSIST_RECORD_VERSION;
	record->size = sizeof(*record);
	zram_record_sign(record);

	err = kho_add_subtree(ZRAM_PERSIST_NODE, record, sizeof(*record));
	if (err) {
		kho_unpreserve_free(record);
		return err;
	}
	zram_record = record;
	return 0;
}

static void zram_record_destroy(void)
{
	kho_remove_subtree(zram_record);
	kho_unpreserve_free(zram_record);
	zram_record = NULL;
}

/**
 * zram_record_add() - name a superblock to the next kernel
 * @super: physical address of the superblock, which is preserved
 *
 * As long as a superblock is named the module stays loaded: it alone can seal.
 *
 * Context: Process context. Sleeps, and allocates with GFP_KERNEL.
 * Return: 0, -ENOSPC if the record is full, -ENODEV if the module is being
 * unloaded, or an errno of KHO.
 */
int zram_record_add(u64 super)
{
	int err = 0;

	guard(mutex)(&zram_record_lock);
	if (!zram_record)
		err = zram_record_create();
	if (err)
		return err;
	if (zram_record->nr_devices == ZRAM_PERSIST_MAX_DEVICES)
		return -ENOSPC;
	/* Fails while the module is being unloaded, devices included. */
	if (!try_module_get(THIS_MODULE)) {
		if (!zram_record->nr_devices)
			zram_record_destroy();
		return -ENODEV;
	}
	zram_record->superblock[zram_record->nr_devices++] = super;
	zram_record_sign(zram_record);
	return 0;
}

/**
 * zram_record_remove() - undo zram_record_add()
 * @super: physical address of the superblock
 *
 * Context: Process context. Sleeps.
 */
void zram_record_remove(u64 super)
{
	struct zram_persist_record *record;
	unsigned int i;

	guard(mutex)(&zram_record_lock);
	record = zram_record;
	for (i = 0; i < record->nr_devices; i++)
		if (record->superblock[i] == super)
			break;
	if (WARN_ON_ONCE(i == record->nr_devices))
		return;
	record->superblock[i] = record->superblock[--record->nr_devices];
	record->superblock[record->nr_devices] = 0;
	zram_record_sign(record);
	if (!record->nr_devices)
		zram_record_destroy();
	module_put(THIS_MODULE);
}
