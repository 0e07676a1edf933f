/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners that are stopped, zombies, forked, another program by now, large when they die, or whose process number lives on in somebody else:
 * no false takeover, and none missed. Two rights: the lock of a topic with several publishers, and the topic of a single one.
 */
#include "tests/process/storm/storm.h"

#include <errno.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/layout.h"
#include "core/lock.h"
#include "platform/clock.h"
#include "platform/message.h"

#define MEGABYTE       (UINT64_C(1) << 20)
#define LIVES_PER_SIZE 5u
#define TRIES	       20u
#define HEAR_MS_MAX    10000
#define SLEEP_PROGRAM  "/bin/sleep"

static struct takt_node node, heir;
static struct takt_publisher publisher, solo;
static int ready[2];  /* a pipe: the owner says that it has the right */
static int answer[2]; /* a pipe: a fork's child says what it was told */

/* --------------------------------------------------------------------------------------------------------- rights */

static enum takt_status try_lock(void)
{
	struct storm_message message;

	storm_fill(&message, 0, 1);
	return takt_publish(&publisher, &message, NULL);
}

/* The right to publish alone is tried by attaching. */
static enum takt_status try_solo(void)
{
	return takt_publisher_attach(&solo, &heir, "solo", storm_type);
}

static uint64_t lock_takeovers(void)
{
	const struct takt_topic_shm *shared = publisher.segment.address;

	return atomic_load(&shared->lock.takeover_count);
}

/* Behind a try that succeeded. */
static uint64_t solo_takeovers(void)
{
	const struct takt_topic_shm *shared = solo.segment.address;

	return shared ? atomic_load(&shared->takeover_count) : 0;
}

static const struct right {
	const char *name;
	const char *owner; /* the owner's node */
	const char *topic;
	enum takt_status (*try)(void);
	enum takt_status refusal; /* what others get while the owner lives */
	int is_lock;
} rights[] = {
	{"lock", "shared_b", "shared", try_lock, TAKT_TIMEOUT, 1},
	{"topic", "single", "solo", try_solo, TAKT_BUSY, 0},
};
#define RIGHT_COUNT (sizeof(rights) / sizeof(rights[0]))

static const struct right *right;

static void check(int condition, const char *what)
{
	char text[160];

	(void)snprintf(text, sizeof(text), "%s: %s", right->name, what);
	storm_check(condition, text);
}

/* ---------------------------------------------------------------------------------------------------------- owner */

enum owner_kind { OWNER_PLAIN, OWNER_FORKS_AND_DIES, OWNER_CHILD_DIES, OWNER_EXECUTES };

static struct takt_node owner_node;
static struct takt_publisher owns;

/* What a fork's child may do with its parent's right: nothing. */
static void act_as_child(void)
{
	struct storm_message message;

	storm_fill(&message, 1, 1);
	const enum takt_status status = takt_publish(&owns, &message, NULL);
	(void)!write(answer[1], &status, sizeof(status));
}

static void own_for_ever(enum owner_kind kind)
{
	char said = 'y';
	const pid_t child = kind == OWNER_FORKS_AND_DIES || kind == OWNER_CHILD_DIES ? fork() : -1;

	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, 0);
		act_as_child();
		/* The dead owner's child lives on with whatever it inherited. */
		if (kind == OWNER_FORKS_AND_DIES)
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + 2 * TAKT_NS_PER_S);
		_exit(0);
	}
	if (kind == OWNER_CHILD_DIES)
		(void)waitpid(child, NULL, 0);
	(void)!write(ready[1], &said, 1);
	if (kind == OWNER_FORKS_AND_DIES)
		(void)raise(SIGKILL);
	if (kind == OWNER_EXECUTES)
		(void)execl(SLEEP_PROGRAM, SLEEP_PROGRAM, "60", (char *)NULL);
	for (;;)
		(void)pause();
}

/* Takes the right and keeps it for ever. */
static void own(enum owner_kind kind, uint64_t bytes)
{
	unsigned char *memory = malloc((size_t)bytes);
	int taken_over;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (memory == NULL || takt_node_join(&owner_node, storm_config_path, right->owner) != TAKT_OK ||
	    takt_publisher_attach(&owns, &owner_node, right->topic, storm_type) != TAKT_OK ||
	    (right->is_lock &&
	     takt_lock_take_until(&owns.lock, takt_os_clock_now_ns() + TAKT_NS_PER_S, &taken_over) != TAKT_OK))
		_exit(1);
	/* Every page, and not zeros that a clever system would share. */
	for (uint64_t at = 0; at < bytes; at += 4096)
		memory[at] = (unsigned char)(at >> 12 | 1);
	own_for_ever(kind);
}

/* From a pipe that nobody may ever write to: an owner that could not begin says nothing. */
static int hear(int pipe_end, void *what, size_t bytes)
{
	struct pollfd polled = {.fd = pipe_end, .events = POLLIN};

	return poll(&polled, 1, HEAR_MS_MAX) == 1 && read(pipe_end, what, bytes) == (ssize_t)bytes;
}

static void await_ready(void)
{
	char said = 'n';

	check(hear(ready[0], &said, 1) && said == 'y', "an owner takes its right");
}

static pid_t start_owner(enum owner_kind kind, uint64_t bytes)
{
	const pid_t child = fork();

	if (child == 0)
		own(kind, bytes);
	await_ready();
	return child;
}

static void end(pid_t child)
{
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
}

/* ---------------------------------------------------------------------------------------------------------- cases */

/* The right is refused, again and again, and nothing is counted as a takeover. */
static void refused(const char *what)
{
	const uint64_t before = lock_takeovers();
	uint32_t refusals = 0;

	for (uint32_t i = 0; i < TRIES; i++) {
		const enum takt_status status = right->try();
		refusals += status == right->refusal;
		if (status == TAKT_OK && !right->is_lock)
			takt_publisher_detach(&solo);
	}
	check(refusals == TRIES && lock_takeovers() == before, what);
}

/* The right is given at the first try, and that is one takeover. */
static void followed(const char *what)
{
	static uint64_t solo_before;
	const uint64_t before = right->is_lock ? lock_takeovers() : solo_before;
	const enum takt_status status = right->try();
	const uint64_t after = right->is_lock ? lock_takeovers() : solo_takeovers();

	/* The first look at the topic's own count tells only that there was one. */
	check(status == TAKT_OK && (right->is_lock || solo_before != 0 ? after == before + 1 : after != 0), what);
	if (!right->is_lock) {
		solo_before = after;
		takt_publisher_detach(&solo);
	}
}

static void check_stopped(void)
{
	const pid_t owner = start_owner(OWNER_PLAIN, MEGABYTE);

	refused("an owner that runs keeps its right");
	(void)kill(owner, SIGSTOP);
	(void)waitpid(owner, NULL, WUNTRACED);
	refused("a stopped owner keeps its right");
	(void)kill(owner, SIGCONT);
	refused("an owner that goes on keeps its right");
	(void)kill(owner, SIGSTOP);
	end(owner);
	followed("an owner killed while stopped is followed");
}

static void check_zombie(void)
{
	const pid_t owner = start_owner(OWNER_PLAIN, MEGABYTE);
	siginfo_t info;

	(void)kill(owner, SIGKILL);
	/* Dead and not reaped: kill(pid, 0) calls it alive. */
	(void)waitid(P_PID, (id_t)owner, &info, WEXITED | WNOWAIT);
	check(kill(owner, 0) == 0, "a zombie looks alive to kill()");
	followed("a zombie is followed");
	(void)waitpid(owner, NULL, 0);
}

static void check_forked(void)
{
	enum takt_status told = TAKT_OK;
	pid_t owner = start_owner(OWNER_FORKS_AND_DIES, MEGABYTE);

	(void)waitpid(owner, NULL, 0);
	/* The child has begun: it holds whatever a fork's child holds. */
	check(hear(answer[0], &told, sizeof(told)) && told == TAKT_CLOSED,
	      "a child of a fork cannot publish for its parent");
	followed("a dead owner is followed though its child lives");
	if (storm_failed != 0)
		return;
	owner = start_owner(OWNER_CHILD_DIES, MEGABYTE);
	check(hear(answer[0], &told, sizeof(told)) && told == TAKT_CLOSED,
	      "a child of a fork cannot publish while its parent lives");
	refused("an owner whose child died keeps its right");
	end(owner);
	followed("and is followed when it dies itself");
}

/* Another program in the same process: the number lives, the owner does not. */
static void check_executed(void)
{
	char name[32], path[64];
	uint32_t is_other = 0;

	if (access(SLEEP_PROGRAM, X_OK) != 0) {
		(void)printf("%s: executed: skipped: no %s here\n", right->name, SLEEP_PROGRAM);
		return;
	}
	const pid_t owner = start_owner(OWNER_EXECUTES, MEGABYTE);
	const uint64_t end_ns = takt_os_clock_now_ns() + 10 * TAKT_NS_PER_S;
	(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)owner);
	while (!is_other && takt_os_clock_now_ns() < end_ns) {
		FILE *file = fopen(path, "r");
		is_other = file != NULL && fgets(name, sizeof(name), file) != NULL && strcmp(name, "sleep\n") == 0;
		if (file != NULL)
			(void)fclose(file);
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS / 10);
	}
	check(is_other && kill(owner, 0) == 0, "an owner becomes another program");
	followed("an owner that became another program is followed though its process lives");
	end(owner);
}

/* A process with this number. @retval -1 the system does not allow to choose */
static pid_t fork_as(pid_t number)
{
	struct clone_args arguments = {.exit_signal = SIGCHLD,
				       .set_tid = (uint64_t)(uintptr_t)&number,
				       .set_tid_size = 1};

	return (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
}

static void check_reused(void)
{
	pid_t owner = start_owner(OWNER_PLAIN, MEGABYTE);

	end(owner);
	/* Somebody who has nothing to do with takt gets the dead one's number. */
	const pid_t stranger = fork_as(owner);
	if (stranger == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* A bare clone runs no fork handlers, and this one is to be nobody. */
		(void)execl(SLEEP_PROGRAM, SLEEP_PROGRAM, "60", (char *)NULL);
		_exit(0);
	}
	if (stranger < 0) {
		(void)printf("%s: reused number: skipped: the system does not let a process choose one: %s\n",
			     right->name, strerror(errno));
		followed("a dead owner is followed");
		return;
	}
	check(stranger == owner, "a process gets the dead owner's number");
	followed("a dead owner is followed though its number lives");
	end(stranger);
	/* And the other way round: an owner with the number of a dead one. */
	const pid_t next = fork_as(owner);
	if (next == 0)
		own(OWNER_PLAIN, MEGABYTE);
	if (next < 0) {
		check(0, "a number can be chosen twice");
		return;
	}
	await_ready();
	check(next == owner, "an owner gets a dead one's number");
	refused("an owner with a dead one's number keeps its right");
	end(next);
	followed("and is followed when it dies");
}

static void (*const cases[])(void) = {check_stopped, check_zombie, check_forked, check_reused, check_executed};
#define CASE_COUNT (sizeof(cases) / sizeof(cases[0]))

/* -------------------------------------------------------------------------------------------------------- latency */

static int compare(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right_hand = *(const uint64_t *)b;

	return left < right_hand ? -1 : left > right_hand;
}

/* From the kill to the sample of the one who waited for the lock. */
static void measure(uint64_t megabytes)
{
	uint64_t took_ns[LIVES_PER_SIZE];

	/* A large one takes longer to die than a publish may wait. */
	publisher.lock_bound_ns = TAKT_NS_PER_S;
	for (uint32_t i = 0; i < LIVES_PER_SIZE; i++) {
		const pid_t owner = start_owner(OWNER_PLAIN, megabytes * MEGABYTE);
		const uint64_t began_ns = takt_os_clock_now_ns();
		(void)kill(owner, SIGKILL);
		check(try_lock() == TAKT_OK, "the dead owner's lock is taken over within a second");
		took_ns[i] = takt_os_clock_now_ns() - began_ns;
		(void)waitpid(owner, NULL, 0);
	}
	publisher.lock_bound_ns = STORM_LOCK_BOUND_NS;
	qsort(took_ns, LIVES_PER_SIZE, sizeof(took_ns[0]), compare);
	(void)printf("takeover from an owner of %3llu MB, kill to sample: median %.2f ms, longest %.2f ms of %u\n",
		     (unsigned long long)megabytes, (double)took_ns[LIVES_PER_SIZE / 2] / 1e6,
		     (double)took_ns[LIVES_PER_SIZE - 1] / 1e6, LIVES_PER_SIZE);
}

/* Refusals are expected here by the dozen; what they say is tested elsewhere. */
static void say_nothing(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)text;
}

void storm_owners(void)
{
	takt_message_handler_set(say_nothing, NULL);
	right = &rights[0];
	check(pipe(ready) == 0 && pipe(answer) == 0 &&
		      takt_node_join(&node, storm_config_path, "shared_a") == TAKT_OK &&
		      takt_publisher_attach(&publisher, &node, "shared", storm_type) == TAKT_OK &&
		      takt_node_join(&heir, storm_heir_config_path, "heir") == TAKT_OK,
	      "the domain can be used");
	for (uint32_t i = 0; i < RIGHT_COUNT && storm_failed == 0; i++) {
		right = &rights[i];
		for (uint32_t k = 0; k < CASE_COUNT && storm_failed == 0; k++)
			cases[k]();
	}
	right = &rights[0];
	for (uint64_t megabytes = 1; storm_failed == 0 && megabytes <= 256; megabytes *= megabytes == 1 ? 64 : 4)
		measure(megabytes);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	takt_node_leave(&heir);
}
