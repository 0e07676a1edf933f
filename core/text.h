/* SPDX-License-Identifier: Apache-2.0 */
/* Text that came from outside: may it be shown, and what may have been meant. */
#ifndef TAKT_CORE_TEXT_H
#define TAKT_CORE_TEXT_H

#include <stdint.h>

/* 1 when a text is UTF-8 without control characters and without those that hide or reorder what a terminal shows; "" is. */
int takt_text_is_printable(const char *text);

#define TAKT_TEXT_NEAREST_BYTES	    64u /* longer words are not compared */
#define TAKT_TEXT_NEAREST_STEPS_MAX 2u	/* letters that may differ */

/* A search for the word that somebody may have meant: set `word`, zero the rest, offer all that exist, look at `found`. */
struct takt_text_nearest {
	const char *word;
	const char *found; /* NULL: nothing is near */
	uint32_t steps;
};

void takt_text_nearest_offer(struct takt_text_nearest *nearest, const char *candidate);

#endif
