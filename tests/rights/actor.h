/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and what they say. Users are plain numbers that own nothing on any machine: no file of the system is touched. Every attempt
 * runs in a process of its own that has become the user entirely, as a login would make it.
 */
#ifndef TAKT_TEST_RIGHTS_ACTOR_H
#define TAKT_TEST_RIGHTS_ACTOR_H

#include <stdint.h>
#include <sys/types.h>

#define GROUP_MEMBERS	 61100 /* may join the domain */
#define GROUP_PUBLISHERS 61101 /* may publish the shared topic too */

enum actor {
	ACTOR_ROOT,
	ACTOR_PUBLISHER, /* owns the topics */
	ACTOR_TWIN,	 /* a member; publishes the shared topic */
	ACTOR_READER,	 /* a member: may write the roster, no topic */
	ACTOR_INTRUDER,	 /* a member that wishes the others ill */
	ACTOR_STRANGER,	 /* no right to anything */
	ACTOR_VICTIM,	 /* owns a file that nobody else may change */
	ACTOR_COUNT
};

uid_t actor_user(enum actor actor);
gid_t actor_group(enum actor actor);
const char *actor_name(enum actor actor);

/* Becomes the user for good: groups, identity, and what a fresh login could do to itself through /proc. Ends the process if it fails. */
void actor_become(enum actor actor);

/* What a process printed, on both of its outputs, and how it ended. */
struct said {
	int code; /* its exit code; 128 + its signal */
	char text[16384];
};

/* Runs `body` in a process of the actor's, with the umask; it ends with the result. At most LIFE_MS_MAX, then it is killed. */
#define LIFE_MS_MAX 60000
void actor_run(struct said *said, enum actor actor, mode_t mask, int (*body)(void *context), void *context);

/* The same for a program. */
void actor_execute(struct said *said, enum actor actor, mode_t mask, const char *const *arguments);

/* One that goes on living: it reads orders from `orders` and answers on `answers`; 'q' or the end of the orders ends it. */
struct companion {
	pid_t process;
	int orders;
	int answers;
	char log[96]; /* what it says */
};
void companion_start(struct companion *companion, enum actor actor, int (*body)(int orders, int answers, void *context),
		     void *context);
/* Sends one byte and waits for the answer; 0 when it has ended. */
char companion_ask(const struct companion *companion, char order);
/* Sends 'q' and waits. Returns its exit code. */
int companion_end(struct companion *companion);

/* What it has said so far. */
void companion_said(const struct companion *companion, struct said *said);

/* Counted over all processes. A failure is printed with the case's name. */
void expect(int holds, const char *format, ...) __attribute__((format(printf, 2, 3)));
void expect_said(const struct said *said, const char *part, const char *when);
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void begin_case(const char *name);
void report_init(void);
uint64_t report_check_count(void);
uint64_t report_failure_count(void);

#endif
