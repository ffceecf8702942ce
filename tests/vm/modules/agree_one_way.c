/* One of two modules that need each other. */
#include <linux/module.h>

int agree_one(void);
int agree_other(void);

int agree_one(void) { return 1; }
EXPORT_SYMBOL(agree_one);

static int __init agree_one_way_init(void) { return agree_other() == 2 ? 0 : -EIO; }
static void __exit agree_one_way_exit(void) {}
module_init(agree_one_way_init);
module_exit(agree_one_way_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
