// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

int base_answer(void);

static int __init user_init(void)
{
	return base_answer() == 42 ? 0 : -EIO;
}
static void __exit user_exit(void)
{
}
module_init(user_init);
module_exit(user_exit);
MODULE_DESCRIPTION("imports");
MODULE_LICENSE("GPL");
