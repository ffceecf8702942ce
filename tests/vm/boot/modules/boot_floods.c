/* Its init prints without end. */
#include "one_act.h"

static void flood(void) {
  for (;;) pr_info("boot_floods: flood, flood, flood, flood, flood, flood, flood, flood\n");
}
ONE_ACT(flood(), NOTHING);
