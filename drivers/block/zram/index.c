// SPDX-License-Identifier: GPL-2.0
/*
 * Which devices there are: their numbers and names.
 *
 * The number of a held device is *kept*: no other device gets it. That a device
 * takes the number that is kept for it, and leaves it as one that is kept, needs
 * no memory, so that an attach that fails changes nothing.
 */

#include <linux/cleanup.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "index.h"
#include "zram.h"

/* Entries are devices; of a number that is kept it reads as NULL. */
static DEFINE_XARRAY_ALLOC(zram_index);
DEFINE_MUTEX(zram_index_mutex);	/* see DOC: Locks in dev.c */

/**
 * zram_index_keep() - keep a number for a device that may come later
 * @index: N of zramN
 *
 * Context: Process context, zram_index_mutex or module init. Sleeps.
 * Return: 0; -EBUSY if it is taken, or kept, or not the number of a device;
 * -ENOMEM.
 */
int zram_index_keep(u32 index)
{
	if (index > MINORMASK)
		return -EBUSY;
	return xa_insert(&zram_index, index, NULL, GFP_KERNEL);
}

/**
 * zram_index_release() - undo zram_index_keep()
 * @index: number that is kept; of any other nothing is changed
 *
 * Context: Process context. Sleeps.
 */
void zram_index_release(u32 index)
{
	xa_release(&zram_index, index);
}

/**
 * zram_index_take() - give a device a number
 * @zram: device
 * @index: number that is kept for it, or -1 for the first that is free
 * @id: where to put it
 *
 * Context: Process context, zram_index_mutex or module init. Sleeps.
 * Return: 0; -ENOMEM or -EBUSY if @index is -1.
 */
int zram_index_take(struct zram *zram, int index, u32 *id)
{
	if (index < 0)
		return xa_alloc(&zram_index, id, zram,
				XA_LIMIT(0, MINORMASK), GFP_KERNEL);
	*id = index;
	return xa_err(xa_store(&zram_index, index, zram, GFP_KERNEL));
}

/**
 * zram_index_leave() - undo zram_index_take()
 * @id: number of a device
 * @keep: whether it is kept
 *
 * Context: Process context, zram_index_mutex or module init or exit. Sleeps.
 */
void zram_index_leave(u32 id, bool keep)
{
	if (keep)
		xa_store(&zram_index, id, NULL, 0);
	else
		xa_erase(&zram_index, id);
}

/**
 * zram_index_find() - find a device by its number
 * @index: N of zramN
 *
 * Context: zram_index_mutex.
 * Return: the device, or NULL.
 */
struct zram *zram_index_find(int index)
{
	return index < 0 ? NULL : xa_load(&zram_index, index);
}

/**
 * zram_index_first() - find any device
 *
 * Context: Module exit.
 * Return: the one with the lowest number, or NULL.
 */
struct zram *zram_index_first(void)
{
	unsigned long index = 0;

	return xa_find(&zram_index, &index, ULONG_MAX, XA_PRESENT);
}

/**
 * zram_index_name_taken() - see whether another device has a name
 * @zram: device
 * @name: name, or empty: that is never taken
 *
 * Context: zram_index_mutex or module init.
 * Return: whether one has.
 */
bool zram_index_name_taken(const struct zram *zram, const char *name)
{
	const struct zram *other;
	unsigned long id;

	if (!*name)
		return false;
	xa_for_each(&zram_index, id, other)
		if (other != zram && !strcmp(other->name, name))
			return true;
	return false;
}

/* Context: zram_index_mutex. */
static int zram_index_rename(struct zram *zram, const char *name)
{
	if (zram_index_name_taken(zram, name))
		return -EEXIST;
	guard(rwsem_write)(&zram->dev_lock);
	if (zram->state == ZRAM_SEALED)
		return -EBUSY;
	strscpy(zram->name, name);
	return 0;
}

/**
 * zram_index_set_name() - give a device a name, or take it away
 * @zram: device
 * @name: less than %ZRAM_PERSIST_NAME characters; empty for none
 *
 * Links to devices are made of names: so no two have the same.
 *
 * Context: Process context, in a write to an attribute of the device. Takes
 * zram_index_mutex and dev_lock. Sleeps.
 * Return: 0; -EEXIST if another device has it; -EBUSY after the seal.
 */
int zram_index_set_name(struct zram *zram, const char *name)
{
	int err;

	/* Who removes the device has it, and waits for this write to end. */
	if (!mutex_trylock(&zram_index_mutex))
		return restart_syscall();
	err = zram_index_rename(zram, name);
	mutex_unlock(&zram_index_mutex);
	return err;
}

/**
 * zram_index_exit() - forget all numbers
 *
 * Context: Module exit.
 */
void zram_index_exit(void)
{
	xa_destroy(&zram_index);
}
