/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What pure kernel files take from <linux/stddef.h>, for user space.
 */
#ifndef _UNIT_LINUX_STDDEF_H
#define _UNIT_LINUX_STDDEF_H

#include_next <linux/stddef.h>
#include <stddef.h>

#endif /* _UNIT_LINUX_STDDEF_H */
