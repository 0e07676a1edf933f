/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/linux/port.h"

#include "platform/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX	     "takt: "
#define PREFIX_BYTES (sizeof(PREFIX) - 1)

static takt_message_handler handler;
static void *handler_context;

void takt_message_handler_set(takt_message_handler new_handler, void *context)
{
	handler = new_handler;
	handler_context = context;
}

/* One call, so that the lines of several threads and processes do not mix; a reader that is gone costs the text, nothing else. */
static void write_line(const char *line, size_t bytes)
{
	while (write(STDERR_FILENO, line, bytes) < 0 && errno == EINTR)
		;
}

/* Names come from shared memory and file systems: none may clear the terminal or fake a second line. Bytes of UTF-8 pass. */
static void clean(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == '\x7f')
			*text = '?';
}

void takt_message(enum takt_severity severity, const char *format, ...)
{
	const int error = errno;
	char line[PREFIX_BYTES + TAKT_MESSAGE_BYTES_MAX + 1] = PREFIX;
	char *text = line + PREFIX_BYTES;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, TAKT_MESSAGE_BYTES_MAX, format, arguments);
	va_end(arguments);
	if (length < 0)
		length = snprintf(text, TAKT_MESSAGE_BYTES_MAX, "a message could not be formatted");
	if (length >= TAKT_MESSAGE_BYTES_MAX) {
		length = TAKT_MESSAGE_BYTES_MAX - 1;
		memcpy(text + length - 3, "...", 3);
	}
	clean(text);
	if (handler != NULL) {
		handler(handler_context, severity, text);
	} else {
		text[length] = '\n';
		write_line(line, PREFIX_BYTES + (size_t)length + 1);
	}
	errno = error;
}

void takt_assert_failed(const char *file, int line, const char *condition)
{
	char text[TAKT_MESSAGE_BYTES_MAX];
	int length = snprintf(text, sizeof(text), PREFIX "bug in this process: %s:%d: %s does not hold\n", file, line,
			      condition);

	if (length > 0)
		write_line(text, (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1);
	abort();
}
