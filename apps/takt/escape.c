/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/escape.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

/* Bytes that a UTF-8 character takes by its first byte; whether it is one is takt_text_is_printable's to say. */
static size_t claimed_bytes(unsigned char first)
{
	if (first < 0xc0)
		return 1;
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

/* Bytes of the printable character with which a text begins; 0: its first byte must be escaped. */
static size_t printable_bytes(const char *text, size_t text_bytes)
{
	char one[5] = "";
	size_t bytes = claimed_bytes((unsigned char)text[0]);

	if (bytes > text_bytes || text[0] == '\\')
		return 0;
	memcpy(one, text, bytes);
	/* A zero among them ends the text sooner than it claims. */
	return strlen(one) == bytes && takt_text_is_printable(one) ? bytes : 0;
}

size_t escape_text(char *escaped, size_t escaped_bytes, const char *text, size_t text_bytes)
{
	size_t used = 0;

	for (size_t at = 0; at < text_bytes && text[at] != '\0';) {
		char code[8];
		size_t taken = printable_bytes(text + at, text_bytes - at);
		size_t length = taken;

		if (taken > 0)
			memcpy(code, text + at, taken);
		else if (text[at] == '\\')
			length = (size_t)snprintf(code, sizeof(code), "\\\\");
		else
			length = (size_t)snprintf(code, sizeof(code), "\\x%02x", (unsigned char)text[at]);
		if (used + length >= escaped_bytes)
			break;
		memcpy(escaped + used, code, length);
		used += length;
		at += taken > 0 ? taken : 1;
	}
	escaped[used] = '\0';
	return used;
}
