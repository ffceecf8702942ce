/* Its exit writes to nowhere. */
#include "one_act.h"

ONE_ACT(NOTHING, write_nowhere());
