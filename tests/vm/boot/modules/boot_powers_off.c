/* Its init switches the machine off. */
#include "one_act.h"

ONE_ACT(kernel_power_off(), NOTHING);
