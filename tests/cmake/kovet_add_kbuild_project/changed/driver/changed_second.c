// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

MODULE_DESCRIPTION("another module of the driver");
MODULE_LICENSE("GPL");
