/* Neither init nor exit: the least that loads. */
#include <linux/module.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
