/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consumers and users of synchronisation objects that lie with everything they may write: a queue's state, the objects' segments, the
 * roster. One process, one thread: mutations, then an honest call, and so on; the same for the same seed.
 *
 *	hostile_toolbox [--operations N] [--seed N]
 *
 * What must hold: every call ends, with a status that its header lists, and takes no more processor time than a call may; nothing outside
 * the segments is touched (guard pages and sanitizers see to that); and what is taken from a queue is an item that its producer pushed,
 * whole, for a consumer may lose and repeat items and never change one.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "platform/clock.h"
#include "platform/message.h"
#include "tests/hostile/toolbox.h"

#define HEAL_EACH     4096u /* turns, after which everything is put back once */
#define BATCH_MAX     8u    /* mutations before a turn */
#define WAIT_NS	      (300 * TAKT_NS_PER_US)
#define STILL_SECONDS 60u
#define TARGET_MAX    8u
#define HOLDERS_COUNT 2u

static const char config_text[] = "domain: " DOMAIN "\n"
				  "wait_slice_us: 200\n"
				  "lock_bound_us: 200\n"
				  "queues:\n"
				  "  - {name: jobs, type: message, bytes: 80, depth: 8, bands: 3, deliveries: 3}\n"
				  "  - {name: newest, type: message, bytes: 80, depth: 4, when_full: drop_oldest}\n"
				  "syncs:\n"
				  "  - {name: units, kind: semaphore, initial: 3}\n"
				  "  - {name: wakes, kind: semaphore, undo: false, maximum: 5}\n"
				  "  - {name: gate, kind: mutex}\n"
				  "  - {name: table, kind: rwlock}\n"
				  "  - {name: flags, kind: events}\n"
				  "  - {name: start, kind: barrier, members: 2}\n"
				  "nodes:\n"
				  "  - {name: boss, program: x, pushes: [jobs, newest], waiters: 0}\n"
				  "  - {name: anna, program: x, takes: [jobs, newest], "
				  "uses: [units, wakes, gate, table, flags, start]}\n"
				  "  - {name: bert, program: x, takes: [jobs, newest], "
				  "uses: [units, wakes, gate, table, flags, start]}\n";

static struct user users[HOLDERS_COUNT];
static struct takt_node boss;
struct takt_producer producers[2];
const char *const queue_names[2] = {"jobs", "newest"};

static const char *const target_names[TARGET_MAX] = {"roster",	   "state.jobs", "state.newest", "sync.units",
						     "sync.wakes", "sync.gate",	 "sync.table",	 "sync.flags"};
static struct {
	unsigned char *base, *copy;
	size_t bytes;
} targets[TARGET_MAX + 1];
static uint32_t target_count;

static uint64_t random_state, turn, mutation_count;
static uint64_t outcomes[KIND_COUNT][TAKT_STATUS_COUNT];
static uint64_t cpu_ns_max;
static const char *doing = "its beginning";

void broken(const char *format, ...)
{
	va_list arguments;

	(void)printf("FAILED: ");
	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	(void)printf(" (turn %llu, in %s)\n", (unsigned long long)turn, doing);
	(void)fflush(stdout);
	_Exit(1);
}

static void stand_still(int number)
{
	(void)number;
	(void)!write(STDOUT_FILENO, "FAILED: a call does not end: ", 29);
	(void)!write(STDOUT_FILENO, doing, strlen(doing));
	(void)!write(STDOUT_FILENO, "\n", 1);
	_Exit(1);
}

uint64_t draw(uint64_t bound)
{
	return world_random(&random_state) % bound;
}

/* --------------------------------------------------------------------------------------------------------- liars */

static uint64_t lie(uint64_t now)
{
	static const uint64_t boundaries[] = {
		0, 1, 2, 0x7f, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX, UINT64_MAX, UINT64_C(1) << 63};
	const uint64_t tokens[] = {boss.token, users[0].node.token, users[1].node.token, 4711};

	switch (draw(8)) {
	case 0:
		return now + 1;
	case 1:
		return now - 1;
	case 2:
		return now ^ UINT64_C(1) << draw(64);
	case 3:
		return now + draw(64) * 8;
	case 4:
		return tokens[draw(4)] | draw(2) << 63;
	case 5:
		return world_random(&random_state) >> draw(64);
	default:
		return boundaries[draw(sizeof(boundaries) / sizeof(boundaries[0]))];
	}
}

void mutate(void)
{
	const uint32_t index = (uint32_t)draw(target_count);
	const size_t offset = (size_t)draw(targets[index].bytes / 8) * 8;
	_Atomic uint64_t *word = (_Atomic uint64_t *)(void *)(targets[index].base + offset);
	/* Relaxed: no order makes a lie better. */
	const uint64_t now = atomic_load_explicit(word, memory_order_relaxed);
	const uint64_t value = lie(now);

	mutation_count++;
	if (draw(3) == 0)
		atomic_store_explicit((_Atomic uint32_t *)(void *)(targets[index].base + offset + draw(2) * 4),
				      (uint32_t)value, memory_order_relaxed);
	else
		atomic_store_explicit(word, value, memory_order_relaxed);
}

void heal(void)
{
	for (uint32_t i = 0; i < target_count; i++)
		memcpy(targets[i].base, targets[i].copy, targets[i].bytes);
}

static void map(const char *object)
{
	char path[PATH_BYTES];
	struct stat found;

	world_path(path, object);
	const int file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0 || fstat(file, &found) != 0) {
		perror(path);
		exit(2);
	}
	targets[target_count].bytes = (size_t)found.st_size / 8 * 8;
	targets[target_count].base =
		mmap(NULL, targets[target_count].bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	targets[target_count].copy = malloc(targets[target_count].bytes);
	if (targets[target_count].base == MAP_FAILED || targets[target_count].copy == NULL)
		exit(2);
	memcpy(targets[target_count].copy, targets[target_count].base, targets[target_count].bytes);
	target_count++;
	(void)close(file);
}

/* --------------------------------------------------------------------------------------------------------- calls */

static uint64_t cpu_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * TAKT_NS_PER_S + (uint64_t)now.tv_nsec;
}

/* What each call may answer: its header's list. */
#define MAY(status) (UINT32_C(1) << -(TAKT_##status))
static const struct {
	const char *name;
	uint32_t may;
} kinds[KIND_COUNT] = {
	{"push", MAY(FULL) | MAY(TIMEOUT) | MAY(CORRUPT)},
	{"take", MAY(EMPTY) | MAY(TIMEOUT) | MAY(OVERTAKEN) | MAY(CORRUPT) | MAY(MISMATCH)},
	{"take until", MAY(TIMEOUT) | MAY(OVERTAKEN) | MAY(CORRUPT) | MAY(MISMATCH)},
	{"acknowledge", MAY(OVERTAKEN) | MAY(INVALID) | MAY(CORRUPT)},
	{"give back", MAY(TIMEOUT) | MAY(OVERTAKEN) | MAY(INVALID) | MAY(CORRUPT)},
	{"semaphore wait", MAY(TIMEOUT) | MAY(BUSY) | MAY(CORRUPT)},
	{"semaphore post", MAY(INVALID) | MAY(FULL) | MAY(TIMEOUT) | MAY(CORRUPT)},
	{"mutex", MAY(TIMEOUT) | MAY(BUSY) | MAY(CORRUPT)},
	{"rwlock", MAY(TIMEOUT) | MAY(BUSY) | MAY(CORRUPT)},
	{"events", MAY(TIMEOUT) | MAY(BUSY) | MAY(CORRUPT)},
	{"barrier", MAY(TIMEOUT) | MAY(BUSY) | MAY(ABSENT) | MAY(CORRUPT)},
	{"rwlock unlock", MAY(TIMEOUT) | MAY(CORRUPT)},
};

static uint64_t began_cpu_ns;

uint64_t begin(enum kind kind)
{
	doing = kinds[kind].name;
	began_cpu_ns = cpu_now_ns();
	return takt_os_clock_now_ns() + WAIT_NS;
}

enum takt_status end(enum kind kind, enum takt_status status)
{
	const uint64_t cpu_ns = cpu_now_ns() - began_cpu_ns;

	if (status > TAKT_OK || -status >= TAKT_STATUS_COUNT ||
	    (status != TAKT_OK && !(kinds[kind].may >> -status & 1u)))
		broken("%s answered %s, which its header does not list", kinds[kind].name, takt_status_name(status));
	if (cpu_ns > CALL_CPU_NS_MAX)
		broken("%s took %.1f ms of processor time", kinds[kind].name, (double)cpu_ns / 1e6);
	cpu_ns_max = cpu_ns > cpu_ns_max ? cpu_ns : cpu_ns_max;
	outcomes[kind][-status]++;
	return status;
}

static void take_turn(void)
{
	struct user *user = &users[draw(HOLDERS_COUNT)];

	for (uint64_t i = 1 + draw(BATCH_MAX); i > 0; i--)
		mutate();
	if (turn % HEAL_EACH == 0)
		heal();
	switch (draw(12)) {
	case 0:
	case 1:
		push();
		break;
	case 2:
	case 3:
	case 4:
		take(user);
		break;
	case 5:
	case 6:
		finish(user);
		break;
	case 7:
		use_semaphores(user);
		break;
	case 8:
		use_mutex(user);
		break;
	case 9:
		use_rwlock(user);
		break;
	case 10:
		use_events(user);
		break;
	default:
		use_barrier(user);
	}
	turn++;
}

/* ------------------------------------------------------------------------------------------------------- set-up, end */

static void need(enum takt_status status, const char *what)
{
	if (status == TAKT_OK)
		return;
	(void)fprintf(stderr, "hostile_toolbox: %s: %s\n", what, takt_status_name(status));
	exit(2);
}

static void join(struct user *user, const char *name)
{
	need(takt_node_join(&user->node, config_path, name), "join");
	need(takt_waiter_init(&user->waiter, &user->node, 0), "waiter");
	for (uint32_t i = 0; i < 2; i++) {
		need(takt_consumer_attach(&user->consumers[i], &user->node, queue_names[i], message_type), "consumer");
		takt_consumer_waiter_set(&user->consumers[i], &user->waiter);
	}
	need(takt_semaphore_attach(&user->units, &user->waiter, "units"), "units");
	need(takt_semaphore_attach(&user->wakes, &user->waiter, "wakes"), "wakes");
	need(takt_mutex_attach(&user->gate, &user->waiter, "gate"), "gate");
	need(takt_rwlock_attach(&user->table, &user->waiter, "table"), "table");
	need(takt_events_attach(&user->flags, &user->waiter, "flags"), "flags");
	need(takt_barrier_attach(&user->start, &user->waiter, "start"), "start");
}

static void leave(struct user *user)
{
	for (uint32_t i = 0; i < 2; i++)
		takt_consumer_detach(&user->consumers[i]);
	takt_semaphore_detach(&user->units);
	takt_semaphore_detach(&user->wakes);
	takt_mutex_detach(&user->gate);
	takt_rwlock_detach(&user->table);
	takt_events_detach(&user->flags);
	takt_barrier_detach(&user->start);
	takt_node_leave(&user->node);
}

static void ignore_message(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)text;
}

static void set_up(void)
{
	world_begin_with(config_text);
	need(takt_node_join(&boss, config_path, "boss"), "join");
	for (uint32_t i = 0; i < 2; i++)
		need(takt_producer_attach(&producers[i], &boss, queue_names[i], message_type), "producer");
	join(&users[0], "anna");
	join(&users[1], "bert");
	for (uint32_t i = 0; i < TARGET_MAX; i++)
		map(target_names[i]);
	map("sync.start");
	/* What liars cause is told, once each; here it is of no interest. */
	takt_message_handler_set(ignore_message, NULL);
	(void)signal(SIGALRM, stand_still);
}

static void report(void)
{
	(void)printf(
		"%llu mutations before %llu honest calls; %llu items taken, all whole; most processor time in one call "
		"%.2f ms\n",
		(unsigned long long)mutation_count, (unsigned long long)turn, (unsigned long long)taken_count(),
		(double)cpu_ns_max / 1e6);
	for (uint32_t kind = 0; kind < KIND_COUNT; kind++) {
		(void)printf("  %-14s", kinds[kind].name);
		for (int status = 0; status < TAKT_STATUS_COUNT; status++)
			if (outcomes[kind][status])
				(void)printf(" %s %llu", takt_status_name(-status),
					     (unsigned long long)outcomes[kind][status]);
		(void)printf("\n");
	}
}

int main(int count, char **arguments)
{
	uint64_t operations = 1000000, seed = takt_os_clock_wall_ns();

	for (int i = 1; i + 1 < count; i += 2) {
		if (strcmp(arguments[i], "--operations") == 0)
			operations = (uint64_t)strtod(arguments[i + 1], NULL);
		else if (strcmp(arguments[i], "--seed") == 0)
			seed = strtoull(arguments[i + 1], NULL, 10);
		else
			return 2;
	}
	(void)printf("--seed %llu\n", (unsigned long long)seed);
	(void)fflush(stdout);
	random_state = seed | 1;
	set_up();
	while (mutation_count < operations) {
		if (turn % 1024 == 0)
			(void)alarm(STILL_SECONDS);
		take_turn();
	}
	heal();
	doing = "its end";
	for (uint32_t i = 0; i < HOLDERS_COUNT; i++)
		leave(&users[i]);
	for (uint32_t i = 0; i < 2; i++)
		takt_producer_detach(&producers[i]);
	takt_node_leave(&boss);
	if (!world_end())
		broken("something was left behind");
	report();
	/* A run that never got that far has shown nothing. At a barrier a single thread waits for others in vain. */
	for (uint32_t kind = 0; kind < KIND_COUNT; kind++)
		if (outcomes[kind][0] == 0 && kind != BARRIER)
			broken("%s never succeeded", kinds[kind].name);
	return 0;
}
