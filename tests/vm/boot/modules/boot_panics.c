/* Its init panics. */
#include "one_act.h"

ONE_ACT(panic("boot_panics: on purpose"), NOTHING);
