// SPDX-License-Identifier: GPL-2.0
#include "odd.h"
int odd(void)
{
	return ODD;
}
