/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/process/storm/storm.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/commander.h"
#include "core/layout.h"
#include "core/publish_right.h"
#include "core/waiter.h"
#include "platform/clock.h"
#include "platform/message.h"

#define PAUSE_NS_MAX  UINT64_C(200000)
#define BURST_MAX     UINT64_C(256)
#define READ_WAIT_NS  (5 * TAKT_NS_PER_MS)
#define ANSWER_NS_MAX (200 * TAKT_NS_PER_MS)
#define LIFE_LOST     3 /* exit: could not begin, which a storm allows; another one is started */

TAKT_TYPE(storm_message, struct storm_message, TAKT_FIELD(struct storm_message, seed, TAKT_U64, 1, ""),
	  TAKT_FIELD(struct storm_message, words, TAKT_U64, 15, ""));
const struct takt_type *const storm_type = &takt_type_storm_message;
const char *const storm_topic_names[STORM_TOPIC_COUNT] = {"solo", "shared"};
struct storm_page *storm_page;
const char *storm_config_path;

static struct takt_node node;
static char last_said[256];

static void keep_said(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)snprintf(last_said, sizeof(last_said), "%.255s", text);
}

uint64_t storm_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void fill_from(struct storm_message *message, uint64_t seed)
{
	message->seed = seed;
	for (uint64_t i = 0; i < 15; i++)
		message->words[i] = (seed + i * 0x10001) * UINT64_C(0x9e3779b97f4a7c15);
}

void storm_fill(struct storm_message *message, uint64_t place_index, uint64_t sequence)
{
	fill_from(message, place_index << STORM_SEED_PLACE_SHIFT | sequence);
}

int storm_is_whole(const struct storm_message *message)
{
	struct storm_message expected;

	fill_from(&expected, message->seed);
	return memcmp(&expected, message, sizeof(expected)) == 0;
}

static void wrong(struct storm_place *place, const char *what, enum takt_status status)
{
	if (atomic_fetch_add(&place->wrong, 1) == 0)
		(void)snprintf(place->said, sizeof(place->said), "%s: %s: %.180s", what, takt_status_name(status),
			       last_said);
}

static void join(struct storm_place *place, const char *name)
{
	takt_message_handler_set(keep_said, NULL);
	const enum takt_status status = takt_node_join(&node, storm_config_path, name);
	if (status == TAKT_OK)
		return;
	wrong(place, "joining", status);
	_exit(LIFE_LOST);
}

static void pause_for(uint64_t *random)
{
	(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + storm_random(random) % PAUSE_NS_MAX);
}

/* ---------------------------------------------------------------------------------------------------- publisher */

static struct takt_publisher publisher;

static enum takt_status publish_loan(struct storm_message *message, int is_abandoned)
{
	struct takt_loan loan;
	enum takt_status status = takt_publisher_loan(&publisher, &loan);

	if (status != TAKT_OK)
		return status;
	memcpy(loan.payload, message, sizeof(*message));
	status = is_abandoned ? TAKT_EMPTY : takt_publish_loan(&publisher, &loan, NULL);
	if (status != TAKT_OK)
		takt_publisher_abandon(&publisher, &loan);
	return status;
}

/* A publish holds the lock for less than a microsecond, too short for a blow to hit; so the lock is held for its own sake too. */
static void hold_lock(struct storm_place *place, uint64_t *random)
{
	const enum takt_status status = takt_publisher_lock(&publisher);

	if (status == TAKT_OK) {
		pause_for(random);
		takt_lock_give(&publisher.lock);
	} else if (status != TAKT_TIMEOUT) {
		wrong(place, "locking", status);
	}
}

int storm_settle(struct storm_place *place, uint64_t head)
{
	const uint64_t published = atomic_load(&place->published), attempted = atomic_load(&place->attempted);

	/* Its samples are numbered like the topic's: as long as this holds, each number has been given once, to the right sample. */
	if (head != published && !(head == published + 1 && attempted == head))
		return 0;
	atomic_store(&place->published, head);
	atomic_store(&place->concluded, head);
	/* The number of an attempt that left nothing is free again. */
	atomic_store(&place->attempted, head);
	return 1;
}

/* Relaxed: each word has one writer, and whoever reads them waits for its end. */
static void put(_Atomic uint64_t *word, uint64_t value)
{
	atomic_store_explicit(word, value, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *word)
{
	return atomic_load_explicit(word, memory_order_relaxed);
}

static uint64_t burst_queued_ns; /* how long this process had waited for a processor when the burst began */

/* Ready to run and not running, since it began, by the kernel's account; 0 where it keeps none. */
static uint64_t queued_ns(void)
{
	static int descriptor = -1;
	unsigned long long queued = 0;
	char text[96] = "";

	if (descriptor < 0)
		descriptor = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
	if (descriptor >= 0 && pread(descriptor, text, sizeof(text) - 1, 0) > 0)
		(void)sscanf(text, "%*u %llu", &queued);
	return queued;
}

/* How long a publish takes is one thing, how long others keep the processor another: both are told. The second is counted for the whole
 * burst, so what is left is too short rather than too long where several publishes of one waited. */
static void note_duration(struct storm_place *place, uint64_t took_ns)
{
	if (took_ns > get(&place->publish_ns_max))
		put(&place->publish_ns_max, took_ns);
	if (took_ns <= get(&place->running_ns_max))
		return;
	const uint64_t elsewhere_ns = queued_ns() - burst_queued_ns;
	if (took_ns > elsewhere_ns && took_ns - elsewhere_ns > get(&place->running_ns_max))
		put(&place->running_ns_max, took_ns - elsewhere_ns);
}

static void publish_once(struct storm_place *place, uint64_t *random)
{
	struct storm_message message;
	const uint64_t way = storm_random(random) % 8;
	const uint64_t sequence = get(&place->attempted) + 1;

	storm_fill(&message, (uint64_t)(place - storm_page->places), sequence);
	const uint64_t stops = get(&place->stop_count);
	put(&place->attempted, sequence);
	/* For the compiler: the attempt is noted before the publish, the return behind it; a kill finds stores in program order. */
	atomic_signal_fence(memory_order_seq_cst);
	const uint64_t began_ns = takt_os_clock_now_ns();
	const enum takt_status status =
		way < 5 ? takt_publish(&publisher, &message, NULL) : publish_loan(&message, way == 7);
	const uint64_t took_ns = takt_os_clock_now_ns() - began_ns;
	if (status == TAKT_OK) {
		put(&place->published, get(&place->published) + 1);
		put(&place->concluded, sequence);
	} else {
		/* Nothing was published, so the number is used again; if something was, a reader finds it twice. */
		put(&place->concluded, sequence - 1);
		put(&place->attempted, sequence - 1);
	}
	if (status == TAKT_TIMEOUT && publisher.is_shared)
		atomic_fetch_add(&place->timeouts, 1);
	else if (status != TAKT_OK && status != TAKT_EMPTY && !(status == TAKT_FULL && publisher.is_shared && way >= 5))
		wrong(place, "publishing", status);
	if (get(&place->stop_count) == stops && !get(&place->is_shaken))
		note_duration(place, took_ns);
}

/* A place that died in the middle: alone on its topic it finds out, one of several leaves it in doubt and goes on behind it. */
static void follow(struct storm_place *place)
{
	const struct takt_topic_shm *topic = publisher.segment.address;

	if (publisher.is_shared) {
		if (atomic_load(&place->attempted) > atomic_load(&place->concluded))
			atomic_fetch_add(&place->doubtful, 1);
		atomic_store(&place->concluded, atomic_load(&place->attempted));
	} else if (!storm_settle(place, atomic_load(&topic->head))) {
		wrong(place, "what a death left in the topic", TAKT_CORRUPT);
	}
}

void storm_publish(struct storm_place *place, const struct storm_role *role, uint64_t seed)
{
	uint64_t random = seed | 1;

	join(place, role->node);
	const enum takt_status status =
		takt_publisher_attach(&publisher, &node, storm_topic_names[role->topic], storm_type);
	/* A stopped process may hold the lock just now. */
	if (status != TAKT_OK && status != TAKT_TIMEOUT)
		wrong(place, "attaching to publish", status);
	if (status != TAKT_OK)
		_exit(LIFE_LOST);
	follow(place);
	if (takt_node_set_ready(&node) != TAKT_OK)
		_exit(LIFE_LOST);
	while (!atomic_load(&storm_page->publishers_end)) {
		burst_queued_ns = queued_ns();
		for (uint64_t burst = storm_random(&random) % BURST_MAX + 1; burst != 0; burst--)
			publish_once(place, &random);
		pause_for(&random);
		if (publisher.is_shared && storm_random(&random) % 8 == 0)
			hold_lock(place, &random);
	}
	takt_publisher_detach(&publisher);
	takt_node_leave(&node);
	_exit(0);
}

/* ------------------------------------------------------------------------------------------------------- reader */

static struct takt_subscriber subscribers[STORM_TOPIC_COUNT];

static void report(struct storm_place *place, uint32_t topic)
{
	const struct takt_subscriber *subscriber = &subscribers[topic];

	atomic_store(&place->got[topic], subscriber->got);
	atomic_store(&place->lost[topic], subscriber->lost);
	atomic_store(&place->start[topic], subscriber->start);
	atomic_store(&place->next[topic], subscriber->next);
}

/* Whose sample it is: one that may publish here; later than its last one; and one that it has begun to publish. Alone on its topic it
 * numbers its samples as the topic does, deaths or not. */
static void look_at(struct storm_place *place, uint32_t topic, const struct storm_message *message, uint64_t number)
{
	static uint64_t newest_of[STORM_PLACE_COUNT];
	const uint64_t from = message->seed >> STORM_SEED_PLACE_SHIFT;
	const uint64_t sequence = message->seed & STORM_SEQUENCE_MASK;

	if (from >= STORM_PLACE_COUNT || storm_roles[from].run != storm_publish || storm_roles[from].topic != topic) {
		wrong(place, "a sample of nobody", TAKT_CORRUPT);
		return;
	}
	if (sequence <= newest_of[from])
		wrong(place, "a sample twice, or out of order", TAKT_CORRUPT);
	if (topic == STORM_SOLO && sequence != number)
		wrong(place, "a number given to another sample", TAKT_CORRUPT);
	newest_of[from] = sequence;
	put(&place->got_of[from], get(&place->got_of[from]) + 1);
}

static void read_all(struct storm_place *place, uint32_t topic)
{
	struct takt_subscriber *subscriber = &subscribers[topic];
	struct storm_message message;
	struct takt_sample_info info;
	enum takt_status status;

	do {
		const uint64_t expected = subscriber->next;
		status = takt_read_next(subscriber, &message, &info);
		if (subscriber->got + subscriber->lost + subscriber->skipped != subscriber->next - subscriber->start)
			wrong(place, "the account", status);
		if (status == TAKT_OK && !storm_is_whole(&message))
			atomic_fetch_add(&place->torn, 1);
		else if (status == TAKT_OK)
			look_at(place, topic, &message, info.number);
		if (status == TAKT_OK && (info.number < expected || info.number != subscriber->next - 1))
			wrong(place, "the number", status);
	} while (status == TAKT_OK || status == TAKT_OVERTAKEN);
	if (status != TAKT_EMPTY)
		wrong(place, "reading", status);
	report(place, topic);
}

void storm_read(struct storm_place *place, const struct storm_role *role, uint64_t seed)
{
	static struct takt_waiter waiter;
	enum takt_status status = TAKT_OK;

	(void)seed;
	join(place, role->node);
	for (uint32_t i = 0; i < STORM_TOPIC_COUNT && status == TAKT_OK; i++)
		status = takt_subscriber_attach(&subscribers[i], &node, storm_topic_names[i], storm_type, NULL);
	if (status == TAKT_OK)
		status = takt_waiter_init(&waiter, &node, 0);
	for (uint32_t i = 0; i < STORM_TOPIC_COUNT && status == TAKT_OK; i++)
		status = takt_waiter_add(&waiter, &subscribers[i]);
	if (status != TAKT_OK) {
		wrong(place, "attaching to read", status);
		_exit(LIFE_LOST);
	}
	const struct storm_residue first = storm_residue(NULL);
	atomic_fetch_add(&storm_page->readers_ready, 1);
	int is_last = 0;
	while (!is_last) {
		is_last = (int)atomic_load(&storm_page->readers_end);
		status = takt_wait_until(&waiter, takt_os_clock_now_ns() + READ_WAIT_NS);
		if (status != TAKT_OK && status != TAKT_TIMEOUT)
			wrong(place, "waiting", status);
		for (uint32_t i = 0; i < STORM_TOPIC_COUNT; i++)
			read_all(place, i);
	}
	const struct storm_residue last = storm_residue(NULL);
	atomic_store(&place->memory_first, first.memory_bytes);
	atomic_store(&place->memory_last, last.memory_bytes);
	atomic_store(&place->descriptors_first, first.descriptors);
	atomic_store(&place->descriptors_last, last.descriptors);
	for (uint32_t i = 0; i < STORM_TOPIC_COUNT; i++)
		takt_subscriber_detach(&subscribers[i]);
	takt_node_leave(&node);
	_exit(0);
}

/* ------------------------------------------------------------------------------------------ borrower, commander */

void storm_borrow(struct storm_place *place, const struct storm_role *role, uint64_t seed)
{
	const struct takt_subscriber_options options = {.borrows = 1};
	struct takt_subscriber *subscriber = &subscribers[role->topic];
	uint64_t random = seed | 1;

	join(place, role->node);
	enum takt_status status =
		takt_subscriber_attach(subscriber, &node, storm_topic_names[role->topic], storm_type, &options);
	if (status != TAKT_OK) {
		wrong(place, "attaching to borrow", status);
		_exit(LIFE_LOST);
	}
	while (!atomic_load(&storm_page->publishers_end)) {
		struct takt_borrow borrow;
		status = takt_borrow_latest(subscriber, &borrow, NULL);
		if (status == TAKT_OK) {
			const struct storm_message before = *(const struct storm_message *)borrow.payload;
			pause_for(&random);
			/* Whole, and the same after a while: it was not given to a publisher meanwhile. */
			if (!storm_is_whole(&before) || memcmp(&before, borrow.payload, sizeof(before)) != 0)
				atomic_fetch_add(&place->torn, 1);
			if (takt_return(subscriber, &borrow) != TAKT_OK)
				atomic_fetch_add(&place->torn, 1);
			atomic_fetch_add(&place->done, 1);
		} else if (status != TAKT_EMPTY && status != TAKT_OVERTAKEN) {
			wrong(place, "borrowing", status);
		}
		pause_for(&random);
	}
	takt_subscriber_detach(subscriber);
	takt_node_leave(&node);
	_exit(0);
}

void storm_command(struct storm_place *place, const struct storm_role *role, uint64_t seed)
{
	uint64_t random = seed | 1;

	takt_message_handler_set(keep_said, NULL);
	while (!atomic_load(&storm_page->publishers_end)) {
		const enum takt_status status = takt_command_send("storm", role->node, "ping",
								  takt_os_clock_now_ns() + ANSWER_NS_MAX, NULL, NULL);
		/* The node that is asked dies all the time: no answer is no fault, a wrong one is. */
		if (status == TAKT_OK)
			atomic_fetch_add(&place->done, 1);
		else if (status != TAKT_TIMEOUT && status != TAKT_CLOSED && status != TAKT_FULL &&
			 status != TAKT_ABSENT)
			wrong(place, "commanding", status);
		pause_for(&random);
	}
	_exit(0);
}
