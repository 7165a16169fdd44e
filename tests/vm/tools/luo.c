// SPDX-License-Identifier: GPL-2.0
/*
 * luo put PIDFILE <DATA: copy stdin to a memfd, and have the Live Update
 * Orchestrator keep it.
 * luo back PIDFILE: get it back in the next kernel.
 *
 * Both leave a process, named in PIDFILE, that holds the file as descriptor 3: it
 * can be read as /proc/PID/fd/3. What Live Update keeps is dropped when the process
 * that asked for it ends.
 *
 * The interface is that of include/uapi/linux/liveupdate.h, which the headers of
 * this machine's C library do not have.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK	(1 << 20)
#define HELD_FD	3
#define TOKEN	1

struct session {
	uint32_t size;
	int32_t fd;
	char name[64];
};

struct session_file {
	uint32_t size;
	int32_t fd;
	uint64_t token __attribute__((aligned(8)));
};

struct session_finish {
	uint32_t size;
	uint32_t reserved;
};

#define CREATE_SESSION		_IO(0xba, 0x00)
#define RETRIEVE_SESSION	_IO(0xba, 0x01)
#define PRESERVE_FD		_IO(0xba, 0x40)
#define RETRIEVE_FD		_IO(0xba, 0x41)
#define FINISH			_IO(0xba, 0x42)

static void die(const char *what)
{
	fprintf(stderr, "luo: ");
	perror(what);
	exit(1);
}

static int open_session(unsigned long request)
{
	struct session session = { .size = sizeof(session), .name = "compare" };
	int luo = open("/dev/liveupdate", O_RDWR);

	if (luo < 0 || ioctl(luo, request, &session))
		die("/dev/liveupdate");
	close(luo);
	return session.fd;
}

static void fill(int memfd)
{
	static char chunk[CHUNK];
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, CHUNK)) > 0)
		if (write(memfd, chunk, n) != n)
			die("memfd");
	if (n)
		die("stdin");
}

/* Returns the file. The session stays open. */
static int put(void)
{
	struct session_file file = { .size = sizeof(file), .token = TOKEN };
	int session = open_session(CREATE_SESSION);

	file.fd = memfd_create("luo", MFD_CLOEXEC);
	if (file.fd < 0)
		die("memfd_create");
	fill(file.fd);
	if (ioctl(session, PRESERVE_FD, &file))
		die("preserve");
	return file.fd;
}

static int back(void)
{
	struct session_file file = { .size = sizeof(file), .token = TOKEN };
	struct session_finish finish = { .size = sizeof(finish) };
	int session = open_session(RETRIEVE_SESSION);

	if (ioctl(session, RETRIEVE_FD, &file))
		die("retrieve");
	if (ioctl(session, FINISH, &finish))
		die("finish");
	close(session);
	return file.fd;
}

/* The parent ends, and so says that all is done. The child never does. */
static void hold(int fd, const char *pidfile)
{
	FILE *out = fopen(pidfile, "w");
	pid_t pid = out ? fork() : -1;

	if (pid < 0)
		die(pidfile);
	if (pid) {
		fprintf(out, "%d\n", pid);
		exit(fclose(out) ? 1 : 0);
	}
	fclose(out);
	dup2(fd, HELD_FD);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int is_put = argc == 3 && !strcmp(argv[1], "put");

	if (argc != 3 || (!is_put && strcmp(argv[1], "back"))) {
		fprintf(stderr, "usage: luo put|back PIDFILE\n");
		return 2;
	}
	hold(is_put ? put() : back(), argv[2]);
}
