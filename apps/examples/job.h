/* SPDX-License-Identifier: Apache-2.0 */
#include <takt/takt.h>

struct job {
	uint32_t id;
	uint32_t work_us;
};
TAKT_TYPE(job, struct job, TAKT_FIELD(struct job, id, TAKT_U32, 1, ""),
	  TAKT_FIELD(struct job, work_us, TAKT_U32, 1, "us"));

struct result {
	uint32_t id;
	uint32_t deliveries; /* how often the job was handed out until it was done */
	char worker[TAKT_NAME_BYTES];
};
TAKT_TYPE(result, struct result, TAKT_FIELD(struct result, id, TAKT_U32, 1, ""),
	  TAKT_FIELD(struct result, deliveries, TAKT_U32, 1, ""),
	  TAKT_FIELD(struct result, worker, TAKT_CHAR, TAKT_NAME_BYTES, ""));
