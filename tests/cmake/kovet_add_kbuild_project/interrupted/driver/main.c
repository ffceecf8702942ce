// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
MODULE_DESCRIPTION("built in pieces");
MODULE_LICENSE("GPL");
