/* Its init runs into BUG(). */
#include "one_act.h"

ONE_ACT(BUG(), NOTHING);
