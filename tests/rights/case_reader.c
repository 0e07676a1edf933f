/* SPDX-License-Identifier: Apache-2.0 */
/* A reader reads, waits and borrows, and finds every door to a topic's bytes shut; so does a user that may look and not join. */
#include "tests/rights/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/takt.h"
#include "core/topic_segment.h"
#include "platform/clock.h"
#include "platform/shm.h"
#include "tests/rights/actor.h"
#include "tests/rights/doors.h"
#include "tests/rights/world.h"

#define WAKE_ROUNDS_MAX 20
#define POLL_NS		(TAKT_NS_PER_MS / 2)

static const char *const topics[] = {"imu", "duo"};
static const char *const objects[] = {"topic.imu", "topic.duo"};

struct reading {
	struct companion publisher;
	int sleeping; /* the reader tells the test that it is about to sleep */
};

/* ------------------------------------------------------------------------------------------------------ doors */

static int is_expected(const struct door *door, int error)
{
	for (unsigned i = 0; i < DOOR_ERRORS_MAX && door->errors[i]; i++)
		if (door->errors[i] == error)
			return 1;
	return 0;
}

static void try_doors(const struct door *door, const struct target *target)
{
	/* The presence file of a queue is that of its producers and its consumers: a consumer holds its token there too. */
	const int is_queue = strncmp(target->name, "queue.", 6) == 0;

	for (; door->name; door++) {
		struct snapshot before;
		struct snapshot after;
		if (is_queue && strstr(door->name, "the right to publish"))
			continue;
		const int had = snapshot_take(&before, target->path);
		const int error = door->try_it(target);

		if (error == DOOR_ABSENT) {
			note("%s, %s: skipped, this system has no such door", target->name, door->name);
			continue;
		}
		expect(error != 0, "%s, %s: the door stood open", target->name, door->name);
		expect(error == 0 || is_expected(door, error), "%s, %s: ended with '%s'", target->name, door->name,
		       strerror(error));
		expect(had && snapshot_take(&after, target->path) && snapshot_equal(&before, &after),
		       "%s, %s: the object has changed", target->name, door->name);
	}
}

/* A hard link changes no byte, and gives no right; where the system lets a reader make one, it is only another name. */
static void try_hard_link(const struct target *target)
{
	const char *other = world_object("reply.link");
	char answer = '0';
	int setting = open("/proc/sys/fs/protected_hardlinks", O_RDONLY | O_CLOEXEC);

	(void)!read(setting, &answer, 1);
	(void)close(setting);
	if (link(target->path, other) == 0) {
		expect(answer == '0', "%s: a hard link was made though the system protects them", target->name);
		expect(open(other, O_RDWR | O_CLOEXEC) < 0 && errno == EACCES, "%s: writable by another name",
		       target->name);
		expect(unlink(other) == 0 || errno == EPERM, "%s: its other name", target->name);
	} else {
		expect(errno == EPERM || errno == EACCES, "%s: a hard link ended with '%s'", target->name,
		       strerror(errno));
	}
}

void doors_try_all(const char *name, const struct takt_os_shm *segment, pid_t writer)
{
	char path[2 * PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s", world_object(name));
	const struct target target = {
		.folder = world.folder,
		.name = name,
		.path = path,
		.descriptor = segment->descriptor,
		.address = segment->address,
		.bytes = segment->bytes,
		.writer = writer,
	};
	try_doors(doors_of_files, &target);
	try_doors(doors_of_memory, &target);
	try_doors(doors_of_processes, &target);
	try_doors(doors_of_kernels, &target);
	try_hard_link(&target);
}

/* ---------------------------------------------------------------------------------------------------- reading */

static struct takt_node node;
static struct takt_subscriber subscribers[2];
static struct takt_waiter waiter;

static int attach_all(void)
{
	const struct takt_subscriber_options borrowing = {.borrows = 1};

	if (takt_node_join(&node, world.config, "sink") != TAKT_OK)
		return 0;
	for (unsigned i = 0; i < 2; i++)
		if (takt_subscriber_attach(&subscribers[i], &node, topics[i], &takt_type_note,
					   i == 0 ? &borrowing : NULL) != TAKT_OK)
			return 0;
	return takt_waiter_init(&waiter, &node, 0) == TAKT_OK && takt_waiter_add(&waiter, &subscribers[0]) == TAKT_OK &&
	       takt_waiter_add(&waiter, &subscribers[1]) == TAKT_OK;
}

static int is_whole(const struct note_sample *sample)
{
	for (uint64_t i = 0; i < 7; i++)
		if (sample->words[i] != sample->count * (i + 1))
			return 0;
	return 1;
}

/* Sleeps until the publisher, which publishes only when this process sleeps, has woken it. */
static void wait_for_a_wake_up(const struct reading *reading)
{
	struct note_sample sample;
	struct takt_sample_info info;

	for (unsigned round = 0; round < WAKE_ROUNDS_MAX && waiter.wake_count == 0; round++) {
		expect(write(reading->sleeping, "s", 1) == 1, "nobody to tell that the reader sleeps");
		const enum takt_status status = takt_wait_until(&waiter, takt_os_clock_now_ns() + 10 * TAKT_NS_PER_S);

		expect(status == TAKT_OK, "waiting: %s", takt_status_name(status));
		for (unsigned i = 0; i < 2; i++)
			while (takt_read_next(&subscribers[i], &sample, &info) == TAKT_OK)
				expect(is_whole(&sample) && info.number == sample.count,
				       "%s: a sample is not what was published", topics[i]);
	}
	expect(waiter.wake_count > 0, "no publish has woken the reader");
	expect(subscribers[0].got + subscribers[1].got > 0, "nothing was read");
}

static void read_every_way(const struct reading *reading)
{
	struct note_sample sample;
	struct takt_borrow borrow;
	struct takt_sample_info info;

	for (unsigned i = 0; i < 2; i++) {
		expect(companion_ask(&reading->publisher, topics[i][0]) == 'k', "%s: not published", topics[i]);
		expect(takt_read_next(&subscribers[i], &sample, &info) == TAKT_OK && is_whole(&sample), "%s: next",
		       topics[i]);
		expect(takt_read_latest(&subscribers[i], &sample, &info) == TAKT_OK && is_whole(&sample), "%s: latest",
		       topics[i]);
	}
	expect(companion_ask(&reading->publisher, 'i') == 'k', "imu: not published");
	expect(takt_borrow_next(&subscribers[0], &borrow, &info) == TAKT_OK, "no borrow");
	if (borrow.payload) {
		memcpy(&sample, borrow.payload, sizeof(sample));
		expect(is_whole(&sample), "what was borrowed is not what was published");
		expect(takt_return(&subscribers[0], &borrow) == TAKT_OK, "what was borrowed did not stay");
	}
}

static int live_as_reader(int orders, int answers, void *context)
{
	struct reading *reading = context;
	char order;

	if (!attach_all() || write(answers, "r", 1) != 1)
		return 1;
	while (read(orders, &order, 1) == 1 && order != 'q') {
		if (order == 'w')
			wait_for_a_wake_up(reading);
		else if (order == 'r')
			read_every_way(reading);
		else
			for (unsigned i = 0; i < 2; i++)
				doors_try_all(objects[i], &subscribers[i].segment, reading->publisher.process);
		if (write(answers, "k", 1) != 1)
			return 2;
	}
	for (unsigned i = 0; i < 2; i++)
		takt_subscriber_detach(&subscribers[i]);
	takt_node_leave(&node);
	return 0;
}

/* 'S' in /proc: the one place where the reader sleeps, once it has said that it is about to, is its wait. */
static int is_asleep(pid_t process)
{
	char path[64];
	char text[256] = "";
	int file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
	file = open(path, O_RDONLY | O_CLOEXEC);
	(void)!read(file, text, sizeof(text) - 1);
	(void)close(file);
	const char *state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'S';
}

/* Publishes each time that the reader sleeps, until it answers. */
static void publish_to_a_sleeper(const struct reading *reading, const struct companion *reader, int told)
{
	const uint64_t end_ns = takt_os_clock_now_ns() + 60 * TAKT_NS_PER_S;
	unsigned round = 0;

	expect(write(reader->orders, "w", 1) == 1, "the reader takes no order");
	while (takt_os_clock_now_ns() < end_ns) {
		struct pollfd polled[2] = {{told, POLLIN, 0}, {reader->answers, POLLIN, 0}};
		char byte;

		if (poll(polled, 2, LIFE_MS_MAX) < 1 || polled[1].revents)
			break;
		(void)!read(told, &byte, 1);
		while (!is_asleep(reader->process) && takt_os_clock_now_ns() < end_ns)
			(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + POLL_NS);
		expect(companion_ask(&reading->publisher, topics[round++ % 2][0]) == 'k', "not published");
	}
	expect(companion_ask(reader, 0) == 'k', "the reader has not answered");
}

static void check_topics(const struct snapshot before[2], const char *when)
{
	for (unsigned i = 0; i < 2; i++) {
		char name[TAKT_OS_NAME_MAX];
		struct snapshot after;

		(void)snprintf(name, sizeof(name), "topic.%s", topics[i]);
		expect(snapshot_take(&after, world_object(name)) && snapshot_equal(&before[i], &after),
		       "%s: %s is not as it was", when, name);
	}
}

static void let_it_read(const struct reading *reading, int told)
{
	struct companion reader;
	struct snapshot before[2];

	companion_start(&reader, ACTOR_READER, live_as_reader, (void *)(uintptr_t)reading);
	if (companion_ask(&reader, 0) != 'r') {
		expect(0, "a reader cannot attach: exit %d", companion_end(&reader));
		return;
	}
	publish_to_a_sleeper(reading, &reader, told);
	expect(companion_ask(&reader, 'r') == 'k', "the reader has ended");
	expect(snapshot_take(&before[0], world_object("topic.imu")) &&
		       snapshot_take(&before[1], world_object("topic.duo")),
	       "the topics are not there");
	expect(companion_ask(&reader, 'd') == 'k', "the reader has ended at a door");
	check_topics(before, "after all doors");
	/* And the publisher is none the worse for it. */
	expect(companion_ask(&reading->publisher, 'i') == 'k' && companion_ask(&reading->publisher, 'd') == 'k',
	       "the publisher cannot publish any more");
	expect(companion_end(&reader) == 0, "the reader's end");
}

void case_reader(void)
{
	struct reading reading;
	int told[2];

	world_create();
	companion_start(&reading.publisher, ACTOR_PUBLISHER, publisher_live, NULL);
	if (pipe2(told, O_CLOEXEC) != 0)
		abort();
	reading.sleeping = told[1];
	if (companion_ask(&reading.publisher, 0) == 'r')
		let_it_read(&reading, told[0]);
	else
		expect(0, "the publisher has not begun");
	expect(companion_end(&reading.publisher) == 0, "the publisher's end");
	(void)close(told[0]);
	(void)close(told[1]);
}

/* ----------------------------------------------------------------------------------------------- forged config */

/* The reader writes a config of its own in which it publishes. */
static const char config_forged[] =
	"domain: %D\n"
	"owner: 0\n"
	"group: 61100\n"
	"mode: 0660\n"
	"topics:\n"
	"  - {name: imu, type: note, bytes: 64, depth: 8, borrows: 2, owner: 61002, group: 61100, mode: 0640}\n"
	"  - {name: duo, type: note, bytes: 64, depth: 8, publishers: 2, owner: 61002, group: 61101, mode: 0664}\n"
	"nodes:\n"
	"  - {name: source, program: x, restart: never}\n"
	"  - {name: twin, program: x, restart: never}\n"
	"  - {name: sink, program: x, subscribes: [imu, duo], publishes: [imu, duo], restart: never}\n";

static int publish_by_a_forged_config(void *context)
{
	static struct takt_publisher publisher;

	if (takt_node_join(&node, world.config, "sink") != TAKT_OK)
		return 1;
	return takt_publisher_attach(&publisher, &node, context, &takt_type_note) == TAKT_DENIED ? 0 : 2;
}

void case_forged_config(void)
{
	struct said said;

	world_create();
	world_config(config_forged);
	for (unsigned i = 0; i < 2; i++) {
		char name[TAKT_OS_NAME_MAX];
		struct snapshot before;
		struct snapshot after;

		(void)snprintf(name, sizeof(name), "topic.%s", topics[i]);
		expect(snapshot_take(&before, world_object(name)), "%s is not there", name);
		actor_run(&said, ACTOR_READER, 022, publish_by_a_forged_config, (void *)(uintptr_t)topics[i]);
		expect(said.code == 0, "%s: exit %d: %s", name, said.code, said.text);
		expect_said(&said, name, "a reader that publishes");
		expect_said(&said, "open it for writing (it is of uid 61002", "a reader that publishes");
		expect_said(&said, "run as that user or as a member of that group", "a reader that publishes");
		expect(snapshot_take(&after, world_object(name)) && snapshot_equal(&before, &after), "%s has changed",
		       name);
	}
}

/* ----------------------------------------------------------------------------------------------------- lookers */

static int look(void *context)
{
	const struct companion *publisher = context;
	struct takt_domain domain;

	if (takt_domain_attach(&domain, world.domain) != TAKT_OK)
		return 1;
	for (unsigned i = 0; i < 2; i++) {
		struct takt_os_shm segment = {0};
		struct takt_topic_constants constants;

		if (takt_topic_segment_open(&segment, &constants, &domain, NULL, topics[i], TAKT_OS_READ_ONLY) !=
		    TAKT_OK)
			return 2;
		doors_try_all(objects[i], &segment, publisher->process);
		takt_os_shm_close(&segment);
	}
	takt_domain_close(&domain);
	return 0;
}

static int join_as_looker(void *context)
{
	(void)context;
	return takt_node_join(&node, world.config, "sink") == TAKT_DENIED ? 0 : 1;
}

void case_looker(void)
{
	struct companion publisher;
	struct said said;
	struct snapshot before[2];

	world_config(config_looked_at);
	world_create();
	companion_start(&publisher, ACTOR_PUBLISHER, publisher_live, NULL);
	expect(companion_ask(&publisher, 0) == 'r' && companion_ask(&publisher, 'i') == 'k',
	       "the publisher has not begun");
	expect(snapshot_take(&before[0], world_object("topic.imu")) &&
		       snapshot_take(&before[1], world_object("topic.duo")),
	       "the topics are not there");
	actor_run(&said, ACTOR_READER, 022, look, &publisher);
	expect(said.code == 0, "one who may look: exit %d: %s", said.code, said.text);
	check_topics(before, "after all doors");
	world_takt(&said, ACTOR_READER, "topic list --domain %D");
	expect(said.code == 0, "takt topic list: exit %d", said.code);
	expect_said(&said, "imu", "takt topic list of one who may look");
	actor_run(&said, ACTOR_READER, 022, join_as_looker, NULL);
	expect(said.code == 0, "joining as one who may only look: exit %d", said.code);
	expect_said(&said, "'live'", "joining as one who may only look");
	expect_said(&said, "run as that user or as a member of that group", "joining as one who may only look");
	world_takt(&said, ACTOR_READER, "command --domain %D source ping");
	expect(said.code == 1, "commanding as one who may only look: exit %d", said.code);
	expect_said(&said, "send to it (it is of uid 61002, gid 61100, mode 0640",
		    "commanding as one who may only look");
	expect_said(&said, "run as that user", "commanding as one who may only look");
	expect(unlink(world_object("socket.source")) == 0, "there is no socket");
	world_takt(&said, ACTOR_READER, "command --domain %D source ping");
	expect(said.code == 1, "commanding by the pipe as one who may only look: exit %d", said.code);
	expect_said(&said, "may not command its nodes", "commanding by the pipe as one who may only look");
	expect_said(&said, "run as that user", "commanding by the pipe as one who may only look");
	world_takt(&said, ACTOR_ROOT, "command --domain %D source ping");
	expect(said.code == 0, "root commands a user's node: exit %d: %s", said.code, said.text);
	expect(companion_end(&publisher) == 0, "the publisher's end");
}
