// SPDX-License-Identifier: GPL-2.0
/*
 * Checking all pages of a device.
 *
 * The driver does it; this starts it, shows how far it is, and reports. On a
 * terminal that is a bar, elsewhere a line for each tenth.
 */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "scrub.h"

/* How often the driver is asked. */
#define INTERVAL_MS	200
/* A scrub that does not get on for so long will not end. */
#define STUCK_MS	60000

/**
 * struct progress - what the driver says of a scrub
 * @state: idle, running, stopped, or done
 * @done: pages that it has passed
 * @total: pages of the device
 * @damaged: pages that cannot be read
 * @missing: pages on a backing device that is not there
 */
struct progress {
	char state[16];
	uint64_t done;
	uint64_t total;
	uint64_t damaged;
	uint64_t missing;
};

static atomic_bool interrupted;

/* A bar is on the terminal, in the line where the next message would begin. */
static bool bar_open;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = true;
}

/* Without SA_RESTART, so that a pause ends at once. */
static void catch_interrupt(void)
{
	const struct sigaction action = { .sa_handler = interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void bar_close(void)
{
	if (!bar_open)
		return;
	putchar('\n');
	fflush(stdout);
	bar_open = false;
}

static void fail(const struct device *dev, const char *what, int error)
{
	bar_close();
	errno = -error;
	err(EXIT_FAILURE, "%s: %s", dev->name, what);
}

static void progress_read(struct device *dev, struct progress *progress)
{
	int error;

	device_refresh(dev);
	error = device_line(dev, "scrub", "state", progress->state,
			    sizeof(progress->state));
	if (!error)
		error = device_line_number(dev, "scrub", "pages_done",
					   &progress->done);
	if (!error)
		error = device_line_number(dev, "scrub", "pages_total",
					   &progress->total);
	if (!error)
		error = device_line_number(dev, "scrub", "damaged_pages",
					   &progress->damaged);
	/* Not every driver can write pages back. */
	progress->missing = 0;
	device_line_number(dev, "scrub", "missing_pages", &progress->missing);
	if (error == -ENOENT && device_gone(dev))
		error = -ENODEV;
	if (error)
		fail(dev, "failed to read the state of the scrub", error);
}

static unsigned int percent(const struct progress *progress)
{
	if (!progress->total)
		return 0;
	if (progress->done >= progress->total)
		return 100;
	return 100.0 * progress->done / progress->total;
}

static void bar_draw(const struct device *dev, const struct progress *progress)
{
	struct winsize size;
	char tail[64];
	int width = 80, cells, full;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		width = size.ws_col;
	snprintf(tail, sizeof(tail), " %3u%%  %ju damaged", percent(progress),
		 (uintmax_t)progress->damaged);
	cells = width - 1 - (int)strlen(dev->name) - (int)strlen(tail) - 3;
	if (cells < 4)
		cells = 4;
	full = cells * percent(progress) / 100;
	printf("\r%s [", dev->name);
	for (; cells; cells--, full--)
		putchar(full > 0 ? '#' : '.');
	printf("]%s", tail);
	fflush(stdout);
	bar_open = true;
}

static void line_print(const struct device *dev,
		       const struct progress *progress)
{
	static unsigned int next = 10;

	if (percent(progress) < next || percent(progress) == 100)
		return;
	next = percent(progress) / 10 * 10 + 10;
	printf("%s: %u%%, %ju of %ju pages, %ju damaged\n", dev->name,
	       percent(progress), (uintmax_t)progress->done,
	       (uintmax_t)progress->total, (uintmax_t)progress->damaged);
	fflush(stdout);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool at_work(const struct progress *progress)
{
	return !strcmp(progress->state, "running") ||
	       !strcmp(progress->state, "idle");
}

static void scrub_stop(struct device *dev)
{
	int error = device_set(dev, "scrub", "stop");

	if (error)
		fail(dev, "failed to stop the scrub", error);
	bar_close();
	errx(EXIT_FAILURE, "%s: scrub stopped: interrupted", dev->name);
}

static void watch(struct device *dev, struct progress *progress, bool terminal)
{
	const struct timespec pause = { .tv_nsec = INTERVAL_MS * 1000000 };
	long long moved = now_ms();
	uint64_t before = 0;

	for (;;) {
		progress_read(dev, progress);
		if (terminal)
			bar_draw(dev, progress);
		else
			line_print(dev, progress);
		if (!at_work(progress))
			break;
		if (progress->done != before)
			moved = now_ms();
		before = progress->done;
		if (now_ms() - moved > STUCK_MS)
			break;
		nanosleep(&pause, NULL);
		if (interrupted)
			scrub_stop(dev);
	}
	bar_close();
	if (at_work(progress))
		errx(EXIT_FAILURE, "%s: the scrub does not get on, at page %ju",
		     dev->name, (uintmax_t)before);
}

static void damage_print(struct device *dev)
{
	const char *pages = device_text(dev, "damaged_pages");

	if (!pages || !*pages)
		return;
	printf("%s: damaged:", dev->name);
	for (; *pages; pages += strspn(pages, "\n")) {
		printf(" %.*s", (int)strcspn(pages, "\n"), pages);
		pages += strcspn(pages, "\n");
	}
	putchar('\n');
}

static void begin(struct device *dev)
{
	int error = device_set(dev, "scrub", "start");

	if (error == -ENOENT)
		errx(EXIT_FAILURE, "%s: this zram driver cannot scrub, see --doctor",
		     dev->name);
	if (error == -EINVAL)
		errx(EXIT_FAILURE, "%s: has no size yet, and so nothing to check: see --size",
		     dev->name);
	if (error == -EBUSY)
		warnx("%s: a scrub is going on already", dev->name);
	else if (error)
		fail(dev, "failed to start the scrub", error);
}

/**
 * scrub_run() - check all pages of a device
 * @opts: command line
 *
 * Return: exit status: a failure if a page is damaged.
 */
int scrub_run(const struct options *opts)
{
	bool terminal = isatty(STDOUT_FILENO);
	struct progress progress;
	struct device dev;
	int error = device_open(&dev, opts->args[0]);

	if (error)
		fail(&dev, "failed to start the scrub", error);
	catch_interrupt();
	begin(&dev);
	watch(&dev, &progress, terminal);
	if (strcmp(progress.state, "done"))
		errx(EXIT_FAILURE, "%s: the scrub was ended by others, after %ju of %ju pages",
		     dev.name, (uintmax_t)progress.done,
		     (uintmax_t)progress.total);
	printf("%s: %ju pages checked, %ju damaged\n", dev.name,
	       (uintmax_t)(progress.total - progress.missing),
	       (uintmax_t)progress.damaged);
	if (progress.missing)
		printf("%s: %ju pages not checked: give it its backing device\n",
		       dev.name, (uintmax_t)progress.missing);
	if (progress.damaged)
		damage_print(&dev);
	device_close(&dev);
	return progress.damaged ? EXIT_FAILURE : EXIT_SUCCESS;
}
