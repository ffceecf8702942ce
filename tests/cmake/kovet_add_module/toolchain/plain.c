#include <linux/module.h>
#include <linux/printk.h>

static int __init cross_init(void)
{
	pr_info("here\n");
	return 0;
}

static void __exit cross_exit(void)
{
}

module_init(cross_init);
module_exit(cross_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("built for another architecture");
