#include <linux/module.h>
#include "made.h"
int interrupted_d(void);
int interrupted_d(void)
{
	return MADE;
}
