/* Has a parameter, and fails in its init when that says so. */
#include <linux/module.h>

static int result;
module_param(result, int, 0444);
MODULE_PARM_DESC(result, "what init returns");

static int __init agree_param_init(void) { return result; }
static void __exit agree_param_exit(void) {}
module_init(agree_param_init);
module_exit(agree_param_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
