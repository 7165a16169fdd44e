// SPDX-License-Identifier: GPL-2.0
/*
 * segments: what the pages of all segments in memory are used for, a line each:
 *
 *	ADDRESS header|table|free|lone
 *	ADDRESS raw OWNER
 *	ADDRESS span|tail OWNER...
 *
 * OWNERs are the pages of the device that cannot be read without this page: for
 * the first page of a span all that are in it, for others those that reach into
 * them. Pages that are marked as faulty have an exclamation mark behind the
 * word. Segments of a single page are not found.
 *
 * Looks for headers in physical memory, as they are in a kernel that runs:
 * nobody must write meanwhile.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../../include/linux/zram_persist.h"

#define PAGE	4096ULL

static int mem;

static int read_at(__u64 phys, void *to, size_t len)
{
	return pread(mem, to, len, phys) == (ssize_t)len ? 0 : -1;
}

static void print_span(__u64 addr, const struct zram_persist_page *desc,
		       unsigned int page, const struct zram_persist_span *span)
{
	unsigned int i, start, end;

	printf("%#llx %s%s", addr + page * PAGE, page ? "tail" : "span",
	       zram_persist_page_is_bad(&desc[page]) ? "!" : "");
	for (i = 0; i < span->nr_entries; i++) {
		const struct zram_persist_entry *entry = &span->entry[i];

		start = zram_persist_entry_start(entry);
		end = start + zram_persist_entry_len(entry);
		if (entry->place && (!page || (start < (page + 1) * PAGE &&
					       end > page * PAGE)))
			printf(" %llu", zram_persist_entry_owner(entry));
	}
	printf("\n");
}

static unsigned int print_pages(__u64 addr, const struct zram_persist_page *desc)
{
	static const char * const names[] = { "free", "span", "tail", "raw",
					      "table", "?", "?", "?" };
	static char span[ZRAM_PERSIST_MAX_SPAN * PAGE];
	unsigned int kind = zram_persist_page_kind(desc), pages = 1, i;

	if (kind != ZRAM_PERSIST_SPAN || desc->arg == ZRAM_PERSIST_SPAN_LOST) {
		printf("%#llx %s%s", addr, names[kind],
		       zram_persist_page_is_bad(desc) ? "!" : "");
		if (kind == ZRAM_PERSIST_RAW)
			printf(" %u", zram_persist_raw_owner(desc));
		printf("\n");
		return 1;
	}
	pages = zram_persist_span_pages(desc);
	if (pages > ZRAM_PERSIST_MAX_SPAN ||
	    read_at(addr, span, pages * PAGE))
		errx(1, "a span of %u pages at %#llx", pages, addr);
	for (i = 0; i < pages; i++)
		print_span(addr, desc, i, (void *)span);
	return pages;
}

/* Is a segment of order @order at @addr? Prints it then. */
static int print_segment(__u64 addr, unsigned int order)
{
	static union {
		struct zram_persist_segment seg;
		char bytes[PAGE];
	} u;
	unsigned int i;

	if (read_at(addr, &u, zram_persist_header_bytes(order)) ||
	    u.seg.magic != ZRAM_PERSIST_SEGMENT_MAGIC || u.seg.order != order)
		return 0;
	printf("%#llx header\n", addr);
	for (i = 1; i < 1U << order;)
		i += print_pages(addr + i * PAGE, &u.seg.page[i - 1]);
	return 1;
}

/* Segments do not overlap, so that the pages of one need not be looked at. */
static void print_range(__u64 addr, __u64 end)
{
	static const unsigned int orders[] = { 9, 6, 3 };
	unsigned int i;
	__u64 bytes;

	for (addr = (addr + 8 * PAGE - 1) & ~(8 * PAGE - 1); addr < end;) {
		bytes = 8 * PAGE;
		for (i = 0; i < 3; i++) {
			if (addr & ((PAGE << orders[i]) - 1) ||
			    addr + (PAGE << orders[i]) > end)
				continue;
			if (!print_segment(addr, orders[i]))
				continue;
			bytes = PAGE << orders[i];
			break;
		}
		addr += bytes;
	}
}

int main(void)
{
	unsigned long long start, end;
	char line[256];
	FILE *iomem;

	mem = open("/dev/mem", O_RDONLY);
	iomem = fopen("/proc/iomem", "r");
	if (mem < 0 || !iomem)
		err(1, "/dev/mem, /proc/iomem");
	while (fgets(line, sizeof(line), iomem))
		if (line[0] != ' ' && strstr(line, "System RAM") &&
		    sscanf(line, "%llx-%llx", &start, &end) == 2)
			print_range(start, end + 1);
	return 0;
}
