/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/file.h"
#include "platform/message.h"

#define LEGEND_EVERY 20 /* lines, so that it is on the screen */
#define PERIOD_NS    TAKT_NS_PER_S
#define CELL_BYTES   96
#define REST_COLUMNS 13 /* " | +999 nodes" */

static const char legend[] =
	"   time  each node: state (R running, r ready, S starting, H halted by command, W waits for its restart, D down),\n"
	"         cycles in the last second, p99 of how late they began; since the start: o overruns, l lost samples\n";

struct run_span run_span_text(uint64_t span_ns)
{
	struct run_span span;

	if (span_ns < TAKT_NS_PER_US)
		(void)snprintf(span.text, sizeof(span.text), "%uns", (unsigned)span_ns);
	else if (span_ns < TAKT_NS_PER_MS)
		(void)snprintf(span.text, sizeof(span.text), "%uus", (unsigned)(span_ns / TAKT_NS_PER_US));
	else if (span_ns < 10 * TAKT_NS_PER_MS)
		(void)snprintf(span.text, sizeof(span.text), "%.1fms", (double)span_ns / 1e6);
	else if (span_ns < TAKT_NS_PER_S)
		(void)snprintf(span.text, sizeof(span.text), "%ums", (unsigned)(span_ns / TAKT_NS_PER_MS));
	else
		(void)snprintf(span.text, sizeof(span.text), "%.3gs", (double)span_ns / 1e9);
	return span;
}

void run_histogram_since(struct takt_histogram *now, const struct takt_histogram *before)
{
	now->count = 0;
	for (uint32_t i = 0; i < TAKT_HISTOGRAM_BUCKET_COUNT; i++) {
		/* A counter that went back was scribbled over: a node may do what it likes with its own figures. */
		now->buckets[i] = now->buckets[i] > before->buckets[i] ? now->buckets[i] - before->buckets[i] : 0;
		now->count += now->buckets[i];
	}
}

void run_status_init(struct run_status *status, const struct run *run)
{
	*status = (struct run_status){.due_ns = TAKT_FOREVER};
	if (!run->options.shows_status)
		return;
	status->before = calloc(run->node_count, sizeof(*status->before));
	if (status->before == NULL) {
		takt_message(TAKT_WARNING, "no memory is left for the live line");
		return;
	}
	status->last_ns = takt_os_clock_now_ns();
	status->due_ns = status->last_ns + PERIOD_NS;
}

void run_status_fini(struct run_status *status)
{
	free(status->before);
	*status = (struct run_status){.due_ns = TAKT_FOREVER};
}

uint64_t run_status_due_ns(const struct run_status *status)
{
	return status->due_ns;
}

static char state_letter(const struct run_node *node)
{
	if (node->child.phase == RUN_WAITING)
		return 'W';
	if (node->child.phase == RUN_DOWN)
		return 'D';
	if (node->child.phase == RUN_STARTING || node->view.shm.address == NULL)
		return 'S';
	switch (run_view_state(&node->view)) {
	case TAKT_NODE_RUNNING:
		return 'R';
	case TAKT_NODE_READY:
		return 'r';
	case TAKT_NODE_STOPPED:
		return 'H';
	case TAKT_NODE_ENDED:
		return 'D';
	default:
		return 'S';
	}
}

/* One node's part of the line. */
static void write_cell(char cell[CELL_BYTES], const struct run_node *node, struct run_glance *before, uint64_t span_ns)
{
	struct run_glance now;
	struct takt_histogram jitter;

	run_glance_take(&now, &node->figures, &node->view);
	jitter = now.jitter_ns;
	run_histogram_since(&jitter, &before->jitter_ns);
	uint64_t cycles = now.cycle_count > before->cycle_count ? now.cycle_count - before->cycle_count : 0;
	struct run_span late = run_span_text(takt_histogram_quantile(&jitter, 990000));
	(void)snprintf(cell, CELL_BYTES, "%s %c %5.0f/s %5s o%llu l%llu", node->config->name, state_letter(node),
		       (double)cycles * 1e9 / (double)span_ns, jitter.count ? late.text : "-",
		       (unsigned long long)now.overrun_count, (unsigned long long)now.lost_count);
	*before = now;
}

static void print_line(struct run_status *status, const struct run *run, uint64_t now_ns)
{
	uint32_t columns = takt_os_terminal_columns();
	uint32_t shown = 0;
	char cell[CELL_BYTES];
	int used = run->moments_ns[RUN_AT_READY]
			   ? printf("%6.1f s", (double)(now_ns - run->moments_ns[RUN_AT_READY]) / 1e9)
			   : printf("%8s", "start");

	if (columns == 0)
		columns = RUN_STATUS_COLUMNS;
	for (uint32_t i = 0; i < run->node_count; i++) {
		write_cell(cell, &run->nodes[i], &status->before[i], now_ns - status->last_ns);
		/* Those that do not fit are counted; room is kept for that. */
		uint32_t room = i + 1 < run->node_count ? REST_COLUMNS : 0;
		if (shown < i || (shown && (uint32_t)used + strlen(cell) + 3 + room > columns))
			continue;
		used += printf("%s%s", shown ? " | " : "  ", cell);
		shown++;
	}
	if (shown < run->node_count)
		(void)printf(" | +%u nodes", run->node_count - shown);
	(void)printf("\n");
	(void)fflush(stdout);
}

void run_status_tick(struct run_status *status, const struct run *run, uint64_t now_ns)
{
	if (status->before == NULL)
		return;
	if (run_is_stopping(run))
		status->due_ns = TAKT_FOREVER;
	if (now_ns < status->due_ns)
		return;
	/* The first line is due a second after all are ready, and so says "1.0 s". */
	if (status->line_count == 0 && run->moments_ns[RUN_AT_READY] &&
	    status->due_ns < run->moments_ns[RUN_AT_READY] + PERIOD_NS) {
		status->last_ns = run->moments_ns[RUN_AT_READY];
		status->due_ns = status->last_ns + PERIOD_NS;
		return;
	}
	if (status->line_count++ % LEGEND_EVERY == 0)
		(void)fputs(legend, stdout);
	print_line(status, run, now_ns);
	status->last_ns = now_ns;
	status->due_ns += PERIOD_NS;
	if (status->due_ns <= now_ns)
		status->due_ns = now_ns + PERIOD_NS;
}
