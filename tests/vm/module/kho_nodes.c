// SPDX-License-Identifier: GPL-2.0
/*
 * Tells where the tree of Kexec HandOver is that the next kernel will read, and what is
 * in it. For tests: the parameters nodes and added are how many pages it has, and how
 * many of them are memory that was not there at boot; kib is the memory that it names.
 */

#include <linux/bitops.h>
#include <linux/io.h>
#include <linux/kho_radix_tree.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "../../../drivers/block/zram/kho_compat.h"

static ulong root;
module_param(root, ulong, 0444);
MODULE_PARM_DESC(root, "physical address of the root");

static ulong out;
module_param(out, ulong, 0444);
MODULE_PARM_DESC(out, "or the address of kho_out, from /proc/kallsyms");

static ulong nodes;
module_param(nodes, ulong, 0444);
MODULE_PARM_DESC(nodes, "pages of the tree");

static ulong added;
module_param(added, ulong, 0444);
MODULE_PARM_DESC(added, "those that the next kernel cannot read");

static ulong kib;
module_param(kib, ulong, 0444);
MODULE_PARM_DESC(kib, "memory that is preserved, KiB");

static int count_node(phys_addr_t phys, void *data)
{
	nodes++;
	added += !zram_is_boot_memory(phys, PAGE_SIZE);
	return 0;
}

/* The highest bit of a key tells the order: bit 52, of 64 - PAGE_SHIFT, is order 0. */
static int count_pages(unsigned long key, void *data)
{
	kib += PAGE_SIZE / 1024 << (64 - PAGE_SHIFT - __fls(key));
	return 0;
}

/*
 * What kho_out begins with. A kernel that came by kexec does not show its own tree in
 * debugfs, where the root can be had of one that was booted.
 */
struct kho_out_head {
	void *fdt;
	struct mutex lock; /* not used */
	struct kho_radix_tree radix_tree;
};

static struct kho_radix_node *root_node(void)
{
	const struct kho_out_head *head = (void *)out;

	return head ? head->radix_tree.root : phys_to_virt(root);
}

static int __init kho_nodes_init(void)
{
	static const struct kho_radix_walk_cb count = {
		.node = count_node,
		.leaf = count_pages,
	};
	struct kho_radix_node *node = root_node();
	struct kho_radix_tree tree;
	int err;

	if (!virt_addr_valid(node) || !PAGE_ALIGNED(node))
		return -EINVAL;
	err = kho_radix_init_tree(&tree, node);
	return err ?: kho_radix_walk_tree(&tree, &count, NULL);
}
module_init(kho_nodes_init);

static void __exit kho_nodes_exit(void)
{
}
module_exit(kho_nodes_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tells where the tree of Kexec HandOver is");
