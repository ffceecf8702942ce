// SPDX-License-Identifier: GPL-2.0
#include "part.h"
int part(void);
int part(void)
{
	return PART;
}
