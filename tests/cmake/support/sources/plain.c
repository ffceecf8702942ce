#include <linux/module.h>
#include <linux/printk.h>

static int __init plain_init(void)
{
	pr_info("here\n");
	return 0;
}

static void __exit plain_exit(void)
{
}

module_init(plain_init);
module_exit(plain_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("does nothing");
