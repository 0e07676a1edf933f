/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to change an object that one may only read. Each is tried by the user himself and must end with the right error. */
#ifndef TAKT_TEST_RIGHTS_DOORS_H
#define TAKT_TEST_RIGHTS_DOORS_H

#include <stdint.h>
#include <sys/types.h>

#define DOOR_ERRORS_MAX 4
#define DOOR_ABSENT	(-1) /* this kernel has no such door */

/* What is behind the doors. */
struct target {
	const char *folder;
	const char *name;
	const char *path;
	int descriptor;		/* the library's own, for reading */
	unsigned char *address; /* and its mapping */
	uint64_t bytes;
	pid_t writer;	       /* the process that may write it */
	int writer_descriptor; /* its descriptor of it */
};

struct door {
	const char *name;
	int (*try_it)(const struct target *target); /* 0: it stood open; an errno; DOOR_ABSENT */
	int errors[DOOR_ERRORS_MAX];
};

struct takt_os_shm;

/* Every door to an object of the domain's folder that this process may only read. @param segment its own mapping */
void doors_try_all(const char *name, const struct takt_os_shm *segment, pid_t writer);

/* Each list ends with a door without a name. */
extern const struct door doors_of_files[];
extern const struct door doors_of_memory[];
extern const struct door doors_of_processes[];
extern const struct door doors_of_kernels[]; /* rings and handlers of newer kernels */

#endif
