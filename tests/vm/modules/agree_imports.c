/* Uses what agree_exports exports. */
#include <linux/module.h>
#include <linux/version.h>

int agree_open(void);
int agree_gpl(void);
int agree_spaced(void);
extern int agree_perhaps(void) __attribute__((weak));

static int __init agree_imports_init(void) {
  return agree_open() + agree_gpl() + agree_spaced() == 6 && !agree_perhaps ? 0 : -EIO;
}
static void __exit agree_imports_exit(void) {}
module_init(agree_imports_init);
module_exit(agree_imports_exit);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("AGREE");
#else
MODULE_IMPORT_NS(AGREE);
#endif
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
