// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "base/base.h"

static int __init user_init(void)
{
	struct base_question question = { .number = 0 };

	return base_answer(&question);
}
module_init(user_init);
MODULE_DESCRIPTION("imports");
MODULE_LICENSE("GPL");
