/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_timeline.h"

#include <inttypes.h>
#include <stdarg.h>

#include "apps/takt/escape.h"
#include "core/limits.h"

#define KERNEL_PID (TRACE_DOMAINS_MAX * TAKT_NODE_COUNT_MAX + 1u)

/* Text from elsewhere as the inside of a JSON string. */
void timeline_put_text(FILE *file, const char *text)
{
	char escaped[ESCAPE_BYTES(TIMELINE_NAME_BYTES)];
	char quoted[2 * ESCAPE_BYTES(TIMELINE_NAME_BYTES)] = "";
	uint32_t used = 0;
	(void)escape_text(escaped, sizeof(escaped), text, TIMELINE_NAME_BYTES);
	for (const char *at = escaped; *at; at++) {
		if (*at == '"' || *at == '\\')
			quoted[used++] = '\\';
		quoted[used++] = *at;
	}
	(void)fwrite(quoted, 1, used, file);
}

static void put_time(FILE *file, const char *key, uint64_t ns)
{
	(void)fprintf(file, ",\"%s\":%" PRIu64 ".%03u", key, ns / 1000u, (unsigned)(ns % 1000u));
}

uint32_t timeline_pid(const struct trace_track *track)
{
	return track->domain == TRACE_TRACK_KERNEL ? KERNEL_PID
						   : track->domain * TAKT_NODE_COUNT_MAX + track->node + 1u;
}

/* Everything begins with this; it is left open for its arguments. `format` makes its name. */
static void put_head(struct trace_timeline *timeline, const char *phase, uint32_t place, uint64_t at_ns,
		     const char *category, const char *format, va_list arguments)
{
	char name[TIMELINE_NAME_BYTES];
	uint64_t since_ns = at_ns > timeline->origin_ns ? at_ns - timeline->origin_ns : 0;
	(void)vsnprintf(name, sizeof(name), format, arguments);
	(void)fprintf(timeline->file, "%s{\"ph\":\"%s\",\"pid\":%u,\"tid\":%u", timeline->written_count++ ? ",\n" : "",
		      phase, timeline_pid(timeline->tracks.all[place]), place + 1u);
	put_time(timeline->file, "ts", since_ns);
	(void)fprintf(timeline->file, ",\"cat\":\"%s\",\"name\":\"", category);
	timeline_put_text(timeline->file, name);
	(void)fputc('"', timeline->file);
}

void timeline_begin(struct trace_timeline *timeline, const char *phase, uint32_t place, uint64_t at_ns,
		    const char *category, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	put_head(timeline, phase, place, at_ns, category, format, arguments);
	va_end(arguments);
}

/* @retval 1 its arguments follow, and timeline_end_slice(); 0 it contradicts another one, and is not written */
int timeline_begin_slice(struct trace_timeline *timeline, uint32_t place, uint64_t begin_ns, uint64_t end_ns,
			 const char *category, const char *format, ...)
{
	va_list arguments;
	uint64_t from_ns = begin_ns > timeline->origin_ns ? begin_ns : timeline->origin_ns;
	if (end_ns < from_ns || !trace_track_fits(timeline->tracks.all[place], begin_ns, end_ns)) {
		timeline->refused_count++;
		return 0;
	}
	va_start(arguments, format);
	put_head(timeline, "X", place, from_ns, category, format, arguments);
	va_end(arguments);
	put_time(timeline->file, "dur", end_ns - from_ns);
	(void)fprintf(timeline->file, ",\"args\":{\"begin_ns\":%" PRIu64, begin_ns);
	return 1;
}

void timeline_put_argument(struct trace_timeline *timeline, const char *key, uint64_t value)
{
	(void)fprintf(timeline->file, ",\"%s\":%" PRIu64, key, value);
}

void timeline_put_word(struct trace_timeline *timeline, const char *key, const char *text)
{
	(void)fprintf(timeline->file, ",\"%s\":\"", key);
	timeline_put_text(timeline->file, text);
	(void)fputc('"', timeline->file);
}

void timeline_end_slice(struct trace_timeline *timeline)
{
	(void)fputs("}}", timeline->file);
}

/* An instant, of its thread ("t") or its process ("p"). */
void timeline_put_instant(struct trace_timeline *timeline, uint32_t place, const struct trace_event *event,
			  const char *scope, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	put_head(timeline, "i", place, event->time_ns, trace_event_name(event->kind), format, arguments);
	va_end(arguments);
	(void)fprintf(timeline->file, ",\"s\":\"%s\"}", scope);
}

void timeline_put_counter(struct trace_timeline *timeline, uint32_t place, uint64_t at_ns, uint64_t span_ns,
			  const char *what, const char *of)
{
	timeline_begin(timeline, "C", place, at_ns, "figure", "%s%s", what, of);
	(void)fprintf(timeline->file, ",\"args\":{\"us\":%" PRIu64 ".%03u}}", span_ns / 1000u,
		      (unsigned)(span_ns % 1000u));
}
