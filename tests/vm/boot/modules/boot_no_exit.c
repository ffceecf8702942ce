/* Has an init and no exit: nobody can unload it. */
#include <linux/module.h>

static int __init boot_no_exit_init(void) { return 0; }
module_init(boot_no_exit_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the boot tests");
