// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/module.h>
#include "counter.h"

static atomic_t count;

int counter_next(void)
{
	return atomic_inc_return(&count);
}
EXPORT_SYMBOL_GPL(counter_next);

MODULE_DESCRIPTION("Counts, for other modules");
MODULE_LICENSE("GPL");
