/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payload bytes from text and JSON by their description: the other way of decode.h, whose output it reads. All of it comes from
 * elsewhere: nothing is guessed. A field that is missing, unknown, of another kind, too long or out of its kind's range is refused,
 * and the payload is then worth nothing. Padding stays zero.
 */
#ifndef APPS_TAKT_ENCODE_RECORD_H
#define APPS_TAKT_ENCODE_RECORD_H

#include <stdint.h>

#include "apps/takt/decode.h"
#include "core/type.h"
#include "platform/status.h"

struct json_value;

/* What is wrong, in one sentence, for takt_message: foreign text in it is cut, and escaped there. */
#define ENCODE_FAULT_BYTES 256
struct encode_fault {
	char text[ENCODE_FAULT_BYTES];
};

/* An object with one member per field, as decode_add_json makes it. null is a real number's NaN.
 * @param payload type->bytes bytes @retval TAKT_OK @retval TAKT_INVALID */
TAKT_CHECKED enum takt_status encode_json(const struct takt_flat_type *type, const struct json_value *object,
					  unsigned char *payload, struct encode_fault *fault);

/* Which column of a CSV table is which element; UINT16_MAX: none of them. */
struct encode_columns {
	uint32_t count; /* 0: the table's head has not come yet */
	uint16_t field[DECODE_CSV_COLUMNS_MAX + 8];
	uint32_t element[DECODE_CSV_COLUMNS_MAX + 8];
};

/* A table's head: field names with units, as decode_print_csv_head makes it, in any order; number, publish_ns and origin_ns are passed
 * over. @param line is cut into pieces @retval TAKT_OK @retval TAKT_INVALID @retval TAKT_LIMIT */
TAKT_CHECKED enum takt_status encode_csv_head(const struct takt_flat_type *type, char *line,
					      struct encode_columns *columns, struct encode_fault *fault);
/* One of its lines. @param line is cut into pieces */
TAKT_CHECKED enum takt_status encode_csv(const struct takt_flat_type *type, const struct encode_columns *columns,
					 char *line, unsigned char *payload, struct encode_fault *fault);

#endif
