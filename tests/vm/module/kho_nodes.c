// SPDX-License-Identifier: GPL-2.0
/*
 * Tells where the tree of Kexec HandOver is that the next kernel will read. For
 * tests: the parameters nodes and added are how many pages it has, and how many of
 * them are memory that was not there at boot.
 */

#include <linux/io.h>
#include <linux/kho_radix_tree.h>
#include <linux/module.h>

#include "../../../drivers/block/zram/kho_compat.h"

static ulong root;
module_param(root, ulong, 0444);
MODULE_PARM_DESC(root, "physical address of the root");

static ulong nodes;
module_param(nodes, ulong, 0444);
MODULE_PARM_DESC(nodes, "pages of the tree");

static ulong added;
module_param(added, ulong, 0444);
MODULE_PARM_DESC(added, "those that the next kernel cannot read");

static int count_node(phys_addr_t phys, void *data)
{
	nodes++;
	added += !zram_is_boot_memory(phys, PAGE_SIZE);
	return 0;
}

static int __init kho_nodes_init(void)
{
	static const struct kho_radix_walk_cb count = { .node = count_node };
	struct kho_radix_tree tree;
	int err;

	err = kho_radix_init_tree(&tree, phys_to_virt(root));
	return err ?: kho_radix_walk_tree(&tree, &count, NULL);
}
module_init(kho_nodes_init);

static void __exit kho_nodes_exit(void)
{
}
module_exit(kho_nodes_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tells where the tree of Kexec HandOver is");
