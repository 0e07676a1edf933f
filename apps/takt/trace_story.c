/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/trace_story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEDIAN	   500000u
#define WORTH_PART 10u /* a tenth of what is too much is worth a word */

/* A text that grows, cut where it ends. */
struct words {
	char *text;
	size_t bytes;
	size_t used;
};

/* From one point of a cycle to the next. */
struct gap {
	uint64_t span_ns;
	char from[80];
	char to[80];
};

static void say(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct words *words, const char *format, ...)
{
	va_list arguments;
	if (words->used >= words->bytes)
		return;
	va_start(arguments, format);
	int length = vsnprintf(words->text + words->used, words->bytes - words->used, format, arguments);
	va_end(arguments);
	words->used += length > 0 ? (size_t)length : 0;
}

const char *trace_span_text(uint64_t span_ns, char text[24])
{
	static const struct {
		uint64_t from_ns;
		double unit_ns;
		const char *unit;
	} units[] = {{1000000000u, 1e9, "s"}, {1000000u, 1e6, "ms"}, {1000u, 1e3, "us"}};
	for (uint32_t i = 0; i < 3; i++) {
		double value = (double)span_ns / units[i].unit_ns;
		if (span_ns < units[i].from_ns)
			continue;
		(void)snprintf(text, 24, "%.*f %s", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[i].unit);
		return text;
	}
	(void)snprintf(text, 24, "%u ns", (unsigned)span_ns);
	return text;
}

static uint64_t span(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? to_ns - from_ns : 0;
}

void trace_loop_name(const struct trace_analysis *analysis, const struct trace_loop *loop, char name[64])
{
	char buffer[32];
	const char *node = trace_node_name(analysis, loop->domain, loop->node, buffer);
	if (loop->loop == 0)
		(void)snprintf(name, 64, "%s", node);
	else if (loop->loop == TRACE_NONE)
		(void)snprintf(name, 64, "%s, no loop", node);
	else
		(void)snprintf(name, 64, "%s, loop %u", node, loop->loop);
}

uint64_t trace_worst_took_ns(const struct trace_worst *cycle)
{
	return span(cycle->due_ns, cycle->end_ns);
}

uint64_t trace_worst_usual_ns(const struct trace_loop *loop)
{
	return takt_histogram_quantile(&loop->response_ns, MEDIAN);
}

/* ------------------------------------------------------------------------------------------------------- points */

/* "reading imu #8412". @retval 0 it is no step of the node's own work */
static int name_step(const struct trace_analysis *analysis, uint32_t domain, const struct trace_point *point,
		     char name[80])
{
	char buffer[32];
	const char *topic = trace_topic_name(analysis, domain, point->topic, buffer);
	const char *doing = NULL;
	if (point->kind == TRACE_SAMPLE_READ)
		doing = "reading";
	else if (point->kind == TRACE_SAMPLE_BORROWED)
		doing = "borrowing";
	else if (point->kind == TRACE_SAMPLE_PUBLISHED)
		doing = "publishing";
	if (doing)
		(void)snprintf(name, 80, "%s %s #%llu", doing, topic, (unsigned long long)point->number);
	else if (point->kind == TRACE_LOCK_WAITED)
		(void)snprintf(name, 80, "having the lock of %s", topic);
	else
		return 0;
	return 1;
}

/* The longest stretch of the cycle's run between two of its steps. */
static void find_gap(const struct trace_analysis *analysis, const struct trace_worst *cycle, struct gap *gap)
{
	char last[80] = "its begin";
	char name[80];
	uint64_t last_ns = cycle->begin_ns;
	uint32_t domain = analysis->loops[cycle->loop]->domain;
	*gap = (struct gap){0};
	for (uint32_t i = 0; i <= cycle->point_count; i++) {
		uint64_t time_ns = cycle->end_ns;
		(void)snprintf(name, sizeof(name), "its end");
		if (i < cycle->point_count) {
			time_ns = cycle->points[i].time_ns;
			if (time_ns < cycle->begin_ns || !name_step(analysis, domain, &cycle->points[i], name))
				continue;
		}
		if (span(last_ns, time_ns) > gap->span_ns) {
			gap->span_ns = time_ns - last_ns;
			memcpy(gap->from, last, sizeof(last));
			memcpy(gap->to, name, sizeof(name));
		}
		last_ns = time_ns;
		memcpy(last, name, sizeof(last));
	}
}

void trace_story_step(const struct trace_analysis *analysis, const struct trace_worst *cycle,
		      const struct trace_point *point, char text[TRACE_STEP_BYTES])
{
	struct words words = {.text = text, .bytes = TRACE_STEP_BYTES};
	char buffer[32];
	char time[24];
	uint32_t domain = analysis->loops[cycle->loop]->domain;
	const char *topic = trace_topic_name(analysis, domain, point->topic, buffer);
	const char *took = trace_span_text(point->value, time);
	unsigned long long number = point->number;
	static const char *const wakes[] = {"news", "a command", "its timeout", "the stop", "a queue"};
	switch (point->kind) {
	case TRACE_READER_WOKEN:
		if (point->topic != TRACE_NONE)
			say(&words, "woken by %s #%llu, after a sleep of %s", topic, number, took);
		else
			say(&words, "woken by %s, after a sleep of %s",
			    point->detail <= TRACE_WAKE_QUEUE ? wakes[point->detail] : "unknown", took);
		return;
	case TRACE_SAMPLE_READ:
	case TRACE_SAMPLE_BORROWED:
		say(&words, "%s %s #%llu, %s old%s", point->kind == TRACE_SAMPLE_READ ? "read" : "borrowed", topic,
		    number, took, point->detail ? ", again" : "");
		return;
	case TRACE_SAMPLE_PUBLISHED:
		say(&words, "published %s #%llu", topic, number);
		if (point->detail)
			say(&words, ", woke %u", point->detail);
		return;
	case TRACE_SAMPLES_LOST:
		say(&words, "lost %llu samples of %s, from #%llu on", (unsigned long long)point->value, topic, number);
		return;
	case TRACE_LOCK_WAITED:
		say(&words, "waited %s for the lock of %s%s", took, topic,
		    point->detail == 1	 ? ", whose owner had died"
		    : point->detail == 2 ? ", in vain"
					 : "");
		return;
	case TRACE_COMMAND_EXECUTED:
		say(&words, "obeyed the command '%s', for %s", point->name, took);
		return;
	case TRACE_PARAMETERS_SWAPPED:
		say(&words, "took new parameters");
		return;
	case TRACE_SCHED_SWITCH:
		say(&words, point->detail ? "kernel: runs on CPU %u, after '%s'" : "kernel: CPU %u is given to '%s'",
		    point->topic, point->name);
		return;
	case TRACE_SCHED_WAKEUP:
		say(&words, "kernel: may run on CPU %u", point->topic);
		return;
	default:
		say(&words, "%s", trace_event_name(point->kind));
	}
}

/* ------------------------------------------------------------------------------------------------------- cause */

/* Whom the kernel ran meanwhile for longest, between two times. */
static uint64_t find_intruder(const struct trace_worst *cycle, uint64_t from_ns, uint64_t to_ns, const char **name)
{
	uint64_t longest_ns = 0;
	for (uint32_t i = 0; i < cycle->point_count; i++) {
		const struct trace_point *away = &cycle->points[i];
		uint64_t back_ns = to_ns;
		if (away->kind != TRACE_SCHED_SWITCH || away->detail || away->time_ns > to_ns)
			continue;
		for (uint32_t k = i + 1; k < cycle->point_count && back_ns == to_ns; k++)
			if (cycle->points[k].kind == TRACE_SCHED_SWITCH && cycle->points[k].detail)
				back_ns = cycle->points[k].time_ns;
		uint64_t begin_ns = away->time_ns > from_ns ? away->time_ns : from_ns;
		if (span(begin_ns, back_ns) > longest_ns) {
			longest_ns = span(begin_ns, back_ns);
			*name = away->name;
		}
	}
	return longest_ns;
}

static void say_late(const struct trace_analysis *analysis, const struct trace_worst *cycle, uint64_t usual_ns,
		     struct words *words)
{
	char a[24];
	char b[24];
	char topic[32];
	char node[32];
	uint32_t domain = analysis->loops[cycle->loop]->domain;
	uint64_t late_ns = span(cycle->due_ns, cycle->begin_ns);
	say(words, "began %s late, usually %s", trace_span_text(late_ns, a), trace_span_text(usual_ns, b));
	if (cycle->previous_end_ns > cycle->due_ns) {
		say(words, ": the cycle before it ran until %s after this one was due",
		    trace_span_text(cycle->previous_end_ns - cycle->due_ns, a));
	} else if (cycle->cause == TRACE_CAUSE_NEWS && cycle->woken_ns >= cycle->due_ns &&
		   cycle->woken_topic != TRACE_NONE) {
		say(words, ": %s of it between the post of %s #%llu",
		    trace_span_text(cycle->woken_ns - cycle->due_ns, a),
		    trace_topic_name(analysis, domain, cycle->woken_topic, topic),
		    (unsigned long long)cycle->woken_number);
		if (cycle->woken_publisher != TRACE_NONE)
			say(words, " by %s", trace_node_name(analysis, domain, cycle->woken_publisher, node));
		say(words, " and the wake-up, %s from there to its begin",
		    trace_span_text(span(cycle->woken_ns, cycle->begin_ns), b));
	} else if (cycle->cause == TRACE_CAUSE_NEWS) {
		say(words, ": its news was there while it was still at other work");
	} else {
		say(words, ": its time had come, and it did not run");
	}
	if (cycle->missed)
		say(words, "; %llu period%s before it had no cycle", (unsigned long long)cycle->missed,
		    cycle->missed == 1 ? "" : "s");
}

static void say_long(const struct trace_analysis *analysis, const struct trace_worst *cycle, uint64_t usual_ns,
		     struct words *words)
{
	char a[24];
	char b[24];
	struct gap gap;
	find_gap(analysis, cycle, &gap);
	say(words, "ran %s, usually %s", trace_span_text(span(cycle->begin_ns, cycle->end_ns), a),
	    trace_span_text(usual_ns, b));
	if (gap.span_ns)
		say(words, ": %s of it between %s and %s", trace_span_text(gap.span_ns, a), gap.from, gap.to);
}

/* What the system did meanwhile. */
static void say_system(const struct trace_worst *cycle, uint64_t excess_ns, int is_long, struct words *words)
{
	char a[24];
	const char *intruder = "";
	uint64_t away_ns = find_intruder(cycle, is_long ? cycle->begin_ns : cycle->due_ns,
					 is_long ? cycle->end_ns : cycle->begin_ns, &intruder);
	if (cycle->lock_wait_ns && cycle->lock_wait_ns >= excess_ns / WORTH_PART)
		say(words, "; it waited %s for a lock", trace_span_text(cycle->lock_wait_ns, a));
	if (away_ns && away_ns >= excess_ns / WORTH_PART)
		say(words, "; the kernel ran '%s' for %s of it", intruder, trace_span_text(away_ns, a));
	if (cycle->switches)
		say(words, "; the processor was taken from it %llu time%s", (unsigned long long)cycle->switches,
		    cycle->switches == 1 ? "" : "s");
	else if (is_long && cycle->lock_wait_ns < excess_ns / 2)
		say(words, "; the processor was never taken from it: it computed or slept itself");
	if (cycle->faults)
		say(words, "; %llu page fault%s", (unsigned long long)cycle->faults, cycle->faults == 1 ? "" : "s");
}

void trace_story_cause(const struct trace_analysis *analysis, const struct trace_worst *cycle,
		       char text[TRACE_CAUSE_BYTES])
{
	struct words words = {.text = text, .bytes = TRACE_CAUSE_BYTES};
	const struct trace_loop *loop = analysis->loops[cycle->loop];
	uint64_t usual_late_ns = takt_histogram_quantile(&loop->late_ns, MEDIAN);
	uint64_t usual_run_ns = takt_histogram_quantile(&loop->run_ns, MEDIAN);
	uint64_t late_ns = span(usual_late_ns, span(cycle->due_ns, cycle->begin_ns));
	uint64_t long_ns = span(usual_run_ns, span(cycle->begin_ns, cycle->end_ns));
	int is_long = long_ns > late_ns;
	text[0] = '\0';
	if (is_long)
		say_long(analysis, cycle, usual_run_ns, &words);
	else
		say_late(analysis, cycle, usual_late_ns, &words);
	say_system(cycle, is_long ? long_ns : late_ns, is_long, &words);
	uint64_t other_ns = is_long ? late_ns : long_ns;
	if (other_ns > (late_ns + long_ns) / WORTH_PART) {
		say(&words, "; and it ");
		if (is_long)
			say_late(analysis, cycle, usual_late_ns, &words);
		else
			say_long(analysis, cycle, usual_run_ns, &words);
	}
}

/* ------------------------------------------------------------------------------------------------------- choice */

struct ranked {
	const struct trace_worst *cycle;
	uint64_t excess_ns;
};

static int compare(const void *a, const void *b)
{
	const struct ranked *left = a;
	const struct ranked *right = b;
	if (left->excess_ns != right->excess_ns)
		return left->excess_ns < right->excess_ns ? 1 : -1;
	return (left->cycle->due_ns > right->cycle->due_ns) - (left->cycle->due_ns < right->cycle->due_ns);
}

uint32_t trace_worst_gather(const struct trace_analysis *analysis, uint32_t count, const struct trace_worst ***cycles)
{
	uint32_t all = 0;
	for (uint32_t i = 0; i < analysis->loop_count; i++)
		all += analysis->loops[i]->worst_count;
	struct ranked *ranked = calloc(all + 1, sizeof(*ranked));
	*cycles = calloc(count + 1, sizeof(struct trace_worst *));
	if (ranked == NULL || *cycles == NULL) {
		free(ranked);
		return 0;
	}
	all = 0;
	for (uint32_t i = 0; i < analysis->loop_count; i++) {
		const struct trace_loop *loop = analysis->loops[i];
		uint64_t usual_ns = trace_worst_usual_ns(loop);
		for (uint32_t k = 0; k < loop->worst_count; k++)
			ranked[all++] =
				(struct ranked){.cycle = &loop->worst[k],
						.excess_ns = span(usual_ns, trace_worst_took_ns(&loop->worst[k]))};
	}
	qsort(ranked, all, sizeof(*ranked), compare);
	uint32_t taken = 0;
	while (taken < count && taken < all) {
		(*cycles)[taken] = ranked[taken].cycle;
		taken++;
	}
	free(ranked);
	return taken;
}
