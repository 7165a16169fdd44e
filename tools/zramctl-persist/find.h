/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_FIND_H
#define ZRAMCTL_FIND_H

#include <stdbool.h>

#include "device.h"

void find_unused(struct device *dev, bool *added);
int find_lock(struct device *dev);
int find_reset(struct device *dev);
int find_reset_ours(struct device *dev);
int find_reset_used(struct device *dev);
int find_remove(struct device *dev);

#endif /* ZRAMCTL_FIND_H */
