/* A parameter of every type that the kernel has setters for. */
#include <linux/module.h>
#include <linux/moduleparam.h>

static unsigned char p_byte;
static short p_short;
static unsigned short p_ushort;
static int p_int, p_hardware, p_unsafe;
static unsigned int p_uint, p_hexint;
static long p_long;
static unsigned long p_ulong;
static unsigned long long p_ullong;
static bool p_bool, p_invbool, p_once;
static int p_bint;
static char *p_charp;
static char p_string[8];
static int p_array[3], p_array_count;
static char *p_names[2];

module_param(p_byte, byte, 0444);
module_param(p_short, short, 0444);
module_param(p_ushort, ushort, 0444);
module_param(p_int, int, 0444);
module_param(p_uint, uint, 0444);
module_param(p_hexint, hexint, 0444);
module_param(p_long, long, 0444);
module_param(p_ulong, ulong, 0444);
module_param(p_ullong, ullong, 0444);
module_param(p_bool, bool, 0444);
module_param(p_invbool, invbool, 0444);
module_param(p_bint, bint, 0444);
module_param_cb(p_once, &param_ops_bool_enable_only, &p_once, 0444);
module_param(p_charp, charp, 0444);
module_param_string(p_string, p_string, sizeof(p_string), 0444);
module_param_array(p_array, int, &p_array_count, 0444);
module_param_array(p_names, charp, NULL, 0444);
module_param_hw(p_hardware, int, ioport, 0444);
module_param_unsafe(p_unsafe, int, 0444);

static int __init agree_types_init(void) { return 0; }
static void __exit agree_types_exit(void) {}
module_init(agree_types_init);
module_exit(agree_types_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
