/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node counted, read from its segment, and added up over its lives: a restarted node begins a fresh segment, and the
 * mapping of the last one keeps its figures until they are added.
 */
#ifndef TAKT_APPS_TAKT_RUN_FIGURES_H
#define TAKT_APPS_TAKT_RUN_FIGURES_H

#include <stdint.h>

#include "core/config.h"
#include "core/domain.h"
#include "core/histogram.h"
#include "core/layout.h"
#include "platform/shm.h"

/* A node's segment, read-only, with the places of its tables copied and checked. */
struct run_view {
	struct takt_os_shm shm; /* address NULL: not open */
	uint32_t subscription_count;
	uint32_t loop_count;
	uint64_t subscriptions_offset;
	uint64_t loops_offset;
};

struct run_subscription {
	const char *topic;
	uint64_t got_count;
	uint64_t lost_count;
	uint64_t stale_count;
	struct takt_histogram age_ns;
	struct takt_histogram chain_ns;
};

/* Sums over all loops and lives. */
struct run_figures {
	uint64_t cycle_count;
	uint64_t overrun_count;
	uint64_t fault_count;
	uint32_t lacks_rights;
	uint32_t subscription_count; /* as in the config */
	struct run_subscription *subscriptions;
	struct takt_histogram jitter_ns;
	struct takt_histogram duration_ns;
};

/**
 * Maps a node's segment.
 * @retval TAKT_OK @retval TAKT_ABSENT the node has not joined yet @retval others with a message
 */
TAKT_CHECKED enum takt_status run_view_open(struct run_view *view, const struct takt_domain *domain, const char *node);
void run_view_close(struct run_view *view);

uint32_t run_view_state(const struct run_view *view);
uint64_t run_view_token(const struct run_view *view);
uint64_t run_view_joined_ns(const struct run_view *view);

/* Makes empty figures for a node. @retval TAKT_OK @retval TAKT_NO_SPACE */
TAKT_CHECKED enum takt_status run_figures_init(struct run_figures *figures, const struct takt_config_node *node);
void run_figures_fini(struct run_figures *figures);

/* Adds what stands in the segment now. Once per life, at its end; or into a copy, for a look. */
void run_figures_add(struct run_figures *figures, const struct run_view *view);

/* The quick part, for a live line, of all lives and the present one: cycles, overruns, jitter of all loops, and losses of all
 * subscriptions. It only grows. */
struct run_glance {
	uint64_t cycle_count;
	uint64_t overrun_count;
	uint64_t lost_count;
	struct takt_histogram jitter_ns;
};
void run_glance_take(struct run_glance *glance, const struct run_figures *figures, const struct run_view *view);

#endif
