#include <linux/module.h>
#include "made.h"
int interrupted_a(void);
int interrupted_a(void)
{
	return MADE;
}
