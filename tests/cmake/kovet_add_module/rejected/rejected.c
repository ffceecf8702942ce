// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#ifdef BAD
// A second vermagic, before the one of modpost: what a module built for another kernel has.
MODULE_INFO(vermagic, "1.2.3-other SMP mod_unload ");
#endif
MODULE_DESCRIPTION("fine, unless BAD");
MODULE_LICENSE("GPL");
