// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/netfilter/x_tables.h>

/* Depends on a module of the kernel: x_tables. */

static bool matcher_match(const struct sk_buff *skb, struct xt_action_param *par)
{
	return true;
}

static struct xt_match matcher = {
	.name = "kovet",
	.family = NFPROTO_UNSPEC,
	.match = matcher_match,
	.me = THIS_MODULE,
};

static int __init matcher_init(void)
{
	return xt_register_match(&matcher);
}

static void __exit matcher_exit(void)
{
	xt_unregister_match(&matcher);
}

module_init(matcher_init);
module_exit(matcher_exit);
MODULE_DESCRIPTION("Uses a symbol of another module");
MODULE_LICENSE("GPL");
