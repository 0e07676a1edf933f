/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "apps/takt/options.h"
#include "apps/takt/run_life.h"
#include "apps/takt/run_report.h"
#include "apps/takt/run_status.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/thread.h"

#define POLL_READY_NS TAKT_NS_PER_MS /* while a node starts: "ready" is a word in memory, nobody posts us */
#define POLL_STOP_NS  (5 * TAKT_NS_PER_MS)
#define POLL_IDLE_NS  (100 * TAKT_NS_PER_MS) /* lines without an end, kernels without process descriptors */

/* As the journal wants to know it: journalctl --priority warning. */
static const char *journal_prefix(const struct run *run, enum takt_severity severity)
{
	if (!run->service.errors_are_journal)
		return "";
	return severity == TAKT_INFO ? "<6>" : severity == TAKT_WARNING ? "<4>" : "<3>";
}

static void show_message(void *context, enum takt_severity severity, const char *text)
{
	const struct run *run = context;
	char escaped[ESCAPE_BYTES(TAKT_MESSAGE_BYTES_MAX)];

	if (severity == TAKT_INFO && run->options.is_quiet)
		return;
	(void)escape_text(escaped, sizeof(escaped), text, strlen(text));
	(void)fflush(stdout);
	(void)fprintf(stderr, "%stakt: %s\n", journal_prefix(run, severity), escaped);
}

/* ----------------------------------------------------------------------------------------------------- prepare */

static enum takt_status find_place(struct run *run)
{
	struct run_place *place = &run->place;
	enum takt_status status =
		takt_os_file_absolute(run->options.config, place->config_path, sizeof(place->config_path));

	place->config = run->config;
	place->domain = run->config->domain;
	if (status != TAKT_OK)
		takt_message(TAKT_ERROR, "%s: its place cannot be used (%s)", run->options.config,
			     takt_status_name(status));
	return status;
}

/* Every name in --only must be a node. @retval the exit code, or OPTIONS_GO_ON */
static int check_only(const struct run *run)
{
	char name[TAKT_NAME_BYTES];

	for (const char *at = run->options.only; at && *at;) {
		int length = (int)strcspn(at, ",");

		(void)snprintf(name, sizeof(name), "%.*s", length, at);
		if (length >= TAKT_NAME_BYTES || takt_config_node_find(run->config, name) == UINT32_MAX)
			return usage_error("takt run", "--only: %s has no node '%.40s'", run->options.config, name);
		at += length;
		at += *at == ',';
	}
	return OPTIONS_GO_ON;
}

static enum takt_status make_nodes(struct run *run)
{
	const struct takt_config *config = run->config;
	enum takt_status status = TAKT_OK;

	run->nodes = calloc(config->nodes_count + 1, sizeof(*run->nodes));
	run->topics = calloc(config->topics_count + 1, sizeof(*run->topics));
	if (run->nodes == NULL || run->topics == NULL) {
		takt_message(TAKT_ERROR, "no memory is left for the supervisor of %u nodes", config->nodes_count);
		return TAKT_NO_SPACE;
	}
	if (run->options.log && takt_os_file_make_folder(run->options.log) != TAKT_OK)
		return TAKT_DENIED;
	for (uint32_t i = 0; i < config->nodes_count && status == TAKT_OK; i++) {
		const struct takt_config_node *node = &config->nodes[i];
		int width = (int)strlen(node->name);

		if (run->options.only && !run_list_has(run->options.only, node->name))
			continue;
		if (width > run->console.name_width)
			run->console.name_width = width;
		run->nodes[run->node_count].colour_index = i;
		status = run_node_init(&run->nodes[run->node_count++], node, &run->console, run->options.log);
	}
	if (status == TAKT_OK && run->node_count == 0) {
		takt_message(TAKT_ERROR, "%s: there is no node to run; list them under `nodes`", run->options.config);
		status = TAKT_INVALID;
	}
	return status;
}

/* Another run of the domain, or nodes started by hand: they are left alone. */
static enum takt_status refuse_running(struct run *run)
{
	enum takt_status status = run_attach(run);
	uint32_t running_count = 0;

	if (status == TAKT_ABSENT)
		return TAKT_OK;
	if (status != TAKT_OK)
		return status;
	for (uint32_t i = 0; i < run->node_count; i++) {
		const char *name = run->nodes[i].config->name;
		uint32_t index = takt_domain_node_find(&run->domain, name);

		if (index == UINT32_MAX)
			continue;
		/* Relaxed: the presence file decides. */
		uint64_t token =
			atomic_load_explicit(&takt_domain_node(&run->domain, index)->token, memory_order_relaxed);
		if (takt_domain_ask(&run->domain, token) == TAKT_OS_DEAD)
			continue;
		takt_message(TAKT_ERROR,
			     "node '%s' of domain '%s' runs already; stop it first: takt command --domain %s %s quit",
			     name, run->config->domain, run->config->domain, name);
		running_count++;
	}
	return running_count ? TAKT_BUSY : TAKT_OK;
}

/* -------------------------------------------------------------------------------------------------------- loop */

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t wake_ns(const struct run *run, const struct run_status *live, uint64_t now_ns)
{
	uint64_t wake = now_ns + (run_is_stopping(run) ? POLL_STOP_NS : POLL_IDLE_NS);

	for (uint32_t i = 0; i < run->node_count && !run_is_stopping(run); i++) {
		const struct run_child *child = &run->nodes[i].child;

		if (child->phase == RUN_STARTING)
			wake = sooner(wake, now_ns + POLL_READY_NS);
		else if (child->phase == RUN_WAITING && i <= run->next)
			wake = sooner(wake, child->start_due_ns);
	}
	if (run->moments_ns[RUN_AT_READY] && run->options.for_ns && !run_is_stopping(run))
		wake = sooner(wake, run->moments_ns[RUN_AT_READY] + run->options.for_ns);
	return sooner(wake, run_status_due_ns(live));
}

/* Sleeps until a process ends, one of them prints, or there is something to do. */
static void wait_for_events(const struct run *run, uint64_t deadline_ns)
{
	int descriptors[TAKT_OS_PIPE_WAIT_MANY_MAX];
	unsigned char ready[TAKT_OS_PIPE_WAIT_MANY_MAX];
	uint32_t count = 0;

	for (uint32_t i = 0; i < run->node_count; i++) {
		const struct takt_os_process *process = &run->nodes[i].process;

		descriptors[count++] = process->running ? process->descriptor : -1;
		descriptors[count++] = process->running ? process->output : -1;
	}
	/* Whatever it says, everything is looked at: a look costs microseconds. */
	if (takt_os_pipe_wait_many(descriptors, count, deadline_ns, ready) == TAKT_SYSTEM)
		(void)takt_os_clock_sleep_until(sooner(deadline_ns, takt_os_clock_now_ns() + POLL_READY_NS));
}

static void hear_person(struct run *run)
{
	if (!takt_os_stop_take())
		return;
	run->stop_requests++;
	if (run->stop_requests == 1)
		takt_message(TAKT_INFO, "stopping domain '%s' in reverse order; once more hurries",
			     run->config->domain);
	run_begin_stop(run, EXIT_OK);
}

/* A service manager that asked for it is told what changes: ready, restarts, stopping. */
static void tell_manager(struct run *run)
{
	char text[sizeof(run->told)];
	uint32_t restart_count = 0;

	for (uint32_t i = 0; i < run->node_count; i++)
		restart_count += run->nodes[i].child.restart_count;
	if (run_is_stopping(run))
		(void)snprintf(text, sizeof(text), "STOPPING=1\nSTATUS=stopping");
	else if (run->moments_ns[RUN_AT_READY])
		(void)snprintf(text, sizeof(text), "READY=1\nSTATUS=nodes: %u, restarts: %u", run->node_count,
			       restart_count);
	else
		(void)snprintf(text, sizeof(text), "STATUS=starting node %u of %u", run->next + 1, run->node_count);
	if (strcmp(text, run->told) == 0)
		return;
	memcpy(run->told, text, sizeof(text));
	/* Once: a manager that could not be told is not asked again and again. */
	if (takt_os_service_tell(&run->service, text) == TAKT_SYSTEM)
		run->service.address[0] = '\0';
}

static void live(struct run *run, struct run_status *status)
{
	while (!run_is_over(run)) {
		wait_for_events(run, wake_ns(run, status, takt_os_clock_now_ns()));
		uint64_t now_ns = takt_os_clock_now_ns();

		for (uint32_t i = 0; i < run->node_count; i++)
			run_node_pump(&run->nodes[i], now_ns);
		run_take_ends(run, now_ns);
		hear_person(run);
		if (!run_is_stopping(run))
			run_advance(run, now_ns);
		if (run->moments_ns[RUN_AT_READY] && run->options.for_ns && !run_is_stopping(run) &&
		    now_ns >= run->moments_ns[RUN_AT_READY] + run->options.for_ns)
			run_begin_stop(run, EXIT_OK);
		if (run_is_stopping(run))
			run_stop_nodes(run, now_ns);
		tell_manager(run);
		run_status_tick(status, run, now_ns);
	}
	/* Unless it was interrupted before, the run was whole. */
	run_mark(run, RUN_AT_END);
}

/* --------------------------------------------------------------------------------------------------------- end */

static void say_rights(const struct run *run)
{
	char names[256] = "";
	size_t length = 0;

	for (uint32_t i = 0; i < run->node_count; i++) {
		if (!run->nodes[i].figures.lacks_rights || length >= sizeof(names))
			continue;
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s", length ? ", " : "",
					   run->nodes[i].config->name);
	}
	if (length)
		takt_message(
			TAKT_WARNING,
			"without real-time rights ran: %s; expect jitter. To grant them see the nodes' first lines",
			names);
}

static void report_removal(void *context, const char *object, enum takt_status result)
{
	const struct run *run = context;

	if (result != TAKT_OK)
		takt_message(TAKT_WARNING, "domain '%s': '%s' was left in shared memory (%s)", run->config->domain,
			     object, takt_status_name(result));
}

static void clean(struct run *run)
{
	if (run->is_attached)
		takt_domain_close(&run->domain);
	run->is_attached = 0;
	if (run->options.keeps)
		return;
	if (takt_domain_clean(run->config->domain, report_removal, run) == TAKT_BUSY)
		takt_message(TAKT_INFO, "domain '%s' stays in shared memory: other members of it live",
			     run->config->domain);
}

/* Everything behind the config. @retval the exit code */
static int run_nodes(struct run *run)
{
	static struct run_status status;

	if (find_place(run) != TAKT_OK || make_nodes(run) != TAKT_OK || refuse_running(run) != TAKT_OK ||
	    run_report_open(run) != EXIT_OK)
		return EXIT_FAILED;
	/* 1: a node's core files are its own affair, and limits are inherited. */
	takt_os_process_prepare(1);
	run_mark(run, RUN_AT_BEGIN);
	run->console.begin_ns = run->moments_ns[RUN_AT_BEGIN];
	run_status_init(&status, run);
	live(run, &status);
	run_status_fini(&status);
	if (run_report(run) != EXIT_OK)
		run->exit_code = EXIT_FAILED;
	say_rights(run);
	clean(run);
	return run->exit_code;
}

static void release(struct run *run)
{
	for (uint32_t i = 0; i < run->node_count; i++)
		run_node_fini(&run->nodes[i]);
	free(run->nodes);
	free(run->topics);
	if (run->is_attached)
		takt_domain_close(&run->domain);
	takt_config_free(run->config);
}

int takt_run(int argc, char **argv)
{
	static struct run run;
	int result = run_options_parse(&run.options, argc, argv);

	if (result != OPTIONS_GO_ON)
		return result;
	takt_message_handler_set(show_message, &run);
	takt_os_service_init(&run.service);
	run.console.is_quiet = run.options.is_quiet;
	const char *refused = getenv("NO_COLOR");
	run.console.in_colour = takt_os_errors_are_terminal() && (refused == NULL || *refused == '\0');
	if (takt_config_load(&run.config, run.options.config) != TAKT_OK)
		return EXIT_FAILED;
	result = check_only(&run);
	if (result == OPTIONS_GO_ON)
		result = run_nodes(&run);
	release(&run);
	return result;
}
