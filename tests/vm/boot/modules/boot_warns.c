/* Makes the kernel warn. */
#include "one_act.h"

ONE_ACT(WARN(1, "boot_warns: on purpose\n"), NOTHING);
