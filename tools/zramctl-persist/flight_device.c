// SPDX-License-Identifier: GPL-2.0
/*
 * Would this device survive a kexec.
 *
 * What stands in the way of all of them has been found out before.
 */

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device.h"
#include "flight_device.h"
#include "mounts.h"
#include "report.h"

#define CODEC_HINT	"boot a kernel whose zram has that codec, or copy what you need"
#define ENDED_HINT	"copy what you need, then --persistent=off; or see dmesg for the reason, and then --persistent=on"

/* A worker lets memory join: so long we wait for it, in all. */
#define JOIN_POLLS	40
#define JOIN_POLL_NS	50000000L

/**
 * struct flight - what the next kernel means for all devices
 * @zram: what its zram says of itself; no data if that is not known
 * @obstacle: why all of them would be lost, or NULL
 * @doubt: why that cannot be told, or NULL
 * @polls: how many more times we wait for memory to join the handover
 */
struct flight {
	const struct modinfo *zram;
	char *obstacle;
	char *doubt;
	unsigned int polls;
};

/*
 * Look up each "[codec]" in an attribute: one for each line that has any. Return
 * whether all are there; @missing gets the last one that is not.
 */
static bool codecs_known(struct device *dev, const char *attr,
			 const struct modinfo *zram, char missing[64])
{
	const char *text = device_text(dev, attr);
	char codec[64];
	size_t len;
	bool known = true;

	while (text && (text = strchr(text, '['))) {
		text++;
		len = strcspn(text, "]");
		if (len >= sizeof(codec))
			return false;
		memcpy(codec, text, len);
		codec[len] = '\0';
		if (modinfo_has(zram, "zram_codec", codec))
			continue;
		memcpy(missing, codec, sizeof(codec));
		known = false;
	}
	return known;
}

static void report_codecs(struct device *dev, const struct modinfo *zram)
{
	char missing[64] = "";

	if (!modinfo_next(zram, "zram_codec", NULL))
		report_add(dev->name, "survives", RESULT_UNKNOWN, NULL,
			   "cannot tell: the next zram does not say which codecs it has");
	else if (!codecs_known(dev, "comp_algorithm", zram, missing) ||
		 !codecs_known(dev, "recomp_algorithm", zram, missing))
		report_add(dev->name, "survives", RESULT_BAD, CODEC_HINT,
			   "would be held, not attached: the next zram lacks the codec %s",
			   missing);
	else if (mounts_is_swap(dev))
		report_add(dev->name, "survives", RESULT_OK, NULL,
			   "would survive; but of swap only the header, unless persist_swap=full");
	else
		report_add(dev->name, "survives", RESULT_OK, NULL,
			   "would survive");
}

/* Segments that are not in the handover. A driver that does not tell has none. */
static uint64_t unjoined(struct device *dev, uint64_t *segments)
{
	uint64_t joined;

	if (device_line_number(dev, "persist_stat", "segments", segments) ||
	    device_line_number(dev, "persist_stat", "joined_segments",
			       &joined) || joined > *segments)
		return 0;
	return *segments - joined;
}

/*
 * The same, but what has just been taken and is about to join is none: it is
 * enough to see all of them in the handover once.
 */
static uint64_t left_out(struct device *dev, struct flight *flight,
			 uint64_t *segments)
{
	const struct timespec pause = { .tv_nsec = JOIN_POLL_NS };
	uint64_t missing = unjoined(dev, segments);

	while (missing && flight->polls) {
		flight->polls--;
		nanosleep(&pause, NULL);
		device_refresh(dev);
		missing = unjoined(dev, segments);
	}
	return missing;
}

/* The driver knows already that it will not be able to seal it. */
static bool cannot_seal(struct device *dev)
{
	uint64_t value;

	return !device_line_number(dev, "persist_stat", "cannot_seal",
				   &value) && value;
}

static void report_on(struct device *dev, struct flight *flight)
{
	uint64_t segments, missing;

	if (flight->obstacle) {
		report_add(dev->name, "survives", RESULT_BAD, NULL,
			   "would not survive: %s", flight->obstacle);
		return;
	}
	missing = left_out(dev, flight, &segments);
	if (missing)
		report_add(dev->name, "survives", RESULT_BAD, NULL,
			   "would not survive: %llu of %llu segments cannot join the handover, see dmesg",
			   (unsigned long long)missing,
			   (unsigned long long)segments);
	else if (flight->doubt)
		report_add(dev->name, "survives", RESULT_UNKNOWN, NULL,
			   "cannot tell: %s", flight->doubt);
	else
		report_codecs(dev, flight->zram);
}

/*
 * Persistence that was switched off takes the hops with it. Where they are there
 * without it nobody wanted that: it could not go on in this kernel.
 */
static bool report_off(struct device *dev)
{
	uint64_t hops;

	if (!device_line_number(dev, "persist_stat", "hops", &hops) && hops) {
		report_add(dev->name, "survives", RESULT_BAD, ENDED_HINT,
			   "would not survive: it came from the previous kernel, and is not persistent any more");
		return true;
	}
	report_add(dev->name, "survives", RESULT_NOTE, NULL,
		   "is not persistent: its contents will be lost");
	return false;
}

/* Return whether the device has something that is meant to be kept. */
static bool report_device(struct device *dev, struct flight *flight)
{
	const char *state = device_text(dev, "persist_state");
	uint64_t disksize;

	if (device_number(dev, "disksize", &disksize) || !disksize)
		return false;
	if (!state || !strcmp(state, "off"))
		return report_off(dev);
	if (!strcmp(state, "seal-failed"))
		report_add(dev->name, "survives", RESULT_BAD, NULL,
			   "would not survive: its seal has failed, see dmesg");
	else if (cannot_seal(dev))
		report_add(dev->name, "survives", RESULT_BAD, NULL,
			   "would be lost or held: memory that it cannot do without is faulty, or was damaged, see dmesg");
	else
		report_on(dev, flight);
	return true;
}

static bool report_held(struct device *dev, const struct flight *flight)
{
	const char *preserved = device_text(dev, "preserved");

	if (!preserved)
		return false;
	if (strcmp(preserved, "1"))
		report_add(dev->name, "survives", RESULT_BAD,
			   "nothing can be done but to attach it; or drop it, if it is not needed",
			   "is held, and would not survive: it could not be preserved, see dmesg");
	else if (flight->obstacle)
		report_add(dev->name, "survives", RESULT_BAD, NULL,
			   "is held, and would not survive: %s",
			   flight->obstacle);
	else if (flight->doubt)
		report_add(dev->name, "survives", RESULT_UNKNOWN, NULL,
			   "is held; cannot tell: %s", flight->doubt);
	else
		report_add(dev->name, "survives", RESULT_OK, NULL,
			   "is held, and goes on to the next kernel");
	return true;
}

static unsigned int report_list(bool held, struct flight *flight)
{
	struct device_list list;
	struct device dev;
	unsigned int kept = 0;
	int error = devices_list(&list, held);
	size_t i;

	for (i = 0; !error && i < list.nr; i++) {
		error = devices_open(&dev, &list, i);
		if (error == -ENODEV) {
			error = 0;
			continue;
		}
		if (error)
			break;
		kept += held ? report_held(&dev, flight) :
			       report_device(&dev, flight);
		device_close(&dev);
	}
	if (error) {
		errno = -error;
		err(EXIT_FAILURE, "cannot read the list of devices");
	}
	devices_free(&list);
	return kept;
}

/**
 * flight_devices() - report of all devices whether they would survive
 * @zram: what the zram of the next kernel says of itself
 *
 * Return: how many are meant to.
 */
unsigned int flight_devices(const struct modinfo *zram)
{
	struct flight flight = {
		.zram = zram,
		.obstacle = report_first(RESULT_BAD),
		.doubt = report_first(RESULT_UNKNOWN),
		.polls = JOIN_POLLS,
	};

	unsigned int kept = report_list(false, &flight) +
			    report_list(true, &flight);

	free(flight.obstacle);
	free(flight.doubt);
	return kept;
}
