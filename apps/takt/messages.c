/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/messages.h"

#include <stdio.h>
#include <string.h>

#include "apps/takt/escape.h"
#include "platform/message.h"

static void show(void *context, enum takt_severity severity, const char *text)
{
	char escaped[ESCAPE_BYTES(TAKT_MESSAGE_BYTES_MAX)];

	(void)context;
	(void)severity;
	(void)escape_text(escaped, sizeof(escaped), text, strlen(text));
	/* What was printed so far comes first, also where both go to one file. */
	(void)fflush(stdout);
	(void)fprintf(stderr, "takt: %s\n", escaped);
}

static void keep_silent(void *context, enum takt_severity severity, const char *text)
{
	(void)context;
	(void)severity;
	(void)text;
}

void messages_escape(void)
{
	takt_message_handler_set(show, NULL);
}

void messages_silence(void)
{
	takt_message_handler_set(keep_silent, NULL);
}
