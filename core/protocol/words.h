/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies into and out of shared payloads. A payload may be overtaken while it is copied: word by word with relaxed atomics that is
 * defined behaviour, and the copy is thrown away. Above TAKT_COPY_WORDS_BYTES_MAX plain copies are used; they are validated afterwards
 * and thrown away if overtaken, the one exception that STYLE names.
 */
#ifndef TAKT_CORE_PROTOCOL_WORDS_H
#define TAKT_CORE_PROTOCOL_WORDS_H

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "core/layout.h"

#define TAKT_WORDS_BLOCK 4u /* words moved between two tests of a copy's end */

static inline void takt_word_store(_Atomic takt_word *to, const unsigned char *from)
{
	takt_word word;
	memcpy(&word, from, sizeof(word));
	atomic_store_explicit(to, word, memory_order_relaxed);
}

static inline void takt_word_load(unsigned char *to, const _Atomic takt_word *from)
{
	takt_word word = atomic_load_explicit(from, memory_order_relaxed);
	memcpy(to, &word, sizeof(word));
}

/* Shared memory is padded to whole words, so the last word may be stored whole; the private side is not. Relaxed: the cell's
 * release (P2) and acquire (R1) order the words, and R2 with the second look at the cell catches an overtaken copy. */
static inline void takt_words_store(void *shared, const void *from, size_t bytes)
{
	const size_t word_bytes = sizeof(takt_word), word_count = bytes / word_bytes;
	_Atomic takt_word *to = shared;
	const unsigned char *at = from;
	size_t i = 0;

	for (; i + TAKT_WORDS_BLOCK <= word_count; i += TAKT_WORDS_BLOCK) {
		takt_word_store(to + i, at + i * word_bytes);
		takt_word_store(to + i + 1, at + (i + 1) * word_bytes);
		takt_word_store(to + i + 2, at + (i + 2) * word_bytes);
		takt_word_store(to + i + 3, at + (i + 3) * word_bytes);
	}
	for (; i < word_count; i++)
		takt_word_store(to + i, at + i * word_bytes);
	if (bytes % word_bytes) {
		takt_word word = 0;
		memcpy(&word, at + i * word_bytes, bytes % word_bytes);
		atomic_store_explicit(to + i, word, memory_order_relaxed);
	}
}

static inline void takt_words_load(void *to, const void *shared, size_t bytes)
{
	const size_t word_bytes = sizeof(takt_word), word_count = bytes / word_bytes;
	const _Atomic takt_word *from = shared;
	unsigned char *at = to;
	size_t i = 0;

	for (; i + TAKT_WORDS_BLOCK <= word_count; i += TAKT_WORDS_BLOCK) {
		takt_word_load(at + i * word_bytes, from + i);
		takt_word_load(at + (i + 1) * word_bytes, from + i + 1);
		takt_word_load(at + (i + 2) * word_bytes, from + i + 2);
		takt_word_load(at + (i + 3) * word_bytes, from + i + 3);
	}
	for (; i < word_count; i++)
		takt_word_load(at + i * word_bytes, from + i);
	if (bytes % word_bytes) {
		takt_word word = atomic_load_explicit(from + i, memory_order_relaxed);
		memcpy(at + i * word_bytes, &word, bytes % word_bytes);
	}
}

static inline void takt_payload_store(void *shared, const void *from, uint32_t bytes)
{
	if (bytes <= TAKT_COPY_WORDS_BYTES_MAX)
		takt_words_store(shared, from, bytes);
	else
		memcpy(shared, from, bytes);
}

static inline void takt_payload_load(void *to, const void *shared, uint32_t bytes)
{
	if (bytes <= TAKT_COPY_WORDS_BYTES_MAX)
		takt_words_load(to, shared, bytes);
	else
		memcpy(to, shared, bytes);
}

#endif
