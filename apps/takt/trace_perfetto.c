/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_perfetto_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Room for what began before the trace did. What began earlier still is cut. */
#define LEAD_NS 1000000000u

/* ------------------------------------------------------------------------------------------------------- others */

static void add_wait(struct trace_perfetto *perfetto, uint32_t domain, uint32_t place, const struct trace_event *event)
{
	static const char *const causes[] = {"news", "a command", "its timeout", "the stop", "a queue"};
	const struct trace_wait *wait = &event->wait;
	char buffer[32];
	if (!timeline_begin_slice(&perfetto->timeline, place, wait->began_ns, wait->woken_ns, "wait", "wait"))
		return;
	timeline_put_word(&perfetto->timeline, "woken_by",
			  wait->cause <= TRACE_WAKE_QUEUE ? causes[wait->cause] : "unknown");
	if (wait->cause == TRACE_WAKE_NEWS) {
		timeline_put_word(&perfetto->timeline, "topic",
				  trace_perfetto_topic(perfetto, domain, wait->topic, buffer));
		timeline_put_argument(&perfetto->timeline, "number", wait->number);
	}
	timeline_put_argument(&perfetto->timeline, "deadline_ns", wait->deadline_ns);
	timeline_put_argument(&perfetto->timeline, "sleeps", wait->sleeps);
	timeline_end_slice(&perfetto->timeline);
}

static void add_span(struct trace_perfetto *perfetto, uint32_t place, uint64_t begin_ns, uint64_t end_ns,
		     const char *category, const char *what, const char *of)
{
	if (timeline_begin_slice(&perfetto->timeline, place, begin_ns, end_ns, category, "%s%s", what, of))
		timeline_end_slice(&perfetto->timeline);
}

static void add_command(struct trace_perfetto *perfetto, uint32_t place, const struct trace_event *event)
{
	const struct trace_command *command = &event->command;
	const char *verb = command->verb ? command->verb : "";
	const char *text = command->text ? command->text : "";
	if (event->kind == TRACE_COMMAND_EXECUTED)
		add_span(perfetto, place, command->began_ns, command->ended_ns, "command", "command ", verb);
	else if (event->kind == TRACE_COMMAND_REFUSED)
		timeline_put_instant(&perfetto->timeline, place, event, "t", "command refused: %.100s", text);
	else if (event->kind == TRACE_COMMAND_PARSED)
		timeline_put_instant(&perfetto->timeline, place, event, "t", "command parsed: %.40s %.80s", verb, text);
	else if (event->kind == TRACE_PARAMETERS_SWAPPED)
		timeline_put_instant(&perfetto->timeline, place, event, "t", "new parameters");
	else
		timeline_put_instant(&perfetto->timeline, place, event, "t", "command %s",
				     event->kind == TRACE_COMMAND_RECEIVED ? "received" : "applied");
}

static uint32_t place_of(struct trace_perfetto *perfetto, uint32_t domain, uint64_t node, uint64_t loop,
			 uint64_t thread, enum trace_lane lane)
{
	const struct trace_track wanted = {domain, (uint32_t)node, (uint32_t)loop, lane, .thread = thread};
	uint32_t place = UINT32_MAX;
	if (domain == TRACE_TRACK_KERNEL || (node < TAKT_NODE_COUNT_MAX && loop <= TRACE_NONE))
		return trace_track_of(&perfetto->timeline.tracks, &wanted, &place) ? place : UINT32_MAX;
	return UINT32_MAX;
}

/* On a track of the node's own, since no thread of its did it. */
static void add_node(struct trace_perfetto *perfetto, uint32_t domain, const struct trace_event *event)
{
	int is_death = event->kind == TRACE_NODE_FOUND_DEAD;
	char buffer[32];
	uint32_t place = place_of(perfetto, domain, is_death ? event->nodes.dead_node : event->node, TRACE_NONE, 0,
				  TRACE_LANE_NODE);
	if (place == UINT32_MAX)
		perfetto->counts.no_room_count++;
	else if (is_death)
		timeline_put_instant(&perfetto->timeline, place, event, "p", "found dead by %s",
				     trace_node_name(perfetto->analysis, domain, (uint32_t)event->node, buffer));
	else
		timeline_put_instant(&perfetto->timeline, place, event, "p", "%s",
				     event->kind == TRACE_NODE_JOINED ? "joined" : "left");
}

static void add_lock(struct trace_perfetto *perfetto, uint32_t domain, uint32_t place, const struct trace_event *event)
{
	const struct trace_lock *lock = &event->lock;
	char buffer[32];
	const char *topic = trace_perfetto_topic(perfetto, domain, lock->topic, buffer);
	uint32_t locks = place_of(perfetto, domain, event->node, event->loop, event->thread, TRACE_LANE_LOCKS);
	if (event->kind == TRACE_LOCK_WAITED)
		add_span(perfetto, place, lock->began_ns, lock->ended_ns, "lock", "wait for the lock of ", topic);
	else if (event->kind == TRACE_LOCK_RELEASED && locks != UINT32_MAX)
		add_span(perfetto, locks, lock->taken_ns, lock->released_ns, "lock", "has the lock of ", topic);
	else if (event->kind == TRACE_LOCK_TAKEN_OVER)
		timeline_put_instant(&perfetto->timeline, place, event, "t",
				     "takes the lock of %s over from a dead node", topic);
}

static void add_switch(struct trace_perfetto *perfetto, const struct trace_event *event)
{
	const struct trace_sched *sched = &event->sched;
	uint32_t place = place_of(perfetto, TRACE_TRACK_KERNEL, 0, event->cpu, 0, TRACE_LANE_WORK);
	if (event->cpu >= PROCESSORS_MAX || place == UINT32_MAX) {
		perfetto->counts.no_room_count++;
		return;
	}
	struct processor *processor = &perfetto->processors[event->cpu];
	/* Thread 0 is nobody: the processor rests. */
	if (processor->since_ns && processor->thread &&
	    timeline_begin_slice(&perfetto->timeline, place, processor->since_ns, event->time_ns, "kernel", "%s",
				 processor->name)) {
		timeline_put_argument(&perfetto->timeline, "thread", processor->thread);
		timeline_end_slice(&perfetto->timeline);
	}
	processor->since_ns = event->time_ns;
	processor->thread = sched->next_thread;
	(void)snprintf(processor->name, sizeof(processor->name), "%s", sched->next_name ? sched->next_name : "");
}

/* ------------------------------------------------------------------------------------------------------- all */

static void add_to(struct trace_perfetto *perfetto, uint32_t domain, uint32_t place, const struct trace_event *event)
{
	char buffer[32];
	switch (event->kind) {
	case TRACE_SAMPLE_PUBLISHED:
		trace_perfetto_publish(perfetto, domain, place, event);
		return;
	case TRACE_SAMPLE_READ:
	case TRACE_SAMPLE_BORROWED:
		trace_perfetto_read(perfetto, domain, place, event);
		return;
	case TRACE_SAMPLE_LOANED:
	case TRACE_SAMPLE_ABANDONED:
	case TRACE_SAMPLE_RETURNED:
		timeline_put_instant(&perfetto->timeline, place, event, "t", "%s: %s", trace_event_name(event->kind),
				     trace_perfetto_topic(perfetto, domain, event->sample.topic, buffer));
		return;
	case TRACE_SAMPLES_LOST:
		timeline_put_instant(&perfetto->timeline, place, event, "t", "lost %" PRIu64 " of %s",
				     event->lost.count,
				     trace_perfetto_topic(perfetto, domain, event->lost.topic, buffer));
		return;
	case TRACE_READER_WOKEN:
		add_wait(perfetto, domain, place, event);
		return;
	case TRACE_CYCLE_BEGUN:
		trace_perfetto_begin_cycle(perfetto, place, event);
		return;
	case TRACE_CYCLE_ENDED:
		trace_perfetto_end_cycle(perfetto, place, event);
		return;
	case TRACE_CYCLE_OVERRUN:
		timeline_put_instant(&perfetto->timeline, place, event, "t", "overrun: %" PRIu64 " missed",
				     event->cycles.missed);
		return;
	default:
		if (event->kind >= TRACE_LOCK_WAITED && event->kind <= TRACE_LOCK_RELEASED)
			add_lock(perfetto, domain, place, event);
		else
			add_command(perfetto, place, event);
	}
}

static uint32_t domain_of(const struct trace_perfetto *perfetto, uint64_t instance)
{
	for (uint32_t i = 0; i < perfetto->analysis->domain_count; i++)
		if (perfetto->analysis->domains[i]->instance == instance)
			return i;
	return UINT32_MAX;
}

void trace_perfetto_add(struct trace_perfetto *perfetto, const struct trace_event *event)
{
	trace_perfetto_settle(perfetto, event->time_ns);
	if (event->kind == TRACE_SCHED_SWITCH)
		add_switch(perfetto, event);
	if (event->kind == TRACE_OTHER || event->kind >= TRACE_DOMAIN_DESCRIBED)
		return;
	uint32_t domain = domain_of(perfetto, event->domain);
	if (domain != UINT32_MAX && event->kind >= TRACE_NODE_JOINED) {
		add_node(perfetto, domain, event);
		return;
	}
	uint32_t place = domain == UINT32_MAX
				 ? UINT32_MAX
				 : place_of(perfetto, domain, event->node, event->loop, event->thread, TRACE_LANE_WORK);
	if (place == UINT32_MAX) {
		perfetto->counts.no_room_count++;
		return;
	}
	add_to(perfetto, domain, place, event);
	if (event->time_ns > perfetto->timeline.tracks.all[place]->last_ns)
		perfetto->timeline.tracks.all[place]->last_ns = event->time_ns;
}

struct trace_perfetto *trace_perfetto_begin(FILE *file, const struct trace_analysis *analysis, uint64_t first_ns)
{
	struct trace_perfetto *perfetto = calloc(1, sizeof(*perfetto));
	if (perfetto == NULL)
		return NULL;
	perfetto->timeline.file = file;
	perfetto->analysis = analysis;
	perfetto->timeline.origin_ns = first_ns > LEAD_NS ? first_ns - LEAD_NS : 0;
	(void)fprintf(
		file,
		"{\"displayTimeUnit\":\"ns\",\"otherData\":{\"clock\":\"CLOCK_MONOTONIC\",\"origin_ns\":\"%" PRIu64
		"\"},\"traceEvents\":[\n",
		perfetto->timeline.origin_ns);
	return perfetto;
}

/* ------------------------------------------------------------------------------------------------------- names */

static void put_name(struct trace_perfetto *perfetto, uint32_t place, const char *kind, const char *name)
{
	timeline_begin(&perfetto->timeline, "M", place, 0, "__metadata", "%s", kind);
	(void)fputs(",\"args\":{\"name\":\"", perfetto->timeline.file);
	timeline_put_text(perfetto->timeline.file, name);
	(void)fputs("\"}}", perfetto->timeline.file);
}

static void put_order(struct trace_perfetto *perfetto, uint32_t place, const char *kind, uint32_t order)
{
	timeline_begin(&perfetto->timeline, "M", place, 0, "__metadata", "%s", kind);
	(void)fprintf(perfetto->timeline.file, ",\"args\":{\"sort_index\":%u}}", order);
}

static void name_track(struct trace_perfetto *perfetto, uint32_t place)
{
	const struct trace_track *track = perfetto->timeline.tracks.all[place];
	const struct trace_analysis *analysis = perfetto->analysis;
	char name[TIMELINE_NAME_BYTES];
	char thread[40] = "";
	char buffer[32];
	if (track->thread)
		(void)snprintf(thread, sizeof(thread), ", thread %" PRIu64, track->thread);
	if (track->domain == TRACE_TRACK_KERNEL)
		(void)snprintf(name, sizeof(name), "CPU %u", track->loop);
	else if (track->lane == TRACE_LANE_NODE)
		(void)snprintf(name, sizeof(name), "life");
	else if (track->loop == TRACE_NONE)
		(void)snprintf(name, sizeof(name), "%s%s", track->lane ? "locks, no loop" : "no loop", thread);
	else
		(void)snprintf(name, sizeof(name), "%sloop %u%s", track->lane ? "locks, " : "", track->loop, thread);
	put_name(perfetto, place, "thread_name", name);
	put_order(perfetto, place, "thread_sort_index", track->loop * 4u + track->lane);
	if (track->domain == TRACE_TRACK_KERNEL)
		(void)snprintf(name, sizeof(name), "kernel");
	else
		(void)snprintf(name, sizeof(name), "%s%s%s",
			       analysis->domain_count > 1 ? analysis->domains[track->domain]->name : "",
			       analysis->domain_count > 1 ? "/" : "",
			       trace_node_name(analysis, track->domain, track->node, buffer));
	put_name(perfetto, place, "process_name", name);
	put_order(perfetto, place, "process_sort_index", timeline_pid(track));
}

void trace_perfetto_end(struct trace_perfetto *perfetto, struct trace_perfetto_counts *counts)
{
	trace_perfetto_settle(perfetto, UINT64_MAX);
	for (uint32_t i = 0; i < perfetto->timeline.tracks.count; i++)
		trace_perfetto_end_unfinished(perfetto, i);
	for (uint32_t i = 0; i < perfetto->timeline.tracks.count; i++)
		name_track(perfetto, i);
	(void)fputs("\n]}\n", perfetto->timeline.file);
	*counts = perfetto->counts;
	counts->written_count = perfetto->timeline.written_count;
	counts->refused_count = perfetto->timeline.refused_count;
	for (uint32_t domain = 0; domain < TRACE_DOMAINS_MAX; domain++)
		for (uint32_t topic = 0; topic < TAKT_TOPIC_COUNT_MAX; topic++)
			free(perfetto->slots[domain][topic]);
	trace_tracks_free(&perfetto->timeline.tracks);
	free(perfetto);
}
