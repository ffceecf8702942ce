// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "base/base.h"

extern int base_next(int step);

static int __init user_init(void)
{
	struct base_question question = { .number = 0 };

	return base_next(base_answer(&question)) - 1;
}
module_init(user_init);
MODULE_DESCRIPTION("imports");
MODULE_LICENSE("GPL");
