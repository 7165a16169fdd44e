// SPDX-License-Identifier: GPL-2.0
/*
 * Damages what a device hands over, after it was sealed: as faulty memory, or a
 * faulty kernel, would. For tests.
 *
 * Loaded after zram, so that of two notifiers of the same priority zram's is
 * the first to be called.
 *
 * What damages a handover, one at a time, is DEVICE:TARGET:NUMBER:ACTION. DEVICE
 * counts the superblocks that were given, from 0. TARGET is
 *
 *   super    its superblock
 *   segtab   page NUMBER of its segment table
 *   header   header NUMBER of a segment, where that segment begins
 *   table    page NUMBER of its slot table
 *   span     directory NUMBER of a span
 *   object   payload of page NUMBER of the device
 *   raw      page NUMBER of the device, if it is stored as it is
 *   record   the handover record, whatever DEVICE
 *
 * and ACTION
 *
 *   OFFSET:MASK        the byte at OFFSET is changed by MASK
 *   OFFSET:MASK:sign   and then the page gets the right checksum again: super,
 *                      segtab and record only
 *   foreign            (segtab) its first entry names other memory, which nobody
 *                      hands over, with the right checksum
 *   kept               (segtab) the same, with memory that this module hands over
 *   smaller            (segtab) its first segment of order 9 is said to be of order 6,
 *                      with the right checksum
 *   gone               the block that begins there leaves the handover
 *   taken              the block is restored, as by another user of KHO
 *   used               the same, and that user has written to it
 *   cut                (record) KHO tells a smaller size
 */

#define pr_fmt(fmt) "zram_damage: " fmt

#include <linux/crc32c.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kexec_handover.h>
#include <linux/kho/abi/kexec_metadata.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/zram_persist.h>

#include "kho_blob.h"

static ulong super[16];
static int nr_super;
module_param_array(super, ulong, &nr_super, 0444);
MODULE_PARM_DESC(super, "physical addresses of superblocks");

static char *damage[32];
static int nr_damage;
module_param_array(damage, charp, &nr_damage, 0444);
MODULE_PARM_DESC(damage, "list of what is damaged, see the top of the source");

static bool now;
module_param(now, bool, 0444);
MODULE_PARM_DESC(now, "when the module is loaded, and not before a restart");

static bool blind;
module_param(blind, bool, 0444);
MODULE_PARM_DESC(blind, "take the metadata of KHO, by which a driver sees whether it can tell what was handed over");

#define RECORD_OUT	"/sys/kernel/debug/kho/out/sub_fdts/" ZRAM_PERSIST_NODE
#define RECORD_IN	"/sys/kernel/debug/kho/in/sub_fdts/" ZRAM_PERSIST_NODE

/**
 * struct search - one thing that is looked for
 * @kind: of page
 * @number: how many of this kind are passed over, or the owner
 * @owner: look for what belongs to page @number of the device
 * @found: it, or NULL
 */
struct search {
	unsigned int kind;
	u64 number;
	bool owner;
	u8 *found;
};

static void search_span(struct search *s, struct zram_persist_span *span)
{
	unsigned int i;

	for (i = 0; s->owner && i < span->nr_entries; i++)
		if (span->entry[i].place &&
		    zram_persist_entry_owner(&span->entry[i]) == s->number)
			s->found = (u8 *)span +
				   zram_persist_entry_start(&span->entry[i]);
	if (!s->owner && !s->number--)
		s->found = (u8 *)span;
}

static void search_page(struct search *s, const struct zram_persist_page *desc,
			void *page)
{
	if (s->found || zram_persist_page_kind(desc) != s->kind)
		return;
	if (s->kind == ZRAM_PERSIST_SPAN)
		search_span(s, page);
	else if (s->owner ? zram_persist_raw_owner(desc) == s->number :
			    !s->number--)
		s->found = page;
}

static void search_segment(struct search *s,
			   const struct zram_persist_segtab_entry *entry)
{
	u64 phys = entry->location & ~(u64)(ZRAM_PERSIST_PAGE_SIZE - 1);
	struct zram_persist_segment *header = phys_to_virt(phys);
	unsigned int i;

	search_page(s, &entry->page, header);
	if (zram_persist_page_kind(&entry->page) != ZRAM_PERSIST_HEADED)
		return;
	for (i = 1; i < 1U << header->order; i++)
		search_page(s, &header->page[i - 1],
			    phys_to_virt(phys + i * ZRAM_PERSIST_PAGE_SIZE));
}

static u8 *search_device(const struct zram_persist_super *sb, struct search *s)
{
	struct zram_persist_segtab *table;
	unsigned int i;
	u64 segtab;

	for (segtab = sb->segtab; segtab; segtab = table->next) {
		table = phys_to_virt(segtab);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (table->entry[i].location)
				search_segment(s, &table->entry[i]);
	}
	return s->found;
}

static u8 *search_segtab(const struct zram_persist_super *sb, u64 number)
{
	u64 segtab = sb->segtab;

	while (segtab && number--)
		segtab = ((struct zram_persist_segtab *)phys_to_virt(segtab))->next;
	return segtab ? phys_to_virt(segtab) : NULL;
}

/* Before there is one of this kernel it is that of the previous one. */
static u8 *search_record(void)
{
	const struct debugfs_blob_wrapper *blob = kho_blob(RECORD_OUT) ?: kho_blob(RECORD_IN);

	return blob ? blob->data : NULL;
}

static u8 *search_target(void *sb, const char *target, u64 number)
{
	struct search s = { .number = number };

	if (!strcmp(target, "super"))
		return sb;
	if (!strcmp(target, "segtab"))
		return search_segtab(sb, number);
	s.owner = !strcmp(target, "object") || !strcmp(target, "raw");
	if (!strcmp(target, "header"))
		s.kind = ZRAM_PERSIST_HEADED;
	else if (!strcmp(target, "table"))
		s.kind = ZRAM_PERSIST_TABLE;
	else if (!strcmp(target, "span") || !strcmp(target, "object"))
		s.kind = ZRAM_PERSIST_SPAN;
	else if (!strcmp(target, "raw"))
		s.kind = ZRAM_PERSIST_RAW;
	return search_device(sb, &s);
}

/* All that begin with a magic number have the checksum in the same place. */
static void sign(void *page)
{
	struct zram_persist_super *sb = page;

	BUILD_BUG_ON(offsetof(struct zram_persist_super, crc) !=
		     offsetof(struct zram_persist_segtab, crc));
	BUILD_BUG_ON(offsetof(struct zram_persist_super, crc) !=
		     offsetof(struct zram_persist_record, crc));
	sb->crc = 0;
	sb->crc = crc32c(~0, page, ZRAM_PERSIST_PAGE_SIZE);
}

/* The memory is ours until the restart, and free or preserved after it. */
static bool name_other(struct zram_persist_segtab *table, bool keep)
{
	struct zram_persist_segtab_entry *entry = table->entry;
	struct folio *folio;
	u64 order;

	while (!entry->location)
		entry++;
	order = entry->location & ZRAM_PERSIST_LOCATION_ORDER;
	folio = folio_alloc(GFP_KERNEL | __GFP_ZERO, order * 3);
	if (!folio || (keep && kho_preserve_folio(folio)))
		return false;
	entry->location = PFN_PHYS(folio_pfn(folio)) | order;
	sign(table);
	return true;
}

/* Entries in front of it may not be in use, or name small segments. */
static bool name_smaller(struct zram_persist_segtab *table)
{
	unsigned int i;

	for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++) {
		if ((table->entry[i].location & ZRAM_PERSIST_LOCATION_ORDER) != 3)
			continue;
		table->entry[i].location--;
		sign(table);
		return true;
	}
	return false;
}

static bool cut_record(u8 *record)
{
	kho_remove_subtree(record);
	return !kho_add_subtree(ZRAM_PERSIST_NODE, record, 100);
}

static bool change_byte(u8 *target, const char *action)
{
	unsigned long long offset;
	unsigned int mask;
	int end = 0;

	if (sscanf(action, "%llu:%x%n", &offset, &mask, &end) != 2)
		return false;
	target[offset] ^= mask;
	if (!strcmp(action + end, ":sign"))
		sign(target);
	return true;
}

static bool use_block(u8 *target)
{
	struct folio *folio = kho_restore_folio(virt_to_phys(target));

	if (folio)
		memset(target, 0xa5, folio_size(folio));
	return folio;
}

static bool act(u8 *target, const char *action)
{
	if (!strcmp(action, "foreign") || !strcmp(action, "kept"))
		return name_other((void *)target, !strcmp(action, "kept"));
	if (!strcmp(action, "smaller"))
		return name_smaller((void *)target);
	if (!strcmp(action, "cut"))
		return cut_record(target);
	if (!strcmp(action, "taken"))
		return kho_restore_folio(virt_to_phys(target));
	if (!strcmp(action, "used"))
		return use_block(target);
	if (strcmp(action, "gone"))
		return change_byte(target, action);
	kho_unpreserve_folio(virt_to_folio(target));
	return true;
}

static void damage_one(char *spec)
{
	char *device = strsep(&spec, ":");
	char *target = strsep(&spec, ":");
	char *number = strsep(&spec, ":");
	unsigned long long n;
	unsigned int nr;
	u8 *byte;

	if (!spec || kstrtouint(device, 10, &nr) || nr >= nr_super ||
	    kstrtoull(number, 10, &n)) {
		pr_err("cannot understand what to do to %s\n", device);
		return;
	}
	if (!strcmp(target, "record"))
		byte = search_record();
	else
		byte = super[nr] ? search_target(phys_to_virt(super[nr]),
						 target, n) : NULL;
	if (!byte)
		pr_err("%s: there is no %s %llu\n", device, target, n);
	else if (!act(byte, spec))
		pr_err("cannot understand what to do to %s %s, or do it: %s\n",
		       device, target, spec);
	else
		pr_info("%s: %s %llu is damaged\n", device, target, n);
}

static void damage_all(void)
{
	int i;

	for (i = 0; i < nr_damage; i++)
		damage_one(damage[i]);
}

static int damage_notify(struct notifier_block *nb, unsigned long action,
			 void *data)
{
	damage_all();
	return NOTIFY_DONE;
}

static struct notifier_block damage_nb = {
	.notifier_call	= damage_notify,
	.priority	= INT_MIN,
};

static bool take_metadata(void)
{
	phys_addr_t phys;
	size_t size;

	return !kho_retrieve_subtree(KHO_METADATA_NODE_NAME, &phys, &size) &&
	       kho_restore_folio(phys);
}

static int __init damage_init(void)
{
	if (blind && !take_metadata())
		return -ENODATA;
	if (!now)
		return register_reboot_notifier(&damage_nb);
	damage_all();
	return 0;
}

static void __exit damage_exit(void)
{
	if (!now)
		unregister_reboot_notifier(&damage_nb);
}

module_init(damage_init);
module_exit(damage_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Damages what zram hands over, for tests");
