/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/node_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/domain_choice.h"
#include "core/node.h"
#include "core/segment.h"
#include "platform/message.h"

uint64_t node_view_read(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)counter, memory_order_relaxed);
}

static uint32_t read_word(const _Atomic uint32_t *word)
{
	return atomic_load_explicit((_Atomic uint32_t *)(uintptr_t)word, memory_order_relaxed);
}

/* What was read of it since is worth nothing. */
static int is_cut(const struct takt_os_shm *shm, const char *name)
{
	if (shm->address == NULL || !takt_os_shm_is_cut(shm))
		return 0;
	takt_message(
		TAKT_ERROR,
		"node '%s': its segment was cut off while it was looked at; what is shown of it is wrong: stop the "
		"domain and run: takt clean",
		name);
	return 1;
}

/* Copies the constants, and points at the tables only if they lie inside. */
static int adopt(struct node_view *view, const struct takt_os_shm *shm)
{
	const struct takt_node_shm *shared = shm->address;
	struct takt_node_shm copy;

	memcpy(&copy, shared, sizeof(copy));
	if (copy.publication_count > TAKT_TOPICS_PER_NODE_MAX || copy.subscription_count > TAKT_TOPICS_PER_NODE_MAX ||
	    copy.loop_count > TAKT_WAITERS_PER_NODE_MAX ||
	    !takt_segment_holds(shm->bytes, copy.publications_offset, copy.publication_count,
				sizeof(struct takt_publication_shm)) ||
	    !takt_segment_holds(shm->bytes, copy.subscriptions_offset, copy.subscription_count,
				sizeof(struct takt_subscription_shm)) ||
	    copy.use_count > 2 * TAKT_QUEUES_PER_NODE_MAX ||
	    !takt_segment_holds(shm->bytes, copy.uses_offset, copy.use_count, sizeof(struct takt_queue_use_shm)) ||
	    !takt_segment_holds(shm->bytes, copy.loops_offset, copy.loop_count, sizeof(struct takt_loop_shm))) {
		takt_message(TAKT_ERROR, "node '%s': its segment is damaged: its tables do not fit into it",
			     view->name);
		return 0;
	}
	view->token = node_view_read(&shared->token);
	view->state = read_word(&shared->state);
	view->process_id = read_word(&shared->process_id);
	view->lacks_rights = read_word(&shared->lacks_rights);
	view->joined_ns = node_view_read(&shared->joined_ns);
	view->command_count = node_view_read(&shared->command_count);
	view->refused_count = node_view_read(&shared->refused_count);
	view->publication_count = copy.publication_count;
	view->subscription_count = copy.subscription_count;
	view->loop_count = copy.loop_count;
	view->publications = (const void *)((const unsigned char *)shm->address + copy.publications_offset);
	view->subscriptions = (const void *)((const unsigned char *)shm->address + copy.subscriptions_offset);
	view->use_count = copy.use_count;
	view->uses = (const void *)((const unsigned char *)shm->address + copy.uses_offset);
	view->loops = (const void *)((const unsigned char *)shm->address + copy.loops_offset);
	return !is_cut(shm, view->name);
}

static void open_segment(struct node_view *view, const struct takt_domain *domain)
{
	const struct takt_os_rights any = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0};
	struct takt_object_name object = takt_object_name("node", view->name);
	struct takt_os_shm shm = {0};

	if (takt_os_shm_open(&shm, domain->folder, object.text, TAKT_OS_READ_ONLY, &any,
			     sizeof(struct takt_node_shm)) != TAKT_OK)
		return;
	if (takt_segment_check(&shm, object.text, TAKT_SEGMENT_NODE, domain->name, domain->instance) == TAKT_OK &&
	    adopt(view, &shm))
		view->shm = shm;
	else
		takt_os_shm_close(&shm);
}

void node_view_open(struct node_view *view, const struct takt_domain *domain, uint32_t node_index)
{
	const struct takt_roster_node_shm *place = takt_domain_node(domain, node_index);

	*view = (struct node_view){0};
	(void)snprintf(view->name, sizeof(view->name), "%s", domain_node_name(domain, node_index).text);
	view->token = node_view_read(&place->token);
	view->joined_count = node_view_read(&place->joined_count);
	open_segment(view, domain);
	view->life = takt_domain_ask(domain, view->token);
}

void node_view_close(struct node_view *view)
{
	(void)is_cut(&view->shm, view->name);
	takt_os_shm_close(&view->shm);
}

struct node_view_state node_view_state(const struct node_view *view)
{
	struct node_view_state state = {.accent = OUTPUT_GOOD};
	const char *name = takt_node_state_name(view->state);

	if (view->life == TAKT_OS_ALIVE && view->shm.address == NULL)
		name = "starting";
	if (view->life == TAKT_OS_ALIVE) {
		(void)snprintf(state.text, sizeof(state.text), "%s", name);
		if (view->state != TAKT_NODE_RUNNING)
			state.accent = OUTPUT_WARN;
	} else if (view->shm.address == NULL && view->token == 0) {
		(void)snprintf(state.text, sizeof(state.text), "%s", view->joined_count ? "ended" : "never ran");
		state.accent = OUTPUT_PLAIN;
	} else if (view->life == TAKT_OS_UNKNOWN) {
		(void)snprintf(state.text, sizeof(state.text), "unknown (was %s)", name);
		state.accent = OUTPUT_WARN;
	} else if (view->state == TAKT_NODE_ENDED) {
		(void)snprintf(state.text, sizeof(state.text), "ended");
		state.accent = OUTPUT_PLAIN;
	} else {
		(void)snprintf(state.text, sizeof(state.text), "dead (was %s)", name);
		state.accent = OUTPUT_BAD;
	}
	return state;
}

struct domain_name node_view_topic(const char *shared)
{
	struct domain_name name;

	memcpy(name.text, shared, sizeof(name.text));
	name.text[sizeof(name.text) - 1] = '\0';
	return name;
}

const struct takt_publication_shm *node_view_publication(const struct node_view *view, const char *topic)
{
	for (uint32_t i = 0; i < view->publication_count; i++)
		if (strncmp(view->publications[i].topic, topic, TAKT_NAME_BYTES) == 0)
			return &view->publications[i];
	return NULL;
}

const struct takt_subscription_shm *node_view_subscription(const struct node_view *view, const char *topic)
{
	for (uint32_t i = 0; i < view->subscription_count; i++)
		if (strncmp(view->subscriptions[i].topic, topic, TAKT_NAME_BYTES) == 0)
			return &view->subscriptions[i];
	return NULL;
}

void node_views_open(struct node_views *views, const struct takt_domain *domain)
{
	views->count = domain->node_count;
	views->all = calloc(views->count ? views->count : 1, sizeof(*views->all));
	if (views->all == NULL) {
		takt_message(TAKT_ERROR, "no memory is left for the list of nodes");
		exit(1);
	}
	for (uint32_t i = 0; i < views->count; i++)
		node_view_open(&views->all[i], domain, i);
}

void node_views_close(struct node_views *views)
{
	for (uint32_t i = 0; i < views->count; i++)
		node_view_close(&views->all[i]);
	free(views->all);
	*views = (struct node_views){0};
}
