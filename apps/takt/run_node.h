/* SPDX-License-Identifier: Apache-2.0 */
/* One node under `takt run`: its process, what it prints, its segment and its figures. */
#ifndef TAKT_APPS_TAKT_RUN_NODE_H
#define TAKT_APPS_TAKT_RUN_NODE_H

#include <stdint.h>
#include <stdio.h>

#include "apps/takt/run_child.h"
#include "apps/takt/run_figures.h"
#include "apps/takt/run_output.h"
#include "core/config.h"
#include "core/domain.h"
#include "platform/folder.h"
#include "platform/process.h"

/* Where things are: found once, handed to every program. */
struct run_place {
	const char *domain;
	char config_path[TAKT_OS_PATH_MAX]; /* from the root */
	const struct takt_config *config;
};

/* How the nodes' lines are shown. */
struct run_console {
	int in_colour;
	int is_quiet;
	int name_width;
	uint64_t begin_ns;
};

struct run_node {
	const struct takt_config_node *config;
	const struct run_console *console;
	uint32_t colour_index;
	struct run_child child;
	struct run_stop stop;
	struct takt_os_process process;
	struct run_output output;
	struct run_view view;
	struct run_figures figures;
	FILE *log; /* NULL: not filed */
};

/* Prepares one; nothing is started. @param log_folder NULL: its lines are not filed @retval TAKT_OK @retval others with a message */
TAKT_CHECKED enum takt_status run_node_init(struct run_node *node, const struct takt_config_node *config,
					    const struct run_console *console, const char *log_folder);
void run_node_fini(struct run_node *node);

/* Starts its program. @retval as takt_os_process_start, with a message */
TAKT_CHECKED enum takt_status run_node_start(struct run_node *node, const struct run_place *place);

/* Shows what it has printed meanwhile. */
void run_node_pump(struct run_node *node, uint64_t now_ns);

/* Looks whether the process has ended; then its last lines are shown and its figures added.
 * @param domain NULL: there is none yet  @retval 1 it has, `end` says how */
int run_node_reap(struct run_node *node, const struct takt_domain *domain, struct takt_os_end *end, uint64_t now_ns);

/* Has this life of the node said "ready"? @retval TAKT_OK @retval TAKT_NOT_READY @retval others: it can never be known */
TAKT_CHECKED enum takt_status run_node_check_ready(struct run_node *node, const struct takt_domain *domain);

/* One more step towards its end, when it is time for one; says those that are not gentle. Only while its process runs. */
void run_node_stop(struct run_node *node, uint32_t hurry, uint64_t now_ns);

/* "was killed by SIGKILL", "exited with 3". */
void run_end_text(const struct takt_os_end *end, char *text, uint32_t bytes);

#endif
