// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "answer.h"

EXPORT_SYMBOL_GPL(separate_answer);
MODULE_DESCRIPTION("exports");
MODULE_LICENSE("GPL");
