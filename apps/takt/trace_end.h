/* SPDX-License-Identifier: Apache-2.0 */
/* Which recording a command is about, and its end. */
#ifndef APPS_TAKT_TRACE_END_H
#define APPS_TAKT_TRACE_END_H

#include "apps/takt/trace_options.h"
#include "apps/takt/trace_session.h"

/**
 * The recording that is meant: the one of --session, else the only one there is.
 * @param path of the command, for messages
 * @retval EXIT_OK, or EXIT_FAILED with a message that lists what there is
 */
int trace_choose(const struct trace_options *options, const char *path, struct trace_session *session);

/* Ends a recording and says what it has. @retval the exit code */
int trace_end(const struct trace_session *session);

#endif
