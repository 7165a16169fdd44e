// SPDX-License-Identifier: GPL-2.0
#include "take.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct taken taken;

	take_image(data, size, &taken);
	return 0;
}
