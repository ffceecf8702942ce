#include <linux/module.h>

static int times = 1;
module_param(times, int, 0444);
static char *who = "world";
module_param(who, charp, 0444);
static int levels[2];
module_param_array(levels, int, NULL, 0444);

static int __init greeting_init(void)
{
	pr_info("greeting: %s, %d times\n", who, times);
	return 0;
}

static void __exit greeting_exit(void)
{
}

module_init(greeting_init);
module_exit(greeting_exit);
MODULE_DESCRIPTION("Greets at load");
MODULE_LICENSE("GPL");
