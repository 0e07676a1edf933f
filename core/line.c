/* SPDX-License-Identifier: Apache-2.0 */
#include "core/line.h"

#include <stdio.h>
#include <string.h>

#define REPLY_PREFIX "reply."
#define BLANKS	     " \t\r"
#define ZERO_SHOWN   '\x01' /* what a zero byte becomes: no text either, and no end */

enum takt_status takt_line_collect(struct takt_line_buffer *buffer, const char *bytes, uint32_t count, uint32_t *used,
				   const char **text)
{
	for (uint32_t i = 0; i < count; i++) {
		if (bytes[i] != '\n') {
			/* One byte is kept for the zero, where the newline would stand. */
			if (buffer->count == sizeof(buffer->bytes) - 1)
				buffer->is_too_long = 1;
			else
				buffer->bytes[buffer->count++] = (char)(bytes[i] ? bytes[i] : ZERO_SHOWN);
			continue;
		}
		int was_too_long = (int)buffer->is_too_long;
		buffer->bytes[buffer->count] = '\0';
		buffer->count = 0;
		buffer->is_too_long = 0;
		*used = i + 1;
		*text = buffer->bytes;
		return was_too_long ? TAKT_LIMIT : TAKT_OK;
	}
	*used = count;
	return TAKT_EMPTY;
}

void takt_line_terminate(char *bytes, uint32_t count)
{
	if (count && bytes[count - 1] == '\n')
		count--;
	for (uint32_t i = 0; i < count; i++)
		if (bytes[i] == '\0')
			bytes[i] = ZERO_SHOWN;
	bytes[count] = '\0';
}

static int is_one_of(char c, const char *more)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr(more, c) != NULL);
}

int takt_reply_name_is_valid(const char *name)
{
	size_t length = strlen(name);
	if (length >= TAKT_REPLY_NAME_BYTES || length == strlen(REPLY_PREFIX) ||
	    strncmp(name, REPLY_PREFIX, strlen(REPLY_PREFIX)) != 0)
		return 0;
	for (size_t i = 0; i < length; i++)
		if (!is_one_of(name[i], "_.-"))
			return 0;
	return 1;
}

/* Copies the word at *at, as far as it fits, and moves on behind it and the blanks that follow. @retval 1 it fitted */
static int take_word(const char **at, char *word, size_t word_bytes)
{
	size_t length = strcspn(*at, BLANKS);
	size_t copied = length < word_bytes ? length : word_bytes - 1;
	memcpy(word, *at, copied);
	word[copied] = '\0';
	*at += length;
	*at += strspn(*at, BLANKS);
	return copied == length;
}

static int is_verb(const char *verb)
{
	if (verb[0] < 'a' || verb[0] > 'z')
		return 0;
	for (size_t i = 1; verb[i]; i++)
		if (!is_one_of(verb[i], "_-"))
			return 0;
	return 1;
}

static int is_text(const char *line, char *error, uint32_t error_bytes)
{
	for (const char *at = line; *at; at++) {
		unsigned char byte = (unsigned char)*at;
		if ((byte >= 0x20 || byte == '\t' || byte == '\r') && byte != 0x7f)
			continue;
		(void)snprintf(error, error_bytes, "byte %u of the line is 0x%02x: a command is one line of text",
			       (unsigned)(at - line) + 1, byte);
		return 0;
	}
	return 1;
}

enum takt_status takt_line_parse(const char *text, struct takt_line *line, char *error, uint32_t error_bytes)
{
	line->reply[0] = line->verb[0] = line->arguments[0] = '\0';
	const char *at = text + strspn(text, BLANKS);
	if (*at == '\0')
		return TAKT_EMPTY;
	if (*at == '@') {
		at++;
		if (!take_word(&at, line->reply, sizeof(line->reply)) || !takt_reply_name_is_valid(line->reply)) {
			line->reply[0] = '\0';
			(void)snprintf(error, error_bytes,
				       "the name behind @ must be reply. and then 1 to %d of a-z 0-9 _ . -",
				       (int)(TAKT_REPLY_NAME_BYTES - sizeof(REPLY_PREFIX)));
			return TAKT_INVALID;
		}
	}
	/* Behind the reply name, so that whoever sent the line is told. */
	if (!is_text(text, error, error_bytes))
		return TAKT_INVALID;
	if (!take_word(&at, line->verb, sizeof(line->verb)) || !is_verb(line->verb)) {
		(void)snprintf(error, error_bytes, "the line does not begin with a command; try: help");
		line->verb[0] = '\0';
		return TAKT_INVALID;
	}
	(void)snprintf(line->arguments, sizeof(line->arguments), "%s", at);
	size_t length = strlen(line->arguments);
	while (length && strchr(BLANKS, line->arguments[length - 1]))
		line->arguments[--length] = '\0';
	return TAKT_OK;
}
