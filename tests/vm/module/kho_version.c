// SPDX-License-Identifier: GPL-2.0
/*
 * Gives the format of Kexec HandOver itself another version in what the next
 * kernel gets. For tests: by this string a kernel tells that what it gets is of an
 * older or newer KHO.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kho/abi/kexec_handover.h>
#include <linux/module.h>
#include <linux/string.h>

#include "kho_blob.h"

/* Shown by a kernel only that was itself handed nothing. */
#define FDT_OUT	"/sys/kernel/debug/kho/out/fdt"

static char *version;
module_param(version, charp, 0444);
MODULE_PARM_DESC(version, "what to put in place of " KHO_FDT_COMPATIBLE);

/* A longer or shorter one would move the rest of the device tree. */
static int __init kho_version_init(void)
{
	const struct debugfs_blob_wrapper *fdt = kho_blob(FDT_OUT);
	const size_t size = sizeof(KHO_FDT_COMPATIBLE);
	char *byte, *end;

	if (!fdt)
		return -ENOENT;
	if (!version || strlen(version) + 1 != size)
		return -EINVAL;
	end = fdt->data + fdt->size;
	for (byte = fdt->data; byte + size <= end; byte++) {
		if (memcmp(byte, KHO_FDT_COMPATIBLE, size))
			continue;
		memcpy(byte, version, size);
		pr_info("%s is %s now\n", KHO_FDT_COMPATIBLE, version);
		return 0;
	}
	return -ENODATA;
}
module_init(kho_version_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Gives the format of Kexec HandOver another version");
