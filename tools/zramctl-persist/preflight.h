/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_PREFLIGHT_H
#define ZRAMCTL_PREFLIGHT_H

#include "options.h"

int preflight(const struct options *opts);
int doctor(const struct options *opts);

#endif /* ZRAMCTL_PREFLIGHT_H */
