/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The codecs that can be built, and which of them is the default.
 */
#ifndef _ZRAM_COMP_BACKENDS_H_
#define _ZRAM_COMP_BACKENDS_H_

#include <linux/kconfig.h>

#include "comp.h"

extern const struct zcomp_ops backend_lzorle;
extern const struct zcomp_ops backend_lzo;
extern const struct zcomp_ops backend_lz4;
extern const struct zcomp_ops backend_lz4hc;
extern const struct zcomp_ops backend_zstd;
extern const struct zcomp_ops backend_deflate;
extern const struct zcomp_ops backend_842;

/*
 * NULL for a codec that is not built: the address of an operations table that
 * does not exist is never taken.
 */
#define ZCOMP_LZORLE \
	(IS_ENABLED(CONFIG_ZRAM_BACKEND_LZO) ? &backend_lzorle : NULL)
#define ZCOMP_LZO \
	(IS_ENABLED(CONFIG_ZRAM_BACKEND_LZO) ? &backend_lzo : NULL)
#define ZCOMP_LZ4 \
	(IS_ENABLED(CONFIG_ZRAM_BACKEND_LZ4) ? &backend_lz4 : NULL)
#define ZCOMP_LZ4HC \
	(IS_ENABLED(CONFIG_ZRAM_BACKEND_LZ4HC) ? &backend_lz4hc : NULL)
#define ZCOMP_ZSTD \
	(IS_ENABLED(CONFIG_ZRAM_BACKEND_ZSTD) ? &backend_zstd : NULL)
#define ZCOMP_DEFLATE \
	(IS_ENABLED(CONFIG_ZRAM_BACKEND_DEFLATE) ? &backend_deflate : NULL)
#define ZCOMP_842 \
	(IS_ENABLED(CONFIG_ZRAM_BACKEND_842) ? &backend_842 : NULL)

/*
 * As an external module we are built against the configuration of another
 * zram, or of none: the name may be missing here. If it is one that is not
 * built, zcomp_default() takes the first that is.
 */
#ifdef CONFIG_ZRAM_DEF_COMP
#define ZCOMP_DEFAULT_NAME	CONFIG_ZRAM_DEF_COMP
#else
#define ZCOMP_DEFAULT_NAME	"lzo-rle"
#endif

#endif /* _ZRAM_COMP_BACKENDS_H_ */
