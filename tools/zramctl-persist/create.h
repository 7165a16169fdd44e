/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_CREATE_H
#define ZRAMCTL_CREATE_H

#include "options.h"

int find_print(const struct options *opts);
int create(const struct options *opts);
int change(const struct options *opts);
int reset(const struct options *opts);

#endif /* ZRAMCTL_CREATE_H */
