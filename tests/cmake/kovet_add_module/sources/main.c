// SPDX-License-Identifier: GPL-2.0
#include <linux/build_bug.h>
#include <linux/module.h>
#include "from_include.h"
#include "generated.h"
#include "odd.h"

int part(void);
int deep_part(void);
int low(void);

#ifndef ONLY_DEFINED
#error ONLY_DEFINED
#endif
static_assert(LEVEL == 3);
static_assert(sizeof(GREETING) == sizeof("it's $5 #1; done"));
static_assert(sizeof(FROM_SHELL) == sizeof("two words"));

static int __init mix_init(void)
{
	return part() + deep_part() + low() + odd() + generated_answer() + FROM_INCLUDE;
}
module_init(mix_init);
MODULE_DESCRIPTION(GREETING);
MODULE_LICENSE("GPL");
