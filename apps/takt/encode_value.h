/* SPDX-License-Identifier: Apache-2.0 */
/* One value on its way into a payload. Part of encode_record.h's. */
#ifndef APPS_TAKT_ENCODE_VALUE_H
#define APPS_TAKT_ENCODE_VALUE_H

#include <stdint.h>

#include "core/type.h"

struct encode_value {
	enum { ENCODE_SIGNED, ENCODE_UNSIGNED, ENCODE_REAL, ENCODE_BOOL, ENCODE_NOTHING } class;
	int64_t signed_number;
	uint64_t unsigned_number; /* and a bool */
	double real;
};

/* Reads "12", "-1.5e3", "true". @retval 1 it is one */
int encode_value_read(const char *text, struct encode_value *value);

/* Stores it as element `index` of a field. @retval NULL, or what is wrong with it */
const char *encode_value_store(const struct takt_flat_field *field, unsigned char *payload, uint32_t index,
			       const struct encode_value *value);

/* Stores a text, escaped as escape.h does, in a field of characters. @retval NULL, or what is wrong with it */
const char *encode_text_store(const struct takt_flat_field *field, unsigned char *payload, const char *text,
			      uint32_t bytes);

#endif
