// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that ends the chain of reboot notifiers, so that those of others
 * are not called: what a kexec is like of which nobody was told.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/limits.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/reboot.h>

static int stop(struct notifier_block *nb, unsigned long action, void *data)
{
	pr_notice("nobody else is told of the restart\n");
	return NOTIFY_STOP;
}

static struct notifier_block stop_nb = {
	.notifier_call	= stop,
	.priority	= INT_MAX,
};

static int __init stop_init(void)
{
	return register_reboot_notifier(&stop_nb);
}

static void __exit stop_exit(void)
{
	unregister_reboot_notifier(&stop_nb);
}

module_init(stop_init);
module_exit(stop_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ends the chain of reboot notifiers");
