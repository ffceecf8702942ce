/* Exports symbols of every kind. */
#include <linux/module.h>

int agree_open(void);
int agree_gpl(void);
int agree_spaced(void);

int agree_open(void) { return 1; }
EXPORT_SYMBOL(agree_open);

int agree_gpl(void) { return 2; }
EXPORT_SYMBOL_GPL(agree_gpl);

int agree_spaced(void) { return 3; }
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
EXPORT_SYMBOL_NS(agree_spaced, "AGREE");
#else
EXPORT_SYMBOL_NS(agree_spaced, AGREE);
#endif

static int __init agree_exports_init(void) { return 0; }
static void __exit agree_exports_exit(void) {}
module_init(agree_exports_init);
module_exit(agree_exports_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
