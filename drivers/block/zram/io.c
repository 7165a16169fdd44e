// SPDX-License-Identifier: GPL-2.0
/*
 * Writing pages, and the bios that ask for pages to be read or written.
 *
 * A bio is a whole number of pages of the device, because logical blocks are
 * pages. Its memory may be cut differently; such pages go through a bounce
 * page, so that a page of the device always changes as a whole: after a kexec
 * in the middle of a write it is the old one or the new one.
 */

#include <linux/crc32c.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "backing.h"
#include "io.h"
#include "slot.h"
#include "swap.h"
#include "times.h"
#include "zram.h"

static_assert(ZRAM_LOGICAL_BLOCK_SIZE == PAGE_SIZE);

/* Puts @new into a slot in place of what it holds. */
static void zram_install(struct zram *zram, u64 index, u64 *entry, u64 new)
{
	zram_slot_lock(zram, index);
	zram_slot_free(zram, index, entry);
	*entry = new;
	zram_times_set(zram, index);
	zram_slot_unlock(zram, index);
	atomic64_inc(&zram->stats.pages_stored);
}

/* Overwrites an object with another one, if there is one and it has room. */
static bool zram_overwrite_object(struct zram *zram, u64 index, u64 *entry,
				  const struct zsp_object *object,
				  const void *payload)
{
	struct zsp_object old;
	int err = -ENOSPC;

	zram_slot_lock(zram, index);
	if (zram_slot_kind(*entry) == ZRAM_PERSIST_SLOT_OBJECT &&
	    !zram_slot_is_backed(*entry))
		err = zsp_overwrite(zram->pool, zram_slot_location(*entry),
				    object, payload, &old);
	if (!err) {
		zram_count_object(zram, &old, -1);
		*entry = zram_slot_written(*entry);
		zram_times_set(zram, index);
	}
	zram_slot_unlock(zram, index);
	return !err;
}

/*
 * Stores an object for slot @index: in the place of the one that is there, if
 * it fits, which saves changing the slot; else elsewhere.
 */
static int zram_write_object(struct zram *zram, u64 index, u64 *entry,
			     unsigned int codec, const void *payload,
			     unsigned int len)
{
	struct zsp_object object = {
		.owner = index, .codec = codec, .len = len,
	};
	u64 location;
	int err;

	object.crc = zsp_object_crc(&object, payload);
	if (!zram_overwrite_object(zram, index, entry, &object, payload)) {
		err = zsp_store(zram->pool, &object, payload,
				GFP_NOIO | __GFP_NOWARN, &location);
		if (err)
			return err;
		zram_install(zram, index, entry,
			     zram_slot_object(ZRAM_PERSIST_SLOT_OBJECT,
					      location));
	}
	zram_count_object(zram, &object, 1);
	return 0;
}

/*
 * Overwrites a raw page with another one. False if the slot names none, or one
 * that is faulty.
 */
static bool zram_overwrite_raw(struct zram *zram, u64 index, u64 *entry,
			       void *src)
{
	bool raw;

	zram_slot_lock(zram, index);
	raw = zram_slot_kind(*entry) == ZRAM_PERSIST_SLOT_RAW &&
	      !zsp_overwrite_raw(zram->pool, zram_slot_location(*entry), index,
				 src);
	if (raw) {
		*entry = zram_slot_written(*entry);
		zram_times_set(zram, index);
	}
	zram_slot_unlock(zram, index);
	return raw;
}

static int zram_write_raw(struct zram *zram, u64 index, u64 *entry, void *src)
{
	u64 location;
	int err;

	if (zram_overwrite_raw(zram, index, entry, src)) {
		atomic64_inc(&zram->stats.huge_pages_since);
		return 0;
	}
	err = zsp_store_raw(zram->pool, index, src, GFP_NOIO | __GFP_NOWARN,
			    &location);
	if (err)
		return err;
	atomic64_add(PAGE_SIZE, &zram->stats.compr_bytes);
	atomic64_inc(&zram->stats.huge_pages);
	atomic64_inc(&zram->stats.huge_pages_since);
	zram_install(zram, index, entry,
		     zram_slot_object(ZRAM_PERSIST_SLOT_RAW, location));
	return 0;
}

/*
 * What a slot names now will be overwritten or freed when the page has been
 * compressed. That takes microseconds, in which the caches can fetch it.
 */
static void zram_slot_prefetch(u64 slot)
{
	if (zram_slot_kind(slot) == ZRAM_PERSIST_SLOT_OBJECT)
		zsp_prefetch_object(zram_slot_location(slot));
}

/* Is a page of the page cache left alone while it is written back? */
static bool zram_folio_is_stable(const struct folio *folio)
{
	struct address_space *mapping;

	/* If it is not to us, the writeback may end, and the file be gone. */
	guard(rcu)();
	mapping = folio_mapping(folio);
	/* Who writes it back may be another than we: a loop device passes it on. */
	return mapping && mapping_stable_writes(mapping);
}

/*
 * May a program change the page while it is compressed? One of the page cache
 * that is being written back to us, or that is swapped out, is left alone; nor does
 * anybody change what is neither a program's nor of the page cache. What is left
 * is direct I/O, mostly: to copy every page is simpler, but work for nothing where
 * it matters most.
 */
static bool zram_may_change(const void *src)
{
	const struct folio *folio = page_folio(virt_to_page(src));

	if (!folio->mapping)
		return folio_mapped(folio);
	return !folio_test_writeback(folio) ||
	       !(folio_test_swapcache(folio) || zram_folio_is_stable(folio));
}

static int zram_write_compressed(struct zram *zram, u64 index, u64 *entry,
				 void *src)
{
	struct zcomp *comp = zram->comps[ZRAM_PRIMARY_COMP];
	struct zcomp_stream *stream = zcomp_stream_get(comp);
	int len, err;

	zram_slot_prefetch(READ_ONCE(*entry));
	len = zcomp_compress(comp, stream, zram_may_change(src) ?
			     zcomp_copy(stream, src) : src);
	if (len > ZRAM_PERSIST_MAX_PAYLOAD) {
		zcomp_stream_put(stream);
		return zram_write_raw(zram, index, entry, src);
	}
	err = len < 0 ? len :
	      zram_write_object(zram, index, entry, ZRAM_PRIMARY_COMP,
				stream->buffer, len);
	zcomp_stream_put(stream);
	return err;
}

static int zram_write_same(struct zram *zram, u64 index, u64 *entry, u64 word)
{
	u64 slot;

	if (!zram_slot_same(word, &slot))
		return zram_write_object(zram, index, entry,
					 ZRAM_PERSIST_CODEC_SAME, &word,
					 sizeof(word));
	atomic64_inc(&zram->stats.same_pages);
	zram_install(zram, index, entry, slot);
	return 0;
}

/*
 * True if a page is one word, repeated. Most others are told by their last
 * word. Eight words are compared at a time, since each branch costs as much as
 * a comparison.
 */
static bool zram_page_same(const u64 *src)
{
	const u64 *end = src + PAGE_SIZE / sizeof(u64);
	const u64 word = *src;

	if (end[-1] != word)
		return false;
	for (; src < end; src += 8)
		if ((src[0] ^ word) | (src[1] ^ word) | (src[2] ^ word) |
		    (src[3] ^ word) | (src[4] ^ word) | (src[5] ^ word) |
		    (src[6] ^ word) | (src[7] ^ word))
			return false;
	return true;
}

static int zram_write_page(struct zram *zram, u64 index, void *src)
{
	u64 *entry = zram_slot_make(zram, index);

	if (IS_ERR(entry))
		return PTR_ERR(entry);
	if (zram_page_same(src))
		return zram_write_same(zram, index, entry, *(u64 *)src);
	return zram_write_compressed(zram, index, entry, src);
}

static void zram_discard_page(struct zram *zram, u64 index, u64 *entry)
{
	zram_slot_lock(zram, index);
	zram_slot_free(zram, index, entry);
	zram_slot_unlock(zram, index);
}

/* Copies the next page between @bio and @page, and advances @iter past it. */
static void zram_copy_bounce(struct bio *bio, struct bvec_iter *iter,
			     void *page, bool to_bio)
{
	unsigned int done = 0;
	struct bio_vec bv;
	void *mem;

	while (done < PAGE_SIZE) {
		bv = bio_iter_iovec(bio, *iter);
		bv.bv_len = min_t(unsigned int, bv.bv_len, PAGE_SIZE - done);
		mem = bvec_kmap_local(&bv);
		if (to_bio)
			memcpy(mem, page + done, bv.bv_len);
		else
			memcpy(page + done, mem, bv.bv_len);
		kunmap_local(mem);
		if (to_bio)
			flush_dcache_page(bv.bv_page);
		done += bv.bv_len;
		bio_advance_iter_single(bio, iter, bv.bv_len);
	}
}

/**
 * zram_copy_to_bio() - copy a page into a request
 * @bio: request
 * @iter: where in its memory; is advanced past the page
 * @page: page
 *
 * Context: Process context.
 */
void zram_copy_to_bio(struct bio *bio, struct bvec_iter *iter, void *page)
{
	zram_copy_bounce(bio, iter, page, true);
}

static int zram_bounce(struct zram *zram, struct bio *bio,
		       struct bvec_iter *iter, bool write)
{
	u64 index = iter->bi_sector >> ZRAM_SECTORS_PER_PAGE_SHIFT;
	struct page *page = alloc_page(GFP_NOIO | __GFP_NOWARN);
	int err;

	if (!page)
		return -ENOMEM;
	if (write) {
		zram_copy_bounce(bio, iter, page_address(page), false);
		err = zram_write_page(zram, index, page_address(page));
	} else {
		err = zram_read_page(zram, index, page_address(page));
		if (!err)
			zram_copy_bounce(bio, iter, page_address(page), true);
	}
	clear_highpage(page);
	__free_page(page);
	return err;
}

static int zram_transfer_page(struct zram *zram, struct bio *bio,
			      struct bvec_iter *iter, bool write)
{
	u64 index = iter->bi_sector >> ZRAM_SECTORS_PER_PAGE_SHIFT;
	struct bio_vec bv = bio_iter_iovec(bio, *iter);
	void *mem;
	int err;

	if (bv.bv_len < PAGE_SIZE)
		return zram_bounce(zram, bio, iter, write);

	mem = bvec_kmap_local(&bv);
	if (write)
		err = zram_write_page(zram, index, mem);
	else
		err = zram_read_page(zram, index, mem);
	kunmap_local(mem);
	if (!write)
		flush_dcache_page(bv.bv_page);
	/* There was no page at once, see zram_decompress_apart(): here one is waited for. */
	if (!write && err == -ENOMEM)
		return zram_bounce(zram, bio, iter, false);
	if (!err)
		bio_advance_iter_single(bio, iter, PAGE_SIZE);
	return err;
}

/*
 * Has the seal begun? One request can be of hundreds of MiB, which some codecs take
 * longer for than the seal waits: so it waits for a page of it, and the rest fails.
 * Context: one of &zram.writers.
 */
static bool zram_is_sealing(struct zram *zram)
{
	return percpu_ref_is_dying(&zram->writers);
}

static void zram_bio_transfer(struct zram *zram, struct bio *bio, bool write)
{
	unsigned long start = bio_start_io_acct(bio);
	struct bvec_iter iter = bio->bi_iter;
	int err = 0;

	if ((iter.bi_sector & (ZRAM_SECTORS_PER_PAGE - 1)) ||
	    !IS_ALIGNED(iter.bi_size, PAGE_SIZE))
		err = -EINVAL;
	while (!err && iter.bi_size) {
		if (write && zram_is_sealing(zram))
			err = -EIO;
		else
			err = zram_transfer_page(zram, bio, &iter, write);
		if (err == -EREMOTE)
			err = zram_readback(zram, bio, &iter);
	}
	if (err) {
		atomic64_inc(write ? &zram->stats.failed_writes :
				     &zram->stats.failed_reads);
		bio->bi_status = err == -ENODEV ? BLK_STS_OFFLINE :
						  BLK_STS_IOERR;
	}
	bio_end_io_acct(bio, start);
	bio_endio(bio);
}

/*
 * Frees the whole pages in the range. A part of a page at either end stays as
 * it is, as a discard is free to do; requests of write-zeroes have none.
 */
static void zram_bio_discard(struct zram *zram, struct bio *bio)
{
	sector_t end = bio_end_sector(bio);
	u64 index = DIV_ROUND_UP_SECTOR_T(bio->bi_iter.bi_sector,
					  ZRAM_SECTORS_PER_PAGE);
	u64 last = end >> ZRAM_SECTORS_PER_PAGE_SHIFT;
	u64 *entry;

	if (last > index)
		atomic64_add(last - index, &zram->stats.notify_free);
	while (index < last) {
		if (zram_is_sealing(zram)) {
			atomic64_inc(&zram->stats.failed_writes);
			bio->bi_status = BLK_STS_IOERR;
			break;
		}
		entry = zram_slot_find(&zram->slots, index);
		if (entry) {
			zram_discard_page(zram, index, entry);
			index++;
		} else {
			index = round_down(index, ZRAM_PERSIST_FANOUT) +
				ZRAM_PERSIST_FANOUT;
		}
		if (!(index % ZRAM_PERSIST_FANOUT))
			cond_resched();
	}
	bio_endio(bio);
}

/* Requests that change contents: they fail from the seal on. */
static void zram_bio_change(struct zram *zram, struct bio *bio)
{
	if (!percpu_ref_tryget_live(&zram->writers)) {
		atomic64_inc(&zram->stats.failed_writes);
		bio_io_error(bio);
		return;
	}
	if (bio_op(bio) == REQ_OP_WRITE) {
		zram_swap_note(zram, bio);
		zram_bio_transfer(zram, bio, true);
	} else {
		zram_bio_discard(zram, bio);
	}
	percpu_ref_put(&zram->writers);
}

static void zram_submit_bio(struct bio *bio)
{
	struct zram *zram = bio->bi_bdev->bd_disk->private_data;

	switch (bio_op(bio)) {
	case REQ_OP_READ:
		zram_bio_transfer(zram, bio, false);
		break;
	case REQ_OP_WRITE:
	case REQ_OP_DISCARD:
	case REQ_OP_WRITE_ZEROES:
		zram_bio_change(zram, bio);
		break;
	default:
		bio->bi_status = BLK_STS_NOTSUPP;
		bio_endio(bio);
	}
}

static void zram_slot_free_notify(struct block_device *bdev,
				  unsigned long index)
{
	struct zram *zram = bdev->bd_disk->private_data;
	u64 *entry;

	atomic64_inc(&zram->stats.notify_free);
	if (!percpu_ref_tryget_live(&zram->writers)) {
		atomic64_inc(&zram->stats.miss_free);
		return;
	}
	entry = zram_slot_find(&zram->slots, index);
	if (entry)
		zram_discard_page(zram, index, entry);
	percpu_ref_put(&zram->writers);
}

static int zram_open(struct gendisk *disk, blk_mode_t mode)
{
	struct zram *zram = disk->private_data;

	/* The device is being reset or removed. */
	if (zram->claims)
		return -EBUSY;
	if (mode & BLK_OPEN_WRITE)
		WRITE_ONCE(zram->persist.unclaimed, false);
	return 0;
}

const struct block_device_operations zram_devops = {
	.open = zram_open,
	.submit_bio = zram_submit_bio,
	.swap_slot_free_notify = zram_slot_free_notify,
	.owner = THIS_MODULE
};
