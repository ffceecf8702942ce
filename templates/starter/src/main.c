// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "device.h"

static int __init my_driver_init(void)
{
	return my_driver_device_start();
}

static void __exit my_driver_exit(void)
{
	my_driver_device_stop();
}

module_init(my_driver_init);
module_exit(my_driver_exit);

MODULE_DESCRIPTION("A character device, /dev/my_driver, that greets its reader");
MODULE_VERSION(MY_DRIVER_VERSION);
MODULE_LICENSE("GPL");
