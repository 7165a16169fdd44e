// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the checksums of a damaged handover right, as a faulty driver would
 * that sealed it, so that what lies behind them is reached. Nothing is believed
 * here: each address is tried before it is used.
 */
#include <stddef.h>
#include <linux/crc32c.h>
#include "memory.h"

static void *page_at(u64 phys)
{
	if (!phys || phys % PAGE || !memory_exists(phys, PAGE))
		return NULL;
	return memory_at(phys);
}

static u32 crc_at(u64 phys, u64 len)
{
	return memory_exists(phys, len) ? crc32c(~0U, memory_at(phys), len) : 0;
}

static void seal_page(u64 phys, struct zram_persist_page *desc)
{
	const size_t first = offsetof(struct zram_persist_span, nr_entries);
	const struct zram_persist_span *span;

	switch (zram_persist_page_kind(desc)) {
	case ZRAM_PERSIST_SPAN:
		if (desc->arg == ZRAM_PERSIST_SPAN_LOST ||
		    !memory_exists(phys, sizeof(*span)))
			break;
		span = memory_at(phys);
		desc->crc = crc_at(phys + first, sizeof(*span) - first +
				   span->nr_entries * sizeof(*span->entry));
		break;
	case ZRAM_PERSIST_TABLE:
		desc->crc = crc_at(phys, PAGE);
		break;
	}
}

static void seal_segment(struct zram_persist_segtab_entry *entry)
{
	unsigned int order = (entry->location & ZRAM_PERSIST_LOCATION_ORDER) * 3;
	u64 addr = entry->location & ~(PAGE - 1);
	u32 bytes = zram_persist_header_bytes(order);
	struct zram_persist_segment *segment;
	unsigned int i;

	/* The entry itself is written to with the page of the table. */
	if (entry->page.kind != ZRAM_PERSIST_HEADED) {
		seal_page(addr, &entry->page);
		return;
	}
	if (!memory_exists(addr, bytes))
		return;
	segment = memory_at(addr);
	memory_dirty(addr, bytes);
	for (i = 1; i < 1U << order; i++)
		seal_page(addr + i * PAGE, &segment->page[i - 1]);
	entry->page.crc = crc_at(addr, bytes);
}

static void seal_device(u64 phys)
{
	struct zram_persist_super *super = page_at(phys);
	struct zram_persist_segtab *tab;
	unsigned int i, pages = 0;

	if (!super)
		return;
	memory_dirty(phys, PAGE);
	for (phys = super->segtab; pages++ < 64; phys = tab->next) {
		tab = page_at(phys);
		if (!tab)
			break;
		memory_dirty(phys, PAGE);
		for (i = 0; i < ZRAM_PERSIST_SEGTAB_ENTRIES; i++)
			if (tab->entry[i].location)
				seal_segment(&tab->entry[i]);
		tab->crc = 0;
		tab->crc = crc32c(~0U, tab, PAGE);
	}
	super->crc = 0;
	super->crc = crc32c(~0U, super, PAGE);
}

/* Segments may overlap each other and tables: then some checksums are wrong. */
void memory_seal(u64 phys)
{
	struct zram_persist_record *record = page_at(phys);
	u32 i;

	if (!record)
		return;
	memory_dirty(phys, PAGE);
	for (i = 0; i < record->nr_devices && i < 16; i++)
		seal_device(record->device[i].superblock);
	record->crc = 0;
	record->crc = crc32c(~0U, record, PAGE);
}
