/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from a pipe become command lines. Pure: no pipe, no node. Whatever the bytes are, the result is a line that is whole and
 * printable or a reason why not, and the next newline begins afresh.
 */
#ifndef TAKT_CORE_LINE_H
#define TAKT_CORE_LINE_H

#include <stdint.h>

#include "core/limits.h"
#include "platform/status.h"

/* Collects one line at a time. Zero-initialise. */
struct takt_line_buffer {
	char bytes[TAKT_LINE_BYTES_MAX];
	uint32_t count;
	uint32_t is_too_long; /* the present line has passed the limit; its rest is dropped */
};

struct takt_line {
	char reply[TAKT_REPLY_NAME_BYTES]; /* "" where none was given */
	char verb[TAKT_NAME_BYTES];
	char arguments[TAKT_LINE_BYTES_MAX];
};

/**
 * Takes bytes until a line is complete.
 * @param used how many bytes were taken; the caller offers the rest again
 * @retval TAKT_OK `text` is the complete line, without its newline; valid until the next call
 * @retval TAKT_EMPTY all bytes are taken and no line is complete
 * @retval TAKT_LIMIT a line longer than TAKT_LINE_BYTES_MAX has ended; `text` is its beginning, for the reply name in it
 */
enum takt_status takt_line_collect(struct takt_line_buffer *buffer, const char *bytes, uint32_t count, uint32_t *used,
				   const char **text);

/* Makes a line of a request's bytes, in place: without the newline that may end it, and with a zero, for which there must be room. What is
 * more than one line, or no text, takt_line_parse finds. */
void takt_line_terminate(char *bytes, uint32_t count);

/**
 * Splits a complete line.
 * @param error at least 128 bytes: what is wrong with it
 * @retval TAKT_OK  @retval TAKT_EMPTY blank
 * @retval TAKT_INVALID bytes that are no text, a wrong reply name or verb; `reply` is kept where it is valid
 */
enum takt_status takt_line_parse(const char *text, struct takt_line *line, char *error, uint32_t error_bytes);

/* 1 for [a-z0-9_.-]{1,32} that begins with "reply.": the only names an answer is ever written to. */
int takt_reply_name_is_valid(const char *name);

#endif
