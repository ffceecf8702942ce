/* Needs modules of the kernel itself, which need others: crc7 directly. */
#include <linux/crc7.h>
#include <linux/module.h>

static int __init boot_needs_init(void) {
  static const u8 text[] = "123456789";

  pr_info("boot_needs: %d\n", crc7_be(0, text, 9));
  return 0;
}
static void __exit boot_needs_exit(void) {}
module_init(boot_needs_init);
module_exit(boot_needs_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the boot tests");
