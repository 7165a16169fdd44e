// SPDX-License-Identifier: GPL-2.0
/*
 * Persistent allocator: storing, reading, freeing and moving objects.
 * mm/zsmalloc_persist.c begins with the overview.
 */

#include <linux/export.h>
#include <linux/prefetch.h>

#include "zsp_util.h"

static struct zsp_set *zsp_this_set(struct zsp_pool *pool)
{
	return &pool->sets[raw_smp_processor_id() % (pool->nr_sets - 1)];
}

/**
 * zsp_store() - store an object
 * @pool: pool
 * @object: object
 * @payload: its payload; is copied
 * @gfp: how far to go for memory; without __GFP_FS only single pages are
 *	waited for
 * @location: where to put the location of the object
 *
 * Context: Process context. Sleeps if @gfp allows it.
 * Return: 0, -EINVAL for a length out of range, -ENOMEM.
 */
int zsp_store(struct zsp_pool *pool, const struct zsp_object *object,
	      const void *payload, gfp_t gfp, u64 *location)
{
	if (!object->len || object->len > ZRAM_PERSIST_MAX_PAYLOAD)
		return -EINVAL;
	zsp_watch(pool);
	return zsp_store_in(pool, zsp_this_set(pool), object, payload, gfp,
			    location);
}
EXPORT_SYMBOL_GPL(zsp_store);

/*
 * Context: shard->lock. Puts a span where it belongs after its free bytes have
 * changed. Returns true if it is empty and nobody has it any more.
 */
static bool zsp_rebin(struct zsp_pool *pool, struct zram_persist_span *span,
		      unsigned int old_bin)
{
	bool gone = false;

	if (span->nr_used && zsp_bin(span) == old_bin)
		return false;
	spin_lock(&pool->lock);
	if (zsp_find_lost(pool, span)) {
		spin_unlock(&pool->lock);
		return false;
	}
	switch (zsp_state(span)) {
	case ZSP_LISTED:
		zsp_unlink_span(pool, span);
		gone = !span->nr_used;
		if (gone)
			zsp_set_state(span, ZSP_ACTIVE_SPAN);
		else
			zsp_link_span(pool, span);
		if (zsp_is_sparse(span))
			zsp_kick_compact(pool);
		break;
	case ZSP_ISOLATED:
		gone = !span->nr_used;
		break;
	default:
		break;
	}
	spin_unlock(&pool->lock);
	return gone;
}

/**
 * zsp_note_disowned() - a slot has named what is not its own
 * @pool: pool
 *
 * One of the two is damaged in memory, and nobody knows any more what the slot
 * should name. That is still there, and no slot names it: in the next kernel the
 * counts will not agree, which may as well be a page that was lost, so that the
 * device is held. To look for it, and take it away at the seal, would be a second
 * way to change a slot table that is known to be damaged.
 *
 * Context: Any.
 */
void zsp_note_disowned(struct zsp_pool *pool)
{
	if (READ_ONCE(pool->disowned))
		return;
	WRITE_ONCE(pool->disowned, true);
	pr_err("%s: a slot names what is not its own: memory was damaged. The next kernel will not attach it: copy what can be read before a kexec\n",
	       pool->name);
}

/*
 * The entry of an object, or NULL: a slot that is damaged in memory can name one that is
 * not there. Context: shard->lock.
 */
static struct zram_persist_entry *zsp_entry_at(struct zram_persist_span *span,
					       u64 location)
{
	unsigned int index = zsp_location_index(location);

	if (index >= span->nr_entries || !span->entry[index].place)
		return NULL;
	return &span->entry[index];
}

/* The same, and it can name that of another slot, which is not its own to change. */
static struct zram_persist_entry *zsp_entry_of(struct zram_persist_span *span,
					       u64 location, u64 owner)
{
	struct zram_persist_entry *entry = zsp_entry_at(span, location);

	return entry && zram_persist_entry_owner(entry) == owner ? entry : NULL;
}

/**
 * zsp_overwrite() - put an object where another one of the same slot is
 * @pool: pool
 * @location: of the other; then of this one
 * @object: object
 * @payload: its payload; is copied
 * @old: filled in: what the other one was
 *
 * Context: the slot's lock. Does not sleep.
 * Return: 0, or -ENOSPC if it does not fit, or what is there belongs to another slot,
 * and is still there.
 */
int zsp_overwrite(struct zsp_pool *pool, u64 location,
		  const struct zsp_object *object, const void *payload,
		  struct zsp_object *old)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);
	struct zsp_shard *shard = zsp_shard(pool, span);
	struct zram_persist_entry *entry = NULL;
	unsigned int bin;
	int err = -ENOSPC;

	spin_lock(&shard->lock);
	if (!zsp_may_be_bad(pool) || !zsp_is_tainted(pool, span))
		entry = zsp_entry_of(span, location, object->owner);
	if (entry) {
		zsp_entry_object(entry, old);
		bin = zsp_bin(span);
		err = zsp_span_overwrite(span, zsp_location_index(location),
					 object, payload);
	}
	if (!err) {
		shard->bytes += zram_persist_room(object->len);
		shard->bytes -= zram_persist_room(old->len);
		zsp_rebin(pool, span, bin);
	}
	spin_unlock(&shard->lock);
	return err;
}
EXPORT_SYMBOL_GPL(zsp_overwrite);

/*
 * Fetches all of a payload at once: what the processor fetches by itself begins
 * with the third line or so. (prefetch_range() does nothing on x86-64.)
 */
static void zsp_prefetch(const void *payload, unsigned int len)
{
	unsigned int at;

	for (at = 0; at < len; at += L1_CACHE_BYTES)
		prefetch(payload + at);
}

/*
 * What no object reaches beyond: the largest span, and the end of its segment. The
 * span itself knows better, but to ask it would be one more cache miss, and it is
 * only damage that this is about.
 */
static unsigned int zsp_most_bytes(u64 location)
{
	u64 size = PAGE_SIZE << zsp_location_order(location);
	u64 left = size - (zsp_location_addr(location) & (size - 1));

	return min(left, ZRAM_PERSIST_MAX_SPAN * PAGE_SIZE);
}

static bool zsp_entry_is_sane(const struct zram_persist_entry *entry,
			      u64 location)
{
	unsigned int len = zram_persist_entry_len(entry);

	return len && len <= ZRAM_PERSIST_MAX_PAYLOAD &&
	       zram_persist_entry_start(entry) + len <=
	       zsp_most_bytes(location);
}

/**
 * zsp_open() - look at an object
 * @pool: pool
 * @location: its location
 * @owner: the slot that names it
 * @object: filled in
 *
 * Only what has the right owner and the right checksum, and is not on a faulty
 * page, is shown, and it stays where it is until zsp_close().
 *
 * Context: the slot's lock. Does not sleep; a spinlock is held on return,
 * unless it is an error.
 * Return: the payload, or ERR_PTR(-EIO) if the object is damaged.
 */
const void *zsp_open(struct zsp_pool *pool, u64 location, u64 owner,
		     struct zsp_object *object)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);
	const struct zram_persist_entry *entry;
	struct zsp_shard *shard = zsp_shard(pool, span);
	const void *payload;
	unsigned int start;
	bool own;

	spin_lock(&shard->lock);
	if (zsp_may_be_bad(pool) && !zsp_can_read(pool, location))
		goto err_unlock;
	entry = &span->entry[zsp_location_index(location)];
	zsp_entry_object(entry, object);
	start = zram_persist_entry_start(entry);
	payload = (void *)span + start;
	zsp_prefetch(payload, object->len);
	own = object->owner == owner && zsp_entry_is_sane(entry, location);
	if (own && object->crc == zsp_object_crc(object, payload))
		return payload;
	if (!own)
		zsp_note_disowned(pool);
err_unlock:
	spin_unlock(&shard->lock);
	return ERR_PTR(-EIO);
}
EXPORT_SYMBOL_GPL(zsp_open);

/**
 * zsp_close() - end zsp_open()
 * @pool: pool
 * @location: as for zsp_open()
 */
void zsp_close(struct zsp_pool *pool, u64 location)
{
	spin_unlock(&zsp_shard(pool, zsp_location_to_virt(location))->lock);
}
EXPORT_SYMBOL_GPL(zsp_close);

/**
 * zsp_peek() - what an object says of itself
 * @pool: pool
 * @location: its location
 * @object: filled in
 *
 * Nothing is verified: it may be damaged.
 *
 * Context: the slot's lock. Does not sleep.
 * Return: false if it is lost: nobody may look at its directory.
 */
bool zsp_peek(struct zsp_pool *pool, u64 location, struct zsp_object *object)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);
	struct zsp_shard *shard = zsp_shard(pool, span);
	bool ok = true;

	spin_lock(&shard->lock);
	if (zsp_may_be_bad(pool)) {
		ok = !zsp_is_lost(pool, span);
		zsp_watch(pool);
	}
	if (ok)
		zsp_entry_object(&span->entry[zsp_location_index(location)],
				 object);
	spin_unlock(&shard->lock);
	return ok;
}
EXPORT_SYMBOL_GPL(zsp_peek);

/**
 * zsp_put_span() - give back the pages of an empty span
 * @pool: pool
 * @span: span that nobody has any more
 *
 * Context: spinlocks may be held, but not shard->lock or pool->lock.
 */
void zsp_put_span(struct zsp_pool *pool, struct zram_persist_span *span)
{
	u64 location = zsp_span_location(span);

	if (zsp_location_order(location))
		zsp_put_run(pool, location, span->pages);
	else
		zsp_put_lone(pool, virt_to_folio(span));
}

/**
 * zsp_free() - free an object
 * @pool: pool
 * @location: its location
 * @owner: the slot that names it
 * @old: filled in: what it was; all zero if nothing of this slot was there, or the span
 *	is lost
 *
 * Context: the slot's lock. Does not sleep.
 */
void zsp_free(struct zsp_pool *pool, u64 location, u64 owner,
	      struct zsp_object *old)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);
	struct zsp_shard *shard = zsp_shard(pool, span);
	struct zram_persist_entry *entry = NULL;
	bool gone = false, drop = false, lost;
	unsigned int bin;

	memset(old, 0, sizeof(*old));
	spin_lock(&shard->lock);
	lost = zsp_may_be_bad(pool) && zsp_is_lost(pool, span);
	if (!lost)
		entry = zsp_entry_of(span, location, owner);
	if (!entry && !lost)
		zsp_note_disowned(pool);
	if (entry) {
		zsp_entry_object(entry, old);
		bin = zsp_bin(span);
		zsp_span_remove(span, zsp_location_index(location));
		shard->objects--;
		shard->bytes -= zram_persist_room(old->len);
		gone = zsp_rebin(pool, span, bin);
		drop = !gone && !span->nr_used;
	}
	spin_unlock(&shard->lock);
	if (gone)
		zsp_put_span(pool, span);
	else if (drop)
		zsp_drop_active(pool, span);
}
EXPORT_SYMBOL_GPL(zsp_free);

/* === Moving === */

/* What is moved is stored in spans of this set and in no new segment. */
static struct zsp_set *zsp_compact_set(struct zsp_pool *pool)
{
	return &pool->sets[pool->nr_sets - 1];
}

/**
 * zsp_move() - move an object to another span
 * @pool: pool
 * @location: its location; is freed
 * @to: where to put its new location
 *
 * A damaged object moves as it is: its checksum still tells.
 *
 * Context: compact_lock, and the slot's lock. Does not sleep.
 * Return: 0; -ENOMEM if there is no room for it in other spans; -EIO if it is
 * so damaged that nobody knows where it ends, or is on a faulty page.
 */
int zsp_move(struct zsp_pool *pool, u64 location, u64 *to)
{
	struct zram_persist_span *span = zsp_location_to_virt(location);
	struct zsp_shard *shard = zsp_shard(pool, span);
	struct zram_persist_entry *entry = NULL;
	struct zsp_object object;
	int err;

	spin_lock(&shard->lock);
	if (!zsp_may_be_bad(pool) || zsp_can_read(pool, location))
		entry = zsp_entry_at(span, location);
	if (entry && zsp_entry_is_sane(entry, location)) {
		zsp_entry_object(entry, &object);
		memcpy(pool->move_buffer,
		       (void *)span + zram_persist_entry_start(entry),
		       object.len);
	} else {
		entry = NULL;
	}
	spin_unlock(&shard->lock);
	if (!entry)
		return -EIO;
	err = zsp_store_in(pool, zsp_compact_set(pool), &object,
			   pool->move_buffer, 0, to);
	if (!err)
		zsp_free(pool, location, object.owner, &object);
	return err;
}
EXPORT_SYMBOL_GPL(zsp_move);
