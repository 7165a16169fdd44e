/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read behind the configuration of a kernel, this makes it one that has few
 * codecs.
 */
#ifndef _FEW_CODECS_H_
#define _FEW_CODECS_H_

#undef CONFIG_ZRAM_BACKEND_LZO
#undef CONFIG_ZRAM_BACKEND_LZ4HC
#undef CONFIG_ZRAM_BACKEND_DEFLATE
#undef CONFIG_ZRAM_BACKEND_842

#endif /* _FEW_CODECS_H_ */
