/* SPDX-License-Identifier: Apache-2.0 */
/* The other way round of decode.h: payload bytes from "FIELD=VALUE", by the type's description. */
#ifndef APPS_TAKT_ENCODE_H
#define APPS_TAKT_ENCODE_H

#include <stdint.h>

#include "core/type.h"

#define ENCODE_WHY_BYTES 512

/**
 * Writes one field. An array's elements are separated by commas, all of them or a single one for all; characters are a text.
 * @param payload type->bytes bytes  @param why says what is wrong and what would be right
 * @retval 1, or 0: nothing was written
 */
int encode_field(const struct takt_flat_type *type, unsigned char *payload, const char *assignment,
		 char why[ENCODE_WHY_BYTES]);

#endif
