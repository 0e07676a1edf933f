/* SPDX-License-Identifier: Apache-2.0 */
/* Carriers of bytes in order: standard input and output, and named pipes. */
#include <stdlib.h>
#include <string.h>

#include "apps/takt/bridge.h"
#include "apps/takt/bridge_codec.h"
#include "platform/clock.h"
#include "platform/message.h"
#include "platform/pipe.h"
#include "platform/stream.h"

#define REST_NS	    TAKT_NS_PER_S
#define ALL_FORMATS ((1u << BRIDGE_FORMAT_COUNT) - 1)

/* A record that has begun ends, unless nobody takes it. */
static void send_last_rest(struct bridge_peer *peer)
{
	uint32_t done;

	if (peer->rest_bytes && peer->descriptor >= 0 &&
	    takt_os_stream_write_until(peer->descriptor, peer->rest, peer->rest_bytes, takt_os_clock_now_ns() + REST_NS,
				       &done) != TAKT_OK)
		takt_message(TAKT_WARNING, "%s: nobody takes the rest of the last record, which is torn",
			     peer->options->target);
}

static void close_stream(struct bridge_peer *peer)
{
	send_last_rest(peer);
	if (peer->options->carrier == &bridge_fifo)
		takt_os_pipe_close(&peer->descriptor);
	if (peer->splitter)
		bridge_splitter_close(peer->splitter);
	free(peer->splitter);
	free(peer->rest);
	peer->splitter = NULL;
	peer->rest = NULL;
	peer->rest_bytes = 0;
	peer->descriptor = -1;
}

/* What a stream keeps between two records. */
static enum takt_status open_memory(struct bridge_peer *peer)
{
	enum takt_status status = TAKT_OK;

	if (peer->options->is_from)
		peer->splitter = calloc(1, sizeof(*peer->splitter));
	else
		peer->rest = malloc(peer->record_bytes_max);
	if (peer->splitter)
		return bridge_splitter_open(peer->splitter, peer->format, peer->record_bytes_max);
	if (peer->rest == NULL) {
		takt_message(TAKT_ERROR, "no memory is left for records of %u bytes", peer->record_bytes_max);
		status = TAKT_NO_SPACE;
	}
	return status;
}

static enum takt_status open_standard(struct bridge_peer *peer)
{
	enum takt_status status = open_memory(peer);

	if (status == TAKT_OK)
		peer->descriptor =
			takt_os_stream_standard(peer->options->is_from ? TAKT_OS_STREAM_INPUT : TAKT_OS_STREAM_OUTPUT);
	else
		close_stream(peer);
	return status;
}

/* A reader is let in whenever it comes: until then there is nobody. */
static enum takt_status open_end(struct bridge_peer *peer)
{
	return takt_os_stream_open(&peer->descriptor, peer->options->place,
				   peer->options->is_from ? TAKT_OS_STREAM_INPUT : TAKT_OS_STREAM_OUTPUT,
				   !peer->options->ends_on_close);
}

static enum takt_status open_fifo(struct bridge_peer *peer)
{
	enum takt_status status = TAKT_OK;

	peer->descriptor = -1;
	if (peer->options->may_create)
		status = takt_os_stream_create(peer->options->place);
	if (status == TAKT_OK)
		status = open_end(peer);
	if (status == TAKT_CLOSED)
		status = TAKT_OK;
	if (status == TAKT_OK)
		status = open_memory(peer);
	if (status != TAKT_OK)
		close_stream(peer);
	return status;
}

/* ---------------------------------------------------------------------------------------------------------- send */

static enum takt_status find_reader(struct bridge_peer *peer)
{
	if (peer->descriptor >= 0 && takt_os_stream_has_name(peer->descriptor, peer->options->place))
		return TAKT_OK;
	takt_os_pipe_close(&peer->descriptor);
	peer->rest_bytes = 0;
	return open_end(peer);
}

/* A record is never torn: what of one does not fit goes out before the next, and until then the next ones are lost. */
static enum takt_status send_rest(struct bridge_peer *peer)
{
	uint32_t done;

	if (peer->rest_bytes == 0)
		return TAKT_OK;
	enum takt_status status = takt_os_stream_write(peer->descriptor, peer->rest, peer->rest_bytes, &done);
	peer->rest_bytes -= done;
	memmove(peer->rest, peer->rest + done, peer->rest_bytes);
	return status;
}

static enum takt_status send_stream(struct bridge_peer *peer, const void *record, uint32_t bytes)
{
	enum takt_status status = TAKT_OK;
	uint32_t done;

	if (peer->options->carrier == &bridge_fifo)
		status = find_reader(peer);
	if (status == TAKT_OK)
		status = send_rest(peer);
	if (status == TAKT_OK) {
		status = takt_os_stream_write(peer->descriptor, record, bytes, &done);
		if (status == TAKT_FULL && done > 0) {
			peer->rest_bytes = bytes - done;
			memcpy(peer->rest, (const unsigned char *)record + done, peer->rest_bytes);
			status = TAKT_OK;
		}
	}
	if (status == TAKT_CLOSED && peer->options->carrier == &bridge_fifo) {
		takt_os_pipe_close(&peer->descriptor);
		peer->rest_bytes = 0;
	}
	return status;
}

/* ------------------------------------------------------------------------------------------------------- receive */

static enum takt_status receive_stream(struct bridge_peer *peer, void *record, uint32_t room, uint32_t *bytes)
{
	uint32_t space, count;
	char *taken;

	for (;;) {
		enum takt_status status = bridge_splitter_take(peer->splitter, &taken, bytes);

		if (status == TAKT_OK) {
			TAKT_ASSERT(*bytes < room);
			memcpy(record, taken, *bytes);
			((char *)record)[*bytes] = '\0';
		}
		if (status != TAKT_EMPTY)
			return status;
		unsigned char *at = bridge_splitter_room(peer->splitter, &space);
		status = takt_os_stream_read(peer->descriptor, at, space, &count);
		if (status == TAKT_CLOSED) {
			status = bridge_splitter_take_rest(peer->splitter, &taken, bytes);
			if (status == TAKT_OK)
				memcpy(record, taken, *bytes + 1);
			return status == TAKT_EMPTY ? TAKT_CLOSED : status;
		}
		if (status != TAKT_OK)
			return status == TAKT_EMPTY && peer->options->carrier == &bridge_fifo &&
					       !takt_os_stream_has_name(peer->descriptor, peer->options->place)
				       ? TAKT_ABSENT
				       : status;
		bridge_splitter_came(peer->splitter, count);
	}
}

const struct bridge_carrier bridge_stdout = {.scheme = "stdout",
					     .about = "standard output",
					     .formats = ALL_FORMATS,
					     .format = BRIDGE_JSON,
					     .is_out = 1,
					     .open = open_standard,
					     .send = send_stream,
					     .receive = receive_stream,
					     .close = close_stream};

const struct bridge_carrier bridge_stdin = {.scheme = "stdin",
					    .about = "standard input",
					    .formats = ALL_FORMATS,
					    .format = BRIDGE_JSON,
					    .is_in = 1,
					    .open = open_standard,
					    .send = send_stream,
					    .receive = receive_stream,
					    .close = close_stream};

const struct bridge_carrier bridge_fifo = {.scheme = "fifo",
					   .argument = "PATH",
					   .about = "a named pipe",
					   .formats = ALL_FORMATS,
					   .format = BRIDGE_JSON,
					   .is_out = 1,
					   .is_in = 1,
					   .open = open_fifo,
					   .send = send_stream,
					   .receive = receive_stream,
					   .close = close_stream};
