#include <linux/module.h>
#include "made.h"
int interrupted_b(void);
int interrupted_b(void)
{
	return MADE;
}
