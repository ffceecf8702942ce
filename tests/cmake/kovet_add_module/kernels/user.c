// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

int many_answer(void);
static int __init user_init(void)
{
	return many_answer();
}
module_init(user_init);
MODULE_DESCRIPTION("uses many");
MODULE_LICENSE("GPL");
