// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "two.h"
MODULE_DESCRIPTION(DESCRIPTION);
MODULE_LICENSE("GPL");
