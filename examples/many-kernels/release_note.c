// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/version.h>

// One source for many kernels: what differs between them is asked for by version.
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#define SERIES "6.4 or later"
#else
#define SERIES "earlier than 6.4"
#endif

static int __init release_note_init(void)
{
	pr_info("built for a kernel that is " SERIES "\n");
	return 0;
}

static void __exit release_note_exit(void)
{
}

module_init(release_note_init);
module_exit(release_note_exit);

MODULE_DESCRIPTION("Says which kernels it was built for");
MODULE_LICENSE("GPL");
