/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

#include <string.h>

/* Characters of U+0080 and above that move, hide or turn round the text of a terminal. */
static int is_invisible(uint32_t character)
{
	return character < 0xa0 || (character >= 0x200b && character <= 0x200f) ||
	       (character >= 0x2028 && character <= 0x202e) || (character >= 0x2060 && character <= 0x206f) ||
	       character == 0xfeff;
}

/* Bytes of the printable character with which a text begins; 0 when it is none, or not UTF-8. Never looks past a zero. */
static uint32_t printable_bytes(const unsigned char *text)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000}; /* what fewer bytes would hold is not UTF-8 */
	uint32_t bytes = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
	uint32_t character = text[0] & (0xffu >> (bytes + 1));

	if (text[0] < 0x80)
		return text[0] >= ' ' && text[0] != 0x7f;
	if (text[0] < 0xc0 || text[0] > 0xf4)
		return 0;
	for (uint32_t i = 1; i < bytes; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		character = (character << 6) | (text[i] & 0x3fu);
	}
	if (character < smallest[bytes] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
		return 0;
	return is_invisible(character) ? 0 : bytes;
}

int takt_text_is_printable(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at != '\0') {
		const uint32_t bytes = printable_bytes(at);

		if (bytes == 0)
			return 0;
		at += bytes;
	}
	return 1;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Letters to insert, remove or replace until one word is the other. Source: Levenshtein 1966; one row of the table at a time. */
static uint32_t distance(const char *a, const char *b)
{
	const uint32_t length = (uint32_t)strlen(b);
	uint32_t row[TAKT_TEXT_NEAREST_BYTES + 1];

	for (uint32_t j = 0; j <= length; j++)
		row[j] = j;
	for (uint32_t i = 0; a[i] != '\0'; i++) {
		uint32_t diagonal = row[0];

		row[0] = i + 1;
		for (uint32_t j = 0; j < length; j++) {
			const uint32_t replaced = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = smaller(replaced, smaller(row[j], row[j + 1]) + 1);
		}
	}
	return row[length];
}

void takt_text_nearest_offer(struct takt_text_nearest *nearest, const char *candidate)
{
	uint32_t steps;

	if (strlen(nearest->word) > TAKT_TEXT_NEAREST_BYTES || strlen(candidate) > TAKT_TEXT_NEAREST_BYTES)
		return;
	steps = distance(nearest->word, candidate);
	if (steps > TAKT_TEXT_NEAREST_STEPS_MAX || steps >= strlen(candidate))
		return;
	if (nearest->found == NULL || steps < nearest->steps) {
		nearest->found = candidate;
		nearest->steps = steps;
	}
}
