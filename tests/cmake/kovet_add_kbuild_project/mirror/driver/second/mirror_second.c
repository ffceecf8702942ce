// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "shared.h"
#include "../common/written.h"

static int __init second_init(void)
{
	return mirror_answer();
}
module_init(second_init);
MODULE_DESCRIPTION(WRITTEN);
MODULE_LICENSE("GPL");
