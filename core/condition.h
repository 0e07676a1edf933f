/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A condition: wait until a field of a topic, found by its name in the type's description, has a value.
 *
 *	takt_condition_init(&upright, &waiter, &state_subscriber, &takt_type_robot_state, "pitch_rad", TAKT_BELOW, 0.02)
 *	takt_condition_wait_until(&upright, takt_now_ns() + 5000000000, &state, NULL)
 *
 * Every sample is looked at, in order, so that a short peak is not missed; what the subscriber loses it counts, as always.
 */
#ifndef TAKT_CORE_CONDITION_H
#define TAKT_CORE_CONDITION_H

#include <stdint.h>

#include "core/topic.h"
#include "core/type.h"
#include "core/waiter.h"
#include "platform/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum takt_comparison {
	TAKT_BELOW = 1,
	TAKT_AT_MOST = 2,
	TAKT_EQUAL_TO = 3,
	TAKT_OTHER_THAN = 4,
	TAKT_AT_LEAST = 5,
	TAKT_ABOVE = 6
};

/* Declare it static and zeroed. */
struct takt_condition {
	struct takt_waiter *waiter; /* NULL: not initialised */
	struct takt_subscriber *subscriber;
	uint32_t kind;
	uint32_t offset;
	enum takt_comparison comparison;
	double value;
	/* Of the wait that is under way. */
	void *payload;
	struct takt_sample_info *info;
};

/**
 * Makes a condition.
 * @param subscriber of the topic; belongs to the condition while that waits, and need not be in the waiter's set
 * @param field as in the description laid flat: "pitch_rad", "position.x", "gyro[2]" (an element of an array)
 * @param value compared as a double: integers beyond 2^53 are rounded
 * @retval TAKT_OK  @retval TAKT_ABSENT the type has no such field; a message names the nearest
 * @retval TAKT_INVALID the field is text, or its index is out of range, or the comparison is none; with a message
 * @retval TAKT_LIMIT the type cannot be laid flat, with a message  @retval TAKT_CLOSED
 * RT: start-up only. Threads: the waiter's.
 */
TAKT_CHECKED enum takt_status takt_condition_init(struct takt_condition *condition, struct takt_waiter *waiter,
						  struct takt_subscriber *subscriber, const struct takt_type *type,
						  const char *field, enum takt_comparison comparison, double value);

/**
 * Waits for the next sample, from where the subscriber stands, of which it is true.
 * @param deadline_ns absolute CLOCK_MONOTONIC; one that has passed makes it a look at what is there
 * @param payload that sample, the C struct of the type; its contents mean nothing unless TAKT_OK is returned  @param info may be NULL
 * @retval TAKT_OK  @retval TAKT_TIMEOUT  @retval TAKT_STOPPED  @retval TAKT_MISMATCH, TAKT_CORRUPT, TAKT_CLOSED as takt_read_next
 * RT: safe; bounded by the deadline; a copy for each sample, at most TAKT_DEPTH_MAX of them between two sleeps. Threads: the waiter's.
 */
TAKT_CHECKED enum takt_status takt_condition_wait_until(struct takt_condition *condition, uint64_t deadline_ns,
							void *payload, struct takt_sample_info *info);
/* The same for what is there now. @retval TAKT_BUSY no sample that has not been read makes it true */
TAKT_CHECKED enum takt_status takt_condition_try_wait(struct takt_condition *condition, void *payload,
						      struct takt_sample_info *info);

#ifdef __cplusplus
}
#endif
#endif
