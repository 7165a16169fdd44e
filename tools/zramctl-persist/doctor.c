// SPDX-License-Identifier: GPL-2.0
/*
 * What this machine lacks for persistence, and what to do about it.
 */

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "initramfs.h"
#include "kconfig.h"
#include "kernel.h"
#include "kexec.h"
#include "modinfo.h"
#include "next.h"
#include "preflight.h"
#include "report.h"
#include "size.h"
#include "unpack.h"

/* Exit status if something is missing; that of errors is 1. */
#define STATUS_MISSING	2

#define HINT_MODULE	"install the package zram-persist-dkms; or, from the source: make modules modules_install, depmod -a"
#define HINT_OTHER	"install our modules and reboot, or, if no device is in use: modprobe -r zram, modprobe zram"
#define HINT_BUILTIN	"boot a kernel with CONFIG_ZRAM=m, or with our driver built in"
#define HINT_REBUILD	"rebuild the initramfs"
#define HINT_TODAY	", reboot; for the devices of today: zramctl-persist --persistent=on DEVICE"
#define HINT_LOAD	"load kernels with kexec -s -l; later it cannot be told how one was loaded"
#define HINT_LOAD_KEXEC	"set LOAD_KEXEC=false in /etc/default/kexec, and load kernels with kexec -s -l"

static void check_config(const struct kernel *kernel)
{
	const char *where;
	char *config = kconfig_of(kernel->release, true, &where);

	if (!config && *kernel->kho)
		report_add("kernel", "config", RESULT_OK, NULL,
			   "%s has Kexec HandOver", kernel->release);
	else if (!config)
		report_add("kernel", "config", RESULT_UNKNOWN, NULL,
			   "its configuration is neither in /proc/config.gz nor in /boot");
	else if (kconfig_value(config, "CONFIG_KEXEC_HANDOVER") != 'y')
		report_add("kernel", "config", RESULT_BAD,
			   "boot a kernel that was configured with CONFIG_KEXEC_HANDOVER=y",
			   "%s has no Kexec HandOver, according to %s",
			   kernel->release, where);
	else
		report_add("kernel", "config", RESULT_OK, NULL,
			   "%s has CONFIG_KEXEC_HANDOVER=y", kernel->release);
	free(config);
}

#define LINE_OTHER	"add kho=on to the command line in the configuration of the boot loader, reboot"
#define LINE_KERNEL	"add kho=on to /etc/kernel/cmdline, run kernel-install add-all, or kernel-install add for each kernel, reboot"
#define LINE_GRUB	"add kho=on to GRUB_CMDLINE_LINUX in /etc/default/grub, run "

/* grubby knows of all that is behind it, so it comes first. */
static const struct {
	const char *paths[2];
	const char *how;
} kho_ways[] = {
	{ { "/usr/sbin/grubby" },
	  "run grubby --update-kernel=ALL --args=kho=on, reboot" },
	{ { "/etc/kernel/cmdline" }, LINE_KERNEL },
	{ { "/etc/default/grub", "/usr/sbin/update-grub" },
	  LINE_GRUB "update-grub, reboot" },
	{ { "/etc/default/grub", "/boot/grub2" },
	  LINE_GRUB "grub2-mkconfig -o /boot/grub2/grub.cfg, reboot" },
	{ { "/etc/default/grub" },
	  LINE_GRUB "grub-mkconfig -o /boot/grub/grub.cfg, reboot" },
};

static bool kho_way_exists(size_t i)
{
	const char *const *paths = kho_ways[i].paths;

	return next_exists(paths[0]) && (!paths[1] || next_exists(paths[1]));
}

/* Where a command line is kept depends on the boot loader. */
static const char *kho_hint(bool off)
{
	const char *how = LINE_OTHER;
	static char hint[192];
	size_t i;

	for (i = sizeof(kho_ways) / sizeof(*kho_ways); i--;)
		if (kho_way_exists(i))
			how = kho_ways[i].how;
	snprintf(hint, sizeof(hint), "%s%s",
		 off ? "take kho=off away, and " : "", how);
	return hint;
}

static void check_kho(const struct kernel *kernel)
{
	bool on = true;

	cmdline_bool(kernel->cmdline, "kho", &on);
	if (!kernel->kho_known)
		report_add("kernel", "kho", RESULT_UNKNOWN,
			   "run as root with debugfs mounted",
			   "cannot tell whether Kexec HandOver is on");
	else if (kernel->kho_failed)
		report_add("kernel", "kho", RESULT_BAD,
			   "see dmesg | grep KHO; add a smaller kho_scratch=, such as 32M,128M,32M, to the command line, reboot",
			   "Kexec HandOver is off: it was to be on, and had no room for its scratch memory");
	else if (!kernel->kho_on && !on)
		report_add("kernel", "kho", RESULT_BAD,
			   kho_hint(true),
			   "Kexec HandOver is off: kho=off is on the command line");
	else if (!kernel->kho_on)
		report_add("kernel", "kho", RESULT_BAD,
			   kho_hint(false),
			   "Kexec HandOver is off: kho=on is missing on the command line");
	else
		report_add("kernel", "kho", RESULT_OK, NULL,
			   "Kexec HandOver is on%s%s",
			   *kernel->kho ? ", version " : "", kernel->kho);
}

/* Three times the size leaves room for the next, larger kernel. */
static void check_scratch(const struct kernel *kernel)
{
	char value[64];
	char *size = size_format(kernel->scratch);

	if (kernel->kho_known && !kernel->kho_on)
		;
	else if (!kernel->scratch)
		report_add("kernel", "scratch", RESULT_NOTE,
			   "run as root with debugfs mounted",
			   "the size of the scratch memory cannot be read");
	else if (!cmdline_value(kernel->cmdline, "kho_scratch", value,
				sizeof(value)))
		report_add("kernel", "scratch", RESULT_NOTE,
			   "if loading a kernel fails, add kho_scratch=32M,256M,32M to the command line",
			   "%s of scratch memory, twice what this boot used",
			   size);
	else
		report_add("kernel", "scratch", RESULT_OK, NULL,
			   "%s of scratch memory, kho_scratch=%s", size, value);
	free(size);
}

static bool module_loaded(const char *parameter)
{
	struct path path = root_path("/sys/module/zram%s", parameter);

	return !access(path.s, F_OK);
}

/* The zram that is loaded, if any; @zram is what the one in /lib/modules says. */
static void check_loaded(const struct modinfo *zram)
{
	char format[16];
	int error = modinfo_loaded_format(zram, format, sizeof(format));

	if (module_loaded("/parameters/persist") && error == -ESTALE)
		report_add("module", "loaded", RESULT_UNKNOWN,
			   "if no device is in use: modprobe -r zram, modprobe zram; or reboot",
			   "the zram that is loaded is not the one in /lib/modules: its format cannot be told");
	else if (module_loaded("/parameters/persist"))
		report_add("module", "loaded", RESULT_OK, NULL,
			   "zram with persistence is loaded%s%s",
			   error ? "" : ", format ", error ? "" : format);
	else if (module_loaded(""))
		report_add("module", "loaded", RESULT_BAD,
			   zram->builtin ? HINT_BUILTIN : HINT_OTHER,
			   "the zram that is loaded is another driver, without persistence");
	else if (modinfo_next(zram, FORMAT_KEY, NULL))
		report_add("module", "loaded", RESULT_NOTE, "modprobe zram",
			   "zram with persistence is installed, but not loaded");
}

/* Does a line of modprobe.d(5) say whether devices are to be persistent? */
static bool options_line(char *line, bool *on)
{
	char *rest = NULL;
	const char *word = strtok_r(line, " \t\n", &rest);

	if (!word || strcmp(word, "options"))
		return false;
	word = strtok_r(NULL, " \t\n", &rest);
	return word && !strcmp(word, "zram") && rest &&
	       cmdline_bool(rest, "persist", on);
}

/* Is there a line for us in a file? All are looked at: the last one counts. */
static bool file_has(const char *path, bool (*is_ours)(char *line, bool *on),
		     bool *on)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (file && getline(&line, &room, file) > 0)
		found |= is_ours(line, on);
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* The last file that says it, by name, counts, and the command line more. */
static bool options_persist(const char *cmdline, struct path *where)
{
	struct path path = root_path("/etc/modprobe.d/*.conf");
	bool on = false;
	glob_t files;
	size_t i;

	if (glob(path.s, 0, NULL, &files))
		return false;
	for (i = 0; i < files.gl_pathc; i++)
		if (file_has(files.gl_pathv[i], options_line, &on))
			snprintf(where->s, sizeof(where->s), "%s",
				 strrchr(files.gl_pathv[i], '/') + 1);
	globfree(&files);
	cmdline_bool(cmdline, "zram.persist", &on);
	return on && *where->s;
}

#define MAKE_TOOLS	"update-initramfs -u -k all"
#define MAKE_DRACUT	"dracut --force --regenerate-all"
#define DRACUT_CONF	"/etc/dracut.conf.d/zram.conf"
#define ADD_TOOLS	"add zram to /etc/initramfs-tools/modules, run " MAKE_TOOLS
#define ADD_DRACUT	"add 'force_drivers+=\" zram \"' to " DRACUT_CONF ", run " MAKE_DRACUT

/* What makes an initramfs: how it is told to make it anew, and of a module. */
static const struct initramfs_way {
	const char *path;
	const char *rebuild;
	const char *reboot;
	const char *add;
} initramfs_ways[] = {
	{ "/usr/sbin/update-initramfs", HINT_REBUILD ": " MAKE_TOOLS,
	  HINT_REBUILD ": " MAKE_TOOLS HINT_TODAY, ADD_TOOLS },
	{ "/usr/bin/dracut", HINT_REBUILD ": " MAKE_DRACUT,
	  HINT_REBUILD ": " MAKE_DRACUT HINT_TODAY, ADD_DRACUT },
	{ "/usr/sbin/dracut", HINT_REBUILD ": " MAKE_DRACUT,
	  HINT_REBUILD ": " MAKE_DRACUT HINT_TODAY, ADD_DRACUT },
	{ NULL, HINT_REBUILD, HINT_REBUILD HINT_TODAY,
	  "add zram to it, and rebuild it" },
};

static const struct initramfs_way *initramfs_way(void)
{
	const struct initramfs_way *way = initramfs_ways;

	while (way->path && !next_exists(way->path))
		way++;
	return way;
}

/*
 * The options that count for what is in an initramfs are those of the day when
 * it was made, and the parameter cannot be changed later.
 */
static void check_options(const struct kernel *kernel, bool builtin)
{
	struct path path = root_path("/sys/module/zram/parameters/persist");
	struct path where = {};
	char text[16];

	if (text_of(&path, text, sizeof(text)) || strcmp(text, "N") ||
	    !options_persist(kernel->cmdline, &where))
		return;
	if (builtin)
		report_add("module", "options", RESULT_BAD,
			   "add zram.persist=1 to the command line" HINT_TODAY,
			   "zram is built in, and so knows nothing of persist=1 in /etc/modprobe.d/%s",
			   where.s);
	else
		report_add("module", "options", RESULT_BAD,
			   initramfs_way()->reboot,
			   "zram was loaded without the persist=1 of /etc/modprobe.d/%s, as from an initramfs that was made before that",
			   where.s);
}

/* Return whether zram is built in. */
static bool check_module(const struct kernel *kernel)
{
	struct modinfo zram;
	int error = modinfo_of(&zram, kernel->release, "zram");
	bool builtin = zram.builtin;

	check_loaded(&zram);
	check_options(kernel, zram.builtin);
	if (error == -ENOENT)
		report_add("module", "installed", RESULT_BAD, HINT_MODULE,
			   "no module zram in /lib/modules/%s",
			   kernel->release);
	else if (error)
		report_add("module", "installed", RESULT_UNKNOWN,
			   unpack_hint(error),
			   "cannot read the module zram of %s: %s",
			   kernel->release, unpack_error(error));
	else if (!modinfo_next(&zram, FORMAT_KEY, NULL))
		report_add("module", "installed", RESULT_BAD,
			   zram.builtin ? HINT_BUILTIN : HINT_MODULE,
			   "modprobe would load %s, which has no persistence",
			   zram.builtin ? "nothing: zram is built in" :
					  zram.path);
	else
		report_add("module", "installed", RESULT_OK, NULL, "%s",
			   zram.builtin ? "zram is built in" : zram.path);
	modinfo_free(&zram);
	return builtin;
}

/* Does a line of modules-load.d(5) name zram? */
static bool module_line(char *line, bool *on)
{
	char *rest = NULL;
	const char *word = strtok_r(line, " \t\n", &rest);

	(void)on;
	return word && !strcmp(word, "zram");
}

/* In the order in which a file hides those of its name in the folders behind it. */
static const char *const load_places[] = {
	"/etc/modules-load.d",
	"/run/modules-load.d",
	"/usr/local/lib/modules-load.d",
	"/usr/lib/modules-load.d",
	"/lib/modules-load.d",
};

/* Is there a file of that name in a folder before the one with this number? */
static bool load_hidden(size_t place, const char *name)
{
	struct path path;

	while (place--) {
		path = root_path("%s/%s", load_places[place], name);
		if (!access(path.s, F_OK))
			return true;
	}
	return false;
}

static bool place_loads(size_t place)
{
	struct path path = root_path("%s/*.conf", load_places[place]);
	bool found = false;
	glob_t files;
	size_t i;

	if (glob(path.s, 0, NULL, &files))
		return false;
	for (i = 0; i < files.gl_pathc && !found; i++)
		found = !load_hidden(place, strrchr(files.gl_pathv[i], '/') + 1) &&
			file_has(files.gl_pathv[i], module_line, NULL);
	globfree(&files);
	return found;
}

/* Debian has a link to /etc/modules in modules-load.d, but need not have it. */
static bool boot_loads(void)
{
	struct path path = root_path("/etc/modules");
	size_t i;

	for (i = 0; i < sizeof(load_places) / sizeof(*load_places); i++)
		if (place_loads(i))
			return true;
	return file_has(path.s, module_line, NULL);
}

static void check_modules_load(void)
{
	bool loaded = boot_loads();

	report_add("boot", "modules-load", loaded ? RESULT_OK : RESULT_BAD,
		   loaded ? NULL :
			    "add a line \"zram\" to /etc/modules-load.d/zram.conf",
		   loaded ? "zram is loaded at boot" :
			    "nothing loads zram at boot");
}

static void check_initramfs(const struct kernel *kernel)
{
	struct next next = {};
	struct initramfs initramfs;
	struct path path;
	int error;

	next_find_initrd(&next, kernel->release);
	path = root_path("%s", next.initrd);
	if (!*next.initrd)
		return;
	error = initramfs_read(&initramfs, &path);
	if (error)
		report_add("boot", "initramfs", RESULT_UNKNOWN,
			   unpack_hint(error), "cannot look into %s: %s",
			   next.initrd, unpack_error(error));
	else if (!initramfs.has_zram)
		report_add("boot", "initramfs", RESULT_NOTE,
			   initramfs_way()->add,
			   "zram is not in %s, and so loaded later",
			   next.initrd);
	else if (initramfs.zram_error)
		report_add("boot", "initramfs", RESULT_UNKNOWN,
			   unpack_hint(initramfs.zram_error),
			   "cannot read the zram in %s: %s", next.initrd,
			   unpack_error(initramfs.zram_error));
	else if (!modinfo_next(&initramfs.zram, FORMAT_KEY, NULL))
		report_add("boot", "initramfs", RESULT_BAD,
			   initramfs_way()->rebuild,
			   "the zram in %s has no persistence", next.initrd);
	else
		report_add("boot", "initramfs", RESULT_OK, NULL,
			   "zram is in %s", next.initrd);
	initramfs_free(&initramfs);
}

/* What is built in is there before anything could load it. */
static void check_boot(const struct kernel *kernel, bool builtin)
{
	if (builtin) {
		report_add("boot", "modules-load", RESULT_OK, NULL,
			   "zram is built in");
		return;
	}
	check_modules_load();
	check_initramfs(kernel);
}

static bool any_exists(const char *const paths[], size_t nr)
{
	while (nr--)
		if (next_exists(paths[nr]))
			return true;
	return false;
}

/* Whoever sets LOAD_KEXEC does not give -s, so that it depends on the default. */
static void check_load_kexec(enum kexec_default how, const char *program)
{
	if (how == KEXEC_OLD)
		report_add("kexec", "default", RESULT_BAD, HINT_LOAD_KEXEC,
			   "at a reboot a kernel is loaded without -s, which loses all");
	else if (how == KEXEC_SILENT)
		report_add("kexec", "default", RESULT_UNKNOWN, HINT_LOAD_KEXEC,
			   "at a reboot a kernel is loaded without -s, and %s does not say which system call it uses then",
			   program);
}

static void check_kexec(void)
{
	const char *program = NULL;
	enum kexec_default how = kexec_look(&program);

	if (how == KEXEC_NONE)
		report_add("kexec", "tools", RESULT_BAD,
			   "install the package kexec-tools",
			   "there is no program kexec");
	else if (how == KEXEC_SILENT)
		report_add("kexec", "tools", RESULT_NOTE, HINT_LOAD,
			   "%s does not say which system call it uses",
			   program);
	else if (how == KEXEC_OLD)
		report_add("kexec", "tools", RESULT_NOTE, HINT_LOAD,
			   "%s uses the old system call, which loses all, unless it is given -s",
			   program);
	else
		report_add("kexec", "tools", RESULT_OK, HINT_LOAD,
			   "%s uses the system call that carries a handover",
			   program);
	if (kexec_disabled())
		report_add("kexec", "disabled", RESULT_BAD, HINT_KEXEC_DISABLED,
			   KEXEC_DISABLED);
	if (next_load_kexec())
		check_load_kexec(how, program);
}

static void check_system(void)
{
	static const char *const rules[] = {
		"/etc/udev/rules.d/60-zram-persist.rules",
		"/run/udev/rules.d/60-zram-persist.rules",
		"/usr/local/lib/udev/rules.d/60-zram-persist.rules",
		"/usr/lib/udev/rules.d/60-zram-persist.rules",
		"/lib/udev/rules.d/60-zram-persist.rules",
	};

	if (any_exists(rules, sizeof(rules) / sizeof(*rules)))
		report_add("udev", "rule", RESULT_OK, NULL,
			   "/dev/disk/by-id has links to persistent devices");
	else
		report_add("udev", "rule", RESULT_BAD,
			   "install 60-zram-persist.rules into /etc/udev/rules.d",
			   "nothing makes links to persistent devices in /dev/disk/by-id");
}

/**
 * doctor() - report what this machine lacks for persistence
 * @opts: command line
 *
 * Return: exit status: 0 if nothing, 1 if that cannot be told, 2 if something.
 */
int doctor(const struct options *opts)
{
	struct kernel *kernel = malloc(sizeof(*kernel));

	if (!kernel)
		return EXIT_FAILURE;
	kernel_look(kernel);
	check_config(kernel);
	check_kho(kernel);
	check_scratch(kernel);
	check_boot(kernel, check_module(kernel));
	check_kexec();
	check_system();
	report_print("doctor", opts->json);
	free(kernel);
	if (report_count(RESULT_BAD))
		return STATUS_MISSING;
	return report_count(RESULT_UNKNOWN) ? EXIT_FAILURE : EXIT_SUCCESS;
}
