/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/run_output.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/escape.h"

void run_output_escape(char text[RUN_TEXT_BYTES], const char *bytes, uint32_t count)
{
	char *end = text + RUN_TEXT_BYTES;

	for (uint32_t at = 0; at < count;) {
		const char *zero = memchr(bytes + at, '\0', count - at);
		uint32_t part = zero ? (uint32_t)(zero - bytes) - at : count - at;

		text += escape_text(text, (size_t)(end - text), bytes + at, part);
		if (zero)
			text += snprintf(text, (size_t)(end - text), "\\x00");
		at += part + (zero != NULL);
	}
	*text = '\0';
}

static void say_dropped(struct run_output *output, run_output_emit emit, void *context)
{
	char text[96];

	if (output->dropped_count == 0)
		return;
	(void)snprintf(text, sizeof(text), "[%llu lines dropped: more than %u in a second]",
		       (unsigned long long)output->dropped_count, RUN_LINE_RATE);
	output->dropped_count = 0;
	emit(context, text);
}

/* A new window where the last one is over. */
static void turn_window(struct run_output *output, uint64_t now_ns, run_output_emit emit, void *context)
{
	if (now_ns - output->window_ns < RUN_RATE_WINDOW_NS)
		return;
	say_dropped(output, emit, context);
	output->window_ns = now_ns;
	output->shown_count = 0;
}

static void end_line(struct run_output *output, uint64_t now_ns, run_output_emit emit, void *context)
{
	char text[RUN_TEXT_BYTES];

	turn_window(output, now_ns, emit, context);
	if (output->shown_count < RUN_LINE_RATE) {
		run_output_escape(text, output->bytes, output->count);
		output->shown_count++;
		emit(context, text);
	} else {
		output->dropped_count++;
	}
	output->count = 0;
}

void run_output_take(struct run_output *output, const char *bytes, uint32_t count, uint64_t now_ns,
		     run_output_emit emit, void *context)
{
	for (uint32_t i = 0; i < count; i++) {
		if (bytes[i] == '\n') {
			if (output->count || !output->was_cut)
				end_line(output, now_ns, emit, context);
			output->was_cut = 0;
			continue;
		}
		if (output->count == RUN_LINE_BYTES)
			end_line(output, now_ns, emit, context);
		if (output->count == 0)
			output->partial_ns = now_ns;
		/* Tabs would be escaped, and they are harmless. */
		output->bytes[output->count++] = (char)(bytes[i] == '\t' ? ' ' : bytes[i]);
	}
}

void run_output_tick(struct run_output *output, uint64_t now_ns, run_output_emit emit, void *context)
{
	if (output->count && now_ns - output->partial_ns >= RUN_PARTIAL_HOLD_NS) {
		end_line(output, now_ns, emit, context);
		output->was_cut = 1;
	}
	turn_window(output, now_ns, emit, context);
}

void run_output_end(struct run_output *output, uint64_t now_ns, run_output_emit emit, void *context)
{
	if (output->count)
		end_line(output, now_ns, emit, context);
	say_dropped(output, emit, context);
}
