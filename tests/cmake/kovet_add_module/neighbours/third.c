// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "second/second.h"

static int __init third_init(void)
{
	return second_answer(1);
}
module_init(third_init);
MODULE_DESCRIPTION("imports");
MODULE_LICENSE("GPL");
