// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "answer.h"

static int __init user_init(void)
{
	return separate_answer();
}
module_init(user_init);
MODULE_DESCRIPTION("imports");
MODULE_LICENSE("GPL");
