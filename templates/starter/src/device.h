/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MY_DRIVER_DEVICE_H
#define MY_DRIVER_DEVICE_H

int my_driver_device_start(void);
void my_driver_device_stop(void);

#endif
