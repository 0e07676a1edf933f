/* SPDX-License-Identifier: Apache-2.0 */
/* Part of test_segment.c: sizes and offsets computed from a config, and the hashes that say whether they agree. */
#ifndef TAKT_TEST_CORE_SEGMENT_LAYOUT_H
#define TAKT_TEST_CORE_SEGMENT_LAYOUT_H

static const char layout_config[] =
	"domain: test\n"
	"topics:\n"
	"  - {name: imu, type: imu, bytes: 40, depth: 8, borrows: 3, loans: 1, publishers: 2}\n"
	"  - {name: motor, type: motor, bytes: 1, depth: 2, loans: 0}\n"
	"queues: [{name: jobs, type: job, bytes: 24, depth: 4, bands: 2}]\n"
	"nodes:\n"
	"  - {name: sensor, program: x, publishes: [imu], pushes: [jobs], waiters: 2}\n"
	"  - {name: control, program: x, publishes: [motor], subscribes: [imu]}\n"
	"  - {name: logger, program: x, subscribes: [motor, imu], takes: [jobs], waiters: 3}\n"
	"  - {name: silent, program: x, waiters: 0}\n";

/* Each part begins where the one before it has ended, on a line of its own, and the segment ends with the last. */
static void topic_parts_follow_each_other(void **state)
{
	(void)state;
	for (uint32_t bytes = 1; bytes < 5000; bytes += 61) {
		for (uint32_t depth = TAKT_DEPTH_MIN; depth <= TAKT_DEPTH_MAX; depth *= 4) {
			struct takt_config_topic topic = {.bytes = bytes,
							  .depth = depth,
							  .publishers = 1 + bytes % 5,
							  .borrows = bytes % 7,
							  .loans = bytes % 3};
			struct takt_topic_layout layout;

			takt_topic_layout(&topic, &layout);
			assert_int_equal(layout.spare_count, topic.borrows + topic.loans + topic.publishers);
			assert_int_equal(layout.slot_count, depth + layout.spare_count);
			assert_true(layout.slot_bytes >= bytes + sizeof(struct takt_slot_shm));
			assert_true(layout.slot_bytes < bytes + sizeof(struct takt_slot_shm) + 64);
			assert_int_equal(layout.slot_bytes % 64, 0);
			assert_int_equal(layout.cells_offset, sizeof(struct takt_topic_shm));
			assert_true(layout.spares_offset >= layout.cells_offset + depth * 8);
			assert_true(layout.fields_offset >= layout.spares_offset + layout.spare_count * 16);
			assert_int_equal(layout.spares_offset % 64 + layout.fields_offset % 64 +
						 layout.slots_offset % 64,
					 0);
			assert_int_equal(layout.slots_offset, layout.fields_offset + TAKT_FIELD_COUNT_MAX * 64);
			assert_int_equal(layout.total_bytes,
					 layout.slots_offset + (uint64_t)layout.slot_count * layout.slot_bytes);
		}
	}
}

static void queue_parts_follow_each_other(void **state)
{
	(void)state;
	for (uint32_t bytes = 1; bytes < 5000; bytes += 61) {
		for (uint32_t depth = TAKT_DEPTH_MIN; depth <= TAKT_DEPTH_MAX; depth *= 4) {
			struct takt_config_queue queue = {.bytes = bytes, .depth = depth, .bands = 1 + bytes % 8};
			struct takt_queue_layout layout;

			takt_queue_layout(&queue, &layout);
			assert_true(layout.slot_bytes >= bytes + sizeof(struct takt_item_shm));
			assert_true(layout.slot_bytes < bytes + sizeof(struct takt_item_shm) + 64);
			assert_int_equal(layout.slot_bytes % 64 + layout.fields_offset % 64 + layout.slots_offset % 64 +
						 layout.bands_offset % 64 + layout.entries_offset % 64,
					 0);
			assert_true(layout.fields_offset >= sizeof(struct takt_queue_shm));
			assert_int_equal(layout.slots_offset, layout.fields_offset + TAKT_FIELD_COUNT_MAX * 64);
			assert_int_equal(layout.total_bytes,
					 layout.slots_offset + (uint64_t)depth * queue.bands * layout.slot_bytes);
			assert_true(layout.bands_offset >= sizeof(struct takt_queue_state_shm));
			assert_int_equal(layout.entries_offset, layout.bands_offset + queue.bands * 192);
			assert_int_equal(layout.state_bytes, layout.entries_offset + depth * queue.bands * 32);
		}
	}
}

static void roster_holds_the_sums_of_the_config(void **state)
{
	const struct takt_config *config = fixture_parse(layout_config);
	struct takt_roster_layout layout;

	(void)state;
	takt_roster_layout(config, &layout);
	assert_int_equal(layout.waiter_count, 6);
	assert_int_equal(layout.pin_count, 3);
	assert_int_equal(layout.nodes_offset, 256);
	assert_int_equal(layout.waiters_offset, 256 + 4 * 64);
	assert_int_equal(layout.topics_offset, 256 + 10 * 64);
	assert_int_equal(layout.queues_offset, 256 + 12 * 64);
	/* Two topics and a queue of two bands. */
	assert_int_equal(layout.mask_count, 6);
	assert_int_equal(layout.masks_offset, 256 + 13 * 64);
	assert_int_equal(layout.pins_offset, 256 + 19 * 64);
	assert_int_equal(layout.total_bytes, 256 + 22 * 64);
	takt_config_free(config);
}

static void a_node_without_waiters_has_room_for_one_loop(void **state)
{
	const struct takt_config *config = fixture_parse(layout_config);
	struct takt_node_layout layout;

	(void)state;
	takt_node_layout(&config->nodes[3], &layout);
	assert_int_equal(layout.publications_offset, 256);
	assert_int_equal(layout.loops_offset, 256);
	assert_int_equal(layout.total_bytes, 256 + sizeof(struct takt_loop_shm));
	takt_node_layout(&config->nodes[2], &layout);
	assert_int_equal(layout.subscriptions_offset, 256);
	assert_int_equal(layout.loops_offset, 256 + 2 * sizeof(struct takt_subscription_shm));
	assert_int_equal(layout.uses_offset, layout.loops_offset + 3 * sizeof(struct takt_loop_shm));
	assert_int_equal(layout.total_bytes, layout.uses_offset + sizeof(struct takt_queue_use_shm));
	takt_config_free(config);
}

static void a_domains_bytes_are_the_sum_of_its_segments(void **state)
{
	const struct takt_config *config = fixture_parse(layout_config);
	struct takt_roster_layout roster;
	uint64_t bytes;

	(void)state;
	takt_roster_layout(config, &roster);
	bytes = roster.total_bytes;
	for (uint32_t i = 0; i < config->topics_count; i++) {
		struct takt_topic_layout topic;
		takt_topic_layout(&config->topics[i], &topic);
		bytes += topic.total_bytes;
	}
	for (uint32_t i = 0; i < config->queues_count; i++) {
		struct takt_queue_layout queue;
		takt_queue_layout(&config->queues[i], &queue);
		bytes += queue.total_bytes + queue.state_bytes;
	}
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		struct takt_node_layout node;
		takt_node_layout(&config->nodes[i], &node);
		bytes += node.total_bytes;
	}
	assert_int_equal(takt_config_bytes(config), bytes);
	takt_config_free(config);
}

static void waiters_and_pins_are_counted_in_the_configs_order(void **state)
{
	const struct takt_config *config = fixture_parse(layout_config);

	(void)state;
	assert_int_equal(takt_config_waiter_first(config, 0), 0);
	assert_int_equal(takt_config_waiter_first(config, 1), 2);
	assert_int_equal(takt_config_waiter_first(config, 2), 3);
	assert_int_equal(takt_config_waiter_first(config, 3), 6);
	assert_int_equal(takt_config_subscriber_mask(config, "imu"), 0x3c);
	assert_int_equal(takt_config_subscriber_mask(config, "motor"), 0x38);
	assert_int_equal(takt_config_subscriber_mask(config, "absent"), 0);
	assert_int_equal(takt_config_producer_mask(config, "jobs"), 0x03);
	assert_int_equal(takt_config_consumer_mask(config, "jobs"), 0x38);
	assert_int_equal(takt_config_consumer_mask(config, "imu"), 0);
	assert_int_equal(takt_config_mask_first(config, 0), 2);
	assert_int_equal(takt_config_mask_first(config, 1), 6);
	assert_int_equal(takt_config_pin_first(config, 0), 0);
	assert_int_equal(takt_config_pin_first(config, 1), 3);
	takt_config_free(config);
}

/* A config in which one part of `layout_config` is replaced. */
static const struct takt_config *parse_changed(const char *part, const char *replacement)
{
	char text[2048];
	const char *at = strstr(layout_config, part);

	assert_non_null(at);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - layout_config), layout_config, replacement,
		       at + strlen(part));
	return fixture_parse(text);
}

struct hash_change {
	const char *part;
	const char *replacement;
	char changes[4]; /* r: roster, t: first topic, q: first queue, n: second node */
};

static const struct hash_change hash_changes[] = {
	{"domain: test", "domain: other", "r"},
	{"name: jobs, type: job", "name: jobs, type: work", "q"},
	{"bytes: 24", "bytes: 25", "q"},
	{"depth: 4", "depth: 8", "q"},
	{"bands: 2", "bands: 3", "rq"},
	{"bands: 2", "bands: 2, when_full: drop_oldest", "q"},
	{"bands: 2", "bands: 2, deliveries: 5", "q"},
	{"bands: 2", "bands: 2, take_mode: '0660'", ""},
	{", pushes: [jobs]", "", "r"},
	{", takes: [jobs]", "", "r"},
	{"{name: imu, type: imu", "{name: imu, type: pose", "t"},
	{"bytes: 40", "bytes: 41", "t"},
	{"depth: 8", "depth: 16", "t"},
	{"borrows: 3", "borrows: 4", "rt"},
	{"loans: 1", "loans: 2", "t"},
	{"publishers: 2", "publishers: 3", "t"},
	{"publishers: 2", "publishers: 2, deadline_us: 7", "t"},
	{"name: sensor", "name: sensors", "r"},
	{"waiters: 2", "waiters: 3", "r"},
	{"name: control, program: x", "name: control, program: x, waiters: 2", "rn"},
	{"publishes: [motor], subscribes: [imu]", "publishes: [motor], subscribes: [imu], takes: [jobs]", "rn"},
	{"publishes: [motor], subscribes: [imu]", "publishes: [motor], subscribes: [imu], pushes: [jobs]", "rn"},
	{"publishes: [motor], subscribes: [imu]", "publishes: [motor]", "rn"},
	{"publishes: [motor], subscribes: [imu]", "subscribes: [imu]", "n"},
	{"publishes: [motor], subscribes: [imu]", "subscribes: [motor, imu]", "rn"},
	{"  - {name: silent, program: x, waiters: 0}\n", "", "r"},
	{"program: x", "program: y", ""},
	{"program: x", "program: x, period_us: 1000, restart: always", ""},
	{"domain: test\n", "domain: test\nwait_slice_us: 500\nmode: '0640'\n", ""},
};

static void hashes_change_with_what_sizes_or_orders_and_with_nothing_else(void **state)
{
	const struct takt_config *one = fixture_parse(layout_config);

	(void)state;
	for (size_t i = 0; i < sizeof(hash_changes) / sizeof(hash_changes[0]); i++) {
		const struct hash_change *change = &hash_changes[i];
		const struct takt_config *two = parse_changed(change->part, change->replacement);

		if ((takt_config_roster_hash(one) != takt_config_roster_hash(two)) !=
		    (strchr(change->changes, 'r') != NULL))
			fail_msg("roster hash and \"%s\"", change->replacement);
		if ((takt_config_topic_hash(&one->topics[0]) != takt_config_topic_hash(&two->topics[0])) !=
		    (strchr(change->changes, 't') != NULL))
			fail_msg("topic hash and \"%s\"", change->replacement);
		if ((takt_config_queue_hash(&one->queues[0]) != takt_config_queue_hash(&two->queues[0])) !=
		    (strchr(change->changes, 'q') != NULL))
			fail_msg("queue hash and \"%s\"", change->replacement);
		if ((takt_config_node_hash(&one->nodes[1]) != takt_config_node_hash(&two->nodes[1])) !=
		    (strchr(change->changes, 'n') != NULL))
			fail_msg("node hash and \"%s\"", change->replacement);
		takt_config_free(two);
	}
	takt_config_free(one);
}

static void the_hash_is_fnv_1a(void **state)
{
	(void)state;
	assert_true(takt_hash(TAKT_HASH_SEED, "", 0) == UINT64_C(0xcbf29ce484222325));
	assert_true(takt_hash(TAKT_HASH_SEED, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(takt_hash(TAKT_HASH_SEED, "foobar", 6) == UINT64_C(0x85944171f73967e8));
}

#define SEGMENT_LAYOUT_TESTS                                                                                           \
	cmocka_unit_test(topic_parts_follow_each_other), cmocka_unit_test(queue_parts_follow_each_other),              \
		cmocka_unit_test(roster_holds_the_sums_of_the_config),                                                 \
		cmocka_unit_test(a_node_without_waiters_has_room_for_one_loop),                                        \
		cmocka_unit_test(a_domains_bytes_are_the_sum_of_its_segments),                                         \
		cmocka_unit_test(waiters_and_pins_are_counted_in_the_configs_order),                                   \
		cmocka_unit_test(hashes_change_with_what_sizes_or_orders_and_with_nothing_else),                       \
		cmocka_unit_test(the_hash_is_fnv_1a)

#endif
