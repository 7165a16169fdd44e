/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a check should find.
 */
#ifndef _UNIT_VERDICT_H
#define _UNIT_VERDICT_H

#include <string.h>
#include "image.h"
#include "tap.h"

/* Is that what was found? Notes what was found instead. */
static inline bool is(const struct verdict *verdict,
		      enum zram_check_result result, const char *reason)
{
	bool good = verdict->result == result &&
		    !strcmp(verdict->reason, reason);

	if (!good)
		tap_note("%d \"%s\" at %#llx instead of %d \"%s\"",
			 verdict->result, verdict->reason, verdict->where,
			 result, reason);
	return good;
}

#endif /* _UNIT_VERDICT_H */
