// SPDX-License-Identifier: GPL-2.0
/*
 * Damages what a device hands over, after it was sealed: as faulty memory, or a
 * faulty kernel, would. For tests.
 *
 * Loaded after zram, so that of two notifiers of the same priority zram's is
 * the first to be called.
 */

#define pr_fmt(fmt) "zram_damage: " fmt

#include <linux/io.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/zram_persist.h>

static ulong super[8];
static int nr_super;
module_param_array(super, ulong, &nr_super, 0444);
MODULE_PARM_DESC(super, "physical addresses of superblocks");

static char *damage[32];
static int nr_damage;
module_param_array(damage, charp, &nr_damage, 0444);
MODULE_PARM_DESC(damage, "list of DEVICE:TARGET:NUMBER:OFFSET:MASK: of the device with that superblock, counted from 0, the byte at OFFSET of a superblock (super), page of the segment table (segtab), header of a segment (header), page of the slot table (table), directory of a span (span), or of the object (object) or raw page (raw) of page NUMBER of the device is changed by MASK");

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

/* Parses the numbers that follow the name of the target. */
static bool damage_parse(char *text, unsigned long long *number,
			 unsigned long long *offset, u8 *mask)
{
	unsigned int byte;

	if (!text || sscanf(text, "%llu:%llu:%x", number, offset, &byte) != 3)
		return false;
	*mask = byte;
	return true;
}

static void damage_one(char *spec)
{
	unsigned long long number, offset;
	char *device = strsep(&spec, ":");
	char *target = strsep(&spec, ":");
	unsigned int nr;
	u8 *byte, mask;

	if (kstrtouint(device, 10, &nr) || nr >= nr_super ||
	    !damage_parse(spec, &number, &offset, &mask)) {
		pr_err("cannot understand what to do to %s\n", device);
		return;
	}
	byte = search_target(phys_to_virt(super[nr]), target, number);
	if (!byte) {
		pr_err("%s: there is no %s %llu\n", device, target, number);
		return;
	}
	byte[offset] ^= mask;
	pr_info("%s: %s %llu is damaged\n", device, target, number);
}

static int damage_notify(struct notifier_block *nb, unsigned long action,
			 void *data)
{
	int i;

	for (i = 0; i < nr_damage; i++)
		damage_one(damage[i]);
	return NOTIFY_DONE;
}

static struct notifier_block damage_nb = {
	.notifier_call	= damage_notify,
	.priority	= INT_MIN,
};

static int __init damage_init(void)
{
	return register_reboot_notifier(&damage_nb);
}

static void __exit damage_exit(void)
{
	unregister_reboot_notifier(&damage_nb);
}

module_init(damage_init);
module_exit(damage_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Damages what zram hands over, for tests");
