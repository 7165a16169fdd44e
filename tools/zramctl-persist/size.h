/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_SIZE_H
#define ZRAMCTL_SIZE_H

#include <stdint.h>

int size_parse(const char *text, uint64_t *bytes);
char *size_format(uint64_t bytes);

#endif /* ZRAMCTL_SIZE_H */
