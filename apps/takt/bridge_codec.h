/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: what a sample is outside of takt.
 *
 * json	a line as takt topic echo prints it; read are such lines, and plain objects of fields
 * csv		a head and a line per sample, likewise
 * raw		the bytes of the C struct, nothing else: what programs exchange that know nothing of takt
 * binary	a head (struct bridge_frame) and the bytes of the C struct
 */
#ifndef APPS_TAKT_BRIDGE_CODEC_H
#define APPS_TAKT_BRIDGE_CODEC_H

#include <stdint.h>

#include "apps/takt/bridge.h"
#include "apps/takt/encode_record.h"

#define BRIDGE_FRAME_MAGIC   "TAKTSMPL"
#define BRIDGE_FRAME_VERSION 1u
#define BRIDGE_FRAME_ENDIAN  0x01020304u

/* The head of a binary record: in the order of bytes of the machine that wrote it, which `endian` tells. takt-bridge(1) has it. */
struct bridge_frame {
	char magic[8];
	uint16_t version;
	uint16_t head_bytes; /* where the payload begins: 48 */
	uint32_t endian;
	uint64_t type_hash; /* of the topic's description */
	uint64_t number;    /* of the sample, from 1; a gap is a loss */
	uint64_t publish_ns;
	uint32_t payload_bytes;
	uint32_t reserved;
};
_Static_assert(sizeof(struct bridge_frame) == 48, "the head of a binary record");

struct bridge_codec {
	const struct bridge_inside *inside;
	enum bridge_format format;
	uint64_t record_count; /* made or read so far */
	uint64_t last_number;  /* of the binary record that was read last; 0: none */
	unsigned char *payload;
	uint32_t record_bytes_max;
	/* Text is printed to memory; `record` grows with it. */
	FILE *file;
	char *record;
	size_t record_bytes;
	struct encode_columns columns;
	struct encode_fault fault;
};

/* The longest record that a type can have in a format, its line's end included. */
uint32_t bridge_record_bytes_max(const struct takt_flat_type *type, enum bridge_format format);

/* @retval TAKT_OK @retval TAKT_NO_SPACE, TAKT_LIMIT with a message */
TAKT_CHECKED enum takt_status bridge_codec_open(struct bridge_codec *codec, const struct bridge_inside *inside,
						enum bridge_format format);
void bridge_codec_close(struct bridge_codec *codec);

/* The record of a sample in inside->payload: codec->record, codec->record_bytes. A CSV table's head comes with its first line. */
TAKT_CHECKED enum takt_status bridge_codec_make(struct bridge_codec *codec, const struct takt_sample_header *header,
						uint64_t lost);

/**
 * A record that came from outside, to codec->payload. @param record may be changed; of json and csv without its line's end, ended by a zero
 * @param missed raised by the numbers that a binary record leaves out
 * @retval TAKT_OK @retval TAKT_EMPTY a table's head, or an empty line @retval TAKT_INVALID codec->fault says what is wrong
 */
TAKT_CHECKED enum takt_status bridge_codec_read(struct bridge_codec *codec, char *record, uint32_t bytes,
						uint64_t *missed);

/* ----------------------------------------------------------------------------------------------------- splitting */

/* A stream of bytes, cut into records. */
struct bridge_splitter {
	enum bridge_format format;
	uint32_t record_bytes; /* raw and binary: of each; json and csv: of the longest line */
	uint32_t used;
	uint32_t taken;	      /* of them; gone at the next call */
	int is_passing_over;  /* the rest of a line that was too long, or bytes in front of a head */
	unsigned char *bytes; /* twice record_bytes, and a zero */
};

/* @retval TAKT_OK @retval TAKT_NO_SPACE with a message */
TAKT_CHECKED enum takt_status bridge_splitter_open(struct bridge_splitter *splitter, enum bridge_format format,
						   uint32_t record_bytes);
void bridge_splitter_close(struct bridge_splitter *splitter);
/* Where the next bytes go, and how many; then say how many came. */
unsigned char *bridge_splitter_room(struct bridge_splitter *splitter, uint32_t *room);
void bridge_splitter_came(struct bridge_splitter *splitter, uint32_t count);
/* The next whole record, valid until the next call; a line ends with a zero instead of its end.
 * @retval TAKT_OK @retval TAKT_EMPTY more bytes must come @retval TAKT_LIMIT something was passed over: a line that was too long, or
 * bytes that are no head */
TAKT_CHECKED enum takt_status bridge_splitter_take(struct bridge_splitter *splitter, char **record, uint32_t *bytes);
/* At the end of the stream: what was left without a line's end, as one more line. @retval as bridge_splitter_take */
TAKT_CHECKED enum takt_status bridge_splitter_take_rest(struct bridge_splitter *splitter, char **record,
							uint32_t *bytes);

#endif
