/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_session.h"

#include <limits.h>

#include <lttng/lttng.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/library.h"
#include "platform/message.h"
#include "platform/thread.h"

#define LIBRARY	       "liblttng-ctl.so.0"
#define EVENTS_CHANNEL "events"
#define STATE_CHANNEL  "state"
#define KERNEL_CHANNEL "kernel"
#define URL_BYTES      (TAKT_OS_PATH_MAX + 8)

#define WRITTEN_BOUND_NS (20 * TAKT_NS_PER_S)
#define WRITTEN_LOOK_NS	 (10 * TAKT_NS_PER_MS)
#define ENDED_BOUND_MS	 20000

/* The recorded process never makes a system call for whoever writes the trace: that one looks by itself. */
#define READ_TIMER_US 100000u
/* After a power cut the last second is missing, not the last sub-buffer. */
#define SWITCH_TIMER_US 1000000u

/* Every function of LTTng's library that is used, with the type that its header gives it. */
#define FUNCTIONS(USE)                                                                                                 \
	USE(lttng_session_daemon_alive)                                                                                \
	USE(lttng_strerror)                                                                                            \
	USE(lttng_create_session)                                                                                      \
	USE(lttng_create_session_snapshot)                                                                             \
	USE(lttng_list_sessions)                                                                                       \
	USE(lttng_session_get_creation_time)                                                                           \
	USE(lttng_start_tracing)                                                                                       \
	USE(lttng_stop_tracing_no_wait)                                                                                \
	USE(lttng_data_pending)                                                                                        \
	USE(lttng_destroy_session_ext)                                                                                 \
	USE(lttng_destruction_handle_wait_for_completion)                                                              \
	USE(lttng_destruction_handle_destroy)                                                                          \
	USE(lttng_regenerate_statedump)                                                                                \
	USE(lttng_create_handle)                                                                                       \
	USE(lttng_destroy_handle)                                                                                      \
	USE(lttng_channel_create)                                                                                      \
	USE(lttng_channel_destroy)                                                                                     \
	USE(lttng_enable_channel)                                                                                      \
	USE(lttng_list_channels)                                                                                       \
	USE(lttng_list_domains)                                                                                        \
	USE(lttng_channel_get_discarded_event_count)                                                                   \
	USE(lttng_channel_get_lost_packet_count)                                                                       \
	USE(lttng_event_create)                                                                                        \
	USE(lttng_event_destroy)                                                                                       \
	USE(lttng_enable_event_with_exclusions)                                                                        \
	USE(lttng_list_tracepoints)                                                                                    \
	USE(lttng_add_context)                                                                                         \
	USE(lttng_snapshot_output_create)                                                                              \
	USE(lttng_snapshot_output_destroy)                                                                             \
	USE(lttng_snapshot_output_set_name)                                                                            \
	USE(lttng_snapshot_output_set_local_path)                                                                      \
	USE(lttng_snapshot_output_get_ctrl_url)                                                                        \
	USE(lttng_snapshot_list_output)                                                                                \
	USE(lttng_snapshot_output_list_get_next)                                                                       \
	USE(lttng_snapshot_output_list_destroy)                                                                        \
	USE(lttng_snapshot_record)

#define DECLARE(name) __typeof__(&(name)) name;
#define PLACE(name)   {#name, offsetof(struct lttng, name)},

static struct lttng {
	FUNCTIONS(DECLARE)
} lttng;

static const struct {
	const char *name;
	size_t offset;
} places[] = {FUNCTIONS(PLACE)};

/* What describes a domain; it has buffers of its own. */
static const char *const state_events[] = {"takt:*_described", "takt:state_dumped", "takt:node_joined",
					   "takt:node_left"};
static const char *const kernel_events[] = {"sched_switch",	"sched_waking",
					    "sched_wakeup",	"irq_handler_entry",
					    "irq_handler_exit", "irq_softirq_entry",
					    "irq_softirq_exit", "timer_hrtimer_expire_entry"};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum takt_status trace_session_open(void)
{
	char why[256] = "";
	void *library;

	if (lttng.lttng_strerror)
		return TAKT_OK;
	/* A daemon that hangs up in the middle of a request, as one does that was asked for the kernel and cannot, is an answer. */
	takt_os_broken_pipe_ignore();
	if (takt_os_library_load(LIBRARY, &library, why, sizeof(why)) != TAKT_OK) {
		takt_message(
			TAKT_ERROR,
			"LTTng's session control is not installed (%s); install it with: apt-get install lttng-tools; nodes also "
			"need liblttng-ust1, and are recorded when they start after it is there",
			why);
		return TAKT_UNSUPPORTED;
	}
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		takt_os_library_function function = takt_os_library_find(library, places[i].name);

		if (function == NULL) {
			takt_message(TAKT_ERROR,
				     "%s has no %s: takt needs LTTng 2.12 or later; install its lttng-tools", LIBRARY,
				     places[i].name);
			lttng = (struct lttng){0};
			return TAKT_UNSUPPORTED;
		}
		/* A pointer to a function of the type that its header gives it: DECLARE and PLACE name the same one. */
		memcpy((unsigned char *)&lttng + places[i].offset, &function, sizeof(function));
	}
	return TAKT_OK;
}

int trace_session_has_daemon(void)
{
	return lttng.lttng_session_daemon_alive() == 1;
}

/* LTTng's codes are negative in half of its functions. */
static const char *reason(int code)
{
	return lttng.lttng_strerror(code < 0 ? code : -code);
}

static enum takt_status refused(const char *session, const char *doing, int code)
{
	takt_message(TAKT_ERROR, "trace session '%s': cannot %s: %s", session, doing, reason(code));
	return TAKT_SYSTEM;
}

/* ------------------------------------------------------------------------------------------------------- making */

/* Buffers of a user outlive a process that is killed; buffers of a process are its own alone (trace_buffers.h). */
static struct lttng_domain domain_of(enum lttng_domain_type type, int is_flight)
{
	struct lttng_domain domain;

	memset(&domain, 0, sizeof(domain));
	domain.type = type;
	domain.buf_type = type == LTTNG_DOMAIN_KERNEL ? LTTNG_BUFFER_GLOBAL
			  : is_flight		      ? LTTNG_BUFFER_PER_UID
						      : LTTNG_BUFFER_PER_PID;
	return domain;
}

static int make_channel(struct lttng_handle *handle, const char *name, const struct trace_buffers *buffers,
			int is_flight)
{
	struct lttng_channel *channel = lttng.lttng_channel_create(&handle->domain);
	int code;

	if (channel == NULL)
		return -LTTNG_ERR_NOMEM;
	(void)snprintf(channel->name, sizeof(channel->name), "%s", name);
	channel->attr.overwrite = is_flight;
	channel->attr.subbuf_size = buffers->piece_bytes;
	channel->attr.num_subbuf = buffers->piece_count;
	channel->attr.read_timer_interval = READ_TIMER_US;
	channel->attr.switch_timer_interval = is_flight ? 0 : SWITCH_TIMER_US;
	if (handle->domain.type != LTTNG_DOMAIN_KERNEL || is_flight)
		channel->attr.output = LTTNG_EVENT_MMAP;
	code = lttng.lttng_enable_channel(handle, channel);
	lttng.lttng_channel_destroy(channel);
	return code;
}

static int enable(struct lttng_handle *handle, const char *channel, const char *event_name, const char *const *but,
		  size_t but_count)
{
	struct lttng_event *event = lttng.lttng_event_create();
	char names[COUNT_OF(state_events)][LTTNG_SYMBOL_NAME_LEN];
	char *exclusions[COUNT_OF(state_events)];
	int code;

	if (event == NULL)
		return -LTTNG_ERR_NOMEM;
	for (size_t i = 0; i < but_count; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%s", but[i]);
		exclusions[i] = names[i];
	}
	event->type = LTTNG_EVENT_TRACEPOINT;
	event->loglevel_type = LTTNG_EVENT_LOGLEVEL_ALL;
	(void)snprintf(event->name, sizeof(event->name), "%s", event_name);
	code = lttng.lttng_enable_event_with_exclusions(handle, event, channel, NULL, (int)but_count,
							but_count ? exclusions : NULL);
	lttng.lttng_event_destroy(event);
	return code;
}

static int add_contexts(struct lttng_handle *handle, const char *channel)
{
	static const enum lttng_event_context_type user[] = {LTTNG_EVENT_CONTEXT_VPID, LTTNG_EVENT_CONTEXT_VTID,
							     LTTNG_EVENT_CONTEXT_PROCNAME};
	static const enum lttng_event_context_type kernel[] = {LTTNG_EVENT_CONTEXT_PID, LTTNG_EVENT_CONTEXT_TID,
							       LTTNG_EVENT_CONTEXT_PROCNAME};
	int code = 0;

	for (size_t i = 0; i < COUNT_OF(user) && code == 0; i++) {
		struct lttng_event_context context;

		memset(&context, 0, sizeof(context));
		context.ctx = handle->domain.type == LTTNG_DOMAIN_KERNEL ? kernel[i] : user[i];
		code = lttng.lttng_add_context(handle, &context, NULL, channel);
	}
	return code;
}

static int fill_user(struct lttng_handle *handle, const struct trace_session_plan *plan)
{
	const struct trace_buffers state = trace_buffers_for_state(plan->is_flight);
	int code = make_channel(handle, EVENTS_CHANNEL, &plan->buffers, plan->is_flight);

	if (code == 0)
		code = make_channel(handle, STATE_CHANNEL, &state, plan->is_flight);
	if (code == 0)
		code = add_contexts(handle, EVENTS_CHANNEL);
	if (code == 0)
		code = add_contexts(handle, STATE_CHANNEL);
	if (code == 0)
		code = enable(handle, EVENTS_CHANNEL, "takt:*", state_events, COUNT_OF(state_events));
	for (size_t i = 0; i < COUNT_OF(state_events) && code == 0; i++)
		code = enable(handle, STATE_CHANNEL, state_events[i], NULL, 0);
	return code;
}

static int fill_kernel(struct lttng_handle *handle, const struct trace_session_plan *plan)
{
	int code = make_channel(handle, KERNEL_CHANNEL, &plan->buffers, plan->is_flight);

	for (size_t i = 0; i < COUNT_OF(kernel_events) && code == 0; i++)
		code = enable(handle, KERNEL_CHANNEL, kernel_events[i], NULL, 0);
	if (code == 0)
		code = add_contexts(handle, KERNEL_CHANNEL);
	return code;
}

static int fill(const struct trace_session_plan *plan, enum lttng_domain_type type)
{
	struct lttng_domain domain = domain_of(type, plan->is_flight);
	struct lttng_handle *handle = lttng.lttng_create_handle(plan->name, &domain);
	int code;

	if (handle == NULL)
		return -LTTNG_ERR_NOMEM;
	code = type == LTTNG_DOMAIN_KERNEL ? fill_kernel(handle, plan) : fill_user(handle, plan);
	lttng.lttng_destroy_handle(handle);
	return code;
}

static enum takt_status no_kernel(const char *session, int code)
{
	takt_message(
		TAKT_ERROR,
		"trace session '%s': the kernel cannot be traced: %s; it takes LTTng's kernel modules (apt-get install "
		"lttng-modules-dkms linux-headers-$(uname -r)), root, and a session daemon that was started without --no-kernel "
		"(end the one that runs, and takt starts another); without --kernel everything else is recorded",
		session, reason(code));
	return TAKT_UNSUPPORTED;
}

/* @retval 1 it is gone, and its data are on the disk */
static int destroy(const char *name)
{
	struct lttng_destruction_handle *handle = NULL;
	int code = (int)lttng.lttng_destroy_session_ext(name, &handle);

	if (code != LTTNG_OK) {
		(void)refused(name, "remove it", code);
		return 0;
	}
	int is_done = lttng.lttng_destruction_handle_wait_for_completion(handle, ENDED_BOUND_MS) ==
		      LTTNG_DESTRUCTION_HANDLE_STATUS_COMPLETED;
	lttng.lttng_destruction_handle_destroy(handle);
	return is_done;
}

enum takt_status trace_session_start(const struct trace_session_plan *plan)
{
	enum takt_status status = TAKT_OK;
	char url[URL_BYTES];
	int code;

	(void)snprintf(url, sizeof(url), "file://%s", plan->folder);
	code = plan->is_flight ? lttng.lttng_create_session_snapshot(plan->name, url)
			       : lttng.lttng_create_session(plan->name, url);
	if (code != 0) {
		(void)refused(plan->name, "make it", code);
		return code == -LTTNG_ERR_EXIST_SESS ? TAKT_EXISTS : TAKT_SYSTEM;
	}
	code = fill(plan, LTTNG_DOMAIN_UST);
	if (code != 0)
		status = refused(plan->name, "set up its events", code);
	if (status == TAKT_OK && plan->has_kernel && (code = fill(plan, LTTNG_DOMAIN_KERNEL)) != 0)
		status = no_kernel(plan->name, code);
	if (status == TAKT_OK && (code = lttng.lttng_start_tracing(plan->name)) != 0)
		status = refused(plan->name, "start it", code);
	if (status != TAKT_OK)
		(void)destroy(plan->name);
	return status;
}

/* ------------------------------------------------------------------------------------------------------ looking */

static void count_channels(struct trace_session *session, struct lttng_domain *domain)
{
	struct lttng_handle *handle = lttng.lttng_create_handle(session->name, domain);
	struct lttng_channel *channels = NULL;
	int count = handle ? lttng.lttng_list_channels(handle, &channels) : 0;

	for (int i = 0; i < count; i++) {
		uint64_t discarded = 0;
		uint64_t lost = 0;

		if (lttng.lttng_channel_get_discarded_event_count(&channels[i], &discarded) == 0)
			session->discarded_count += discarded;
		if (lttng.lttng_channel_get_lost_packet_count(&channels[i], &lost) == 0)
			session->lost_count += lost;
		session->buffer_bytes += channels[i].attr.subbuf_size * channels[i].attr.num_subbuf;
		if (strcmp(channels[i].name, EVENTS_CHANNEL) == 0) {
			session->buffers.piece_bytes = channels[i].attr.subbuf_size;
			session->buffers.piece_count = (uint32_t)channels[i].attr.num_subbuf;
		}
	}
	if (count >= 0)
		free(channels);
	if (handle)
		lttng.lttng_destroy_handle(handle);
}

static void count_domains(struct trace_session *session)
{
	struct lttng_domain *domains = NULL;
	int count = lttng.lttng_list_domains(session->name, &domains);

	for (int i = 0; i < count; i++) {
		session->has_kernel |= domains[i].type == LTTNG_DOMAIN_KERNEL;
		count_channels(session, &domains[i]);
	}
	if (count >= 0)
		free(domains);
}

static void copy_path(struct trace_session *session, const char *url)
{
	static const char scheme[] = "file://";
	const char *path = strncmp(url, scheme, strlen(scheme)) == 0 ? url + strlen(scheme) : url;

	(void)snprintf(session->folder, sizeof(session->folder), "%s", path);
}

/* A flight recorder's session has no path: its output has. */
static void find_output(struct trace_session *session)
{
	struct lttng_snapshot_output_list *list = NULL;

	if (lttng.lttng_snapshot_list_output(session->name, &list) != 0)
		return;
	struct lttng_snapshot_output *output = lttng.lttng_snapshot_output_list_get_next(list);
	if (output)
		copy_path(session, lttng.lttng_snapshot_output_get_ctrl_url(output));
	lttng.lttng_snapshot_output_list_destroy(list);
}

static int is_ours(const char *name)
{
	size_t length = strlen(TRACE_SESSION_PREFIX);

	return strncmp(name, TRACE_SESSION_PREFIX, length) == 0 && (name[length] == '\0' || name[length] == '-') &&
	       strlen(name) < TRACE_SESSION_NAME_BYTES;
}

static void look(struct trace_session *session, const struct lttng_session *found)
{
	*session = (struct trace_session){.is_flight = found->snapshot_mode != 0, .is_active = found->enabled != 0};
	(void)snprintf(session->name, sizeof(session->name), "%.*s", TRACE_SESSION_NAME_BYTES - 1, found->name);
	if (lttng.lttng_session_get_creation_time(found, &session->since_s) != LTTNG_OK)
		session->since_s = 0;
	if (session->is_flight)
		find_output(session);
	else
		copy_path(session, found->path);
	count_domains(session);
}

enum takt_status trace_session_list(struct trace_session *sessions, uint32_t *count)
{
	struct lttng_session *all = NULL;
	int all_count = lttng.lttng_list_sessions(&all);

	*count = 0;
	if (all_count < 0) {
		takt_message(TAKT_ERROR, "the session daemon does not say what it records: %s", reason(all_count));
		return TAKT_SYSTEM;
	}
	for (int i = 0; i < all_count && *count < TRACE_SESSION_COUNT_MAX; i++)
		if (is_ours(all[i].name))
			look(&sessions[(*count)++], &all[i]);
	free(all);
	return TAKT_OK;
}

uint32_t trace_session_processes(uint32_t *processes)
{
	struct lttng_domain domain = domain_of(LTTNG_DOMAIN_UST, 1);
	struct lttng_handle *handle = lttng.lttng_create_handle(NULL, &domain);
	struct lttng_event *events = NULL;
	int event_count = handle ? lttng.lttng_list_tracepoints(handle, &events) : 0;
	uint32_t count = 0;

	for (int i = 0; i < event_count && count < TRACE_SESSION_PROCESS_MAX; i++) {
		uint32_t known = 0;

		if (strcmp(events[i].name, "takt:cycle_begun") != 0)
			continue;
		while (known < count && processes[known] != (uint32_t)events[i].pid)
			known++;
		if (known == count)
			processes[count++] = (uint32_t)events[i].pid;
	}
	if (event_count >= 0)
		free(events);
	if (handle)
		lttng.lttng_destroy_handle(handle);
	return count;
}

/* ------------------------------------------------------------------------------------------------ saving, ending */

enum takt_status trace_session_save(const char *name, const char *folder, const char *label)
{
	struct lttng_snapshot_output *output = lttng.lttng_snapshot_output_create();
	int code = output ? 0 : -LTTNG_ERR_NOMEM;

	if (code == 0)
		code = lttng.lttng_snapshot_output_set_name(label, output);
	if (code == 0)
		code = lttng.lttng_snapshot_output_set_local_path(folder, output);
	if (code == 0)
		code = lttng.lttng_snapshot_record(name, output, 1);
	if (output)
		lttng.lttng_snapshot_output_destroy(output);
	if (code == -LTTNG_ERR_SNAPSHOT_NODATA)
		return TAKT_EMPTY;
	return code == 0 ? TAKT_OK : refused(name, "save what it holds", code);
}

void trace_session_describe_again(const char *name)
{
	(void)lttng.lttng_regenerate_statedump(name);
}

enum takt_status trace_session_renew(struct trace_session *session)
{
	static struct trace_session sessions[TRACE_SESSION_COUNT_MAX];
	const struct trace_session_plan plan = {.name = session->name,
						.folder = session->folder,
						.is_flight = session->is_flight,
						.has_kernel = session->has_kernel,
						.buffers = session->buffers};
	uint32_t count = 0;

	if (!destroy(session->name) || trace_session_start(&plan) != TAKT_OK ||
	    trace_session_list(sessions, &count) != TAKT_OK)
		return TAKT_SYSTEM;
	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(sessions[i].name, session->name) != 0)
			continue;
		session->since_s = sessions[i].since_s;
		return TAKT_OK;
	}
	return TAKT_SYSTEM;
}

static int wait_until_written(const char *name)
{
	uint64_t deadline_ns = takt_os_clock_now_ns() + WRITTEN_BOUND_NS;
	int pending;

	while ((pending = lttng.lttng_data_pending(name)) == 1 && takt_os_clock_now_ns() < deadline_ns)
		(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + WRITTEN_LOOK_NS);
	return pending != 1;
}

enum takt_status trace_session_stop(const char *name, struct trace_session *last)
{
	static struct trace_session sessions[TRACE_SESSION_COUNT_MAX];
	uint32_t count = 0;
	int code = lttng.lttng_stop_tracing_no_wait(name);

	if (code != 0 && code != -LTTNG_ERR_TRACE_ALREADY_STOPPED) {
		(void)refused(name, "stop it", code);
		return code == -LTTNG_ERR_SESS_NOT_FOUND ? TAKT_ABSENT : TAKT_SYSTEM;
	}
	int is_written = wait_until_written(name);
	if (trace_session_list(sessions, &count) != TAKT_OK)
		return TAKT_SYSTEM;
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(sessions[i].name, name) == 0)
			*last = sessions[i];
	if (!destroy(name) || !is_written) {
		takt_message(TAKT_ERROR,
			     "trace session '%s': not all of it is in %s yet; the session daemon still writes", name,
			     last->folder);
		return TAKT_TIMEOUT;
	}
	return TAKT_OK;
}
