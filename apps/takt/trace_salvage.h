/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is whole of a damaged trace, in folders of this process's own that are gone afterwards: links to files that are whole, and copies of
 * the good packets of others. The trace itself is never written to.
 */
#ifndef APPS_TAKT_TRACE_SALVAGE_H
#define APPS_TAKT_TRACE_SALVAGE_H

#include <stdint.h>

#include "platform/folder.h"

#define TRACE_PATH_BYTES 1024 /* twice TAKT_OS_PATH_MAX */

struct trace_salvage {
	char root[TAKT_OS_PATH_MAX]; /* "": none was made yet */
	uint32_t folder_count;
};

/* A stream, and where in it to go on. */
struct trace_rest {
	uint64_t instance;
	uint64_t after_ns; /* packets that begin later */
	uint32_t stream;
	uint32_t leave_out;    /* 1: the first of them is the bad one */
	uint32_t packet_count; /* out: how many there are */
};

/* Each makes a folder of its own and names it. @param folder of the trace, with its `metadata` @retval 1 @retval 0 with a message */
/* Everything of a trace that is whole. */
int trace_salvage_whole(struct trace_salvage *salvage, const char *folder, char made[TRACE_PATH_BYTES]);
/* One of its stream files alone. */
int trace_salvage_file(struct trace_salvage *salvage, const char *folder, const char *name,
		       char made[TRACE_PATH_BYTES]);
/* The rest of one stream behind a bad packet. */
int trace_salvage_rest(struct trace_salvage *salvage, const char *folder, struct trace_rest *rest,
		       char made[TRACE_PATH_BYTES]);

/* Removes all that was made. */
void trace_salvage_end(struct trace_salvage *salvage);

/* 1 for a name in a trace's folder that is a stream file's: not hidden, not the metadata, no folder. */
int trace_salvage_is_stream(const char *folder, const char *name);

#endif
