#include <linux/module.h>
#include <linux/sched.h>
#include <linux/crypto.h>
#include <linux/dma-buf.h>

#ifdef NO_HEADER
#include "nowhere.h"
#endif

#ifdef PROPRIETARY
MODULE_LICENSE("Proprietary");
#elif !defined(NO_LICENSE)
MODULE_LICENSE("GPL");
#endif
MODULE_DESCRIPTION("goes wrong in several ways");

void nobody_has_this(void);

#ifdef OUTSIDE
static int __init hints_init(void)
{
	nobody_has_this();
	return 0;
}
module_init(hints_init);
#elif defined(NAMESPACE)
static int __init hints_init(void)
{
	dma_buf_put(NULL);
	return 0;
}
module_init(hints_init);
#elif defined(PROPRIETARY)
static int __init hints_init(void)
{
	sched_set_fifo(current);
	return 0;
}
module_init(hints_init);
#elif defined(UNDECLARED)
static int __init hints_init(void)
{
	return nobody_declares_this();
}
module_init(hints_init);
#elif defined(TWICE)
void sched_set_fifo(struct task_struct *task)
{
}
EXPORT_SYMBOL_GPL(sched_set_fifo);
#elif defined(MISMATCH)
static int __initdata gone = 1;
int hints_late(void);
int hints_late(void)
{
	return gone++;
}
#endif
