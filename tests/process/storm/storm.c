/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes are killed, stopped, shaken and started again at random, under pressure on clocks and processors and without any cleaning in
 * between; what the readers got and lost is exact to the sample all the same.
 *
 *	storm [--seconds N] [--samples N] [--seed N] [--progress N] [--only storm|owners]
 *
 * Ends after N seconds (default 8) or, with --samples, when so many have been published, however long that takes. --progress: a line
 * every N seconds. The seed is printed.
 *
 * Exit: 0 all held, 1 something did not, 2 the storm itself failed.
 */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/domain.h"
#include "core/layout.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "tests/process/storm/storm.h"

#define PAUSE_NS_MAX   (4 * TAKT_NS_PER_MS)  /* between two blows */
#define STOP_NS_MAX    (12 * TAKT_NS_PER_MS) /* longer than a publish may wait for a lock */
#define READY_NS_MAX   (20 * TAKT_NS_PER_S)
#define END_NS_MAX     (30 * TAKT_NS_PER_S)
#define NO_NEWS_NS_MAX (20 * TAKT_NS_PER_S) /* a topic goes on after a death */

/* `%s`: who publishes `solo`. A config may not let two nodes publish it; two programs with different ones try it all the same. */
static const char config_text[] =
	"domain: storm\n"
	"wait_slice_us: 2000\n"
	"lock_bound_us: 5000\n"
	"topics:\n"
	"  - {name: solo, type: storm_message, bytes: 128, depth: 1024, borrows: 2, loans: 2}\n"
	"  - {name: shared, type: storm_message, bytes: 128, depth: 1024, borrows: 2, loans: 3, publishers: 3}\n"
	"nodes:\n"
	"  - {name: single, program: x, publishes: [%s]}\n"
	"  - {name: heir, program: x, publishes: [%s]}\n"
	"  - {name: shared_a, program: x, publishes: [shared]}\n"
	"  - {name: shared_b, program: x, publishes: [shared]}\n"
	"  - {name: shared_c, program: x, publishes: [shared]}\n"
	"  - {name: reader_a, program: x, subscribes: [solo, shared]}\n"
	"  - {name: reader_b, program: x, subscribes: [solo, shared]}\n"
	"  - {name: borrower, program: x, subscribes: [shared]}\n";

#define PLACE_SINGLE   2u
#define PLACE_SHARED_A 3u

const struct storm_role storm_roles[STORM_PLACE_COUNT] = {
	{"reader_a", storm_read, STORM_SOLO, 0},      {"reader_b", storm_read, STORM_SOLO, 0},
	{"single", storm_publish, STORM_SOLO, 1},     {"shared_a", storm_publish, STORM_SHARED, 1},
	{"shared_b", storm_publish, STORM_SHARED, 1}, {"shared_c", storm_publish, STORM_SHARED, 1},
	{"borrower", storm_borrow, STORM_SHARED, 1},  {"single", storm_command, STORM_SOLO, 1},
};

static struct {
	uint64_t seconds;
	uint64_t samples; /* 0: `seconds` decides */
	uint64_t progress_seconds;
	const char *only;
} options = {.seconds = 8};

const char *storm_heir_config_path;
static pid_t processes[STORM_PLACE_COUNT];
static uint64_t random_state;
static struct storm_outcome outcome;
static uint64_t commander_kills;
static char root[64];
static char config_path[96];
static char heir_path[96];

static void start(uint32_t index)
{
	const uint64_t seed = storm_random(&random_state);

	atomic_store(&storm_page->places[index].is_shaken, 0);
	processes[index] = fork();
	if (processes[index] == 0) {
		/* A storm that is killed takes all with it. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		storm_roles[index].run(&storm_page->places[index], &storm_roles[index], seed);
		_exit(0);
	}
	if (processes[index] < 0) {
		perror("fork");
		exit(2);
	}
}

static void strike_dead(uint32_t index)
{
	(void)kill(processes[index], SIGKILL);
	(void)waitpid(processes[index], NULL, 0);
	outcome.kill_count++;
	if (storm_roles[index].run == storm_publish)
		outcome.publisher_kills[storm_roles[index].topic]++;
	commander_kills += storm_roles[index].run == storm_command;
	start(index);
}

static void pause_for(uint64_t longest_ns)
{
	(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + storm_random(&random_state) % longest_ns);
}

static void stop_a_while(uint32_t index)
{
	atomic_fetch_add(&storm_page->places[index].stop_count, 1);
	(void)kill(processes[index], SIGSTOP);
	outcome.stop_count++;
	pause_for(STOP_NS_MAX);
	/* Sometimes it dies while it is stopped. */
	if (storm_roles[index].is_mortal && storm_random(&random_state) % 4 == 0) {
		strike_dead(index);
		return;
	}
	atomic_fetch_add(&storm_page->places[index].stop_count, 1);
	(void)kill(processes[index], SIGCONT);
}

/* Lives that ended by themselves, because a stopped process was in their way, begin again. */
static void replace_ended(void)
{
	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		if (waitpid(processes[i], NULL, WNOHANG) != processes[i])
			continue;
		storm_check(storm_roles[i].is_mortal, "a reader ended by itself");
		outcome.ended_count++;
		start(i);
	}
}

/* Each topic goes on, whoever died. */
static void check_progress(uint64_t now_ns)
{
	static uint64_t seen[STORM_TOPIC_COUNT], seen_ns[STORM_TOPIC_COUNT];
	uint64_t published[STORM_TOPIC_COUNT] = {0};

	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++)
		published[storm_roles[i].topic] +=
			storm_roles[i].run == storm_publish ? atomic_load(&storm_page->places[i].published) : 0;
	for (uint32_t topic = 0; topic < STORM_TOPIC_COUNT; topic++) {
		if (published[topic] != seen[topic] || seen_ns[topic] == 0)
			seen_ns[topic] = now_ns;
		seen[topic] = published[topic];
		storm_check(now_ns - seen_ns[topic] < NO_NEWS_NS_MAX, "a topic goes on after a death");
	}
}

static void tell_progress(uint64_t began_ns, uint64_t now_ns)
{
	static uint64_t told_ns;
	struct storm_residue residue;

	if (options.progress_seconds == 0 ||
	    now_ns - (told_ns ? told_ns : began_ns) < options.progress_seconds * TAKT_NS_PER_S)
		return;
	told_ns = now_ns;
	residue = storm_residue(root);
	(void)printf(
		"%llu s: %llu samples, %llu kills, %llu stops; %llu objects, %llu KiB of shared memory, %llu KiB own\n",
		(unsigned long long)((now_ns - began_ns) / TAKT_NS_PER_S), (unsigned long long)storm_published(),
		(unsigned long long)outcome.kill_count, (unsigned long long)outcome.stop_count,
		(unsigned long long)residue.objects, (unsigned long long)residue.bytes >> 10,
		(unsigned long long)residue.memory_bytes >> 10);
	(void)fflush(stdout);
}

static void strike(uint32_t index)
{
	const uint64_t blow = storm_random(&random_state) % 8;

	if (blow < 2) {
		atomic_store(&storm_page->places[index].is_shaken, 1);
		storm_shake(processes[index], &random_state);
		outcome.shake_count++;
	} else if (storm_roles[index].is_mortal && blow < 6) {
		strike_dead(index);
	} else {
		stop_a_while(index);
	}
}

static void rage(void)
{
	const uint64_t began_ns = takt_os_clock_now_ns();
	uint64_t now_ns = began_ns;

	while (storm_failed == 0 && (options.samples ? storm_published() < options.samples
						     : now_ns < began_ns + options.seconds * TAKT_NS_PER_S)) {
		pause_for(PAUSE_NS_MAX);
		replace_ended();
		strike((uint32_t)(storm_random(&random_state) % STORM_PLACE_COUNT));
		now_ns = takt_os_clock_now_ns();
		check_progress(now_ns);
		tell_progress(began_ns, now_ns);
	}
	outcome.seconds = (double)(now_ns - began_ns) / 1e9;
}

/* All of a kind end by themselves. */
static void await_end(int mortals)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + END_NS_MAX;

	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		if (storm_roles[i].is_mortal != mortals)
			continue;
		storm_shake_end(processes[i]);
		while (waitpid(processes[i], NULL, WNOHANG) == 0) {
			if (takt_os_clock_now_ns() > end_ns) {
				(void)printf("%s does not end\n", storm_roles[i].node);
				storm_check(0, "everybody ends when asked");
				(void)kill(processes[i], SIGKILL);
			}
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS);
		}
	}
}

/* Whoever comes after the storm finds everything whole: one sample to each topic. */
static void publish_last(void)
{
	static const uint32_t last_places[STORM_TOPIC_COUNT] = {PLACE_SINGLE, PLACE_SHARED_A};
	static struct takt_node node;
	static struct takt_publisher publisher;
	struct storm_message message;

	for (uint32_t i = 0; i < STORM_TOPIC_COUNT; i++) {
		struct storm_place *place = &storm_page->places[last_places[i]];
		storm_check(takt_node_join(&node, config_path, storm_roles[last_places[i]].node) == TAKT_OK,
			    "a node joins after the storm");
		storm_check(takt_publisher_attach(&publisher, &node, storm_topic_names[i], storm_type) == TAKT_OK,
			    "a publisher attaches after the storm");
		if (storm_failed != 0)
			return;
		const struct takt_topic_shm *shared = publisher.segment.address;
		storm_check(i != STORM_SOLO || storm_settle(place, atomic_load(&shared->head)),
			    "the last death left a whole topic");
		/* What one of several died with stays in doubt, and its number is not used again. */
		const uint64_t in_doubt = atomic_load(&place->attempted) != atomic_load(&place->concluded);
		atomic_fetch_add(&place->doubtful, in_doubt);
		storm_fill(&message, last_places[i], atomic_fetch_add(&place->attempted, 1) + 1);
		storm_check(takt_publish(&publisher, &message, NULL) == TAKT_OK,
			    "a publisher publishes after the storm");
		atomic_store(&place->concluded, atomic_load(&place->attempted));
		atomic_fetch_add(&place->published, 1);
		outcome.newest[i] = atomic_load(&shared->head);
		outcome.takeovers[i] = atomic_load(&shared->takeover_count) + atomic_load(&shared->lock.takeover_count);
		storm_check(atomic_load(&shared->lock.owner) == 0, "the lock is free after the storm");
		takt_publisher_detach(&publisher);
		takt_node_leave(&node);
	}
}

/* ---------------------------------------------------------------------------------------------------------- main */

static void write_config(const char *path, const char *single, const char *heir)
{
	FILE *file = fopen(path, "w");

	if (file == NULL || fprintf(file, config_text, single, heir) < 0 || fclose(file) != 0)
		exit(2);
}

static void set_up(void)
{
	(void)snprintf(root, sizeof(root), "/dev/shm/takt-storm-XXXXXX");
	storm_page = mmap(NULL, sizeof(*storm_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (storm_page == MAP_FAILED || mkdtemp(root) == NULL || setenv("TAKT_SHM_FOLDER", root, 1) != 0)
		exit(2);
	(void)snprintf(config_path, sizeof(config_path), "%s/storm.yaml", root);
	(void)snprintf(heir_path, sizeof(heir_path), "%s/heir.yaml", root);
	storm_config_path = config_path;
	storm_heir_config_path = heir_path;
	write_config(config_path, "solo", "");
	write_config(heir_path, "", "solo");
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(path);
}

static void look_at_clean(void *context, const char *object, enum takt_status result)
{
	(void)context;
	if (result != TAKT_OK)
		(void)printf("not cleaned: %s: %s\n", object, takt_status_name(result));
}

static void tear_down(void)
{
	storm_check(takt_domain_clean("storm", look_at_clean, NULL) == TAKT_OK,
		    "a clean-up removes all that the storm left");
	(void)unlink(config_path);
	(void)unlink(heir_path);
	storm_check(rmdir(root) == 0, "nothing is left behind the clean-up");
	(void)nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* A death leaves nothing behind that adds up, but for a killed commander's pipe, which `takt clean` removes. */
static void compare_residue(const struct storm_residue *first, const struct storm_residue *last)
{
	(void)printf("residue: %llu objects of %llu KiB before, %llu of %llu KiB after; descriptors %llu and %llu; "
		     "pipes of %llu killed commanders: %llu\n",
		     (unsigned long long)first->objects, (unsigned long long)first->bytes >> 10,
		     (unsigned long long)last->objects, (unsigned long long)last->bytes >> 10,
		     (unsigned long long)first->descriptors, (unsigned long long)last->descriptors,
		     (unsigned long long)commander_kills, (unsigned long long)last->reply_pipes);
	storm_check(last->objects <= first->objects && last->bytes <= first->bytes, "shared memory does not grow");
	storm_check(last->descriptors == first->descriptors, "descriptors do not grow");
	storm_check(last->reply_pipes <= commander_kills, "a killed commander leaves one pipe at most");
}

static void storm(void)
{
	const uint64_t ready_ns = takt_os_clock_now_ns() + READY_NS_MAX;

	/* The readers first: they begin at the first sample. */
	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		start(i);
		while (!storm_roles[i].is_mortal && atomic_load(&storm_page->readers_ready) <= i &&
		       takt_os_clock_now_ns() < ready_ns)
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS);
	}
	storm_check(atomic_load(&storm_page->readers_ready) == 2, "the readers get ready");
	/* Everybody has been there once: the domain has all its objects. */
	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++)
		while ((storm_roles[i].run == storm_publish
				? atomic_load(&storm_page->places[i].published)
				: storm_roles[i].run == storm_read || atomic_load(&storm_page->places[i].done)) == 0 &&
		       takt_os_clock_now_ns() < ready_ns)
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS);
	const struct storm_residue first = storm_residue(root);
	storm_pressure_start(random_state);
	rage();
	storm_pressure_stop();
	atomic_store(&storm_page->publishers_end, 1);
	await_end(1);
	publish_last();
	atomic_store(&storm_page->readers_end, 1);
	await_end(0);
	const struct storm_residue last = storm_residue(root);
	storm_account(&outcome);
	compare_residue(&first, &last);
}

static int read_options(int count, char **arguments)
{
	const char *const names[] = {"--seconds", "--samples", "--seed", "--progress"};
	uint64_t *const values[] = {&options.seconds, &options.samples, &random_state, &options.progress_seconds};

	for (int i = 1; i < count; i += 2) {
		uint32_t known = 0;
		if (i + 1 == count)
			return 0;
		for (uint32_t k = 0; k < 4; k++) {
			if (strcmp(arguments[i], names[k]) != 0)
				continue;
			*values[k] = strtoull(arguments[i + 1], NULL, 10);
			known = 1;
		}
		if (strcmp(arguments[i], "--only") == 0)
			options.only = arguments[i + 1];
		else if (!known)
			return 0;
	}
	random_state |= 1;
	return 1;
}

int main(int count, char **arguments)
{
	random_state = takt_os_clock_wall_ns();
	if (!read_options(count, arguments)) {
		(void)fputs(
			"usage: storm [--seconds N] [--samples N] [--seed N] [--progress N] [--only storm|owners]\n",
			stderr);
		return 2;
	}
	(void)printf("--seed %llu\n", (unsigned long long)random_state);
	(void)fflush(stdout);
	set_up();
	if (options.only == NULL || strcmp(options.only, "storm") == 0)
		storm();
	if (options.only == NULL || strcmp(options.only, "owners") == 0)
		storm_owners();
	tear_down();
	(void)printf("%u failures\n", storm_failed);
	return storm_failed != 0;
}
