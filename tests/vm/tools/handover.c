// SPDX-License-Identifier: GPL-2.0
/*
 * handover: writes down, in the format of tests/fuzz/image_format.h, what the
 * previous kernel has handed over. To be run before a driver takes it, in a
 * kernel that lets /dev/mem read all memory. Where the record is in memory is
 * not known here; any other place will do.
 */
#include <fcntl.h>
#include <unistd.h>
#include "../../fuzz/image_write.h"

#define RECORD	"/sys/kernel/debug/kho/in/sub_fdts/zram"
#define PLACE	0x100000ULL

static void read_memory(void *data, __u64 phys, void *to, unsigned int len)
{
	if (pread(*(int *)data, to, len, phys) == (ssize_t)len)
		return;
	fprintf(stderr, "/dev/mem at %#llx: ", phys);
	perror(NULL);
	exit(1);
}

static void read_record(struct zram_persist_record *record)
{
	int fd = open(RECORD, O_RDONLY);

	if (fd < 0 || read(fd, record, sizeof(*record)) != sizeof(*record)) {
		perror(RECORD);
		exit(1);
	}
	close(fd);
}

int main(void)
{
	int mem = open("/dev/mem", O_RDONLY);
	struct image_writer writer = {
		.read = read_memory, .data = &mem, .out = stdout,
	};
	struct zram_persist_record record;

	if (mem < 0) {
		perror("/dev/mem");
		return 1;
	}
	read_record(&record);
	image_write(&writer, PLACE, &record);
	if (fflush(stdout)) {
		perror("stdout");
		return 1;
	}
	return 0;
}
