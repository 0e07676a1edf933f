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

/* Shared memory is padded to whole words, so the last word may be stored whole; the private side is not. Relaxed: the cell's
 * release (P2) and acquire (R1) order the words, and R2 with the second look at the cell catches an overtaken copy. */
static inline void takt_words_store(void *shared, const void *from, uint32_t bytes)
{
	_Atomic takt_word *to = shared;
	const unsigned char *at = from;

	for (; bytes >= sizeof(takt_word); bytes -= (uint32_t)sizeof(takt_word), at += sizeof(takt_word)) {
		takt_word word;
		memcpy(&word, at, sizeof(word));
		atomic_store_explicit(to++, word, memory_order_relaxed);
	}
	if (bytes) {
		takt_word word = 0;
		memcpy(&word, at, bytes);
		atomic_store_explicit(to, word, memory_order_relaxed);
	}
}

static inline void takt_words_load(void *to, const void *shared, uint32_t bytes)
{
	const _Atomic takt_word *from = shared;
	unsigned char *at = to;

	for (; bytes >= sizeof(takt_word); bytes -= (uint32_t)sizeof(takt_word), at += sizeof(takt_word)) {
		takt_word word = atomic_load_explicit(from++, memory_order_relaxed);
		memcpy(at, &word, sizeof(word));
	}
	if (bytes) {
		takt_word word = atomic_load_explicit(from, memory_order_relaxed);
		memcpy(at, &word, bytes);
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
