/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _FUZZ_TAKE_H
#define _FUZZ_TAKE_H

#include <linux/types.h>

/**
 * struct taken - what became of a handover
 * @devices: that the record names
 * @accepted: those that a driver would attach
 * @reason: of the last refusal
 */
struct taken {
	unsigned int devices;
	unsigned int accepted;
	const char *reason;
};

void take_image(const u8 *data, size_t size, struct taken *taken);

#endif /* _FUZZ_TAKE_H */
