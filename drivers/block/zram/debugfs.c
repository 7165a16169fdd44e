// SPDX-License-Identifier: GPL-2.0
/*
 * The state of each page, in debugfs.
 */

#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "backing.h"
#include "debugfs.h"
#include "times.h"

static struct dentry *zram_debugfs_root;

static void *block_state_find(struct seq_file *seq, loff_t *pos)
{
	struct zram *zram = seq->private;
	u64 index = *pos, *entry;

	entry = zram_slot_next(&zram->slots, &index,
			       zram->disksize >> PAGE_SHIFT);
	*pos = index;
	return entry;
}

/* The position is the number of a page. */
static void *block_state_start(struct seq_file *seq, loff_t *pos)
{
	struct zram *zram = seq->private;

	down_read(&zram->dev_lock);
	if (!zram_init_done(zram))
		return ERR_PTR(-EINVAL);
	return block_state_find(seq, pos);
}

static void *block_state_next(struct seq_file *seq, void *entry, loff_t *pos)
{
	++*pos;
	return block_state_find(seq, pos);
}

static void block_state_stop(struct seq_file *seq, void *entry)
{
	struct zram *zram = seq->private;

	up_read(&zram->dev_lock);
}

/* Context: the slot's lock is held. */
static void block_state_print(struct seq_file *seq, u64 index, u64 slot)
{
	enum zram_persist_slot_kind kind = zram_slot_kind(slot);
	bool same = kind == ZRAM_PERSIST_SLOT_SAME ||
		    kind == ZRAM_PERSIST_SLOT_REPEAT;
	bool huge = kind == ZRAM_PERSIST_SLOT_RAW;
	struct zram *zram = seq->private;
	struct zsp_object object;
	unsigned int codec = 0;
	u64 flags = 0;

	/* Of what is lost only the slot is known. */
	if (kind == ZRAM_PERSIST_SLOT_OBJECT &&
	    zsp_peek(zram->pool, zram_slot_location(slot), &object))
		codec = object.codec;
	if (zram_slot_is_backed(slot))
		huge = zram_backed_was_huge(zram, index, slot, &codec);
	if (codec == ZRAM_PERSIST_CODEC_SAME)
		same = true;
	if (!same)
		flags = slot;
	seq_printf(seq, "%12llu %12u.%06d %c%c%c%c%c%c\n", index,
		   zram_times_get(zram, index), 0,
		   same ? 's' : '.',
		   flags & ZRAM_PERSIST_SLOT_WRITTEN_BACK ? 'w' : '.',
		   huge ? 'h' : '.',
		   flags & ZRAM_PERSIST_SLOT_IDLE ? 'i' : '.',
		   codec && codec < ZRAM_MAX_COMPS ? 'r' : '.',
		   flags & ZRAM_PERSIST_SLOT_INCOMPRESSIBLE ? 'n' : '.');
}

static int block_state_show(struct seq_file *seq, void *v)
{
	struct zram *zram = seq->private;
	u64 index = seq->index, *entry = v;

	zram_slot_lock(zram, index);
	if (*entry)
		block_state_print(seq, index, *entry);
	zram_slot_unlock(zram, index);
	return 0;
}

static const struct seq_operations block_state_sops = {
	.start	= block_state_start,
	.next	= block_state_next,
	.stop	= block_state_stop,
	.show	= block_state_show,
};
DEFINE_SEQ_ATTRIBUTE(block_state);

/**
 * zram_debugfs_add() - show a device
 * @zram: device that has a disk
 *
 * Context: Process context. Sleeps.
 */
void zram_debugfs_add(struct zram *zram)
{
	zram->debugfs = debugfs_create_dir(zram->disk->disk_name,
					   zram_debugfs_root);
	debugfs_create_file("block_state", 0400, zram->debugfs, zram,
			    &block_state_fops);
}

/**
 * zram_debugfs_remove() - undo zram_debugfs_add()
 * @zram: device
 *
 * Context: Process context. Sleeps: readers are waited for.
 */
void zram_debugfs_remove(struct zram *zram)
{
	debugfs_remove_recursive(zram->debugfs);
}

/**
 * zram_debugfs_init() - make the driver's folder
 *
 * Context: Process context. Sleeps.
 */
void zram_debugfs_init(void)
{
	zram_debugfs_root = debugfs_create_dir("zram", NULL);
}

/**
 * zram_debugfs_exit() - undo zram_debugfs_init()
 *
 * Context: Process context. Sleeps.
 */
void zram_debugfs_exit(void)
{
	debugfs_remove_recursive(zram_debugfs_root);
}
