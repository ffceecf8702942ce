/* One of two modules that need each other. */
#include <linux/module.h>

int agree_other(void);
int agree_one(void);

int agree_other(void) { return 2; }
EXPORT_SYMBOL(agree_other);

static int __init agree_other_way_init(void) { return agree_one() == 1 ? 0 : -EIO; }
static void __exit agree_other_way_exit(void) {}
module_init(agree_other_way_init);
module_exit(agree_other_way_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
