// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

MODULE_DESCRIPTION("neither imports nor exports");
MODULE_LICENSE("GPL");
