/* SPDX-License-Identifier: Apache-2.0 */
/* What the examples send each other, described once so that takt's tools can show it. */
struct message {
	uint32_t number;
	char text[60];
};
TAKT_TYPE(message, struct message, TAKT_FIELD(struct message, number, TAKT_U32, 1, ""),
	  TAKT_FIELD(struct message, text, TAKT_CHAR, 60, ""));
