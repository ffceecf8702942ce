// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "counter.h"

static int __init counter_user_init(void)
{
	pr_info("the counter says %d\n", counter_next());
	return 0;
}

static void __exit counter_user_exit(void)
{
	pr_info("the counter says %d\n", counter_next());
}

module_init(counter_user_init);
module_exit(counter_user_exit);

MODULE_DESCRIPTION("Uses the counter of another module");
MODULE_LICENSE("GPL");
