/* SPDX-License-Identifier: Apache-2.0 */
/* Where sentences for a person go, and how a bug in this process ends it. */
#ifndef TAKT_PLATFORM_MESSAGE_H
#define TAKT_PLATFORM_MESSAGE_H

#ifdef __cplusplus
extern "C" {
#endif

#define TAKT_MESSAGE_BYTES_MAX 1024

enum takt_severity { TAKT_INFO = 0, TAKT_WARNING = 1, TAKT_ERROR = 2 };

typedef void (*takt_message_handler)(void *context, enum takt_severity severity, const char *text);

/**
 * Sends all further messages of this process to a handler instead of standard error.
 * @param handler called with one complete sentence without a newline; NULL restores standard error
 * @param context given back to the handler
 * RT: start-up only. Threads: not while another thread may emit a message.
 */
void takt_message_handler_set(takt_message_handler handler, void *context);

/**
 * Emits one sentence: "takt: ..." as one line on standard error, or to the handler. A longer text is cut.
 * Never call it on a real-time path. Threads: any.
 */
void takt_message(enum takt_severity severity, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the process because this process's own code is wrong: prints file, line and the condition, and aborts. */
void takt_assert_failed(const char *file, int line, const char *condition) __attribute__((noreturn));

/* For bugs of this process only, in every build. Never for what comes from shared memory, a pipe, a file or a person. */
#define TAKT_ASSERT(condition) ((condition) ? (void)0 : takt_assert_failed(__FILE__, __LINE__, #condition))

#ifdef __cplusplus
}
#endif
#endif
