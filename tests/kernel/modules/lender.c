// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/version.h>

int lender_width(void);
int lender_height(void);

int lender_width(void)
{
	return 3;
}
EXPORT_SYMBOL(lender_width);

int lender_height(void)
{
	return 4;
}
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
EXPORT_SYMBOL_NS_GPL(lender_height, "LENDER");
#else
EXPORT_SYMBOL_NS_GPL(lender_height, LENDER);
#endif

MODULE_DESCRIPTION("Exports two symbols");
MODULE_LICENSE("GPL");
