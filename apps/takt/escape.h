/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from elsewhere on its way to a terminal. Names, units, replies and char fields come from other processes: whatever could move
 * the cursor, recolour, hide or reorder text is shown as \xNN, byte by byte, and a backslash as two, so that nothing is ambiguous.
 */
#ifndef APPS_TAKT_ESCAPE_H
#define APPS_TAKT_ESCAPE_H

#include <stddef.h>

/* Enough for `bytes` bytes, whatever they are. */
#define ESCAPE_BYTES(bytes) (4 * (bytes) + 1)

/**
 * Copies text, harmless. Ends at a zero or after `text_bytes`; what does not fit is cut between two characters.
 * @param escaped_bytes size of `escaped`, at least 1; it is always terminated
 * @retval length of the result
 */
size_t escape_text(char *escaped, size_t escaped_bytes, const char *text, size_t text_bytes);

#endif
