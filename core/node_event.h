/* SPDX-License-Identifier: Apache-2.0 */
/* The events and timers that a node holds open for event loops: a fork's child closes them too. Internal to core. */
#ifndef TAKT_CORE_NODE_EVENT_H
#define TAKT_CORE_NODE_EVENT_H

#include "core/node.h"

/* Their places: news of each of the node's waiters, periods of each of its loops, its commands. */
#define TAKT_NODE_NEWS_EVENT	0u
#define TAKT_NODE_PERIOD_EVENT	((uint32_t)TAKT_WAITERS_PER_NODE_MAX)
#define TAKT_NODE_COMMAND_EVENT ((uint32_t)TAKT_NODE_DESCRIPTORS_MAX - 1)

/* The descriptor at a place, or -1. */
int takt_node_event(const struct takt_node *node, uint32_t place);

/* Makes an event, or at the places of periods a timer. @retval TAKT_OK
 * @retval TAKT_BUSY there is one already  @retval TAKT_NO_SPACE, with a message. Threads: the one of the place's waiter or loop. */
TAKT_CHECKED enum takt_status takt_node_event_open(struct takt_node *node, uint32_t place);

/* Closes it, if it is there. In a fork's child it is closed already, and left alone. */
void takt_node_event_close(struct takt_node *node, uint32_t place);

#endif
