/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run_figures.h"

#include <stdlib.h>
#include <string.h>

#include "core/segment.h"
#include "platform/message.h"

/* All loads of this file are relaxed: statistics order nothing, and each counter is whole. */
static uint64_t get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static const struct takt_node_shm *shared_of(const struct run_view *view)
{
	return view->shm.address;
}

static const struct takt_loop_shm *loops_of(const struct run_view *view)
{
	return (const void *)((const unsigned char *)view->shm.address + view->loops_offset);
}

static const struct takt_subscription_shm *subscriptions_of(const struct run_view *view)
{
	return (const void *)((const unsigned char *)view->shm.address + view->subscriptions_offset);
}

/* Copies what says where the tables are, and checks it: the node may be anything. */
static enum takt_status adopt(struct run_view *view, const char *object)
{
	struct takt_node_shm copy;

	memcpy(&copy, view->shm.address, sizeof(copy));
	if (copy.subscription_count > TAKT_TOPICS_PER_NODE_MAX || copy.loop_count > TAKT_WAITERS_PER_NODE_MAX ||
	    copy.subscriptions_offset % sizeof(uint64_t) != 0 || copy.loops_offset % sizeof(uint64_t) != 0 ||
	    !takt_segment_holds(view->shm.bytes, copy.subscriptions_offset, copy.subscription_count,
				sizeof(struct takt_subscription_shm)) ||
	    !takt_segment_holds(view->shm.bytes, copy.loops_offset, copy.loop_count, sizeof(struct takt_loop_shm))) {
		takt_message(
			TAKT_ERROR,
			"%s: is damaged: its tables do not fit into it; its node writes it alone: restart that node",
			object);
		return TAKT_CORRUPT;
	}
	view->subscription_count = copy.subscription_count;
	view->loop_count = copy.loop_count;
	view->subscriptions_offset = copy.subscriptions_offset;
	view->loops_offset = copy.loops_offset;
	return TAKT_OK;
}

enum takt_status run_view_open(struct run_view *view, const struct takt_domain *domain, const char *node)
{
	const struct takt_os_rights any = {.owner = TAKT_OS_ID_ANY, .group = TAKT_OS_ID_ANY, .mode = 0};
	struct takt_object_name object = takt_object_name("node", node);
	struct run_view opened = {0};
	enum takt_status status = takt_os_shm_open(&opened.shm, domain->folder, object.text, TAKT_OS_READ_ONLY, &any,
						   sizeof(struct takt_node_shm));

	if (status != TAKT_OK)
		return status;
	status = takt_segment_check(&opened.shm, object.text, TAKT_SEGMENT_NODE, domain->name, domain->instance);
	if (status == TAKT_OK)
		status = adopt(&opened, object.text);
	if (status == TAKT_OK)
		*view = opened;
	else
		takt_os_shm_close(&opened.shm);
	return status;
}

void run_view_close(struct run_view *view)
{
	takt_os_shm_close(&view->shm);
	*view = (struct run_view){0};
}

uint32_t run_view_state(const struct run_view *view)
{
	return atomic_load_explicit(&shared_of(view)->state, memory_order_relaxed);
}

uint64_t run_view_token(const struct run_view *view)
{
	return get(&shared_of(view)->token);
}

uint64_t run_view_joined_ns(const struct run_view *view)
{
	return get(&shared_of(view)->joined_ns);
}

enum takt_status run_figures_init(struct run_figures *figures, const struct takt_config_node *node)
{
	*figures = (struct run_figures){0};
	if (node->subscribes_count == 0)
		return TAKT_OK;
	figures->subscriptions = calloc(node->subscribes_count, sizeof(*figures->subscriptions));
	if (figures->subscriptions == NULL)
		return TAKT_NO_SPACE;
	figures->subscription_count = node->subscribes_count;
	for (uint32_t i = 0; i < node->subscribes_count; i++)
		figures->subscriptions[i].topic = node->subscribes[i];
	return TAKT_OK;
}

void run_figures_fini(struct run_figures *figures)
{
	free(figures->subscriptions);
	*figures = (struct run_figures){0};
}

static void merge(struct takt_histogram *to, const struct takt_histogram_shm *from)
{
	struct takt_histogram copy;

	takt_histogram_copy(&copy, from);
	takt_histogram_merge(to, &copy);
}

static void add_subscription(struct run_subscription *to, const struct takt_subscription_shm *from)
{
	/* A node that joined with a newer config may list other topics; those are not ours to name. */
	if (strncmp(to->topic, from->topic, sizeof(from->topic)) != 0)
		return;
	to->got_count += get(&from->got_count);
	to->lost_count += get(&from->lost_count);
	to->stale_count += get(&from->stale_count);
	merge(&to->age_ns, &from->age_ns);
	merge(&to->chain_ns, &from->chain_ns);
}

void run_figures_add(struct run_figures *figures, const struct run_view *view)
{
	if (view->shm.address == NULL)
		return;
	for (uint32_t i = 0; i < view->loop_count; i++) {
		const struct takt_loop_shm *loop = &loops_of(view)[i];

		figures->cycle_count += get(&loop->cycle_count);
		figures->overrun_count += get(&loop->overrun_count);
		figures->fault_count += get(&loop->fault_count);
		merge(&figures->jitter_ns, &loop->jitter_ns);
		merge(&figures->duration_ns, &loop->duration_ns);
	}
	for (uint32_t i = 0; i < view->subscription_count && i < figures->subscription_count; i++)
		add_subscription(&figures->subscriptions[i], &subscriptions_of(view)[i]);
	figures->lacks_rights |= atomic_load_explicit(&shared_of(view)->lacks_rights, memory_order_relaxed);
}

void run_glance_take(struct run_glance *glance, const struct run_figures *figures, const struct run_view *view)
{
	glance->cycle_count = figures->cycle_count;
	glance->overrun_count = figures->overrun_count;
	glance->jitter_ns = figures->jitter_ns;
	glance->lost_count = 0;
	for (uint32_t i = 0; i < figures->subscription_count; i++)
		glance->lost_count += figures->subscriptions[i].lost_count;
	if (view->shm.address == NULL)
		return;
	for (uint32_t i = 0; i < view->loop_count; i++) {
		const struct takt_loop_shm *loop = &loops_of(view)[i];

		glance->cycle_count += get(&loop->cycle_count);
		glance->overrun_count += get(&loop->overrun_count);
		merge(&glance->jitter_ns, &loop->jitter_ns);
	}
	for (uint32_t i = 0; i < view->subscription_count; i++)
		glance->lost_count += get(&subscriptions_of(view)[i].lost_count);
}
