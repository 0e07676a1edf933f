/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node_event.h"

#include <stdatomic.h>

#include "platform/event.h"

_Static_assert(TAKT_NODE_COMMAND_EVENT == 2 * TAKT_NODE_PERIOD_EVENT, "every place has room");

/* A fork's child closes what stands here (core/node.c). Relaxed: a descriptor orders nothing. */
int takt_node_event(const struct takt_node *node, uint32_t place)
{
	return (int)atomic_load_explicit(&node->event_descriptors[place], memory_order_relaxed) - 1;
}

static int is_timer(uint32_t place)
{
	return place >= TAKT_NODE_PERIOD_EVENT && place < TAKT_NODE_COMMAND_EVENT;
}

enum takt_status takt_node_event_open(struct takt_node *node, uint32_t place)
{
	int descriptor = -1;
	if (takt_node_event(node, place) >= 0)
		return TAKT_BUSY;
	enum takt_status status = is_timer(place) ? takt_os_timer_create(&descriptor, node->name)
						  : takt_os_event_create(&descriptor, node->name);
	if (status == TAKT_OK)
		atomic_store_explicit(&node->event_descriptors[place], (uint32_t)descriptor + 1, memory_order_relaxed);
	return status;
}

void takt_node_event_close(struct takt_node *node, uint32_t place)
{
	int descriptor = takt_node_event(node, place);
	if (atomic_load_explicit(&node->lost, memory_order_relaxed))
		return;
	/* First the place, or a child forked between would close a number that is another file's. */
	atomic_store_explicit(&node->event_descriptors[place], 0, memory_order_relaxed);
	takt_os_event_close(&descriptor);
}
