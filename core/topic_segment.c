/* SPDX-License-Identifier: Apache-2.0 */
#include "core/topic_segment.h"

#include <stdio.h>
#include <string.h>

#include "core/description.h"
#include "core/segment.h"
#include "platform/clock.h"
#include "platform/message.h"

struct topic_fill {
	const struct takt_config_topic *topic;
	const struct takt_flat_type *type;
	const char *domain;
	uint64_t instance;
	uint32_t topic_index;
	struct takt_topic_layout layout;
};

static void fill_constants(struct takt_topic_shm *shared, const struct topic_fill *fill)
{
	const struct takt_config_topic *topic = fill->topic;
	shared->topic_index = fill->topic_index;
	shared->depth = topic->depth;
	shared->slot_count = fill->layout.slot_count;
	shared->spare_count = fill->layout.spare_count;
	shared->payload_bytes = topic->bytes;
	shared->slot_bytes = fill->layout.slot_bytes;
	shared->borrow_count = topic->borrows;
	shared->loan_count = topic->loans;
	shared->publisher_count_max = topic->publishers;
	shared->deadline_ns = topic->deadline_us * TAKT_NS_PER_US;
	shared->cells_offset = fill->layout.cells_offset;
	shared->spares_offset = fill->layout.spares_offset;
	shared->fields_offset = fill->layout.fields_offset;
	shared->slots_offset = fill->layout.slots_offset;
	(void)snprintf(shared->type_name, sizeof(shared->type_name), "%s", topic->type);
}

/* Not shared with anybody yet: relaxed throughout, `ready` and the link publish it. */
static void fill_topic(void *context, void *memory)
{
	const struct topic_fill *fill = context;
	struct takt_topic_shm *shared = memory;
	_Atomic uint64_t *cells = (void *)((unsigned char *)memory + fill->layout.cells_offset);
	struct takt_spare_shm *spares = (void *)((unsigned char *)memory + fill->layout.spares_offset);

	takt_segment_fill(&shared->segment, TAKT_SEGMENT_TOPIC, fill->domain, fill->topic->name,
			  fill->layout.total_bytes, takt_config_topic_hash(fill->topic), fill->instance);
	fill_constants(shared, fill);
	takt_os_sem_init(&shared->lock.hint);
	/* Cell i names slot i and the number 0, the spares the slots behind them: every slot has exactly one name. */
	for (uint32_t i = 0; i < fill->topic->depth; i++)
		atomic_store_explicit(&cells[i], i, memory_order_relaxed);
	for (uint32_t i = 0; i < fill->layout.spare_count; i++)
		atomic_store_explicit(&spares[i].slot_index, fill->topic->depth + i, memory_order_relaxed);
	/* Only what the config means: who comes with another type is refused, and leaves no description behind. */
	if (fill->type && strcmp(fill->type->name, fill->topic->type) == 0 && fill->type->bytes == fill->topic->bytes) {
		struct takt_topic_constants constants = {.fields_offset = fill->layout.fields_offset};
		takt_topic_segment_describe(shared, &constants, fill->type);
	}
	takt_segment_set_ready(&shared->segment);
}

struct takt_os_rights takt_topic_live_rights(const struct takt_os_rights *topic_rights)
{
	struct takt_os_rights rights = *topic_rights;
	uint32_t write_bits = rights.mode & 0222u;
	rights.mode = write_bits | write_bits << 1;
	return rights;
}

void takt_topic_segment_say_gone(const char *object, const struct takt_domain *domain)
{
	takt_message(
		TAKT_ERROR,
		"'%s' of domain '%s' was removed while the domain lives; stop all its nodes, run: takt clean %s, and start "
		"again",
		object, domain->name, domain->name);
}

enum takt_status takt_object_create(const struct takt_domain *domain, const struct takt_config *config,
				    const struct takt_object_plan *plan, uint32_t *created_count)
{
	enum takt_status status =
		takt_os_shm_create(domain->folder, plan->object, plan->bytes, plan->rights, plan->fill, plan->context);
	if (status == TAKT_EXISTS)
		return TAKT_OK;
	if (status == TAKT_OK && created_count)
		(*created_count)++;
	if (status == TAKT_DENIED)
		takt_message(TAKT_ERROR,
			     "%s of domain '%s' is not there and this user may not create it as the config wants it; "
			     "run as root: takt create %s",
			     plan->object, domain->name, config->path[0] ? config->path : "CONFIG");
	if (status == TAKT_ABSENT)
		takt_topic_segment_say_gone(plan->object, domain);
	return status;
}

enum takt_status takt_topic_segment_create(const struct takt_domain *domain, const struct takt_config *config,
					   uint32_t topic_index, const struct takt_flat_type *type,
					   uint32_t *created_count)
{
	const struct takt_config_topic *topic = &config->topics[topic_index];
	struct takt_os_rights rights;
	enum takt_status status = takt_config_rights_resolve(&topic->rights, &rights);
	if (status != TAKT_OK)
		return status;
	struct takt_os_rights live_rights = takt_topic_live_rights(&rights);
	struct takt_object_name live = takt_object_name("live", topic->name);
	struct takt_object_name object = takt_object_name("topic", topic->name);
	struct takt_os_entry entry;
	/* Somebody who may only read the topic cannot open its presence file and need not; it is there if the segment is. */
	if (takt_os_folder_look(domain->folder, object.text, &entry) == TAKT_OK)
		return TAKT_OK;
	status = takt_object_create(domain, config,
				    &(struct takt_object_plan){.object = live.text, .rights = &live_rights},
				    created_count);
	if (status != TAKT_OK)
		return status;

	struct topic_fill fill = {.topic = topic,
				  .type = type,
				  .domain = domain->name,
				  .instance = domain->instance,
				  .topic_index = topic_index};
	takt_topic_layout(topic, &fill.layout);
	return takt_object_create(domain, config,
				  &(struct takt_object_plan){.object = object.text,
							     .bytes = fill.layout.total_bytes,
							     .rights = &rights,
							     .fill = fill_topic,
							     .context = &fill},
				  created_count);
}

enum takt_status takt_topic_segment_verify(const struct takt_domain *domain, const struct takt_config *config,
					   uint32_t topic_index)
{
	struct takt_os_rights rights;
	enum takt_status status = takt_config_rights_resolve(&config->topics[topic_index].rights, &rights);
	if (status != TAKT_OK)
		return status;
	struct takt_os_rights live_rights = takt_topic_live_rights(&rights);
	struct takt_object_name live = takt_object_name("live", config->topics[topic_index].name);
	struct takt_object_name object = takt_object_name("topic", config->topics[topic_index].name);
	status = takt_os_shm_compare(domain->folder, object.text, &rights);
	if (status == TAKT_OK)
		status = takt_os_shm_compare(domain->folder, live.text, &live_rights);
	if (status == TAKT_ABSENT)
		takt_message(
			TAKT_ERROR,
			"topic '%s' of domain '%s': its segment or its presence file is missing, and both are made "
			"together; somebody removes them: run takt create again, or stop the domain and run: takt clean %s",
			config->topics[topic_index].name, domain->name, domain->name);
	return status;
}

static enum takt_status refuse(const char *object, const char *why)
{
	takt_message(TAKT_ERROR, "%s: is damaged: %s; stop the domain and run: takt clean", object, why);
	return TAKT_CORRUPT;
}

static enum takt_status adopt(struct takt_topic_constants *constants, const struct takt_os_shm *shm, const char *object)
{
	struct takt_topic_shm copy;
	memcpy(&copy, shm->address, sizeof(copy));
	struct takt_topic_constants found = {
		.topic_index = copy.topic_index,
		.depth = copy.depth,
		.slot_count = copy.slot_count,
		.spare_count = copy.spare_count,
		.payload_bytes = copy.payload_bytes,
		.slot_bytes = copy.slot_bytes,
		.borrow_count = copy.borrow_count,
		.loan_count = copy.loan_count,
		.publisher_count_max = copy.publisher_count_max,
		.deadline_ns = copy.deadline_ns,
		.cells_offset = copy.cells_offset,
		.spares_offset = copy.spares_offset,
		.fields_offset = copy.fields_offset,
		.slots_offset = copy.slots_offset,
		.layout_hash = copy.segment.layout_hash,
	};
	memcpy(found.type_name, copy.type_name, sizeof(found.type_name));
	found.type_name[sizeof(found.type_name) - 1] = '\0';

	if (found.depth < TAKT_DEPTH_MIN || found.depth > TAKT_DEPTH_MAX || (found.depth & (found.depth - 1)) != 0)
		return refuse(object, "its depth is no power of two in range");
	if (found.borrow_count > TAKT_BORROW_COUNT_MAX || found.loan_count > TAKT_LOAN_COUNT_MAX ||
	    found.publisher_count_max == 0 || found.publisher_count_max > TAKT_PUBLISHER_COUNT_MAX ||
	    found.spare_count != found.borrow_count + found.loan_count + found.publisher_count_max ||
	    found.slot_count != found.depth + found.spare_count)
		return refuse(object, "its numbers of slots, spares, borrows and loans do not agree");
	if (found.payload_bytes == 0 || found.payload_bytes > TAKT_PAYLOAD_BYTES_MAX ||
	    found.slot_bytes < sizeof(struct takt_slot_shm) + found.payload_bytes ||
	    found.slot_bytes % TAKT_CACHE_LINE_BYTES != 0 || found.slots_offset % TAKT_CACHE_LINE_BYTES != 0)
		return refuse(object, "its payload does not fit into its slots");
	if (!takt_segment_holds(shm->bytes, found.cells_offset, found.depth, sizeof(_Atomic uint64_t)) ||
	    !takt_segment_holds(shm->bytes, found.spares_offset, found.spare_count, sizeof(struct takt_spare_shm)) ||
	    !takt_segment_holds(shm->bytes, found.fields_offset, TAKT_FIELD_COUNT_MAX, sizeof(struct takt_field_shm)) ||
	    !takt_segment_holds(shm->bytes, found.slots_offset, found.slot_count, found.slot_bytes))
		return refuse(object, "its parts do not fit into it");
	*constants = found;
	return TAKT_OK;
}

static enum takt_status differs(const char *topic, const char *what, uint64_t there, uint64_t here, const char *domain)
{
	takt_message(
		TAKT_ERROR,
		"topic '%s': %s is %llu in the running domain and %llu in this config; use the config that the domain was "
		"started with, or stop it and run: takt clean %s",
		topic, what, (unsigned long long)there, (unsigned long long)here, domain);
	return TAKT_MISMATCH;
}

/* Names the first difference between a topic's config and its segment. */
static enum takt_status compare_config(const struct takt_topic_constants *there, const struct takt_config_topic *here,
				       uint32_t topic_index, const char *domain)
{
	if (there->layout_hash == takt_config_topic_hash(here) && there->topic_index == topic_index)
		return TAKT_OK;
	if (strcmp(there->type_name, here->type) != 0) {
		takt_message(
			TAKT_ERROR,
			"topic '%s': its type is '%s' in the running domain and '%s' in this config; use the config that "
			"the domain was started with, or stop it and run: takt clean %s",
			here->name, there->type_name, here->type, domain);
		return TAKT_MISMATCH;
	}
	if (there->payload_bytes != here->bytes)
		return differs(here->name, "`bytes`", there->payload_bytes, here->bytes, domain);
	if (there->depth != here->depth)
		return differs(here->name, "`depth`", there->depth, here->depth, domain);
	if (there->publisher_count_max != here->publishers)
		return differs(here->name, "`publishers`", there->publisher_count_max, here->publishers, domain);
	if (there->borrow_count != here->borrows)
		return differs(here->name, "`borrows`", there->borrow_count, here->borrows, domain);
	if (there->loan_count != here->loans)
		return differs(here->name, "`loans`", there->loan_count, here->loans, domain);
	if (there->deadline_ns != here->deadline_us * TAKT_NS_PER_US)
		return differs(here->name, "`deadline_us`", there->deadline_ns / TAKT_NS_PER_US, here->deadline_us,
			       domain);
	return differs(here->name, "its place in the list of topics", there->topic_index, topic_index, domain);
}

enum takt_status takt_topic_segment_open(struct takt_os_shm *shm, struct takt_topic_constants *constants,
					 const struct takt_domain *domain, const struct takt_config *config,
					 const char *topic, enum takt_os_access access)
{
	struct takt_os_rights rights = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0};
	uint32_t topic_index = config ? takt_config_topic_find(config, topic) : UINT32_MAX;
	struct takt_object_name object = takt_object_name("topic", topic);
	struct takt_os_shm opened = {0};
	struct takt_topic_constants found;
	enum takt_status status = TAKT_OK;

	if (config)
		status = takt_config_rights_resolve(&config->topics[topic_index].rights, &rights);
	if (status != TAKT_OK)
		return status;
	status = takt_os_shm_open(&opened, domain->folder, object.text, access, &rights, sizeof(struct takt_topic_shm));
	/* A member has just made it or seen it; for a tool it may never have been there. */
	if (status == TAKT_ABSENT && config)
		takt_topic_segment_say_gone(object.text, domain);
	if (status != TAKT_OK)
		return status;
	status = takt_segment_check(&opened, object.text, TAKT_SEGMENT_TOPIC, domain->name, domain->instance);
	if (status == TAKT_OK)
		status = adopt(&found, &opened, object.text);
	if (status == TAKT_OK && config)
		status = compare_config(&found, &config->topics[topic_index], topic_index, domain->name);
	if (status != TAKT_OK) {
		takt_os_shm_close(&opened);
		return status;
	}
	(void)snprintf(found.topic, sizeof(found.topic), "%s", topic);
	*constants = found;
	*shm = opened;
	return TAKT_OK;
}

void takt_topic_segment_ring(struct takt_ring *ring, const struct takt_os_shm *shm,
			     const struct takt_topic_constants *constants, const struct takt_domain *domain,
			     enum takt_os_access access)
{
	unsigned char *base = shm->address;
	struct takt_topic_shm *topic = shm->address;

	*ring = (struct takt_ring){
		.head = &topic->head,
		.cells = base + constants->cells_offset,
		.slots = base + constants->slots_offset,
		.spares = access == TAKT_OS_READ_WRITE ? base + constants->spares_offset : NULL,
		.depth_mask = constants->depth - 1,
		.slot_count = constants->slot_count,
		.slot_bytes = constants->slot_bytes,
		.payload_bytes = constants->payload_bytes,
		.spare_count = constants->spare_count,
	};
	if (constants->topic_index >= domain->topic_count)
		return;
	/* From the roster, which members may write: copied once, and used only if it lies inside and agrees with the topic. */
	uint32_t pin_first = takt_domain_topic(domain, constants->topic_index)->pin_first;
	if (constants->borrow_count && pin_first <= domain->pin_count &&
	    constants->borrow_count <= domain->pin_count - pin_first) {
		ring->pins = takt_domain_pin(domain, pin_first);
		ring->pin_count = constants->borrow_count;
	}
}

static struct takt_description_view description_of(const struct takt_topic_shm *topic,
						   const struct takt_topic_constants *constants)
{
	const unsigned char *base = (const unsigned char *)topic;
	return (struct takt_description_view){
		.shared = &topic->description,
		.fields = (const void *)(base + constants->fields_offset),
		.kind = "topic",
		.name = constants->topic,
		.type_name = constants->type_name,
		.payload_bytes = constants->payload_bytes,
	};
}

void takt_topic_segment_describe(struct takt_topic_shm *topic, const struct takt_topic_constants *constants,
				 const struct takt_flat_type *type)
{
	takt_description_write(&topic->description, (void *)((unsigned char *)topic + constants->fields_offset), type);
}

enum takt_status takt_topic_segment_description(const struct takt_topic_shm *topic,
						const struct takt_topic_constants *constants,
						struct takt_flat_type *type)
{
	struct takt_description_view view = description_of(topic, constants);
	return takt_description_read(&view, type);
}

enum takt_status takt_topic_segment_compare(const struct takt_topic_shm *topic,
					    const struct takt_topic_constants *constants, const char *topic_name,
					    const struct takt_flat_type *type)
{
	struct takt_description_view view = description_of(topic, constants);
	view.name = topic_name;
	return takt_description_compare(&view, type);
}
