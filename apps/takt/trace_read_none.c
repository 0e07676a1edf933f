/* SPDX-License-Identifier: Apache-2.0 */
/* A takt that was built without libbabeltrace2 reads no trace. */
#include <stddef.h>

#include "apps/takt/trace_read.h"
#include "platform/message.h"

struct trace_reader *trace_reader_open(const char *folder)
{
	takt_message(
		TAKT_ERROR,
		"trace %.200s: this takt was built without libbabeltrace2 and reads no traces; copy the folder to a "
		"machine whose takt does, or install libbabeltrace2-dev and build again",
		folder);
	return NULL;
}

int trace_reader_next(struct trace_reader *reader, struct trace_event *event)
{
	(void)reader;
	(void)event;
	return 0;
}

const struct trace_summary *trace_reader_summary(const struct trace_reader *reader)
{
	static const struct trace_summary nothing;
	(void)reader;
	return &nothing;
}

void trace_reader_close(struct trace_reader *reader)
{
	(void)reader;
}

uint64_t trace_reader_bare(const char *folder)
{
	(void)folder;
	return 0;
}
