/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/takt/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/protocol/ring.h"
#include "platform/message.h"

enum takt_status reader_open(struct reader *reader, const struct takt_domain *domain, const char *topic)
{
	enum takt_status status;

	*reader = (struct reader){.next = 1};
	(void)snprintf(reader->topic, sizeof(reader->topic), "%s", topic);
	status = takt_topic_segment_open(&reader->shm, &reader->constants, domain, NULL, topic, TAKT_OS_READ_ONLY);
	if (status != TAKT_OK)
		return status;
	takt_topic_segment_ring(&reader->ring, &reader->shm, &reader->constants, domain, TAKT_OS_READ_ONLY);
	reader->payload = calloc(1, reader->constants.payload_bytes);
	if (reader->payload == NULL) {
		takt_message(TAKT_ERROR, "topic '%s': no memory for one of its samples (%u bytes)", topic,
			     reader->constants.payload_bytes);
		takt_os_shm_close(&reader->shm);
		return TAKT_NO_SPACE;
	}
	return TAKT_OK;
}

void reader_close(struct reader *reader)
{
	free(reader->payload);
	takt_os_shm_close(&reader->shm);
	*reader = (struct reader){0};
}

struct takt_topic_shm *reader_topic(const struct reader *reader)
{
	return reader->shm.address;
}

uint64_t reader_newest(const struct reader *reader)
{
	return takt_ring_newest(&reader->ring);
}

uint64_t reader_oldest(const struct reader *reader)
{
	uint64_t newest = reader_newest(reader);
	/* The oldest cell is the next to be overwritten: one behind it there is time. */
	uint64_t back = reader->constants.depth - 2;

	return newest > back ? newest - back : 1;
}

void reader_seek(struct reader *reader, uint64_t number)
{
	reader->next = number;
}

/* As core/subscriber.c: near the oldest, then the middle, then the newest. */
static uint64_t resume_number(const struct reader *reader, uint32_t attempt)
{
	/* R3 acquire fence: the cell that was seen changed before head. Pairs with P2. Without it a late reader could find a head
	 * that is older than the cell. */
	atomic_thread_fence(memory_order_acquire);
	uint64_t newest = reader_newest(reader);
	uint64_t depth = reader->constants.depth;
	uint64_t back = attempt == 0 ? depth - 2 : attempt == 1 ? depth / 2 : 0;

	return newest > back ? newest - back : 1;
}

static enum takt_status refuse(const struct reader *reader, const char *what)
{
	if (takt_os_shm_is_cut(&reader->shm))
		what = "its segment was cut off while it was in use";
	takt_message(TAKT_ERROR,
		     "topic '%s': %s; one of its publishers writes wrongly: stop the domain and run: takt clean",
		     reader->topic, what);
	return TAKT_CORRUPT;
}

enum takt_status reader_next(struct reader *reader, struct takt_sample_header *header, uint64_t *lost)
{
	for (uint32_t attempt = 0; attempt < TAKT_READ_TRIES_MAX; attempt++) {
		enum takt_ring_outcome outcome = takt_ring_copy(&reader->ring, reader->next, header, reader->payload);

		if (outcome == TAKT_RING_NOT_YET)
			return takt_ring_lags(&reader->ring, reader->next) ? refuse(reader, "its numbers went back")
									   : TAKT_EMPTY;
		if (outcome == TAKT_RING_GOT) {
			if (header->number != reader->next)
				return refuse(reader, "a cell names a slot that holds another sample");
			reader->next++;
			reader->got++;
			return TAKT_OK;
		}
		uint64_t resume = resume_number(reader, attempt);
		if (resume <= reader->next || takt_os_shm_is_cut(&reader->shm))
			return refuse(reader, "a cell holds a number that its head does not know");
		*lost += resume - reader->next;
		reader->lost += resume - reader->next;
		reader->next = resume;
	}
	return TAKT_OVERTAKEN;
}

int reader_peek(const struct reader *reader, uint64_t number, struct takt_sample_header *header)
{
	struct takt_ring headers_only = reader->ring;

	headers_only.payload_bytes = 0;
	return number != 0 && takt_ring_copy(&headers_only, number, header, reader->payload) == TAKT_RING_GOT &&
	       header->number == number;
}

double reader_rate_hz(const struct reader *reader)
{
	struct takt_sample_header last = {0}, first = {0};
	uint64_t newest = reader_newest(reader);
	uint64_t oldest = reader_oldest(reader);

	/* Overwritten while we looked: a later one will do. */
	if (!reader_peek(reader, newest, &last))
		return 0;
	while (oldest < newest && !reader_peek(reader, oldest, &first))
		oldest = oldest + (newest - oldest + 1) / 2;
	if (oldest >= newest || last.publish_ns <= first.publish_ns)
		return 0;
	return (double)(newest - oldest) * 1e9 / (double)(last.publish_ns - first.publish_ns);
}
