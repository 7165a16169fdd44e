// SPDX-License-Identifier: GPL-2.0
/*
 * asuser UID COMMAND...: run a command as a user who is in no group but his own,
 * and who need not exist.
 */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long id;

	if (argc < 3)
		return 2;
	id = strtol(argv[1], NULL, 10);
	if (setgroups(0, NULL) || setgid(id) || setuid(id)) {
		perror("asuser");
		return 2;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
