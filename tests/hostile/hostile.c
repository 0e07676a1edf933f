/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members and publishers that lie with everything they may write, while honest ones work beside them.
 *
 *	hostile [--operations N] [--seconds N] [--cuts N] [--seed N] [--every-value]
 *
 * --operations  mutations of the lockstep, some before each honest call; 1e7 is understood. Default 1e7
 * --seconds     of the crowd; default 20       --cuts  segments shrunk and punched under their users; default 60
 * --seed        what the lockstep does is the same for the same seed; the crowd's timing is the machine's
 * --every-value the liars also store all 2^32 values of each semaphore's word, one after another, as far as the seconds go
 * Exit: 0 all held, 1 something did not, 2 the harness itself failed.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/clock.h"
#include "tests/hostile/hostile.h"

struct page *page;
unsigned failure_count;

static struct child {
	const char *name;
	pid_t process;
	uint32_t place_index;
	uint64_t seen;
	uint64_t since_ns;
} children[WORKER_COUNT_MAX];
static unsigned child_count;

void fail(const char *format, ...)
{
	va_list arguments;

	failure_count++;
	(void)printf("FAILED: ");
	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	(void)printf("\n");
	(void)fflush(stdout);
}

void child_start(const char *name, uint32_t place_index, void (*body)(uint32_t place_index, uint64_t seed),
		 uint64_t seed)
{
	struct child *child = &children[child_count++];

	(void)fflush(stdout);
	*child = (struct child){.name = name, .place_index = place_index, .since_ns = takt_os_clock_now_ns()};
	child->process = fork();
	if (child->process == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		body(place_index, seed);
		_exit(0);
	}
	if (child->process < 0)
		exit(2);
}

static const char *doing_in(const struct place *place)
{
	const char *doing = atomic_load(&place->doing);

	return doing ? doing : "its beginning";
}

static void say_how_it_ended(const struct child *child, int how)
{
	const struct place *place = &page->places[child->place_index];

	if (WIFSIGNALED(how))
		fail("%s was killed by signal %d in: %s %s", child->name, WTERMSIG(how), doing_in(place),
		     topic_names[atomic_load(&place->topic)]);
	else if (WEXITSTATUS(how) != 0 || atomic_load(&place->failures) != 0)
		fail("%s ended with %d in: %s %s: %s", child->name, WEXITSTATUS(how), doing_in(place),
		     topic_names[atomic_load(&place->topic)], place->failed);
}

/* In lockstep a failure may be in any place. */
static void say_all_failures(void)
{
	for (unsigned i = 0; i < WORKER_COUNT_MAX; i++)
		if (atomic_load(&page->places[i].failures) && failure_count)
			(void)printf("  place %u: %s\n", i, page->places[i].failed);
}

static uint64_t progress_of(const struct child *child)
{
	uint64_t progress = atomic_load(&page->places[child->place_index].operations);

	/* One process that plays all the parts. */
	for (unsigned i = 0; child_count == 1 && i < WORKER_COUNT_MAX; i++)
		progress += atomic_load(&page->places[i].operations);
	return progress;
}

static void look_at(unsigned index)
{
	struct child *child = &children[index];
	const uint64_t progress = progress_of(child), now_ns = takt_os_clock_now_ns();
	int how = 0;

	if (waitpid(child->process, &how, WNOHANG) == child->process) {
		say_how_it_ended(child, how);
		*child = children[--child_count];
		return;
	}
	if (progress != child->seen) {
		child->seen = progress;
		child->since_ns = now_ns;
	} else if (now_ns - child->since_ns > PROGRESS_NS_MAX) {
		fail("%s has hung for %llu s in: %s", child->name,
		     (unsigned long long)(PROGRESS_NS_MAX / TAKT_NS_PER_S),
		     doing_in(&page->places[child->place_index]));
		(void)kill(child->process, SIGKILL);
		(void)waitpid(child->process, NULL, 0);
		*child = children[--child_count];
	}
}

unsigned children_watch(uint64_t end_ns)
{
	while (child_count && takt_os_clock_now_ns() < end_ns) {
		const unsigned failed = failure_count;
		for (unsigned i = child_count; i-- > 0;)
			look_at(i);
		/* One failure ends it: the others would only be in its way. */
		if (failure_count != failed) {
			for (unsigned i = 0; i < child_count; i++) {
				(void)kill(children[i].process, SIGKILL);
				(void)waitpid(children[i].process, NULL, 0);
			}
			child_count = 0;
			say_all_failures();
		}
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + TAKT_NS_PER_MS);
	}
	return child_count;
}

/* ------------------------------------------------------------------------------------------------------- report */

static void report(void)
{
	uint64_t operations = 0, mutated = 0, overtaken = 0, unnoticed = 0, joined = 0, cpu_ns = 0;

	for (unsigned i = 0; i < WORKER_COUNT_MAX; i++) {
		const struct place *place = &page->places[i];
		mutated += atomic_load(&place->mutated_operations);
		operations += i < 12 ? atomic_load(&place->operations) : 0;
		overtaken += atomic_load(&place->returns_overtaken);
		unnoticed += atomic_load(&place->returns_unnoticed);
		joined += atomic_load(&place->joined);
		if (atomic_load(&place->call_cpu_ns_max) > cpu_ns)
			cpu_ns = atomic_load(&place->call_cpu_ns_max);
	}
	(void)printf(
		"%llu honest calls, %llu of them behind fresh mutations; %llu mutations; %llu values of semaphores' words\n",
		(unsigned long long)operations, (unsigned long long)mutated,
		(unsigned long long)atomic_load(&page->mutations),
		(unsigned long long)atomic_load(&page->semaphore_values));
	(void)printf(
		"joins %llu, locks %u, borrows whose pin was taken away %llu (changed without a word: %llu); most processor "
		"time in one call %.2f ms; the machine was late by up to %.2f ms\n",
		(unsigned long long)joined, atomic_load(&page->fair_entered), (unsigned long long)overtaken,
		(unsigned long long)unnoticed, (double)cpu_ns / 1e6, (double)atomic_load(&page->starved_ns_max) / 1e6);
	for (unsigned status = 0; status < TAKT_STATUS_COUNT; status++) {
		uint64_t count = 0;
		for (unsigned i = 0; i < WORKER_COUNT_MAX; i++)
			count += atomic_load(&page->places[i].outcomes[status]);
		if (count)
			(void)printf("  %-12s %llu\n", takt_status_name(-(int)status), (unsigned long long)count);
	}
}

static void forget(void)
{
	const uint64_t mutations = atomic_load(&page->mutations);

	memset(page, 0, sizeof(*page));
	/* Places remember what they saw last. */
	atomic_store(&page->mutations, mutations);
}

static uint64_t number_of(const char *text)
{
	return (uint64_t)strtod(text, NULL);
}

int main(int count, char **arguments)
{
	uint64_t operations = 10000000, seconds = 20, cuts = 60, seed = takt_os_clock_wall_ns();
	int every_value = 0;

	for (int i = 1; i < count; i++) {
		if (strcmp(arguments[i], "--every-value") == 0)
			every_value = 1;
		else if (i + 1 < count && strcmp(arguments[i], "--operations") == 0)
			operations = number_of(arguments[++i]);
		else if (i + 1 < count && strcmp(arguments[i], "--seconds") == 0)
			seconds = number_of(arguments[++i]);
		else if (i + 1 < count && strcmp(arguments[i], "--cuts") == 0)
			cuts = number_of(arguments[++i]);
		else if (i + 1 < count && strcmp(arguments[i], "--seed") == 0)
			seed = strtoull(arguments[++i], NULL, 10);
		else
			return 2;
	}
	(void)printf("--seed %llu\n", (unsigned long long)seed);
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return 2;
	const uint64_t amounts[] = {operations, seconds, cuts};
	for (unsigned part = 0; part < 3; part++) {
		const uint64_t began_ns = takt_os_clock_now_ns();
		static const char *const names[] = {"lockstep", "crowd", "cut"};
		if (amounts[part] == 0 || failure_count)
			continue;
		/* Alone, nobody holds a lock for long: what is waited for there is a lie. */
		world_begin(part == 0 ? 200 : 2000);
		world_freeze();
		if (part == 0)
			lockstep_run(operations, seed);
		else if (part == 1)
			crowd_run(seconds, seed, every_value);
		else
			cut_run(cuts, seed);
		if (part < 2 && !world_is_frozen())
			fail("%s: the segment that nobody may write has changed", names[part]);
		if (!world_end() && failure_count == 0)
			fail("%s: something was left behind", names[part]);
		(void)printf("== %s: %.1f s\n", names[part], (double)(takt_os_clock_now_ns() - began_ns) / 1e9);
		report();
		if (part < 2)
			engine_report();
		forget();
	}
	(void)printf("%u failures\n", failure_count);
	return failure_count != 0;
}
