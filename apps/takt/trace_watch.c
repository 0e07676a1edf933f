/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `takt trace watch`: saves what a flight recorder holds when something has gone wrong. A process of ordinary priority that reads what
 * nodes count of themselves; LTTng's daemon keeps the recording, so this one may die and be started again.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "apps/takt/escape.h"
#include "apps/takt/messages.h"
#include "apps/takt/trace.h"
#include "apps/takt/trace_deaths.h"
#include "apps/takt/trace_end.h"
#include "apps/takt/trace_look.h"
#include "apps/takt/trace_options.h"
#include "apps/takt/trace_save.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"
#include "platform/thread.h"
#include "platform/tree.h"

#define LOOK_NS		(20 * TAKT_NS_PER_MS) /* the recorder holds seconds */
#define SESSION_LOOK_NS (200 * TAKT_NS_PER_MS)
#define DEATHS_NS                                                                                                      \
	(500 *                                                                                                         \
	 TAKT_NS_PER_MS) /* between two snapshots for the deaths of one node, and from a death to a new recording */
#define SEVERAL	     "several"
#define LABEL_BEFORE "death-before"
#define HOLD_TRIES   20 /* a look by `status` holds the file for an instant */

struct watch {
	struct trace_options options;
	struct trace_session session;
	struct trace_look *look;
	FILE *log;
	struct trace_deaths deaths;
	/* What else was found by the present look: the gravest, and how many. */
	struct trace_finding finding;
	uint32_t finding_count;
	uint64_t due_ns; /* not before: the next snapshot for anything but a death */
	uint64_t unsaved_count;
	uint64_t renew_due_ns; /* 0: nobody has died since it was made */
	/* What was in memory when it was made anew, for those who are found dead soon after. */
	char before[TRACE_PATH_BYTES];
	uint64_t before_due_ns; /* until then; 0: there is none */
	int is_lost;		/* 1: it could not be made anew */
};

static struct watch watch;

static void log_message(void *context, enum takt_severity severity, const char *text)
{
	char escaped[ESCAPE_BYTES(TAKT_MESSAGE_BYTES_MAX)];
	time_t now = (time_t)(takt_os_clock_wall_ns() / TAKT_NS_PER_S);
	const struct tm *local = localtime(&now);
	char stamp[32] = "";
	FILE *log = context;

	(void)severity;
	(void)escape_text(escaped, sizeof(escaped), text, strlen(text));
	if (local)
		(void)strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", local);
	(void)fprintf(log, "%s %s\n", stamp, escaped);
	(void)fflush(log);
}

static void speak(void)
{
	if (watch.log)
		takt_message_handler_set(log_message, watch.log);
	else
		messages_escape();
}

/* ------------------------------------------------------------------------------------------------------ findings */

static void take(void *context, const struct trace_finding *finding)
{
	(void)context;
	if (finding->cause == TRACE_DEATH) {
		watch.unsaved_count += !trace_deaths_add(&watch.deaths, finding->domain, finding->node);
		return;
	}
	/* The causes are numbered by their gravity. */
	if (watch.finding_count == 0 || finding->cause < watch.finding.cause)
		watch.finding = *finding;
	watch.finding_count++;
}

static void describe(char *text, size_t text_bytes, const struct trace_finding *finding)
{
	unsigned long long count = finding->count;

	switch (finding->cause) {
	case TRACE_DEATH:
		(void)snprintf(text, text_bytes, "node '%s' of domain '%s' died", finding->node, finding->domain);
		if (count > 1)
			(void)snprintf(text + strlen(text), text_bytes - strlen(text), " %llu times", count);
		break;
	case TRACE_OVERRUN:
		(void)snprintf(text, text_bytes, "node '%s' of domain '%s' missed %llu period%s", finding->node,
			       finding->domain, count, count == 1 ? "" : "s");
		break;
	case TRACE_LATE:
		(void)snprintf(text, text_bytes, "node '%s' of domain '%s' began %llu cycle%s more than %.3f ms late",
			       finding->node, finding->domain, count, count == 1 ? "" : "s",
			       (double)watch.options.late_ns / 1e6);
		break;
	default:
		(void)snprintf(text, text_bytes,
			       "node '%s' of domain '%s' read %llu sample%s of '%s' past the deadline", finding->node,
			       finding->domain, count, count == 1 ? "" : "s", finding->topic);
		break;
	}
}

static void say_saved(enum takt_status status, const struct trace_finding *finding, const char *path)
{
	char what[256];

	describe(what, sizeof(what), finding);
	if (status == TAKT_EMPTY)
		takt_message(TAKT_WARNING, "%s; nothing was recorded: can it be traced?", what);
	if (status == TAKT_OK)
		takt_message(TAKT_WARNING, "%s; saved: takt trace report %s", what, path);
}

static void say_unsaved(void)
{
	if (watch.unsaved_count)
		takt_message(
			TAKT_INFO,
			"%llu further findings since the snapshot before were not saved: one in %.1f s is, deaths apart",
			(unsigned long long)watch.unsaved_count, (double)watch.options.interval_ns / 1e9);
	watch.unsaved_count = 0;
}

static void forget_before(void)
{
	if (watch.before_due_ns)
		(void)!takt_os_tree_remove(watch.before);
	watch.before_due_ns = 0;
}

/* The last seconds of who died while it was made anew. */
static void keep_before(enum takt_status *status, char path[TRACE_PATH_BYTES])
{
	if (watch.before_due_ns == 0)
		return;
	watch.before_due_ns = 0;
	if (*status == TAKT_OK)
		takt_message(TAKT_INFO, "what was recorded before it was made anew: takt trace report %s",
			     watch.before);
	else
		(void)snprintf(path, TRACE_PATH_BYTES, "%s", watch.before);
	*status = TAKT_OK;
	(void)trace_save_trim(watch.session.folder, trace_cause_name(TRACE_DEATH), LABEL_BEFORE, watch.options.keep);
}

static uint64_t pause_ns(void)
{
	return watch.options.interval_ns < DEATHS_NS ? watch.options.interval_ns : DEATHS_NS;
}

/* One snapshot for all that are dead: it holds every process. Those of each node, and those of several at once, are kept by themselves:
 * one that dies again and again throws away no other's. */
static void save_deaths(uint64_t now_ns)
{
	const char *cause = trace_cause_name(TRACE_DEATH);
	enum takt_status status = TAKT_OK;
	char label[TRACE_LABEL_BYTES] = "";
	char path[TRACE_PATH_BYTES] = "";

	for (uint32_t i = 0; i < watch.deaths.count; i++) {
		const struct trace_death *death = &watch.deaths.all[i];
		struct trace_finding finding = {.cause = TRACE_DEATH, .count = death->count};

		if (death->count == 0)
			continue;
		if (label[0] == '\0') {
			trace_label(label, cause, trace_deaths_waiting(&watch.deaths) > 1 ? SEVERAL : death->node);
			status = trace_save(&watch.session, label, path);
			keep_before(&status, path);
		}
		(void)snprintf(finding.domain, sizeof(finding.domain), "%s", death->domain);
		(void)snprintf(finding.node, sizeof(finding.node), "%s", death->node);
		say_saved(status, &finding, path);
	}
	(void)trace_save_trim(watch.session.folder, cause, label, watch.options.keep);
	trace_deaths_saved(&watch.deaths, now_ns, pause_ns());
	if (watch.renew_due_ns == 0)
		watch.renew_due_ns = now_ns + pause_ns();
	say_unsaved();
}

static void save_other(void)
{
	const struct trace_finding *finding = &watch.finding;
	const char *cause = trace_cause_name(finding->cause);
	char label[TRACE_LABEL_BYTES];
	char path[TRACE_PATH_BYTES];

	trace_label(label, cause, finding->cause == TRACE_STALE ? finding->topic : finding->node);
	say_saved(trace_save(&watch.session, label, path), finding, path);
	(void)trace_save_trim(watch.session.folder, cause, NULL, watch.options.keep);
	/* So that the next one has all names, however often they were written since. */
	trace_session_describe_again(watch.session.name);
	say_unsaved();
}

static void judge(uint64_t now_ns)
{
	if (trace_deaths_are_due(&watch.deaths, now_ns)) {
		save_deaths(now_ns);
		/* What follows from a death belongs to its snapshot; a death is never kept waiting by anything less. */
		watch.due_ns = now_ns + watch.options.interval_ns;
	} else if (watch.finding_count && now_ns >= watch.due_ns) {
		save_other();
		watch.due_ns = now_ns + watch.options.interval_ns;
	} else {
		watch.unsaved_count += watch.finding_count;
	}
	watch.finding_count = 0;
}

/* @param wants_active 1: one that has been stopped, and is about to be removed, has ended @retval 1 the recording goes on */
static int goes_on(int wants_active)
{
	static struct trace_session sessions[TRACE_SESSION_COUNT_MAX];
	uint32_t count = 0;

	if (!trace_session_has_daemon() || trace_session_list(sessions, &count) != TAKT_OK)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		if (strcmp(sessions[i].name, watch.session.name) != 0 || sessions[i].since_s != watch.session.since_s)
			continue;
		return sessions[i].is_active || !wants_active;
	}
	return 0;
}

/* What a death may have spoiled is made good, which throws away what is in memory: not before those have been saved who died soon after. */
static void renew(uint64_t now_ns)
{
	if (watch.renew_due_ns == 0 || now_ns < watch.renew_due_ns)
		return;
	trace_look_once(watch.look, now_ns, take, NULL);
	if (trace_deaths_waiting(&watch.deaths))
		save_deaths(now_ns);
	watch.renew_due_ns = 0;
	forget_before();
	if (trace_save(&watch.session, LABEL_BEFORE, watch.before) == TAKT_OK)
		watch.before_due_ns = now_ns + TAKT_NS_PER_S;
	/* Somebody ends it meanwhile: it must not begin anew. */
	watch.is_lost = !goes_on(1) || trace_session_renew(&watch.session) != TAKT_OK;
	if (!watch.is_lost)
		takt_message(TAKT_INFO, "recording '%s' was made anew after the death", watch.session.name);
}

/* ---------------------------------------------------------------------------------------------------------- loop */

static int live(void)
{
	uint64_t session_due_ns = 0;

	for (;;) {
		uint64_t now_ns = takt_os_clock_now_ns();

		trace_look_once(watch.look, now_ns, take, NULL);
		judge(now_ns);
		renew(now_ns);
		if (now_ns >= watch.before_due_ns)
			forget_before();
		if (now_ns >= session_due_ns) {
			if (watch.is_lost || !goes_on(0))
				break;
			session_due_ns = now_ns + SESSION_LOOK_NS;
		}
		if (takt_os_clock_sleep_until(now_ns + LOOK_NS) != TAKT_OK) {
			takt_message(TAKT_INFO, "nobody looks at the nodes any more; recording '%s' goes on in memory",
				     watch.session.name);
			return EXIT_OK;
		}
	}
	takt_message(TAKT_INFO, "recording '%s' has ended", watch.session.name);
	return EXIT_OK;
}

static int hold(void)
{
	char path[TRACE_PATH_BYTES];
	int held;
	enum takt_status status = TAKT_BUSY;

	(void)snprintf(path, sizeof(path), "%s/" TRACE_WATCH_HOLD, watch.session.folder);
	for (int i = 0; i < HOLD_TRIES && status == TAKT_BUSY; i++) {
		status = takt_os_file_hold(path, &held);
		if (status == TAKT_BUSY)
			(void)!takt_os_clock_sleep_until(takt_os_clock_now_ns() + 5 * TAKT_NS_PER_MS);
	}
	if (status == TAKT_BUSY)
		takt_message(TAKT_ERROR,
			     "recording '%s' is watched already, by the process that takt trace start --flight left; "
			     "start it with --no-watch to watch it yourself",
			     watch.session.name);
	return status == TAKT_OK ? EXIT_OK : EXIT_FAILED;
}

static int watch_session(void)
{
	const struct trace_options *options = &watch.options;
	const struct trace_wishes wishes = {.domain = options->domain,
					    .late_ns = options->late_ns,
					    .no_overrun = options->is_overrun_ignored,
					    .no_stale = options->is_stale_ignored,
					    .speak = speak};

	if (!watch.session.is_flight) {
		takt_message(
			TAKT_ERROR,
			"recording '%s' writes everything to %s already; watching is for: takt trace start --flight",
			watch.session.name, watch.session.folder);
		return EXIT_FAILED;
	}
	if (hold() != EXIT_OK)
		return EXIT_FAILED;
	watch.look = trace_look_new(&wishes);
	if (watch.look == NULL)
		return EXIT_FAILED;
	/* Stops by a signal; and whoever started us may be gone, with the pipe that standard error is. */
	takt_os_process_prepare(1);
	takt_message(TAKT_INFO, "looking at %s%s: what recording '%s' holds is saved into %s when a node dies%s%s%s",
		     options->domain ? "domain " : "all domains", options->domain ? options->domain : "",
		     watch.session.name, watch.session.folder, options->is_overrun_ignored ? "" : ", misses a period",
		     options->late_ns ? ", begins a cycle late" : "",
		     options->is_stale_ignored ? "" : ", reads a stale sample");
	int code = live();
	forget_before();
	trace_look_free(watch.look);
	return code;
}

int trace_watch(int argc, char **argv)
{
	int code = trace_options_parse(&watch.options, &trace_watch_command, argc, argv);

	if (code != OPTIONS_GO_ON)
		return code;
	if (watch.options.log && (watch.log = takt_os_file_write(watch.options.log)) == NULL) {
		takt_message(TAKT_ERROR, "--log: %s cannot be written", watch.options.log);
		return EXIT_FAILED;
	}
	speak();
	code = trace_choose(&watch.options, "takt trace watch", &watch.session);
	if (code == EXIT_OK)
		code = watch_session();
	messages_escape();
	if (watch.log)
		(void)fclose(watch.log);
	return code;
}
