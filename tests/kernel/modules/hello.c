// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/slab.h>

static int width = 3;
module_param(width, int, 0444);
MODULE_PARM_DESC(width, "how wide it is");

static void *memory;

static int __init hello_init(void)
{
	memory = kmalloc(16 + width, GFP_KERNEL);
	if (!memory)
		return -ENOMEM;
	pr_info("hello\n");
	return 0;
}

static void __exit hello_exit(void)
{
	kfree(memory);
}

module_init(hello_init);
module_exit(hello_exit);
MODULE_DESCRIPTION("Says hello");
MODULE_LICENSE("GPL");
