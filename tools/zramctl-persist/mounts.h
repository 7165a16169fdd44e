/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_MOUNTS_H
#define ZRAMCTL_MOUNTS_H

#include <stdbool.h>

#include "device.h"

char *mounts_of(struct device *dev);
bool mounts_is_swap(struct device *dev);
char *contents_type(struct device *dev);

#endif /* ZRAMCTL_MOUNTS_H */
