/* SPDX-License-Identifier: Apache-2.0 */
/* What a node says of itself, in its own segment, looked at from outside: copied, checked, and its life asked of the kernel. */
#ifndef APPS_TAKT_NODE_VIEW_H
#define APPS_TAKT_NODE_VIEW_H

#include <stdint.h>

#include "apps/takt/domain_choice.h"
#include "apps/takt/output.h"
#include "core/domain.h"
#include "core/layout.h"
#include "platform/presence.h"
#include "platform/shm.h"

/* Zero-initialise. */
struct node_view {
	char name[TAKT_NAME_BYTES];
	struct takt_os_shm
		shm; /* address NULL: the node never ran in this life of the domain, or may not be looked at */
	uint64_t token;
	enum takt_os_life life;
	uint32_t state;
	uint32_t process_id;
	uint32_t lacks_rights;
	uint64_t joined_ns;
	uint64_t joined_count; /* times that the node's place was taken */
	uint64_t command_count;
	uint64_t refused_count;
	uint32_t publication_count;
	uint32_t subscription_count;
	uint32_t loop_count;
	const struct takt_publication_shm *publications;
	const struct takt_subscription_shm *subscriptions;
	const struct takt_loop_shm *loops;
	uint32_t use_count;
	const struct takt_queue_use_shm *uses; /* queues */
};

/* Opens the view of node `node_index` of the roster. It may be incomplete (see `shm`), but is always to be closed. */
void node_view_open(struct node_view *view, const struct takt_domain *domain, uint32_t node_index);
void node_view_close(struct node_view *view);

/* "running", "dead (was running)", "never ran". */
struct node_view_state {
	char text[48];
	enum output_accent accent;
};
struct node_view_state node_view_state(const struct node_view *view);

/* The topic's name in a table of the node's, copied. */
struct domain_name node_view_topic(const char *shared);

/* Its publication, or subscription, of a topic; NULL: it has none. */
const struct takt_publication_shm *node_view_publication(const struct node_view *view, const char *topic);
const struct takt_subscription_shm *node_view_subscription(const struct node_view *view, const char *topic);

/* All nodes of a domain. */
struct node_views {
	struct node_view *all;
	uint32_t count;
};
void node_views_open(struct node_views *views, const struct takt_domain *domain);
void node_views_close(struct node_views *views);

/* A counter of a segment: relaxed, since nothing hangs on when a figure is seen. */
uint64_t node_view_read(const _Atomic uint64_t *counter);

#endif
