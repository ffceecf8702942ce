/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TICKER_PERIOD_H
#define TICKER_PERIOD_H

unsigned long ticker_period(void);

#endif
