/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_HANDOVER_H
#define ZRAMCTL_HANDOVER_H

#include "kernel.h"

/**
 * enum handover - what the previous kernel handed over, and no driver has taken
 * @HANDOVER_NONE: nothing
 * @HANDOVER_WAITS: something
 * @HANDOVER_UNSEEN: it cannot be looked at
 */
enum handover {
	HANDOVER_NONE,
	HANDOVER_WAITS,
	HANDOVER_UNSEEN,
};

enum handover handover_look(const struct kernel *kernel);

#endif /* ZRAMCTL_HANDOVER_H */
