/* SPDX-License-Identifier: Apache-2.0 */
#include "core/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/access.h"
#include "core/command_line.h"
#include "core/layout.h"
#include "core/line.h"
#include "core/node_event.h"
#include "core/parameter.h"
#include "core/protocol/mailbox.h"
#include "core/segment.h"
#include "core/trace.h"
#include "platform/clock.h"
#include "platform/event.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/request.h"
#include "platform/thread.h"

#define MAIL_WAIT_NS  TAKT_NS_PER_S
#define MAIL_SLICE_NS (10 * TAKT_NS_PER_MS)
#define REPLY_BYTES   1024u

/* Where the answer to one line goes. */
struct reply {
	int descriptor; /* -1: to the node's own messages */
	enum takt_status (*write)(int descriptor, const void *bytes, uint32_t count);
	int is_refused;
	uint64_t number; /* of the command, from 1 */
	const struct takt_line *line;
	uint32_t dropped_count;
};

/* ------------------------------------------------------------------------------------------------------ replies */

static void say(struct reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct reply *reply, const char *format, ...)
{
	char text[REPLY_BYTES];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(text, sizeof(text) - 1, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if (reply->descriptor < 0) {
		takt_message(TAKT_INFO, "command '%s%s%.80s': %s", reply->line->verb,
			     reply->line->arguments[0] ? " " : "", reply->line->arguments, text);
		return;
	}
	uint32_t count = (uint32_t)length < sizeof(text) - 2 ? (uint32_t)length : (uint32_t)sizeof(text) - 2;
	text[count++] = '\n';
	/* A commander that does not read loses its answer; it must not hold up the node. */
	if (reply->write(reply->descriptor, text, count) != TAKT_OK)
		reply->dropped_count++;
}

static struct takt_node_shm *shared_of(const struct takt_node *node)
{
	return node->segment.address;
}

static void refuse(struct takt_node *node, struct reply *reply, const char *why)
{
	atomic_fetch_add_explicit(&shared_of(node)->refused_count, 1, memory_order_relaxed);
	reply->is_refused = 1;
	takt_trace_command_refused(node, reply->number, why);
	say(reply, "error: %s", why);
}

/* --------------------------------------------------------------------------------------------- standard commands */

void takt_command_wake_loop(struct takt_node *node)
{
	/* Relaxed: the descriptor stays open until this thread has ended, and what is posted orders itself. */
	uint32_t event = atomic_load_explicit(&node->event_descriptors[TAKT_NODE_COMMAND_EVENT], memory_order_relaxed);
	if (event)
		takt_os_event_post((int)event - 1);
	uint32_t waiter = atomic_load_explicit(&node->loop_waiter_plus_one, memory_order_relaxed);
	if (waiter)
		takt_os_sem_post(&takt_domain_waiter(&node->domain, waiter - 1)->wake);
}

static void do_ping(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	(void)line;
	say(reply, "ok %s", node->name);
}

static void do_status(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	const struct takt_node_shm *shared = shared_of(node);
	struct takt_node_layout layout;
	(void)line;
	takt_node_layout(node->own, &layout);
	const struct takt_loop_shm *loop =
		(const void *)((const unsigned char *)node->segment.address + layout.loops_offset);
	say(reply, "ok state=%s cycles=%llu overruns=%llu faults=%llu commands=%llu refused=%llu up_s=%.1f",
	    takt_node_state_name(atomic_load_explicit(&shared->state, memory_order_relaxed)),
	    (unsigned long long)atomic_load_explicit(&loop->cycle_count, memory_order_relaxed),
	    (unsigned long long)atomic_load_explicit(&loop->overrun_count, memory_order_relaxed),
	    (unsigned long long)atomic_load_explicit(&loop->fault_count, memory_order_relaxed),
	    (unsigned long long)atomic_load_explicit(&shared->command_count, memory_order_relaxed),
	    (unsigned long long)atomic_load_explicit(&shared->refused_count, memory_order_relaxed),
	    (double)(takt_os_clock_now_ns() - atomic_load_explicit(&shared->joined_ns, memory_order_relaxed)) / 1e9);
}

static void do_params(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	uint32_t count = node->parameters ? node->parameters->type->field_count : 0;
	(void)line;
	for (uint32_t i = 0; i < count; i++) {
		char text[REPLY_BYTES];
		takt_parameters_describe(node->parameters, i, text, sizeof(text));
		say(reply, "%s", text);
	}
	say(reply, "ok %u parameters", count);
}

static void do_get(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	uint32_t count = 0;
	for (const char *at = line->arguments; *at; at += strspn(at, " \t"), count++) {
		char name[TAKT_NAME_BYTES];
		size_t length = strcspn(at, " \t");
		/* A longer name is cut for the message; cut, it must not be taken for one that exists. */
		int fits = length < sizeof(name);
		(void)snprintf(name, sizeof(name), "%.*s", (int)length, at);
		at += length;
		uint32_t index = node->parameters && fits ? takt_parameters_find(node->parameters, name) : UINT32_MAX;
		if (index == UINT32_MAX) {
			char why[128];
			(void)snprintf(why, sizeof(why), "unknown parameter '%.40s'; try: params", name);
			refuse(node, reply, why);
			return;
		}
		char value[64];
		takt_parameters_format(node->parameters, index, value, sizeof(value));
		say(reply, "%s=%s", name, value);
	}
	if (count == 0)
		refuse(node, reply, "get needs a name; try: params");
	else
		say(reply, "ok %u parameters", count);
}

static void do_set(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	char text[TAKT_MAILBOX_TEXT_BYTES];
	if (node->parameters == NULL) {
		refuse(node, reply, "this node has no parameters");
		return;
	}
	enum takt_status status = takt_parameters_set(node->parameters, line->arguments, text, sizeof(text));
	if (status == TAKT_OK || status == TAKT_TIMEOUT || status == TAKT_STOPPED)
		say(reply, "ok %s", text);
	else
		refuse(node, reply, text);
}

static void do_save(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	char text[TAKT_MAILBOX_TEXT_BYTES];
	(void)line;
	if (node->parameters == NULL) {
		refuse(node, reply, "this node has no parameters");
		return;
	}
	if (takt_parameters_save(node->parameters, text, sizeof(text)) == TAKT_OK)
		say(reply, "ok %s", text);
	else
		refuse(node, reply, text);
}

static void do_start(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	(void)line;
	atomic_store_explicit(&node->stop_wanted, 0, memory_order_relaxed);
	takt_command_wake_loop(node);
	say(reply, "ok starting");
}

static void do_stop(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	(void)line;
	atomic_store_explicit(&node->stop_wanted, 1, memory_order_relaxed);
	takt_command_wake_loop(node);
	say(reply, "ok stopping");
}

static void do_quit(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	(void)line;
	atomic_store_explicit(&node->quit_wanted, 1, memory_order_relaxed);
	takt_command_wake_loop(node);
	say(reply, "ok quitting");
}

static void do_help(struct takt_node *node, const struct takt_line *line, struct reply *reply);

static const struct {
	const char *verb;
	uint32_t is_look; /* changes nothing: whoever reaches the node may */
	const char *help;
	void (*run)(struct takt_node *node, const struct takt_line *line, struct reply *reply);
} standard[] = {
	{"ping", 1, "ping: answers with the node's name", do_ping},
	{"status", 1, "status: state, cycles, overruns, page faults, commands", do_status},
	{"help", 1, "help: this list", do_help},
	{"params", 1, "params: every parameter with value, unit, default and range", do_params},
	{"get", 1, "get NAME ...: values of parameters", do_get},
	{"set", 0, "set NAME=VALUE ...: changes parameters, all together between two cycles", do_set},
	{"save", 0, "save: writes the parameters to the config's parameter_file", do_save},
	{"start", 0, "start: runs cycles again after a stop", do_start},
	{"stop", 0, "stop: runs no more cycles; the node lives and obeys", do_stop},
	{"quit", 0, "quit: ends the node in order", do_quit},
};

#define STANDARD_COUNT (sizeof(standard) / sizeof(standard[0]))

static void do_help(struct takt_node *node, const struct takt_line *line, struct reply *reply)
{
	(void)line;
	for (uint32_t i = 0; i < STANDARD_COUNT; i++)
		say(reply, "%s", standard[i].help);
	for (uint32_t i = 0; i < node->command_count; i++)
		say(reply, "%s: %s", node->commands[i].verb, node->commands[i].help);
	say(reply, "ok %u commands", (uint32_t)STANDARD_COUNT + node->command_count);
}

/* ---------------------------------------------------------------------------------------------- own commands */

static struct takt_os_sem *mail_sem(struct takt_node *node)
{
	uintptr_t at = (uintptr_t)node->mailbox.wake;
	return (struct takt_os_sem *)((at + _Alignof(struct takt_os_sem) - 1) / _Alignof(struct takt_os_sem) *
				      _Alignof(struct takt_os_sem));
}

void takt_command_mailbox_init(struct takt_node *node)
{
	takt_os_sem_init(mail_sem(node));
}

/* Waits until the mailbox has reached `state` or better, in slices: a wake-up that the system refused costs one.
 * @retval the state at the end */
static uint32_t wait_for_mail(struct takt_node *node, uint32_t state)
{
	uint64_t end_ns = takt_os_clock_now_ns() + MAIL_WAIT_NS;
	for (;;) {
		uint32_t prepared = takt_os_sem_prepare(mail_sem(node));
		uint32_t now = takt_mail_state(node);
		uint64_t now_ns = takt_os_clock_now_ns();
		if (now >= state || takt_node_should_quit(node) || now_ns >= end_ns)
			return now;
		uint64_t slice_end_ns = now_ns + MAIL_SLICE_NS;
		(void)takt_os_sem_wait_until(mail_sem(node), prepared, slice_end_ns < end_ns ? slice_end_ns : end_ns);
	}
}

static void run_own(struct takt_node *node, uint32_t command_index, const struct takt_line *line, struct reply *reply)
{
	struct takt_mailbox *mailbox = &node->mailbox;
	if (takt_mail_state(node) == TAKT_MAIL_RUNNING) {
		refuse(node, reply, "busy: the command before this one still runs");
		return;
	}
	if (strlen(line->arguments) >= sizeof(mailbox->arguments)) {
		refuse(node, reply, "the arguments are longer than 511 bytes");
		return;
	}
	mailbox->command_index = command_index;
	memcpy(mailbox->arguments, line->arguments, strlen(line->arguments) + 1);
	mailbox->reply[0] = '\0';
	takt_mail_post(node);
	takt_command_wake_loop(node);

	/* Taken back if the loop has not taken it: then it certainly did not run. */
	if (wait_for_mail(node, TAKT_MAIL_DONE) == TAKT_MAIL_POSTED && takt_mail_withdraw(node)) {
		refuse(node, reply, "not run: no cycle for 1.0 s");
		return;
	}
	if (wait_for_mail(node, TAKT_MAIL_DONE) != TAKT_MAIL_DONE) {
		say(reply, "error: it has been running for more than 1.0 s and goes on");
		return;
	}
	if (mailbox->result == TAKT_OK)
		say(reply, "ok%s%s", mailbox->reply[0] ? " " : "", mailbox->reply);
	else
		refuse(node, reply,
		       mailbox->reply[0] ? mailbox->reply : takt_status_name((enum takt_status)mailbox->result));
	takt_mail_clear(node);
}

void takt_commands_run(struct takt_node *node)
{
	struct takt_mailbox *mailbox = &node->mailbox;
	if (!takt_mail_take(node))
		return;
	const struct takt_command *command = &node->commands[mailbox->command_index];
	takt_trace_command_begun();
	mailbox->result =
		command->handler(command->context, mailbox->arguments, mailbox->reply, sizeof(mailbox->reply));
	int32_t result = mailbox->result;
	takt_mail_answer(node);
	takt_os_sem_post(mail_sem(node));
	takt_trace_command_executed(node, command->verb, result);
}

/* Verbs that a node may not give to a command of its own. */
static int is_reserved(const char *verb)
{
	/* Their lines of help would look like the end of the answer. */
	if (strcmp(verb, "ok") == 0 || strcmp(verb, "error") == 0)
		return 1;
	for (uint32_t i = 0; i < STANDARD_COUNT; i++)
		if (strcmp(standard[i].verb, verb) == 0)
			return 1;
	return 0;
}

enum takt_status takt_commands_set(struct takt_node *node, const struct takt_command *commands, uint32_t command_count)
{
	if (command_count > TAKT_COMMAND_COUNT_MAX) {
		takt_message(TAKT_ERROR, "node '%s': %u commands of its own, the most is %d", node->name, command_count,
			     TAKT_COMMAND_COUNT_MAX);
		return TAKT_LIMIT;
	}
	for (uint32_t i = 0; i < command_count; i++) {
		int is_twice = 0;
		for (uint32_t k = 0; k < i; k++)
			is_twice |= strcmp(commands[k].verb, commands[i].verb) == 0;
		if (takt_name_is_valid(commands[i].verb) && !is_reserved(commands[i].verb) && !is_twice &&
		    commands[i].handler)
			continue;
		takt_message(
			TAKT_ERROR,
			"node '%s': command '%.40s' is no name, is one of takt's own, is there twice or has no handler",
			node->name, commands[i].verb);
		return TAKT_INVALID;
	}
	node->commands = commands;
	node->command_count = command_count;
	return TAKT_OK;
}

/* ---------------------------------------------------------------------------------------------------- one line */

static void obey(struct takt_node *node, const struct takt_line *line, const struct takt_os_sender *sender,
		 struct reply *reply)
{
	uint32_t verb = 0, own = 0;
	char why[160];
	while (verb < STANDARD_COUNT && strcmp(standard[verb].verb, line->verb) != 0)
		verb++;
	while (own < node->command_count && strcmp(node->commands[own].verb, line->verb) != 0)
		own++;
	const int is_standard = verb < STANDARD_COUNT;
	if (!is_standard && own == node->command_count)
		refuse(node, reply, "unknown command; try: help");
	else if (node->access && sender && !(is_standard && standard[verb].is_look) &&
		 !takt_access_permits(node->access, sender, line, why, sizeof(why)))
		refuse(node, reply, why);
	else if (is_standard)
		standard[verb].run(node, line, reply);
	else
		run_own(node, own, line, reply);
}

/* Where the answer goes: a request's own socket, or the pipe that the line names. */
static const char *choose_reply(const struct takt_node *node, const struct takt_command_origin *origin,
				const struct takt_line *line, struct reply *reply)
{
	if (origin->sender) {
		*reply = (struct reply){.descriptor = origin->answer, .write = takt_os_request_answer, .line = line};
		return line->reply[0] ? "a request brings its own way back; leave out @ and the name of a pipe" : NULL;
	}
	*reply = (struct reply){.descriptor = -1, .write = takt_os_pipe_write, .line = line};
	/* Whoever asked may be gone; then there is nobody to tell. */
	if (line->reply[0] && takt_os_fifo_open_writer(&reply->descriptor, node->domain.folder, line->reply) != TAKT_OK)
		reply->descriptor = -1;
	return NULL;
}

void takt_command_handle(struct takt_node *node, const struct takt_command_origin *origin, const char *text,
			 const char *wrong)
{
	static _Thread_local struct takt_line line;
	char error[160] = "";
	struct reply reply;
	enum takt_status status = takt_line_parse(text, &line, error, sizeof(error));
	if (status == TAKT_EMPTY && wrong == NULL)
		return;
	const char *misplaced = choose_reply(node, origin, &line, &reply);
	reply.number = atomic_fetch_add_explicit(&shared_of(node)->command_count, 1, memory_order_relaxed) + 1;
	takt_trace_command_received(node, reply.number, text);
	if (wrong == NULL)
		wrong = status == TAKT_OK ? misplaced : error;
	if (wrong == NULL) {
		takt_trace_command_parsed(node, reply.number, line.verb, line.arguments);
		obey(node, &line, origin->sender, &reply);
	} else {
		refuse(node, &reply, wrong);
	}
	if (!reply.is_refused)
		takt_trace_command_applied(node, reply.number, line.verb);
	if (origin->sender == NULL)
		takt_os_pipe_close(&reply.descriptor);
}
