/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kill/stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/message.h"

#define BAD_PRINTED_MAX 12u
#define VICTIMS_SEEDS	(UINT64_C(1) << 36)
#define SYNCS		"[units, bell, door, map, flags, start]"

TAKT_TYPE(message, struct message, TAKT_FIELD(struct message, seed, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct message, words, TAKT_U64, 3, ""));
const struct takt_type *const message_type = &takt_type_message;

static const char config_text[] =
	"domain: kill\n"
	"wait_slice_us: 1000\n"
	"lock_bound_us: 50000\n"
	"topics:\n"
	"  - {name: solo, type: message, bytes: 32, depth: 4, borrows: 3, loans: 2}\n"
	"  - {name: pair, type: message, bytes: 32, depth: 4, borrows: 3, loans: 2, publishers: 2}\n"
	"queues:\n"
	"  - {name: jobs, type: message, bytes: 32, depth: 4}\n"
	"  - {name: newest_jobs, type: message, bytes: 32, depth: 4, when_full: drop_oldest}\n"
	"syncs:\n"
	"  - {name: units, kind: semaphore, initial: 2}\n"
	"  - {name: bell, kind: semaphore, undo: false, initial: 1, maximum: 3}\n"
	"  - {name: door, kind: mutex}\n"
	"  - {name: map, kind: rwlock}\n"
	"  - {name: flags, kind: events}\n"
	"  - {name: start, kind: barrier, members: 2}\n"
	"nodes:\n"
	"  - {name: victim, program: x, publishes: [solo, pair], subscribes: [solo, pair], pushes: [jobs, newest_jobs], takes: [jobs, "
	"newest_jobs], uses: " SYNCS ", parameter_file: " WORLD_PARAMETER_NAME "}\n"
	"  - {name: other, program: x, publishes: [pair], pushes: [jobs, newest_jobs], uses: " SYNCS "}\n"
	"  - {name: reader, program: x, subscribes: [solo, pair], takes: [jobs, newest_jobs]}\n"
	"  - {name: sleeper, program: x, subscribes: [solo, pair], uses: " SYNCS "}\n";

struct survivors now;
static struct survivors before;
struct world stage_world;
static const struct takt_config *config;
static char parameter_file[192];

uint32_t bad_count;
char kill_point[160];
uint64_t recovery_ns_max;

/* ------------------------------------------------------------------------------------------- the config, once */

enum takt_status __real_takt_config_load(const struct takt_config **loaded, const char *path);
enum takt_status __wrap_takt_config_load(const struct takt_config **loaded, const char *path);
void __wrap_takt_config_free(const struct takt_config *unused);

enum takt_status __wrap_takt_config_load(const struct takt_config **loaded, const char *path)
{
	(void)path;
	*loaded = config;
	return TAKT_OK;
}

void __wrap_takt_config_free(const struct takt_config *unused)
{
	(void)unused;
}

/* ---------------------------------------------------------------------------------------------------- messages */

static void require(int condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "kill_every: %s failed while the stage was set\n", what);
	world_end();
	exit(2);
}

static uint64_t mix(uint64_t seed, uint64_t index)
{
	uint64_t word = (seed + index * UINT64_C(0x1000001)) * UINT64_C(0x9e3779b97f4a7c15);

	return word ^ word >> 31;
}

struct message message_of(uint64_t seed)
{
	struct message message = {.seed = seed};

	for (uint32_t i = 0; i < 3; i++)
		message.words[i] = mix(seed, i);
	return message;
}

int message_is_whole(const struct message *message)
{
	const struct message expected = message_of(message->seed);

	return memcmp(&expected, message, sizeof(expected)) == 0;
}

uint64_t victims_seed(uint64_t number, uint64_t life)
{
	return now.topic == SOLO ? number : VICTIMS_SEEDS * life + number;
}

uint64_t next_seed(enum stage_topic topic, uint64_t number)
{
	return topic == SOLO ? number : (UINT64_C(1) << 32) + ++now.seed_count;
}

const char *topic_name(enum stage_topic topic)
{
	return topic == SOLO ? "solo" : "pair";
}

void bad(const char *format, ...)
{
	va_list arguments;

	if (bad_count++ >= BAD_PRINTED_MAX)
		return;
	(void)printf("  FAILED %s: ", kill_point);
	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	(void)printf("\n");
}

void note_recovery(uint64_t began_ns)
{
	const uint64_t took_ns = takt_os_clock_now_ns() - began_ns;

	if (took_ns > recovery_ns_max)
		recovery_ns_max = took_ns;
}

/* ------------------------------------------------------------------------------------------------- set and strike */

void stage_begin(void)
{
	char path[192];
	FILE *file;

	world_begin();
	(void)snprintf(path, sizeof(path), "%s/" WORLD_CONFIG_NAME, world_root());
	(void)snprintf(parameter_file, sizeof(parameter_file), "%s/" WORLD_PARAMETER_NAME, world_root());
	file = fopen(path, "w");
	require(file != NULL && fputs(config_text, file) >= 0 && fclose(file) == 0, "writing the config");
	require(__real_takt_config_load(&config, path) == TAKT_OK, "loading the config");
}

void stage_end(void)
{
	world_free(&stage_world);
	world_end();
}

const struct takt_config *stage_config(void)
{
	return config;
}

const char *stage_parameter_file(void)
{
	return parameter_file;
}

/* Somebody who publishes the next `count` samples and leaves in order. */
static void publish_history(enum stage_topic topic, uint64_t published, uint32_t count)
{
	static struct takt_node node;
	static struct takt_publisher publisher;

	require(takt_node_join(&node, "kill", "victim") == TAKT_OK, "joining");
	require(takt_publisher_attach(&publisher, &node, topic_name(topic), message_type) == TAKT_OK, "attaching");
	for (uint32_t i = 0; i < count; i++) {
		const struct message message = message_of(next_seed(topic, published + i + 1));
		require(takt_publish(&publisher, &message, NULL) == TAKT_OK, "publishing");
	}
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
}

void stage_set_up(enum stage_topic topic, uint32_t published)
{
	const struct takt_subscriber_options options = {.history = STAGE_DEPTH - 2, .borrows = 1};

	memset(&now, 0, sizeof(now));
	now.topic = topic;
	now.published = published;
	require(takt_node_join(&now.reader, "kill", "reader") == TAKT_OK, "joining");
	require(takt_node_join(&now.other, "kill", "other") == TAKT_OK, "joining");
	publish_history(topic, 0, published);
	if (topic == PAIR)
		require(takt_publisher_attach(&now.publishes, &now.other, "pair", message_type) == TAKT_OK,
			"attaching");
	require(takt_subscriber_attach(&now.reads, &now.reader, topic_name(topic), message_type, &options) == TAKT_OK,
		"attaching");
	require(takt_waiter_init(&now.waiter, &now.reader, 0) == TAKT_OK, "the waiter");
	require(takt_waiter_add(&now.waiter, &now.reads) == TAKT_OK, "the waiter");
	if (published) {
		struct takt_sample_info info;
		require(takt_borrow_next(&now.reads, &now.held, &info) == TAKT_OK, "borrowing");
		now.held_seed = ((const struct message *)now.held.payload)->seed;
		now.seeds[info.number] = now.held_seed;
	}
	stage_keep();
}

void stage_age_borrow(void)
{
	struct message message;

	publish_history(now.topic, now.published, 1);
	now.published++;
	while (takt_read_next(&now.reads, &message, NULL) == TAKT_OK)
		;
	stage_keep();
}

void stage_keep(void)
{
	before = now;
	world_free(&stage_world);
	world_save(&stage_world);
}

void stage_put_back(const struct world *world)
{
	world_restore(world);
	now = before;
}

static void count_refusal(void *context, const char *object, enum takt_status result)
{
	if (result == TAKT_OK)
		return;
	(void)printf("  not cleaned: %s: %s\n", object, takt_status_name(result));
	(*(uint32_t *)context)++;
}

uint32_t stage_clean(void)
{
	uint32_t left = 0;
	const enum takt_status status = takt_domain_clean("kill", count_refusal, &left);

	if (status != TAKT_OK && status != TAKT_ABSENT) {
		(void)printf("  takt_domain_clean: %s\n", takt_status_name(status));
		left++;
	}
	return left + world_residue();
}

void stage_tear_down(void)
{
	takt_subscriber_detach(&now.reads);
	takt_publisher_detach(&now.publishes);
	takt_node_leave(&now.other);
	takt_node_leave(&now.reader);
	if (stage_clean() != 0)
		bad("something was left behind the clean-up");
	world_restore(&(struct world){0});
}
