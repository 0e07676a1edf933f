/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bridge.h"
#include "apps/takt/options_walk.h"
#include "core/limits.h"
#include "core/queue.h"
#include "core/text.h"
#include "platform/clock.h"

#define RATE_HZ_MIN 0.001
#define RATE_HZ_MAX 1e6
#define BOUND_NS    (100 * TAKT_NS_PER_MS)
#define NAMES_BYTES 200

static const char *const format_names[BRIDGE_FORMAT_COUNT] = {"json", "csv", "binary", "raw"};

enum {
	OPTION_TO = 1000,
	OPTION_FROM,
	OPTION_BOUND,
	OPTION_GUARD,
	OPTION_FIELDS,
	OPTION_CONFIG,
	OPTION_NODE,
	OPTION_CREATE,
	OPTION_ON_CLOSE,
	OPTION_QUEUE_BAND
};

static const struct option_text texts[] = {
	{"to", "TARGET", "samples of the topic go there", 0, OPTION_TO},
	{"from", "TARGET", "what comes from there becomes samples of the topic", 0, OPTION_FROM},
	{"format", "json|csv|binary|raw",
	 "what a sample is outside (default: json for stdout, stdin and fifo, binary for\n"
	 "unix and udp, raw for queues and shared memory)",
	 'f', 0},
	{"rate", "HZ", "at most HZ samples a second; looks at shared memory (default there: 100)", 'r', 0},
	{"band", "N",
	 "message type of a System V queue, priority in a POSIX queue (default: 1 and 0, of a\n"
	 "takt queue its band + 1 and its band; from there any)",
	 'b', 0},
	{"queue-band", "N",
	 "band of takt's queue to take from, or to push to (default: any; what comes from a queue, as\n"
	 "its type or priority says, else 0)",
	 0, OPTION_QUEUE_BAND},
	{"bound", "TIME", "longest wait for the semaphore of shared memory (default: 100ms)", 0, OPTION_BOUND},
	{"guard", "KEY", "key, or name, of that semaphore (default: as the memory itself)", 0, OPTION_GUARD},
	{"create", NULL, "make the target if it is absent, with mode 0600", 0, OPTION_CREATE},
	{"on-close", "retry|end", "what to do when nobody is there, or the target is removed (default: retry)", 0,
	 OPTION_ON_CLOSE},
	{"fields", "FIELDS",
	 "the topic's fields, where nobody has published it yet: \"count u32, value f64 m,\n"
	 "name char[16]\", each NAME KIND [UNIT] [@OFFSET]",
	 0, OPTION_FIELDS},
	{"node", "NODE", "be this node of the config (default: TAKT_NODE, which takt run sets)", 0, OPTION_NODE},
	{"config", "CONFIG", "the config (default: TAKT_CONFIG, which takt run sets)", 0, OPTION_CONFIG},
	{"domain", "DOMAIN", "look at this domain without being a node (default: as takt topic echo)", 'd', 0},
	{"count", "N", "end after N samples", 'n', 0},
	{"history", NULL, "begin with the oldest sample that is still there", 'H', 0},
};

/* -------------------------------------------------------------------------------------------------------- values */

static int wrong(const char *option, const char *value, const char *expected)
{
	return usage_error(bridge_command.path, "--%s: '%.80s' is not %s", option, value, expected);
}

static int read_number(const char *text, double min, double max, double *number)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return 0;
	*number = strtod(text, &end);
	return *end == '\0' && *number >= min && *number <= max;
}

static int read_whole(const char *text, uint64_t max, uint64_t *number)
{
	char *end;

	if (text[0] < '0' || text[0] > '9' || strlen(text) > 18)
		return 0;
	*number = strtoull(text, &end, 10);
	return *end == '\0' && *number <= max;
}

static int read_format(struct bridge_options *options, const char *value)
{
	struct takt_text_nearest nearest = {.word = value};

	for (uint32_t i = 0; i < BRIDGE_FORMAT_COUNT; i++) {
		takt_text_nearest_offer(&nearest, format_names[i]);
		if (strcmp(format_names[i], value) != 0)
			continue;
		options->format = (enum bridge_format)i;
		options->has_format = 1;
		return OPTIONS_GO_ON;
	}
	if (nearest.found)
		return usage_error(bridge_command.path,
				   "--format: '%.80s' is not json, csv, binary or raw; did you mean '%s'?", value,
				   nearest.found);
	return wrong("format", value, "json, csv, binary or raw");
}

static int read_target(struct bridge_options *options, const char *value, int is_from)
{
	struct takt_text_nearest nearest = {.word = value};
	char names[NAMES_BYTES] = "";
	size_t used = 0;

	if (options->target)
		return usage_error(bridge_command.path, "one --to or one --from, not both or twice: '%s' and '%.80s'",
				   options->target, value);
	options->target = value;
	options->is_from = is_from;
	options->carrier = bridge_carrier_find(value, &options->place);
	if (options->carrier)
		return OPTIONS_GO_ON;
	const struct bridge_carrier *carrier;
	for (uint32_t i = 0; (carrier = bridge_carrier_at(i)) != NULL; i++) {
		char scheme[24];

		(void)snprintf(scheme, sizeof(scheme), "%.*s", (int)strcspn(value, ":"), value);
		nearest.word = scheme;
		takt_text_nearest_offer(&nearest, carrier->scheme);
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s%s%s", i ? ", " : "",
						 carrier->scheme, carrier->argument ? ":" : "",
						 carrier->argument ? carrier->argument : "");
	}
	if (nearest.found)
		return usage_error(bridge_command.path, "'%.80s' is no target; did you mean '%s'? There are: %s", value,
				   nearest.found, names);
	return usage_error(bridge_command.path, "'%.80s' is no target; there are: %s", value, names);
}

static int read_on_close(struct bridge_options *options, const char *value)
{
	options->ends_on_close = strcmp(value, "end") == 0;
	return options->ends_on_close || strcmp(value, "retry") == 0 ? OPTIONS_GO_ON
								     : wrong("on-close", value, "retry or end");
}

static int read_band(struct bridge_options *options, const char *value)
{
	uint64_t band;

	if (!read_whole(value, INT32_MAX, &band))
		return wrong("band", value, "a whole number from 0 to 2147483647");
	options->band = (uint32_t)band;
	options->has_band = 1;
	return OPTIONS_GO_ON;
}

static int read_queue_band(struct bridge_options *options, const char *value)
{
	uint64_t band;

	if (!read_whole(value, TAKT_BAND_COUNT_MAX - 1, &band))
		return wrong("queue-band", value, "a whole number from 0 to 7");
	options->queue_band = (uint32_t)band;
	return OPTIONS_GO_ON;
}

static int take_text(struct bridge_options *options, int option, const char *value)
{
	switch (option) {
	case OPTION_GUARD:
		options->guard = value;
		break;
	case OPTION_FIELDS:
		options->fields = value;
		break;
	case OPTION_CONFIG:
		options->config = value;
		break;
	case OPTION_NODE:
		options->node = value;
		break;
	case OPTION_CREATE:
		options->may_create = 1;
		break;
	case 'H':
		options->has_history = 1;
		break;
	default:
		options->domain = value;
		break;
	}
	return OPTIONS_GO_ON;
}

static int take(void *context, int option, const char *value)
{
	struct bridge_options *options = context;

	switch (option) {
	case OPTION_TO:
	case OPTION_FROM:
		return read_target(options, value, option == OPTION_FROM);
	case 'f':
		return read_format(options, value);
	case 'r':
		return read_number(value, RATE_HZ_MIN, RATE_HZ_MAX, &options->rate_hz)
			       ? OPTIONS_GO_ON
			       : wrong("rate", value, "a number of samples a second, 0.001 to 1000000");
	case 'b':
		return read_band(options, value);
	case OPTION_QUEUE_BAND:
		return read_queue_band(options, value);
	case OPTION_BOUND:
		return options_read_duration(value, &options->bound_ns) && options->bound_ns <= 10 * TAKT_NS_PER_S
			       ? OPTIONS_GO_ON
			       : wrong("bound", value, "a time up to 10s, such as 100ms");
	case OPTION_ON_CLOSE:
		return read_on_close(options, value);
	case 'n':
		return read_whole(value, INT64_MAX, &options->count) && options->count
			       ? OPTIONS_GO_ON
			       : wrong("count", value, "a whole number above 0");
	default:
		return take_text(options, option, value);
	}
}

/* --------------------------------------------------------------------------------------------------------- sense */

static int check_carrier(const struct bridge_options *options)
{
	const struct bridge_carrier *carrier = options->carrier;
	const char *path = bridge_command.path;

	if (!(options->is_from ? carrier->is_in : carrier->is_out))
		return usage_error(path, "%s is for --%s only", carrier->scheme, options->is_from ? "to" : "from");
	if (!(carrier->formats & (1u << options->format)))
		return usage_error(path, "%s does not carry --format %s; %s", carrier->scheme,
				   format_names[options->format],
				   carrier->formats & (1u << BRIDGE_JSON) ? "take json, binary or raw"
									  : "take binary or raw");
	if (options->has_band && carrier->band_max == 0)
		return usage_error(path, "%s has no bands; --band is for sysv-queue and posix-queue", carrier->scheme);
	if (options->has_band && options->is_from && carrier->band_min == 0)
		return usage_error(path,
				   "%s gives its messages by priority and cannot be asked for one; leave --band out",
				   carrier->scheme);
	if (options->has_band && (options->band < carrier->band_min || options->band > carrier->band_max))
		return usage_error(path, "--band: %u is not from %u to %u, as %s has them", options->band,
				   carrier->band_min, carrier->band_max, carrier->scheme);
	if (options->guard && !carrier->is_state)
		return usage_error(path, "%s has no semaphore; --guard is for sysv-shm and posix-shm", carrier->scheme);
	return OPTIONS_GO_ON;
}

int bridge_options_parse(struct bridge_options *options, int argc, char **argv)
{
	const struct options_walk walk = {.command = &bridge_command, .take = take, .context = options};

	*options = (struct bridge_options){.bound_ns = BOUND_NS, .queue_band = TAKT_BAND_ANY};
	int code = options_walk(&walk, argc, argv);
	if (code != OPTIONS_GO_ON)
		return code;
	options->topic = argv[optind];
	if (options->target == NULL)
		return usage_error(bridge_command.path, "where to, or from: --to TARGET or --from TARGET is missing");
	if (!options->has_format)
		options->format = options->carrier->format;
	if (options->is_from && (options->domain || options->has_history))
		return usage_error(bridge_command.path, "--domain and --history are for --to: who publishes is a node "
							"(--config and --node)");
	if (options->fields && !options->is_from)
		return usage_error(bridge_command.path, "--fields is for --from: what is read describes itself");
	return check_carrier(options);
}

const struct command bridge_command = {
	.name = "bridge",
	.path = "takt bridge",
	.usage = "TOPIC|QUEUE [options]",
	.summary = "carries samples of a topic, or items of a queue, to or from what other programs have",
	.details =
		"TARGET: stdout, stdin, fifo:PATH, sysv-queue:KEY, posix-queue:NAME, sysv-shm:KEY, posix-shm:NAME, unix:PATH,\n"
		"udp:HOST:PORT. KEY is a number, or PATH[,PROJECT] for ftok. What of a topic does not fit, or finds nobody, is\n"
		"lost and counted; an item of a queue stays there until it has passed. The counts are said at the end, and\n"
		"whenever SIGUSR1 comes. To the outside no node is needed; from there, the bridge is a node of the config that\n"
		"publishes the topic, or pushes to the queue.",
	.arguments_min = 1,
	.arguments_max = 1,
	.run = bridge_run,
	.own = texts,
	.own_count = sizeof(texts) / sizeof(texts[0]),
};
