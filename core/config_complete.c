/* SPDX-License-Identifier: Apache-2.0 */
#include "core/config_complete.h"

#include <stdio.h>
#include <string.h>

#include "core/config_value.h"
#include "core/limits.h"
#include "core/text.h"
#include "core/type.h"

#define MODE_DEFAULT	  0600u
#define LOAN_DEFAULT	  2u
#define DEPTH_DEFAULT	  16u
#define WAIT_SLICE_US_MIN 100u
#define LOCK_BOUND_US_MIN 10u
#define PERIOD_US_MIN	  10u
#define WAITING_US_MAX	  1000000u
#define NS_PER_US	  1000u

/* No config within its limits can overflow what is computed from it. */
_Static_assert(TAKT_DEPTH_MAX + TAKT_BORROW_COUNT_MAX + TAKT_LOAN_COUNT_MAX + TAKT_PUBLISHER_COUNT_MAX <= 65535,
	       "a slot's index must fit a cell");
_Static_assert((uint64_t)TAKT_TOPIC_COUNT_MAX * 65535 * (TAKT_PAYLOAD_BYTES_MAX + 128u) < UINT64_MAX / 2,
	       "a domain's bytes must fit 64 bits");
_Static_assert((uint64_t)TAKT_QUEUE_COUNT_MAX *TAKT_BAND_COUNT_MAX *TAKT_DEPTH_MAX *(TAKT_PAYLOAD_BYTES_MAX + 256u) <
		       UINT64_MAX / 2,
	       "and its queues' too");
_Static_assert(TAKT_CONFIG_SPAN_US_MAX <= (uint64_t)INT64_MAX / NS_PER_US, "a span must fit 64 bits in ns");

static const struct takt_config_choice overruns[] = {{"skip", TAKT_OVERRUN_SKIP},
						     {"catch_up", TAKT_OVERRUN_CATCH_UP},
						     {NULL, 0}};
static const struct takt_config_choice policies[] = {{"other", TAKT_POLICY_OTHER},
						     {"fifo", TAKT_POLICY_FIFO},
						     {NULL, 0}};
static const struct takt_config_choice when_fulls[] = {{"block", TAKT_WHEN_FULL_BLOCK},
						       {"drop_newest", TAKT_WHEN_FULL_DROP_NEWEST},
						       {"drop_oldest", TAKT_WHEN_FULL_DROP_OLDEST},
						       {NULL, 0}};
static const struct takt_config_choice restarts[] = {{"never", TAKT_RESTART_NEVER},
						     {"on_failure", TAKT_RESTART_ON_FAILURE},
						     {"always", TAKT_RESTART_ALWAYS},
						     {NULL, 0}};
const struct takt_config_choice takt_config_booleans[] = {{"true", 1}, {"false", 0}, {"yes", 1}, {"no", 0},
							  {"on", 1},   {"off", 0},   {NULL, 0}};

/* ------------------------------------------------------------------------------------------------ topics */

static enum takt_status read_topic_numbers(const struct takt_config_object *object, struct takt_config_topic *topic,
					   const struct takt_config_raw_topic *raw)
{
	uint64_t bytes, depth, publishers, borrows, loans;
	const struct takt_config_number numbers[] = {
		{"bytes", raw->bytes, 0, 1, TAKT_PAYLOAD_BYTES_MAX, &bytes},
		{"depth", raw->depth, DEPTH_DEFAULT, TAKT_DEPTH_MIN, TAKT_DEPTH_MAX, &depth},
		{"publishers", raw->publishers, 1, 1, TAKT_PUBLISHER_COUNT_MAX, &publishers},
		{"borrows", raw->borrows, 0, 0, TAKT_BORROW_COUNT_MAX, &borrows},
		{"loans", raw->loans, LOAN_DEFAULT, 0, TAKT_LOAN_COUNT_MAX, &loans},
		{"deadline_us", raw->deadline_us, 0, 0, TAKT_CONFIG_SPAN_US_MAX, &topic->deadline_us},
	};
	enum takt_status status = takt_config_numbers_read(object, numbers, sizeof(numbers) / sizeof(numbers[0]));

	if (status != TAKT_OK)
		return status;
	topic->bytes = (uint32_t)bytes;
	topic->depth = (uint32_t)depth;
	topic->publishers = (uint32_t)publishers;
	topic->borrows = (uint32_t)borrows;
	topic->loans = (uint32_t)loans;
	return TAKT_OK;
}

static enum takt_status check_depth(const struct takt_config_object *object, uint32_t depth)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	uint32_t next = TAKT_DEPTH_MIN;

	if ((depth & (depth - 1)) == 0)
		return TAKT_OK;
	while (next < depth)
		next *= 2;
	takt_config_key_place(object, "depth", place);
	return takt_config_refuse(object->source, TAKT_INVALID, place, "%s: depth %u is not a power of two; write %u",
				  object->said, (unsigned)depth, (unsigned)next);
}

static enum takt_status read_topic(const struct takt_config_object *object, struct takt_config_topic *topic,
				   const struct takt_config_raw_topic *raw)
{
	enum takt_status status = takt_config_name_check(object, "name", raw->name);

	topic->name = raw->name;
	topic->type = raw->type;
	if (status == TAKT_OK)
		status = takt_config_name_check(object, "type", raw->type);
	if (status == TAKT_OK)
		status = read_topic_numbers(object, topic, raw);
	if (status == TAKT_OK)
		status = check_depth(object, topic->depth);
	if (status == TAKT_OK)
		status = takt_config_rights_read(object, &raw->rights, &topic->rights);
	return status;
}

/* ------------------------------------------------------------------------------------------------ queues */

/* Who may read the items may take them, where the config says nothing else: reading bits of owner and group become writing bits. */
static uint32_t take_mode_default(uint32_t mode)
{
	return mode | (mode & 0440u) >> 1;
}

/* Whoever pushes writes who has what, too. */
static enum takt_status check_take_mode(const struct takt_config_object *object, const struct takt_config_queue *queue)
{
	char place[TAKT_CONFIG_PLACE_BYTES];
	const uint32_t missing = queue->rights.mode & 0222u & ~queue->take_rights.mode;

	if (missing == 0)
		return TAKT_OK;
	takt_config_key_place(object, "take_mode", place);
	return takt_config_refuse(
		object->source, TAKT_INVALID, place,
		"%s: take_mode %04o keeps those out whom mode %04o lets push, and they need both; write %04o",
		object->said, (unsigned)queue->take_rights.mode, (unsigned)queue->rights.mode,
		(unsigned)(queue->take_rights.mode | missing | missing << 1));
}

static enum takt_status read_queue_rights(const struct takt_config_object *object, struct takt_config_queue *queue,
					  const struct takt_config_raw_queue *raw)
{
	enum takt_status status = takt_config_rights_read(object, &raw->rights, &queue->rights);

	queue->take_rights = queue->rights;
	queue->take_rights.mode = take_mode_default(queue->rights.mode);
	if (status == TAKT_OK)
		status = takt_config_take_rights_read(object, &raw->take_rights, &queue->take_rights);
	return status == TAKT_OK ? check_take_mode(object, queue) : status;
}

static enum takt_status read_queue(const struct takt_config_object *object, struct takt_config_queue *queue,
				   const struct takt_config_raw_queue *raw)
{
	uint64_t bytes = 0, depth = 0, bands = 0, deliveries = 0;
	uint32_t when_full = TAKT_WHEN_FULL_BLOCK;
	const struct takt_config_number numbers[] = {
		{"bytes", raw->bytes, 0, 1, TAKT_PAYLOAD_BYTES_MAX, &bytes},
		{"depth", raw->depth, DEPTH_DEFAULT, TAKT_DEPTH_MIN, TAKT_DEPTH_MAX, &depth},
		{"bands", raw->bands, 1, 1, TAKT_BAND_COUNT_MAX, &bands},
		{"deliveries", raw->deliveries, 0, 0, TAKT_DELIVERY_COUNT_MAX, &deliveries},
	};
	enum takt_status status = takt_config_name_check(object, "name", raw->name);

	queue->name = raw->name;
	queue->type = raw->type;
	if (status == TAKT_OK)
		status = takt_config_name_check(object, "type", raw->type);
	if (status == TAKT_OK)
		status = takt_config_numbers_read(object, numbers, sizeof(numbers) / sizeof(numbers[0]));
	if (status == TAKT_OK)
		status = takt_config_choice_read(object, "when_full", raw->when_full, when_fulls, &when_full);
	if (status != TAKT_OK)
		return status;
	queue->bytes = (uint32_t)bytes;
	queue->depth = (uint32_t)depth;
	queue->bands = (uint32_t)bands;
	queue->deliveries = (uint32_t)deliveries;
	queue->when_full = (enum takt_when_full)when_full;
	status = check_depth(object, queue->depth);
	return status == TAKT_OK ? read_queue_rights(object, queue, raw) : status;
}

/* ------------------------------------------------------------------------------------------------- nodes */

static enum takt_status read_cpus(const struct takt_config_object *object, struct takt_config_schedule *schedule,
				  const struct takt_config_raw_schedule *raw)
{
	enum takt_status status = TAKT_OK;

	schedule->cpus_count = raw->cpus_count;
	for (uint32_t i = 0; i < raw->cpus_count && status == TAKT_OK; i++) {
		char key[40];
		uint64_t cpu = 0;
		const struct takt_config_number number = {key, raw->cpus[i], 0, 0, TAKT_CPU_COUNT_MAX - 1, &cpu};

		(void)snprintf(key, sizeof(key), "scheduler.cpus[%u]", (unsigned)i);
		status = takt_config_number_read(object, &number);
		schedule->cpus[i] = (uint32_t)cpu;
	}
	return status;
}

static enum takt_status read_schedule(const struct takt_config_object *object, struct takt_config_schedule *schedule,
				      const struct takt_config_raw_schedule *raw)
{
	uint64_t priority;
	const struct takt_config_number number = {"scheduler.priority", raw->priority, 0, 1, 99, &priority};
	uint32_t policy = TAKT_POLICY_OTHER;
	enum takt_status status = takt_config_choice_read(object, "scheduler.policy", raw->policy, policies, &policy);
	char place[TAKT_CONFIG_PLACE_BYTES];

	if (status == TAKT_OK)
		status = takt_config_number_read(object, &number);
	if (status != TAKT_OK)
		return status;
	schedule->policy = (enum takt_policy)policy;
	schedule->priority = (uint32_t)priority;
	takt_config_key_place(object, "scheduler.priority", place);
	if (policy == TAKT_POLICY_FIFO && priority == 0)
		return takt_config_refuse(object->source, TAKT_INVALID, place,
					  "%s: policy fifo needs a priority; add `priority:` with 1 to 99 to scheduler",
					  object->said);
	if (policy != TAKT_POLICY_FIFO && priority != 0)
		return takt_config_refuse(
			object->source, TAKT_INVALID, place,
			"%s: priority %u has no effect under policy other; write `policy: fifo`, or remove it",
			object->said, (unsigned)priority);
	return read_cpus(object, schedule, raw);
}

static enum takt_status check_period(const struct takt_config_object *object, uint64_t period_us)
{
	char place[TAKT_CONFIG_PLACE_BYTES];

	if (period_us == 0 || period_us >= PERIOD_US_MIN)
		return TAKT_OK;
	takt_config_key_place(object, "period_us", place);
	return takt_config_refuse(object->source, TAKT_INVALID, place,
				  "%s: period_us is %u; write %u or more, or 0 for a loop that waits for events",
				  object->said, (unsigned)period_us, PERIOD_US_MIN);
}

/* "name=value": the name as programs declare it, the value one printable word or more. */
static enum takt_status check_parameters(const struct takt_config_object *object, const struct takt_config_node *node)
{
	for (uint32_t i = 0; i < node->parameters_count; i++) {
		const char *text = node->parameters[i];
		const size_t name_bytes = strcspn(text, "=");
		char name[TAKT_NAME_BYTES] = "";
		char key[32];
		char place[TAKT_CONFIG_PLACE_BYTES];

		if (name_bytes < sizeof(name))
			memcpy(name, text, name_bytes);
		if (takt_name_is_valid(name) && text[name_bytes] == '=' && text[name_bytes + 1] != '\0' &&
		    takt_text_is_printable(text))
			continue;
		(void)snprintf(key, sizeof(key), "parameters[%u]", (unsigned)i);
		takt_config_key_place(object, key, place);
		return takt_config_refuse(
			object->source, TAKT_INVALID, place,
			"%s: parameter '%.60s' is not of the form name=value; write for instance kp=1.5", object->said,
			text);
	}
	return TAKT_OK;
}

static enum takt_status read_node_choices(const struct takt_config_object *object, struct takt_config_node *node,
					  const struct takt_config_raw_node *raw)
{
	uint32_t overrun = TAKT_OVERRUN_SKIP;
	uint32_t restart = TAKT_RESTART_ON_FAILURE;
	enum takt_status status = takt_config_choice_read(object, "overrun", raw->overrun, overruns, &overrun);

	if (status == TAKT_OK)
		status = takt_config_choice_read(object, "restart", raw->restart, restarts, &restart);
	if (status == TAKT_OK)
		status = takt_config_choice_read(object, "core_dumps", raw->core_dumps, takt_config_booleans,
						 &node->core_dumps);
	node->overrun = (enum takt_overrun)overrun;
	node->restart = (enum takt_restart)restart;
	return status;
}

static void take_texts(struct takt_config_node *node, const struct takt_config_raw_node *raw)
{
	node->name = raw->name;
	node->program = raw->program;
	node->arguments = raw->arguments;
	node->arguments_count = raw->arguments_count;
	node->publishes = raw->publishes;
	node->publishes_count = raw->publishes_count;
	node->subscribes = raw->subscribes;
	node->subscribes_count = raw->subscribes_count;
	node->pushes = raw->pushes;
	node->pushes_count = raw->pushes_count;
	node->takes = raw->takes;
	node->takes_count = raw->takes_count;
	node->uses = raw->uses;
	node->uses_count = raw->uses_count;
	node->parameters = raw->parameters;
	node->parameters_count = raw->parameters_count;
	node->parameter_file = raw->parameter_file;
}

static enum takt_status read_node(const struct takt_config_object *object, struct takt_config_node *node,
				  const struct takt_config_raw_node *raw)
{
	uint64_t waiters = 0;
	const struct takt_config_number numbers[] = {
		{"waiters", raw->waiters, 1, 0, TAKT_WAITERS_PER_NODE_MAX, &waiters},
		{"period_us", raw->period_us, 0, 0, TAKT_CONFIG_SPAN_US_MAX, &node->period_us},
		{"spin_us", raw->spin_us, 0, 0, TAKT_SPIN_US_MAX, &node->spin_us},
	};
	enum takt_status status = takt_config_name_check(object, "name", raw->name);

	take_texts(node, raw);
	if (status == TAKT_OK)
		status = takt_config_text_check(object, "program", raw->program, TAKT_CONFIG_TEXT_BYTES_MAX - 1);
	if (status == TAKT_OK)
		status = takt_config_text_check(object, "parameter_file", raw->parameter_file,
						TAKT_CONFIG_TEXT_BYTES_MAX - 1);
	if (status == TAKT_OK)
		status = takt_config_numbers_read(object, numbers, sizeof(numbers) / sizeof(numbers[0]));
	node->waiters = (uint32_t)waiters;
	if (status == TAKT_OK)
		status = check_period(object, node->period_us);
	if (status == TAKT_OK)
		status = read_node_choices(object, node, raw);
	if (status == TAKT_OK)
		status = read_schedule(object, &node->schedule, &raw->schedule);
	if (status == TAKT_OK)
		status = check_parameters(object, node);
	return status;
}

/* ------------------------------------------------------------------------------------------------- whole */

static enum takt_status read_domain(const struct takt_config_object *object, struct takt_config *config,
				    const struct takt_config_raw *raw)
{
	const struct takt_config_number numbers[] = {
		{"wait_slice_us", raw->wait_slice_us, TAKT_WAIT_SLICE_NS_DEFAULT / NS_PER_US, WAIT_SLICE_US_MIN,
		 WAITING_US_MAX, &config->wait_slice_us},
		{"lock_bound_us", raw->lock_bound_us, TAKT_LOCK_BOUND_NS_DEFAULT / NS_PER_US, LOCK_BOUND_US_MIN,
		 WAITING_US_MAX, &config->lock_bound_us},
	};
	enum takt_status status = takt_config_name_check(object, "domain", raw->domain);

	config->domain = raw->domain;
	config->access = raw->access;
	config->access_count = raw->access_count;
	config->rights.mode = MODE_DEFAULT;
	if (status == TAKT_OK)
		status = takt_config_rights_read(object, &raw->rights, &config->rights);
	if (status == TAKT_OK)
		status = takt_config_numbers_read(object, numbers, sizeof(numbers) / sizeof(numbers[0]));
	return status;
}

static void set_object(struct takt_config_object *object, const char *kind, uint32_t index, const char *name)
{
	(void)snprintf(object->place, sizeof(object->place), "%ss[%u]", kind, (unsigned)index);
	if (takt_name_is_valid(name))
		(void)snprintf(object->said, sizeof(object->said), "%s '%s'", kind, name);
	else
		(void)snprintf(object->said, sizeof(object->said), "%s %u of the list", kind, (unsigned)index + 1);
}

enum takt_status takt_config_complete(struct takt_config *config, const struct takt_config_raw *raw,
				      const struct takt_config_source *source)
{
	struct takt_config_object object = {.source = source, .said = "the config"};
	enum takt_status status = read_domain(&object, config, raw);

	for (uint32_t i = 0; i < raw->topics_count && status == TAKT_OK; i++) {
		set_object(&object, "topic", i, raw->topics[i].name);
		config->topics[i].rights = config->rights;
		status = read_topic(&object, &config->topics[i], &raw->topics[i]);
	}
	for (uint32_t i = 0; i < raw->queues_count && status == TAKT_OK; i++) {
		set_object(&object, "queue", i, raw->queues[i].name);
		config->queues[i].rights = config->rights;
		status = read_queue(&object, &config->queues[i], &raw->queues[i]);
	}
	for (uint32_t i = 0; i < raw->syncs_count && status == TAKT_OK; i++) {
		set_object(&object, "sync", i, raw->syncs[i].name);
		config->syncs[i].rights = config->rights;
		status = takt_config_sync_read(&object, &config->syncs[i], &raw->syncs[i]);
	}
	for (uint32_t i = 0; i < raw->nodes_count && status == TAKT_OK; i++) {
		set_object(&object, "node", i, raw->nodes[i].name);
		status = read_node(&object, &config->nodes[i], &raw->nodes[i]);
	}
	return status;
}
