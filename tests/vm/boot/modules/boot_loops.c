/* Its init never gives the processor back. */
#include "one_act.h"

ONE_ACT(loop(), NOTHING);
