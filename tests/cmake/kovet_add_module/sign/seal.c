#include <linux/module.h>

static int __init seal_init(void)
{
	return 0;
}

static void __exit seal_exit(void)
{
}

module_init(seal_init);
module_exit(seal_exit);
MODULE_DESCRIPTION("Is signed");
MODULE_LICENSE("GPL");
