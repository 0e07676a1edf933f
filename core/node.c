/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/access.h"
#include "core/command.h"
#include "core/layout.h"
#include "core/protocol/place.h"
#include "core/segment.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/event.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/request.h"
#include "platform/thread.h"

#define CLAIM_TRIES_MAX 8u

static const struct takt_node nobody = {.command_pipe = -1, .supervisor_pipe = -1, .command_socket = -1};

/* ------------------------------------------------------------------------------------------------------- forks */

/* The memberships of this process, for the child of a fork. Changed only by join and leave. */
static struct takt_node *memberships;
static int is_fork_guarded;

/* In a fork's child: the presence is the parent's, so its descriptors are closed and all handles say so. A descriptor left open
 * would keep the parent alive, and its topics without a publisher, for as long as the child lives. */
static void lose_memberships(void)
{
	takt_trace_process_forked();
	for (struct takt_node *node = memberships; node; node = node->next_in_process) {
		atomic_store_explicit(&node->lost, 1, memory_order_relaxed);
		takt_os_presence_close(&node->domain.live);
		for (uint32_t i = 0; i < TAKT_HANDLES_PER_NODE_MAX; i++) {
			uint32_t kept = atomic_load_explicit(&node->publisher_descriptors[i], memory_order_relaxed);
			struct takt_os_presence presence = {.descriptor = (int)kept - 1};
			takt_os_presence_close(&presence);
		}
		for (uint32_t i = 0; i < TAKT_NODE_DESCRIPTORS_MAX; i++) {
			uint32_t kept = atomic_load_explicit(&node->event_descriptors[i], memory_order_relaxed);
			int descriptor = (int)kept - 1;
			takt_os_event_close(&descriptor);
		}
		/* Or a parent that died would seem to read its commands as long as the child lives. */
		takt_os_pipe_close(&node->command_pipe);
		takt_os_pipe_close(&node->supervisor_pipe);
		takt_os_request_close(&node->command_socket);
	}
}

static enum takt_status remember(struct takt_node *node)
{
	if (!is_fork_guarded) {
		enum takt_status status = takt_os_fork_guard(lose_memberships);
		if (status != TAKT_OK) {
			takt_message(
				TAKT_ERROR,
				"node '%s': the system keeps no more functions for a fork (pthread_atfork), or no memory is left",
				node->name);
			return status;
		}
		is_fork_guarded = 1;
	}
	node->next_in_process = memberships;
	memberships = node;
	return TAKT_OK;
}

static void forget(const struct takt_node *node)
{
	for (struct takt_node **at = &memberships; *at; at = &(*at)->next_in_process) {
		if (*at == node) {
			*at = node->next_in_process;
			return;
		}
	}
}

/* ------------------------------------------------------------------------------------------------- own segment */

struct node_fill {
	struct takt_node *node;
	struct takt_node_layout layout;
};

static void fill_uses(const struct takt_config_node *own, struct takt_queue_use_shm *uses)
{
	for (uint32_t i = 0; i < own->pushes_count; i++, uses++) {
		(void)snprintf(uses->queue, sizeof(uses->queue), "%s", own->pushes[i]);
		uses->is_producer = 1;
	}
	for (uint32_t i = 0; i < own->takes_count; i++, uses++)
		(void)snprintf(uses->queue, sizeof(uses->queue), "%s", own->takes[i]);
}

static void fill_node(void *context, void *memory)
{
	const struct node_fill *fill = context;
	const struct takt_config_node *own = fill->node->own;
	struct takt_node_shm *shared = memory;
	struct takt_publication_shm *publications =
		(void *)((unsigned char *)memory + fill->layout.publications_offset);
	struct takt_subscription_shm *subscriptions =
		(void *)((unsigned char *)memory + fill->layout.subscriptions_offset);

	takt_segment_fill(&shared->segment, TAKT_SEGMENT_NODE, fill->node->domain.name, own->name,
			  fill->layout.total_bytes, takt_config_node_hash(own), fill->node->domain.instance);
	/* Relaxed: nobody shares it yet. */
	atomic_store_explicit(&shared->token, fill->node->token, memory_order_relaxed);
	atomic_store_explicit(&shared->joined_ns, takt_os_clock_now_ns(), memory_order_relaxed);
	atomic_store_explicit(&shared->state, TAKT_NODE_STARTING, memory_order_relaxed);
	atomic_store_explicit(&shared->process_id, takt_os_process_id(), memory_order_relaxed);
	shared->publication_count = own->publishes_count;
	shared->subscription_count = own->subscribes_count;
	shared->loop_count = own->waiters ? own->waiters : 1;
	shared->publications_offset = fill->layout.publications_offset;
	shared->subscriptions_offset = fill->layout.subscriptions_offset;
	shared->loops_offset = fill->layout.loops_offset;
	shared->uses_offset = fill->layout.uses_offset;
	shared->use_count = own->pushes_count + own->takes_count;
	for (uint32_t i = 0; i < own->publishes_count; i++)
		(void)snprintf(publications[i].topic, sizeof(publications[i].topic), "%s", own->publishes[i]);
	for (uint32_t i = 0; i < own->subscribes_count; i++)
		(void)snprintf(subscriptions[i].topic, sizeof(subscriptions[i].topic), "%s", own->subscribes[i]);
	fill_uses(own, (void *)((unsigned char *)memory + fill->layout.uses_offset));
	takt_segment_set_ready(&shared->segment);
}

/* This user's earlier life makes room; nothing else that bears the segment's name does. */
static enum takt_status refuse_intruder(const struct takt_node *node, const char *object)
{
	struct takt_os_entry entry;
	enum takt_status status = takt_os_folder_look(node->domain.folder, object, &entry);
	if (status == TAKT_ABSENT)
		return TAKT_OK;
	if (status != TAKT_OK || (entry.kind == TAKT_OS_FILE && entry.rights.owner == takt_os_user_id()))
		return status;
	takt_message(
		TAKT_ERROR,
		"'%s' in the folder of domain '%s': it is %s of uid %u, expected the segment that uid %u left there or "
		"nothing; another user put it there or ran this node: remove it, or stop the domain and run: takt clean %s",
		object, node->domain.name, entry.kind == TAKT_OS_FILE ? "a file" : "no file", entry.rights.owner,
		takt_os_user_id(), node->domain.name);
	return TAKT_MISMATCH;
}

/* A fresh segment for each life of a node: tools that hold the last one's see that it has lost its name. */
static enum takt_status open_segment(struct takt_node *node)
{
	struct takt_object_name object = takt_object_name("node", node->name);
	struct takt_os_rights rights;
	enum takt_status status = takt_config_rights_resolve(&node->config->rights, &rights);
	if (status != TAKT_OK)
		return status;
	rights.owner = TAKT_OS_ID_ANY;
	rights.mode &= 0644u;
	struct node_fill fill = {.node = node};
	takt_node_layout(node->own, &fill.layout);
	status = refuse_intruder(node, object.text);
	if (status == TAKT_OK)
		status = takt_os_folder_remove(node->domain.folder, object.text);
	if (status != TAKT_OK && status != TAKT_ABSENT)
		return status;
	status = takt_os_shm_create(node->domain.folder, object.text, fill.layout.total_bytes, &rights, fill_node,
				    &fill);
	if (status == TAKT_OK)
		status = takt_os_shm_open(&node->segment, node->domain.folder, object.text, TAKT_OS_READ_WRITE, &rights,
					  fill.layout.total_bytes);
	if (status == TAKT_OK)
		status = takt_os_shm_prefault(&node->segment, object.text);
	return status;
}

/* ------------------------------------------------------------------------------------------------------- join */

static enum takt_status claim_place(struct takt_node *node)
{
	struct takt_roster_node_shm *place = takt_domain_node(&node->domain, node->node_index);
	for (uint32_t i = 0; i < CLAIM_TRIES_MAX; i++) {
		uint64_t seen = takt_place_occupant(place);
		if (seen && takt_domain_ask(&node->domain, seen) != TAKT_OS_DEAD) {
			takt_message(
				TAKT_ERROR,
				"node '%s' of domain '%s' runs already; stop it first (takt command %s quit), or list another "
				"node in the config",
				node->name, node->domain.name, node->name);
			return TAKT_BUSY;
		}
		if (takt_place_claim(place, seen, node->token)) {
			if (seen)
				takt_trace_node_found_dead(node, seen, TAKT_TRACE_PLACE, UINT16_MAX);
			atomic_fetch_add_explicit(&place->joined_count, 1, memory_order_relaxed);
			return TAKT_OK;
		}
	}
	takt_message(TAKT_ERROR,
		     "node '%s' of domain '%s': several processes want to be this node at the same time; start one",
		     node->name, node->domain.name);
	return TAKT_BUSY;
}

static void leave_place(const struct takt_node *node)
{
	takt_place_leave(takt_domain_node(&node->domain, node->node_index), node->token);
}

static enum takt_status find_own(struct takt_node *node, const char *name)
{
	node->node_index = takt_config_node_find(node->config, name);
	if (node->node_index == UINT32_MAX) {
		takt_message(TAKT_ERROR, "node '%.40s': %s lists no such node; add it under `nodes`", name,
			     node->config->path);
		return TAKT_ABSENT;
	}
	node->own = &node->config->nodes[node->node_index];
	(void)snprintf(node->name, sizeof(node->name), "%s", name);
	node->waiter_first = takt_config_waiter_first(node->config, node->node_index);
	node->waiter_count = node->own->waiters;
	return TAKT_OK;
}

/* From the environment, as `takt run` sets it. */
static enum takt_status choose(const char **value, const char *variable, const char *what)
{
	if (*value == NULL)
		*value = getenv(variable);
	if (*value && **value)
		return TAKT_OK;
	takt_message(TAKT_ERROR, "%s is not given: start the program with `takt run CONFIG`, or set %s", what,
		     variable);
	return TAKT_ABSENT;
}

static enum takt_status enter(struct takt_node *node)
{
	enum takt_status status = takt_domain_open(&node->domain, node->config);
	if (status != TAKT_OK)
		return status;
	status = takt_os_token_draw(&node->token);
	if (status == TAKT_OK)
		status = takt_os_presence_hold(&node->domain.live, node->token);
	/* A number of 62 random bits is nobody else's. */
	if (status == TAKT_BUSY)
		takt_message(TAKT_ERROR,
			     "node '%s': a process that may read '" TAKT_LIVE_NAME
			     "' in the folder of domain '%s' holds it locked "
			     "and keeps nodes out; find it with: lslocks, and end it, or take its user's right to read",
			     node->name, node->domain.name);
	if (status == TAKT_OK)
		status = claim_place(node);
	if (status != TAKT_OK) {
		takt_domain_close(&node->domain);
		return status;
	}
	status = open_segment(node);
	if (status == TAKT_OK)
		status = takt_commands_open(node);
	if (status == TAKT_OK)
		status = remember(node);
	if (status == TAKT_ABSENT || status == TAKT_EXISTS)
		takt_message(
			TAKT_ERROR,
			"node '%s': somebody else makes and removes its objects in the folder of domain '%s'; see who "
			"does, and start again",
			node->name, node->domain.name);
	if (status == TAKT_EXISTS)
		status = TAKT_BUSY;
	if (status != TAKT_OK) {
		takt_commands_close(node);
		takt_os_shm_close(&node->segment);
		leave_place(node);
		takt_domain_close(&node->domain);
	}
	return status;
}

/* And with it all else. */
static void forget_config(struct takt_node *node)
{
	takt_access_close(&node->access);
	takt_config_free(node->config);
	*node = nobody;
}

enum takt_status takt_node_join(struct takt_node *node, const char *config_path, const char *name)
{
	TAKT_ASSERT(node->config == NULL);
	enum takt_status status = choose(&config_path, "TAKT_CONFIG", "the config");
	if (status == TAKT_OK)
		status = choose(&name, "TAKT_NODE", "the node's name");
	if (status != TAKT_OK)
		return status;
	*node = nobody;
	status = takt_config_load(&node->config, config_path);
	if (status != TAKT_OK)
		return status;
	status = find_own(node, name);
	if (status == TAKT_OK) {
		takt_os_process_prepare((int)node->own->core_dumps);
		takt_trace_library_loaded();
		status = enter(node);
	}
	if (status != TAKT_OK) {
		forget_config(node);
		return status;
	}
	takt_trace_node_joined(node);
	return TAKT_OK;
}

void takt_node_leave(struct takt_node *node)
{
	if (node->config == NULL)
		return;
	forget(node);
	if (atomic_load_explicit(&node->lost, memory_order_relaxed) == 0) {
		struct takt_node_shm *shared = node->segment.address;
		takt_commands_close(node);
		atomic_store_explicit(&shared->state, TAKT_NODE_ENDED, memory_order_relaxed);
		takt_trace_node_left(node);
		leave_place(node);
	}
	takt_os_shm_close(&node->segment);
	takt_domain_close(&node->domain);
	forget_config(node);
}

enum takt_status takt_node_set_ready(struct takt_node *node)
{
	struct takt_node_shm *shared = node->segment.address;
	enum takt_status status = takt_commands_start(node);
	if (status == TAKT_OK && atomic_load_explicit(&shared->state, memory_order_relaxed) == TAKT_NODE_STARTING)
		atomic_store_explicit(&shared->state, TAKT_NODE_READY, memory_order_relaxed);
	return status;
}

enum takt_status takt_node_schedule_thread(const struct takt_node *node)
{
	const struct takt_config_schedule *wanted = &node->own->schedule;
	struct takt_os_schedule schedule = {.policy = wanted->policy == TAKT_POLICY_FIFO ? TAKT_OS_POLICY_FIFO
											 : TAKT_OS_POLICY_OTHER,
					    .priority = wanted->priority};
	for (uint32_t i = 0; i < wanted->cpus_count; i++)
		schedule.cpu_mask |= UINT64_C(1) << (wanted->cpus[i] & 63u);
	return takt_os_thread_schedule(&schedule);
}

int takt_node_should_quit(const struct takt_node *node)
{
	return takt_os_stop_requested() || atomic_load_explicit(&node->quit_wanted, memory_order_relaxed);
}

uint64_t takt_now_ns(void)
{
	return takt_os_clock_now_ns();
}

const char *takt_node_state_name(uint32_t state)
{
	static const char *const names[] = {"absent", "starting", "ready", "running", "stopped", "ended"};
	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}
