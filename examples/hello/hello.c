// SPDX-License-Identifier: GPL-2.0
#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

static char *name = "world";
module_param(name, charp, 0444);
MODULE_PARM_DESC(name, "whom to greet");

static int __init hello_init(void)
{
	pr_info("hello, %s\n", name);
	return 0;
}

static void __exit hello_exit(void)
{
	pr_info("goodbye, %s\n", name);
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_DESCRIPTION("Greets when it is loaded and when it is unloaded");
MODULE_LICENSE("GPL");
