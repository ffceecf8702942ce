/* Uses a symbol that everybody may use, and exports one of its own. */
#include <linux/module.h>

int agree_open(void);
int agree_handed(void);

int agree_handed(void) { return agree_open() + 1; }
EXPORT_SYMBOL(agree_handed);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
