/* SPDX-License-Identifier: Apache-2.0 */
/* A lock's owner that is stopped, a zombie, forked, or large when it dies: no false takeover, and none missed. */
#include "tests/process/storm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/layout.h"
#include "core/lock.h"
#include "platform/clock.h"

#define MEGABYTE       (UINT64_C(1) << 20)
#define LIVES_PER_SIZE 5u
#define TRIES	       20u

static struct takt_node node;
static struct takt_publisher publisher;
static uint32_t failed;
static int ready[2]; /* a pipe: the owner says that it holds the lock */

static void check(int condition, const char *what)
{
	if (condition)
		return;
	failed++;
	(void)printf("FAILED: %s\n", what);
}

enum owner_kind { OWNER_PLAIN, OWNER_FORKS_AND_DIES, OWNER_CHILD_DIES };

/* Takes the lock of the shared topic and keeps it for ever. */
static void own(enum owner_kind kind, uint64_t bytes)
{
	static struct takt_node owner;
	static struct takt_publisher owns;
	unsigned char *memory = malloc(bytes);
	int taken_over;
	char said = 'y';

	if (memory == NULL || takt_node_join(&owner, storm_config_path, "shared_b") != TAKT_OK ||
	    takt_publisher_attach(&owns, &owner, "shared", storm_type) != TAKT_OK ||
	    takt_lock_take_until(&owns.lock, takt_os_clock_now_ns() + TAKT_NS_PER_S, &taken_over) != TAKT_OK)
		_exit(1);
	/* Every page, and not zeros that a clever system would share. */
	for (uint64_t at = 0; at < bytes; at += 4096)
		memory[at] = (unsigned char)(at >> 12 | 1);
	const pid_t child = kind == OWNER_PLAIN ? 0 : fork();
	if (kind == OWNER_CHILD_DIES && child == 0)
		_exit(0);
	if (kind == OWNER_FORKS_AND_DIES && child == 0) {
		/* Lives on with whatever it inherited; ends with the harness's pipe. */
		(void)sleep(2);
		_exit(0);
	}
	if (kind == OWNER_CHILD_DIES)
		(void)waitpid(child, NULL, 0);
	(void)!write(ready[1], &said, 1);
	if (kind == OWNER_FORKS_AND_DIES)
		(void)raise(SIGKILL);
	for (;;)
		(void)pause();
}

static pid_t start_owner(enum owner_kind kind, uint64_t bytes)
{
	char said = 'n';
	const pid_t child = fork();

	if (child == 0)
		own(kind, bytes);
	check(read(ready[0], &said, 1) == 1 && said == 'y', "an owner takes the lock");
	return child;
}

static enum takt_status publish(void)
{
	struct storm_message message;

	storm_fill(&message, 1);
	return takt_publish(&publisher, &message, NULL);
}

static uint64_t takeovers(void)
{
	const struct takt_topic_shm *shared = publisher.segment.address;

	return atomic_load(&shared->lock.takeover_count);
}

static void end(pid_t child)
{
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
}

static void check_stopped(void)
{
	const uint64_t before = takeovers();
	const pid_t owner = start_owner(OWNER_PLAIN, MEGABYTE);
	uint32_t timeouts = 0;

	(void)kill(owner, SIGSTOP);
	(void)waitpid(owner, NULL, WUNTRACED);
	for (uint32_t i = 0; i < TRIES; i++)
		timeouts += publish() == TAKT_TIMEOUT;
	check(timeouts == TRIES && takeovers() == before, "a stopped owner keeps its lock: TIMEOUT for the others");
	(void)kill(owner, SIGCONT);
	check(publish() == TAKT_TIMEOUT && takeovers() == before, "an owner that goes on keeps its lock");
	(void)kill(owner, SIGSTOP);
	end(owner);
	check(publish() == TAKT_OK && takeovers() == before + 1, "an owner killed while stopped is followed");
}

static void check_zombie(void)
{
	const uint64_t before = takeovers();
	const pid_t owner = start_owner(OWNER_PLAIN, MEGABYTE);
	siginfo_t info;

	(void)kill(owner, SIGKILL);
	/* Dead and not reaped: kill(pid, 0) calls it alive. */
	(void)waitid(P_PID, (id_t)owner, &info, WEXITED | WNOWAIT);
	check(kill(owner, 0) == 0 && publish() == TAKT_OK && takeovers() == before + 1,
	      "a zombie's lock is taken over");
	(void)waitpid(owner, NULL, 0);
}

static void check_forked(void)
{
	uint64_t before = takeovers();
	pid_t owner = start_owner(OWNER_FORKS_AND_DIES, MEGABYTE);

	(void)waitpid(owner, NULL, 0);
	check(publish() == TAKT_OK && takeovers() == before + 1, "a dead owner is followed though its child lives");
	before = takeovers();
	owner = start_owner(OWNER_CHILD_DIES, MEGABYTE);
	check(publish() == TAKT_TIMEOUT && takeovers() == before, "an owner whose child died keeps its lock");
	end(owner);
	check(publish() == TAKT_OK && takeovers() == before + 1, "and is followed when it dies itself");
}

static int compare(const void *a, const void *b)
{
	const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
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
		check(publish() == TAKT_OK, "the dead owner's lock is taken over within a second");
		took_ns[i] = takt_os_clock_now_ns() - began_ns;
		(void)waitpid(owner, NULL, 0);
	}
	publisher.lock_bound_ns = STORM_LOCK_BOUND_NS;
	qsort(took_ns, LIVES_PER_SIZE, sizeof(took_ns[0]), compare);
	(void)printf("takeover from an owner of %3llu MB, kill to sample: median %.2f ms, longest %.2f ms of %u\n",
		     (unsigned long long)megabytes, (double)took_ns[LIVES_PER_SIZE / 2] / 1e6,
		     (double)took_ns[LIVES_PER_SIZE - 1] / 1e6, LIVES_PER_SIZE);
}

uint32_t storm_owners(void)
{
	if (pipe(ready) != 0 || takt_node_join(&node, storm_config_path, "shared_a") != TAKT_OK ||
	    takt_publisher_attach(&publisher, &node, "shared", storm_type) != TAKT_OK) {
		check(0, "the domain can be used");
		return failed;
	}
	check_stopped();
	check_zombie();
	check_forked();
	measure(1);
	measure(64);
	measure(256);
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return failed;
}
