/* SPDX-License-Identifier: Apache-2.0 */
#include "core/domain.h"

#include <stdio.h>
#include <string.h>

#include "core/layout.h"
#include "core/queue_segment.h"
#include "core/segment.h"
#include "core/sync_access.h"
#include "core/topic_segment.h"
#include "core/type.h"
#include "platform/clock.h"
#include "platform/message.h"

#define JOIN_TRIES_MAX 1000u /* times that a clean-up may get in between, 1 ms apart */
#define JOIN_PAUSE_NS  TAKT_NS_PER_MS

struct roster_fill {
	const struct takt_config *config;
	struct takt_roster_layout layout;
	uint64_t instance;
};

static void fill_tables(const struct takt_config *config, const struct takt_roster_layout *layout,
			unsigned char *memory)
{
	struct takt_roster_node_shm *nodes = (void *)(memory + layout->nodes_offset);
	struct takt_roster_waiter_shm *waiters = (void *)(memory + layout->waiters_offset);
	struct takt_roster_topic_shm *topics = (void *)(memory + layout->topics_offset);

	for (uint32_t i = 0; i < config->nodes_count; i++) {
		(void)snprintf(nodes[i].name, sizeof(nodes[i].name), "%s", config->nodes[i].name);
		nodes[i].waiter_first = takt_config_waiter_first(config, i);
		nodes[i].waiter_count = config->nodes[i].waiters;
	}
	for (uint32_t i = 0; i < layout->waiter_count; i++)
		takt_os_sem_init(&waiters[i].wake);
	uint32_t pin_first = 0;
	for (uint32_t i = 0; i < config->topics_count; i++) {
		(void)snprintf(topics[i].name, sizeof(topics[i].name), "%s", config->topics[i].name);
		topics[i].pin_first = pin_first;
		topics[i].pin_count = config->topics[i].borrows;
		topics[i].subscriber_mask = takt_config_subscriber_mask(config, config->topics[i].name);
		pin_first += config->topics[i].borrows;
	}
	struct takt_roster_queue_shm *queues = (void *)(memory + layout->queues_offset);
	for (uint32_t i = 0; i < config->queues_count; i++) {
		(void)snprintf(queues[i].name, sizeof(queues[i].name), "%s", config->queues[i].name);
		queues[i].band_count = config->queues[i].bands;
		queues[i].mask_first = takt_config_mask_first(config, i);
		queues[i].producer_mask = takt_config_producer_mask(config, config->queues[i].name);
		queues[i].consumer_mask = takt_config_consumer_mask(config, config->queues[i].name);
	}
}

static void fill_roster(void *context, void *memory)
{
	const struct roster_fill *fill = context;
	const struct takt_config *config = fill->config;
	struct takt_roster_shm *roster = memory;

	takt_segment_fill(&roster->segment, TAKT_SEGMENT_ROSTER, config->domain, TAKT_ROSTER_NAME,
			  fill->layout.total_bytes, takt_config_roster_hash(config), fill->instance);
	roster->node_count = config->nodes_count;
	roster->waiter_count = fill->layout.waiter_count;
	roster->topic_count = config->topics_count;
	roster->pin_count = fill->layout.pin_count;
	roster->nodes_offset = fill->layout.nodes_offset;
	roster->waiters_offset = fill->layout.waiters_offset;
	roster->topics_offset = fill->layout.topics_offset;
	roster->masks_offset = fill->layout.masks_offset;
	roster->pins_offset = fill->layout.pins_offset;
	roster->queues_offset = fill->layout.queues_offset;
	roster->queue_count = config->queues_count;
	roster->mask_count = fill->layout.mask_count;
	fill_tables(config, &fill->layout, memory);
	takt_segment_set_ready(&roster->segment);
}

/* Somebody else owns what is to be created: say who can. */
static enum takt_status explain(enum takt_status status, const struct takt_config *config, const char *object)
{
	if (status == TAKT_DENIED)
		takt_message(TAKT_ERROR,
			     "%s of domain '%s' is not there and this user may not create it as the config wants it; "
			     "run as root: takt create %s",
			     object, config->domain, config->path[0] ? config->path : "CONFIG");
	return status;
}

static enum takt_status create_roster(const struct takt_domain *domain, const struct takt_config *config,
				      const struct takt_os_rights *rights)
{
	struct roster_fill fill = {.config = config};
	takt_roster_layout(config, &fill.layout);
	enum takt_status status = takt_os_random(&fill.instance);
	if (status != TAKT_OK)
		return status;
	status = takt_os_shm_create(domain->folder, TAKT_ROSTER_NAME, fill.layout.total_bytes, rights, fill_roster,
				    &fill);
	return status == TAKT_EXISTS ? TAKT_OK : explain(status, config, "the roster");
}

static enum takt_status refuse_tables(const char *object)
{
	takt_message(TAKT_ERROR, "%s: is damaged: its tables do not fit into it; stop the domain and run: takt clean",
		     object);
	return TAKT_CORRUPT;
}

/* Copies the roster's constants and checks them, so that no later index needs more than a look at a private count. */
static enum takt_status adopt_roster(struct takt_domain *domain, const char *object)
{
	const struct takt_roster_shm *shared = domain->roster.address;
	struct takt_roster_shm copy;
	memcpy(&copy, shared, sizeof(copy));
	uint64_t total = domain->roster.bytes;

	if (copy.node_count > TAKT_NODE_COUNT_MAX || copy.waiter_count > TAKT_WAITER_COUNT_MAX ||
	    copy.topic_count > TAKT_TOPIC_COUNT_MAX || copy.queue_count > TAKT_QUEUE_COUNT_MAX ||
	    copy.mask_count < copy.topic_count ||
	    copy.mask_count > TAKT_TOPIC_COUNT_MAX + 2 * TAKT_BAND_COUNT_MAX * TAKT_QUEUE_COUNT_MAX ||
	    copy.pin_count > TAKT_TOPIC_COUNT_MAX * TAKT_BORROW_COUNT_MAX)
		return refuse_tables(object);
	if (!takt_segment_holds_lines(total, copy.nodes_offset, copy.node_count, sizeof(struct takt_roster_node_shm)) ||
	    !takt_segment_holds_lines(total, copy.waiters_offset, copy.waiter_count,
				      sizeof(struct takt_roster_waiter_shm)) ||
	    !takt_segment_holds_lines(total, copy.topics_offset, copy.topic_count,
				      sizeof(struct takt_roster_topic_shm)) ||
	    !takt_segment_holds_lines(total, copy.queues_offset, copy.queue_count,
				      sizeof(struct takt_roster_queue_shm)) ||
	    !takt_segment_holds_lines(total, copy.masks_offset, copy.mask_count, sizeof(struct takt_mask_shm)) ||
	    !takt_segment_holds_lines(total, copy.pins_offset, copy.pin_count, sizeof(struct takt_pin_shm)))
		return refuse_tables(object);
	domain->instance = copy.segment.instance;
	domain->node_count = copy.node_count;
	domain->waiter_count = copy.waiter_count;
	domain->topic_count = copy.topic_count;
	domain->queue_count = copy.queue_count;
	domain->mask_count = copy.mask_count;
	domain->pin_count = copy.pin_count;
	domain->nodes_offset = copy.nodes_offset;
	domain->waiters_offset = copy.waiters_offset;
	domain->topics_offset = copy.topics_offset;
	domain->queues_offset = copy.queues_offset;
	domain->masks_offset = copy.masks_offset;
	domain->pins_offset = copy.pins_offset;
	return TAKT_OK;
}

static enum takt_status differs(const struct takt_config *config, const char *what, uint32_t index, const char *there,
				const char *here)
{
	takt_message(
		TAKT_ERROR,
		"domain '%s': %s %u is '%.31s' in the running domain and '%s' in %s; use the config that the domain was started "
		"with, or stop it and run: takt clean %s",
		config->domain, what, index + 1, there, here, config->path[0] ? config->path : "the config",
		config->domain);
	return TAKT_MISMATCH;
}

static enum takt_status differs_in_number(const struct takt_config *config, const char *what, const char *name,
					  uint64_t there, uint64_t here)
{
	takt_message(
		TAKT_ERROR,
		"domain '%s': %s%s is %llu in the running domain and %llu in %s; use the config that the domain was started with, "
		"or stop it and run: takt clean %s",
		config->domain, what, name, (unsigned long long)there, (unsigned long long)here,
		config->path[0] ? config->path : "the config", config->domain);
	return TAKT_MISMATCH;
}

static enum takt_status compare_queues(const struct takt_domain *domain, const struct takt_config *config)
{
	for (uint32_t i = 0; i < domain->queue_count && i < config->queues_count; i++) {
		const struct takt_roster_queue_shm *queue = takt_domain_queue(domain, i);
		const char *name = config->queues[i].name;
		if (strncmp(queue->name, name, sizeof(queue->name)) != 0)
			return differs(config, "queue", i, queue->name, name);
		if (queue->band_count != config->queues[i].bands)
			return differs_in_number(config, "`bands` of queue ", name, queue->band_count,
						 config->queues[i].bands);
		if (queue->producer_mask != takt_config_producer_mask(config, name))
			return differs_in_number(config, "the set of producers (as waiter bits) of queue ", name,
						 queue->producer_mask, takt_config_producer_mask(config, name));
		if (queue->consumer_mask != takt_config_consumer_mask(config, name))
			return differs_in_number(config, "the set of consumers (as waiter bits) of queue ", name,
						 queue->consumer_mask, takt_config_consumer_mask(config, name));
	}
	if (domain->queue_count != config->queues_count)
		return differs_in_number(config, "the number of queues", "", domain->queue_count, config->queues_count);
	return TAKT_OK;
}

/* Names the first difference between the config and the running domain. */
static enum takt_status compare_tables(const struct takt_domain *domain, const struct takt_config *config)
{
	for (uint32_t i = 0; i < domain->node_count && i < config->nodes_count; i++) {
		const struct takt_roster_node_shm *node = takt_domain_node(domain, i);
		if (strncmp(node->name, config->nodes[i].name, sizeof(node->name)) != 0)
			return differs(config, "node", i, node->name, config->nodes[i].name);
		if (node->waiter_count != config->nodes[i].waiters)
			return differs_in_number(config, "`waiters` of node ", config->nodes[i].name,
						 node->waiter_count, config->nodes[i].waiters);
	}
	if (domain->node_count != config->nodes_count)
		return differs_in_number(config, "the number of nodes", "", domain->node_count, config->nodes_count);
	for (uint32_t i = 0; i < domain->topic_count && i < config->topics_count; i++) {
		const struct takt_roster_topic_shm *topic = takt_domain_topic(domain, i);
		if (strncmp(topic->name, config->topics[i].name, sizeof(topic->name)) != 0)
			return differs(config, "topic", i, topic->name, config->topics[i].name);
		if (topic->pin_count != config->topics[i].borrows)
			return differs_in_number(config, "`borrows` of topic ", config->topics[i].name,
						 topic->pin_count, config->topics[i].borrows);
		if (topic->subscriber_mask != takt_config_subscriber_mask(config, config->topics[i].name))
			return differs_in_number(config, "the set of subscribers (as waiter bits) of topic ",
						 config->topics[i].name, topic->subscriber_mask,
						 takt_config_subscriber_mask(config, config->topics[i].name));
	}
	if (domain->topic_count != config->topics_count)
		return differs_in_number(config, "the number of topics", "", domain->topic_count, config->topics_count);
	enum takt_status status = compare_queues(domain, config);
	if (status != TAKT_OK)
		return status;
	/* Follow from the tables above in an honest roster; waiters and pins are found by the config's numbers, so they must be there. */
	if (domain->waiter_count != takt_config_waiter_first(config, config->nodes_count))
		return differs_in_number(config, "the number of waiters", "", domain->waiter_count,
					 takt_config_waiter_first(config, config->nodes_count));
	if (domain->mask_count != takt_config_mask_first(config, config->queues_count))
		return differs_in_number(config, "the number of waiting masks", "", domain->mask_count,
					 takt_config_mask_first(config, config->queues_count));
	if (domain->pin_count != takt_config_pin_first(config, config->topics_count))
		return differs_in_number(config, "the number of pins", "", domain->pin_count,
					 takt_config_pin_first(config, config->topics_count));
	return TAKT_OK;
}

static enum takt_status open_roster(struct takt_domain *domain, const struct takt_config *config,
				    const struct takt_os_rights *rights)
{
	enum takt_status status = create_roster(domain, config, rights);
	if (status != TAKT_OK)
		return status;
	struct takt_object_name object = takt_object_name(domain->folder_name, TAKT_ROSTER_NAME);
	status = takt_os_shm_open(&domain->roster, domain->folder, TAKT_ROSTER_NAME, TAKT_OS_READ_WRITE, rights,
				  sizeof(struct takt_roster_shm));
	if (status != TAKT_OK)
		return status;
	status = takt_segment_check(&domain->roster, object.text, TAKT_SEGMENT_ROSTER, config->domain, 0);
	if (status == TAKT_OK)
		status = adopt_roster(domain, object.text);
	if (status == TAKT_OK)
		status = compare_tables(domain, config);
	if (status == TAKT_OK)
		status = takt_os_shm_prefault(&domain->roster, object.text);
	return status;
}

/* Opens the presence file and says "I am joined" by sharing byte 0. TAKT_BUSY: a clean-up is at work or came in between. */
static enum takt_status enter(struct takt_domain *domain, const struct takt_config *config,
			      const struct takt_os_rights *rights)
{
	enum takt_status status = takt_os_shm_create(domain->folder, TAKT_LIVE_NAME, 0, rights, NULL, NULL);
	if (status != TAKT_OK && status != TAKT_EXISTS)
		return explain(status, config, "the presence file");
	status = takt_os_presence_open(&domain->live, domain->folder, TAKT_LIVE_NAME, 1, rights);
	if (status == TAKT_ABSENT)
		return TAKT_BUSY;
	if (status == TAKT_OK)
		status = takt_os_presence_share(&domain->live, 0);
	if (status == TAKT_OK && !takt_os_presence_has_name(&domain->live))
		status = TAKT_BUSY;
	return status;
}

void takt_domain_set_names(struct takt_domain *domain, const char *name)
{
	*domain = (struct takt_domain){.folder = -1, .live = {.descriptor = -1}};
	(void)snprintf(domain->name, sizeof(domain->name), "%s", name);
	(void)snprintf(domain->folder_name, sizeof(domain->folder_name), TAKT_FOLDER_PREFIX "%s", name);
}

static enum takt_status open_once(struct takt_domain *domain, const struct takt_config *config,
				  const struct takt_os_rights *rights)
{
	takt_domain_set_names(domain, config->domain);
	enum takt_status status = takt_os_folder_open(&domain->folder, domain->folder_name, rights);
	if (status == TAKT_DENIED && !takt_os_folder_exists(domain->folder_name))
		return explain(status, config, "the folder");
	if (status != TAKT_OK)
		return status;
	status = enter(domain, config, rights);
	/* Removed under our hands by a clean-up: as if it had been at work. */
	if (status == TAKT_ABSENT)
		status = TAKT_BUSY;
	if (status == TAKT_OK)
		status = open_roster(domain, config, rights);
	/* Not by a clean-up, which byte 0 keeps out. */
	if (status == TAKT_ABSENT)
		takt_message(TAKT_ERROR,
			     "the roster of domain '%s' was removed while it was opened; see who does, and start again",
			     config->domain);
	if (status != TAKT_OK)
		takt_domain_close(domain);
	return status;
}

enum takt_status takt_domain_open(struct takt_domain *domain, const struct takt_config *config)
{
	struct takt_os_rights rights;
	enum takt_status status = takt_config_rights_resolve(&config->rights, &rights);
	if (status != TAKT_OK)
		return status;
	for (uint32_t i = 0; i < JOIN_TRIES_MAX; i++) {
		status = open_once(domain, config, &rights);
		if (status != TAKT_BUSY)
			return status;
		/* A clean-up is at work: wait until it has finished. */
		(void)takt_os_clock_sleep_until(takt_os_clock_now_ns() + JOIN_PAUSE_NS);
	}
	takt_message(TAKT_ERROR,
		     "domain '%s': has been kept busy by a clean-up for %u ms; look for a `takt clean` that hangs",
		     config->domain, (unsigned)(JOIN_TRIES_MAX * JOIN_PAUSE_NS / TAKT_NS_PER_MS));
	return status;
}

enum takt_status takt_domain_attach(struct takt_domain *domain, const char *name)
{
	if (!takt_name_is_valid(name)) {
		takt_message(TAKT_ERROR, "'%.40s' is no name of a domain: 1 to %d of a-z, 0-9 and _, a letter first",
			     name, TAKT_NAME_BYTES - 1);
		return TAKT_INVALID;
	}
	takt_domain_set_names(domain, name);
	const struct takt_os_rights any = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0};
	struct takt_object_name object = takt_object_name(domain->folder_name, TAKT_ROSTER_NAME);
	enum takt_status status = takt_os_folder_open(&domain->folder, domain->folder_name, NULL);
	if (status == TAKT_OK)
		status = takt_os_presence_open(&domain->live, domain->folder, TAKT_LIVE_NAME, 0, &any);
	if (status == TAKT_OK)
		status = takt_os_shm_open(&domain->roster, domain->folder, TAKT_ROSTER_NAME, TAKT_OS_READ_ONLY, &any,
					  sizeof(struct takt_roster_shm));
	if (status == TAKT_OK)
		status = takt_segment_check(&domain->roster, object.text, TAKT_SEGMENT_ROSTER, name, 0);
	if (status == TAKT_OK)
		status = adopt_roster(domain, object.text);
	if (status != TAKT_OK)
		takt_domain_close(domain);
	return status;
}

void takt_domain_close(struct takt_domain *domain)
{
	if (domain->name[0] == '\0')
		return;
	takt_os_shm_close(&domain->roster);
	takt_os_presence_close(&domain->live);
	takt_os_folder_close(&domain->folder);
}

/* Whether a topic that is there is the config's: rights first, so that nothing is opened that another user has put there. */
static enum takt_status check_topic(const struct takt_domain *domain, const struct takt_config *config,
				    uint32_t topic_index)
{
	struct takt_topic_constants constants;
	struct takt_os_shm shm = {0};
	enum takt_status status = takt_topic_segment_verify(domain, config, topic_index);
	if (status == TAKT_OK)
		status = takt_topic_segment_open(&shm, &constants, domain, config, config->topics[topic_index].name,
						 TAKT_OS_READ_ONLY);
	takt_os_shm_close(&shm);
	return status;
}

enum takt_status takt_domain_create(const struct takt_config *config, uint32_t *created_count)
{
	struct takt_domain domain;
	uint32_t created = 0;
	/* What the folder lacks now is made by what follows; each maker counts what it made. */
	enum takt_status status = takt_domain_open(&domain, config);
	if (status != TAKT_OK)
		return status;
	for (uint32_t i = 0; i < config->topics_count && status == TAKT_OK; i++)
		status = takt_topic_segment_create(&domain, config, i, NULL, &created);
	for (uint32_t i = 0; i < config->topics_count && status == TAKT_OK; i++)
		status = check_topic(&domain, config, i);
	for (uint32_t i = 0; i < config->queues_count && status == TAKT_OK; i++)
		status = takt_queue_segment_create(&domain, config, i, NULL, &created);
	for (uint32_t i = 0; i < config->queues_count && status == TAKT_OK; i++)
		status = takt_queue_segment_check(&domain, config, i);
	for (uint32_t i = 0; i < config->syncs_count && status == TAKT_OK; i++)
		status = takt_sync_create(&domain, config, i, &created);
	for (uint32_t i = 0; i < config->syncs_count && status == TAKT_OK; i++)
		status = takt_sync_verify(&domain, config, i);
	takt_domain_close(&domain);
	if (status == TAKT_OK)
		*created_count = created;
	return status;
}

enum takt_os_life takt_domain_ask(const struct takt_domain *domain, uint64_t token)
{
	if (token == 0 || token > TAKT_OS_TOKEN_MAX)
		return TAKT_OS_DEAD;
	return takt_os_presence_ask(&domain->live, token);
}

static void *part(const struct takt_domain *domain, uint64_t offset, uint32_t index, uint32_t count, uint64_t bytes)
{
	TAKT_ASSERT(index < count);
	return (unsigned char *)domain->roster.address + offset + index * bytes;
}

struct takt_roster_node_shm *takt_domain_node(const struct takt_domain *domain, uint32_t node_index)
{
	return part(domain, domain->nodes_offset, node_index, domain->node_count, sizeof(struct takt_roster_node_shm));
}

struct takt_roster_waiter_shm *takt_domain_waiter(const struct takt_domain *domain, uint32_t waiter_index)
{
	return part(domain, domain->waiters_offset, waiter_index, domain->waiter_count,
		    sizeof(struct takt_roster_waiter_shm));
}

struct takt_roster_topic_shm *takt_domain_topic(const struct takt_domain *domain, uint32_t topic_index)
{
	return part(domain, domain->topics_offset, topic_index, domain->topic_count,
		    sizeof(struct takt_roster_topic_shm));
}

struct takt_roster_queue_shm *takt_domain_queue(const struct takt_domain *domain, uint32_t queue_index)
{
	return part(domain, domain->queues_offset, queue_index, domain->queue_count,
		    sizeof(struct takt_roster_queue_shm));
}

struct takt_mask_shm *takt_domain_mask(const struct takt_domain *domain, uint32_t mask_index)
{
	return part(domain, domain->masks_offset, mask_index, domain->mask_count, sizeof(struct takt_mask_shm));
}

struct takt_pin_shm *takt_domain_pin(const struct takt_domain *domain, uint32_t pin_index)
{
	return part(domain, domain->pins_offset, pin_index, domain->pin_count, sizeof(struct takt_pin_shm));
}

uint32_t takt_domain_topic_find(const struct takt_domain *domain, const char *name)
{
	for (uint32_t i = 0; i < domain->topic_count; i++) {
		const struct takt_roster_topic_shm *topic = takt_domain_topic(domain, i);
		if (strncmp(topic->name, name, sizeof(topic->name)) == 0)
			return i;
	}
	return UINT32_MAX;
}

uint32_t takt_domain_queue_find(const struct takt_domain *domain, const char *name)
{
	for (uint32_t i = 0; i < domain->queue_count; i++) {
		const struct takt_roster_queue_shm *queue = takt_domain_queue(domain, i);
		if (strncmp(queue->name, name, sizeof(queue->name)) == 0)
			return i;
	}
	return UINT32_MAX;
}

uint32_t takt_domain_node_find(const struct takt_domain *domain, const char *name)
{
	for (uint32_t i = 0; i < domain->node_count; i++) {
		const struct takt_roster_node_shm *node = takt_domain_node(domain, i);
		if (strncmp(node->name, name, sizeof(node->name)) == 0)
			return i;
	}
	return UINT32_MAX;
}
