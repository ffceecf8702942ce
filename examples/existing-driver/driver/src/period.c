// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include "period.h"

static unsigned int period = TICKER_PERIOD;
module_param(period, uint, 0444);
MODULE_PARM_DESC(period, "seconds between two ticks");

unsigned long ticker_period(void)
{
	return max(period, 1U) * HZ;
}
