// SPDX-License-Identifier: GPL-2.0
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include "device.h"

static const char text[] = "hello from my_driver\n";

static ssize_t my_driver_read(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	return simple_read_from_buffer(buffer, size, offset, text, sizeof(text) - 1);
}

static const struct file_operations my_driver_operations = {
	.owner = THIS_MODULE,
	.read = my_driver_read,
};

static struct miscdevice my_driver_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "my_driver",
	.fops = &my_driver_operations,
};

int my_driver_device_start(void)
{
	return misc_register(&my_driver_device);
}

void my_driver_device_stop(void)
{
	misc_deregister(&my_driver_device);
}
