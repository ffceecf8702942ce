/* Something for each table that the loader reads: imports, exports, per-CPU data, parameters. A value
   that the parameter does not take keeps its code from running, whatever was done to the file. */
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/slab.h>

static int result;
module_param(result, int, 0444);
MODULE_PARM_DESC(result, "what init returns");

static DEFINE_PER_CPU(int, per_cpu_value);
static void *memory;

int agree_rich_open(void);
int agree_rich_gpl(void);

int agree_rich_open(void) { return this_cpu_read(per_cpu_value); }
EXPORT_SYMBOL(agree_rich_open);

int agree_rich_gpl(void) { return kernel_kobj != NULL; }
EXPORT_SYMBOL_GPL(agree_rich_gpl);

static int __init agree_rich_init(void) {
  memory = kmalloc(16, GFP_KERNEL);
  if (!memory) return -ENOMEM;
  get_random_bytes(memory, 16);
  return result;
}
static void __exit agree_rich_exit(void) { kfree(memory); }

module_init(agree_rich_init);
module_exit(agree_rich_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
