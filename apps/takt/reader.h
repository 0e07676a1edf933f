/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tool's place in a topic: read-only, without joining the domain, never posted. It looks when it likes, and what it misses costs
 * nobody anything and is counted.
 */
#ifndef APPS_TAKT_READER_H
#define APPS_TAKT_READER_H

#include <stdint.h>

#include "core/domain.h"
#include "core/layout.h"
#include "core/ring.h"
#include "core/topic_segment.h"
#include "core/type.h"
#include "platform/shm.h"
#include "platform/status.h"

/* Zero-initialise. */
struct reader {
	char topic[TAKT_NAME_BYTES];
	struct takt_os_shm shm; /* address NULL: not open */
	struct takt_topic_constants constants;
	struct takt_ring ring;
	uint64_t next;
	uint64_t got;
	uint64_t lost;
	unsigned char *payload; /* constants.payload_bytes of the sample that was read */
};

/**
 * Opens a topic that the domain declares. @retval TAKT_OK @retval TAKT_ABSENT nobody has made it yet, without a message
 * @retval others, with a message
 */
TAKT_CHECKED enum takt_status reader_open(struct reader *reader, const struct takt_domain *domain, const char *topic);
void reader_close(struct reader *reader);

struct takt_topic_shm *reader_topic(const struct reader *reader);

/* The number of the newest sample; 0: none yet. */
uint64_t reader_newest(const struct reader *reader);
/* The oldest sample that a reader may still find in time. */
uint64_t reader_oldest(const struct reader *reader);

/* Puts the reader before sample `number`. What lies behind it is not lost. */
void reader_seek(struct reader *reader, uint64_t number);

/**
 * Copies the next sample into `payload`. @param lost raised by what was overwritten before
 * @retval TAKT_OK @retval TAKT_EMPTY nothing new @retval TAKT_OVERTAKEN overwritten in every try
 * @retval TAKT_CORRUPT with a message
 */
TAKT_CHECKED enum takt_status reader_next(struct reader *reader, struct takt_sample_header *header, uint64_t *lost);

/* Only the header of sample `number`. @retval 1 it was there */
int reader_peek(const struct reader *reader, uint64_t number, struct takt_sample_header *header);

/* Samples a second, by the publish times that stand in the ring; 0: fewer than two samples. */
double reader_rate_hz(const struct reader *reader);

#endif
