/* Its init sleeps for ever. */
#include "one_act.h"

static void sleep_for_ever(void) {
  for (;;) msleep(1000);
}
ONE_ACT(sleep_for_ever(), NOTHING);
