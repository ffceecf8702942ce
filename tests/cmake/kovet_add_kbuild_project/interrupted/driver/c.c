#include <linux/module.h>
#include "made.h"
int interrupted_c(void);
int interrupted_c(void)
{
	return MADE;
}
