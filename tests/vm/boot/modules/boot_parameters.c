/* Parameters of several types; prints what it got. */
#include <linux/module.h>

static bool flag;
static int number = 1;
static unsigned long big;
static char *words = "none";
static int list[4];
static int list_count;
module_param(flag, bool, 0444);
module_param(number, int, 0444);
module_param(big, ulong, 0444);
module_param(words, charp, 0444);
module_param_array(list, int, &list_count, 0444);

static int __init boot_parameters_init(void) {
  pr_info("boot_parameters: flag=%d number=%d big=%lu words=<%s> list=%d:%d,%d\n", flag, number, big,
          words, list_count, list[0], list[1]);
  return 0;
}
static void __exit boot_parameters_exit(void) {}
module_init(boot_parameters_init);
module_exit(boot_parameters_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the boot tests");
