/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of bytes, cut into records. */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bridge_codec.h"
#include "platform/message.h"

#define MAGIC_BYTES (sizeof(BRIDGE_FRAME_MAGIC) - 1)

enum takt_status bridge_splitter_open(struct bridge_splitter *splitter, enum bridge_format format,
				      uint32_t record_bytes)
{
	*splitter = (struct bridge_splitter){.format = format, .record_bytes = record_bytes};
	splitter->bytes = malloc((size_t)record_bytes * 2 + 1);
	if (splitter->bytes)
		return TAKT_OK;
	takt_message(TAKT_ERROR, "no memory is left for records of %u bytes", record_bytes);
	return TAKT_NO_SPACE;
}

void bridge_splitter_close(struct bridge_splitter *splitter)
{
	free(splitter->bytes);
	*splitter = (struct bridge_splitter){0};
}

/* What was handed out, or passed over, makes room. */
static void drop(struct bridge_splitter *splitter, uint32_t count)
{
	splitter->used -= count;
	memmove(splitter->bytes, splitter->bytes + count, splitter->used);
}

static void drop_taken(struct bridge_splitter *splitter)
{
	if (splitter->taken)
		drop(splitter, splitter->taken);
	splitter->taken = 0;
}

unsigned char *bridge_splitter_room(struct bridge_splitter *splitter, uint32_t *room)
{
	drop_taken(splitter);
	*room = splitter->record_bytes * 2 - splitter->used;
	return splitter->bytes + splitter->used;
}

void bridge_splitter_came(struct bridge_splitter *splitter, uint32_t count)
{
	TAKT_ASSERT(count <= splitter->record_bytes * 2 - splitter->used);
	splitter->used += count;
}

/* A line that is too long is told when its end has come, and nothing of it is taken for a line. */
static enum takt_status take_line(struct bridge_splitter *splitter, char **record, uint32_t *bytes)
{
	unsigned char *end = memchr(splitter->bytes, '\n', splitter->used);
	const uint32_t length = end ? (uint32_t)(end - splitter->bytes) : splitter->used;

	if (end == NULL && length < splitter->record_bytes)
		return TAKT_EMPTY;
	if (end == NULL) {
		splitter->is_passing_over = 1;
		drop(splitter, length);
		return TAKT_EMPTY;
	}
	if (splitter->is_passing_over || length >= splitter->record_bytes) {
		splitter->is_passing_over = 0;
		drop(splitter, length + 1);
		return TAKT_LIMIT;
	}
	*end = '\0';
	*record = (char *)splitter->bytes;
	*bytes = length;
	/* As other systems end their lines. */
	if (length && splitter->bytes[length - 1] == '\r')
		splitter->bytes[--*bytes] = '\0';
	splitter->taken = length + 1;
	return TAKT_OK;
}

/* Goes on to the next place where a head may begin. @retval TAKT_LIMIT there were bytes in front of it */
static enum takt_status find_head(struct bridge_splitter *splitter)
{
	uint32_t at = 0;

	while (at < splitter->used) {
		const uint32_t left = splitter->used - at;

		if (memcmp(splitter->bytes + at, BRIDGE_FRAME_MAGIC, left < MAGIC_BYTES ? left : MAGIC_BYTES) == 0)
			break;
		at++;
	}
	if (at == 0)
		return TAKT_OK;
	drop(splitter, at);
	/* Told once, however many pieces it comes in. */
	const int was_passing_over = splitter->is_passing_over;
	splitter->is_passing_over = splitter->used < MAGIC_BYTES;
	return was_passing_over ? TAKT_OK : TAKT_LIMIT;
}

static enum takt_status take_fixed(struct bridge_splitter *splitter, char **record, uint32_t *bytes)
{
	if (splitter->format == BRIDGE_BINARY) {
		enum takt_status status = find_head(splitter);

		if (status != TAKT_OK)
			return status;
	}
	if (splitter->used < splitter->record_bytes)
		return TAKT_EMPTY;
	splitter->is_passing_over = 0;
	*record = (char *)splitter->bytes;
	*bytes = splitter->record_bytes;
	splitter->taken = splitter->record_bytes;
	return TAKT_OK;
}

enum takt_status bridge_splitter_take(struct bridge_splitter *splitter, char **record, uint32_t *bytes)
{
	drop_taken(splitter);
	if (splitter->format == BRIDGE_JSON || splitter->format == BRIDGE_CSV)
		return take_line(splitter, record, bytes);
	return take_fixed(splitter, record, bytes);
}

enum takt_status bridge_splitter_take_rest(struct bridge_splitter *splitter, char **record, uint32_t *bytes)
{
	drop_taken(splitter);
	if (splitter->used == 0 && !splitter->is_passing_over)
		return TAKT_EMPTY;
	if (splitter->format == BRIDGE_JSON || splitter->format == BRIDGE_CSV) {
		/* There is room: what is left is shorter than a record. */
		splitter->bytes[splitter->used++] = '\n';
		return take_line(splitter, record, bytes);
	}
	splitter->used = 0;
	splitter->is_passing_over = 0;
	return TAKT_LIMIT;
}
