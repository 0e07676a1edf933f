/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run_life.h"

#include <stdio.h>

#include "apps/takt/options.h"
#include "core/protocol/ring.h"
#include "core/topic_segment.h"
#include "platform/message.h"

/* ----------------------------------------------------------------------------------------------------- looking */

enum takt_status run_attach(struct run *run)
{
	/* Somebody may have cleaned up what a run before this one left, after we attached to it. */
	if (run->is_attached && takt_os_shm_has_name(&run->domain.roster))
		return TAKT_OK;
	if (run->is_attached)
		takt_domain_close(&run->domain);
	enum takt_status status = takt_domain_attach(&run->domain, run->config->domain);
	run->is_attached = status == TAKT_OK;
	return status;
}

/* The newest sample that another topic's sample led to says which; where there is none, the topic is its own origin. */
static uint32_t origin_plus_one(const struct takt_ring *ring, uint32_t topic_index)
{
	struct takt_sample_header header;
	uint64_t newest = takt_ring_newest(ring);

	for (uint64_t age = 0; age <= ring->depth_mask && age < newest; age++) {
		/* Relaxed and unchecked: a publisher that overtakes us changes the number of the origin, hardly ever its
		 * topic. The name is for people. */
		uint64_t cell = atomic_load_explicit(takt_ring_cell(ring, newest - age), memory_order_relaxed);

		takt_ring_load_header(&header, takt_ring_slot(ring, cell));
		if (header.origin.topic_index != topic_index && header.origin.topic_index < TAKT_TOPIC_COUNT_MAX)
			return header.origin.topic_index + 1;
	}
	return newest ? topic_index + 1 : 0;
}

static void mark_topic(const struct run *run, uint32_t topic_index, struct run_topic_mark *mark)
{
	struct takt_topic_constants constants;
	struct takt_os_shm shm = {0};
	struct takt_ring ring;

	if (takt_topic_segment_open(&shm, &constants, &run->domain, NULL, run->config->topics[topic_index].name,
				    TAKT_OS_READ_ONLY) != TAKT_OK)
		return;
	const struct takt_topic_shm *topic = shm.address;
	takt_topic_segment_ring(&ring, &shm, &constants, &run->domain, TAKT_OS_READ_ONLY);
	mark->head = takt_ring_newest(&ring);
	/* Relaxed: a statistic. */
	mark->takeover_count = atomic_load_explicit(&topic->takeover_count, memory_order_relaxed);
	mark->origin_topic_plus_one = origin_plus_one(&ring, topic_index);
	takt_os_shm_close(&shm);
}

void run_mark(struct run *run, enum run_moment moment)
{
	if (run->moments_ns[moment])
		return;
	run->moments_ns[moment] = takt_os_clock_now_ns();
	for (uint32_t i = 0; run->is_attached && i < run->config->topics_count; i++)
		mark_topic(run, i, &run->topics[i].marks[moment]);
}

/* ---------------------------------------------------------------------------------------------------- starting */

int run_is_stopping(const struct run *run)
{
	return run->moments_ns[RUN_AT_STOP] != 0;
}

void run_begin_stop(struct run *run, int exit_code)
{
	if (exit_code > run->exit_code)
		run->exit_code = exit_code;
	run_mark(run, RUN_AT_STOP);
}

static void say_ready(const struct run *run, const struct run_node *node, uint64_t now_ns)
{
	if (node->child.restart_count)
		takt_message(TAKT_INFO, "node '%s' is ready again, %.1f ms after its end (restart %u)",
			     node->config->name, (double)(now_ns - node->child.ended_ns) / 1e6,
			     node->child.restart_count);
	else
		takt_message(TAKT_INFO, "node '%s' is ready after %.1f ms%s", node->config->name,
			     (double)(now_ns - node->child.started_ns) / 1e6,
			     run->next == run->node_count ? "; all nodes run" : "");
}

/* The following nodes may start once this one is ready, or has done its work and ended well. */
static void move_on(struct run *run)
{
	while (run->next < run->node_count) {
		const struct run_child *child = &run->nodes[run->next].child;

		if (!child->was_ready && (child->phase != RUN_DOWN || child->has_failed))
			return;
		run->next++;
	}
	run_mark(run, RUN_AT_READY);
}

static void start(struct run *run, struct run_node *node)
{
	run_child_started(&node->child, takt_os_clock_now_ns());
	if (run_node_start(node, &run->place) == TAKT_OK)
		return;
	node->child.phase = RUN_DOWN;
	takt_message(TAKT_ERROR, "node '%s' cannot be started; stopping domain '%s'", node->config->name,
		     run->config->domain);
	run_begin_stop(run, EXIT_FAILED);
}

static void look_for_ready(struct run *run, struct run_node *node, uint64_t now_ns)
{
	enum takt_status status = run_attach(run);

	if (status == TAKT_OK)
		status = run_node_check_ready(node, &run->domain);
	if (status == TAKT_OK) {
		run_child_ready(&node->child, now_ns);
		move_on(run);
		say_ready(run, node, now_ns);
		return;
	}
	if (status != TAKT_ABSENT && status != TAKT_NOT_READY) {
		takt_message(TAKT_ERROR, "node '%s': whether it is ready cannot be seen (%s); stopping domain '%s'",
			     node->config->name, takt_status_name(status), run->config->domain);
		run_begin_stop(run, EXIT_FAILED);
	} else if (run_child_is_late(&node->child, now_ns)) {
		takt_message(
			TAKT_ERROR,
			"node '%s' runs and is not ready %u s after its start; does its program call takt_loop_begin or "
			"takt_node_set_ready, with TAKT_CONFIG and TAKT_NODE from the environment? Stopping domain '%s'",
			node->config->name, (unsigned)(RUN_READY_BOUND_NS / TAKT_NS_PER_S), run->config->domain);
		run_begin_stop(run, EXIT_FAILED);
	}
}

void run_advance(struct run *run, uint64_t now_ns)
{
	for (uint32_t i = 0; i < run->node_count && i <= run->next && !run_is_stopping(run); i++) {
		struct run_node *node = &run->nodes[i];

		if (run_child_is_due(&node->child, now_ns))
			start(run, node);
		else if (node->child.phase == RUN_STARTING)
			look_for_ready(run, node, now_ns);
	}
}

/* -------------------------------------------------------------------------------------------------------- ends */

static void say_down(struct run *run, const struct run_node *node, const char *how)
{
	const char *name = node->config->name;

	if (!node->child.was_ready && node->child.has_failed) {
		takt_message(TAKT_ERROR, "node '%s' %s before it was ready; stopping domain '%s'", name, how,
			     run->config->domain);
		run_begin_stop(run, EXIT_FAILED);
	} else if (node->child.has_failed) {
		takt_message(TAKT_WARNING, "node '%s' %s; its `restart` is never, so the others go on without it", name,
			     how);
		run->exit_code = EXIT_FAILED;
	} else {
		takt_message(TAKT_INFO, "node '%s' has ended (%s)", name, how);
	}
}

static void decide(struct run *run, struct run_node *node, const char *how, int failed, uint64_t now_ns)
{
	struct run_child *child = &node->child;
	const char *name = node->config->name;

	switch (run_child_ended(child, failed, now_ns)) {
	case RUN_STAYS_DOWN:
		say_down(run, node, how);
		break;
	case RUN_RESTARTS:
		if (child->start_due_ns == now_ns)
			takt_message(TAKT_WARNING, "node '%s' %s; restarting it (%u)", name, how, child->restart_count);
		else
			takt_message(TAKT_WARNING, "node '%s' %s; restarting it (%u) in %u ms", name, how,
				     child->restart_count, (unsigned)((child->start_due_ns - now_ns) / TAKT_NS_PER_MS));
		break;
	case RUN_GIVES_UP:
		takt_message(TAKT_ERROR,
			     "node '%s' %s: %d ends within %u s are a crash loop; giving up and stopping domain '%s'",
			     name, how, RUN_CRASH_COUNT, (unsigned)(RUN_CRASH_WINDOW_NS / TAKT_NS_PER_S),
			     run->config->domain);
		run_begin_stop(run, EXIT_FAILED);
		break;
	}
}

static int any_left(const struct run *run)
{
	for (uint32_t i = 0; i < run->node_count; i++)
		if (run->nodes[i].child.phase != RUN_DOWN)
			return 1;
	return 0;
}

static void take_end(struct run *run, struct run_node *node, const struct takt_os_end *end, uint64_t now_ns)
{
	char how[64];
	int failed = end->signalled || end->code != 0;

	run_end_text(end, how, sizeof(how));
	if (!run_is_stopping(run)) {
		decide(run, node, how, failed, now_ns);
		return;
	}
	node->child.phase = RUN_DOWN;
	/* Whoever was sent a signal has a right to end by it. */
	if (failed && node->stop.step < RUN_STOP_TERMINATE)
		takt_message(TAKT_WARNING, "node '%s' %s while it was being stopped", node->config->name, how);
}

void run_take_ends(struct run *run, uint64_t now_ns)
{
	struct takt_os_end end;

	const struct takt_domain *domain = run_attach(run) == TAKT_OK ? &run->domain : NULL;

	for (uint32_t i = 0; i < run->node_count; i++)
		if (run_node_reap(&run->nodes[i], domain, &end, now_ns))
			take_end(run, &run->nodes[i], &end, now_ns);
	if (!run_is_stopping(run)) {
		move_on(run);
		if (!any_left(run)) {
			takt_message(TAKT_INFO, "all nodes have ended");
			run_begin_stop(run, EXIT_OK);
		}
	}
}

/* ---------------------------------------------------------------------------------------------------- stopping */

int run_is_over(const struct run *run)
{
	for (uint32_t i = 0; i < run->node_count; i++)
		if (run->nodes[i].process.running && run->nodes[i].stop.step != RUN_STOP_LOST)
			return 0;
	return run_is_stopping(run);
}

/* From the last to the first, each when the ones behind it are gone; all at once for somebody in a hurry. */
void run_stop_nodes(struct run *run, uint64_t now_ns)
{
	uint32_t hurry = run->stop_requests > 1 ? run->stop_requests - 1 : 0;

	for (uint32_t i = run->node_count; i-- > 0;) {
		struct run_node *node = &run->nodes[i];

		if (!node->process.running || node->stop.step == RUN_STOP_LOST)
			continue;
		run_node_stop(node, hurry, now_ns);
		if (!hurry && node->stop.step != RUN_STOP_LOST)
			return;
	}
}
