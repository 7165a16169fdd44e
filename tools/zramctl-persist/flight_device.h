/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_FLIGHT_DEVICE_H
#define ZRAMCTL_FLIGHT_DEVICE_H

#include "modinfo.h"

unsigned int flight_devices(const struct modinfo *zram);

#endif /* ZRAMCTL_FLIGHT_DEVICE_H */
