/* SPDX-License-Identifier: Apache-2.0 */
#include "core/queue_segment.h"

#include <stdio.h>
#include <string.h>

#include "core/segment.h"
#include "core/topic_segment.h"
#include "platform/message.h"

struct queue_fill {
	const struct takt_config_queue *queue;
	const struct takt_flat_type *type;
	const char *domain;
	uint64_t instance;
	uint32_t queue_index;
	struct takt_queue_layout layout;
};

/* Not shared with anybody yet: relaxed throughout, `ready` and the link publish it. */
static void fill_items(void *context, void *memory)
{
	const struct queue_fill *fill = context;
	const struct takt_config_queue *queue = fill->queue;
	struct takt_queue_shm *shared = memory;

	takt_segment_fill(&shared->segment, TAKT_SEGMENT_QUEUE, fill->domain, queue->name, fill->layout.total_bytes,
			  takt_config_queue_hash(queue), fill->instance);
	shared->queue_index = fill->queue_index;
	shared->band_count = queue->bands;
	shared->depth = queue->depth;
	shared->when_full = (uint32_t)queue->when_full;
	shared->payload_bytes = queue->bytes;
	shared->slot_bytes = fill->layout.slot_bytes;
	shared->delivery_count_max = queue->deliveries;
	shared->fields_offset = fill->layout.fields_offset;
	shared->slots_offset = fill->layout.slots_offset;
	(void)snprintf(shared->type_name, sizeof(shared->type_name), "%s", queue->type);
	/* Only what the config means: who comes with another type is refused, and leaves no description behind. */
	if (fill->type && strcmp(fill->type->name, queue->type) == 0 && fill->type->bytes == queue->bytes)
		takt_description_write(&shared->description,
				       (void *)((unsigned char *)memory + fill->layout.fields_offset), fill->type);
	takt_segment_set_ready(&shared->segment);
}

/* Every slot is free for the position that is its own index. */
static void fill_state(void *context, void *memory)
{
	const struct queue_fill *fill = context;
	const struct takt_config_queue *queue = fill->queue;
	struct takt_queue_state_shm *shared = memory;
	struct takt_entry_shm *entries = (void *)((unsigned char *)memory + fill->layout.entries_offset);

	takt_segment_fill(&shared->segment, TAKT_SEGMENT_STATE, fill->domain, queue->name, fill->layout.state_bytes,
			  takt_config_queue_hash(queue), fill->instance);
	shared->band_count = queue->bands;
	shared->depth = queue->depth;
	shared->bands_offset = fill->layout.bands_offset;
	shared->entries_offset = fill->layout.entries_offset;
	takt_os_sem_init(&shared->producers.hint);
	takt_os_sem_init(&shared->consumers.hint);
	for (uint32_t i = 0; i < queue->bands * queue->depth; i++)
		atomic_store_explicit(&entries[i].sequence, i & (queue->depth - 1), memory_order_relaxed);
	takt_segment_set_ready(&shared->segment);
}

enum takt_status takt_queue_live_rights(const struct takt_config_queue *queue, struct takt_os_rights *rights)
{
	enum takt_status status = takt_config_rights_resolve(&queue->take_rights, rights);
	if (status == TAKT_OK)
		*rights = takt_topic_live_rights(rights);
	return status;
}

/* The three objects of a queue, in the order in which they are made: where there is a segment, its users count on the others. */
struct objects {
	struct takt_object_name names[3];
	struct takt_os_rights rights[3];
};

enum { LIVE, STATE, ITEMS };

static enum takt_status resolve(const struct takt_config_queue *queue, struct objects *objects)
{
	objects->names[LIVE] = takt_object_name("live", queue->name);
	objects->names[STATE] = takt_object_name("state", queue->name);
	objects->names[ITEMS] = takt_object_name("queue", queue->name);
	enum takt_status status = takt_queue_live_rights(queue, &objects->rights[LIVE]);
	if (status == TAKT_OK)
		status = takt_config_rights_resolve(&queue->take_rights, &objects->rights[STATE]);
	if (status == TAKT_OK)
		status = takt_config_rights_resolve(&queue->rights, &objects->rights[ITEMS]);
	return status;
}

enum takt_status takt_queue_segment_create(const struct takt_domain *domain, const struct takt_config *config,
					   uint32_t queue_index, const struct takt_flat_type *type,
					   uint32_t *created_count)
{
	struct queue_fill fill = {.queue = &config->queues[queue_index],
				  .type = type,
				  .domain = domain->name,
				  .instance = domain->instance,
				  .queue_index = queue_index};
	void (*const fills[])(void *, void *) = {NULL, fill_state, fill_items};
	struct objects objects;
	struct takt_os_entry entry;
	enum takt_status status = resolve(fill.queue, &objects);
	if (status != TAKT_OK)
		return status;
	/* Somebody who may only read the items cannot open the others and need not; they are there if the items are. */
	if (takt_os_folder_look(domain->folder, objects.names[ITEMS].text, &entry) == TAKT_OK)
		return TAKT_OK;
	takt_queue_layout(fill.queue, &fill.layout);
	const uint64_t bytes[] = {0, fill.layout.state_bytes, fill.layout.total_bytes};
	for (uint32_t i = LIVE; i <= ITEMS && status == TAKT_OK; i++)
		status = takt_object_create(domain, config,
					    &(struct takt_object_plan){.object = objects.names[i].text,
								       .bytes = bytes[i],
								       .rights = &objects.rights[i],
								       .fill = fills[i],
								       .context = &fill},
					    created_count);
	return status;
}

static enum takt_status verify(const struct takt_domain *domain, const struct takt_config *config, uint32_t queue_index)
{
	struct objects objects;
	enum takt_status status = resolve(&config->queues[queue_index], &objects);
	for (uint32_t i = LIVE; i <= ITEMS && status == TAKT_OK; i++)
		status = takt_os_shm_compare(domain->folder, objects.names[i].text, &objects.rights[i]);
	if (status == TAKT_ABSENT)
		takt_message(
			TAKT_ERROR,
			"queue '%s' of domain '%s': a segment of it or its presence file is missing, and all are made "
			"together; somebody removes them: run takt create again, or stop the domain and run: takt clean %s",
			config->queues[queue_index].name, domain->name, domain->name);
	return status;
}

enum takt_status takt_queue_segment_check(const struct takt_domain *domain, const struct takt_config *config,
					  uint32_t queue_index)
{
	struct takt_queue_mapping mapping = {0};
	enum takt_status status = verify(domain, config, queue_index);
	if (status == TAKT_OK)
		status = takt_queue_segment_open(&mapping, domain, config, config->queues[queue_index].name,
						 TAKT_OS_READ_ONLY, TAKT_OS_READ_ONLY);
	takt_queue_segment_close(&mapping);
	return status;
}

/* ------------------------------------------------------------------------------------------------------- open */

static enum takt_status refuse(const char *object, const char *why)
{
	takt_message(TAKT_ERROR, "%s: is damaged: %s; stop the domain and run: takt clean", object, why);
	return TAKT_CORRUPT;
}

static enum takt_status adopt_items(struct takt_queue_constants *found, const struct takt_os_shm *shm,
				    const char *object)
{
	struct takt_queue_shm copy;
	memcpy(&copy, shm->address, sizeof(copy));
	found->queue_index = copy.queue_index;
	found->band_count = copy.band_count;
	found->depth = copy.depth;
	found->when_full = copy.when_full;
	found->payload_bytes = copy.payload_bytes;
	found->slot_bytes = copy.slot_bytes;
	found->delivery_count_max = copy.delivery_count_max;
	found->fields_offset = copy.fields_offset;
	found->slots_offset = copy.slots_offset;
	found->layout_hash = copy.segment.layout_hash;
	memcpy(found->type_name, copy.type_name, sizeof(found->type_name));
	found->type_name[sizeof(found->type_name) - 1] = '\0';

	if (found->depth < TAKT_DEPTH_MIN || found->depth > TAKT_DEPTH_MAX || (found->depth & (found->depth - 1)) != 0)
		return refuse(object, "its depth is no power of two in range");
	if (found->band_count == 0 || found->band_count > TAKT_BAND_COUNT_MAX)
		return refuse(object, "its number of bands is out of range");
	if (found->payload_bytes == 0 || found->payload_bytes > TAKT_PAYLOAD_BYTES_MAX ||
	    found->slot_bytes < sizeof(struct takt_item_shm) + found->payload_bytes ||
	    found->slot_bytes % TAKT_CACHE_LINE_BYTES != 0 || found->slots_offset % TAKT_CACHE_LINE_BYTES != 0)
		return refuse(object, "its payload does not fit into its slots");
	if (!takt_segment_holds(shm->bytes, found->fields_offset, TAKT_FIELD_COUNT_MAX,
				sizeof(struct takt_field_shm)) ||
	    !takt_segment_holds(shm->bytes, found->slots_offset, (uint64_t)found->band_count * found->depth,
				found->slot_bytes))
		return refuse(object, "its parts do not fit into it");
	return TAKT_OK;
}

/* Behind adopt_items: the two must agree. */
static enum takt_status adopt_state(struct takt_queue_constants *found, const struct takt_os_shm *shm,
				    const char *object)
{
	struct takt_queue_state_shm copy;
	memcpy(&copy, shm->address, sizeof(copy));
	found->bands_offset = copy.bands_offset;
	found->entries_offset = copy.entries_offset;
	if (copy.band_count != found->band_count || copy.depth != found->depth ||
	    copy.segment.layout_hash != found->layout_hash)
		return refuse(object, "it does not agree with the queue's items");
	if (!takt_segment_holds_lines(shm->bytes, found->bands_offset, found->band_count,
				      sizeof(struct takt_band_shm)) ||
	    !takt_segment_holds_lines(shm->bytes, found->entries_offset, (uint64_t)found->band_count * found->depth,
				      sizeof(struct takt_entry_shm)))
		return refuse(object, "its parts do not fit into it");
	return TAKT_OK;
}

static enum takt_status differs(const char *queue, const char *what, const char *there, const char *here,
				const char *domain)
{
	takt_message(
		TAKT_ERROR,
		"queue '%s': %s is %s in the running domain and %s in this config; use the config that the domain was "
		"started with, or stop it and run: takt clean %s",
		queue, what, there, here, domain);
	return TAKT_MISMATCH;
}

static enum takt_status differs_in_number(const char *queue, const char *what, uint64_t there, uint64_t here,
					  const char *domain)
{
	char numbers[2][24];
	(void)snprintf(numbers[0], sizeof(numbers[0]), "%llu", (unsigned long long)there);
	(void)snprintf(numbers[1], sizeof(numbers[1]), "%llu", (unsigned long long)here);
	return differs(queue, what, numbers[0], numbers[1], domain);
}

/* Names the first difference between a queue's config and its segment. */
static enum takt_status compare_config(const struct takt_queue_constants *there, const struct takt_config_queue *here,
				       uint32_t queue_index, const char *domain)
{
	if (there->layout_hash == takt_config_queue_hash(here) && there->queue_index == queue_index)
		return TAKT_OK;
	if (strcmp(there->type_name, here->type) != 0)
		return differs(here->name, "its type", there->type_name, here->type, domain);
	if (there->payload_bytes != here->bytes)
		return differs_in_number(here->name, "`bytes`", there->payload_bytes, here->bytes, domain);
	if (there->depth != here->depth)
		return differs_in_number(here->name, "`depth`", there->depth, here->depth, domain);
	if (there->band_count != here->bands)
		return differs_in_number(here->name, "`bands`", there->band_count, here->bands, domain);
	if (there->when_full != (uint32_t)here->when_full)
		return differs(here->name, "`when_full`", takt_when_full_name(there->when_full),
			       takt_when_full_name((uint32_t)here->when_full), domain);
	if (there->delivery_count_max != here->deliveries)
		return differs_in_number(here->name, "`deliveries`", there->delivery_count_max, here->deliveries,
					 domain);
	return differs_in_number(here->name, "its place in the list of queues", there->queue_index, queue_index,
				 domain);
}

static enum takt_status open_one(struct takt_os_shm *shm, const struct takt_domain *domain,
				 const struct takt_config_rights *config_rights, const char *object,
				 enum takt_os_access access)
{
	const int is_state = object[0] == 's';
	struct takt_os_rights rights = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0};
	enum takt_status status = config_rights ? takt_config_rights_resolve(config_rights, &rights) : TAKT_OK;
	if (status == TAKT_OK)
		status = takt_os_shm_open(shm, domain->folder, object, access, &rights,
					  is_state ? sizeof(struct takt_queue_state_shm)
						   : sizeof(struct takt_queue_shm));
	/* A member has just made it or seen it; for a tool it may never have been there. */
	if (status == TAKT_ABSENT && config_rights)
		takt_topic_segment_say_gone(object, domain);
	if (status != TAKT_OK)
		return status;
	return takt_segment_check(shm, object, is_state ? TAKT_SEGMENT_STATE : TAKT_SEGMENT_QUEUE, domain->name,
				  domain->instance);
}

enum takt_status takt_queue_segment_open(struct takt_queue_mapping *mapping, const struct takt_domain *domain,
					 const struct takt_config *config, const char *queue, enum takt_os_access items,
					 enum takt_os_access state)
{
	uint32_t queue_index = config ? takt_config_queue_find(config, queue) : UINT32_MAX;
	const struct takt_config_queue *wanted = config ? &config->queues[queue_index] : NULL;
	struct takt_object_name items_name = takt_object_name("queue", queue);
	struct takt_object_name state_name = takt_object_name("state", queue);
	struct takt_queue_mapping opened = {0};
	enum takt_status status =
		open_one(&opened.items, domain, wanted ? &wanted->rights : NULL, items_name.text, items);
	if (status == TAKT_OK)
		status = open_one(&opened.state, domain, wanted ? &wanted->take_rights : NULL, state_name.text, state);
	if (status == TAKT_OK)
		status = adopt_items(&opened.constants, &opened.items, items_name.text);
	if (status == TAKT_OK && config)
		status = compare_config(&opened.constants, wanted, queue_index, domain->name);
	if (status == TAKT_OK)
		status = adopt_state(&opened.constants, &opened.state, state_name.text);
	if (status != TAKT_OK) {
		takt_queue_segment_close(&opened);
		return status;
	}
	(void)snprintf(opened.constants.queue, sizeof(opened.constants.queue), "%s", queue);
	*mapping = opened;
	return TAKT_OK;
}

void takt_queue_segment_close(struct takt_queue_mapping *mapping)
{
	takt_os_shm_close(&mapping->items);
	takt_os_shm_close(&mapping->state);
}

struct takt_band takt_queue_segment_band(const struct takt_queue_mapping *mapping, uint32_t band)
{
	const struct takt_queue_constants *constants = &mapping->constants;
	unsigned char *state = mapping->state.address;
	unsigned char *items = mapping->items.address;
	uint64_t first = (uint64_t)band * constants->depth;
	TAKT_ASSERT(band < constants->band_count);
	return (struct takt_band){
		.shared = state + constants->bands_offset + band * sizeof(struct takt_band_shm),
		.entries = state + constants->entries_offset + first * sizeof(struct takt_entry_shm),
		.slots = items + constants->slots_offset + first * constants->slot_bytes,
		.depth_mask = constants->depth - 1,
		.slot_bytes = constants->slot_bytes,
		.payload_bytes = constants->payload_bytes,
	};
}

struct takt_description_view takt_queue_segment_description(const struct takt_queue_mapping *mapping)
{
	const struct takt_queue_shm *shared = mapping->items.address;
	return (struct takt_description_view){
		.shared = &shared->description,
		.fields = (const void *)((const unsigned char *)mapping->items.address +
					 mapping->constants.fields_offset),
		.kind = "queue",
		.name = mapping->constants.queue,
		.type_name = mapping->constants.type_name,
		.payload_bytes = mapping->constants.payload_bytes,
	};
}

void takt_queue_segment_describe(const struct takt_queue_mapping *mapping, const struct takt_flat_type *type)
{
	struct takt_queue_shm *shared = mapping->items.address;
	takt_description_write(&shared->description,
			       (void *)((unsigned char *)mapping->items.address + mapping->constants.fields_offset),
			       type);
}

const char *takt_when_full_name(uint32_t when_full)
{
	static const char *const names[] = {"block", "drop_newest", "drop_oldest"};
	return when_full < sizeof(names) / sizeof(names[0]) ? names[when_full] : "unknown";
}
