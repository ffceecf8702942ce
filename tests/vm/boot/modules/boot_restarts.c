/* Its init restarts the machine. */
#include "one_act.h"

ONE_ACT(emergency_restart(), NOTHING);
