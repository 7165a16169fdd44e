/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The codecs that can be built, and which of them is the default.
 */
#ifndef _ZRAM_COMP_BACKENDS_H_
#define _ZRAM_COMP_BACKENDS_H_

#include <linux/kconfig.h>

#include "comp.h"

extern const struct zcomp_ops backend_lz4;
extern const struct zcomp_ops backend_zstd;

/*
 * NULL for a codec that is not built: the address of an operations table that
 * does not exist is never taken.
 */
#define ZCOMP_LZ4 \
	(IS_ENABLED(CONFIG_ZRAM_BACKEND_LZ4) ? &backend_lz4 : NULL)
#define ZCOMP_ZSTD \
	(IS_ENABLED(CONFIG_ZRAM_BACKEND_ZSTD) ? &backend_zstd : NULL)

/*
 * As an external module we are built against the configuration of another
 * zram, or of none: the name may be missing here, or be one that we do not
 * have, which zcomp_default() deals with.
 */
#ifdef CONFIG_ZRAM_DEF_COMP
#define ZCOMP_DEFAULT_NAME	CONFIG_ZRAM_DEF_COMP
#else
#define ZCOMP_DEFAULT_NAME	"lz4"
#endif

#endif /* _ZRAM_COMP_BACKENDS_H_ */
