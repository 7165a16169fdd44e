// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel that runs.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kconfig.h"
#include "kernel.h"
#include "kimage.h"
#include "root.h"

#define DEBUG		"/sys/kernel/debug/kho"
#define DEBUG_OTHER	"/sys/kernel/debug/block"
#define KHO_DEFAULT	"CONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT"
#define KHO_DEBUGFS	"CONFIG_KEXEC_HANDOVER_DEBUGFS"

static void kernel_release(struct kernel *kernel)
{
	struct path path = root_path("/proc/sys/kernel/osrelease");
	struct utsname name;

	if (text_of(&path, kernel->release, sizeof(kernel->release)) &&
	    root_is_default() && !uname(&name))
		snprintf(kernel->release, sizeof(kernel->release), "%s",
			 name.release);
}

/*
 * The device tree that it hands over, as debugfs shows it to root. A kernel that was
 * handed one itself does not show its own; it has taken none but of its version.
 */
static bool kernel_kho_debugfs(struct kernel *kernel)
{
	struct path paths[] = {
		root_path(DEBUG "/out/fdt"), root_path(DEBUG "/in/fdt"),
	};
	char data[65536];
	FILE *file;
	size_t size, i;

	for (i = 0; i < sizeof(paths) / sizeof(*paths) && !*kernel->kho; i++) {
		file = fopen(paths[i].s, "re");
		if (!file)
			continue;
		size = fread(data, 1, sizeof(data), file);
		fclose(file);
		kho_version_in(data, size, kernel->kho, sizeof(kernel->kho));
	}
	return *kernel->kho;
}

static void kernel_kho_image(struct kernel *kernel)
{
	struct path places[] = {
		root_path("/boot/vmlinuz-%s", kernel->release),
		root_path("/lib/modules/%s/vmlinuz", kernel->release),
	};
	struct kimage image;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (kimage_read(&image, &places[i]))
			continue;
		if (!strcmp(image.release, kernel->release))
			snprintf(kernel->kho, sizeof(kernel->kho), "%s",
				 image.kho);
		kimage_free(&image);
		if (*kernel->kho)
			return;
	}
}

static void kernel_scratch(struct kernel *kernel)
{
	struct path path = root_path(DEBUG "/out/scratch_len");
	char text[ATTR_SIZE], *at = text, *end;
	uint64_t size;

	if (text_of(&path, text, sizeof(text)))
		return;
	for (; *at; at = end) {
		size = strtoull(at, &end, 0);
		if (end == at)
			break;
		kernel->scratch += size;
		if (size > kernel->scratch_largest)
			kernel->scratch_largest = size;
		end += strspn(end, "\n");
	}
}

/*
 * KHO that was switched on goes off again if there is no room for its scratch
 * memory; then it is not in debugfs, while others are.
 */
static bool kernel_kho_is_missing(const char *config)
{
	struct path kho = root_path(DEBUG), other = root_path(DEBUG_OTHER);

	return config && kconfig_value(config, KHO_DEBUGFS) == 'y' &&
	       !access(other.s, F_OK) && access(kho.s, F_OK);
}

static void kernel_kho_switch(struct kernel *kernel)
{
	const char *where;
	char *config;

	if (*kernel->kho && kernel->scratch) {
		kernel->kho_known = true;
		kernel->kho_on = true;
		return;
	}
	config = kconfig_of(kernel->release, true, &where);
	if (config && kconfig_value(config, "CONFIG_KEXEC_HANDOVER") != 'y') {
		kernel->kho_known = true;
	} else if (cmdline_bool(kernel->cmdline, "kho", &kernel->kho_on)) {
		kernel->kho_known = config || *kernel->kho;
	} else if (config) {
		kernel->kho_known = true;
		kernel->kho_on = kconfig_value(config, KHO_DEFAULT) == 'y';
	}
	if (kernel->kho_on && kernel_kho_is_missing(config)) {
		kernel->kho_on = false;
		kernel->kho_failed = true;
	}
	free(config);
}

/**
 * kernel_look() - find out about the kernel that runs
 * @kernel: gets it
 *
 * Without root less can be told.
 */
void kernel_look(struct kernel *kernel)
{
	struct path path = root_path("/proc/cmdline");

	memset(kernel, 0, sizeof(*kernel));
	text_of(&path, kernel->cmdline, sizeof(kernel->cmdline));
	kernel_release(kernel);
	kernel_scratch(kernel);
	if (!kernel_kho_debugfs(kernel))
		kernel_kho_image(kernel);
	kernel_kho_switch(kernel);
}
