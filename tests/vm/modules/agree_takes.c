/* Uses what another module made of what a third one exports. */
#include <linux/module.h>

int agree_handed(void);

static int __init agree_takes_init(void) { return agree_handed() == 2 ? 0 : -EIO; }
static void __exit agree_takes_exit(void) {}
module_init(agree_takes_init);
module_exit(agree_takes_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
