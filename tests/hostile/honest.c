/* SPDX-License-Identifier: Apache-2.0 */
/* The honest: what they do while others lie, and what must be true of it. */
#include "tests/hostile/honest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/publish_right.h"
#include "platform/clock.h"
#include "platform/message.h"

static struct worker *speaking; /* whose call a message belongs to */

void worker_fail(struct worker *worker, const char *format, ...)
{
	va_list arguments;

	if (atomic_fetch_add(&worker->place->failures, 1) != 0)
		return;
	va_start(arguments, format);
	(void)vsnprintf(worker->place->failed, sizeof(worker->place->failed), format, arguments);
	va_end(arguments);
}

/* ----------------------------------------------------------------------------------------------------- messages */

static int is_about(const char *text, const char *topic)
{
	char start[64];

	(void)snprintf(start, sizeof(start), "topic '%s'", topic);
	if (strncmp(text, start, strlen(start)) == 0)
		return 1;
	(void)snprintf(start, sizeof(start), "topic.%s:", topic);
	return strncmp(text, start, strlen(start)) == 0;
}

/* What a member can do to a topic that it may not write: take its pins, and lie in the roster. A starved machine holds locks long. */
static int is_the_rosters_fault(const char *text)
{
	return strstr(text, "pin") != NULL || strstr(text, "borrows") != NULL || strstr(text, "the roster") != NULL ||
	       strstr(text, "its lock was held") != NULL;
}

static void keep_message(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	if (speaking == NULL)
		return;
	for (unsigned i = 0; i < TOPIC_COUNT; i++) {
		if (!is_about(text, topic_names[i]))
			continue;
		atomic_fetch_add(&speaking->place->reports[i], 1);
		if (i <= FROZEN && !is_the_rosters_fault(text))
			worker_fail(speaking, "the wrong topic is reported: %s", text);
		if (i != speaking->topic)
			worker_fail(speaking, "topic %s was in work, and reported is: %s", topic_names[speaking->topic],
				    text);
	}
}

/* ------------------------------------------------------------------------------------------------ calls and time */

static uint64_t cpu_now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * TAKT_NS_PER_S + (uint64_t)now.tv_nsec;
}

static void keep_max(_Atomic uint64_t *max, uint64_t value)
{
	if (value > atomic_load_explicit(max, memory_order_relaxed))
		atomic_store_explicit(max, value, memory_order_relaxed);
}

static const char *doing_of(const struct worker *worker)
{
	return atomic_load(&worker->place->doing);
}

void call_begin(struct worker *worker, const char *doing, enum topic topic)
{
	speaking = worker;
	worker->topic = topic;
	atomic_store_explicit(&worker->place->doing, doing, memory_order_relaxed);
	atomic_store_explicit(&worker->place->topic, topic, memory_order_relaxed);
	worker->wall_ns = takt_os_clock_now_ns();
}

/* A call that had the processor for long was there for long: only then, or now and then, its clock is asked, which is a system call.
 * What it says is of all calls since the last look. */
static void check_time(struct worker *worker)
{
	const uint64_t wall_ns = takt_os_clock_now_ns() - worker->wall_ns;

	keep_max(&worker->place->call_wall_ns_max, wall_ns);
	if (++worker->calls_since < CPU_LOOK_EACH && wall_ns < CALL_CPU_NS_MAX)
		return;
	const uint64_t now_ns = cpu_now_ns(), spent_ns = now_ns - worker->cpu_ns;
	if (wall_ns >= CALL_CPU_NS_MAX && spent_ns > CALL_CPU_NS_MAX && worker->cpu_ns && worker->role <= WAIT &&
	    !worker->is_lockstep)
		worker_fail(worker, "%s took %llu ns of processor time", doing_of(worker),
			    (unsigned long long)spent_ns);
	keep_max(&worker->place->call_cpu_ns_max, spent_ns < wall_ns ? spent_ns : wall_ns);
	worker->cpu_ns = now_ns;
	worker->calls_since = 0;
}

void call_end(struct worker *worker, enum takt_status status)
{
	struct place *place = worker->place;
	const uint64_t mutations = atomic_load_explicit(&page->mutations, memory_order_relaxed);

	speaking = NULL;
	check_time(worker);
	atomic_fetch_add_explicit(&place->outcomes[-(int)status], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&place->operations, 1, memory_order_relaxed);
	if (mutations != worker->mutations_seen)
		atomic_fetch_add_explicit(&place->mutated_operations, 1, memory_order_relaxed);
	worker->mutations_seen = mutations;
}

/* ------------------------------------------------------------------------------------------------------- begin */

void need(struct worker *worker, enum takt_status status, const char *what)
{
	if (status != TAKT_OK)
		worker_fail(worker, "%s cannot %s: %s", worker->node_name, what, takt_status_name(status));
}

static void attach(struct worker *worker)
{
	const struct takt_subscriber_options lends = {.borrows = 1};
	const int reads_all = worker->role == READ;

	for (unsigned i = 0; i < TOPIC_COUNT; i++) {
		if (takt_config_subscribes(worker->node.own, topic_names[i]))
			need(worker,
			     takt_subscriber_attach(&worker->subscribers[i], &worker->node, topic_names[i],
						    message_type, worker->role == BORROW ? &lends : NULL),
			     reads_all ? "read" : "attach");
		if (i != FROZEN && takt_config_publishes(worker->node.own, topic_names[i]))
			need(worker,
			     takt_publisher_attach(&worker->publishers[i], &worker->node, topic_names[i], message_type),
			     "publish");
	}
}

void worker_begin(struct worker *worker, enum role role, const char *node_name, uint32_t place_index, uint64_t seed)
{
	*worker = (struct worker){.role = role, .node_name = node_name, .random = seed | 1, .topic = CLEAN};
	worker->place = &page->places[place_index];
	takt_message_handler_set(keep_message, NULL);
	if (role == COME || role == COMMAND)
		return;
	need(worker, takt_node_join(&worker->node, config_path, node_name), "join");
	if (worker->place->failures)
		return;
	atomic_store(&page->living_tokens[place_index], worker->node.token);
	atomic_store(&page->instance, worker->node.domain.instance);
	attach(worker);
	if (role != WAIT || worker->place->failures)
		return;
	need(worker, takt_waiter_init(&worker->waiter, &worker->node, 0), "wait");
	for (unsigned i = 0; i < TOPIC_COUNT; i++)
		if (worker->subscribers[i].node)
			need(worker, takt_waiter_add(&worker->waiter, &worker->subscribers[i]), "wait for a topic");
}

/* ----------------------------------------------------------------------------------------------------- publish */

static int may_publish(enum topic topic, enum takt_status status)
{
	if (status == TAKT_OK)
		return 1;
	/* The only publisher of a topic that nobody else may write always can. */
	if (topic == CLEAN)
		return 0;
	if (topic == MIXED && status == TAKT_CORRUPT && atomic_load(&page->may_be_cut))
		return 1;
	return status == TAKT_TIMEOUT || (topic == MIXED && status == TAKT_FULL);
}

static enum takt_status publish_once(struct worker *worker, enum topic topic)
{
	struct takt_publisher *publisher = &worker->publishers[topic];
	struct message message;
	struct takt_loan loan;

	message_fill(&message, world_random(&worker->random));
	if (topic == FAIR || world_random(&worker->random) % 4)
		return takt_publish(publisher, &message, NULL);
	const enum takt_status status = takt_publisher_loan(publisher, &loan);
	if (status != TAKT_OK)
		return status;
	memcpy(loan.payload, &message, sizeof(message));
	const enum takt_status published = takt_publish_loan(publisher, &loan, NULL);
	if (published != TAKT_OK)
		takt_publisher_abandon(publisher, &loan);
	return published;
}

/* Puts a publisher of a scribbled topic on its feet again; that may fail as long as the topic is what it is. */
static void attach_again(struct worker *worker, enum topic topic)
{
	struct takt_publisher *publisher = &worker->publishers[topic];

	call_begin(worker, "detach", topic);
	takt_publisher_detach(publisher);
	call_end(worker, TAKT_OK);
	call_begin(worker, "attach to publish", topic);
	call_end(worker, takt_publisher_attach(publisher, &worker->node, topic_names[topic], message_type));
}

void publish(struct worker *worker, enum topic topic)
{
	const int is_healed = topic > FROZEN && atomic_load(&page->heals) != worker->heals_seen;

	if (worker->publishers[topic].node == NULL || worker->refused > 64 || is_healed) {
		worker->heals_seen = atomic_load(&page->heals);
		worker->refused = 0;
		attach_again(worker, topic);
		return;
	}
	call_begin(worker, "publish", topic);
	const enum takt_status status = publish_once(worker, topic);
	call_end(worker, status);
	worker->refused = status == TAKT_OK ? 0 : worker->refused + 1;
	if (status == TAKT_OK)
		atomic_fetch_add(&worker->place->published[topic], 1);
	if (!may_publish(topic, status))
		worker_fail(worker, "publishing %s: %s", topic_names[topic], takt_status_name(status));
}

/* The lock for its own sake, with a witness that no liar can write. */
static void hold_lock(struct worker *worker)
{
	struct takt_publisher *publisher = &worker->publishers[FAIR];

	call_begin(worker, "lock", FAIR);
	const enum takt_status status = takt_publisher_lock(publisher);
	call_end(worker, status);
	if (status != TAKT_OK) {
		if (status != TAKT_TIMEOUT)
			worker_fail(worker, "locking: %s", takt_status_name(status));
		return;
	}
	if (atomic_fetch_add(&page->fair_inside, 1) != 0)
		worker_fail(worker, "the lock has two owners, and both live");
	atomic_fetch_add(&page->fair_entered, 1);
	if (worker->between)
		worker->between(worker->context);
	for (uint64_t i = world_random(&worker->random) % 2000; i > 0; i--)
		(void)atomic_load_explicit(&page->mutations, memory_order_acquire);
	atomic_fetch_sub(&page->fair_inside, 1);
	takt_lock_give(&publisher->lock);
}

/* -------------------------------------------------------------------------------------------------------- read */

static int may_read(enum topic topic, enum takt_status status)
{
	if (status == TAKT_OK || status == TAKT_EMPTY || status == TAKT_OVERTAKEN)
		return 1;
	return topic > FROZEN && (status == TAKT_CORRUPT || status == TAKT_MISMATCH);
}

static void check_read(struct worker *worker, enum topic topic, enum takt_status status,
		       const struct takt_sample_info *info, const struct message *message)
{
	const struct takt_subscriber *subscriber = &worker->subscribers[topic];

	if (subscriber->got + subscriber->lost + subscriber->skipped != subscriber->next - subscriber->start)
		worker_fail(worker, "%s: the account is wrong", doing_of(worker));
	if (!may_read(topic, status))
		worker_fail(worker, "%s: %s", doing_of(worker), takt_status_name(status));
	if (status != TAKT_OK)
		return;
	if (info->is_repeated ? info->number >= subscriber->next : info->number != subscriber->next - 1)
		worker_fail(worker, "%s: sample %llu was delivered as %llu", doing_of(worker),
			    (unsigned long long)info->number, (unsigned long long)subscriber->next - 1);
	if (message && topic <= FROZEN && !message_is_whole(message))
		worker_fail(worker, "%s: sample %llu is torn", doing_of(worker), (unsigned long long)info->number);
}

/* Goes on where the topic is now, as one that attaches anew does. */
static void seek(struct worker *worker, enum topic topic)
{
	struct takt_subscriber *subscriber = &worker->subscribers[topic];
	const struct takt_subscriber_options lends = {.borrows = 1};

	/* One in a waiter's set stays attached. */
	if (subscriber->node && (worker->role == WAIT || worker->role == LOOP || world_random(&worker->random) % 64)) {
		const uint64_t read = subscriber->got + subscriber->lost + subscriber->skipped;
		subscriber->next = takt_ring_newest(&subscriber->ring) - world_random(&worker->random) % 8;
		subscriber->start = subscriber->next - read;
		subscriber->has_complained = 0;
		subscriber->type_is_checked = 0;
		return;
	}
	call_begin(worker, "attach to read", topic);
	takt_subscriber_detach(subscriber);
	const enum takt_status status = takt_subscriber_attach(subscriber, &worker->node, topic_names[topic],
							       message_type, worker->role == BORROW ? &lends : NULL);
	call_end(worker, status);
	if (status != TAKT_OK && status != TAKT_CORRUPT && status != TAKT_MISMATCH && status != TAKT_NOT_READY &&
	    status != TAKT_FULL)
		worker_fail(worker, "attaching to %s: %s", topic_names[topic], takt_status_name(status));
}

static void note(struct worker *worker, enum topic topic, enum takt_status status)
{
	/* Damage stays until it is read away from: the next attack deserves a reader that is in the middle of the topic. */
	worker->refused = status == TAKT_OK ? 0 : worker->refused + 1;
	if (topic > FROZEN && worker->refused > 4) {
		worker->refused = 0;
		seek(worker, topic);
	}
}

void read_topic(struct worker *worker, enum topic topic)
{
	struct takt_subscriber *subscriber = &worker->subscribers[topic];
	const int wants_latest = world_random(&worker->random) % 4 == 0 && topic > FROZEN;
	struct takt_sample_info info;
	struct message message;

	if (subscriber->node == NULL) {
		seek(worker, topic);
		return;
	}
	call_begin(worker, wants_latest ? "read latest" : "read next", topic);
	const enum takt_status status = wants_latest ? takt_read_latest(subscriber, &message, &info)
						     : takt_read_next(subscriber, &message, &info);
	call_end(worker, status);
	check_read(worker, topic, status, &info, &message);
	note(worker, topic, status);
}

static void check_return(struct worker *worker, enum topic topic, enum takt_status status, int is_changed)
{
	if (status != TAKT_OK && status != TAKT_OVERTAKEN)
		worker_fail(worker, "returning %s: %s", topic_names[topic], takt_status_name(status));
	if (status == TAKT_OVERTAKEN)
		atomic_fetch_add(&worker->place->returns_overtaken, 1);
	if (topic != CLEAN || !is_changed || status != TAKT_OK)
		return;
	atomic_fetch_add(&worker->place->returns_unnoticed, 1);
	/* Alone with the liar nothing is half done when we look. Among others the pin may be taken and put back while the publisher is
	 * filling the slot: counted, and reported. */
	if (worker->between)
		worker_fail(worker, "a borrowed sample changed and its return says that it did not");
}

void borrow(struct worker *worker, enum topic topic)
{
	struct takt_subscriber *subscriber = &worker->subscribers[topic];
	struct takt_sample_info info;
	struct takt_borrow held;
	struct message before;

	if (subscriber->node == NULL) {
		seek(worker, topic);
		return;
	}
	const int wants_latest = world_random(&worker->random) % 2 != 0;
	call_begin(worker, wants_latest ? "borrow latest" : "borrow next", topic);
	const enum takt_status status = wants_latest ? takt_borrow_latest(subscriber, &held, &info)
						     : takt_borrow_next(subscriber, &held, &info);
	call_end(worker, status);
	if (status == TAKT_OK)
		memcpy(&before, held.payload, sizeof(before));
	/* Without a pin that is one's own the clean topic may be written under the reader too: its return says so. */
	check_read(worker, topic, status, &info, NULL);
	note(worker, topic, status);
	if (status != TAKT_OK)
		return;
	if (worker->between)
		worker->between(worker->context);
	const int is_changed = memcmp(&before, held.payload, sizeof(before)) != 0;
	call_begin(worker, "return", topic);
	const enum takt_status returned = takt_return(subscriber, &held);
	call_end(worker, returned);
	check_return(worker, topic, returned, is_changed);
}

void wait_once(struct worker *worker)
{
	const uint64_t deadline_ns = takt_os_clock_now_ns() + world_random(&worker->random) % (3 * TAKT_NS_PER_MS);

	/* A message of a wait names no topic. */
	call_begin(worker, "wait", CLEAN);
	const enum takt_status status = takt_wait_until(&worker->waiter, deadline_ns);
	const uint64_t now_ns = takt_os_clock_now_ns();
	call_end(worker, status);
	if (now_ns > deadline_ns)
		keep_max(&worker->place->wait_over_ns_max, now_ns - deadline_ns);
	if (status != TAKT_OK && status != TAKT_TIMEOUT)
		worker_fail(worker, "waiting: %s", takt_status_name(status));
	if (status == TAKT_TIMEOUT && now_ns < deadline_ns)
		worker_fail(worker, "a wait timed out before its time");
}

/* --------------------------------------------------------------------------------------------------- all of it */

static enum topic any_read_topic(struct worker *worker)
{
	static const enum topic topics[] = {CLEAN, OWN, MIXED, OWN, MIXED, FAIR, OWN, MIXED};
	const enum topic topic = topics[world_random(&worker->random) % 8];

	return topic == FAIR && worker->role == BORROW ? CLEAN : topic;
}

void worker_step(struct worker *worker)
{
	switch (worker->role) {
	case PUBLISH_CLEAN:
		publish(worker, CLEAN);
		break;
	case PUBLISH_FAIR:
		if (world_random(&worker->random) % 4 == 0)
			hold_lock(worker);
		else
			publish(worker, FAIR);
		break;
	case PUBLISH_MIXED:
		publish(worker, MIXED);
		break;
	case READ:
		read_topic(worker, world_random(&worker->random) % 64 ? any_read_topic(worker) : FROZEN);
		break;
	case BORROW:
		borrow(worker, any_read_topic(worker));
		break;
	case WAIT:
		wait_once(worker);
		for (unsigned i = 0; i < 4; i++)
			read_topic(worker, any_read_topic(worker));
		break;
	default:
		visit_step(worker);
	}
}

static void report(struct worker *worker, enum topic topic)
{
	const struct takt_subscriber *subscriber = &worker->subscribers[topic];

	atomic_store(&worker->place->got[topic], subscriber->got);
	atomic_store(&worker->place->lost[topic], subscriber->lost);
	atomic_store(&worker->place->skipped[topic], subscriber->skipped);
	atomic_store(&worker->place->start[topic], subscriber->start);
	atomic_store(&worker->place->next[topic], subscriber->next);
}

void worker_end(struct worker *worker)
{
	struct message message;
	struct takt_sample_info info;

	for (unsigned i = 0; i <= FAIR; i++) {
		struct takt_subscriber *subscriber = &worker->subscribers[i];
		enum takt_status status = TAKT_OK;
		while (subscriber->node && (status == TAKT_OK || status == TAKT_OVERTAKEN)) {
			speaking = worker;
			worker->topic = i;
			status = takt_read_next(subscriber, &message, &info);
			check_read(worker, i, status, &info, &message);
		}
		if (subscriber->node)
			report(worker, i);
	}
	speaking = worker;
	for (unsigned i = 0; i < TOPIC_COUNT; i++) {
		worker->topic = i;
		takt_subscriber_detach(&worker->subscribers[i]);
		takt_publisher_detach(&worker->publishers[i]);
	}
	takt_node_leave(&worker->node);
	speaking = NULL;
}
