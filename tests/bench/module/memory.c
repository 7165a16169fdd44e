// SPDX-License-Identifier: GPL-2.0
/*
 * Free memory, exactly; and memory that the host has already provided.
 */

#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/string.h>
#include <linux/vmstat.h>

#include "bench.h"

static u64 zone_free_pages(struct zone *zone)
{
	u64 free = zone_page_state(zone, NR_FREE_PAGES);
	int cpu;

	for_each_online_cpu(cpu)
		free += per_cpu_ptr(zone->per_cpu_pageset, cpu)->count;
	return free;
}

/**
 * bench_free_pages() - free memory of the first node
 *
 * MemFree and the pages in the allocator's lists per CPU, which MemFree lacks:
 * they are some MiB, and come and go by chance.
 *
 * Return: pages.
 */
u64 bench_free_pages(void)
{
	struct zone *zones = NODE_DATA(0)->node_zones;
	u64 free = 0;
	int i;

	for (i = 0; i < MAX_NR_ZONES; i++) {
		if (populated_zone(&zones[i]))
			free += zone_free_pages(&zones[i]);
	}
	return free;
}

/**
 * bench_touch_memory() - write to all free memory once
 *
 * User-Mode Linux's memory is a file of the host, whose pages the host provides
 * as they are touched. That takes longer than what is measured here.
 *
 * Context: Process context, may sleep.
 * Return: 0.
 */
int bench_touch_memory(void)
{
	gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;
	struct page *page, *next;
	int order;
	LIST_HEAD(pages);

	for (order = MAX_PAGE_ORDER; order >= 4; order--) {
		LIST_HEAD(these);

		while ((page = alloc_pages(gfp, order))) {
			memset(page_address(page), 0, PAGE_SIZE << order);
			page->private = order;
			list_add(&page->lru, &these);
		}
		list_splice(&these, &pages);
	}
	list_for_each_entry_safe(page, next, &pages, lru) {
		order = page->private;
		page->private = 0;
		__free_pages(page, order);
	}
	return 0;
}
