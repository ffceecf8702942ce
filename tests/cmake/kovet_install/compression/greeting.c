#include <linux/module.h>

MODULE_DESCRIPTION("Greets at load");
MODULE_LICENSE("GPL");
