/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_SCRUB_H
#define ZRAMCTL_SCRUB_H

#include "options.h"

int scrub_run(const struct options *opts);

#endif /* ZRAMCTL_SCRUB_H */
