/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_STATUS_H
#define ZRAMCTL_STATUS_H

#include "options.h"

int status_print(const struct options *opts);
int held_print(const struct options *opts);

#endif /* ZRAMCTL_STATUS_H */
