/* Its init writes to nowhere. */
#include "one_act.h"

ONE_ACT(write_nowhere(), NOTHING);
