// SPDX-License-Identifier: GPL-2.0
/*
 * A device that takes long to shut down: what programs can still do after all
 * reboot notifiers have been called. Or, with told=, a driver that takes long when
 * it is told of the restart: what they can do while notifiers are called.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/reboot.h>

static unsigned int seconds = 20;
module_param(seconds, uint, 0444);
MODULE_PARM_DESC(seconds, "How long it takes");

static unsigned int told;
module_param(told, uint, 0444);
MODULE_PARM_DESC(told, "How long it takes to be told of the restart");

static struct platform_device *slow_device;

static void slow_shutdown(struct platform_device *pdev)
{
	pr_notice("takes %u seconds to shut down\n", seconds);
	msleep(seconds * MSEC_PER_SEC);
}

static struct platform_driver slow_driver = {
	.shutdown	= slow_shutdown,
	.driver		= {
		.name	= KBUILD_MODNAME,
	},
};

static int slow_notify(struct notifier_block *nb, unsigned long action,
		       void *data)
{
	if (told)
		pr_notice("takes %u seconds to be told\n", told);
	msleep(told * MSEC_PER_SEC);
	return NOTIFY_DONE;
}

static struct notifier_block slow_nb = {
	.notifier_call	= slow_notify,
};

static int __init slow_init(void)
{
	int err;

	slow_device = platform_create_bundle(&slow_driver, NULL, NULL, 0, NULL,
					     0);
	if (IS_ERR(slow_device))
		return PTR_ERR(slow_device);
	err = register_reboot_notifier(&slow_nb);
	if (err) {
		platform_device_unregister(slow_device);
		platform_driver_unregister(&slow_driver);
	}
	return err;
}

static void __exit slow_exit(void)
{
	unregister_reboot_notifier(&slow_nb);
	platform_device_unregister(slow_device);
	platform_driver_unregister(&slow_driver);
}

module_init(slow_init);
module_exit(slow_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A driver that takes long when the machine restarts");
