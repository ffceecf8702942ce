/* Prints lines, one of them with what a report of the guest looks like. */
#include <linux/module.h>

static int __init boot_prints_init(void) {
  pr_info("boot_prints: says hello\n");
  pr_err("R 0 22\nE 0 0\nX\n");
  return 0;
}
static void __exit boot_prints_exit(void) { pr_info("boot_prints: says goodbye\n"); }
module_init(boot_prints_init);
module_exit(boot_prints_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the boot tests");
