// SPDX-License-Identifier: GPL-2.0
/*
 * A device that takes long to shut down: what programs can still do after all
 * reboot notifiers have been called.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static unsigned int seconds = 20;
module_param(seconds, uint, 0444);
MODULE_PARM_DESC(seconds, "How long it takes");

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

static int __init slow_init(void)
{
	slow_device = platform_create_bundle(&slow_driver, NULL, NULL, 0, NULL,
					     0);
	return PTR_ERR_OR_ZERO(slow_device);
}

static void __exit slow_exit(void)
{
	platform_device_unregister(slow_device);
	platform_driver_unregister(&slow_driver);
}

module_init(slow_init);
module_exit(slow_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A device that takes long to shut down");
