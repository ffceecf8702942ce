/* Uses the symbol of boot_exports. */
#include <linux/module.h>

int boot_answer(void);
static int __init boot_imports_init(void) {
  pr_info("boot_imports: %d\n", boot_answer());
  return 0;
}
static void __exit boot_imports_exit(void) {}
module_init(boot_imports_init);
module_exit(boot_imports_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the boot tests");
