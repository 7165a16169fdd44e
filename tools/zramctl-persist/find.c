// SPDX-License-Identifier: GPL-2.0
/*
 * Unused devices: finding, making and removing them.
 *
 * Two things come in between. Another of us may want the same device: each
 * locks its attribute "reset" while it sets it up. That goes away with the device,
 * and only who may reset it can open it, so that no other user can keep us
 * waiting; the folder of the device everybody can lock. And udev opens a new node
 * at once to look what is on it, and a device that is open cannot be reset: it
 * locks the node meanwhile, so that one can wait for it.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "find.h"
#include "mounts.h"
#include "root.h"

/* The most that each step waits for others to be done with a device. */
#define PATIENCE_MS	3000
/* Somebody has it open and did not lock it: look again after that. */
#define PAUSE_MS	20
/* How many new devices others may take from us. */
#define MAKE_TRIES	8

static void alarm_came(int signal)
{
	(void)signal;
}

/*
 * The timer fires again and again: if it did so just before flock() it would
 * not end it.
 */
static int lock_patiently(int fd)
{
	const struct sigaction action = { .sa_handler = alarm_came };
	const struct itimerval limit = {
		.it_value = { .tv_sec = PATIENCE_MS / 1000 },
		.it_interval = { .tv_usec = 100000 },
	};
	const struct itimerval none = {};
	struct sigaction before;
	int error = 0;

	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &limit, NULL);
	if (flock(fd, LOCK_EX))
		error = errno == EINTR ? -EBUSY : -errno;
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &before, NULL);
	return error;
}

/**
 * find_lock() - keep others of us from a device
 * @dev: device; locked until it is closed
 *
 * Who cannot lock it cannot reset it either: that will fail, and say why. Until
 * then there is nothing that others would have to be kept from.
 *
 * Return: 0, or -EBUSY if another one does not end, or -ENODEV if the device
 * vanished meanwhile.
 */
int find_lock(struct device *dev)
{
	int error = 0;

	dev->lock = openat(dev->dir, "reset", O_WRONLY | O_CLOEXEC);
	if (dev->lock >= 0)
		error = lock_patiently(dev->lock);
	if (!error && device_gone(dev))
		error = -ENODEV;
	return error;
}

/* A node that is not there, or not for us, is not waited for. */
static void settle(const struct device *dev)
{
	struct path path = root_path("%s", dev->name);
	int fd = open(path.s, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return;
	lock_patiently(fd);
	close(fd);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Wait for whoever has the device open; returns false if there is no time left. */
static bool wait_for_others(struct device *dev, long long end)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };

	if (now_ms() > end)
		return false;
	settle(dev);
	nanosleep(&pause, NULL);
	return true;
}

static bool is_unused(struct device *dev)
{
	uint64_t disksize;

	return !device_number(dev, "disksize", &disksize) && !disksize;
}

/*
 * The same for an unused device. Not all who set one up lock it, and the driver
 * resets and removes what nobody has open, whatever is in it: so we look again.
 */
static bool wait_while_unused(struct device *dev, long long end)
{
	device_refresh(dev);
	if (!is_unused(dev) || !wait_for_others(dev, end))
		return false;
	device_refresh(dev);
	return is_unused(dev);
}

static int reset_patiently(struct device *dev,
			   bool (*wait)(struct device *dev, long long end))
{
	long long end = now_ms() + PATIENCE_MS;
	int error;

	do {
		error = device_set(dev, "reset", "1");
	} while (error == -EBUSY && wait(dev, end));
	return error;
}

/**
 * find_reset() - reset a device
 * @dev: device
 *
 * If it is unused but open, that is most likely udev, which is waited for.
 *
 * Return: 0 or a negative error number.
 */
int find_reset(struct device *dev)
{
	return reset_patiently(dev, wait_while_unused);
}

/**
 * find_reset_ours() - reset a device that we have set up
 * @dev: device, locked
 *
 * It has a disksize, but no user yet; udev, though, opens a device that has got
 * one, or a name.
 *
 * Return: 0 or a negative error number.
 */
int find_reset_ours(struct device *dev)
{
	return reset_patiently(dev, wait_for_others);
}

/* The driver does not reset what is persistent, or was when it came over. */
static bool is_protected(struct device *dev)
{
	const char *state = device_text(dev, "persist_state");
	uint64_t hops;

	if (state && strcmp(state, "off") && strcmp(state, "wanted"))
		return true;
	return !device_line_number(dev, "persist_stat", "hops", &hops) && hops;
}

/* A user that will not be done soon is not worth waiting for. */
static bool wait_unless_kept(struct device *dev, long long end)
{
	char *place;
	bool in_use;

	device_refresh(dev);
	place = mounts_of(dev);
	in_use = place;
	free(place);
	return !in_use && !is_protected(dev) && wait_for_others(dev, end);
}

/**
 * find_reset_used() - reset a device that has been used
 * @dev: device, locked
 *
 * When mkfs or swapoff has closed it udev opens it, to look what is on it now.
 *
 * Return: 0 or a negative error number.
 */
int find_reset_used(struct device *dev)
{
	return reset_patiently(dev, wait_unless_kept);
}

/**
 * find_remove() - remove a device
 * @dev: device, unused, locked
 *
 * If it is open that is udev, again; unless it has a disksize by then.
 *
 * Return: 0 or a negative error number, after a message. A driver that cannot
 * remove devices is no error, nor is a device that somebody else has removed.
 */
int find_remove(struct device *dev)
{
	struct path path = root_path("/sys/class/zram-control/hot_remove");
	long long end = now_ms() + PATIENCE_MS;
	char number[16];
	int error;

	snprintf(number, sizeof(number), "%u", dev->index);
	do {
		error = write_to(&path, number);
	} while (error == -EBUSY && wait_while_unused(dev, end));
	if (!error || error == -ENOENT || device_gone(dev))
		return 0;
	errno = -error;
	warn("%s: failed to remove", dev->name);
	return error;
}

/* Lock a device, and look again whether it is still unused. */
static int claim(struct device *dev)
{
	int error;

	if (!is_unused(dev))
		return -EBUSY;
	error = find_lock(dev);
	if (error)
		return error;
	device_refresh(dev);
	return is_unused(dev) ? 0 : -EBUSY;
}

static bool find_present(struct device *dev)
{
	struct device_list list;
	bool found = false;
	size_t i;

	if (devices_list(&list, false))
		return false;
	for (i = 0; !found && i < list.nr; i++) {
		if (devices_open(dev, &list, i))
			continue;
		found = !claim(dev);
		if (!found)
			device_close(dev);
	}
	devices_free(&list);
	return found;
}

static int find_make_one(struct device *dev)
{
	struct path path = root_path("/sys/class/zram-control/hot_add");
	char text[32];
	uint64_t index;
	int error = text_of(&path, text, sizeof(text));

	if (error == -ENOENT)
		errx(EXIT_FAILURE, "no free zram device found");
	if (!error)
		error = number_of(text, &index);
	if (!error)
		error = device_open_index(dev, index);
	if (error)
		return error;
	error = claim(dev);
	if (error)
		device_close(dev);
	return error;
}

/*
 * Between making and locking it another of us can find the new device, and take
 * it, or take it and remove it again: then we make another one.
 */
static void find_make(struct device *dev)
{
	unsigned int tries = MAKE_TRIES;
	int error;

	do {
		error = find_make_one(dev);
	} while ((error == -EBUSY || error == -ENODEV) && --tries);
	if (error) {
		errno = -error;
		err(EXIT_FAILURE, "no free zram device found");
	}
}

/**
 * find_unused() - find an unused device, or make one
 * @dev: gets it, locked
 * @added: gets whether it was made
 *
 * Return: only if there is one; ends the program with a message otherwise.
 */
void find_unused(struct device *dev, bool *added)
{
	*added = !find_present(dev);
	if (*added)
		find_make(dev);
}
