/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_HANDOVER_H
#define ZRAMCTL_HANDOVER_H

#include <stdbool.h>

bool handover_waits(void);

#endif /* ZRAMCTL_HANDOVER_H */
