/* SPDX-License-Identifier: Apache-2.0 */
/* Where the scenarios play: a shared-memory folder of their own, two configs, one type, and what is said of each step. */
#ifndef TAKT_TEST_FAILING_STAGE_H
#define TAKT_TEST_FAILING_STAGE_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/type.h"
#include "platform/status.h"

#define STAGE_PATH_BYTES 128
#define BAD_COUNT_MAX	 4
#define BAD_BYTES	 320

struct message {
	uint64_t seed;
	uint64_t words[3];
};
extern const struct takt_type *const message_type;
struct message message_of(uint64_t seed);
int message_is_whole(const struct message *message);

/* What went wrong in the process that runs a scenario; in shared memory. */
struct verdict {
	_Atomic uint32_t bad_count;
	char bad[BAD_COUNT_MAX][BAD_BYTES];
	_Atomic uint32_t is_done;
};
extern struct verdict *verdict;
void bad(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes the folder, names it to takt and writes the configs; and removes all of it. */
void stage_begin(void);
void stage_end(void);
const char *stage_root(void);
/* DOMAIN.yaml in the folder. */
void stage_config(const char *domain, char path[STAGE_PATH_BYTES]);

/* How long this process waits for another's answer: as long as it takes when nothing fails on purpose. */
extern uint64_t patience_ns;
extern int patience_is_short; /* another process may be late and nothing be wrong */

/* ------------------------------------------------------------------------------------------------------ one step */

/* The set of outcomes that a header lists, beside TAKT_OK. */
#define MAY(name) (UINT32_C(1) << -(int)TAKT_##name)

/* From now on this process's messages are counted instead of printed. */
void steps_begin(void);
/* Names what is called next. */
void begin(const char *what);
/* Judges its outcome. @param listed statuses that its header lists @param silent those of them that come without a message
 * @retval 1 TAKT_OK */
int end(enum takt_status status, uint32_t listed, uint32_t silent);
/* A promise that must hold whatever fails. */
void require(int holds, const char *what);
/* A result that must be there when nothing has failed on purpose. */
void expect(int holds, const char *what);
/* The text of the newest message. */
const char *last_message(void);

#endif
