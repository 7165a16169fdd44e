// SPDX-License-Identifier: GPL-2.0
/*
 * Would the devices survive a kexec into the next kernel.
 *
 * A kernel cannot be kept from a kexec that loses data, so it has to be found
 * out before. All of this is about files: what is loaded into the running kernel
 * already cannot be read.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flight_device.h"
#include "handover.h"
#include "initramfs.h"
#include "kconfig.h"
#include "kernel.h"
#include "kexec.h"
#include "kimage.h"
#include "modinfo.h"
#include "next.h"
#include "preflight.h"
#include "report.h"
#include "size.h"
#include "unpack.h"

/* Exit status if a device would not survive; that of errors is 1. */
#define STATUS_LOST	2

#define KHO_DEFAULT	"CONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT"
#define KERNEL		"next kernel"
#define MODULE		"next zram"
#define MEMORY		"memory"
#define LOADING		"loading"

#define HINT_KHO	"it needs CONFIG_KEXEC_HANDOVER=y"
#define HINT_KHO_ON	"add kho=on to its command line"
#define HINT_KHO_OFF	"take kho=off away, and add kho=on to its command line"
#define HINT_NOTE	"write KERNEL_IMAGE=, INITRD= and APPEND= there, with what kexec was told, or name the image on the command line"
#define HINT_MODULE	"install our modules for it, see building.rst, and run depmod"
#define HINT_PAIR	"remove one of the two, see building.rst, and run depmod"
#define HINT_BUILTIN	"no module takes its place: it needs CONFIG_ZRAM=m, or our driver built in, see building.rst"
#define HINT_TAKE	"load the module first: modprobe zram"
#define HINT_TAKE_OTHER	"another zram is loaded: modprobe -r zram, install our modules, modprobe zram"
#define HINT_TAKE_NONE	"another zram is built in, and no module takes its place: it cannot be taken; from now on boot kernels with CONFIG_ZRAM=m, or with our driver built in"
#define HINT_LOOK	"run as root with debugfs mounted"
#define HINT_LOOK_TAKE	"load the module first: modprobe zram; or " HINT_LOOK
#define HINT_RELOAD	"install the modules again that were there when it was loaded; or, if no device is in use: modprobe -r zram, modprobe zram"
#define HINT_INITRAMFS	"rebuild it: update-initramfs -u -k all, or dracut --force --regenerate-all"
#define HINT_SCRATCH	"boot with a larger kho_scratch=, see building.rst"
#define HINT_LOAD	"load it with: kexec -s -l; the -s is essential"

/**
 * struct plan - what is known about the kexec to come
 * @now: the kernel that runs
 * @next: the kernel to come
 * @image: what the image of @next says
 * @config: its configuration, or NULL
 * @zram: what its zram says of itself
 * @zram_now: what the zram of @now says of itself
 * @initramfs: what its initramfs has
 */
struct plan {
	struct kernel now;
	struct next next;
	struct kimage image;
	char *config;
	struct modinfo zram;
	struct modinfo zram_now;
	struct initramfs initramfs;
};

static void report_no_image(const struct next *next)
{
	if (next->by_note)
		report_add(KERNEL, "image", RESULT_UNKNOWN, HINT_NOTE,
			   "a kernel is loaded, and the note " NEXT_NOTE " names no KERNEL_IMAGE");
	else
		report_add(KERNEL, "image", RESULT_UNKNOWN,
			   "name its image on the command line",
			   "no kernel was found that could come next");
}

static bool look_at_image(struct plan *plan)
{
	struct path path = root_path("%s", plan->next.image);
	const char *where;
	int error;

	if (!*plan->next.image) {
		report_no_image(&plan->next);
		return false;
	}
	error = kimage_read(&plan->image, &path);
	if (error) {
		report_add(KERNEL, "image", RESULT_UNKNOWN, unpack_hint(error),
			   "cannot look into %s: %s", plan->next.image,
			   unpack_error(error));
		return false;
	}
	if (!*plan->next.initrd)
		next_find_initrd(&plan->next, plan->image.release);
	if (plan->image.config)
		plan->config = strdup(plan->image.config);
	else
		plan->config = kconfig_of(plan->image.release, false, &where);
	report_add(KERNEL, "image", RESULT_OK, NULL, "is %s, %s, from %s",
		   *plan->image.release ? plan->image.release : "unnamed",
		   plan->next.image, plan->next.source);
	return true;
}

/* Kexec-tools load what is not loaded yet, and do not give -s to kexec. */
static void check_unloaded(const struct plan *plan)
{
	enum kexec_default how = KEXEC_NONE;
	const char *program;

	if (plan->next.by_kexec_tools)
		how = kexec_look(&program);
	if (kexec_disabled())
		report_add(LOADING, "loaded", RESULT_BAD, HINT_KEXEC_DISABLED,
			   KEXEC_DISABLED);
	else if (how == KEXEC_OLD)
		report_add(LOADING, "loaded", RESULT_BAD, HINT_LOAD,
			   "no kernel is loaded yet; for /etc/default/kexec one is loaded without -s, which loses all");
	else if (how == KEXEC_SILENT)
		report_add(LOADING, "loaded", RESULT_UNKNOWN, HINT_LOAD,
			   "no kernel is loaded yet; for /etc/default/kexec one is loaded without -s, and %s does not say which system call it uses then",
			   program);
	else
		report_add(LOADING, "loaded", RESULT_NOTE, HINT_LOAD,
			   "no kernel is loaded yet");
}

static void check_loaded(const struct plan *plan)
{
	struct path path = root_path("/sys/kernel/kexec_loaded");
	char text[16];

	if (text_of(&path, text, sizeof(text)))
		report_add(LOADING, "loaded", RESULT_BAD,
			   "it needs CONFIG_KEXEC_FILE=y",
			   "this kernel has no kexec");
	else if (!strcmp(text, "0"))
		check_unloaded(plan);
	else
		report_add(LOADING, "loaded", RESULT_NOTE, HINT_LOAD,
			   "a kernel is loaded; whether it is the one above, and by which system call, cannot be read: load it again if in doubt");
}

static void check_kho(const struct plan *plan)
{
	const char *next = plan->image.kho, *now = plan->now.kho;

	if (plan->now.kho_known && !plan->now.kho_on)
		report_add("this kernel", "kho", RESULT_BAD,
			   "see --doctor",
			   "Kexec HandOver is off in the running kernel");
	if (!*next)
		report_add(KERNEL, "kho", RESULT_BAD, HINT_KHO,
			   "has no Kexec HandOver");
	else if (!*now)
		report_add(KERNEL, "kho", RESULT_UNKNOWN,
			   HINT_LOOK ", or have its image in /boot",
			   "has Kexec HandOver %s; that of the running kernel cannot be found out",
			   next);
	else if (strcmp(next, now))
		report_add(KERNEL, "kho", RESULT_BAD,
			   "the two kernels need the same version",
			   "has Kexec HandOver %s, but the running kernel has %s",
			   next, now);
	else
		report_add(KERNEL, "kho", RESULT_OK, NULL,
			   "has Kexec HandOver %s, as the running kernel has",
			   next);
}

static void check_kho_on(const struct plan *plan)
{
	const char *which = plan->next.cmdline_source;
	char by_default = 0;
	bool on;

	if (!*plan->image.kho)
		return;
	if (plan->config)
		by_default = kconfig_value(plan->config, KHO_DEFAULT);
	if (cmdline_bool(plan->next.cmdline, "kho", &on) && on)
		report_add(KERNEL, "kho-on", RESULT_OK, NULL,
			   "has kho=on on its command line, %s", which);
	else if (cmdline_bool(plan->next.cmdline, "kho", &on))
		report_add(KERNEL, "kho-on", RESULT_BAD, HINT_KHO_OFF,
			   "has kho=off on its command line, %s", which);
	else if (by_default == 'y')
		report_add(KERNEL, "kho-on", RESULT_OK, NULL,
			   "has Kexec HandOver on by default");
	else if (by_default == 'n')
		report_add(KERNEL, "kho-on", RESULT_BAD, HINT_KHO_ON,
			   "lacks kho=on on its command line, %s", which);
	else
		report_add(KERNEL, "kho-on", RESULT_UNKNOWN, HINT_KHO_ON,
			   "does not say whether Kexec HandOver is on by default");
}

/* Whether a driver takes @format: one is known, and the oldest that it still takes. */
static bool takes_format(const struct modinfo *zram, const char *format)
{
	const char *newest = modinfo_next(zram, FORMAT_KEY, NULL);
	const char *oldest = modinfo_next(zram, OLDEST_KEY, NULL);
	unsigned long now = strtoul(format, NULL, 10);

	return now <= strtoul(newest, NULL, 10) &&
	       now >= strtoul(oldest ? oldest : newest, NULL, 10);
}

static void check_version(const struct plan *plan)
{
	const char *next = modinfo_next(&plan->zram, FORMAT_KEY, NULL);
	char now[16];
	int error = modinfo_loaded_format(&plan->zram_now, now, sizeof(now));

	if (!next)
		report_add(MODULE, "module", RESULT_BAD,
			   plan->zram.builtin ? HINT_BUILTIN : HINT_MODULE,
			   "%s is another driver, without persistence",
			   plan->zram.builtin ? "what is built in" :
						plan->zram.path);
	else if (error == -ESTALE)
		report_add(MODULE, "module", RESULT_UNKNOWN, HINT_RELOAD,
			   "has format %s; that of the running driver cannot be told: it is not the one in /lib/modules/%s",
			   next, plan->now.release);
	else if (error)
		report_add(MODULE, "module", RESULT_UNKNOWN, NULL,
			   "has format %s; that of the running driver cannot be found out",
			   next);
	else if (!takes_format(&plan->zram, now))
		report_add(MODULE, "module", RESULT_BAD,
			   "the next kernel needs a driver that takes the format of this one",
			   "has format %s, but the running driver has %s: it would hold the devices",
			   next, now);
	else if (strcmp(next, now))
		report_add(MODULE, "module", RESULT_OK, NULL,
			   "%s has format %s, and takes %s, which the running driver has",
			   plan->zram.builtin ? "the one built in" :
						plan->zram.path, next, now);
	else
		report_add(MODULE, "module", RESULT_OK, NULL,
			   "%s has format %s, as the running driver has",
			   plan->zram.builtin ? "the one built in" :
						plan->zram.path, next);
}

/* Our zram needs zsmalloc_persist, unless that is built in. */
static bool needs_zsmalloc(const struct modinfo *zram)
{
	static const char need[] = "zsmalloc_persist";
	const char *at = modinfo_next(zram, "depends", NULL);
	size_t len;

	for (; at && *at; at += len + !!at[len]) {
		len = strcspn(at, ",");
		if (len == strlen(need) && !memcmp(at, need, len))
			return true;
	}
	return false;
}

/*
 * How much of @path is the folder of an installation: DKMS puts both modules into one
 * folder, and make modules_install, and our packages, as deep as in the source.
 */
static size_t installation(const char *path, const char *depth)
{
	const char *name = strrchr(path, '/');
	size_t len = name ? name - path : 0, deep = strlen(depth);

	if (len >= deep && !memcmp(path + len - deep, depth, deep))
		len -= deep;
	return len;
}

/*
 * With two installations depmod takes each module from the one that it happens to
 * find last, which may be a pair that does not fit together.
 */
static void check_pair(const struct plan *plan)
{
	const char *zram = plan->zram.path;
	struct modinfo zsmalloc = {};
	size_t len = installation(zram, "/drivers/block/zram");
	int error;

	if (!needs_zsmalloc(&plan->zram))
		return;
	error = modinfo_of(&zsmalloc, plan->image.release, "zsmalloc_persist");
	if (error == -ENOENT)
		report_add(MODULE, "pair", RESULT_BAD, HINT_MODULE,
			   "zsmalloc_persist, which it needs, is not in /lib/modules/%s",
			   plan->image.release);
	else if (!zsmalloc.builtin &&
		 (len != installation(zsmalloc.path, "/mm") ||
		  memcmp(zram, zsmalloc.path, len)))
		report_add(MODULE, "pair", RESULT_BAD, HINT_PAIR,
			   "%s and %s belong to two installations", zram,
			   zsmalloc.path);
	modinfo_free(&zsmalloc);
}

static void check_module(struct plan *plan)
{
	const char *release = plan->image.release;
	int error = modinfo_of(&plan->zram, release, "zram");

	if (error == -ENOENT)
		report_add(MODULE, "module", RESULT_BAD, HINT_MODULE,
			   "there is no module zram in /lib/modules/%s",
			   release);
	else if (error)
		report_add(MODULE, "module", RESULT_UNKNOWN, unpack_hint(error),
			   "cannot read the module zram of %s: %s", release,
			   unpack_error(error));
	else
		check_version(plan);
	if (!error && !plan->zram.builtin)
		check_pair(plan);
}

static bool lacks_zsmalloc(const struct initramfs *initramfs)
{
	return needs_zsmalloc(&initramfs->zram) && !initramfs->has_zsmalloc;
}

/* Do two modules say the same of the formats that they take? */
static bool same_formats(const struct modinfo *one, const struct modinfo *other)
{
	static const char *const keys[] = { FORMAT_KEY, OLDEST_KEY };
	const char *value, *value2;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		value = modinfo_next(one, keys[i], NULL);
		value2 = modinfo_next(other, keys[i], NULL);
		if (!value != !value2 || (value && strcmp(value, value2)))
			return false;
	}
	return true;
}

/* If the format cannot be told check_version() has said so, or found worse. */
static bool refuses_format(const struct plan *plan, const struct modinfo *zram)
{
	char now[16];

	return !modinfo_loaded_format(&plan->zram_now, now, sizeof(now)) &&
	       !takes_format(zram, now);
}

static void check_initramfs(struct plan *plan)
{
	struct initramfs *initramfs = &plan->initramfs;
	const char *name = plan->next.initrd;
	struct path path = root_path("%s", name);
	int error;

	if (!*name) {
		report_add(MODULE, "initramfs", RESULT_NOTE, NULL,
			   "the kernel has no initramfs that was found");
		return;
	}
	error = initramfs_read(initramfs, &path);
	if (error)
		report_add(MODULE, "initramfs", RESULT_UNKNOWN,
			   unpack_hint(error), "cannot look into %s: %s", name,
			   unpack_error(error));
	else if (plan->zram.builtin)
		report_add(MODULE, "initramfs", RESULT_OK, NULL,
			   "is built in, and need not be in %s", name);
	else if (!initramfs->has_zram)
		report_add(MODULE, "initramfs", RESULT_NOTE, HINT_INITRAMFS,
			   "is not in %s: it has to be loaded later, before others make devices",
			   name);
	else if (initramfs->zram_error)
		report_add(MODULE, "initramfs", RESULT_UNKNOWN,
			   unpack_hint(initramfs->zram_error),
			   "cannot read the zram in %s: %s", name,
			   unpack_error(initramfs->zram_error));
	else if (!modinfo_next(&initramfs->zram, FORMAT_KEY, NULL))
		report_add(MODULE, "initramfs", RESULT_BAD, HINT_INITRAMFS,
			   "the zram in %s is another driver, without persistence",
			   name);
	else if (refuses_format(plan, &initramfs->zram))
		report_add(MODULE, "initramfs", RESULT_BAD, HINT_INITRAMFS,
			   "the zram in %s does not take the format of the running driver: it would hold the devices",
			   name);
	else if (lacks_zsmalloc(initramfs))
		report_add(MODULE, "initramfs", RESULT_BAD, HINT_INITRAMFS,
			   "zram is in %s without zsmalloc_persist, which it needs",
			   name);
	else if (plan->zram.data &&
		 !same_formats(&plan->zram, &initramfs->zram))
		report_add(MODULE, "initramfs", RESULT_NOTE, HINT_INITRAMFS,
			   "is in %s, and is loaded from there, but is not the one in /lib/modules",
			   name);
	else
		report_add(MODULE, "initramfs", RESULT_OK, NULL, "is in %s",
			   name);
}

static void check_scratch(const struct plan *plan)
{
	uint64_t need = plan->image.room + plan->initramfs.size;
	char *need_text, *have_text;

	if (!plan->image.room)
		return;
	need_text = size_format(need);
	have_text = size_format(plan->now.scratch);
	if (!plan->now.scratch)
		report_add(MEMORY, "scratch", RESULT_NOTE,
			   "if it does not, loading the kernel fails, and nothing is lost",
			   "image and initramfs take %s of scratch memory; whether it suffices cannot be read",
			   need_text);
	else if (need > plan->now.scratch ||
		 plan->image.room > plan->now.scratch_largest ||
		 plan->initramfs.size > plan->now.scratch_largest)
		report_add(MEMORY, "scratch", RESULT_BAD, HINT_SCRATCH,
			   "image and initramfs take %s, which do not fit into the blocks of scratch memory, %s in all",
			   need_text, have_text);
	else
		report_add(MEMORY, "scratch", RESULT_OK, NULL,
			   "image and initramfs take %s of %s of scratch memory",
			   need_text, have_text);
	free(need_text);
	free(have_text);
}

/* The zram that will be loaded: that of an initramfs comes first. */
static const struct modinfo *first_zram(const struct plan *plan)
{
	return plan->initramfs.has_zram && !plan->zram.builtin ?
		&plan->initramfs.zram : &plan->zram;
}

/* A zram that is built in is there without a folder if it has no parameter. */
static bool other_loaded(const struct plan *plan)
{
	struct path any = root_path("/sys/module/zram");

	return plan->zram_now.builtin || !access(any.s, F_OK);
}

static const char *take_hint(const struct plan *plan)
{
	if (plan->zram_now.builtin)
		return HINT_TAKE_NONE;
	return other_loaded(plan) ? HINT_TAKE_OTHER : HINT_TAKE;
}

/* Return whether there is something to lose that is no device yet. */
static enum handover check_taken(const struct plan *plan)
{
	struct path ours = root_path("/sys/module/zram/parameters/persist");
	enum handover handover;

	if (!access(ours.s, F_OK))
		return HANDOVER_NONE;
	handover = handover_look(&plan->now);
	if (handover == HANDOVER_WAITS)
		report_add("this kernel", "handover", RESULT_BAD,
			   take_hint(plan),
			   "what the previous kernel handed over has not been taken, and would not survive");
	else if (handover == HANDOVER_UNSEEN)
		report_add("this kernel", "handover", RESULT_UNKNOWN,
			   other_loaded(plan) ? HINT_LOOK : HINT_LOOK_TAKE,
			   "cannot tell whether the previous kernel handed over devices that have not been taken, and would not survive");
	return handover;
}

static void plan_free(struct plan *plan)
{
	kimage_free(&plan->image);
	free(plan->config);
	modinfo_free(&plan->zram);
	modinfo_free(&plan->zram_now);
	initramfs_free(&plan->initramfs);
	free(plan);
}

static int status_of(bool matters, bool may_matter)
{
	if (!matters)
		return may_matter ? EXIT_FAILURE : EXIT_SUCCESS;
	if (report_count(RESULT_BAD))
		return STATUS_LOST;
	return report_count(RESULT_UNKNOWN) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/**
 * preflight() - report whether the devices would survive a kexec
 * @opts: command line
 *
 * Return: exit status: 0 if all would, 1 if that cannot be told, 2 if one would
 * not. Without a device the same, as if there was one, for an image that is named,
 * and otherwise 0.
 */
int preflight(const struct options *opts)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	enum handover handover;
	unsigned int kept;

	if (!plan)
		return EXIT_FAILURE;
	kernel_look(&plan->now);
	modinfo_of(&plan->zram_now, plan->now.release, "zram");
	next_find(&plan->next, opts);
	if (look_at_image(plan)) {
		check_kho(plan);
		check_kho_on(plan);
		check_module(plan);
		check_initramfs(plan);
		check_scratch(plan);
	}
	check_loaded(plan);
	kept = flight_devices(first_zram(plan));
	handover = check_taken(plan);
	if (!kept && handover == HANDOVER_NONE)
		report_add("devices", "survives", RESULT_NOTE, NULL,
			   "there is none that is persistent: nothing can be lost");
	report_print("preflight", opts->json);
	plan_free(plan);
	/* Who names an image wants to know about it in any case. */
	return status_of(kept || handover == HANDOVER_WAITS || opts->nr_args,
			 handover == HANDOVER_UNSEEN);
}
