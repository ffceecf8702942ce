// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include <linux/workqueue.h>
#include "period.h"
#include "../version.h"

static void tick(struct work_struct *work);
static DECLARE_DELAYED_WORK(ticker, tick);

static void tick(struct work_struct *work)
{
	pr_info("tick\n");
	schedule_delayed_work(&ticker, ticker_period());
}

static int __init ticker_init(void)
{
	schedule_delayed_work(&ticker, ticker_period());
	return 0;
}

static void __exit ticker_exit(void)
{
	cancel_delayed_work_sync(&ticker);
}

module_init(ticker_init);
module_exit(ticker_exit);

MODULE_DESCRIPTION("Writes a line to the log every few seconds");
MODULE_VERSION(TICKER_VERSION);
MODULE_LICENSE("GPL");
