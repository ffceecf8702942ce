/* Prints more lines than are kept. */
#include "one_act.h"

static void print_many(void) {
  int i;

  for (i = 0; i < 6000; ++i) printk(KERN_DEBUG "boot_many_lines: %d\n", i);
}
ONE_ACT(print_many(), NOTHING);
