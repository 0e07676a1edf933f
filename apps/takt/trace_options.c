/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/options.h"
#include "apps/takt/options_walk.h"
#include "apps/takt/trace.h"
#include "core/type.h"
#include "platform/clock.h"

#define INTERVAL_NS_DEFAULT (10 * TAKT_NS_PER_S)
#define KEEP_DEFAULT	    4
#define KEEP_MAX	    1000
#define BYTES_MIN	    (UINT64_C(64) << 10)

enum {
	OPTION_SESSION = 1000,
	OPTION_CONFIG,
	OPTION_DOMAIN,
	OPTION_KERNEL,
	OPTION_FLIGHT,
	OPTION_NO_WATCH,
	OPTION_NO_OVERRUN,
	OPTION_NO_STALE,
	OPTION_SECONDS,
	OPTION_BYTES,
	OPTION_FOR,
	OPTION_LATE,
	OPTION_EVERY,
	OPTION_KEEP,
	OPTION_LOG
};

#define SESSION_TEXT                                                                                                   \
	{                                                                                                              \
		"session", "SESSION", "the recording of this name", 0, OPTION_SESSION                                  \
	}
#define DOMAIN_TEXT                                                                                                    \
	{                                                                                                              \
		"domain", "DOMAIN", "look at this domain only (default: at all)", 0, OPTION_DOMAIN                     \
	}
#define LATE_TEXT                                                                                                      \
	{                                                                                                              \
		"late", "TIME", "save also when a cycle begins this late: 500us, 2ms", 0, OPTION_LATE                  \
	}
#define OVERRUN_TEXT                                                                                                   \
	{                                                                                                              \
		"no-overrun", NULL, "save nothing when a node misses a period", 0, OPTION_NO_OVERRUN                   \
	}
#define STALE_TEXT                                                                                                     \
	{                                                                                                              \
		"no-stale", NULL, "save nothing when a node reads a sample past its topic's deadline", 0,              \
			OPTION_NO_STALE                                                                                \
	}
#define INTERVAL_TEXT                                                                                                  \
	{                                                                                                              \
		"every", "TIME", "save once in this time at most; each death is saved (default: 10s)", 0, OPTION_EVERY \
	}
#define KEEP_TEXT                                                                                                      \
	{                                                                                                              \
		"keep", "N", "keep the newest N recordings of each cause, and of each node that died (default: 4)", 0, \
			OPTION_KEEP                                                                                    \
	}

static const struct option_text start_texts[] = {
	{"config", "CONFIG",
	 "size the buffers by this config's periods and topics (default: by what the nodes\n"
	 "that live do, else for 25000 events/s)",
	 0, OPTION_CONFIG},
	{"seconds", "TIME", "how much the buffers hold (default: 2s; 5s with --flight)", 0, OPTION_SECONDS},
	{"bytes", "SIZE", "size of a buffer instead, of which each CPU has one: 64K to 256M", 0, OPTION_BYTES},
	{"for", "TIME", "stop by itself: 500ms, 10s, 2m", 0, OPTION_FOR},
	{"kernel", NULL, "with the kernel's scheduling and interrupts: takes root and LTTng's kernel modules", 0,
	 OPTION_KERNEL},
	{"session", "SESSION", "a name of its own, for more than one at a time", 0, OPTION_SESSION},
	{"flight", NULL, "keep the last seconds in memory, and save them when something goes wrong", 0, OPTION_FLIGHT},
	DOMAIN_TEXT,
	LATE_TEXT,
	OVERRUN_TEXT,
	STALE_TEXT,
	INTERVAL_TEXT,
	KEEP_TEXT,
	{"no-watch", NULL, "leave no process in the background that looks at the nodes", 0, OPTION_NO_WATCH},
};
static const struct option_text session_texts[] = {SESSION_TEXT};
static const struct option_text status_texts[] = {
	SESSION_TEXT,
	{"format", "table|json|csv", "how to print (default: table)", 'f', 0},
};
static const struct option_text watch_texts[] = {
	SESSION_TEXT, DOMAIN_TEXT,
	LATE_TEXT,    OVERRUN_TEXT,
	STALE_TEXT,   INTERVAL_TEXT,
	KEEP_TEXT,    {"log", "FILE", "say into FILE, with the time, what is said", 0, OPTION_LOG},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

const struct command trace_start_command = {
	.name = "start",
	.path = "takt trace start",
	.usage = "[FOLDER] [options]",
	.summary = "records the events of all nodes into a folder, or the last seconds in memory",
	.details =
		"Records all nodes of this user (as root: of every user), whether they run already or start later, until\n"
		"takt trace stop. FOLDER is made, or must be empty; default: takt-trace-DATE-TIME. LTTng's session daemon is\n"
		"started where none runs.\n"
		"With --flight the last seconds stay in memory, and are saved into FOLDER when a node dies, misses a period\n"
		"(overrun), reads a sample past its topic's deadline (stale), and by takt trace snapshot. A process in the\n"
		"background looks for that; its log is FOLDER/watch.log. FOLDER may hold earlier recordings.\n"
		"Exit code 1: nothing is recorded.",
	.arguments_max = 1,
	.run = trace_start,
	.own = start_texts,
	.own_count = COUNT_OF(start_texts),
};
const struct command trace_stop_command = {
	.name = "stop",
	.path = "takt trace stop",
	.usage = "[options]",
	.summary = "ends a recording, and says where it is, how many events it has and how many are missing",
	.details = "Exit code 1: nothing was being recorded, or not all is in the folder.",
	.run = trace_stop,
	.own = session_texts,
	.own_count = COUNT_OF(session_texts),
};
const struct command trace_status_command = {
	.name = "status",
	.path = "takt trace status",
	.usage = "[options]",
	.summary = "shows what is being recorded: where, since when, how, what is missing",
	.run = trace_status,
	.own = status_texts,
	.own_count = COUNT_OF(status_texts),
};
const struct command trace_snapshot_command = {
	.name = "snapshot",
	.path = "takt trace snapshot",
	.usage = "[REASON] [options]",
	.summary = "saves what a flight recorder holds, and lets it go on",
	.details = "The name of what is saved has REASON, date and time.",
	.arguments_max = 1,
	.run = trace_snapshot,
	.own = session_texts,
	.own_count = COUNT_OF(session_texts),
};
const struct command trace_watch_command = {
	.name = "watch",
	.path = "takt trace watch",
	.usage = "[options]",
	.summary = "saves what a flight recorder holds when a node dies, overruns or reads stale samples",
	.details =
		"In the foreground, what takt trace start --flight otherwise leaves in the background (--no-watch). It only looks:\n"
		"no node waits for it, and it may be started again. Ends with the recording.",
	.run = trace_watch,
	.own = watch_texts,
	.own_count = COUNT_OF(watch_texts),
};

struct parse {
	struct trace_options *options;
	const char *path;
};

int trace_options_read_bytes(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMG";
	char *end;

	if (text[0] < '1' || text[0] > '9' || strlen(text) > 12)
		return 0;
	uint64_t number = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		number <<= 10 * (unit - units + 1);
		end++;
		if (strcmp(end, "iB") == 0)
			end += 2;
	}
	if (*end != '\0' || number < BYTES_MIN || number > TRACE_BUFFER_BYTES_MAX)
		return 0;
	*bytes = number;
	return 1;
}

static int take_time(const struct parse *parse, const char *option, const char *value, uint64_t *span_ns)
{
	if (options_read_duration(value, span_ns))
		return OPTIONS_GO_ON;
	return usage_error(parse->path, "--%s %.40s is no time: expected for instance 500us, 250ms, 10s or 2m", option,
			   value);
}

/* NAME, or "takt-NAME" as status shows it, or the "takt" of those that were given none. */
static int take_session(const struct parse *parse, const char *value)
{
	static const char prefix[] = TRACE_SESSION_PREFIX "-";
	struct trace_options *options = parse->options;
	const char *name = strncmp(value, prefix, strlen(prefix)) == 0 ? value + strlen(prefix) : value;

	if (!takt_name_is_valid(name))
		return usage_error(parse->path,
				   "--session '%.60s' is no name: expected 1 to %d of a-z, 0-9 and _, a letter first",
				   value, TAKT_NAME_BYTES - 1);
	options->has_session = 1;
	if (strcmp(value, TRACE_SESSION_PREFIX) != 0)
		(void)snprintf(options->session, sizeof(options->session), "%s%s", prefix, name);
	return OPTIONS_GO_ON;
}

static int take_value(const struct parse *parse, int option, const char *value)
{
	struct trace_options *options = parse->options;

	switch (option) {
	case OPTION_BYTES:
		if (trace_options_read_bytes(value, &options->buffer_bytes))
			return OPTIONS_GO_ON;
		return usage_error(parse->path, "--bytes %.40s: expected a size from 64K to 256M, such as 8M", value);
	case OPTION_KEEP:
		if (options_read_numbers(value, 1, KEEP_MAX, &options->keep, 1) == 1)
			return OPTIONS_GO_ON;
		return usage_error(parse->path, "--keep %.40s: expected a whole number from 1 to %d", value, KEEP_MAX);
	case OPTION_SECONDS:
		return take_time(parse, "seconds", value, &options->span_ns);
	case OPTION_FOR:
		return take_time(parse, "for", value, &options->for_ns);
	case OPTION_LATE:
		return take_time(parse, "late", value, &options->late_ns);
	case OPTION_EVERY:
		return take_time(parse, "every", value, &options->interval_ns);
	case OPTION_SESSION:
		return take_session(parse, value);
	default: /* f */
		if (output_format_find(value, &options->format))
			return OPTIONS_GO_ON;
		return usage_error(parse->path, "--format %.40s: expected table, json or csv", value);
	}
}

static int take(void *context, int option, const char *value)
{
	const struct parse *parse = context;
	struct trace_options *options = parse->options;

	switch (option) {
	case OPTION_CONFIG:
		options->config = value;
		return OPTIONS_GO_ON;
	case OPTION_DOMAIN:
		options->domain = value;
		return OPTIONS_GO_ON;
	case OPTION_LOG:
		options->log = value;
		return OPTIONS_GO_ON;
	case OPTION_KERNEL:
		options->has_kernel = 1;
		return OPTIONS_GO_ON;
	case OPTION_FLIGHT:
		options->is_flight = 1;
		return OPTIONS_GO_ON;
	case OPTION_NO_WATCH:
		options->is_unwatched = 1;
		return OPTIONS_GO_ON;
	case OPTION_NO_OVERRUN:
		options->is_overrun_ignored = 1;
		return OPTIONS_GO_ON;
	case OPTION_NO_STALE:
		options->is_stale_ignored = 1;
		return OPTIONS_GO_ON;
	default:
		return take_value(parse, option, value);
	}
}

/* What belongs together. */
static int check(const struct parse *parse, const struct command *command)
{
	const struct trace_options *options = parse->options;

	if (options->domain && !takt_name_is_valid(options->domain))
		return usage_error(parse->path, "--domain '%.60s' is no name of a domain", options->domain);
	if (options->span_ns && options->buffer_bytes)
		return usage_error(parse->path, "--seconds and --bytes exclude each other");
	if (options->is_flight && options->for_ns)
		return usage_error(parse->path,
				   "--flight and --for exclude each other: a flight recorder is saved, not ended");
	if (command == &trace_start_command && !options->is_flight &&
	    (options->is_unwatched || options->late_ns || options->is_overrun_ignored || options->is_stale_ignored ||
	     options->interval_ns != INTERVAL_NS_DEFAULT || options->keep != KEEP_DEFAULT))
		return usage_error(
			parse->path,
			"--late, --every, --keep, --no-overrun, --no-stale and --no-watch are about --flight");
	return OPTIONS_GO_ON;
}

int trace_options_parse(struct trace_options *options, const struct command *command, int argc, char **argv)
{
	struct parse parse = {.options = options, .path = command->path};
	const struct options_walk walk = {.command = command, .take = take, .context = &parse};

	*options = (struct trace_options){.session = TRACE_SESSION_PREFIX,
					  .interval_ns = INTERVAL_NS_DEFAULT,
					  .keep = KEEP_DEFAULT};
	int result = options_walk(&walk, argc, argv);
	if (result == OPTIONS_GO_ON)
		result = check(&parse, command);
	if (result == OPTIONS_GO_ON && optind < argc)
		options->argument = argv[optind];
	return result;
}
