/* Exports a symbol for boot_imports. */
#include <linux/module.h>

int boot_answer(void);
int boot_answer(void) { return 42; }
EXPORT_SYMBOL_GPL(boot_answer);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the boot tests");
