/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ZRAMCTL_KCONFIG_H
#define ZRAMCTL_KCONFIG_H

#include <stdbool.h>

char *kconfig_of(const char *release, bool running, const char **where);
char kconfig_value(const char *config, const char *option);
bool cmdline_bool(const char *cmdline, const char *key, bool *value);
const char *cmdline_value(const char *cmdline, const char *key, char *value,
			  size_t size);

#endif /* ZRAMCTL_KCONFIG_H */
