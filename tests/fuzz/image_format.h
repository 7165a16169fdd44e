/* SPDX-License-Identifier: GPL-2.0 */
/*
 * File format of a handover: what the kernel finds in memory after a kexec.
 *
 * A header, and then chunks to the end of the file, each followed by its bytes
 * and padded to 8 bytes. A chunk says that there is memory, or what is in it,
 * or both. What no chunk says anything about is zero, if there is memory. So a
 * handover of some MiB takes some KiB, because payloads are left out: nobody
 * looks at them before they are read.
 *
 * Any sequence of bytes that begins with a header is an image: chunks that make
 * no sense are cut to what does.
 */
#ifndef _FUZZ_IMAGE_FORMAT_H
#define _FUZZ_IMAGE_FORMAT_H

#include <linux/types.h>

/* Also tells those who look for it what the licence of a seed is. */
#define IMAGE_MAGIC "# SPDX-License-Identifier: GPL-2.0; a handover of zram\n"

/**
 * struct image_header - start of the file
 * @magic: IMAGE_MAGIC, padded with zeros
 * @record: physical address of the handover record
 * @record_size: its size as KHO tells it
 * @flags: IMAGE_KEEP_CHECKSUMS
 * @reserved: zero
 */
struct image_header {
	char magic[64];
	__u64 record;
	__u64 record_size;
	__u32 flags;
	__u32 reserved;
};

/* Checksums are those of the file, and not made right before the check. */
#define IMAGE_KEEP_CHECKSUMS	1U

/**
 * struct image_chunk - some memory
 * @phys: physical address
 * @pages: pages from the one with @phys on that are memory, or 0
 * @len: bytes that follow, and that are in memory at @phys
 */
struct image_chunk {
	__u64 phys;
	__u32 pages;
	__u32 len;
};

#endif /* _FUZZ_IMAGE_FORMAT_H */
