// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

int many_answer(void);
int many_answer(void)
{
	return 0;
}
EXPORT_SYMBOL(many_answer);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION(RELEASE);
#ifdef FIRST
MODULE_VERSION("first");
#endif
