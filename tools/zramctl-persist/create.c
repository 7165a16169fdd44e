// SPDX-License-Identifier: GPL-2.0
/*
 * Setting devices up, and changing those that are in use.
 *
 * Either is a list of values to write. If one of them is refused nothing stays
 * of those before it.
 */

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "create.h"
#include "device.h"
#include "find.h"

#define MAX_STEPS	12

/**
 * struct step - a value to write
 * @attr: attribute
 * @value: text
 * @what: what it is, for a message
 * @old: what it was before, to be freed; NULL if that is not known, or if it cannot
 *	be set by itself
 */
struct step {
	const char *attr;
	const char *value;
	const char *what;
	char *old;
};

struct plan {
	struct device *dev;
	size_t nr;
	size_t done;
	struct step steps[MAX_STEPS];
};

static void plan_add(struct plan *plan, const char *attr, const char *value,
		     const char *what)
{
	struct step *step = &plan->steps[plan->nr];

	if (!value)
		return;
	step->attr = attr;
	step->value = value;
	step->what = what;
	plan->nr++;
}

static void plan_add_persist(struct plan *plan, enum persist_wish wish)
{
	if (wish != PERSIST_UNSAID)
		plan_add(plan, "persist", wish == PERSIST_OFF ? "0" : "1",
			 "persistence");
}

/* The rest has to be there before the size, and only a reset takes it back. */
static bool step_is_change(const struct step *step)
{
	static const char *const changes[] = {
		"mem_limit", "mem_reserve", "name", "persist",
	};
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		if (!strcmp(step->attr, changes[i]))
			return true;
	return false;
}

/* mem_limit can only be written; what it is stands elsewhere. */
static char *step_old(struct device *dev, const struct step *step)
{
	char number[32];
	uint64_t limit;
	const char *text;

	if (!step_is_change(step))
		return NULL;
	if (!strcmp(step->attr, "mem_limit")) {
		if (device_field(dev, "mm_stat", 3, &limit))
			return NULL;
		snprintf(number, sizeof(number), "%ju", (uintmax_t)limit);
		return strdup(number);
	}
	text = device_text(dev, step->attr);
	return text ? strdup(text) : NULL;
}

#define HINT_KHO	"this kernel has no Kexec HandOver, or it is off, see --doctor"
#define HINT_FULL	"252 devices at most can be handed over, held ones included: --persistent=off, or --drop, makes room"
#define HINT_ADDED	"memory that was added to the running machine cannot be handed over, nor what is held because of that: see dmesg, and put such memory online as movable"
#define HINT_SEALED	"it is sealed: the machine is about to restart"
#define HINT_RESERVE	"--mem-reserve is more than --mem-limit, or than the machine has"
#define HINT_SCARCE	"--mem-reserve takes its memory now, and there is not so much of it"
#define HINT_LACKS	"this zram driver does not have that, see --doctor"

static const struct {
	const char *attr;
	int error;
	const char *hint;
} hints[] = {
	{ "persist", -ENOENT,
	  "this zram driver has no persistence, see --doctor" },
	{ "persist", -EOPNOTSUPP, HINT_KHO },
	{ "persist", -ENOSPC, HINT_FULL },
	{ "persist", -EADDRNOTAVAIL, HINT_ADDED },
	{ "persist", -EBUSY, HINT_SEALED },
	{ "disksize", -EOPNOTSUPP, HINT_KHO },
	{ "disksize", -ENOSPC, HINT_FULL },
	{ "disksize", -EADDRNOTAVAIL, HINT_ADDED },
	{ "name", -ENOENT, HINT_LACKS },
	{ "name", -EEXIST,
	  "another device has this name" },
	{ "name", -EINVAL,
	  "a name is up to 63 of a-z A-Z 0-9 . _ - and does not begin with . or -" },
	{ "name", -EBUSY, HINT_SEALED },
	{ "mem_reserve", -ENOENT, HINT_LACKS },
	{ "mem_reserve", -EINVAL, HINT_RESERVE },
	{ "mem_reserve", -ENOMEM, HINT_SCARCE },
	{ "mem_reserve", -EBUSY, HINT_SEALED },
	{ "reset", -EBUSY,
	  "it is mounted, open, or persistent; see --persistent=off" },
};

static bool plan_has(const struct plan *plan, const char *attr)
{
	size_t i;

	for (i = 0; i < plan->nr; i++)
		if (!strcmp(plan->steps[i].attr, attr))
			return true;
	return false;
}

/* A reserve is remembered as it is written, and taken with the size. */
static bool step_takes_reserve(const struct plan *plan, const struct step *step)
{
	return !strcmp(step->attr, "disksize") && plan_has(plan, "mem_reserve");
}

static const char *step_hint(const struct plan *plan, const struct step *step,
			     int error)
{
	const char *attr = step->attr;
	size_t i;

	if (step_takes_reserve(plan, step) &&
	    (error == -EINVAL || error == -ENOMEM))
		attr = "mem_reserve";
	for (i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (hints[i].error == error && !strcmp(hints[i].attr, attr))
			return hints[i].hint;
	return NULL;
}

static void step_complain(const struct plan *plan, const struct step *step,
			  int error)
{
	const char *hint = step_hint(plan, step, error);

	errno = -error;
	warn("%s: failed to %s%s", plan->dev->name,
	     strcmp(step->attr, "reset") ? "set " : "", step->what);
	if (hint)
		warnx("%s", hint);
}

/*
 * An empty write does not reach a driver. A name can be none; an empty codec, which
 * scripts may give, is no wish for any, as for zramctl of util-linux.
 */
static int value_write(struct device *dev, const char *attr, const char *value)
{
	if (!*value && !strcmp(attr, "name"))
		value = "\n";
	return device_set(dev, attr, value);
}

/* Streams are as many as there are processors, since Linux 4.7. */
static int step_write(struct device *dev, const struct step *step)
{
	int error;

	if (!strcmp(step->attr, "reset"))
		return find_reset(dev);
	error = value_write(dev, step->attr, step->value);
	if (error == -ENOENT && !strcmp(step->attr, "max_comp_streams"))
		return 0;
	return error;
}

static int plan_run(struct plan *plan)
{
	struct step *step;
	int error;

	for (; plan->done < plan->nr; plan->done++) {
		step = &plan->steps[plan->done];
		step->old = step_old(plan->dev, step);
		error = step_write(plan->dev, step);
		if (error) {
			step_complain(plan, step, error);
			return error;
		}
	}
	return 0;
}

static void undo_complain(const struct device *dev, const char *attr, int error)
{
	if (!error)
		return;
	errno = -error;
	warn("%s: failed to undo all: %s", dev->name, attr);
}

static void undo_write(struct device *dev, const char *attr, const char *value)
{
	undo_complain(dev, attr, value_write(dev, attr, value));
}

/* In the opposite order, so that a limit is there before what it limits. */
static void change_undo(struct plan *plan)
{
	while (plan->done) {
		struct step *step = &plan->steps[--plan->done];

		if (step->old)
			undo_write(plan->dev, step->attr, step->old);
	}
}

/* The size is the last step: before that there is nothing of ours in the device. */
static bool create_has_size(const struct plan *plan)
{
	return plan->done == plan->nr;
}

/*
 * Not every program that sets a device up knows of our lock: what has got a size,
 * and not from us, is somebody else's.
 */
static bool create_is_taken(struct plan *plan)
{
	uint64_t disksize;

	device_refresh(plan->dev);
	return !create_has_size(plan) &&
	       !device_number(plan->dev, "disksize", &disksize) && disksize;
}

static int create_undo_reset(struct plan *plan)
{
	int error = create_has_size(plan) ? find_reset_ours(plan->dev) :
					    find_reset(plan->dev);

	undo_complain(plan->dev, "reset", error);
	return error;
}

/*
 * The reset has taken the name away, but sends no event, so that udev would keep the
 * link with that name. Before the reset the event would only send udev to the device.
 */
static void create_undo_name(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->done; i++)
		if (!strcmp(plan->steps[i].attr, "name"))
			undo_write(plan->dev, "name", "");
}

/*
 * A reset undoes all of what was set but for the wish for persistence, which also
 * stands in its way. @persist is what that was, and NULL if the driver does not have
 * it.
 */
static void create_undo(struct plan *plan, const char *persist, bool added)
{
	struct device *dev = plan->dev;
	const char *now;

	if (create_is_taken(plan)) {
		if (plan->done)
			warnx("%s: another program has set it up meanwhile, and keeps it",
			      dev->name);
		change_undo(plan);
		return;
	}
	/* Without the reset it still is what it was, and may be in use. */
	if (!plan->done) {
		if (added)
			find_remove(dev);
		return;
	}
	now = device_text(dev, "persist");
	if (now && strcmp(now, "0"))
		undo_write(dev, "persist", "0");
	if (create_undo_reset(plan))
		return;
	if (added) {
		find_remove(dev);
		return;
	}
	create_undo_name(plan);
	if (persist && strcmp(persist, "0"))
		undo_write(dev, "persist", persist);
}

static void plan_free(struct plan *plan)
{
	while (plan->nr)
		free(plan->steps[--plan->nr].old);
}

/*
 * Signals that would end the program have to wait until a device is either
 * there or undone. SIGPIPE comes with an error of its own.
 */
static const int interrupts[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

#define NR_INTERRUPTS	(sizeof(interrupts) / sizeof(*interrupts))

static void signals_hold(sigset_t *before)
{
	sigset_t held;
	size_t i;

	sigemptyset(&held);
	for (i = 0; i < NR_INTERRUPTS; i++)
		sigaddset(&held, interrupts[i]);
	sigaddset(&held, SIGPIPE);
	sigprocmask(SIG_BLOCK, &held, before);
}

static bool signals_came(void)
{
	sigset_t pending;
	size_t i;

	sigpending(&pending);
	for (i = 0; i < NR_INTERRUPTS; i++)
		if (sigismember(&pending, interrupts[i]))
			return true;
	return false;
}

/* The driver may have accepted the wish only to find that it cannot be. */
static int create_check(struct device *dev, const struct options *opts)
{
	const char *state;

	if (opts->persist != PERSIST_PLAIN && opts->persist != PERSIST_ON)
		return 0;
	state = device_text(dev, "persist_state");
	if (state && !strcmp(state, "on"))
		return 0;
	warnx("%s: did not become persistent: its state is %s", dev->name,
	      state ? state : "not known");
	return -EIO;
}

static int create_announce(const struct device *dev, const struct options *opts)
{
	if (signals_came()) {
		warnx("%s: interrupted", dev->name);
		return -EINTR;
	}
	if (!opts->find)
		return 0;
	if (puts(dev->name) < 0 || fflush(stdout)) {
		warn("write error");
		return -EIO;
	}
	return 0;
}

static void create_plan(struct plan *plan, const struct options *opts,
			const char *const texts[3])
{
	plan_add(plan, "reset", "1", "reset");
	plan_add_persist(plan, opts->persist);
	plan_add(plan, "name", opts->name, "name");
	plan_add(plan, "max_comp_streams", texts[0], "number of streams");
	plan_add(plan, "comp_algorithm", opts->algorithm, "algorithm");
	plan_add(plan, "algorithm_params", opts->params,
		 "algorithm parameters");
	plan_add(plan, "mem_limit", opts->mem_limit, "mem-limit");
	plan_add(plan, "mem_reserve", opts->mem_reserve, "mem-reserve");
	plan_add(plan, "disksize", texts[1], texts[2]);
}

static int create_on(struct device *dev, const struct options *opts, bool added)
{
	char streams[32], size[32], what[64];
	const char *const texts[3] = {
		opts->streams ? streams : NULL, size, what,
	};
	struct plan plan = { .dev = dev };
	char *persist = NULL;
	int error;

	if (device_text(dev, "persist"))
		persist = strdup(device_text(dev, "persist"));
	snprintf(streams, sizeof(streams), "%ju", (uintmax_t)opts->streams);
	snprintf(size, sizeof(size), "%ju", (uintmax_t)opts->size);
	snprintf(what, sizeof(what), "disksize (%ju bytes)",
		 (uintmax_t)opts->size);
	create_plan(&plan, opts, texts);
	error = plan_run(&plan);
	if (!error)
		error = create_check(dev, opts);
	if (!error)
		error = create_announce(dev, opts);
	if (error)
		create_undo(&plan, persist, added);
	free(persist);
	plan_free(&plan);
	return error;
}

/*
 * A reset cannot be undone, and what may be kept is not to be lost by mistake:
 * so unlike others a persistent device is made only of one that is unused.
 */
static void create_refuse_used(struct device *dev, const struct options *opts)
{
	uint64_t disksize;

	if (opts->persist == PERSIST_UNSAID || opts->persist == PERSIST_OFF)
		return;
	if (!device_number(dev, "disksize", &disksize) && disksize)
		errx(EXIT_FAILURE, "%s: is in use: reset it before, or give no --size",
		     dev->name);
}

/**
 * create() - set a device up
 * @opts: command line
 *
 * Return: exit status.
 */
int create(const struct options *opts)
{
	struct device dev;
	sigset_t before;
	bool added = false;
	int error;

	signals_hold(&before);
	if (opts->find) {
		find_unused(&dev, &added);
	} else {
		error = device_open(&dev, opts->args[0]);
		if (error) {
			errno = -error;
			err(EXIT_FAILURE, "%s", dev.name);
		}
		error = find_lock(&dev);
		if (error) {
			errno = -error;
			err(EXIT_FAILURE, "%s: failed to reset", dev.name);
		}
		create_refuse_used(&dev, opts);
	}
	error = create_on(&dev, opts, added);
	device_close(&dev);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

/**
 * change() - change a device that is in use
 * @opts: command line
 *
 * Return: exit status.
 */
int change(const struct options *opts)
{
	struct device dev;
	struct plan plan = { .dev = &dev };
	sigset_t before;
	int error;

	error = device_open(&dev, opts->args[0]);
	if (error) {
		errno = -error;
		err(EXIT_FAILURE, "%s", dev.name);
	}
	plan_add(&plan, "mem_limit", opts->mem_limit, "mem-limit");
	plan_add(&plan, "mem_reserve", opts->mem_reserve, "mem-reserve");
	plan_add(&plan, "name", opts->name, "name");
	plan_add_persist(&plan, opts->persist);
	signals_hold(&before);
	error = plan_run(&plan);
	if (error)
		change_undo(&plan);
	plan_free(&plan);
	device_close(&dev);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int reset_one(const char *spec)
{
	static const struct step step = {
		.attr = "reset", .what = "reset",
	};
	struct device dev;
	const struct plan plan = { .dev = &dev };
	int error = device_open(&dev, spec);

	/* Until it is removed it looks like one that can be had. */
	if (!error)
		error = find_lock(&dev);
	if (!error)
		error = find_reset_used(&dev);
	if (error)
		step_complain(&plan, &step, error);
	else
		find_remove(&dev);
	device_close(&dev);
	return error;
}

/**
 * reset() - reset devices, and remove them
 * @opts: command line
 *
 * A device that cannot be reset is not removed, and the others go on.
 *
 * Return: exit status.
 */
int reset(const struct options *opts)
{
	int status = EXIT_SUCCESS;
	int i;

	for (i = 0; i < opts->nr_args; i++)
		if (reset_one(opts->args[i]))
			status = EXIT_FAILURE;
	return status;
}

/**
 * find_print() - print the name of an unused device
 * @opts: command line
 *
 * One is made if there is none.
 *
 * Return: exit status.
 */
int find_print(const struct options *opts)
{
	struct device dev;
	bool added;

	(void)opts;
	find_unused(&dev, &added);
	puts(dev.name);
	device_close(&dev);
	return EXIT_SUCCESS;
}
