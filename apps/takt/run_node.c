/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run_node.h"

#include <string.h>

#include "apps/takt/program.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/pipe.h"

#define CHUNK_BYTES 4096
#define CHUNK_COUNT_MAX                                                                                                \
	16 /* a full pipe; a node that prints without end does not keep the supervisor from the others */

/* Colours of a terminal that can be read on black and on white. */
static const char *const colours[] = {"36", "32", "35", "33", "34", "31"};

#define COLOUR_COUNT (sizeof(colours) / sizeof(colours[0]))

static void show_line(void *context, const char *text)
{
	const struct run_node *node = context;
	const struct run_console *console = node->console;
	uint64_t now_ns = takt_os_clock_now_ns();

	if (node->log)
		(void)fprintf(node->log, "%10.3f %s\n", (double)(now_ns - console->begin_ns) / 1e9, text);
	if (console->is_quiet)
		return;
	/* On standard error: standard output belongs to what was asked for, the live line and the report. */
	if (console->in_colour)
		(void)fprintf(stderr, "\033[%sm%-*s |\033[0m %s\n", colours[node->colour_index % COLOUR_COUNT],
			      console->name_width, node->config->name, text);
	else
		(void)fprintf(stderr, "%-*s | %s\n", console->name_width, node->config->name, text);
}

static enum takt_status open_log(struct run_node *node, const char *folder)
{
	char path[TAKT_OS_PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/%s.log", folder, node->config->name);

	if (length < 0 || (size_t)length >= sizeof(path)) {
		takt_message(TAKT_ERROR, "the path of the log folder is longer than %d bytes", TAKT_OS_PATH_MAX);
		return TAKT_LIMIT;
	}
	node->log = takt_os_file_write(path);
	if (node->log == NULL) {
		takt_message(TAKT_ERROR, "log file %s: cannot open it; is the folder writable?", path);
		return TAKT_DENIED;
	}
	(void)setvbuf(node->log, NULL, _IOLBF, 0);
	return TAKT_OK;
}

enum takt_status run_node_init(struct run_node *node, const struct takt_config_node *config,
			       const struct run_console *console, const char *log_folder)
{
	enum takt_status status = run_figures_init(&node->figures, config);

	node->config = config;
	node->console = console;
	run_child_init(&node->child, config->restart);
	if (status == TAKT_OK && log_folder)
		status = open_log(node, log_folder);
	return status;
}

void run_node_fini(struct run_node *node)
{
	if (node->log)
		(void)fclose(node->log);
	node->log = NULL;
	run_view_close(&node->view);
	run_figures_fini(&node->figures);
	takt_os_process_close(&node->process);
}

enum takt_status run_node_start(struct run_node *node, const struct run_place *place)
{
	const struct takt_config_node *config = node->config;
	char program[PROGRAM_PATH_BYTES];
	char config_variable[TAKT_OS_PATH_MAX + 16], node_variable[64], domain_variable[64];
	const char *environment[] = {config_variable, node_variable, domain_variable, NULL};
	const char *arguments[TAKT_ARGUMENT_COUNT_MAX + 2] = {program};

	if (!program_find(place->config, config->program, program)) {
		takt_message(
			TAKT_ERROR,
			"program '%s' of node '%s' is not there, or may not be run (looked in %s); build it, or mend `program` in "
			"the config",
			config->program, config->name, program);
		return TAKT_ABSENT;
	}
	for (uint32_t i = 0; i < config->arguments_count && i < TAKT_ARGUMENT_COUNT_MAX; i++)
		arguments[i + 1] = config->arguments[i];
	(void)snprintf(config_variable, sizeof(config_variable), "TAKT_CONFIG=%s", place->config_path);
	(void)snprintf(node_variable, sizeof(node_variable), "TAKT_NODE=%s", config->name);
	(void)snprintf(domain_variable, sizeof(domain_variable), "TAKT_DOMAIN=%s", place->domain);
	return takt_os_process_start(&node->process, arguments, environment);
}

void run_node_pump(struct run_node *node, uint64_t now_ns)
{
	char chunk[CHUNK_BYTES];
	uint32_t count;

	if (node->process.id == 0)
		return;
	for (uint32_t i = 0; i < CHUNK_COUNT_MAX && node->process.output >= 0; i++) {
		enum takt_status status = takt_os_pipe_read(node->process.output, chunk, sizeof(chunk), &count);

		if (status == TAKT_EMPTY)
			break;
		if (status != TAKT_OK) {
			takt_os_pipe_close(&node->process.output);
			break;
		}
		run_output_take(&node->output, chunk, count, now_ns, show_line, node);
	}
	run_output_tick(&node->output, now_ns, show_line, node);
}

/* The state that this life of the node has reached. */
static enum takt_status look_at_state(struct run_node *node, const struct takt_domain *domain, uint32_t *state)
{
	if (node->view.shm.address == NULL) {
		enum takt_status status = run_view_open(&node->view, domain, node->config->name);

		if (status == TAKT_ABSENT)
			return TAKT_NOT_READY;
		if (status != TAKT_OK)
			return status;
	}
	/* A segment of the life before, which the new process has not replaced yet. The program may be a script that starts
	 * the real one, so the time tells and not the process's number. */
	if (run_view_joined_ns(&node->view) < node->child.started_ns) {
		run_view_close(&node->view);
		return TAKT_NOT_READY;
	}
	*state = run_view_state(&node->view);
	return *state >= TAKT_NODE_READY ? TAKT_OK : TAKT_NOT_READY;
}

enum takt_status run_node_check_ready(struct run_node *node, const struct takt_domain *domain)
{
	uint32_t state = TAKT_NODE_ABSENT;
	enum takt_status status = look_at_state(node, domain, &state);

	if (status != TAKT_OK || state >= TAKT_NODE_ENDED)
		return status == TAKT_OK ? TAKT_NOT_READY : status;
	return takt_domain_ask(domain, run_view_token(&node->view)) == TAKT_OS_ALIVE ? TAKT_OK : TAKT_NOT_READY;
}

int run_node_reap(struct run_node *node, const struct takt_domain *domain, struct takt_os_end *end, uint64_t now_ns)
{
	if (takt_os_process_reap(&node->process, end) != TAKT_OK)
		return 0;
	run_node_pump(node, now_ns);
	run_output_end(&node->output, now_ns, show_line, node);
	/* A short life may have been ready between two looks. */
	uint32_t state = TAKT_NODE_ABSENT;
	if (node->child.phase == RUN_STARTING && domain && look_at_state(node, domain, &state) == TAKT_OK)
		run_child_ready(&node->child, now_ns);
	run_figures_add(&node->figures, &node->view);
	run_view_close(&node->view);
	takt_os_process_close(&node->process);
	node->process = (struct takt_os_process){0};
	return 1;
}

/* The process has ended meanwhile, or another user's rights are in the way: what follows will tell. */
static void send_signal(const struct run_node *node, enum takt_os_process_signal signal)
{
	if (takt_os_process_signal(&node->process, signal) == TAKT_DENIED)
		takt_message(TAKT_WARNING, "node '%s': the system does not permit to signal it", node->config->name);
}

void run_node_stop(struct run_node *node, uint32_t hurry, uint64_t now_ns)
{
	const char *name = node->config->name;
	enum run_stop_step before = node->stop.step;

	switch (run_stop_next(&node->stop, node->child.phase == RUN_UP, hurry, now_ns)) {
	case RUN_STOP_QUIT:
		if (takt_os_pipe_write(node->process.commands, "quit\n", 5) == TAKT_OK)
			break;
		node->stop.step = RUN_STOP_TERMINATE;
		send_signal(node, TAKT_OS_PROCESS_TERMINATE);
		break;
	case RUN_STOP_TERMINATE:
		if (before == RUN_STOP_QUIT)
			takt_message(TAKT_WARNING, "node '%s' has not ended after quit: sending SIGTERM", name);
		send_signal(node, TAKT_OS_PROCESS_TERMINATE);
		break;
	case RUN_STOP_KILL:
		takt_message(TAKT_WARNING, "node '%s' has not ended after SIGTERM: sending SIGKILL", name);
		send_signal(node, TAKT_OS_PROCESS_KILL);
		break;
	case RUN_STOP_LOST:
		takt_message(
			TAKT_ERROR,
			"node '%s' (process %u) does not end even after SIGKILL: it hangs in the system; it is left there",
			name, node->process.id);
		break;
	case RUN_STOP_NONE:
		break;
	}
}

void run_end_text(const struct takt_os_end *end, char *text, uint32_t bytes)
{
	if (end->signalled) {
		const char *name = takt_os_signal_name(end->code);

		if (strcmp(name, "signal") == 0)
			(void)snprintf(text, bytes, "was killed by signal %d", end->code);
		else
			(void)snprintf(text, bytes, "was killed by %s", name);
	} else if (end->code < 0) {
		(void)snprintf(text, bytes, "has ended, nobody knows how");
	} else {
		(void)snprintf(text, bytes, "exited with %d", end->code);
	}
}
