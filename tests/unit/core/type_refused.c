/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Must not compile with TAKT_REFUSED of 1 to 5, must with 0: descriptions that do not fit their struct. Each of the five is one
 * mistake that a programmer makes.
 */
#include <stdint.h>

#include "core/type.h"

struct part {
	float value;
};
TAKT_TYPE(part, struct part, TAKT_FIELD(struct part, value, TAKT_F32, 1, "m"));

struct message {
	float gyro[3];
	struct part parts[2];
};

#if TAKT_REFUSED == 1 /* the kind is too large */
TAKT_TYPE(message, struct message, TAKT_FIELD(struct message, gyro, TAKT_F64, 3, ""));
#elif TAKT_REFUSED == 2 /* the array is longer */
TAKT_TYPE(message, struct message, TAKT_FIELD(struct message, gyro, TAKT_F32, 2, ""));
#elif TAKT_REFUSED == 3 /* no such member */
TAKT_TYPE(message, struct message, TAKT_FIELD(struct message, accel, TAKT_F32, 3, ""));
#elif TAKT_REFUSED == 4 /* fewer nested elements than there are */
TAKT_TYPE(message, struct message, TAKT_NESTED(struct message, parts, part, 1));
#elif TAKT_REFUSED == 5 /* aligned beyond what a slot guarantees */
struct wide {
	_Alignas(64) float gyro[3];
};
TAKT_TYPE(wide, struct wide, TAKT_FIELD(struct wide, gyro, TAKT_F32, 3, ""));
#else
TAKT_TYPE(message, struct message, TAKT_FIELD(struct message, gyro, TAKT_F32, 3, "rad/s"),
	  TAKT_NESTED(struct message, parts, part, 2));
#endif
