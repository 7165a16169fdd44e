// SPDX-License-Identifier: GPL-2.0
/*
 * Adds memory to the running kernel, as a memory module does that somebody plugs
 * in: memory that the firmware's map has, but that this kernel was told to leave
 * alone.
 */

#include <linux/memory_hotplug.h>
#include <linux/module.h>

static ulong start;
module_param(start, ulong, 0444);
MODULE_PARM_DESC(start, "physical address");

static ulong size;
module_param(size, ulong, 0444);
MODULE_PARM_DESC(size, "bytes");

static int __init add_memory_init(void)
{
	return add_memory(0, start, size, MHP_NONE);
}
module_init(add_memory_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Adds memory to the running kernel");
