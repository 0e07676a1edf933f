/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold when the storm is over, and what it has seen. */
#include "tests/process/storm/storm.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

uint32_t storm_failed;

void storm_check(int condition, const char *what)
{
	if (condition)
		return;
	storm_failed++;
	(void)printf("FAILED: %s\n", what);
	(void)fflush(stdout);
}

static unsigned long long plain(uint64_t number)
{
	return (unsigned long long)number;
}

/* ------------------------------------------------------------------------------------------------------- residue */

/* Entries of a folder, without "." and "..", and what they occupy. */
static void count_entries(const char *path, struct storm_residue *residue)
{
	DIR *folder = opendir(path);
	struct stat info;

	for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] == '.' || fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (strncmp(entry->d_name, "reply.", 6) == 0) {
			residue->reply_pipes++;
			continue;
		}
		residue->objects++;
		residue->bytes += (uint64_t)info.st_blocks * 512;
	}
	if (folder != NULL)
		(void)closedir(folder);
}

static uint64_t private_bytes(void)
{
	unsigned long long kilobytes = 0;
	char line[128];
	FILE *file = fopen("/proc/self/status", "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "RssAnon: %llu", &kilobytes) == 1)
			break;
	if (file != NULL)
		(void)fclose(file);
	return kilobytes * 1024;
}

struct storm_residue storm_residue(const char *root)
{
	struct storm_residue residue = {0}, open_files = {0};
	char path[128];

	count_entries("/proc/self/fd", &open_files);
	residue.descriptors = open_files.objects;
	residue.memory_bytes = private_bytes();
	if (root != NULL) {
		(void)snprintf(path, sizeof(path), "%s/takt.storm", root);
		count_entries(path, &residue);
	}
	return residue;
}

/* ------------------------------------------------------------------------------------------------------- readers */

#define MEMORY_SLACK_BYTES (UINT64_C(256) << 10) /* buffers of the C library that a first use makes */

static void check_reader(const char *name, const struct storm_place *place, const uint64_t newest[STORM_TOPIC_COUNT])
{
	uint64_t got_of_all = 0, got_sum = 0;

	for (uint32_t topic = 0; topic < STORM_TOPIC_COUNT; topic++) {
		const uint64_t first = atomic_load(&place->start[topic]);
		const uint64_t got = atomic_load(&place->got[topic]), lost = atomic_load(&place->lost[topic]);
		(void)printf("%s, %-6s: got %llu + lost %llu = %llu of %llu\n", name, storm_topic_names[topic],
			     plain(got), plain(lost), plain(got + lost), plain(newest[topic] - first + 1));
		storm_check(atomic_load(&place->next[topic]) == newest[topic] + 1 &&
				    got + lost == newest[topic] - first + 1,
			    "a reader's account is exact");
		got_sum += got;
	}
	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		const struct storm_place *from = &storm_page->places[i];
		const uint64_t in_doubt = atomic_load(&from->attempted) != atomic_load(&from->concluded);
		const uint64_t got_of = atomic_load(&place->got_of[i]);
		got_of_all += got_of;
		storm_check(got_of <= atomic_load(&from->published) + atomic_load(&from->doubtful) + in_doubt,
			    "a reader got no more of a publisher than that published");
	}
	storm_check(got_of_all == got_sum, "each sample that a reader got is some publisher's");
	storm_check(atomic_load(&place->memory_last) <= atomic_load(&place->memory_first) + MEMORY_SLACK_BYTES,
		    "a reader's memory does not grow");
	storm_check(atomic_load(&place->descriptors_last) == atomic_load(&place->descriptors_first) &&
			    atomic_load(&place->descriptors_first) != 0,
		    "a reader's descriptors do not grow");
}

static void check_place(const char *name, const struct storm_place *place)
{
	storm_check(atomic_load(&place->torn) == 0, "no sample is torn");
	if (atomic_load(&place->wrong) != 0)
		(void)printf("%s: %llu times wrong, first: %s\n", name, plain(atomic_load(&place->wrong)), place->said);
	storm_check(atomic_load(&place->wrong) == 0, "no outcome that must not be");
}

/* ---------------------------------------------------------------------------------------------------- publishers */

uint64_t storm_published(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++)
		sum += atomic_load_explicit(&storm_page->places[i].published, memory_order_relaxed);
	return sum;
}

/* Alone on its topic a place knows each of its samples. One of several that is killed between its sample and its count is in doubt. */
static void check_publishers(const struct storm_outcome *outcome)
{
	for (uint32_t topic = 0; topic < STORM_TOPIC_COUNT; topic++) {
		const uint64_t newest = outcome->newest[topic];
		uint64_t said = 0, doubtful = 0;
		for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
			const struct storm_place *place = &storm_page->places[i];
			if (storm_roles[i].run != storm_publish || storm_roles[i].topic != topic)
				continue;
			said += atomic_load(&place->published);
			doubtful += atomic_load(&place->doubtful) +
				    (atomic_load(&place->attempted) != atomic_load(&place->concluded));
		}
		(void)printf(
			"%-6s: publishers count %llu samples and %llu that a death left in doubt; the topic has %llu\n",
			storm_topic_names[topic], plain(said), plain(doubtful), plain(newest));
		storm_check(newest >= said && newest <= said + doubtful,
			    "what was published is what publishers say they published");
		storm_check(doubtful <= outcome->publisher_kills[topic], "only a death leaves a sample in doubt");
	}
}

/* ------------------------------------------------------------------------------------------------------- report */

/* Of the publishers of a topic. */
static uint64_t longest(uint32_t topic, int is_running)
{
	uint64_t longest_ns = 0;

	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		const struct storm_place *place = &storm_page->places[i];
		const uint64_t took_ns = atomic_load(is_running ? &place->running_ns_max : &place->publish_ns_max);
		if (storm_roles[i].topic == topic && took_ns > longest_ns)
			longest_ns = took_ns;
	}
	return longest_ns;
}

static void report(const struct storm_outcome *outcome)
{
	uint64_t timeouts = 0, done[2] = {0};

	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		const struct storm_place *place = &storm_page->places[i];
		timeouts += atomic_load(&place->timeouts);
		done[storm_roles[i].run == storm_command] += atomic_load(&place->done);
	}
	(void)printf(
		"%.1f s: %llu kills (%llu of them publishers), %llu stops, %llu shakes, %llu lives that could not begin\n",
		outcome->seconds, plain(outcome->kill_count),
		plain(outcome->publisher_kills[0] + outcome->publisher_kills[1]), plain(outcome->stop_count),
		plain(outcome->shake_count), plain(outcome->ended_count));
	(void)printf("samples: solo %llu, shared %llu, %.0f a second; takeovers: solo %llu, shared %llu; borrows %llu, "
		     "commands answered %llu\n",
		     plain(outcome->newest[0]), plain(outcome->newest[1]),
		     (double)(outcome->newest[0] + outcome->newest[1]) / outcome->seconds, plain(outcome->takeovers[0]),
		     plain(outcome->takeovers[1]), plain(done[0]), plain(done[1]));
	(void)printf(
		"longest publish of a process neither stopped nor shaken: solo %.2f ms, shared %.2f ms; without its waits for a processor: solo %.2f ms, shared %.2f ms (it waits for the lock at most %.0f ms, a loan twice); timeouts "
		"%llu\n",
		(double)longest(STORM_SOLO, 0) / 1e6, (double)longest(STORM_SHARED, 0) / 1e6,
		(double)longest(STORM_SOLO, 1) / 1e6, (double)longest(STORM_SHARED, 1) / 1e6,
		(double)STORM_LOCK_BOUND_NS / 1e6, plain(timeouts));
	(void)printf("clock: %llu readings delayed; the wall clock, which jumped by years, was read %llu times\n",
		     plain(atomic_load(&storm_page->clock_delays)), plain(atomic_load(&storm_page->wall_readings)));
}

void storm_account(const struct storm_outcome *outcome)
{
	for (uint32_t i = 0; i < STORM_PLACE_COUNT; i++) {
		if (storm_roles[i].run == storm_read)
			check_reader(storm_roles[i].node, &storm_page->places[i], outcome->newest);
		check_place(storm_roles[i].node, &storm_page->places[i]);
	}
	check_publishers(outcome);
	report(outcome);
	storm_check(atomic_load(&storm_page->wrong_sleeps) == 0,
		    "every sleep lasts until a time of the monotonic clock");
	storm_check(outcome->kill_count != 0 && outcome->takeovers[0] != 0, "processes died, and were followed");
}
