// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

int first_answer(void);

int first_answer(void)
{
	return 1;
}
EXPORT_SYMBOL_GPL(first_answer);
MODULE_DESCRIPTION("exports");
MODULE_LICENSE("GPL");
