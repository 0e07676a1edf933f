/* SPDX-License-Identifier: Apache-2.0 */
#include "core/segment.h"

#include <stdio.h>
#include <string.h>

#include "core/protocol/description.h"
#include "platform/message.h"

#define BYTE_ORDER_SWAPPED 0x04030201u

struct takt_object_name takt_object_name(const char *prefix, const char *name)
{
	struct takt_object_name object;
	(void)snprintf(object.text, sizeof(object.text), "%s.%s", prefix, name);
	return object;
}

static uint64_t round_up(uint64_t bytes, uint64_t unit)
{
	return (bytes + unit - 1) / unit * unit;
}

void takt_topic_layout(const struct takt_config_topic *topic, struct takt_topic_layout *layout)
{
	layout->spare_count = topic->borrows + topic->loans + topic->publishers;
	layout->slot_count = topic->depth + layout->spare_count;
	layout->slot_bytes =
		(uint32_t)round_up(sizeof(struct takt_slot_shm) + (uint64_t)topic->bytes, TAKT_CACHE_LINE_BYTES);
	layout->cells_offset = sizeof(struct takt_topic_shm);
	layout->spares_offset =
		round_up(layout->cells_offset + topic->depth * sizeof(_Atomic uint64_t), TAKT_CACHE_LINE_BYTES);
	layout->fields_offset = round_up(layout->spares_offset + layout->spare_count * sizeof(struct takt_spare_shm),
					 TAKT_CACHE_LINE_BYTES);
	layout->slots_offset = layout->fields_offset + TAKT_FIELD_COUNT_MAX * sizeof(struct takt_field_shm);
	layout->total_bytes = layout->slots_offset + (uint64_t)layout->slot_count * layout->slot_bytes;
}

void takt_queue_layout(const struct takt_config_queue *queue, struct takt_queue_layout *layout)
{
	uint64_t entry_count = (uint64_t)queue->bands * queue->depth;
	layout->slot_bytes =
		(uint32_t)round_up(sizeof(struct takt_item_shm) + (uint64_t)queue->bytes, TAKT_CACHE_LINE_BYTES);
	layout->fields_offset = round_up(sizeof(struct takt_queue_shm), TAKT_CACHE_LINE_BYTES);
	layout->slots_offset = layout->fields_offset + TAKT_FIELD_COUNT_MAX * sizeof(struct takt_field_shm);
	layout->total_bytes = layout->slots_offset + entry_count * layout->slot_bytes;
	layout->bands_offset = round_up(sizeof(struct takt_queue_state_shm), TAKT_CACHE_LINE_BYTES);
	layout->entries_offset = layout->bands_offset + queue->bands * sizeof(struct takt_band_shm);
	layout->state_bytes = layout->entries_offset + entry_count * sizeof(struct takt_entry_shm);
}

void takt_roster_layout(const struct takt_config *config, struct takt_roster_layout *layout)
{
	layout->waiter_count = takt_config_waiter_first(config, config->nodes_count);
	layout->pin_count = takt_config_pin_first(config, config->topics_count);
	layout->mask_count = takt_config_mask_first(config, config->queues_count);
	layout->nodes_offset = sizeof(struct takt_roster_shm);
	layout->waiters_offset = layout->nodes_offset + config->nodes_count * sizeof(struct takt_roster_node_shm);
	layout->topics_offset = layout->waiters_offset + layout->waiter_count * sizeof(struct takt_roster_waiter_shm);
	layout->queues_offset = layout->topics_offset + config->topics_count * sizeof(struct takt_roster_topic_shm);
	layout->masks_offset = layout->queues_offset + config->queues_count * sizeof(struct takt_roster_queue_shm);
	layout->pins_offset = layout->masks_offset + layout->mask_count * sizeof(struct takt_mask_shm);
	layout->total_bytes = layout->pins_offset + layout->pin_count * sizeof(struct takt_pin_shm);
}

void takt_node_layout(const struct takt_config_node *node, struct takt_node_layout *layout)
{
	/* A node without waiters may still run a loop with a period. */
	uint32_t loop_count = node->waiters ? node->waiters : 1;
	layout->publications_offset = round_up(sizeof(struct takt_node_shm), TAKT_CACHE_LINE_BYTES);
	layout->subscriptions_offset =
		layout->publications_offset + node->publishes_count * sizeof(struct takt_publication_shm);
	layout->loops_offset =
		layout->subscriptions_offset + node->subscribes_count * sizeof(struct takt_subscription_shm);
	layout->uses_offset =
		round_up(layout->loops_offset + loop_count * sizeof(struct takt_loop_shm), TAKT_CACHE_LINE_BYTES);
	layout->total_bytes = layout->uses_offset +
			      ((uint64_t)node->pushes_count + node->takes_count) * sizeof(struct takt_queue_use_shm);
}

uint64_t takt_config_bytes(const struct takt_config *config)
{
	struct takt_roster_layout roster;
	takt_roster_layout(config, &roster);
	uint64_t bytes = roster.total_bytes;
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
	bytes += config->syncs_count * (uint64_t)sizeof(struct takt_sync_shm);
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		struct takt_node_layout node;
		takt_node_layout(&config->nodes[i], &node);
		bytes += node.total_bytes;
	}
	return bytes;
}

uint32_t takt_config_waiter_first(const struct takt_config *config, uint32_t node_index)
{
	uint32_t first = 0;
	for (uint32_t i = 0; i < node_index; i++)
		first += config->nodes[i].waiters;
	return first;
}

/* Whether a node's config names a topic or a queue in one of its lists. */
typedef int names_it(const struct takt_config_node *node, const char *name);

static uint64_t waiters_of_nodes(const struct takt_config *config, const char *name, names_it *names)
{
	uint64_t mask = 0;
	uint32_t bit = 0;
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		int is_named = names(&config->nodes[i], name);
		for (uint32_t w = 0; w < config->nodes[i].waiters; w++, bit++)
			if (is_named)
				mask |= UINT64_C(1) << bit;
	}
	return mask;
}

uint64_t takt_config_subscriber_mask(const struct takt_config *config, const char *topic)
{
	return waiters_of_nodes(config, topic, takt_config_subscribes);
}

uint64_t takt_config_producer_mask(const struct takt_config *config, const char *queue)
{
	return waiters_of_nodes(config, queue, takt_config_pushes);
}

uint64_t takt_config_consumer_mask(const struct takt_config *config, const char *queue)
{
	return waiters_of_nodes(config, queue, takt_config_takes);
}

uint32_t takt_config_mask_first(const struct takt_config *config, uint32_t queue_index)
{
	uint32_t first = config->topics_count;
	for (uint32_t i = 0; i < queue_index; i++)
		first += 2 * config->queues[i].bands;
	return first;
}

uint64_t takt_config_user_mask(const struct takt_config *config, const char *sync)
{
	return waiters_of_nodes(config, sync, takt_config_uses);
}

uint32_t takt_config_pin_first(const struct takt_config *config, uint32_t topic_index)
{
	uint32_t first = 0;
	for (uint32_t i = 0; i < topic_index; i++)
		first += config->topics[i].borrows;
	return first;
}

uint64_t takt_hash(uint64_t hash, const void *bytes, uint64_t count)
{
	const unsigned char *at = bytes;
	for (uint64_t i = 0; i < count; i++)
		hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return takt_hash(hash, text, strlen(text) + 1);
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	unsigned char bytes[8];
	for (uint32_t i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(number >> (8 * i));
	return takt_hash(hash, bytes, sizeof(bytes));
}

uint64_t takt_config_roster_hash(const struct takt_config *config)
{
	uint64_t hash = hash_text(TAKT_HASH_SEED, config->domain);
	hash = hash_number(hash, config->nodes_count);
	for (uint32_t i = 0; i < config->nodes_count; i++) {
		hash = hash_text(hash, config->nodes[i].name);
		hash = hash_number(hash, config->nodes[i].waiters);
	}
	hash = hash_number(hash, config->topics_count);
	for (uint32_t i = 0; i < config->topics_count; i++) {
		hash = hash_text(hash, config->topics[i].name);
		hash = hash_number(hash, config->topics[i].borrows);
		hash = hash_number(hash, takt_config_subscriber_mask(config, config->topics[i].name));
	}
	hash = hash_number(hash, config->queues_count);
	for (uint32_t i = 0; i < config->queues_count; i++) {
		hash = hash_text(hash, config->queues[i].name);
		hash = hash_number(hash, config->queues[i].bands);
		hash = hash_number(hash, takt_config_producer_mask(config, config->queues[i].name));
		hash = hash_number(hash, takt_config_consumer_mask(config, config->queues[i].name));
	}
	return hash;
}

uint64_t takt_config_topic_hash(const struct takt_config_topic *topic)
{
	uint64_t hash = hash_text(TAKT_HASH_SEED, topic->name);
	hash = hash_text(hash, topic->type);
	hash = hash_number(hash, topic->bytes);
	hash = hash_number(hash, topic->depth);
	hash = hash_number(hash, topic->publishers);
	hash = hash_number(hash, topic->borrows);
	hash = hash_number(hash, topic->loans);
	return hash_number(hash, topic->deadline_us);
}

uint64_t takt_config_queue_hash(const struct takt_config_queue *queue)
{
	uint64_t hash = hash_text(TAKT_HASH_SEED, queue->name);
	hash = hash_text(hash, queue->type);
	hash = hash_number(hash, queue->bytes);
	hash = hash_number(hash, queue->depth);
	hash = hash_number(hash, queue->bands);
	hash = hash_number(hash, queue->when_full);
	return hash_number(hash, queue->deliveries);
}

uint64_t takt_config_sync_hash(const struct takt_config *config, uint32_t sync_index)
{
	const struct takt_config_sync *sync = &config->syncs[sync_index];
	uint64_t hash = hash_text(TAKT_HASH_SEED, sync->name);
	hash = hash_number(hash, (uint64_t)sync->kind);
	hash = hash_number(hash, sync->initial);
	hash = hash_number(hash, sync->maximum);
	hash = hash_number(hash, sync->is_undone);
	return hash_number(hash, takt_config_user_mask(config, sync->name));
}

uint64_t takt_config_node_hash(const struct takt_config_node *node)
{
	uint64_t hash = hash_text(TAKT_HASH_SEED, node->name);
	hash = hash_number(hash, node->waiters);
	hash = hash_number(hash, node->publishes_count);
	for (uint32_t i = 0; i < node->publishes_count; i++)
		hash = hash_text(hash, node->publishes[i]);
	for (uint32_t i = 0; i < node->subscribes_count; i++)
		hash = hash_text(hash, node->subscribes[i]);
	hash = hash_number(hash, node->pushes_count);
	for (uint32_t i = 0; i < node->pushes_count; i++)
		hash = hash_text(hash, node->pushes[i]);
	for (uint32_t i = 0; i < node->takes_count; i++)
		hash = hash_text(hash, node->takes[i]);
	return hash;
}

void takt_segment_fill(struct takt_segment_shm *segment, enum takt_segment_kind kind, const char *domain,
		       const char *name, uint64_t total_bytes, uint64_t layout_hash, uint64_t instance)
{
	memcpy(segment->magic, TAKT_MAGIC, sizeof(segment->magic));
	segment->endian_mark = TAKT_ENDIAN_MARK;
	segment->abi_version = TAKT_ABI_VERSION;
	segment->pointer_bytes = (uint32_t)sizeof(void *);
	segment->kind = (uint32_t)kind;
	segment->sem_kind = (uint32_t)takt_os_sem_kind();
	segment->total_bytes = total_bytes;
	segment->layout_hash = layout_hash;
	segment->instance = instance;
	(void)snprintf(segment->domain, sizeof(segment->domain), "%s", domain);
	(void)snprintf(segment->name, sizeof(segment->name), "%s", name);
}

void takt_segment_set_ready(struct takt_segment_shm *segment)
{
	takt_ready_set(segment);
}

static enum takt_status differs(const char *object, const char *what, uint64_t found, uint64_t expected,
				const char *remedy)
{
	takt_message(TAKT_ERROR, "%s: %s is %llu there and %llu in this program; %s", object, what,
		     (unsigned long long)found, (unsigned long long)expected, remedy);
	return TAKT_MISMATCH;
}

static enum takt_status check_format(const struct takt_segment_shm *head, const char *object)
{
	if (head->endian_mark == BYTE_ORDER_SWAPPED) {
		takt_message(
			TAKT_ERROR,
			"%s: was made on a machine of the other byte order; processes of one domain share one machine",
			object);
		return TAKT_MISMATCH;
	}
	if (head->endian_mark != TAKT_ENDIAN_MARK) {
		takt_message(
			TAKT_ERROR,
			"%s: is damaged: its mark of the byte order is %#x, expected %#x; stop the domain and run: takt clean",
			object, head->endian_mark, TAKT_ENDIAN_MARK);
		return TAKT_CORRUPT;
	}
	if (head->abi_version != TAKT_ABI_VERSION)
		return differs(object, "takt's layout version", head->abi_version, TAKT_ABI_VERSION,
			       "build all programs of the domain with the same takt, then run: takt clean");
	if (head->pointer_bytes != sizeof(void *))
		return differs(object, "the size of a pointer in bytes", head->pointer_bytes, sizeof(void *),
			       "32-bit and 64-bit programs cannot share a domain: build them all for one");
	if (head->sem_kind != (uint32_t)takt_os_sem_kind())
		return differs(object, "the kind of semaphore (1 futex, 2 POSIX)", head->sem_kind,
			       (uint64_t)takt_os_sem_kind(), "build all programs of the domain with the same TAKT_SEM");
	return TAKT_OK;
}

enum takt_status takt_segment_check(const struct takt_os_shm *shm, const char *object, enum takt_segment_kind kind,
				    const char *domain, uint64_t instance)
{
	struct takt_segment_shm *shared = shm->address;
	struct takt_segment_shm head;

	if (!takt_ready_is_set(shared) && memcmp(shared->magic, TAKT_MAGIC, sizeof(shared->magic)) == 0) {
		takt_message(
			TAKT_ERROR,
			"%s: says that it is not complete, but objects of takt appear whole: it is damaged; stop the domain "
			"and run: takt clean %s",
			object, domain ? domain : "DOMAIN");
		return TAKT_NOT_READY;
	}
	memcpy(&head, shared, sizeof(head));
	if (takt_os_shm_is_cut(shm)) {
		takt_message(TAKT_ERROR, "%s: was cut off while it was opened; stop the domain and run: takt clean %s",
			     object, domain ? domain : "DOMAIN");
		return TAKT_CORRUPT;
	}
	if (memcmp(head.magic, TAKT_MAGIC, sizeof(head.magic)) != 0) {
		takt_message(
			TAKT_ERROR,
			"%s: is not a segment of takt; something else uses this name: remove it or rename the domain",
			object);
		return TAKT_CORRUPT;
	}
	enum takt_status status = check_format(&head, object);
	if (status != TAKT_OK)
		return status;
	if (head.kind != (uint32_t)kind || head.total_bytes > shm->bytes) {
		takt_message(
			TAKT_ERROR,
			"%s: is damaged: kind %u of %llu bytes, but the file has %llu bytes and kind %d was expected; "
			"stop the domain and run: takt clean",
			object, head.kind, (unsigned long long)head.total_bytes, (unsigned long long)shm->bytes,
			(int)kind);
		return TAKT_CORRUPT;
	}
	if (domain && strncmp(head.domain, domain, sizeof(head.domain)) != 0) {
		takt_message(TAKT_ERROR,
			     "%s: belongs to domain '%.31s', not to '%s'; stop the domain and run: takt clean %s",
			     object, head.domain, domain, domain);
		return TAKT_MISMATCH;
	}
	if (instance && head.instance != instance) {
		takt_message(
			TAKT_ERROR,
			"%s: is of another life of the domain than the roster: one of the two is old or damaged; stop the "
			"domain and run: takt clean %s",
			object, domain ? domain : "DOMAIN");
		return TAKT_MISMATCH;
	}
	return TAKT_OK;
}

int takt_segment_holds_lines(uint64_t total, uint64_t offset, uint64_t count, uint64_t bytes)
{
	return offset % TAKT_CACHE_LINE_BYTES == 0 && takt_segment_holds(total, offset, count, bytes);
}

int takt_segment_holds(uint64_t total, uint64_t offset, uint64_t count, uint64_t bytes)
{
	if (offset > total || offset % sizeof(uint64_t) != 0)
		return 0;
	return bytes == 0 || count <= (total - offset) / bytes;
}

enum takt_status takt_config_rights_resolve(const struct takt_config_rights *rights, struct takt_os_rights *numbers)
{
	struct takt_os_rights found = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = rights->mode};
	if (rights->owner && takt_os_user_find(rights->owner, &found.owner) != TAKT_OK) {
		takt_message(TAKT_ERROR,
			     "owner '%s': this machine has no such user; create it or change `owner` in the config",
			     rights->owner);
		return TAKT_ABSENT;
	}
	if (rights->group && takt_os_group_find(rights->group, &found.group) != TAKT_OK) {
		takt_message(TAKT_ERROR,
			     "group '%s': this machine has no such group; create it or change `group` in the config",
			     rights->group);
		return TAKT_ABSENT;
	}
	*numbers = found;
	return TAKT_OK;
}
