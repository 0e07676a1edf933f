/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in the folder of a trace: saved flight recordings with their names, and how many events there are. */
#ifndef APPS_TAKT_TRACE_SAVE_H
#define APPS_TAKT_TRACE_SAVE_H

#include <stdint.h>

#include "apps/takt/trace_session.h"
#include "platform/folder.h"
#include "platform/status.h"

#define TRACE_LABEL_BYTES 64
#define TRACE_WATCH_LOG	  "watch.log"
#define TRACE_WATCH_HOLD  "watch.hold" /* held by the process that watches */
#define TRACE_PATH_BYTES  1024	       /* twice TAKT_OS_PATH_MAX */

/* "death-controller" out of a cause and a name; whatever else than a letter, a digit, '_', '.' or '-' is in it becomes '_'. */
void trace_label(char label[TRACE_LABEL_BYTES], const char *cause, const char *name);

/* Saves what the flight recorder holds. @param path of the new folder
 * @retval TAKT_OK @retval TAKT_EMPTY nothing has happened yet, without a message @retval TAKT_SYSTEM with one */
TAKT_CHECKED enum takt_status trace_save(const struct trace_session *session, const char *label,
					 char path[TRACE_PATH_BYTES]);

/* Removes the oldest saved recordings whose names begin with "CAUSE-", until `keep` are left. @param label only those with exactly this
 * label; NULL: all of the cause @retval how many were removed */
uint32_t trace_save_trim(const char *folder, const char *cause, const char *label, uint32_t keep);

/* How many saved recordings a folder has; -1: something else is in it as well. */
int trace_save_count(const char *folder);

/**
 * Counts the events of a trace, by babeltrace2.
 * @retval TAKT_OK @retval TAKT_ABSENT there is no babeltrace2 @retval TAKT_TIMEOUT they are too many to be counted in a few seconds
 * @retval TAKT_CORRUPT it cannot be read. Without messages.
 */
TAKT_CHECKED enum takt_status trace_count_events(const char *path, uint64_t *count);

/* What is missing in a trace, from the index that LTTng writes beside each stream: exact to the last packet written, also for processes that
 * are gone, whose figures the session daemon forgets. */
struct trace_missing {
	uint64_t event_count;
	uint64_t packet_count;
};
struct trace_missing trace_missing_of(const char *path);

/* "1.5 MB" */
struct trace_size {
	char text[24];
};
struct trace_size trace_size_of(uint64_t bytes);

#endif
