// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "second.h"

int first_answer(void);

int second_answer(int question)
{
	return question + first_answer();
}
EXPORT_SYMBOL_GPL(second_answer);
MODULE_DESCRIPTION("imports and exports");
MODULE_LICENSE("GPL");
