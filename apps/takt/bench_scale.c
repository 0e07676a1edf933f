/* SPDX-License-Identifier: Apache-2.0 */
/* `scale`: what an operation costs in a large domain against a small one; start-up, attaching and memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bench_domain.h"
#include "apps/takt/bench_run.h"
#include "core/topic.h"
#include "platform/clock.h"

#define GOAL_FLAT	1.1
#define FIRST_SAMPLE_NS (3.0 * 1e6)
#define BYTES		64u
#define DEPTH		16u
#define TOPICS_MAX	1000u
#define TOPICS_PER_NODE 64u
#define NODES_MAX	64u
#define BATCH_BYTES	(1u << 20) /* moved between two looks at the clock */
#define BATCH_MAX	100u
#define WARM_ROUNDS	2u /* of the depth */

static struct takt_node nodes[NODES_MAX];
static struct takt_publisher publishers[TOPICS_MAX];
static struct takt_subscriber subscribers[TOPICS_MAX];

/* Variants. What a domain looks like: topics spread over nodes that publish and read their own, or one topic that all read; and which
 * number of a start is wanted. */
enum { SPREAD = 0, ALL_READ_ONE, WHOLE_START, ONE_ATTACH, FILE_BYTES, PRIVATE_BYTES };

/* ------------------------------------------------------------------------------------------------------- domain */

static uint32_t node_count_of(const struct bench_subject *subject)
{
	if (subject->variant == ALL_READ_ONE)
		return subject->reader_count;
	return (subject->topic_count + TOPICS_PER_NODE - 1) / TOPICS_PER_NODE;
}

static void name_of(char name[TAKT_NAME_BYTES], const char *what, uint32_t index)
{
	(void)snprintf(name, TAKT_NAME_BYTES, "%s%u", what, index);
}

/* "topic64, topic65, ..." */
static void list_topics(char *list, uint32_t bytes, uint32_t first, uint32_t end)
{
	uint32_t used = 0;

	list[0] = '\0';
	for (uint32_t i = first; i < end; i++)
		used += (uint32_t)snprintf(list + used, bytes - used, "%stopic%u", i == first ? "" : ", ", i);
}

static enum takt_status prepare(struct bench_burst *burst)
{
	const struct bench_subject *subject = burst->subject;
	struct bench_config config;
	struct bench_topic topic = {.bytes = subject->bytes, .depth = subject->depth};
	char list[TOPICS_PER_NODE * 12], name[TAKT_NAME_BYTES];

	bench_config_begin(&config);
	for (uint32_t i = 0; i < subject->topic_count; i++) {
		name_of(topic.name, "topic", i);
		bench_config_topic(&config, &topic);
	}
	bench_config_nodes(&config);
	for (uint32_t i = 0; i < node_count_of(subject); i++) {
		uint32_t first = subject->variant == ALL_READ_ONE ? 0 : i * TOPICS_PER_NODE;
		uint32_t end =
			first + TOPICS_PER_NODE < subject->topic_count ? first + TOPICS_PER_NODE : subject->topic_count;
		name_of(name, "node", i);
		list_topics(list, sizeof(list), first, end);
		bench_config_node(&config, name, subject->variant == ALL_READ_ONE && i ? "" : list, list, 1);
	}
	return bench_config_write(&config, burst->folder);
}

static enum takt_status join_all(struct bench_burst *burst)
{
	enum takt_status status = TAKT_OK;
	char name[TAKT_NAME_BYTES];

	for (uint32_t i = 0; i < node_count_of(burst->subject) && status == TAKT_OK; i++) {
		name_of(name, "node", i);
		status = bench_join(&nodes[i], burst->folder, name);
	}
	return status;
}

static enum takt_status attach_topic(struct bench_burst *burst, uint32_t index)
{
	static const struct takt_subscriber_options unmeasured = {.unmeasured = 1};
	struct takt_node *node = &nodes[index / TOPICS_PER_NODE];
	char name[TAKT_NAME_BYTES];

	name_of(name, "topic", index);
	enum takt_status status =
		takt_publisher_attach(&publishers[index], node, name, bench_type(burst->subject->bytes));
	if (status == TAKT_OK)
		status = takt_subscriber_attach(&subscribers[index], node, name, bench_type(burst->subject->bytes),
						&unmeasured);
	return status;
}

/* Readers of the one topic that all read, in the other nodes. */
static enum takt_status attach_readers(struct bench_burst *burst)
{
	enum takt_status status = TAKT_OK;

	for (uint32_t i = 1; i < burst->subject->reader_count && status == TAKT_OK; i++)
		status = takt_subscriber_attach(&subscribers[i], &nodes[i], "topic0", bench_type(burst->subject->bytes),
						NULL);
	return status;
}

/* ---------------------------------------------------------------------------------------------------- operation */

static uint32_t batch_of(uint32_t bytes)
{
	uint32_t batch = BATCH_BYTES / bytes;

	return batch < 1 ? 1 : batch > BATCH_MAX ? BATCH_MAX : batch;
}

static int publish_and_read(uint32_t index, unsigned char *message)
{
	return takt_publish(&publishers[index], message, NULL) == TAKT_OK &&
	       takt_read_next(&subscribers[index], message, NULL) == TAKT_OK;
}

static int run_operations(struct bench_burst *burst, uint32_t process_index)
{
	const struct bench_subject *subject = burst->subject;
	unsigned char *message = calloc(1, subject->bytes);
	uint32_t batch = batch_of(subject->bytes);
	enum takt_status status = message ? join_all(burst) : TAKT_NO_SPACE;

	(void)process_index;
	for (uint32_t i = 0; i < subject->topic_count && status == TAKT_OK; i++)
		status = attach_topic(burst, i);
	if (status == TAKT_OK && subject->variant == ALL_READ_ONE)
		status = attach_readers(burst);
	if (status != TAKT_OK)
		return 1;
	bench_meet(burst);
	for (uint32_t i = 0; i < WARM_ROUNDS * subject->depth; i++)
		if (!publish_and_read(0, message))
			return 1;
	for (uint64_t at_ns = bench_begin(burst); at_ns < burst->shared->stop_ns;) {
		for (uint32_t i = 0; i < batch; i++)
			if (!publish_and_read(0, message))
				return 1;
		uint64_t now_ns = takt_os_bench_now_ns();
		bench_histogram_add(&burst->shared->histogram, (now_ns - at_ns) * 10 / batch);
		at_ns = now_ns;
	}
	free(message);
	return 0;
}

/* The floor of a payload: into shared memory and out of it again, in as many slots. */
static enum takt_status prepare_copies(struct bench_burst *burst)
{
	burst->link.shared_bytes = (uint64_t)burst->subject->bytes * (burst->subject->depth + 1);
	burst->link.shared = takt_os_bench_memory_map(burst->link.shared_bytes);
	return burst->link.shared ? TAKT_OK : TAKT_NO_SPACE;
}

static void clean_up_copies(struct bench_burst *burst)
{
	takt_os_bench_memory_unmap(burst->link.shared, burst->link.shared_bytes);
}

static int run_copies(struct bench_burst *burst, uint32_t process_index)
{
	uint32_t bytes = burst->subject->bytes, slot_count = burst->subject->depth + 1;
	unsigned char *message = calloc(1, bytes);
	uint32_t batch = batch_of(bytes), slot_index = 0;

	(void)process_index;
	if (message == NULL)
		return 1;
	bench_meet(burst);
	/* Every page is in the page table before the measurement, as takt's are after attaching. */
	memset(message, 1, bytes);
	memset(burst->link.shared, 1, (size_t)burst->link.shared_bytes);
	for (uint64_t at_ns = bench_begin(burst); at_ns < burst->shared->stop_ns;) {
		for (uint32_t i = 0; i < batch; i++) {
			unsigned char *slot = (unsigned char *)burst->link.shared + (size_t)slot_index * bytes;
			memcpy(slot, message, bytes);
			/* Or the compiler would see that the second copy changes nothing. */
			atomic_signal_fence(memory_order_seq_cst);
			memcpy(message, slot, bytes);
			atomic_signal_fence(memory_order_seq_cst);
			if (++slot_index == slot_count)
				slot_index = 0;
		}
		uint64_t now_ns = takt_os_bench_now_ns();
		bench_histogram_add(&burst->shared->histogram, (now_ns - at_ns) * 10 / batch);
		at_ns = now_ns;
	}
	free(message);
	return 0;
}

/* ------------------------------------------------------------------------------------------------ start, memory */

/* From the first line of a program to its first sample. */
static int run_start(struct bench_burst *burst, uint32_t process_index)
{
	unsigned char *message = calloc(1, burst->subject->bytes);
	uint64_t private_before, private_after, shared_bytes;

	(void)process_index;
	bench_meet(burst);
	takt_os_bench_memory_present(&private_before, &shared_bytes);
	uint64_t begin_ns = takt_os_bench_now_ns();
	if (message == NULL || join_all(burst) != TAKT_OK)
		return 1;
	uint64_t joined_ns = takt_os_bench_now_ns();
	for (uint32_t i = 0; i < burst->subject->topic_count; i++)
		if (attach_topic(burst, i) != TAKT_OK)
			return 1;
	uint64_t attached_ns = takt_os_bench_now_ns();
	if (!publish_and_read(0, message))
		return 1;
	uint64_t end_ns = takt_os_bench_now_ns();
	takt_os_bench_memory_present(&private_after, &shared_bytes);
	switch (burst->subject->variant) {
	case WHOLE_START:
		burst->shared->value = (double)(end_ns - begin_ns);
		break;
	case ONE_ATTACH:
		burst->shared->value = (double)(attached_ns - joined_ns) / (2.0 * burst->subject->topic_count);
		break;
	case FILE_BYTES:
		burst->shared->value = (double)takt_os_bench_folder_bytes(burst->folder);
		break;
	default:
		burst->shared->value = (double)(private_after - private_before);
	}
	free(message);
	return 0;
}

/* ------------------------------------------------------------------------------------------------------ subjects */

static struct bench_subject operations(uint32_t topic_count, uint32_t depth, uint32_t bytes)
{
	return (struct bench_subject){.run = run_operations,
				      .prepare = prepare,
				      .process_count = 1,
				      .topic_count = topic_count,
				      .depth = depth,
				      .bytes = bytes};
}

static struct bench_case case_of(const struct bench *bench, enum bench_metric metric)
{
	return (struct bench_case){.test = "scale",
				   .metric = metric,
				   .pairs = bench->options.is_quick ? 2 : 5,
				   .goal = GOAL_FLAT};
}

static void compare_counts(struct bench *bench)
{
	static const uint32_t topic_counts[] = {10, 100, 1000}, node_counts[] = {8, 64}, depths[] = {64, 512, 4096};
	struct bench_case wanted = case_of(bench, BENCH_P50);

	wanted.floor = operations(1, DEPTH, BYTES);
	for (uint32_t i = 0; i < 3; i++) {
		(void)snprintf(wanted.name, sizeof(wanted.name), "%u topics against 1, publish and read",
			       topic_counts[i]);
		wanted.takt = operations(topic_counts[i], DEPTH, BYTES);
		(void)bench_compare(bench, &wanted);
	}
	wanted.floor.variant = ALL_READ_ONE;
	wanted.floor.reader_count = 1;
	for (uint32_t i = 0; i < 2; i++) {
		(void)snprintf(wanted.name, sizeof(wanted.name), "%u nodes against 1, publish and read",
			       node_counts[i]);
		wanted.takt = wanted.floor;
		wanted.takt.reader_count = node_counts[i];
		(void)bench_compare(bench, &wanted);
	}
	wanted.floor = operations(1, 2, BYTES);
	for (uint32_t i = 0; i < 3; i++) {
		(void)snprintf(wanted.name, sizeof(wanted.name), "depth %u against 2, publish and read", depths[i]);
		wanted.takt = operations(1, depths[i], BYTES);
		(void)bench_compare(bench, &wanted);
	}
}

static void compare_payloads(struct bench *bench)
{
	static const uint32_t own[] = {8, 64, 512, 4096, 65536, 1u << 20, 16u << 20};
	struct bench_case wanted = case_of(bench, BENCH_P50);
	uint32_t sizes[BENCH_SIZES_MAX];
	uint32_t count = bench_sizes(bench, own, 7, sizes);
	char size[32];

	wanted.goal = 0.0;
	for (uint32_t i = 0; i < count; i++) {
		(void)snprintf(wanted.name, sizeof(wanted.name), "publish and read %s against copies",
			       bench_size_name(sizes[i], size, sizeof(size)));
		wanted.bytes = sizes[i];
		wanted.takt = operations(1, 2, sizes[i]);
		wanted.floor = wanted.takt;
		wanted.floor.run = run_copies;
		wanted.floor.prepare = prepare_copies;
		wanted.floor.clean_up = clean_up_copies;
		(void)bench_compare(bench, &wanted);
	}
}

static void measure_start(struct bench *bench)
{
	struct bench_case wanted = case_of(bench, BENCH_VALUE_NS);

	wanted.goal = 0.0;
	wanted.limit = FIRST_SAMPLE_NS;
	wanted.pairs = 9;
	wanted.takt = operations(4, DEPTH, BYTES);
	wanted.takt.run = run_start;
	wanted.takt.variant = WHOLE_START;
	(void)snprintf(wanted.name, sizeof(wanted.name), "first sample after main, domain of 4 topics made anew");
	(void)bench_compare(bench, &wanted);
	wanted.limit = 0.0;
	wanted.takt.variant = ONE_ATTACH;
	(void)snprintf(wanted.name, sizeof(wanted.name), "one attach of a topic, made anew");
	(void)bench_compare(bench, &wanted);
	wanted.pairs = 2;
	wanted.takt.topic_count = TOPICS_MAX;
	(void)snprintf(wanted.name, sizeof(wanted.name), "one attach of a topic, among %u", TOPICS_MAX);
	(void)bench_compare(bench, &wanted);
	wanted.metric = BENCH_BYTES;
	for (uint32_t topic_count = 1; topic_count <= 100; topic_count *= 10) {
		wanted.takt.topic_count = topic_count;
		wanted.takt.variant = FILE_BYTES;
		(void)snprintf(wanted.name, sizeof(wanted.name), "shared memory of %u topics, 64 B, depth 16",
			       topic_count);
		(void)bench_compare(bench, &wanted);
		wanted.takt.variant = PRIVATE_BYTES;
		(void)snprintf(wanted.name, sizeof(wanted.name), "private memory of a node with %u topics",
			       topic_count);
		if (topic_count <= TOPICS_PER_NODE)
			(void)bench_compare(bench, &wanted);
	}
}

void bench_scale(struct bench *bench)
{
	compare_counts(bench);
	compare_payloads(bench);
	measure_start(bench);
}
