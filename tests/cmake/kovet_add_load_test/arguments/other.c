// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
MODULE_DESCRIPTION("nothing");
MODULE_LICENSE("GPL");
