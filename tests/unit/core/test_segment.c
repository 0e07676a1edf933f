/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/domain_fixture.h"

#include "core/segment.h"
#include "platform/sem.h"

/* ---------------------------------------------------------------------------------------------- golden offsets */

#define GOLDEN_BYTES 16384

static char offsets[GOLDEN_BYTES];

static void add_line(const char *format, const char *name, size_t number)
{
	size_t used = strlen(offsets);

	(void)snprintf(offsets + used, sizeof(offsets) - used, format, name, number);
}

#define SIZE(type)	     add_line("%s %zu bytes\n", #type, sizeof(struct type))
#define OFFSET(type, member) add_line("\t%s %zu\n", #member, offsetof(struct type, member))

static void list_head_and_roster(void)
{
	SIZE(takt_segment_shm);
	OFFSET(takt_segment_shm, magic), OFFSET(takt_segment_shm, endian_mark), OFFSET(takt_segment_shm, abi_version);
	OFFSET(takt_segment_shm, pointer_bytes), OFFSET(takt_segment_shm, kind), OFFSET(takt_segment_shm, sem_kind);
	OFFSET(takt_segment_shm, ready), OFFSET(takt_segment_shm, total_bytes), OFFSET(takt_segment_shm, layout_hash);
	OFFSET(takt_segment_shm, instance), OFFSET(takt_segment_shm, domain), OFFSET(takt_segment_shm, name);
	OFFSET(takt_segment_shm, reserved);
	SIZE(takt_roster_shm);
	OFFSET(takt_roster_shm, segment), OFFSET(takt_roster_shm, node_count), OFFSET(takt_roster_shm, waiter_count);
	OFFSET(takt_roster_shm, topic_count), OFFSET(takt_roster_shm, pin_count), OFFSET(takt_roster_shm, nodes_offset);
	OFFSET(takt_roster_shm, waiters_offset), OFFSET(takt_roster_shm, topics_offset);
	OFFSET(takt_roster_shm, masks_offset), OFFSET(takt_roster_shm, pins_offset);
	OFFSET(takt_roster_shm, queues_offset), OFFSET(takt_roster_shm, queue_count);
	OFFSET(takt_roster_shm, mask_count), OFFSET(takt_roster_shm, reserved);
	SIZE(takt_roster_node_shm);
	OFFSET(takt_roster_node_shm, token), OFFSET(takt_roster_node_shm, joined_count);
	OFFSET(takt_roster_node_shm, name), OFFSET(takt_roster_node_shm, waiter_first);
	OFFSET(takt_roster_node_shm, waiter_count), OFFSET(takt_roster_node_shm, reserved);
	SIZE(takt_roster_waiter_shm);
	OFFSET(takt_roster_waiter_shm, wake), OFFSET(takt_roster_waiter_shm, reserved);
	SIZE(takt_roster_topic_shm);
	OFFSET(takt_roster_topic_shm, name), OFFSET(takt_roster_topic_shm, pin_first);
	OFFSET(takt_roster_topic_shm, pin_count), OFFSET(takt_roster_topic_shm, subscriber_mask);
	OFFSET(takt_roster_topic_shm, reserved);
	SIZE(takt_roster_queue_shm);
	OFFSET(takt_roster_queue_shm, name), OFFSET(takt_roster_queue_shm, consumer_mask);
	OFFSET(takt_roster_queue_shm, producer_mask), OFFSET(takt_roster_queue_shm, mask_first);
	OFFSET(takt_roster_queue_shm, band_count), OFFSET(takt_roster_queue_shm, reserved);
	SIZE(takt_mask_shm);
	OFFSET(takt_mask_shm, waiting), OFFSET(takt_mask_shm, reserved);
	SIZE(takt_pin_shm);
	OFFSET(takt_pin_shm, owner), OFFSET(takt_pin_shm, slot_plus_one), OFFSET(takt_pin_shm, reserved_word);
	OFFSET(takt_pin_shm, reserved);
}

static void list_topic(void)
{
	SIZE(takt_lock_shm);
	OFFSET(takt_lock_shm, owner), OFFSET(takt_lock_shm, turn), OFFSET(takt_lock_shm, takeover_count);
	OFFSET(takt_lock_shm, wait_ns_max), OFFSET(takt_lock_shm, hold_ns_max), OFFSET(takt_lock_shm, reserved);
	OFFSET(takt_lock_shm, reserved_line), OFFSET(takt_lock_shm, hint), OFFSET(takt_lock_shm, reserved_tail);
	SIZE(takt_field_shm);
	OFFSET(takt_field_shm, name), OFFSET(takt_field_shm, unit), OFFSET(takt_field_shm, kind);
	OFFSET(takt_field_shm, reserved), OFFSET(takt_field_shm, count), OFFSET(takt_field_shm, offset);
	SIZE(takt_description_shm);
	OFFSET(takt_description_shm, type_hash), OFFSET(takt_description_shm, field_count);
	OFFSET(takt_description_shm, reserved);
	SIZE(takt_spare_shm);
	OFFSET(takt_spare_shm, owner), OFFSET(takt_spare_shm, slot_index), OFFSET(takt_spare_shm, purpose);
	SIZE(takt_slot_shm);
	OFFSET(takt_slot_shm, number), OFFSET(takt_slot_shm, publish_ns), OFFSET(takt_slot_shm, origin_number);
	OFFSET(takt_slot_shm, origin_ns), OFFSET(takt_slot_shm, origin_topic_index);
	OFFSET(takt_slot_shm, reserved);
	SIZE(takt_topic_shm);
	OFFSET(takt_topic_shm, segment), OFFSET(takt_topic_shm, topic_index), OFFSET(takt_topic_shm, depth);
	OFFSET(takt_topic_shm, slot_count), OFFSET(takt_topic_shm, spare_count), OFFSET(takt_topic_shm, payload_bytes);
	OFFSET(takt_topic_shm, slot_bytes), OFFSET(takt_topic_shm, borrow_count), OFFSET(takt_topic_shm, loan_count);
	OFFSET(takt_topic_shm, publisher_count_max), OFFSET(takt_topic_shm, reserved_word);
	OFFSET(takt_topic_shm, deadline_ns), OFFSET(takt_topic_shm, cells_offset),
		OFFSET(takt_topic_shm, spares_offset);
	OFFSET(takt_topic_shm, fields_offset), OFFSET(takt_topic_shm, slots_offset), OFFSET(takt_topic_shm, type_name);
	OFFSET(takt_topic_shm, reserved_constants), OFFSET(takt_topic_shm, description);
	OFFSET(takt_topic_shm, publisher_token), OFFSET(takt_topic_shm, takeover_count);
	OFFSET(takt_topic_shm, reserved_state), OFFSET(takt_topic_shm, head), OFFSET(takt_topic_shm, reserved_head);
	OFFSET(takt_topic_shm, lock);
}

static void list_sync(void)
{
	SIZE(takt_holder_shm);
	OFFSET(takt_holder_shm, token), OFFSET(takt_holder_shm, state), OFFSET(takt_holder_shm, reserved);
	SIZE(takt_sync_shm);
	OFFSET(takt_sync_shm, segment), OFFSET(takt_sync_shm, kind), OFFSET(takt_sync_shm, initial);
	OFFSET(takt_sync_shm, maximum), OFFSET(takt_sync_shm, is_undone), OFFSET(takt_sync_shm, user_mask);
	OFFSET(takt_sync_shm, reserved_constants), OFFSET(takt_sync_shm, mask), OFFSET(takt_sync_shm, lock);
	OFFSET(takt_sync_shm, word), OFFSET(takt_sync_shm, taken_count), OFFSET(takt_sync_shm, timeout_count);
	OFFSET(takt_sync_shm, recovered_count), OFFSET(takt_sync_shm, reserved_state), OFFSET(takt_sync_shm, holders);
}

static void list_queue(void)
{
	SIZE(takt_histogram_shm);
	OFFSET(takt_histogram_shm, count), OFFSET(takt_histogram_shm, sum), OFFSET(takt_histogram_shm, max);
	OFFSET(takt_histogram_shm, min), OFFSET(takt_histogram_shm, buckets);
	SIZE(takt_queue_shm);
	OFFSET(takt_queue_shm, segment), OFFSET(takt_queue_shm, queue_index), OFFSET(takt_queue_shm, band_count);
	OFFSET(takt_queue_shm, depth), OFFSET(takt_queue_shm, when_full), OFFSET(takt_queue_shm, payload_bytes);
	OFFSET(takt_queue_shm, slot_bytes), OFFSET(takt_queue_shm, delivery_count_max);
	OFFSET(takt_queue_shm, reserved_word), OFFSET(takt_queue_shm, fields_offset);
	OFFSET(takt_queue_shm, slots_offset), OFFSET(takt_queue_shm, type_name);
	OFFSET(takt_queue_shm, reserved_constants), OFFSET(takt_queue_shm, description);
	OFFSET(takt_queue_shm, reserved_state);
	SIZE(takt_item_shm);
	OFFSET(takt_item_shm, number), OFFSET(takt_item_shm, push_ns), OFFSET(takt_item_shm, origin_number);
	OFFSET(takt_item_shm, origin_ns), OFFSET(takt_item_shm, origin_topic_index), OFFSET(takt_item_shm, reserved);
	SIZE(takt_entry_shm);
	OFFSET(takt_entry_shm, sequence), OFFSET(takt_entry_shm, leased), OFFSET(takt_entry_shm, token);
	OFFSET(takt_entry_shm, delivery_count), OFFSET(takt_entry_shm, reserved);
	SIZE(takt_band_shm);
	OFFSET(takt_band_shm, tail), OFFSET(takt_band_shm, filled_count), OFFSET(takt_band_shm, fill_max);
	OFFSET(takt_band_shm, reserved_producers), OFFSET(takt_band_shm, head);
	OFFSET(takt_band_shm, reserved_consumers), OFFSET(takt_band_shm, freed_count);
	OFFSET(takt_band_shm, reserved_freed);
	SIZE(takt_queue_state_shm);
	OFFSET(takt_queue_state_shm, segment), OFFSET(takt_queue_state_shm, band_count);
	OFFSET(takt_queue_state_shm, depth), OFFSET(takt_queue_state_shm, bands_offset);
	OFFSET(takt_queue_state_shm, entries_offset), OFFSET(takt_queue_state_shm, reserved);
	OFFSET(takt_queue_state_shm, producers), OFFSET(takt_queue_state_shm, consumers);
	OFFSET(takt_queue_state_shm, pushed_count), OFFSET(takt_queue_state_shm, dropped_newest_count);
	OFFSET(takt_queue_state_shm, dropped_oldest_count), OFFSET(takt_queue_state_shm, reserved_producers);
	OFFSET(takt_queue_state_shm, blocked_count), OFFSET(takt_queue_state_shm, timeout_count);
	OFFSET(takt_queue_state_shm, acknowledged_count), OFFSET(takt_queue_state_shm, reserved_free);
	OFFSET(takt_queue_state_shm, taken_count), OFFSET(takt_queue_state_shm, returned_count);
	OFFSET(takt_queue_state_shm, redelivered_count), OFFSET(takt_queue_state_shm, exhausted_count);
	OFFSET(takt_queue_state_shm, reserved_consumers), OFFSET(takt_queue_state_shm, waiting_ns);
}

static void list_node(void)
{
	SIZE(takt_publication_shm);
	OFFSET(takt_publication_shm, topic), OFFSET(takt_publication_shm, published_count);
	OFFSET(takt_publication_shm, woken_count), OFFSET(takt_publication_shm, timeout_count);
	OFFSET(takt_publication_shm, abandoned_count);
	SIZE(takt_subscription_shm);
	OFFSET(takt_subscription_shm, topic), OFFSET(takt_subscription_shm, start_number);
	OFFSET(takt_subscription_shm, next_number), OFFSET(takt_subscription_shm, got_count);
	OFFSET(takt_subscription_shm, lost_count), OFFSET(takt_subscription_shm, skipped_count);
	OFFSET(takt_subscription_shm, stale_count), OFFSET(takt_subscription_shm, overtaken_count);
	OFFSET(takt_subscription_shm, reserved), OFFSET(takt_subscription_shm, age_ns);
	OFFSET(takt_subscription_shm, chain_ns);
	SIZE(takt_queue_use_shm);
	OFFSET(takt_queue_use_shm, queue), OFFSET(takt_queue_use_shm, moved_count);
	OFFSET(takt_queue_use_shm, finished_count), OFFSET(takt_queue_use_shm, refused_count);
	OFFSET(takt_queue_use_shm, is_producer), OFFSET(takt_queue_use_shm, reserved);
	SIZE(takt_loop_shm);
	OFFSET(takt_loop_shm, period_ns), OFFSET(takt_loop_shm, cycle_count), OFFSET(takt_loop_shm, overrun_count);
	OFFSET(takt_loop_shm, fault_count), OFFSET(takt_loop_shm, switch_count), OFFSET(takt_loop_shm, cycle_begin_ns);
	OFFSET(takt_loop_shm, wake_count), OFFSET(takt_loop_shm, spurious_count), OFFSET(takt_loop_shm, jitter_ns);
	OFFSET(takt_loop_shm, duration_ns);
	SIZE(takt_node_shm);
	OFFSET(takt_node_shm, segment), OFFSET(takt_node_shm, token), OFFSET(takt_node_shm, joined_ns);
	OFFSET(takt_node_shm, state), OFFSET(takt_node_shm, process_id), OFFSET(takt_node_shm, lacks_rights);
	OFFSET(takt_node_shm, publication_count), OFFSET(takt_node_shm, subscription_count);
	OFFSET(takt_node_shm, loop_count), OFFSET(takt_node_shm, publications_offset);
	OFFSET(takt_node_shm, subscriptions_offset), OFFSET(takt_node_shm, loops_offset);
	OFFSET(takt_node_shm, command_count), OFFSET(takt_node_shm, refused_count);
	OFFSET(takt_node_shm, parameter_generation), OFFSET(takt_node_shm, uses_offset);
	OFFSET(takt_node_shm, use_count), OFFSET(takt_node_shm, reserved_word), OFFSET(takt_node_shm, reserved);
}

/* The file is the same for every machine: 64 and 32 bit differ in takt_word only, which no struct has. To accept a new layout, run
 * this test with TAKT_GOLDEN_WRITE=1 and raise TAKT_ABI_VERSION. */
static void every_offset_is_that_of_the_golden_file(void **state)
{
	static char golden[GOLDEN_BYTES];
	const char *path = TAKT_SOURCE_DIR "/tests/golden/layout.txt";
	const int write = getenv("TAKT_GOLDEN_WRITE") != NULL;
	FILE *file = fopen(path, write ? "w" : "r");

	(void)state;
	assert_non_null(file);
	offsets[0] = '\0';
	list_head_and_roster();
	list_topic();
	list_queue();
	list_sync();
	list_node();
	assert_true(strlen(offsets) < sizeof(offsets) - 1);
	if (write)
		assert_true(fputs(offsets, file) >= 0);
	else
		golden[fread(golden, 1, sizeof(golden) - 1, file)] = '\0';
	assert_int_equal(fclose(file), 0);
	if (!write)
		assert_string_equal(offsets, golden);
}

#include "tests/unit/core/segment_layout.h"
#include "tests/unit/core/segment_check.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_offset_is_that_of_the_golden_file),
		SEGMENT_LAYOUT_TESTS,
		SEGMENT_CHECK_TESTS,
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
