// SPDX-License-Identifier: GPL-2.0
#include "part.h"
int deep_part(void);
int deep_part(void)
{
	return PART * DEEP;
}
