// SPDX-License-Identifier: GPL-2.0
/*
 * The command line.
 *
 * All that is to be known of an option is in one table: getopt, --help, bash
 * completion (through --dump-options), and which options go together come from
 * there.
 */

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "options.h"
#include "root.h"
#include "size.h"

/* Keys of options that have no letter. */
enum {
	KEY_OUTPUT_ALL = 256,
	KEY_RAW,
	KEY_PERSISTENT,
	KEY_NAME,
	KEY_MEM_LIMIT,
	KEY_MEM_RESERVE,
	KEY_HELD,
	KEY_ATTACH,
	KEY_DROP,
	KEY_YES,
	KEY_SCRUB,
	KEY_PREFLIGHT,
	KEY_INITRD,
	KEY_CMDLINE,
	KEY_DOCTOR,
	KEY_SYSROOT,
	KEY_DUMP,
	KEY_END,
};

#define ON(action)	(1U << ACTION_##action)
#define ON_SETUP	(ON(CREATE) | ON(CHANGE))

/**
 * struct option_info - an option
 * @name: long name
 * @key: its letter, or KEY_
 * @has_arg: as getopt_long() has it
 * @arg: name of the argument
 * @complete: what may be its argument, for completion
 * @only: actions that it makes sense for; 0 for all
 * @help: explanation; NULL if it is not to be shown
 */
struct option_info {
	const char *name;
	int key;
	int has_arg;
	const char *arg;
	const char *complete;
	unsigned int only;
	const char *help;
};

static const struct option_info infos[] = {
	{ "algorithm", 'a', required_argument, "<alg>", "codec", 0,
	  "codec to compress with" },
	{ "bytes", 'b', no_argument, NULL, NULL, 0,
	  "print sizes as numbers of bytes" },
	{ "find", 'f', no_argument, NULL, NULL, 0,
	  "find an unused device" },
	{ "json", 'J', no_argument, NULL, NULL,
	  ON(STATUS) | ON(HELD) | ON(PREFLIGHT) | ON(DOCTOR),
	  "print JSON" },
	{ "noheadings", 'n', no_argument, NULL, NULL, 0,
	  "print no headings" },
	{ "output", 'o', required_argument, "<list>", "columns", 0,
	  "columns to print; +<list> adds to the usual ones" },
	{ "output-all", KEY_OUTPUT_ALL, no_argument, NULL, NULL, 0,
	  "print all columns" },
	{ "algorithm-params", 'p', required_argument, "<params>", "none", 0,
	  "parameters of the codec" },
	{ "raw", KEY_RAW, no_argument, NULL, NULL, 0,
	  "print columns with one space between them" },
	{ "reset", 'r', no_argument, NULL, NULL, 0,
	  "reset all devices that are named" },
	{ "size", 's', required_argument, "<size>", "size", 0,
	  "set a device up, with this size" },
	{ "streams", 't', required_argument, "<number>", "none", 0,
	  "number of streams to compress in; ignored since Linux 4.7" },
	{ "persistent", KEY_PERSISTENT, optional_argument, "on|off", "on off",
	  ON(STATUS) | ON_SETUP,
	  "with --size: survive kexec; =on, =off: switch a device; alone: print what survives" },
	{ "name", KEY_NAME, required_argument, "<name>", "none", ON_SETUP,
	  "name of the device; empty for none" },
	{ "mem-limit", KEY_MEM_LIMIT, required_argument, "<size>", "size",
	  ON_SETUP, "most memory that the device may take; 0 for no limit" },
	{ "mem-reserve", KEY_MEM_RESERVE, required_argument, "<size>", "size",
	  ON_SETUP, "memory that the device takes now, and keeps" },
	{ "held", KEY_HELD, no_argument, NULL, NULL, 0,
	  "print held devices, and why they are held" },
	{ "attach", KEY_ATTACH, required_argument, "<uuid|name>", "held", 0,
	  "attach a held device" },
	{ "drop", KEY_DROP, required_argument, "<uuid|name>", "held", 0,
	  "give a held device up and free its memory" },
	{ "yes", KEY_YES, no_argument, NULL, NULL, ON(DROP),
	  "with --drop: do not ask" },
	{ "scrub", KEY_SCRUB, no_argument, NULL, NULL, 0,
	  "check all pages of a device" },
	{ "preflight", KEY_PREFLIGHT, no_argument, NULL, NULL, 0,
	  "would the devices survive a kexec; the argument is a kernel image" },
	{ "initrd", KEY_INITRD, required_argument, "<file>", "file",
	  ON(PREFLIGHT), "with --preflight: the initramfs" },
	{ "command-line", KEY_CMDLINE, required_argument, "<text>", "none",
	  ON(PREFLIGHT), "with --preflight: the kernel command line" },
	{ "doctor", KEY_DOCTOR, no_argument, NULL, NULL, 0,
	  "what this machine lacks for persistence, and what to do" },
	{ "sysroot", KEY_SYSROOT, required_argument, "<dir>", "dir", 0,
	  "look below this folder instead of / (for tests)" },
	{ "help", 'h', no_argument, NULL, NULL, 0, "print this help" },
	{ "version", 'V', no_argument, NULL, NULL, 0, "print the version" },
	{ "dump-options", KEY_DUMP, no_argument, NULL, NULL, 0, NULL },
};

#define NR_INFOS	(sizeof(infos) / sizeof(*infos))

/* Of each row only one may be given. The first two are those of util-linux. */
static const int exclusive[][9] = {
	{ 'f', 'o', 'r' },
	{ 'o', 'r', 's' },
	{ 'J', KEY_RAW },
	{ 'r', 's', KEY_HELD, KEY_ATTACH, KEY_DROP, KEY_SCRUB, KEY_PREFLIGHT,
	  KEY_DOCTOR },
	{ 'f', KEY_HELD, KEY_ATTACH, KEY_DROP, KEY_SCRUB, KEY_PREFLIGHT,
	  KEY_DOCTOR },
};

#define NR_EXCLUSIVE	(sizeof(exclusive) / sizeof(*exclusive))

static bool given[KEY_END];

static const struct option_info *option_info(int key)
{
	size_t i;

	for (i = 0; i < NR_INFOS; i++)
		if (infos[i].key == key)
			return &infos[i];
	return NULL;
}

static void option_exclude(int key)
{
	static int first[NR_EXCLUSIVE];
	size_t row, i;

	for (row = 0; row < NR_EXCLUSIVE; row++) {
		for (i = 0; exclusive[row][i] && exclusive[row][i] != key; i++)
			;
		if (!exclusive[row][i])
			continue;
		if (first[row] && first[row] != key)
			break;
		first[row] = key;
	}
	if (row == NR_EXCLUSIVE)
		return;
	fprintf(stderr, "%s: mutually exclusive arguments:",
		program_invocation_short_name);
	for (i = 0; exclusive[row][i]; i++)
		fprintf(stderr, " --%s", option_info(exclusive[row][i])->name);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static void usage_option(const struct option_info *info)
{
	char left[64], letter[8] = "    ";
	const char *text = info->help;
	size_t len;

	if (info->key < 256)
		snprintf(letter, sizeof(letter), "-%c, ", info->key);
	snprintf(left, sizeof(left), " %s--%s%s%s%s", letter, info->name,
		 info->has_arg == optional_argument ? "[=" :
		 info->arg ? " " : "",
		 info->arg ? info->arg : "",
		 info->has_arg == optional_argument ? "]" : "");
	printf("%-33s ", left);
	while (strlen(text) > 46) {
		for (len = 46; text[len] != ' '; len--)
			;
		printf("%.*s\n%34s", (int)len, text, "");
		text += len + 1;
	}
	puts(text);
}

static const char *const synopsis[] = {
	"[options] [<device>]",
	"-r <device> [...]",
	"[options] -f | <device> -s <size>",
	"--persistent=on|off | --name <name> <device>",
	"--held | --attach <uuid|name> | --drop <uuid|name>",
	"--scrub <device>",
	"--preflight [<kernel image>] | --doctor",
};

static void usage(void)
{
	size_t i;

	puts("\nUsage:");
	for (i = 0; i < sizeof(synopsis) / sizeof(*synopsis); i++)
		printf(" %s %s\n", program_invocation_short_name, synopsis[i]);
	puts("\nSet up and control zram devices, persistent ones too.\n\nOptions:");
	for (i = 0; i < NR_INFOS; i++)
		if (infos[i].help)
			usage_option(&infos[i]);
	puts("\nA <size> may have a suffix: KiB, MiB and so on up to YiB, or just the letter,\n"
	     "for powers of 1024; KB, MB and so on for powers of 1000.\n"
	     "An <alg> is one of those in /sys/block/zram0/comp_algorithm.\n\nColumns:");
	for (i = 0; i < nr_columns; i++)
		printf(" %14s  %s\n", columns[i].name, columns[i].help);
	puts("\nFor more details see zramctl-persist(8).");
	exit(EXIT_SUCCESS);
}

static uint64_t parse_size(const char *text, const char *what)
{
	uint64_t bytes;
	int error = size_parse(text, &bytes);

	if (error) {
		errno = -error;
		err(EXIT_FAILURE, "failed to parse %s: '%s'", what, text);
	}
	return bytes;
}

/* As sysfs takes it. */
static const char *parse_size_text(const char *text, const char *what)
{
	uint64_t bytes = parse_size(text, what);
	char *digits;

	if (asprintf(&digits, "%llu", (unsigned long long)bytes) < 0)
		err(EXIT_FAILURE, "out of memory");
	return digits;
}

/* Spaces and a sign may be in front, as in util-linux. */
static uint64_t parse_streams(const char *text)
{
	char *end;
	bool negative = strtoimax(text, &end, 10) < 0;
	uintmax_t number;

	errno = 0;
	number = strtoumax(text, &end, 10);
	if (negative)
		errno = ERANGE;
	if (errno)
		err(EXIT_FAILURE, "failed to parse streams: '%s'", text);
	if (end == text || *end)
		errx(EXIT_FAILURE, "failed to parse streams: '%s'", text);
	return number;
}

static enum persist_wish parse_persist(const char *text)
{
	if (!text)
		return PERSIST_PLAIN;
	if (!strcmp(text, "on"))
		return PERSIST_ON;
	if (!strcmp(text, "off"))
		return PERSIST_OFF;
	errx(EXIT_FAILURE, "unsupported value of --persistent: '%s'",
	     text);
}

static void option_flag(struct options *opts, int key)
{
	switch (key) {
	case 'b':
		opts->bytes = true;
		break;
	case 'f':
		opts->find = true;
		break;
	case 'J':
		opts->json = true;
		break;
	case 'n':
		opts->noheadings = true;
		break;
	case KEY_OUTPUT_ALL:
		opts->all_columns = true;
		break;
	case KEY_RAW:
		opts->raw = true;
		break;
	case KEY_YES:
		opts->yes = true;
		break;
	case 'h':
		usage();
		break;
	case 'V':
		printf("%s from zram-persist %s\n",
		       program_invocation_short_name, VERSION);
		exit(EXIT_SUCCESS);
	case '?':
		fprintf(stderr, "Try '%s --help' for more information.\n",
			program_invocation_short_name);
		exit(EXIT_FAILURE);
	}
}

/* Of -o and --output-all the last one counts, as in util-linux. */
static void option_take(struct options *opts, int key, const char *arg)
{
	switch (key) {
	case 'a':
		opts->algorithm = arg;
		break;
	case 'o':
		opts->columns = arg;
		opts->all_columns = false;
		break;
	case 'p':
		opts->params = arg;
		break;
	case 's':
		opts->size = parse_size(arg, "size");
		break;
	case 't':
		opts->streams = parse_streams(arg);
		break;
	case KEY_PERSISTENT:
		opts->persist = parse_persist(arg);
		break;
	case KEY_NAME:
		opts->name = arg;
		break;
	case KEY_MEM_LIMIT:
		opts->mem_limit = parse_size_text(arg, "mem-limit");
		break;
	case KEY_MEM_RESERVE:
		opts->mem_reserve = parse_size_text(arg, "mem-reserve");
		break;
	case KEY_ATTACH:
	case KEY_DROP:
		opts->target = arg;
		break;
	case KEY_INITRD:
		opts->initrd = arg;
		break;
	case KEY_CMDLINE:
		opts->cmdline = arg;
		break;
	case KEY_SYSROOT:
		if (!*arg)
			errx(EXIT_FAILURE, "--sysroot needs a folder");
		root_set(arg);
		break;
	}
}

static enum action options_action(const struct options *opts)
{
	static const struct {
		int key;
		enum action action;
	} actions[] = {
		{ 's', ACTION_CREATE },
		{ 'r', ACTION_RESET },
		{ KEY_HELD, ACTION_HELD },
		{ KEY_ATTACH, ACTION_ATTACH },
		{ KEY_DROP, ACTION_DROP },
		{ KEY_SCRUB, ACTION_SCRUB },
		{ KEY_PREFLIGHT, ACTION_PREFLIGHT },
		{ KEY_DOCTOR, ACTION_DOCTOR },
		{ KEY_DUMP, ACTION_DUMP },
	};
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (given[actions[i].key])
			return actions[i].action;
	if (opts->find)
		return ACTION_FIND;
	if (opts->name || opts->mem_limit || opts->mem_reserve ||
	    opts->persist > PERSIST_PLAIN)
		return ACTION_CHANGE;
	return ACTION_STATUS;
}

/* The value of --persistent is optional, and so has to be part of its word. */
static void option_apart(const struct options *opts)
{
	const char *arg;
	int i;

	if (opts->persist != PERSIST_PLAIN)
		return;
	for (i = 0; i < opts->nr_args; i++) {
		arg = opts->args[i];
		if (!strcmp(arg, "on") || !strcmp(arg, "off"))
			errx(EXIT_FAILURE,
			     "only one <device> at a time is allowed; use --persistent=%s",
			     arg);
	}
}

static void options_check_args(const struct options *opts)
{
	int most = 1;

	if (opts->find && opts->nr_args)
		errx(EXIT_FAILURE, "option --find is mutually exclusive with <device>");
	if (opts->action == ACTION_RESET)
		most = INT_MAX;
	else if (opts->action == ACTION_HELD || opts->action == ACTION_ATTACH ||
		 opts->action == ACTION_DROP || opts->action == ACTION_DOCTOR)
		most = 0;
	if (opts->nr_args > most && most && opts->action != ACTION_PREFLIGHT) {
		option_apart(opts);
		errx(EXIT_FAILURE, "only one <device> at a time is allowed");
	}
	if (opts->nr_args > most)
		errx(EXIT_FAILURE, "unexpected argument: %s",
		     opts->args[most]);
	if (!opts->nr_args && !opts->find &&
	    (opts->action == ACTION_CREATE || opts->action == ACTION_CHANGE ||
	     opts->action == ACTION_RESET || opts->action == ACTION_SCRUB))
		errx(EXIT_FAILURE, "no device specified");
}

static void option_misplaced(const struct options *opts,
			     const struct option_info *info)
{
	if (opts->action == ACTION_FIND && info->only & ON(CREATE))
		errx(EXIT_FAILURE, "option --%s must be combined with --size",
		     info->name);
	errx(EXIT_FAILURE, "option --%s makes no sense here", info->name);
}

static void options_check(const struct options *opts)
{
	size_t i;

	if (opts->action != ACTION_CREATE && opts->action != ACTION_RESET &&
	    (opts->algorithm || opts->params || opts->streams))
		errx(EXIT_FAILURE,
		     "options --algorithm, --algorithm-params, and --streams must be combined with --size");
	for (i = 0; i < NR_INFOS; i++)
		if (given[infos[i].key] && infos[i].only &&
		    !(infos[i].only & 1U << opts->action))
			option_misplaced(opts, &infos[i]);
	options_check_args(opts);
	if (opts->action == ACTION_CHANGE && opts->persist == PERSIST_PLAIN)
		errx(EXIT_FAILURE, "--persistent needs =on or =off here");
}

static void options_getopt(struct option *longs, char *shorts)
{
	size_t i;

	for (i = 0; i < NR_INFOS; i++) {
		longs[i].name = infos[i].name;
		longs[i].has_arg = infos[i].has_arg;
		longs[i].val = infos[i].key;
		if (infos[i].key >= 256)
			continue;
		*shorts++ = infos[i].key;
		if (infos[i].has_arg == required_argument)
			*shorts++ = ':';
	}
	*shorts = '\0';
}

/**
 * options_parse() - read the command line
 * @opts: gets it
 * @argc: of main()
 * @argv: of main()
 *
 * Return: only if it makes sense; ends the program with a message otherwise.
 */
void options_parse(struct options *opts, int argc, char **argv)
{
	struct option longs[NR_INFOS + 1] = {};
	char shorts[2 * NR_INFOS + 1];
	int key;

	if (secure_getenv("ZRAMCTL_ROOT"))
		root_set(secure_getenv("ZRAMCTL_ROOT"));
	options_getopt(longs, shorts);
	while ((key = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		option_exclude(key);
		if (key < KEY_END)
			given[key] = true;
		if (key == '?' || option_info(key)->has_arg == no_argument)
			option_flag(opts, key);
		else
			option_take(opts, key, optarg);
	}
	opts->nr_args = argc - optind;
	opts->args = argv + optind;
	opts->action = options_action(opts);
	options_check(opts);
	root_check();
}

/**
 * options_dump() - print the table of options, for scripts
 *
 * A line for each: long name, letter or "-", "no", "required" or "optional",
 * and what may be the argument, with tabs between them. Then a line for each
 * column: "column", and its name.
 */
void options_dump(void)
{
	static const char *const has_arg[] = { "no", "required", "optional" };
	size_t i;

	for (i = 0; i < NR_INFOS; i++)
		if (infos[i].help)
			printf("option\t%s\t%c\t%s\t%s\n", infos[i].name,
			       infos[i].key < 256 ? infos[i].key : '-',
			       has_arg[infos[i].has_arg],
			       infos[i].complete ? infos[i].complete : "none");
	for (i = 0; i < nr_columns; i++)
		printf("column\t%s\n", columns[i].name);
}
