// SPDX-License-Identifier: GPL-2.0
/* Its init fails without the right parameters. */
#include <linux/module.h>

static int number;
static char *words = "";
static bool flag;
module_param(number, int, 0444);
module_param(words, charp, 0444);
module_param(flag, bool, 0444);

static int __init asks_init(void)
{
	return number == 7 && !strcmp(words, "two words") && flag ? 0 : -ENODEV;
}
static void __exit asks_exit(void)
{
}
module_init(asks_init);
module_exit(asks_exit);
MODULE_DESCRIPTION("asks for parameters");
MODULE_LICENSE("GPL");
