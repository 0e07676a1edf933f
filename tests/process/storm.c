/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes are killed, stopped and started again at random, without any cleaning in between; what the readers got and lost is exact
 * to the sample all the same.
 *
 *	storm [--seconds N] [--seed N]		default: 8 seconds, a seed from the clock, which is printed
 *
 * Exit: 0 all held, 1 something did not, 2 the storm itself failed.
 */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/domain.h"
#include "core/layout.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "tests/process/storm.h"

#define PAUSE_NS_MAX (4 * TAKT_NS_PER_MS)  /* between two blows */
#define STOP_NS_MAX  (12 * TAKT_NS_PER_MS) /* longer than a publish may wait for a lock */
#define READY_NS_MAX (20 * TAKT_NS_PER_S)
#define END_NS_MAX   (30 * TAKT_NS_PER_S)

static const char config_text[] =
	"domain: storm\n"
	"wait_slice_us: 2000\n"
	"lock_bound_us: 5000\n"
	"topics:\n"
	"  - {name: solo, type: storm_message, bytes: 128, depth: 64, borrows: 2, loans: 2}\n"
	"  - {name: shared, type: storm_message, bytes: 128, depth: 64, borrows: 2, loans: 3, publishers: 3}\n"
	"nodes:\n"
	"  - {name: single, program: x, publishes: [solo]}\n"
	"  - {name: shared_a, program: x, publishes: [shared]}\n"
	"  - {name: shared_b, program: x, publishes: [shared]}\n"
	"  - {name: shared_c, program: x, publishes: [shared]}\n"
	"  - {name: reader_a, program: x, subscribes: [solo, shared]}\n"
	"  - {name: reader_b, program: x, subscribes: [solo, shared]}\n"
	"  - {name: borrower, program: x, subscribes: [shared]}\n";

static const struct storm_role roles[STORM_PLACE_COUNT] = {
	{"reader_a", storm_read, STORM_SOLO, 0},      {"reader_b", storm_read, STORM_SOLO, 0},
	{"single", storm_publish, STORM_SOLO, 1},     {"shared_a", storm_publish, STORM_SHARED, 1},
	{"shared_b", storm_publish, STORM_SHARED, 1}, {"shared_c", storm_publish, STORM_SHARED, 1},
	{"borrower", storm_borrow, STORM_SHARED, 1},  {"single", storm_command, STORM_SOLO, 1},
};

static pid_t processes[STORM_PLACE_COUNT];
static uint64_t random_state;
static uint64_t kill_count, publisher_kills[STORM_TOPIC_COUNT], stop_count, ended_count;
static uint32_t failed;
static char root[64];
static char config_path[96];

static void check(int condition, const char *what)
{
	if (condition)
		return;
	failed++;
	(void)printf("FAILED: %s\n", what);
}

static void start(uint32_t index)
{
	const uint64_t seed = storm_random(&random_state);

	processes[index] = fork();
	if (processes[index] == 0) {
		roles[index].run(&storm_page->places[index], &roles[index], seed);
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
	kill_count++;
	if (roles[index].run == storm_publish)
		publisher_kills[roles[index].topic]++;
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
	stop_count++;
	pause_for(STOP_NS_MAX);
	/* Sometimes it dies while it is stopped. */
	if (roles[index].is_mortal && storm_random(&random_state) % 4 == 0) {
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
		check(roles[i].is_mortal, "a reader ended by itself");
		ended_count++;
		start(i);
	}
}

static void rage(uint64_t end_ns)
{
	while (takt_os_clock_now_ns() < end_ns && failed == 0) {
		const uint32_t index = (uint32_t)(storm_random(&random_state) % STORM_PLACE_COUNT);

		pause_for(PAUSE_NS_MAX);
		replace_ended();
		if (roles[index].is_mortal && storm_random(&random_state) % 4 != 0)
			strike_dead(index);
		else
			stop_a_while(index);
	}
}

/* All of a kind end by themselves. */
static void await_end(int mortals)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + END_NS_MAX;

	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		if (roles[i].is_mortal != mortals)
			continue;
		while (waitpid(processes[i], NULL, WNOHANG) == 0) {
			if (takt_os_clock_now_ns() > end_ns) {
				(void)printf("%s does not end\n", roles[i].node);
				check(0, "everybody ends when asked");
				(void)kill(processes[i], SIGKILL);
			}
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS);
		}
	}
}

/* ------------------------------------------------------------------------------------------------------- account */

/* Whoever comes after the storm finds everything whole: one sample to each topic. */
static void publish_last(uint64_t newest[STORM_TOPIC_COUNT], uint64_t takeovers[STORM_TOPIC_COUNT])
{
	static const char *const names[STORM_TOPIC_COUNT] = {"single", "shared_a"};
	static struct takt_node node;
	static struct takt_publisher publisher;
	struct storm_message message;

	for (uint32_t i = 0; i < STORM_TOPIC_COUNT; i++) {
		storm_fill(&message, i);
		check(takt_node_join(&node, config_path, names[i]) == TAKT_OK, "a node joins after the storm");
		check(takt_publisher_attach(&publisher, &node, storm_topic_names[i], storm_type) == TAKT_OK,
		      "a publisher attaches after the storm");
		check(takt_publish(&publisher, &message, NULL) == TAKT_OK, "a publisher publishes after the storm");
		const struct takt_topic_shm *shared = publisher.segment.address;
		newest[i] = atomic_load(&shared->head);
		takeovers[i] = atomic_load(&shared->takeover_count) + atomic_load(&shared->lock.takeover_count);
		check(atomic_load(&shared->lock.owner) == 0, "the lock is free after the storm");
		takt_publisher_detach(&publisher);
		takt_node_leave(&node);
	}
}

static void check_readers(const uint64_t newest[STORM_TOPIC_COUNT])
{
	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		const struct storm_place *place = &storm_page->places[i];

		for (uint32_t topic = 0; roles[i].run == storm_read && topic < STORM_TOPIC_COUNT; topic++) {
			const uint64_t start_number = atomic_load(&place->start[topic]);
			const uint64_t next = atomic_load(&place->next[topic]);
			const uint64_t got = atomic_load(&place->got[topic]), lost = atomic_load(&place->lost[topic]);
			(void)printf("%s, %-6s: got %llu + lost %llu = %llu of %llu\n", roles[i].node,
				     storm_topic_names[topic], (unsigned long long)got, (unsigned long long)lost,
				     (unsigned long long)(got + lost),
				     (unsigned long long)(newest[topic] - start_number + 1));
			check(next == newest[topic] + 1 && got + lost == newest[topic] - start_number + 1,
			      "a reader's account is exact");
		}
		check(atomic_load(&place->torn) == 0, "no sample is torn");
		if (atomic_load(&place->wrong) != 0)
			(void)printf("%s: %llu times wrong, first: %s\n", roles[i].node,
				     (unsigned long long)atomic_load(&place->wrong), place->said);
		check(atomic_load(&place->wrong) == 0, "no outcome that must not be");
	}
}

/* A publisher that is killed between its sample and its count has published one more than it said. */
static void check_publishers(const uint64_t newest[STORM_TOPIC_COUNT])
{
	for (uint32_t topic = 0; topic < STORM_TOPIC_COUNT; topic++) {
		uint64_t said = 1; /* the last one, after the storm */
		for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++)
			if (roles[i].run == storm_publish && roles[i].topic == topic)
				said += atomic_load(&storm_page->places[i].published);
		check(newest[topic] >= said && newest[topic] <= said + publisher_kills[topic],
		      "what was published is what publishers say they published");
	}
}

static void report(uint64_t seconds, const uint64_t newest[STORM_TOPIC_COUNT],
		   const uint64_t takeovers[STORM_TOPIC_COUNT])
{
	uint64_t longest_ns[STORM_TOPIC_COUNT] = {0}, timeouts = 0, done[2] = {0};

	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		const struct storm_place *place = &storm_page->places[i];
		const uint64_t took_ns = atomic_load(&place->publish_ns_max);
		if (took_ns > longest_ns[roles[i].topic])
			longest_ns[roles[i].topic] = took_ns;
		timeouts += atomic_load(&place->timeouts);
		done[roles[i].run == storm_command] += atomic_load(&place->done);
	}
	(void)printf("%llu s: %llu kills (%llu of them publishers), %llu stops, %llu lives that could not begin\n",
		     (unsigned long long)seconds, (unsigned long long)kill_count,
		     (unsigned long long)(publisher_kills[0] + publisher_kills[1]), (unsigned long long)stop_count,
		     (unsigned long long)ended_count);
	(void)printf(
		"samples: solo %llu, shared %llu; takeovers: solo %llu, shared %llu; borrows %llu, commands answered %llu\n",
		(unsigned long long)newest[0], (unsigned long long)newest[1], (unsigned long long)takeovers[0],
		(unsigned long long)takeovers[1], (unsigned long long)done[0], (unsigned long long)done[1]);
	(void)printf("longest publish of a process that was not stopped: solo %.2f ms, shared %.2f ms (bound %.0f ms); "
		     "timeouts %llu\n",
		     (double)longest_ns[0] / 1e6, (double)longest_ns[1] / 1e6, (double)STORM_LOCK_BOUND_NS / 1e6,
		     (unsigned long long)timeouts);
}

/* ---------------------------------------------------------------------------------------------------------- main */

static void set_up(void)
{
	(void)snprintf(root, sizeof(root), "/dev/shm/takt-storm-XXXXXX");
	storm_page = mmap(NULL, sizeof(*storm_page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (storm_page == MAP_FAILED || mkdtemp(root) == NULL || setenv("TAKT_SHM_FOLDER", root, 1) != 0)
		exit(2);
	(void)snprintf(config_path, sizeof(config_path), "%s/storm.yaml", root);
	storm_config_path = config_path;
	FILE *file = fopen(config_path, "w");
	if (file == NULL || fputs(config_text, file) < 0 || fclose(file) != 0)
		exit(2);
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
	check(takt_domain_clean("storm", look_at_clean, NULL) == TAKT_OK, "a clean-up removes all that the storm left");
	(void)unlink(config_path);
	check(rmdir(root) == 0, "nothing is left behind the clean-up");
	(void)nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void storm(uint64_t seconds)
{
	uint64_t newest[STORM_TOPIC_COUNT] = {0}, takeovers[STORM_TOPIC_COUNT] = {0};
	const uint64_t ready_ns = takt_os_clock_now_ns() + READY_NS_MAX;

	/* The readers first: they begin at the first sample. */
	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		start(i);
		while (!roles[i].is_mortal && atomic_load(&storm_page->readers_ready) <= i &&
		       takt_os_clock_now_ns() < ready_ns)
			(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS);
	}
	check(atomic_load(&storm_page->readers_ready) == 2, "the readers get ready");
	rage(takt_os_clock_now_ns() + seconds * TAKT_NS_PER_S);
	atomic_store(&storm_page->publishers_end, 1);
	await_end(1);
	publish_last(newest, takeovers);
	atomic_store(&storm_page->readers_end, 1);
	await_end(0);
	check_readers(newest);
	check_publishers(newest);
	report(seconds, newest, takeovers);
	check(kill_count != 0 && takeovers[0] != 0, "processes died, and were followed");
}

int main(int count, char **arguments)
{
	uint64_t seconds = 8;

	random_state = takt_os_clock_wall_ns() | 1;
	for (int i = 1; i + 1 < count; i += 2) {
		if (strcmp(arguments[i], "--seconds") == 0)
			seconds = strtoull(arguments[i + 1], NULL, 10);
		if (strcmp(arguments[i], "--seed") == 0)
			random_state = strtoull(arguments[i + 1], NULL, 10) | 1;
	}
	(void)printf("--seed %llu\n", (unsigned long long)random_state);
	(void)fflush(stdout);
	set_up();
	storm(seconds);
	failed += storm_owners();
	tear_down();
	(void)printf("%u failures\n", failed);
	return failed != 0;
}
