#include <linux/module.h>
#include <linux/uaccess.h>

/* sparse: an address of user space is read as if it were the kernel's. */
int options_peek(const int __user *from);
int options_peek(const int __user *from)
{
	const int *wrong = (const int __force *)from;
	int unused_twice;

	unused_twice = *wrong; /* W=1: set, and never used */
	wrong = from;
	return *wrong;
}

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("has something to say");
