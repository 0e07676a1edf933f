/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/instructions/stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WAITING_READER_COUNT 16
#define TOPIC_COUNT_MANY     200
#define TEXT_BYTES	     32768

TAKT_TYPE(stage_sample, struct stage_sample, TAKT_FIELD(struct stage_sample, words, TAKT_U64, 8, ""));

struct stage stage;

enum place { WRITER, SECOND_WRITER, READER, EVENT_NODE, PERIOD_NODE, ALONE, CROWD, PLACE_COUNT };

static struct takt_node nodes[PLACE_COUNT];
static struct takt_node waiting_nodes[WAITING_READER_COUNT];
static struct takt_subscriber waiting_readers[WAITING_READER_COUNT];
static struct takt_publisher second_publisher;

void stage_require(int condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "hot_paths: %s\n", what);
	exit(2);
}

/* ------------------------------------------------------------------------------------------------------- clock */

/* The linker puts these in the place of the C library's (--wrap). Under valgrind there is no vDSO, so that its clock_gettime would be
 * a system call, and the figures would hang on the time that passes: a larger age than ever costs a store more. */
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __real_clock_nanosleep(clockid_t clock, int flags, const struct timespec *end, struct timespec *rest);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *end, struct timespec *rest);

/* Of this thread, so that command threads, which sleep for real, keep the real one. 0 seconds: the real one. */
static _Thread_local struct timespec stage_time;

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	if (stage_time.tv_sec == 0)
		return __real_clock_gettime(clock, now);
	/* The second never ends: the whole program looks at the clock far less than a million times. */
	stage_time.tv_nsec += 1000;
	*now = stage_time;
	return 0;
}

int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *end, struct timespec *rest)
{
	if (stage_time.tv_sec == 0)
		return __real_clock_nanosleep(clock, flags, end, rest);
	stage_time = *end;
	return 0;
}

/* ------------------------------------------------------------------------------------------------------ config */

static char text[TEXT_BYTES];
static size_t text_bytes;

static void __attribute__((format(printf, 1, 2))) add(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_bytes += (size_t)vsnprintf(text + text_bytes, sizeof(text) - text_bytes, format, arguments);
	va_end(arguments);
	stage_require(text_bytes < sizeof(text), "the config is too long");
}

static void add_topic(const char *name, unsigned depth, const char *more)
{
	add("  - {name: %s, type: stage_sample, bytes: %zu, depth: %u%s}\n", name, sizeof(struct stage_sample), depth,
	    more);
}

static const char *config_path(const char *domain)
{
	static char path[256];
	const char *root = getenv("TAKT_SHM_FOLDER");

	stage_require(root != NULL, "TAKT_SHM_FOLDER must name a folder for this run alone");
	stage_require(snprintf(path, sizeof(path), "%s/%s.yaml", root, domain) < (int)sizeof(path), "a long folder");
	return path;
}

static void write_config(const char *domain)
{
	FILE *file = fopen(config_path(domain), "w");

	stage_require(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, "cannot write a config");
	text_bytes = 0;
}

static void write_config_of_paths(void)
{
	add("domain: paths\ntopics:\n");
	add_topic("quiet", 16, "");
	add_topic("declared_1", 16, "");
	add_topic("declared_16", 16, "");
	add_topic("shared", 16, ", publishers: 2");
	add_topic("lent", 16, ", loans: 2, borrows: 2");
	add_topic("depth_4", 4, "");
	add_topic("depth_4096", 4096, "");
	add_topic("news", 16, "");
	add("nodes:\n"
	    "  - {name: writer, program: x, publishes: [quiet, declared_1, declared_16, shared, lent, depth_4, depth_4096, "
	    "news]}\n"
	    "  - {name: second_writer, program: x, publishes: [shared]}\n"
	    "  - {name: reader, program: x, subscribes: [quiet, shared, lent, depth_4, depth_4096]}\n"
	    "  - {name: event_loop, program: x, subscribes: [news], waiters: 1}\n"
	    "  - {name: period_loop, program: x, period_us: 1000}\n");
	for (unsigned i = 0; i < WAITING_READER_COUNT; i++)
		add("  - {name: waiting_%u, program: x, subscribes: [declared_16%s], waiters: 1}\n", i,
		    i == 0 ? ", declared_1" : "");
	write_config("paths");
}

static void write_config_of_topics(const char *domain, unsigned topic_count)
{
	add("domain: %s\ntopics:\n", domain);
	for (unsigned i = 1; i <= topic_count; i++) {
		char name[TAKT_NAME_BYTES];
		(void)snprintf(name, sizeof(name), "topic_%u", i);
		add_topic(name, 16, "");
	}
	add("nodes:\n  - {name: node, program: x, publishes: [topic_%u], subscribes: [topic_%u]}\n", topic_count,
	    topic_count);
	write_config(domain);
}

/* ------------------------------------------------------------------------------------------------------- stage */

static void join(struct takt_node *node, const char *domain, const char *name)
{
	stage_require(takt_node_join(node, config_path(domain), name) == TAKT_OK, name);
}

static void attach_publisher(struct takt_publisher *publisher, enum place place, const char *topic)
{
	stage_require(takt_publisher_attach(publisher, &nodes[place], topic, &takt_type_stage_sample) == TAKT_OK,
		      topic);
}

static void attach_subscriber(struct takt_subscriber *subscriber, struct takt_node *node, const char *topic,
			      uint32_t borrows)
{
	const struct takt_subscriber_options options = {.borrows = borrows};

	stage_require(takt_subscriber_attach(subscriber, node, topic, &takt_type_stage_sample, &options) == TAKT_OK,
		      topic);
}

static void begin_paths(void)
{
	static const char *const names[] = {"quiet", "declared_1", "declared_16", "shared",
					    "lent",  "depth_4",	   "depth_4096",  "news"};

	write_config_of_paths();
	join(&nodes[WRITER], "paths", "writer");
	join(&nodes[SECOND_WRITER], "paths", "second_writer");
	join(&nodes[READER], "paths", "reader");
	join(&nodes[EVENT_NODE], "paths", "event_loop");
	join(&nodes[PERIOD_NODE], "paths", "period_loop");
	for (unsigned i = STAGE_QUIET; i <= STAGE_NEWS; i++)
		attach_publisher(&stage.publishers[i], WRITER, names[i]);
	attach_publisher(&second_publisher, SECOND_WRITER, "shared");
	for (unsigned i = 0; i < WAITING_READER_COUNT; i++) {
		char name[TAKT_NAME_BYTES];
		(void)snprintf(name, sizeof(name), "waiting_%u", i);
		join(&waiting_nodes[i], "paths", name);
		attach_subscriber(&waiting_readers[i], &waiting_nodes[i], "declared_16", 0);
	}
	attach_subscriber(&stage.subscribers[STAGE_DECLARED_1], &waiting_nodes[0], "declared_1", 0);
	attach_subscriber(&stage.subscribers[STAGE_NEWS], &nodes[EVENT_NODE], "news", 0);
	for (unsigned i = STAGE_QUIET; i <= STAGE_DEPTH_4096; i++)
		if (i != STAGE_DECLARED_1 && i != STAGE_DECLARED_16)
			attach_subscriber(&stage.subscribers[i], &nodes[READER], names[i], i == STAGE_LENT ? 2 : 0);
}

static void begin_topics(enum stage_topic topic, enum place place, const char *domain, unsigned topic_count)
{
	char name[TAKT_NAME_BYTES];

	(void)snprintf(name, sizeof(name), "topic_%u", topic_count);
	write_config_of_topics(domain, topic_count);
	join(&nodes[place], domain, "node");
	attach_publisher(&stage.publishers[topic], place, name);
	attach_subscriber(&stage.subscribers[topic], &nodes[place], name, 0);
}

static void begin_waiting(void)
{
	struct takt_subscriber *triggers[] = {&stage.subscribers[STAGE_NEWS]};

	stage_require(takt_waiter_init(&stage.waiter, &waiting_nodes[0], 0) == TAKT_OK &&
			      takt_waiter_add(&stage.waiter, &stage.subscribers[STAGE_DECLARED_1]) == TAKT_OK,
		      "no waiter");
	stage_require(takt_loop_begin(&stage.event_loop, &nodes[EVENT_NODE],
				      &(struct takt_loop_options){.triggers = triggers, .trigger_count = 1}) == TAKT_OK,
		      "no event-driven loop");
	stage_require(takt_loop_begin(&stage.period_loop, &nodes[PERIOD_NODE], &(struct takt_loop_options){0}) ==
			      TAKT_OK,
		      "no periodic loop");
}

void stage_begin(void)
{
	begin_paths();
	begin_topics(STAGE_TOPICS_1, ALONE, "topics_1", 1);
	begin_topics(STAGE_TOPICS_200, CROWD, "topics_200", TOPIC_COUNT_MANY);
	stage_time = (struct timespec){.tv_sec = 1000000};
	begin_waiting();
}

void stage_end(void)
{
	stage_time.tv_sec = 0;
	takt_loop_end(&stage.period_loop);
	takt_loop_end(&stage.event_loop);
	for (unsigned i = 0; i < STAGE_TOPIC_COUNT; i++) {
		takt_publisher_detach(&stage.publishers[i]);
		takt_subscriber_detach(&stage.subscribers[i]);
	}
	takt_publisher_detach(&second_publisher);
	for (unsigned i = 0; i < WAITING_READER_COUNT; i++) {
		takt_subscriber_detach(&waiting_readers[i]);
		takt_node_leave(&waiting_nodes[i]);
	}
	for (unsigned i = 0; i < PLACE_COUNT; i++)
		takt_node_leave(&nodes[i]);
}
