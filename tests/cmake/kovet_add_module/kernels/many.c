// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "answer.h"

int many_answer(void);
int many_answer(void)
{
	return ANSWER;
}
EXPORT_SYMBOL(many_answer);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION(RELEASE);
#ifdef FIRST
MODULE_VERSION("first");
#endif
