/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_HELD_H
#define ZRAMCTL_HELD_H

#include "options.h"

int held_attach(const struct options *opts);
int held_drop(const struct options *opts);

#endif /* ZRAMCTL_HELD_H */
