// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "shared.h"

int mirror_answer(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(mirror_answer);
MODULE_DESCRIPTION("exports");
MODULE_VERSION(DRIVER_VERSION);
MODULE_LICENSE("GPL");
MODULE_INFO(words, WORDS);
