/* A module whose init and exit do one thing each and succeed. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/reboot.h>

#define ONE_ACT(in_init, in_exit)                  \
  static int __init act_init(void) {               \
    in_init;                                       \
    return 0;                                      \
  }                                                \
  static void __exit act_exit(void) { in_exit; }   \
  module_init(act_init);                           \
  module_exit(act_exit);                           \
  MODULE_LICENSE("GPL");                           \
  MODULE_DESCRIPTION("A module of the boot tests")

#define NOTHING (void)0

static inline __maybe_unused void write_nowhere(void) { *(volatile int *)8 = 1; }
static inline __maybe_unused void loop(void) {
  for (;;) cpu_relax();
}
