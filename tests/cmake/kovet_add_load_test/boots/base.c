// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

int base_answer(void);
int base_answer(void)
{
	return 42;
}
EXPORT_SYMBOL_GPL(base_answer);
MODULE_DESCRIPTION("exports");
MODULE_LICENSE("GPL");
