// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "driver/include/answer.h"
#include "linked.h"

static int __init linked_init(void)
{
	return separate_answer() + LINKED;
}
module_init(linked_init);
MODULE_DESCRIPTION("imports");
MODULE_LICENSE("GPL");
