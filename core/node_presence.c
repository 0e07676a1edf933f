/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_presence.h"

#include <stdio.h>

#include "core/layout.h"
#include "core/type.h"
#include "platform/message.h"

#define DESCRIPTOR_COUNT TAKT_HANDLES_PER_NODE_MAX

/* A fork's child closes what stands here (core/node.c). Relaxed: a descriptor orders nothing. */
enum takt_status takt_node_presence_keep(struct takt_node *node, const struct takt_os_presence *presence)
{
	uint32_t kept = (uint32_t)presence->descriptor + 1;
	for (uint32_t i = 0; i < DESCRIPTOR_COUNT; i++) {
		uint32_t none = 0;
		if (atomic_compare_exchange_strong_explicit(&node->publisher_descriptors[i], &none, kept,
							    memory_order_relaxed, memory_order_relaxed))
			return TAKT_OK;
	}
	takt_message(
		TAKT_ERROR,
		"node '%s' has %d publishers, producers, consumers and synchronisation objects, as many as a node can "
		"have; detach one first",
		node->name, DESCRIPTOR_COUNT);
	return TAKT_LIMIT;
}

void takt_node_presence_close(struct takt_node *node, struct takt_os_presence *presence)
{
	uint32_t kept = (uint32_t)presence->descriptor + 1;
	/* In a fork's child it is closed, and its number may be another file's by now. */
	if (kept == 0 || atomic_load_explicit(&node->lost, memory_order_relaxed))
		return;
	for (uint32_t i = 0; i < DESCRIPTOR_COUNT; i++) {
		uint32_t mine = kept;
		if (atomic_compare_exchange_strong_explicit(&node->publisher_descriptors[i], &mine, 0,
							    memory_order_relaxed, memory_order_relaxed))
			break;
	}
	takt_os_presence_close(presence);
}

enum takt_status takt_presence_hold_token(const struct takt_os_presence *presence, uint64_t *token, const char *kind,
					  const char *name)
{
	enum takt_status status = takt_os_presence_hold(presence, *token);
	if (status != TAKT_BUSY)
		return status;
	status = takt_os_token_draw(token);
	if (status == TAKT_OK)
		status = takt_os_presence_hold(presence, *token);
	if (status == TAKT_BUSY)
		takt_message(TAKT_ERROR, "%s '%s': another process locks its whole presence file; find and stop it",
			     kind, name);
	return status;
}

const char *takt_node_of_token(const struct takt_domain *domain, uint64_t token, char name[TAKT_NAME_BYTES])
{
	for (uint32_t i = 0; token && i < domain->node_count; i++) {
		const struct takt_roster_node_shm *place = takt_domain_node(domain, i);
		/* Relaxed: a name for a person; it decides nothing. */
		if (atomic_load_explicit(&place->token, memory_order_relaxed) != token)
			continue;
		(void)snprintf(name, TAKT_NAME_BYTES, "%.*s", TAKT_NAME_BYTES - 1, place->name);
		return takt_name_is_valid(name) ? name : "a node whose name in the roster is damaged";
	}
	return "a process that is no node of the domain now";
}
