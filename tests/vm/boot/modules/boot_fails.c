/* Its init returns what its parameter says; refuses a value of its own accord. */
#include <linux/module.h>

static int result = -EINVAL;
module_param(result, int, 0444);

static int __init boot_fails_init(void) { return result; }
static void __exit boot_fails_exit(void) {}
module_init(boot_fails_init);
module_exit(boot_fails_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the boot tests");
