// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/version.h>

int lender_width(void);
int lender_height(void);

static int __init borrower_init(void)
{
	pr_info("%d\n", lender_width() * lender_height());
	return 0;
}

static void __exit borrower_exit(void)
{
}

module_init(borrower_init);
module_exit(borrower_exit);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("LENDER");
#else
MODULE_IMPORT_NS(LENDER);
#endif
MODULE_DESCRIPTION("Uses both symbols of lender");
MODULE_LICENSE("GPL");
