/* Without a table of interrupts the next one is a triple fault: the machine resets. */
#include "one_act.h"

static void fault(void) {
  struct {
    unsigned short limit;
    unsigned long base;
  } __packed none = {0, 0};

  asm volatile("lidt %0; int3" : : "m"(none));
}
ONE_ACT(fault(), NOTHING);
