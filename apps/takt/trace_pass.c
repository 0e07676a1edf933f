/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_pass.h"

#include <stdio.h>

#include "apps/takt/options.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/message.h"

#define PROGRESS_EVENTS 16384u /* between two looks at the clock; a power of two */
#define PROGRESS_NS	(100 * TAKT_NS_PER_MS)
#define BAR_COLUMNS	32u

/* The bar, on a terminal only. */
struct progress {
	uint64_t shown_ns;
	uint32_t is_wanted;
	uint32_t is_shown;
};

static void show_progress(struct progress *progress, const struct trace_summary *summary)
{
	uint64_t now_ns = takt_os_clock_now_ns();
	if (now_ns - progress->shown_ns < PROGRESS_NS)
		return;
	double part = summary->packet_count ? (double)summary->packet_done_count / (double)summary->packet_count : 0.0;
	uint32_t full = (uint32_t)((part > 1.0 ? 1.0 : part) * BAR_COLUMNS);
	int is_many = summary->event_count >= 1000000;
	progress->shown_ns = now_ns;
	progress->is_shown = 1;
	(void)fprintf(stderr, "\rreading [%.*s%*s] %3.0f %%, %.*f%s events", (int)full,
		      "################################", (int)(BAR_COLUMNS - full), "",
		      100.0 * (part > 1.0 ? 1.0 : part), is_many, (double)summary->event_count / (is_many ? 1e6 : 1.0),
		      is_many ? " million" : "");
	(void)fflush(stderr);
}

static void hide_progress(struct progress *progress)
{
	if (progress->is_shown)
		(void)fprintf(stderr, "\r\033[K");
	progress->is_shown = 0;
}

void trace_pass_each(struct trace_reader *reader, void (*see)(void *context, const struct trace_event *event),
		     void *context)
{
	struct progress progress = {.is_wanted = (uint32_t)takt_os_errors_are_terminal()};
	struct trace_event event;
	uint64_t count = 0;
	while (trace_reader_next(reader, &event)) {
		see(context, &event);
		if (progress.is_wanted && (++count & (PROGRESS_EVENTS - 1)) == 0)
			show_progress(&progress, trace_reader_summary(reader));
	}
	hide_progress(&progress);
}

static void analyse(void *context, const struct trace_event *event)
{
	trace_analysis_add(context, event);
}

/* ------------------------------------------------------------------------------------------------------- notes */

static void say_notes(const char *folder, const struct trace_analysis *analysis, const struct trace_summary *summary)
{
	for (uint32_t i = 0; i < summary->note_count && i < TRACE_NOTES_MAX; i++)
		takt_message(TAKT_WARNING, "trace %s", summary->notes[i]);
	if (summary->note_count > TRACE_NOTES_MAX)
		takt_message(TAKT_WARNING, "trace %.200s: and %u more of the kind", folder,
			     summary->note_count - TRACE_NOTES_MAX);
	if (summary->discarded_count || summary->discarded_packet_count)
		takt_message(
			TAKT_WARNING,
			"trace %.200s: the tracer had no room for %llu events and dropped %llu packets: counts are too small; "
			"larger or more buffers help",
			folder, (unsigned long long)summary->discarded_count,
			(unsigned long long)summary->discarded_packet_count);
	if (analysis->no_room_count)
		takt_message(
			TAKT_WARNING,
			"trace %.200s: %llu events are not in the report: damaged, or of more domains, nodes and topics than fit",
			folder, (unsigned long long)analysis->no_room_count);
	if (analysis->unlinked_count)
		takt_message(
			TAKT_WARNING,
			"trace %.200s: %llu reads are in no chain: the publish of a sample that they come from is not in the trace",
			folder, (unsigned long long)analysis->unlinked_count);
	for (uint32_t i = 0; i < analysis->domain_count; i++)
		if (!analysis->domains[i]->is_described)
			takt_message(
				TAKT_WARNING,
				"trace %.200s: no state dump of a domain is in it: its nodes and topics are numbers here; "
				"`lttng regenerate statedump` while nodes run adds their names",
				folder);
}

/* @retval 0 nothing in it is takt's, with a message */
static int has_events(const char *folder, const struct trace_analysis *analysis, const struct trace_summary *summary)
{
	if (analysis->event_count)
		return 1;
	uint64_t foreign_count = summary->other_count + analysis->kernel_count;
	if (foreign_count == 0)
		takt_message(
			TAKT_ERROR,
			"trace %.200s: it is empty: no event was recorded, or none was written yet; stop the session first",
			folder);
	else
		takt_message(
			TAKT_ERROR,
			"trace %.200s: none of its %llu events is takt's; record takt:*, with nodes that were built with tracing "
			"(-D TAKT_TRACING=ON) and run where liblttng-ust1 is installed",
			folder, (unsigned long long)foreign_count);
	return 0;
}

/* ------------------------------------------------------------------------------------------------------- pass */

int trace_pass_begin(struct trace_pass *pass, const char *folder, const struct trace_analysis_options *options)
{
	*pass = (struct trace_pass){.reader = trace_reader_open(folder)};
	if (pass->reader == NULL)
		return EXIT_FAILED;
	pass->summary = trace_reader_summary(pass->reader);
	pass->analysis = trace_analysis_new(options);
	if (pass->analysis == NULL) {
		takt_message(TAKT_ERROR, "trace %.200s: no memory is left to analyse it", folder);
		return EXIT_FAILED;
	}
	trace_pass_each(pass->reader, analyse, pass->analysis);
	trace_analysis_finish(pass->analysis);
	say_notes(folder, pass->analysis, pass->summary);
	if (!has_events(folder, pass->analysis, pass->summary))
		return EXIT_FAILED;
	return pass->summary->left_out_count ? TRACE_EXIT_INCOMPLETE : EXIT_OK;
}

void trace_pass_end(struct trace_pass *pass)
{
	trace_analysis_free(pass->analysis);
	trace_reader_close(pass->reader);
	*pass = (struct trace_pass){0};
}
