/* Imports a few symbols of the kernel, some of them for GPL-compatible modules only. */
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

static void *memory;
static int counter = 5;
static DEFINE_PER_CPU(int, per_cpu_value);

static int __init agree_plain_init(void) {
  struct kobject *parent = kernel_kobj; /* a GPL-only symbol */

  memory = kmalloc(16 + (parent == NULL), GFP_KERNEL);
  if (!memory) return -ENOMEM;
  get_random_bytes(memory, 16);
  counter += this_cpu_read(per_cpu_value);
  return 0;
}

static void __exit agree_plain_exit(void) { kfree(memory); }

module_init(agree_plain_init);
module_exit(agree_plain_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A module of the agreement suite");
