/* SPDX-License-Identifier: Apache-2.0 */
#include <takt/takt.h>

struct greeting {
	uint32_t count;
	char text[20];
};
TAKT_TYPE(greeting, struct greeting, TAKT_FIELD(struct greeting, count, TAKT_U32, 1, ""),
	  TAKT_FIELD(struct greeting, text, TAKT_CHAR, 20, ""));
