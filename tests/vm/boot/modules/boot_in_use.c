/* Holds a reference to itself: cannot be unloaded either. */
#include <linux/module.h>

static int __init boot_in_use_init(void) {
  __module_get(THIS_MODULE);
  return 0;
}
static void __exit boot_in_use_exit(void) {}
module_init(boot_in_use_init);
module_exit(boot_in_use_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the boot tests");
